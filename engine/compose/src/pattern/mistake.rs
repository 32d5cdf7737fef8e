//! What can be wrong with a text that has merge fields, and where.
//!
//! Beside the reader, because the words are for people and the reader is for texts.

use std::fmt;
use std::ops::Range;

use crate::field::{BUILT_IN, FieldNames};
use crate::place::Place;

/// Something wrong in a text of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in octets of the text.
    pub place: Range<usize>,
    /// What it is.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// `{{` without `}}` after it.
    Unclosed,
    /// Between the braces stands nothing that could be a field's name.
    NoName,
    /// The recipients have no such field.
    Unknown {
        /// The name that is not known.
        name: String,
        /// The names that are, for a suggestion.
        known: Vec<String>,
    },
    /// There are more merge fields than [`MERGE_FIELDS`](super::MERGE_FIELDS).
    TooManyFields,
    /// The text has more octets than [`TEXT_BYTES`](super::TEXT_BYTES).
    TooLong,
    /// A character that a header field cannot have.
    ControlCharacter,
    /// A character that a URL cannot have.
    NoUrlCharacter,
}

impl Fault {
    pub(super) fn unknown(name: &str, names: &FieldNames) -> Self {
        let known = names.iter().chain(BUILT_IN).map(str::to_owned).collect();
        Self::Unknown { name: name.to_owned(), known }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed => f.write_str("the merge field is not closed with `}}`"),
            Self::NoName => f.write_str("a merge field needs a name of letters, digits, `_` and `-`"),
            Self::Unknown { name, .. } => write!(f, "there is no field `{name}`"),
            Self::TooManyFields => write!(f, "there are more than {} merge fields", super::MERGE_FIELDS),
            Self::TooLong => write!(f, "the text has more than {} octets", super::TEXT_BYTES),
            Self::ControlCharacter => f.write_str("a control character"),
            Self::NoUrlCharacter => f.write_str("a character that no URL has"),
        }
    }
}

/// The characters of `text` that cannot stand at `place`.
pub(super) fn characters(text: &str, place: Place) -> impl Iterator<Item = Mistake> {
    let fault = move |c: char| match place {
        Place::Header if c.is_control() => Some(Fault::ControlCharacter),
        Place::Url if !is_url(c) => Some(Fault::NoUrlCharacter),
        Place::Header | Place::Url | Place::Text | Place::Html => None,
    };
    text.char_indices()
        .filter_map(move |(at, c)| fault(c).map(|fault| Mistake { place: at..at + c.len_utf8(), fault }))
}

/// Whether a URL may have it, merge fields included.
// RFC 3986 2: reserved, unreserved and percent-encoded characters; braces and the bar are those of merge fields
fn is_url(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '^' | '`')
}
