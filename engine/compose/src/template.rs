//! The message of a mailing as its author writes it, read once for all recipients.
//!
//! All mistakes of all its texts are found here; a message that has been read can be made for every recipient.

use std::fmt;

use smtp::Address;

use crate::field::{FieldNames, Fields};
use crate::pattern::{Mistake, Pattern};
use crate::place::Place;

/// Most header fields that an author can add.
pub const EXTRA_HEADERS: usize = 32;

/// Longest name of a header field, in octets; with it and the colon a line still has room for a value.
const HEADER_NAME_BYTES: usize = 60;

/// Header fields that this crate writes itself, or that are none of an author's business.
// RFC 5322 3.6 (one of each at most), RFC 2045 and 2369 and 8058; Bcc would tell; Received and Return-Path are for servers
const OURS: [&str; 24] = [
    "bcc",
    "cc",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "date",
    "dkim-signature",
    "from",
    "in-reply-to",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "received",
    "references",
    "reply-to",
    "resent-bcc",
    "resent-cc",
    "resent-from",
    "resent-to",
    "return-path",
    "sender",
    "subject",
    "to",
];

/// A message as it is written: texts with merge fields (see [`Pattern`]).
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Whom the message is from.
    pub from: &'a Address,
    /// That one's name; empty if it is not to be shown.
    pub from_name: &'a str,
    /// Where answers go; to `from` if nothing is said.
    pub reply_to: Option<&'a Address>,
    /// The recipient's name; empty if only the address is to be shown.
    pub to_name: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The message as plain text.
    pub text: &'a str,
    /// The same as HTML, if there is one.
    pub html: Option<&'a str>,
    /// More header fields: names and values.
    pub headers: &'a [(&'a str, &'a str)],
}

/// A message that can be made for every recipient.
#[derive(Debug, Clone)]
pub struct Template {
    pub(crate) from: Address,
    pub(crate) from_name: Pattern,
    pub(crate) reply_to: Option<Address>,
    pub(crate) to_name: Pattern,
    pub(crate) subject: Pattern,
    pub(crate) text: Pattern,
    pub(crate) html: Option<Pattern>,
    pub(crate) headers: Vec<(Box<str>, Pattern)>,
    names: FieldNames,
}

impl Template {
    /// Reads a draft for recipients with the fields `names`. Answers with all mistakes, in the order of the parts.
    pub fn read(draft: &Draft<'_>, names: &FieldNames) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let mut read = |part: Part, text: &str, place: Place| match Pattern::read(text, place, names) {
            Ok(pattern) => Some(pattern),
            Err(mistakes) => {
                let error = |mistake| TemplateError { part, wrong: Wrong::Mistake(mistake) };
                errors.extend(mistakes.into_iter().map(error));
                None
            }
        };
        let from_name = read(Part::FromName, draft.from_name, Place::Header);
        let to_name = read(Part::ToName, draft.to_name, Place::Header);
        let subject = read(Part::Subject, draft.subject, Place::Header);
        let text = read(Part::Text, draft.text, Place::Text);
        let html = draft.html.map(|html| read(Part::Html, html, Place::Html));
        let values: Vec<_> = (draft.headers.iter().enumerate())
            .map(|(at, (_, value))| read(Part::Header(at), value, Place::Header))
            .collect();
        errors.extend(header_names(draft));
        let headers = draft.headers.iter().zip(values);
        let headers = headers.map(|((name, _), value)| Some((Box::from(*name), value?))).collect();
        let parts =
            (from_name, to_name, subject, text, html.map_or(Some(None), |html| html.map(Some)), headers);
        match parts {
            (Some(from_name), Some(to_name), Some(subject), Some(text), Some(html), Some(headers))
                if errors.is_empty() =>
            {
                let (from, reply_to) = (draft.from.clone(), draft.reply_to.cloned());
                let names = names.clone();
                Ok(Self { from, from_name, reply_to, to_name, subject, text, html, headers, names })
            }
            _ => Err(errors),
        }
    }

    /// The names of the fields that this recipient's message needs and that are not known: each one leaves a gap.
    pub fn missing<'a>(&'a self, fields: &Fields) -> Vec<&'a str> {
        let mut missing: Vec<usize> =
            self.patterns().flat_map(Pattern::needed).filter(|at| fields.get(*at).is_none()).collect();
        missing.sort_unstable();
        missing.dedup();
        missing.into_iter().map(|at| self.names.name(at)).collect()
    }

    /// Whether a token is in it, which is only worth something if it is made from a secret.
    pub fn needs_secret(&self) -> bool {
        self.patterns().any(Pattern::has_token)
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let headers = self.headers.iter().map(|(_, value)| value);
        let patterns = [&self.from_name, &self.to_name, &self.subject, &self.text];
        patterns.into_iter().chain(&self.html).chain(headers)
    }
}

/// What is wrong with the names of the added header fields.
fn header_names(draft: &Draft<'_>) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    if draft.headers.len() > EXTRA_HEADERS {
        errors.push(TemplateError { part: Part::Header(EXTRA_HEADERS), wrong: Wrong::TooManyHeaders });
    }
    for (at, (name, _)) in draft.headers.iter().enumerate() {
        let earlier = draft.headers[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let wrong = if !is_header_name(name) {
            Wrong::HeaderName
        } else if OURS.contains(&name.to_ascii_lowercase().as_str()) {
            Wrong::HeaderIsOurs
        } else if earlier {
            Wrong::HeaderTwice
        } else {
            continue;
        };
        errors.push(TemplateError { part: Part::Header(at), wrong });
    }
    errors
}

// RFC 5322 3.6.8: field-name = 1*ftext; ftext is printable US-ASCII without the colon
fn is_header_name(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_graphic() && byte != b':';
    (1..=HEADER_NAME_BYTES).contains(&name.len()) && name.bytes().all(valid)
}

/// A part of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The sender's name.
    FromName,
    /// The recipient's name.
    ToName,
    /// The subject.
    Subject,
    /// The plain text.
    Text,
    /// The HTML.
    Html,
    /// An added header field, by its position.
    Header(usize),
}

/// Something wrong in a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// In which part.
    pub part: Part,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Its text.
    Mistake(Mistake),
    /// The name of the header field has other characters than printable ASCII, or a colon, or is too long.
    HeaderName,
    /// A header field of that name is made from something else, or must not be there.
    HeaderIsOurs,
    /// The header field is there already.
    HeaderTwice,
    /// There are more than [`EXTRA_HEADERS`].
    TooManyHeaders,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistake(mistake) => mistake.fault.fmt(f),
            Self::HeaderName => f.write_str("this is no name of a header field"),
            Self::HeaderIsOurs => f.write_str("this header field cannot be added"),
            Self::HeaderTwice => f.write_str("this header field is there already"),
            Self::TooManyHeaders => write!(f, "there are more than {EXTRA_HEADERS} header fields"),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wrong.fmt(f)
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft<'a>(from: &'a Address, headers: &'a [(&'a str, &'a str)]) -> Draft<'a> {
        let (subject, text) = ("Hi {{first_name}}", "Dear {{first_name|friend}} of {{town}}");
        Draft { from, from_name: "", reply_to: None, to_name: "", subject, text, html: None, headers }
    }

    fn names() -> FieldNames {
        FieldNames::new(["first_name", "town"]).unwrap()
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let from = Address::parse("news@news.example").unwrap();
        let headers = [("X:Y", "a"), ("Bcc", "{{twon}}"), ("X-Id", "1"), ("x-id", "a\nb"), ("", "")];
        let draft = Draft { subject: "{{nmae}}", html: Some("<p>{{"), ..draft(&from, &headers) };
        let errors = Template::read(&draft, &names()).unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.part, error.to_string())).collect();
        let expected = [
            (Part::Subject, "there is no field `nmae`"),
            (Part::Html, "the merge field is not closed with `}}`"),
            (Part::Header(1), "there is no field `twon`"),
            (Part::Header(3), "a control character"),
            (Part::Header(0), "this is no name of a header field"),
            (Part::Header(1), "this header field cannot be added"),
            (Part::Header(3), "this header field is there already"),
            (Part::Header(4), "this is no name of a header field"),
        ];
        assert_eq!(found, expected.map(|(part, words)| (part, words.to_owned())));
    }

    #[test]
    fn what_a_recipient_lacks_is_known_before() {
        let from = Address::parse("news@news.example").unwrap();
        let template = Template::read(&draft(&from, &[]), &names()).unwrap();
        let missing = |values: [&str; 2]| template.missing(&Fields::new(values).unwrap()).join(" ");
        assert_eq!(missing(["Ann", "Ulm"]), "");
        assert_eq!(missing(["", "Ulm"]), "first_name");
        assert_eq!(missing(["", ""]), "first_name town");
    }
}
