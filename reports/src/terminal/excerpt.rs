//! A line of the scenario file with a caret below what failed, as compilers show it.

use record::ExpectationVerdict;

use crate::foreign::clean;
use crate::layout::width;
use crate::look::Ink;
use crate::page::Page;

/// The place, the line and the carets; leaves the gutter open for the rows below.
pub(super) fn write(
    page: &mut Page,
    file: &str,
    source: Option<&str>,
    verdict: &ExpectationVerdict,
) -> Gutter {
    let gutter = Gutter::of(verdict.line);
    let place = format!("{}:{}:{}", file, verdict.line, verdict.column);
    page.line(&[(Ink::Text, &gutter.blank()), (Ink::Dim, "--> "), (Ink::Text, &place)]);
    let quoted = Quoted::of(source, verdict, page.width().saturating_sub(gutter.columns() + 3));
    let number = format!("{} ", verdict.line);
    page.line(&[(Ink::Dim, &gutter.blank()), (Ink::Dim, " |")]);
    page.line(&[(Ink::Dim, &number), (Ink::Dim, "| "), (Ink::Text, &quoted.line)]);
    page.line(&[(Ink::Dim, &gutter.blank()), (Ink::Dim, " | "), (Ink::Bad, &quoted.carets)]);
    page.line(&[(Ink::Dim, &gutter.blank()), (Ink::Dim, " |")]);
    gutter
}

/// The column of line numbers.
pub(super) struct Gutter {
    digits: usize,
}

impl Gutter {
    fn of(line: u32) -> Self {
        Self { digits: line.to_string().len() }
    }

    /// A gutter for blocks that quote no line.
    pub(super) fn without_line() -> Self {
        Self { digits: 1 }
    }

    pub(super) fn columns(&self) -> usize {
        self.digits
    }

    pub(super) fn blank(&self) -> String {
        " ".repeat(self.digits)
    }
}

/// The line as shown, and the carets below it.
struct Quoted {
    line: String,
    carets: String,
}

impl Quoted {
    fn of(source: Option<&str>, verdict: &ExpectationVerdict, room: usize) -> Self {
        let line = source.and_then(|source| source.lines().nth(verdict.line.saturating_sub(1) as usize));
        let start = verdict.column.saturating_sub(1) as usize;
        match line.map(|line| clean(line.trim_end()).chars().collect::<Vec<_>>()) {
            Some(line) if start < line.len() => Self::underlined(&line, start, &clean(&verdict.text), room),
            Some(_) | None => {
                let text: Vec<_> = clean(&verdict.text).chars().collect();
                Self::underlined(&text, 0, &clean(&verdict.text), room)
            }
        }
    }

    /// The carets run below `text` if it stands there, and to the end of the line if not (a folded YAML scalar).
    fn underlined(line: &[char], start: usize, text: &str, room: usize) -> Self {
        let length = text.chars().count();
        let end = start + length;
        let stands_there = end <= line.len() && line[start..end].iter().copied().eq(text.chars());
        let end = if stands_there { end } else { line.len() };
        let (from, to) = window(line, start, end, room);
        let cut = |range: &[char]| range.iter().collect::<String>();
        let head = if from > 0 { "…" } else { "" };
        let tail = if to < line.len() { "…" } else { "" };
        let before = width(head) + width(&cut(&line[from..start]));
        let below = width(&cut(&line[start..end.min(to)])).max(1);
        Self {
            line: format!("{head}{}{tail}", cut(&line[from..to])),
            carets: format!("{}{}", " ".repeat(before), "^".repeat(below)),
        }
    }
}

/// The part of a long line that is shown: from its beginning if the underlined part fits then, else from that part on.
fn window(line: &[char], start: usize, end: usize, room: usize) -> (usize, usize) {
    let from = if end <= room { 0 } else { start };
    let to = if line.len() - from <= room { line.len() } else { from + room.saturating_sub(2).max(1) };
    (from, to.min(line.len()))
}

#[cfg(test)]
mod tests {
    use record::Held;

    use super::*;

    fn check(source: Option<&str>, column: u32, text: &str, room: usize, shown: &str) {
        let verdict = ExpectationVerdict {
            text: text.to_owned(),
            line: 2,
            column,
            held: Held::No,
            wanted: String::new(),
            measured: String::new(),
            notes: vec![],
            contacts: vec![],
        };
        let quoted = Quoted::of(source, &verdict, room);
        assert_eq!(format!("{}\n{}", quoted.line, quoted.carets), shown);
    }

    #[test]
    fn carets_stand_below_what_failed() {
        check(
            Some("expect:\n  - sent == 1  # all\n"),
            5,
            "sent == 1",
            60,
            "  - sent == 1  # all\n    ^^^^^^^^^",
        );
        check(Some("expect:\n  - 収 == 1\n"), 5, "収 == 1", 60, "  - 収 == 1\n    ^^^^^^^");
        check(Some("expect:\n\t- sent == 1\n"), 4, "sent == 1", 60, " - sent == 1\n   ^^^^^^^^^");
    }

    #[test]
    fn a_folded_expectation_is_underlined_to_the_end_of_its_line() {
        check(Some("expect:\n  - sent\n    == 1\n"), 5, "sent == 1", 60, "  - sent\n    ^^^^");
    }

    #[test]
    fn without_the_source_the_expectation_is_quoted_alone() {
        check(None, 5, "sent == 1", 60, "sent == 1\n^^^^^^^^^");
        check(Some("expect: []"), 5, "sent == 1", 60, "sent == 1\n^^^^^^^^^");
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        check(Some("\n  - sent == 1 # and more"), 5, "sent == 1", 15, "  - sent == 1…\n    ^^^^^^^^^");
        check(Some("\n          - sent == 1 # and more"), 13, "sent == 1", 15, "…sent == 1 # a…\n ^^^^^^^^^");
    }
}
