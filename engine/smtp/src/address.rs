//! Mail addresses and domains as typed values.
//!
//! Everything that reaches a command line goes through here, so that no CR, LF, NUL or unquoted space ever can. Whether a
//! mailbox exists is not asked. Two ways to quote the same local part are two addresses here. What the characters may
//! be is in `syntax`.
//!
//! RFC 5321 4.1.2 (grammar), 4.1.3 (address literals), 4.5.3.1 (lengths), 2.4 (case); RFC 6531 3.3 (beyond ASCII).

mod syntax;

use std::fmt;
use std::sync::Arc;

use crate::{Charset, limits};
use syntax::DomainForm;

/// A mailbox name: `local@domain`. The domain is in lower case, the local part as it was written (RFC 5321 2.4).
///
/// How much is allowed is chosen by who reads it: [`Self::parse`] is for what any server takes, [`Self::parse_utf8`] for
/// what a server that offers SMTPUTF8 takes besides, [`Self::parse_mailbox`] for everything that a client may write. Cheap to
/// clone. Ordered by its text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: Arc<str>,
    /// Length of the local part: the index of the `@`.
    local: usize,
}

impl Address {
    /// Reads `local@domain` in ASCII, without angle brackets. A quoted local part keeps its quotes.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Self::read(text, Charset::Ascii, DomainForm::Name)
    }

    /// Reads `local@domain` of which the local part may go beyond ASCII. The domain is a [`Domain`] here too, as the DNS
    /// knows it: in A-labels.
    // RFC 6531 3.3: the extended Local-part; 3.2: A-labels are always allowed
    pub fn parse_utf8(text: &str) -> Result<Self, AddressError> {
        Self::read(text, Charset::Utf8, DomainForm::Name)
    }

    /// Like [`Self::parse_utf8`]; the domain may have U-labels, of which only ASCII letters are put in lower case, or be an
    /// address literal, `[192.0.2.1]`, which stays as it is written. Neither is a [`Domain`].
    // RFC 6531 3.3: the extended Mailbox
    pub fn parse_mailbox(text: &str) -> Result<Self, AddressError> {
        Self::read(text, Charset::Utf8, DomainForm::Any)
    }

    fn read(text: &str, charset: Charset, form: DomainForm) -> Result<Self, AddressError> {
        let local = syntax::local_part_end(text).ok_or(AddressError::NoAt)?;
        syntax::check_local_part(&text[..local], charset)?;
        syntax::check_domain(&text[local + 1..], form)?;
        if text.len() > limits::ADDRESS_BYTES {
            return Err(AddressError::TooLong);
        }
        let is_name = !text[local + 1..].starts_with('[');
        if !is_name || !text.as_bytes()[local..].iter().any(u8::is_ascii_uppercase) {
            return Ok(Self { text: text.into(), local });
        }
        let mut text = text.to_owned();
        text[local..].make_ascii_lowercase();
        Ok(Self { text: text.into(), local })
    }

    /// The part before the `@`, as written, with its quotes if it has any.
    pub fn local(&self) -> &str {
        &self.text[..self.local]
    }

    /// The part after the `@`: a domain in lower case, or an address literal with its brackets.
    pub fn domain(&self) -> &str {
        &self.text[self.local + 1..]
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the address can be sent to a server without SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.text)
    }
}

/// A domain name, in lower case, without a trailing dot.
///
/// Cheap to clone. Ordered by its text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Arc<str>);

impl Domain {
    /// Reads a domain name of letters, digits, hyphens and dots.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        syntax::check_domain(text, DomainForm::Name)?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({})", self.0)
    }
}

/// Where a message says that failures should be reported to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversePath {
    /// `<>`: the message is itself a report, and must never cause another (RFC 5321 4.5.5).
    Null,
    /// A mailbox.
    Address(Address),
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<>"),
            Self::Address(address) => write!(f, "<{address}>"),
        }
    }
}

/// Who a message is for, as it stands in RCPT.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain, in any case: whoever looks after the server (RFC 5321 4.1.1.3, 4.5.1).
    Postmaster,
    /// A mailbox.
    Address(Address),
}

impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("<Postmaster>"),
            Self::Address(address) => write!(f, "<{address}>"),
        }
    }
}

/// Why a text is no address or no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// There is no `@`.
    NoAt,
    /// The part before the `@` is empty, has an empty atom, or holds a character that needs quotes.
    LocalPart,
    /// The part after the `@` is no name of letters, digits and hyphens between dots, nor a literal where one is allowed.
    Domain,
    /// The address, one of its parts, or a label of the domain is longer than the standard allows.
    TooLong,
    /// A character is not ASCII where only ASCII is allowed.
    NotAscii,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAt => "an address needs an `@`",
            Self::LocalPart => "the part before the `@` is not valid",
            Self::Domain => "the domain is not valid",
            Self::TooLong => "the address is too long",
            Self::NotAscii => "the address has a character that is not ASCII",
        })
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, &str), AddressError>) {
        let parsed = Address::parse(text);
        let parts =
            parsed.as_ref().map(|address| (address.local(), address.domain())).map_err(|error| *error);
        assert_eq!(parts, expected, "{text:?}");
        if let Ok(address) = &parsed {
            assert_eq!(address.as_str(), format!("{}@{}", address.local(), address.domain()));
        }
    }

    #[test]
    fn addresses_have_a_local_part_as_written_and_a_domain_in_lower_case() {
        check("ann@bigbox.test", Ok(("ann", "bigbox.test")));
        check("Ann.O'Neil+x@BigBox.TEST", Ok(("Ann.O'Neil+x", "bigbox.test")));
        check("a@b", Ok(("a", "b")));
        check("a@1.2-3.4x", Ok(("a", "1.2-3.4x")));
        check(r#""john doe"@b.test"#, Ok((r#""john doe""#, "b.test")));
        check(r#""a@\"b"@b.test"#, Ok((r#""a@\"b""#, "b.test")));
        check(r#"""@b.test"#, Ok((r#""""#, "b.test")));
    }

    #[test]
    fn what_could_break_a_command_line_is_refused() {
        for local in [
            "",
            ".a",
            "a.",
            "a..b",
            "a b",
            "a\r",
            "a\n",
            "a\0",
            "a\t",
            "a<",
            "a>",
            "a,b",
            "a@b",
            "\"",
            "\"a",
            "a\"",
            "\"a\"b\"",
            "\"a\\\"",
            "\"a\r\n\"",
        ] {
            check(&format!("{local}@b.test"), Err(AddressError::LocalPart));
        }
        for domain in [
            "",
            ".",
            "b.",
            ".b",
            "b..c",
            "-b",
            "b-",
            "b-.c",
            "b.-c",
            "b c",
            "b_c",
            "[192.0.2.1]",
            "b\r\n",
            "b\0",
            "b>",
        ] {
            check(&format!("a@{domain}"), Err(AddressError::Domain));
            assert_eq!(Domain::parse(domain), Err(AddressError::Domain), "{domain:?}");
        }
        check("ann", Err(AddressError::NoAt));
        check("\u{e4}nn@b.test", Err(AddressError::NotAscii));
        check("ann@b\u{e4}.test", Err(AddressError::NotAscii));
    }

    #[test]
    fn lengths_are_those_of_the_standard() {
        let long = |length: usize| "x".repeat(length);
        let domain = |length: usize| format!("{}.{}", vec![long(49); 5].join("."), long(length - 250));
        check(&format!("{}@b.test", long(65)), Err(AddressError::TooLong));
        check(&format!("a@{}", long(64)), Err(AddressError::TooLong));
        check(&format!("a@{}", domain(253)), Err(AddressError::TooLong));
        assert!(Address::parse(&format!("a@{}", domain(252))).is_ok());
        assert!(Address::parse(&format!("{}@{}", long(64), long(63))).is_ok());
        assert!(Domain::parse(&domain(255)).is_ok());
        assert_eq!(Domain::parse(&domain(256)), Err(AddressError::TooLong));
    }

    #[test]
    fn reverse_paths_print_with_their_brackets() {
        assert_eq!(ReversePath::Null.to_string(), "<>");
        assert_eq!(ReversePath::Address(Address::parse("A@B.test").unwrap()).to_string(), "<A@b.test>");
    }
}
