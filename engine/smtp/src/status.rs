//! Enhanced status codes: `5.1.1` and what it is registered to mean.
//!
//! A code says more than the reply code beside it, and sometimes something else; which of the two to believe is not
//! decided here.
//!
//! RFC 3463 (structure), RFC 5248 (registry), RFC 2034 (use in replies).

mod registry;

use std::fmt;

/// An enhanced status code: class 2, 4 or 5, subject and detail 0 to 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedStatusCode {
    class: u8,
    subject: u16,
    detail: u16,
}

impl EnhancedStatusCode {
    /// The code `class.subject.detail`, or nothing when a part is out of range.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999 {
            Some(Self { class, subject, detail })
        } else {
            None
        }
    }

    /// A code that is known when this crate is compiled.
    pub(crate) const fn fixed(class: u8, subject: u16, detail: u16) -> Self {
        Self::new(class, subject, detail).expect("a fixed code is within its range")
    }

    /// Reads `5.1.1`: exactly three numbers, no leading zeros, nothing around them.
    pub fn parse(text: &str) -> Option<Self> {
        match Self::parse_prefix(text.as_bytes()) {
            Some((code, [])) => Some(code),
            _ => None,
        }
    }

    /// Reads the code that `bytes` begin with; what follows it comes back too.
    // RFC 3463 2: status-code = class "." subject "." detail; subject and detail = 1*3digit without leading zeros
    pub(crate) fn parse_prefix(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let [class @ (b'2' | b'4' | b'5'), b'.', rest @ ..] = bytes else { return None };
        let (subject, rest) = parse_number(rest)?;
        let (detail, rest) = parse_number(rest.strip_prefix(b".")?)?;
        Some((Self { class: class - b'0', subject, detail }, rest))
    }

    /// 2 (success), 4 (temporary) or 5 (permanent).
    pub const fn class(self) -> u8 {
        self.class
    }

    /// What the code is about: 1 addressing, 2 mailbox, 3 mail system, 4 routing, 5 protocol, 6 content, 7 policy.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The detail within the subject.
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// The text that the registry has for subject and detail, or nothing when they are not registered.
    pub fn meaning(self) -> Option<&'static str> {
        registry::meaning(self.subject, self.detail)
    }
}

impl fmt::Display for EnhancedStatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// One to three digits without a leading zero, not followed by another digit.
fn parse_number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = bytes.split_at(digits);
    if !matches!(number, [b'0'] | [b'1'..=b'9'] | [b'1'..=b'9', _] | [b'1'..=b'9', _, _]) {
        return None;
    }
    Some((number.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0')), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u8, u16, u16)>) {
        let parsed = EnhancedStatusCode::parse(text);
        assert_eq!(parsed.map(|code| (code.class(), code.subject(), code.detail())), expected, "{text}");
        if let Some(code) = parsed {
            assert_eq!(code.to_string(), text);
            assert_eq!(EnhancedStatusCode::new(code.class, code.subject, code.detail), Some(code));
        }
    }

    #[test]
    fn codes_are_read_strictly_and_print_as_they_were_read() {
        check("2.0.0", Some((2, 0, 0)));
        check("5.7.26", Some((5, 7, 26)));
        check("4.7.650", Some((4, 7, 650)));
        check("5.999.999", Some((5, 999, 999)));
        for bad in
            ["", "5", "5.1", "5.1.", "3.1.1", "5.01.1", "5.1.01", "5.1000.1", "5.1.1 ", " 5.1.1", "5.1.1.1"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn out_of_range_parts_make_no_code() {
        assert_eq!(EnhancedStatusCode::new(3, 0, 0), None);
        assert_eq!(EnhancedStatusCode::new(5, 1000, 0), None);
        assert_eq!(EnhancedStatusCode::new(5, 0, 1000), None);
    }

    #[test]
    fn registered_codes_have_a_meaning_in_every_class() {
        let meaning = |text| EnhancedStatusCode::parse(text).and_then(EnhancedStatusCode::meaning);
        assert_eq!(meaning("5.1.1"), Some("bad destination mailbox address"));
        assert_eq!(meaning("4.1.1"), meaning("5.1.1"));
        assert_eq!(meaning("5.7.30"), Some("REQUIRETLS support required"));
        assert_eq!(meaning("5.9.9"), None);
    }
}
