//! A text with merge fields: `Dear {{first_name|friend}},`.
//!
//! Read once for a mailing, written once for each message. Everything that can be wrong is found when it is read, with its
//! place; writing cannot fail.

mod back;
mod mistake;

use crate::field::{FieldNames, Fields, is_name};
use crate::place::Place;

pub(crate) use back::Written;
pub use mistake::{Fault, Mistake};

/// Most octets of one text of a template.
// No RFC sets a bound; Gmail shows the first 102 KiB of a message. Ten times that is no text.
pub const TEXT_BYTES: usize = 1024 * 1024;

/// Most merge fields in one text; with [`VALUE_BYTES`](crate::VALUE_BYTES) this bounds a message.
pub const MERGE_FIELDS: usize = 256;

/// Most characters that one text is blamed for.
const MISTAKES: usize = 8;

/// What stands for the value of one recipient's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Field(usize),
    Address,
    Recipient,
    Token,
    Unsubscribe,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Value { source: Source, default: Option<Box<str>> },
}

/// A text with merge fields, ready to be written for one recipient after the other.
///
/// `{{name}}` is the recipient's value, `{{name|words}}` the same or, if there is none, those words; `\{{` is two braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    place: Place,
    pieces: Vec<Piece>,
}

/// What fields stand for in one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) address: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) token: &'a str,
    pub(crate) unsubscribe: &'a str,
}

impl Pattern {
    /// Reads the text that will stand at `place`, where recipients have the fields `names`. Answers with all mistakes.
    pub fn read(text: &str, place: Place, names: &FieldNames) -> Result<Self, Vec<Mistake>> {
        if text.len() > TEXT_BYTES {
            return Err(vec![Mistake { place: 0..text.len(), fault: Fault::TooLong }]);
        }
        let mut reader = Reader { place, names, pieces: Vec::new(), mistakes: Vec::new() };
        reader.read(text);
        let mut mistakes = reader.mistakes;
        mistakes.extend(mistake::characters(text, place).take(MISTAKES));
        if mistakes.is_empty() { Ok(Self { place, pieces: reader.pieces }) } else { Err(mistakes) }
    }

    /// Appends the text as it is for one recipient. An unknown value without a default leaves nothing.
    pub(crate) fn write(&self, values: &Values<'_>, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Value { source, default } => {
                    let value = values.get(*source).or(default.as_deref()).unwrap_or_default();
                    self.place.write_value(value, out);
                }
            }
        }
    }

    /// The text as it is for one recipient.
    pub(crate) fn to_string(&self, values: &Values<'_>) -> String {
        let mut out = String::new();
        self.write(values, &mut out);
        out
    }

    /// The fields of the mailing that have no default here, by their position.
    pub(crate) fn needed(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { source: Source::Field(at), default: None } => Some(*at),
            Piece::Value { .. } | Piece::Literal(_) => None,
        })
    }

    /// Whether `{{token}}` is in it.
    pub(crate) fn has_token(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Value { source: Source::Token, .. }))
    }
}

impl<'a> Values<'a> {
    fn get(&self, source: Source) -> Option<&'a str> {
        match source {
            Source::Field(at) => self.fields.get(at),
            Source::Address => Some(self.address),
            Source::Recipient => Some(self.recipient),
            Source::Token => Some(self.token),
            Source::Unsubscribe => Some(self.unsubscribe),
        }
    }
}

/// Reads one text: pieces and mistakes so far.
struct Reader<'a> {
    place: Place,
    names: &'a FieldNames,
    pieces: Vec<Piece>,
    mistakes: Vec<Mistake>,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

impl Reader<'_> {
    fn read(&mut self, text: &str) {
        let mut literal = String::new();
        let mut at = 0;
        while let Some(open) = text[at..].find(OPEN).map(|found| at + found) {
            if text[at..open].ends_with('\\') {
                self.place.write_literal(&text[at..open - 1], &mut literal);
                literal.push_str(OPEN);
                at = open + OPEN.len();
                continue;
            }
            self.place.write_literal(&text[at..open], &mut literal);
            let inner = open + OPEN.len();
            let Some(close) = text[inner..].find(CLOSE).map(|found| inner + found) else {
                self.mistakes.push(Mistake { place: open..text.len(), fault: Fault::Unclosed });
                return;
            };
            self.push_literal(&mut literal);
            self.value(&text[inner..close], inner);
            at = close + CLOSE.len();
        }
        self.place.write_literal(&text[at..], &mut literal);
        self.push_literal(&mut literal);
        if self.pieces.iter().filter(|piece| matches!(piece, Piece::Value { .. })).count() > MERGE_FIELDS {
            self.mistakes.push(Mistake { place: 0..text.len(), fault: Fault::TooManyFields });
        }
    }

    fn push_literal(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.pieces.push(Piece::Literal(std::mem::take(literal).into()));
        }
    }

    /// The merge field that `inner` describes, which begins at `at`.
    fn value(&mut self, inner: &str, at: usize) {
        let (name, default) = match inner.split_once('|') {
            Some((name, default)) => (name, Some(default.into())),
            None => (inner, None),
        };
        let start = at + (name.len() - name.trim_start().len());
        let name = name.trim();
        match self.source(name) {
            Ok(source) => self.pieces.push(Piece::Value { source, default }),
            Err(fault) => self.mistakes.push(Mistake { place: start..start + name.len(), fault }),
        }
    }

    fn source(&self, name: &str) -> Result<Source, Fault> {
        match name {
            "address" => Ok(Source::Address),
            "recipient" => Ok(Source::Recipient),
            "token" => Ok(Source::Token),
            "unsubscribe" => Ok(Source::Unsubscribe),
            _ if !is_name(name) => Err(Fault::NoName),
            _ => self.names.position(name).map(Source::Field).ok_or_else(|| Fault::unknown(name, self.names)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, place: Place) -> Result<Pattern, Vec<Mistake>> {
        Pattern::read(text, place, &FieldNames::new(["first_name", "town"]).unwrap())
    }

    fn written(text: &str, place: Place, fields: &[&str]) -> String {
        let fields = Fields::new(fields.iter().copied()).unwrap();
        let values = Values {
            fields: &fields,
            address: "ann@b.test",
            recipient: "7",
            token: "t0",
            unsubscribe: "https://u.test/7",
        };
        read(text, place).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}")).to_string(&values)
    }

    #[test]
    fn fields_are_replaced_by_values_or_defaults() {
        let check = |text: &str, fields: &[&str], expected: &str| {
            assert_eq!(written(text, Place::Text, fields), expected, "{text:?}");
        };
        check("Hi {{first_name}}!", &["Ann"], "Hi Ann!");
        check("Hi {{ first_name }}", &["Ann"], "Hi Ann");
        check("Hi {{first_name|friend}}", &[], "Hi friend");
        check("Hi {{first_name|}}{{town}}", &["", "Ulm"], "Hi Ulm");
        check("{{address}} {{recipient}} {{token}} {{unsubscribe}}", &[], "ann@b.test 7 t0 https://u.test/7");
        check("a { b } c }} {d}", &[], "a { b } c }} {d}");
        check(r"\{{first_name}} {{first_name}}", &["Ann"], "{{first_name}} Ann");
        check("{{first_name}}", &["{{town}}", "Ulm"], "{{town}}");
    }

    #[test]
    fn defaults_and_values_are_escaped_alike() {
        let html = written("<b>{{first_name|<you>}}</b>{{town}}", Place::Html, &["", "<i>"]);
        assert_eq!(html, "<b>&lt;you&gt;</b>&lt;i&gt;");
    }

    #[test]
    fn mistakes_have_their_place() {
        let check = |text: &str, place: Place, expected: &[(&str, &str)]| {
            let mistakes = read(text, place).expect_err(text);
            let found: Vec<_> = mistakes
                .iter()
                .map(|mistake| (&text[mistake.place.clone()], mistake.fault.to_string()))
                .collect();
            let found: Vec<_> = found.iter().map(|(place, words)| (*place, words.as_str())).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check(
            "a {{frist_name}} {{twon|x}}",
            Place::Text,
            &[("frist_name", "there is no field `frist_name`"), ("twon", "there is no field `twon`")],
        );
        check(
            "{{ }}{{first name}}",
            Place::Text,
            &[
                ("", "a merge field needs a name of letters, digits, `_` and `-`"),
                ("first name", "a merge field needs a name of letters, digits, `_` and `-`"),
            ],
        );
        check("a {{town b", Place::Text, &[("{{town b", "the merge field is not closed with `}}`")]);
        check("a\r\nb", Place::Header, &[("\r", "a control character"), ("\n", "a control character")]);
        check("https://x.test/a b", Place::Url, &[(" ", "a character that no URL has")]);
    }

    #[test]
    fn what_a_mistake_could_have_meant_is_known() {
        let mistakes = read("{{frist_name}}", Place::Text).unwrap_err();
        let Fault::Unknown { name, known } = &mistakes[0].fault else { panic!("{mistakes:?}") };
        assert_eq!(name, "frist_name");
        assert_eq!(known, &["first_name", "town", "address", "recipient", "token", "unsubscribe"]);
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(read(&"x".repeat(TEXT_BYTES + 1), Place::Text).unwrap_err()[0].fault, Fault::TooLong);
        let many = "{{town}},".repeat(MERGE_FIELDS);
        assert!(read(&many, Place::Text).is_ok());
        let fault = read(&"{{town}},".repeat(MERGE_FIELDS + 1), Place::Text).unwrap_err().remove(0).fault;
        assert_eq!(fault, Fault::TooManyFields);
    }
}
