//! Fitting text into a width, without a font: an estimate that is generous for the fonts that browsers take for `sans-serif`.

use unicode_width::UnicodeWidthStr;

use crate::foreign;

/// Hundredths of the size that a column of text is wide on average.
const COLUMN: usize = 60;

/// How wide a text of this size is, about.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let columns = text.width();
    (columns * COLUMN * size.unsigned_abs() as usize / 100) as i32
}

/// Foreign text, made harmless and shortened to a width; what is cut off is shown as `…`.
pub(super) fn fit(text: &str, size: i32, room: i32) -> String {
    let text = foreign::clean(text);
    if width(&text, size) <= room {
        return text.into_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if width(&kept, size) + width("…", size) > room {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shortened_to_fit() {
        assert_eq!(fit("northmail", 20, 400), "northmail");
        assert_eq!(fit("a name that goes on\x1b and on", 20, 100), "a name …");
        assert_eq!(fit("收收收收收收", 20, 100), "收收收…");
        assert_eq!(fit("xxx", 20, 0), "…");
    }
}
