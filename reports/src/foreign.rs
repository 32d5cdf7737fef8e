//! Making foreign text harmless before it reaches a terminal or a report.
//!
//! Replies of servers, addresses and scenario files may hold anything: escape sequences that repaint the screen, marks
//! that turn the direction of a line, characters without a body, commands to a CI system that reads along. They are
//! shown, not obeyed.

use std::borrow::Cow;

use quick_junit::XmlString;

/// `text` on one line without characters that act: control characters become their picture (`␛`), others a `�`.
/// Tabs become a space.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(OLD_COMMAND) && text.chars().all(|character| visible(character) == character) {
        return Cow::Borrowed(text);
    }
    let shown: String = text.chars().map(visible).collect();
    shown.replace(OLD_COMMAND, "#\u{fffd}[").into()
}

/// As [`clean`], but line ends stay.
pub(crate) fn clean_lines(text: &str) -> String {
    let keep = |character| if character == '\n' { '\n' } else { visible(character) };
    text.chars().map(keep).collect::<String>().replace(OLD_COMMAND, "#\u{fffd}[")
}

/// `text` as it may stand in a terminal or the log of a CI job: its line ends stay, and no line of it is a command.
pub fn harmless(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(|line| defused(clean(line))).collect();
    lines.join("\n")
}

/// `text` without the escape sequences of a terminal.
pub(crate) fn without_colours(text: &str) -> String {
    XmlString::new(text).as_str().to_owned()
}

/// What older commands of GitHub Actions begin with, anywhere in a line.
const OLD_COMMAND: &str = "##[";

/// The beginning of a line without what GitHub Actions takes for a command to itself: a line that begins with `::`.
pub(crate) fn defused(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.trim_start().starts_with("::") { text.replacen("::", "∷", 1).into() } else { text }
}

fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        '\0'..='\x1f' => picture(character),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' => REPLACEMENT,
        // Directional marks, embeddings, overrides and isolates; zero-width and invisible characters; line separators.
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => REPLACEMENT,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => REPLACEMENT,
        // Tags: an invisible copy of ASCII.
        '\u{e0000}'..='\u{e007f}' => REPLACEMENT,
        // Not characters at all; XML does not allow the last two of the first plane.
        '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' => REPLACEMENT,
        _ => character,
    }
}

const REPLACEMENT: char = '\u{fffd}';

/// The Unicode picture of a C0 control character.
fn picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or(REPLACEMENT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_is_shown_and_not_obeyed() {
        let check = |text, shown| assert_eq!(clean(text), shown);
        check("plain ünïcode 収", "plain ünïcode 収");
        check("\x1b[2J\x07", "␛[2J␇");
        check("a\0b\x7f\r\n", "a␀b␡␍␊");
        check("a\tb", "a b");
        check("\u{202e}txt.exe\u{2066}", "\u{fffd}txt.exe\u{fffd}");
        check("\u{9b}31m", "\u{fffd}31m");
        check("a ##[add-mask]b", "a #\u{fffd}[add-mask]b");
    }

    #[test]
    fn a_line_gives_no_command() {
        let check = |text: &str, shown| assert_eq!(defused(text.into()), shown);
        check("  ::error::x", "  ∷error::x");
        check("x ::error::x", "x ::error::x");
        assert_eq!(harmless("x\n::error::y\u{1b}[2J\n\tz\n"), "x\n∷error::y␛[2J\n z\n");
    }

    proptest! {
        #[test]
        fn nothing_clean_acts(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.chars().any(char::is_control));
            prop_assert_eq!(cleaned.chars().count(), text.chars().count());
            prop_assert_eq!(clean_lines(&text).replace('\n', "␊"), cleaned);
        }
    }
}
