//! Mail addresses and domains as typed values.
//!
//! Everything that reaches a command line goes through here, so that no CR, LF, NUL or unquoted space ever can.
//! Internationalised addresses (RFC 6531) and address literals (`[192.0.2.1]`) are refused; whether a mailbox exists is
//! not asked. Two ways to quote the same local part are two addresses here.
//!
//! RFC 5321 4.1.2 (grammar), 4.5.3.1 (lengths), 2.4 (case).

use std::fmt;
use std::sync::Arc;

use crate::limits;

/// A mailbox name: `local@domain`. The domain is in lower case, the local part as it was written (RFC 5321 2.4).
///
/// Cheap to clone. Ordered by its text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: Arc<str>,
    /// Length of the local part: the index of the `@`.
    local: usize,
}

impl Address {
    /// Reads `local@domain`, without angle brackets. A quoted local part keeps its quotes.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let local = text.rfind('@').ok_or(AddressError::NoAt)?;
        check_local_part(&text[..local])?;
        check_domain(&text[local + 1..])?;
        if text.len() > limits::ADDRESS_BYTES {
            return Err(AddressError::TooLong);
        }
        if !text.as_bytes()[local..].iter().any(u8::is_ascii_uppercase) {
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

    /// The part after the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.text[self.local + 1..]
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
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
        check_domain(text)?;
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

/// Why a text is no address or no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// There is no `@`.
    NoAt,
    /// The part before the `@` is empty, has an empty atom, or holds a character that needs quotes.
    LocalPart,
    /// The part after the `@` is no name of letters, digits and hyphens between dots.
    Domain,
    /// The address, one of its parts, or a label of the domain is longer than the standard allows.
    TooLong,
    /// A character is not ASCII.
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

// RFC 5321 4.1.2: Local-part = Dot-string / Quoted-string
fn check_local_part(local: &str) -> Result<(), AddressError> {
    if local.len() > limits::LOCAL_PART_BYTES {
        return Err(AddressError::TooLong);
    }
    if !local.is_ascii() {
        return Err(AddressError::NotAscii);
    }
    let valid = match local.strip_prefix('"') {
        Some(quoted) => is_quoted_rest(quoted.as_bytes()),
        None => is_dot_string(local.as_bytes()),
    };
    if valid { Ok(()) } else { Err(AddressError::LocalPart) }
}

/// Whether `bytes`, which follow an opening quote, end with the closing one and escape every quote between.
fn is_quoted_rest(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'"'] => return true,
            [b'\\', b' '..=b'~', rest @ ..] => rest,
            [b' '..=b'!' | b'#'..=b'[' | b']'..=b'~', rest @ ..] => rest,
            _ => return false,
        };
    }
}

fn is_dot_string(bytes: &[u8]) -> bool {
    let mut previous = b'.';
    for &byte in bytes {
        if !is_atext(byte) && (byte != b'.' || previous == b'.') {
            return false;
        }
        previous = byte;
    }
    previous != b'.'
}

// RFC 5322 3.2.3: atext
const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~'
        )
}

// RFC 5321 4.1.2: Domain = sub-domain *("." sub-domain)
fn check_domain(domain: &str) -> Result<(), AddressError> {
    if domain.len() > limits::DOMAIN_BYTES {
        return Err(AddressError::TooLong);
    }
    if !domain.is_ascii() {
        return Err(AddressError::NotAscii);
    }
    let mut label = 0;
    let mut previous = b'.';
    for &byte in domain.as_bytes() {
        let valid = match byte {
            b'.' => previous != b'.' && previous != b'-',
            b'-' => previous != b'.',
            _ => byte.is_ascii_alphanumeric(),
        };
        if !valid {
            return Err(AddressError::Domain);
        }
        label = if byte == b'.' { 0 } else { label + 1 };
        if label > limits::LABEL_BYTES {
            return Err(AddressError::TooLong);
        }
        previous = byte;
    }
    if matches!(previous, b'.' | b'-') { Err(AddressError::Domain) } else { Ok(()) }
}

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
