//! Which characters may stand where in an address.
//!
//! A file of its own because it is the grammar, letter by letter, for both readings of it: ASCII, and what RFC 6531 adds.
//! Of what RFC 6531 allows, control characters, spaces and other line ends of Unicode are refused, as is what IDNA takes
//! for a dot: none of them is in an address that anybody has, and each can make two readers see two addresses.
//!
//! RFC 5321 4.1.2, 4.1.3; RFC 6531 3.3; RFC 5322 3.2.3 (atext); RFC 5890 2.3.2.1 (U-labels).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::AddressError;
use crate::{Charset, limits};

/// What may stand after the `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DomainForm {
    /// A name as the DNS knows it.
    Name,
    /// Also a name beyond ASCII, or an address literal.
    Any,
}

/// Where the `@` is that ends the local part: the last one, as there is none in a domain; in a literal there may be.
pub(super) fn local_part_end(text: &str) -> Option<usize> {
    match text.rfind("@[") {
        Some(at) if text.ends_with(']') => Some(at),
        _ => text.rfind('@'),
    }
}

fn check_charset(text: &str, charset: Charset) -> Result<(), AddressError> {
    if charset.allows(text) { Ok(()) } else { Err(AddressError::NotAscii) }
}

// RFC 5321 4.1.2: Local-part = Dot-string / Quoted-string
pub(super) fn check_local_part(local: &str, charset: Charset) -> Result<(), AddressError> {
    if local.len() > limits::LOCAL_PART_BYTES {
        return Err(AddressError::TooLong);
    }
    check_charset(local, charset)?;
    let valid = match local.strip_prefix('"') {
        Some(quoted) => is_quoted_rest(quoted.as_bytes()),
        None => is_dot_string(local.as_bytes()),
    };
    if valid && is_plain(local) { Ok(()) } else { Err(AddressError::LocalPart) }
}

/// Whether `bytes`, which follow an opening quote, end with the closing one and escape every quote between.
// RFC 6531 3.3: qtextSMTP =/ UTF8-non-ascii
fn is_quoted_rest(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'"'] => return true,
            [b'\\', b' '..=b'~', rest @ ..] => rest,
            [b' '..=b'!' | b'#'..=b'[' | b']'..=b'~' | 0x80.., rest @ ..] => rest,
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

// RFC 5322 3.2.3: atext; RFC 6531 3.3: atext =/ UTF8-non-ascii
const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~' | 0x80..
        )
}

/// Whether what is not ASCII is neither a control character nor a kind of space.
fn is_plain(text: &str) -> bool {
    text.is_ascii() || !text.chars().any(|c| !c.is_ascii() && (c.is_control() || c.is_whitespace()))
}

// RFC 5321 4.1.2: ( Domain / address-literal )
pub(super) fn check_domain(domain: &str, form: DomainForm) -> Result<(), AddressError> {
    if domain.len() > limits::DOMAIN_BYTES {
        return Err(AddressError::TooLong);
    }
    match (form, domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))) {
        (DomainForm::Name, _) => check_charset(domain, Charset::Ascii).and_then(|()| check_name(domain)),
        (DomainForm::Any, Some(literal)) if is_literal(literal) => Ok(()),
        (DomainForm::Any, Some(_)) => Err(AddressError::Domain),
        (DomainForm::Any, None) => check_name(domain),
    }
}

// RFC 5321 4.1.2: Domain = sub-domain *("." sub-domain); RFC 6531 3.3: sub-domain =/ U-label
fn check_name(domain: &str) -> Result<(), AddressError> {
    // RFC 3490 3.1: these are dots to IDNA
    let is_dot = |c: char| matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
    if !domain.is_ascii() && (!is_plain(domain) || domain.contains(is_dot)) {
        return Err(AddressError::Domain);
    }
    // In characters: what a U-label takes in the DNS is never less.
    let mut label = 0;
    let mut previous = b'.';
    for &byte in domain.as_bytes() {
        let valid = match byte {
            b'.' => previous != b'.' && previous != b'-',
            b'-' => previous != b'.',
            0x80.. => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !valid {
            return Err(AddressError::Domain);
        }
        label = if byte == b'.' { 0 } else { label + usize::from(!is_continuation(byte)) };
        if label > limits::LABEL_BYTES {
            return Err(AddressError::TooLong);
        }
        previous = byte;
    }
    if matches!(previous, b'.' | b'-') { Err(AddressError::Domain) } else { Ok(()) }
}

/// Whether a byte of UTF-8 is not the first of its character.
const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

// RFC 5321 4.1.3: IPv4-address-literal / IPv6-address-literal / General-address-literal, without the brackets
fn is_literal(text: &str) -> bool {
    match text.split_once(':') {
        None => text.parse::<Ipv4Addr>().is_ok(),
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6") => address.parse::<Ipv6Addr>().is_ok(),
        Some((tag, content)) => is_tag(tag) && !content.is_empty() && content.bytes().all(is_dcontent),
    }
}

// RFC 5321 4.1.2: Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
fn is_tag(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && tag.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Also refuses what the end of a path is looked for with. No tag is registered, so nobody misses it.
const fn is_dcontent(byte: u8) -> bool {
    matches!(byte, b'!'..=b'Z' | b'^'..=b'~') && !matches!(byte, b'"' | b'<' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn check(text: &str, expected: Result<(&str, &str), AddressError>) {
        let parsed = Address::parse_mailbox(text);
        let parts =
            parsed.as_ref().map(|address| (address.local(), address.domain())).map_err(|error| *error);
        assert_eq!(parts, expected, "{text:?}");
    }

    #[test]
    fn literals_are_addresses_of_hosts_and_stay_as_they_are_written() {
        for literal in ["[192.0.2.1]", "[IPv6:2001:DB8::1]", "[ipv6:::ffff:192.0.2.1]", "[X-Next:a!b;c~]"] {
            check(&format!("ann@{literal}"), Ok(("ann", literal)));
            assert_eq!(Address::parse(&format!("ann@{literal}")), Err(AddressError::Domain), "{literal}");
            assert_eq!(
                Address::parse_utf8(&format!("ann@{literal}")),
                Err(AddressError::Domain),
                "{literal}"
            );
        }
        check("a@b@[X:c@d]", Err(AddressError::LocalPart));
        check("a@[X:c@d]", Ok(("a", "[X:c@d]")));
        for bad in [
            "[]",
            "[192.0.2]",
            "[192.0.2.256]",
            "[IPv6:]",
            "[IPv6:192.0.2.1]",
            "[IPv6:fe80::1%eth0]",
            "[x-:a]",
            "[X:]",
            "[X:a b]",
            "[X:\u{e4}]",
            "[X:a\\]",
            "[X:a>]",
            "[192.0.2.1",
            "192.0.2.1]",
            "[192.0.2.1].test",
        ] {
            check(&format!("ann@{bad}"), Err(AddressError::Domain));
        }
    }

    #[test]
    fn both_parts_may_go_beyond_ascii_where_it_is_asked_for() {
        check("j\u{f6}rg@Bücher.TEST", Ok(("j\u{f6}rg", "b\u{fc}cher.test")));
        check("用户@例子.test", Ok(("用户", "例子.test")));
        check("\"ä ö\"@b.test", Ok(("\"ä ö\"", "b.test")));
        assert!(!Address::parse_utf8("\u{e4}@b.test").unwrap().is_ascii());
        assert!(Address::parse_utf8("a@b.test").unwrap().is_ascii());
        assert_eq!(Address::parse_utf8("a@b\u{e4}.test"), Err(AddressError::NotAscii));
        assert_eq!(Address::parse("\u{e4}@b.test"), Err(AddressError::NotAscii));
        for local in ["a\u{85}", "a\u{2028}", "\u{a0}", "\"\u{9f}\"", "\"\\ä\"", "ä ö"] {
            check(&format!("{local}@b.test"), Err(AddressError::LocalPart));
        }
        for domain in ["b\u{3002}test", "b\u{ff0e}test", "b\u{2003}.test", "-ä", "ä-.test", "ä..test"] {
            check(&format!("a@{domain}"), Err(AddressError::Domain));
        }
    }

    #[test]
    fn lengths_beyond_ascii_are_octets_but_for_labels() {
        let many = |count: usize| "ä".repeat(count);
        assert!(Address::parse_mailbox(&format!("{}@{}", many(32), many(63))).is_ok());
        check(&format!("{}@b.test", many(33)), Err(AddressError::TooLong));
        check(&format!("a@{}", many(64)), Err(AddressError::TooLong));
        check(&format!("a@{0}.{0}.{0}", many(45)), Err(AddressError::TooLong));
    }
}
