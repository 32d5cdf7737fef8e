//! How a recipient leaves: List-Unsubscribe (RFC 2369) and one click (RFC 8058).
//!
//! The links have merge fields like every text of a template, but only those that every recipient has: `{{token}}`, which nobody
//! can guess, `{{recipient}}` and `{{address}}`. So their length is bounded, and they fit into a line.

use std::borrow::Cow;
use std::fmt;

use mail_builder::headers::HeaderType;
use mail_builder::headers::url::URL;

use crate::field::FieldNames;
use crate::pattern::{Mistake, Pattern, Values, Written};
use crate::place::Place;

/// Most octets of a link as it is written in a template.
// RFC 5322 2.1.1: a line has at most 998 octets. An address in a link takes up at most 384 (64 of the local part as `%41`),
// and a token 16 where the template has `{{token}}`.
pub const LINK_BYTES: usize = 200;

// RFC 8058 3.1: exactly this
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// The ways to leave that a mailing offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    link: Option<Pattern>,
    mailto: Option<Pattern>,
}

impl Unsubscribe {
    /// A link (`https://...`, for one click) and an address (`mailto:...`); at least one of the two.
    ///
    /// Answers with the first thing that is wrong, and whether it is in the link or in the address.
    pub fn new(link: Option<&str>, mailto: Option<&str>) -> Result<Self, (Way, UnsubscribeError)> {
        if link.is_none() && mailto.is_none() {
            return Err((Way::Link, UnsubscribeError::Nothing));
        }
        let link = link.map(|text| read(text, "https://")).transpose().map_err(|error| (Way::Link, error))?;
        let mailto =
            mailto.map(|text| read(text, "mailto:")).transpose().map_err(|error| (Way::Mailto, error))?;
        Ok(Self { link, mailto })
    }

    /// Whether a token is in it, which is only worth something if it is made from a secret.
    pub fn needs_secret(&self) -> bool {
        [&self.link, &self.mailto].into_iter().flatten().any(Pattern::has_token)
    }

    /// Whose link or address `text` is, unchecked; known only where both `{{recipient}}` and `{{token}}` are in it.
    pub(crate) fn read_back<'a>(&self, text: &'a str) -> Option<Written<'a>> {
        [&self.link, &self.mailto].into_iter().flatten().find_map(|way| way.read_back(text))
    }

    /// The link for one message, or the address if there is no link: what `{{unsubscribe}}` stands for.
    pub(crate) fn link(&self, values: &Values<'_>) -> String {
        self.link.as_ref().or(self.mailto.as_ref()).map(|way| way.to_string(values)).unwrap_or_default()
    }

    /// The header fields for one message, with their names.
    pub(crate) fn headers(&self, values: &Values<'_>) -> Vec<(Cow<'static, str>, HeaderType<'static>)> {
        let ways = [&self.link, &self.mailto].into_iter().flatten().map(|way| way.to_string(values));
        let mut headers = vec![("List-Unsubscribe".into(), URL::new_list(ways).into())];
        if self.link.is_some() {
            headers.push(("List-Unsubscribe-Post".into(), HeaderType::from(raw(ONE_CLICK))));
        }
        headers
    }
}

fn raw(text: &'static str) -> mail_builder::headers::raw::Raw<'static> {
    mail_builder::headers::raw::Raw::new(text)
}

fn read(text: &str, scheme: &'static str) -> Result<Pattern, UnsubscribeError> {
    let rest = text.strip_prefix(scheme).ok_or(UnsubscribeError::Scheme(scheme))?;
    if rest.is_empty() || rest.starts_with("{{") {
        return Err(UnsubscribeError::Scheme(scheme));
    }
    if text.len() > LINK_BYTES {
        return Err(UnsubscribeError::TooLong);
    }
    if text.matches("{{address").count() > 1 {
        return Err(UnsubscribeError::AddressTwice);
    }
    Pattern::read(text, Place::Url, &FieldNames::default()).map_err(UnsubscribeError::Mistakes)
}

/// One of the two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The link.
    Link,
    /// The address.
    Mailto,
}

/// Why a way to leave is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnsubscribeError {
    /// Neither a link nor an address is given.
    Nothing,
    /// It does not begin with this scheme and something of its own after it.
    Scheme(&'static str),
    /// It has more than [`LINK_BYTES`] octets.
    TooLong,
    /// The recipient's address is in it more than once, so that it might not fit into a line.
    AddressTwice,
    /// Its merge fields or characters are wrong.
    Mistakes(Vec<Mistake>),
}

impl fmt::Display for UnsubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("a link or an address is needed"),
            Self::Scheme(scheme) => write!(f, "it must begin with `{scheme}` and go on with a name"),
            Self::TooLong => write!(f, "it has more than {LINK_BYTES} octets"),
            Self::AddressTwice => f.write_str("`{{address}}` can be in it once"),
            Self::Mistakes(mistakes) => {
                let words: Vec<_> = mistakes.iter().map(|mistake| mistake.fault.to_string()).collect();
                f.write_str(&words.join("; "))
            }
        }
    }
}

impl std::error::Error for UnsubscribeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_way_to_leave_is_refused() {
        let check = |link: Option<&str>, mailto: Option<&str>, expected: &str| {
            let error = Unsubscribe::new(link, mailto).expect_err(expected).1;
            assert_eq!(error.to_string(), expected, "{link:?} {mailto:?}");
        };
        check(None, None, "a link or an address is needed");
        let scheme = "it must begin with `https://` and go on with a name";
        check(Some("http://u.test/{{token}}"), None, scheme);
        check(Some("https://"), None, scheme);
        check(Some("https://{{address}}/"), None, scheme);
        check(Some("https://u.test"), Some("u@u.test"), "it must begin with `mailto:` and go on with a name");
        check(Some("https://u.test/<a>"), None, "a character that no URL has; a character that no URL has");
        check(Some("https://u.test/{{town}}"), None, "there is no field `town`");
        let twice = "https://u.test/{{address}}/{{address}}";
        check(Some(twice), None, "`{{address}}` can be in it once");
        check(Some(&format!("https://{}", "x".repeat(200))), None, "it has more than 200 octets");
    }
}
