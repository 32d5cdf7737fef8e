//! From a text as it was written for one recipient back to whom it was written for.
//!
//! Only for links, in which a recipient's number and token are of known form; what else may stand there ends where the next
//! literal text begins. One pass, no going back.

use super::{Pattern, Piece, Source};
use crate::token::TOKEN_LETTERS;

/// What tells the recipient in a text: its number and its token, unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written<'a> {
    pub(crate) recipient: u32,
    pub(crate) token: &'a str,
}

impl Pattern {
    /// Reads `{{recipient}}` and `{{token}}` in a text that this pattern may have written. `None` if it has not, or if the pattern
    /// lacks one of the two.
    pub(crate) fn read_back<'a>(&self, text: &'a str) -> Option<Written<'a>> {
        let (mut recipient, mut token, mut rest) = (None, None, text);
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(literal) => rest = rest.strip_prefix(&**literal)?,
                Piece::Value { source: Source::Recipient, .. } => {
                    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                    let (number, after) = rest.split_at(digits);
                    // As it is written: no leading zero.
                    recipient =
                        Some(number.parse().ok().filter(|_| number == "0" || !number.starts_with('0'))?);
                    rest = after;
                }
                Piece::Value { source: Source::Token, .. } => {
                    let (letters, after) = rest.split_at_checked(TOKEN_LETTERS)?;
                    token = Some(letters);
                    rest = after;
                }
                Piece::Value { source: Source::Field(_) | Source::Address | Source::Unsubscribe, .. } => {
                    let end = match self.pieces.get(index + 1) {
                        Some(Piece::Literal(next)) => rest.find(&**next)?,
                        Some(Piece::Value { .. }) => return None,
                        None => rest.len(),
                    };
                    rest = &rest[end..];
                }
            }
        }
        rest.is_empty().then_some(Written { recipient: recipient?, token: token? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::FieldNames;
    use crate::place::Place;

    #[test]
    fn what_was_written_is_read_back() {
        let check = |pattern: &str, text: &str, expected: Option<(u32, &str)>| {
            let pattern = Pattern::read(pattern, Place::Url, &FieldNames::default()).unwrap();
            let read = pattern.read_back(text).map(|written| (written.recipient, written.token));
            assert_eq!(read, expected, "{text}");
        };
        let token = "0123456789abcdef";
        let all = "https://u.test/3/{{recipient}}-{{token}}?a={{address}}";
        check(all, "https://u.test/3/17-0123456789abcdef?a=ann%40b.test", Some((17, token)));
        check(all, "https://u.test/3/17-0123456789abcdef?a=", Some((17, token)));
        check(all, "https://u.test/3/017-0123456789abcdef?a=", None);
        check(all, "https://u.test/3/4294967296-0123456789abcdef?a=", None);
        check(all, "https://u.test/3/17-0123456789abcde?a=", None);
        check(all, "https://u.test/4/17-0123456789abcdef?a=", None);
        check(all, "", None);
        check("mailto:u@u.test?subject={{recipient}}{{token}}", "mailto:u@u.test?subject=1", None);
        check("https://u.test/{{address}}{{token}}", "https://u.test/a%40b.test0123456789abcdef", None);
        check("https://u.test/{{token}}", "https://u.test/0123456789abcdef", None);
        check(
            "https://u.test/{{recipient}}/{{token}}",
            "https://u.test/1/\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}",
            None,
        );
    }
}
