//! Foreign text on its way into a page: made harmless to readers here, to browsers by the templates' escaping.
//!
//! A page has two dangers that a terminal has not: markup, which askama escapes, and addresses that run a script when they
//! are clicked, which are no links here. What turns the direction of a line is shown as a mark, and templates isolate
//! every foreign text in `<bdi>`.

use crate::foreign;
use crate::wording;

/// Characters of a name, an address or a line of an expectation that a page shows.
const LINE_MAX: usize = 400;
/// Characters of a reply or of an author's description that a page shows.
const TEXT_MAX: usize = 2_000;
/// Characters of an address of a page that is worth following.
const URL_MAX: usize = 500;

/// A name or an address, on one line.
pub(crate) fn line(text: &str) -> String {
    clipped(text, LINE_MAX, |text| foreign::clean(text).into_owned())
}

/// A text that may have several lines.
pub(crate) fn text(text: &str) -> String {
    clipped(text, TEXT_MAX, foreign::clean_lines)
}

/// Where a link may lead: to a page of the web and nowhere else.
pub(crate) fn link(url: &str) -> Option<&str> {
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let is_plain = url.len() <= URL_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
    (is_web && is_plain).then_some(url)
}

/// How many bytes a text takes where templates or the data escape it, at most.
pub(crate) fn bytes(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'<' | b'>' | b'&' | b'"' | b'\'' | b'\\' | 0..0x20 | 0x7f => 6,
        // The first of two or three that may be one of those that the data escapes.
        0xc2 | 0xe2 => 4,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

fn clipped(text: &str, max: usize, clean: impl Fn(&str) -> String) -> String {
    match text.char_indices().nth(max) {
        None => clean(text),
        Some((end, _)) => {
            let more = wording::counted(text[end..].chars().count() as u64, "character");
            format!("{}… ({more} more in the record)", clean(&text[..end]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_web_are_links() {
        let check = |url, linked| assert_eq!(link(url).is_some(), linked, "{url}");
        check("https://support.example/codes#5.1.1", true);
        check("HTTP://support.example/", true);
        check("javascript:alert(1)", false);
        check(" https://support.example/", false);
        check("https://support.example/\u{202e}", false);
        check("data:text/html,x", false);
        check("", false);
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(line("short"), "short");
        let long = "ü".repeat(LINE_MAX + 1_000);
        let shown = line(&long);
        assert!(shown.ends_with("ü… (1 000 characters more in the record)"), "{shown}");
        assert_eq!(text("a\nb\0"), "a\nb␀");
    }
}
