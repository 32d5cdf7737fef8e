//! Fitting text into columns: how wide it is, cutting it short, wrapping it. Widths are columns of a terminal, in which
//! an ideograph takes two and an accent none.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` filled up with spaces to `columns`.
pub(crate) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` with spaces before it, `columns` in all.
pub(crate) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text`, or its beginning and `…` if it is wider than `columns`.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let (head, _) = split_at_width(text, columns.saturating_sub(1));
    format!("{}…", head.trim_end())
}

/// Lines of at most `columns` (at least 2, which every character fits into), broken between words; a word that is wider is broken anywhere. Line ends
/// in `text` stay. No text, no lines.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        wrap_paragraph(paragraph, columns.max(2), &mut lines);
    }
    lines
}

fn wrap_paragraph(paragraph: &str, columns: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in words(paragraph) {
        let word = word.as_str();
        let joint = usize::from(!line.is_empty());
        if width(&line) + joint + width(word) <= columns {
            line.extend(std::iter::repeat_n(' ', joint));
            line.push_str(word);
            continue;
        }
        lines.extend((!line.is_empty()).then(|| std::mem::take(&mut line)));
        line = break_word(word, columns, lines);
    }
    lines.push(line);
}

/// The words between spaces; a number whose thousands stand apart (`20 480`) is one.
fn words(paragraph: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match words.last_mut() {
            Some(last) if ends_in_digit(last) && begins_with_thousands(word) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn ends_in_digit(word: &str) -> bool {
    word.ends_with(|last: char| last.is_ascii_digit())
}

fn begins_with_thousands(word: &str) -> bool {
    word.chars().take_while(char::is_ascii_digit).count() == 3
}

/// Pushes all full lines of a long word; returns what is left of it.
fn break_word(word: &str, columns: usize, lines: &mut Vec<String>) -> String {
    let mut rest = word;
    while width(rest) > columns {
        let (head, tail) = split_at_width(rest, columns);
        lines.push(head.to_owned());
        rest = tail;
    }
    rest.to_owned()
}

/// The longest beginning within `columns`, but at least one character, and the rest.
fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > columns && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        let check = |text, columns, lines: &[&str]| assert_eq!(wrap(text, columns), lines);
        check("", 5, &[]);
        check("one two three", 7, &["one two", "three"]);
        check("one\n\ntwo", 7, &["one", "", "two"]);
        check("abcdefgh ij", 3, &["abc", "def", "gh", "ij"]);
        check("of 20 480 bytes", 6, &["of", "20 480", "bytes"]);
        check("in 20 4800 bytes", 6, &["in 20", "4800", "bytes"]);
        check("収収収", 4, &["収収", "収"]);
        check("収", 1, &["収"]);
    }

    #[test]
    fn text_is_cut_short_with_a_mark() {
        let check = |text, columns, short| assert_eq!(shorten(text, columns), short);
        check("abcdef", 6, "abcdef");
        check("abcdef", 5, "abcd…");
        check("abc ef", 5, "abc…");
        check("収収収", 5, "収収…");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word_and_keeps_to_the_width(text in "[a-z収 \n]{0,60}", columns in 2usize..20) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
