//! Addresses as people write them: domains in their own script become what servers understand.
//!
//! Here and not in `smtp`, because it needs the tables of Unicode; an envelope knows A-labels only.

use std::borrow::Cow;
use std::fmt;

use smtp::{Address, AddressError, Domain};

/// Reads `local@domain`; the domain may be written in any script (RFC 5891), and is taken as its A-labels. Any server takes what
/// comes out.
pub fn address(text: &str) -> Result<Address, MailboxError> {
    Address::parse(&with_a_labels(text)?).map_err(MailboxError::Address)
}

/// Reads `local@domain`, of which both parts may be written in any script (RFC 6531). Unless the local part is ASCII, only
/// servers that offer SMTPUTF8 take what comes out.
pub fn address_utf8(text: &str) -> Result<Address, MailboxError> {
    Address::parse_utf8(&with_a_labels(text)?).map_err(MailboxError::Address)
}

fn with_a_labels(text: &str) -> Result<Cow<'_, str>, MailboxError> {
    match text.rsplit_once('@') {
        Some((local, name)) if !name.is_ascii() => Ok(format!("{local}@{}", a_labels(name)?).into()),
        Some(_) | None => Ok(text.into()),
    }
}

/// Reads a domain, in any script.
pub fn domain(text: &str) -> Result<Domain, MailboxError> {
    if text.is_ascii() {
        return Domain::parse(text).map_err(MailboxError::Address);
    }
    Domain::parse(&a_labels(text)?).map_err(MailboxError::Address)
}

// RFC 5891 5: U-labels become A-labels before a name is looked up
fn a_labels(name: &str) -> Result<String, MailboxError> {
    /// The conversion takes time that grows with the square of a label.
    const LONGEST: usize = 4 * smtp::limits::DOMAIN_BYTES;
    if name.len() > LONGEST {
        return Err(MailboxError::Address(AddressError::TooLong));
    }
    idna::domain_to_ascii(name).map_err(|_| MailboxError::International)
}

/// Why a text is no address or no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxError {
    /// It breaks the rules for all addresses.
    Address(AddressError),
    /// The domain has characters that no internationalised name may have, or may not have there.
    International,
}

impl fmt::Display for MailboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => error.fmt(f),
            Self::International => f.write_str("the domain is no internationalised name"),
        }
    }
}

impl std::error::Error for MailboxError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_any_script_become_a_labels() {
        let check = |text: &str, expected: Result<&str, MailboxError>| {
            let read = address(text);
            assert_eq!(read.as_ref().map(Address::as_str).map_err(|error| *error), expected, "{text}");
        };
        check("ann@b\u{fc}cher.example", Ok("ann@xn--bcher-kva.example"));
        check("ann@B\u{dc}CHER.example", Ok("ann@xn--bcher-kva.example"));
        check("ann@\u{4f8b}\u{5b50}.\u{6d4b}\u{8bd5}", Ok("ann@xn--fsqu00a.xn--0zwm56d"));
        check("ann@b.test", Ok("ann@b.test"));
        check("\u{fc}@b.test", Err(MailboxError::Address(AddressError::NotAscii)));
        assert_eq!(address_utf8("\u{fc}@\u{fc}.test").unwrap().as_str(), "\u{fc}@xn--tda.test");
        check("ann", Err(MailboxError::Address(AddressError::NoAt)));
        check("ann@\u{200d}.test", Err(MailboxError::International));
        check(
            &format!("ann@{}.test", "\u{fc}".repeat(2000)),
            Err(MailboxError::Address(AddressError::TooLong)),
        );
        assert_eq!(domain("b\u{fc}cher.example").unwrap().as_str(), "xn--bcher-kva.example");
    }
}
