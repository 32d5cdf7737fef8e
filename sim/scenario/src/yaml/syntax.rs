//! Malformed YAML in the author's words.
//!
//! The parser knows some eighty kinds of error; those that authors of scenarios meet have a wording and a repair of
//! their own here. The rest keep the parser's words.

use granit_parser::{ErrorKind, ScanError};

use crate::{Place, Problem, Source};

/// What the parser stopped at. `bracket` is the innermost bracket that is open there: often the true cause.
pub(super) fn problem(error: &ScanError, source: &Source, bracket: Option<Place>) -> Problem {
    let place = place(error, source);
    let (message, label, help) = wording(error.kind());
    let problem = Problem::at(place, message, label).help(help);
    match bracket {
        Some(bracket) if source.line_column(bracket).0 != source.line_column(place).0 => {
            problem.also(bracket, "this bracket is open")
        }
        Some(_) | None => problem,
    }
}

/// Nesting beyond [`super::MAX_DEPTH`].
pub(super) fn too_deep(place: Place) -> Problem {
    let (message, label, help) = wording(&ErrorKind::RecursionLimitExceeded);
    Problem::at(place, message, label).help(help)
}

fn place(error: &ScanError, source: &Source) -> Place {
    let text = source.text();
    let mut start = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    if is_about_a_tab(error.kind()) {
        // The parser points at the value before the tab, or behind the tab.
        start = text[..start].rfind(|c| c != '\t').map_or(0, |last| last + 1);
        start += text[start..].find('\t').unwrap_or(0);
    }
    if let ErrorKind::UnexpectedCharacter { character } = error.kind() {
        // The parser points at the value that contains it.
        start += text[start..].find(*character).unwrap_or(0);
    }
    let width = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    Place { start, end: start + width }
}

fn is_about_a_tab(kind: &ErrorKind) -> bool {
    use ErrorKind::{TabInBlockIndentation, TabInIndentation, TabInPlainScalar, TabNotAllowed};
    matches!(kind, TabInBlockIndentation | TabInIndentation | TabInPlainScalar | TabNotAllowed)
}

/// Message, label and repair.
type Wording = (String, &'static str, &'static str);

fn wording(kind: &ErrorKind) -> Wording {
    of_structure(kind)
        .or_else(|| of_texts(kind))
        .unwrap_or_else(|| (kind.to_string(), "here", "write it in a simpler way, or put the text in quotes"))
}

/// Brackets, colons, dashes and indentation.
fn of_structure(kind: &ErrorKind) -> Option<Wording> {
    let say = |message: &str, label, help| Some((message.to_owned(), label, help));
    match kind {
        kind if is_about_a_tab(kind) => {
            say("a tab stands where only spaces can", "a tab", "indent with spaces")
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            say(&format!("`{open}` is not closed"), "opened here", "add the closing bracket")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => say(
            &format!("`{open}` is closed by `{close}`"),
            "opened here",
            "close `[` with `]` and `{` with `}`",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => say(
            "a bracket is closed that was not opened",
            "closed here",
            "remove it, or put the text in quotes",
        ),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => say(
            "a comma or a closing bracket is missing",
            "expected before this",
            "put a comma between the entries, and close the bracket after the last one",
        ),
        ErrorKind::UnexpectedEofImplicitFlowMapping => {
            say("an entry is missing between two commas", "nothing before this", "remove one comma")
        }
        ErrorKind::InvalidColonPlacement | ErrorKind::MappingValueNotAllowed => say(
            "a `:` stands where no key can end",
            "not expected here",
            "check the indentation and open brackets above; put a text that contains `: ` in quotes",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            say("this line has no `:`", "expected `key: value`", "write a colon and a space after the key")
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation => say(
            "this line does not fit the lines above it",
            "at this indentation",
            "indent the keys of a map, and the `-` of a list, all by the same number of spaces",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => say(
            "a list cannot begin on the line of its key",
            "begins here",
            "begin it on the next line, or put a text that starts with `- ` in quotes",
        ),
        ErrorKind::ExpectedDocumentStart => say(
            "this does not belong to what stands before it",
            "here",
            "write `key: value` on lines of their own, all at the left margin",
        ),
        ErrorKind::RecursionLimitExceeded => {
            say("lists and maps are nested more than 64 deep", "too deep here", "write it flatter")
        }
        _ => None,
    }
}

/// Quotes, comments and characters.
fn of_texts(kind: &ErrorKind) -> Option<Wording> {
    let say = |message: &str, label, help| Some((message.to_owned(), label, help));
    match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            say("a quote is not closed", "opened here", "close it, or write the text without quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => say(
            "something follows a closing quote",
            "after the quote",
            "put the whole text in quotes, not a part of it",
        ),
        ErrorKind::UnknownQuotedScalarEscape => say(
            "a text in double quotes contains an unknown `\\`",
            "in this text",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::CommentInterceptedScalar => say(
            "a text goes on after a comment",
            "the comment",
            "put the text in quotes, or the comment on a line of its own",
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => say(
            &format!("an invisible character ({}) stands in the text", character.escape_default()),
            "here",
            "remove it, or write it with its escape in double quotes",
        ),
        ErrorKind::UnexpectedCharacter { character } => say(
            &format!("a value cannot start with `{character}`"),
            "this character",
            "put the text in quotes",
        ),
        ErrorKind::DirectiveDisallowed => {
            say("a line that starts with `%` has no meaning here", "this line", "remove it")
        }
        ErrorKind::BomInsideDocument => {
            say("an invisible byte-order mark stands in the middle of the file", "here", "remove it")
        }
        _ => None,
    }
}
