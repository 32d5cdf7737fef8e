//! What is wrong with the text of an expectation, and how a stretch of that text is found in the file.
//!
//! Separate from the cursor because a place of the text is a place of the file only if the file shows the text as it
//! is: a folded or escaped scalar is marked as a whole.

use std::ops::Range;

use scenario::{Place, Placed, Problem, Source, suggestion};

use super::Piece;

/// Something that keeps an expectation from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    at: Range<usize>,
    message: String,
    label: String,
    help: Option<String>,
}

impl Fault {
    /// A fault of one piece of the text, with the words beside the caret.
    pub(crate) fn new(piece: Piece<'_>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { at: piece.range(), message: message.into(), label: label.into(), help: None }
    }

    /// A word that is not one of the `known` ones, each of which is called `what`.
    pub(crate) fn unknown(piece: Piece<'_>, what: &str, known: &[&str]) -> Self {
        let plural = if what.ends_with('s') { "es" } else { "s" };
        let fault = match piece.text {
            "" => Self::new(piece, format!("missing {what}"), format!("expected a {what} after this")),
            text => Self::new(piece, format!("unknown {what} `{text}`"), format!("no such {what}")),
        };
        fault.help(suggestion(piece.text, known, &format!("the {what}{plural}")))
    }

    /// With a repair.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// As a problem of the file.
    pub(crate) fn problem(self, located: &Located<'_>) -> Problem {
        let problem = Problem::at(located.place(self.at), self.message, self.label);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// Where the text of an expectation stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Located<'a> {
    text: &'a str,
    whole: Place,
    /// The byte of the file that is the first one of the text; `None` if the file shows the text in another form.
    first: Option<usize>,
}

impl<'a> Located<'a> {
    /// Finds the value of a scalar, plain or quoted, in its source.
    pub(crate) fn new(text: &'a Placed<String>, source: &Source) -> Self {
        let raw = source.slice(text.place);
        let unquoted = ['"', '\'']
            .into_iter()
            .find_map(|quote| raw.strip_prefix(quote).and_then(|raw| raw.strip_suffix(quote)));
        let first = if raw == text.value {
            Some(text.place.start)
        } else {
            unquoted.filter(|inner| *inner == text.value).map(|_| text.place.start + 1)
        };
        Self { text: &text.value, whole: text.place, first: first.filter(|_| !text.value.is_empty()) }
    }

    /// The place of a stretch of the text. An empty one, where something is missing, becomes the character before it
    /// that is not white space, so that there is something to mark.
    pub(crate) fn place(&self, stretch: Range<usize>) -> Place {
        let Some(first) = self.first else { return self.whole };
        let (start, end) = if stretch.is_empty() {
            let before = self.text[..stretch.start].trim_end().len();
            let start = self.text.floor_char_boundary(before.saturating_sub(1));
            (start, self.text.ceil_char_boundary(start + 1))
        } else {
            (stretch.start, stretch.end)
        };
        Place { start: first + start, end: first + end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks the last `word` (empty: the end) of `value`, which stands in the file as `raw`.
    #[track_caller]
    fn check(raw: &str, value: &str, word: &str, marked: &str) {
        let source = Source::new("s.yaml", format!("expect:\n  - {raw}\n"));
        let text = Placed { value: value.to_owned(), place: Place { start: 12, end: 12 + raw.len() } };
        let located = Located::new(&text, &source);
        let start = value.rfind(word).expect("a word of the value");
        assert_eq!(source.slice(located.place(start..start + word.len())), marked, "{raw}");
    }

    #[test]
    fn a_caret_stands_under_the_word() {
        check("sent == 10", "sent == 10", "10", "10");
        check("'sent == 10'", "sent == 10", "10", "10");
        check("\"sent == 10\"", "sent == 10", "sent", "sent");
    }

    #[test]
    fn a_text_in_another_form_is_marked_as_a_whole() {
        check("\"sent \\x3d= 10\"", "sent == 10", "10", "\"sent \\x3d= 10\"");
        check("sent\n    == 10", "sent == 10", "10", "sent\n    == 10");
        check("''", "", "", "''");
    }

    #[test]
    fn where_something_is_missing_the_character_before_is_marked() {
        check("'sent =='", "sent ==", "", "=");
        check("sent ü", "sent ü", "", "ü");
        check("'sent == '", "sent == ", "", "=");
    }
}
