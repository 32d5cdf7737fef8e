//! Text in the value of a parameter, where spaces, `+` and `=` cannot stand as they are.
//!
//! RFC 3461 4 (xtext); RFC 6533 3 (what reports about internationalised mail add).

use crate::Charset;

/// Decoded text: at least one character, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Xtext(Box<str>);

impl Xtext {
    /// The text `text`, or nothing when it is empty or has a control character.
    pub fn new(text: &str) -> Option<Self> {
        let valid = !text.is_empty() && !text.chars().any(char::is_control);
        valid.then(|| Self(text.into()))
    }

    /// Reads the encoded form. Hexadecimal digits are in upper case and stand for printable ASCII.
    // RFC 3461 4: xtext = *( xchar / hexchar ); xchar is printable but for "+" and "="; hexchar = "+" 2(%x30-39 / %x41-46)
    pub(crate) fn decode(encoded: &str, charset: Charset) -> Option<Self> {
        let mut text = String::with_capacity(encoded.len());
        let mut rest = encoded.chars();
        while let Some(c) = rest.next() {
            match c {
                '+' => text.push(hex_pair(rest.next()?, rest.next()?)?),
                '=' | ' ' => return None,
                _ => text.push(c),
            }
        }
        charset.allows(&text).then(|| Self::new(&text))?
    }

    /// Appends the encoded form.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        for &byte in self.0.as_bytes() {
            match byte {
                b'+' | b'=' | b' ' => out.extend_from_slice(format!("+{byte:02X}").as_bytes()),
                _ => out.push(byte),
            }
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hex_pair(high: char, low: char) -> Option<char> {
    let digit = |c: char| if c.is_ascii_lowercase() { None } else { c.to_digit(16) };
    char::from_u32(digit(high)? * 16 + digit(low)?).filter(|c| matches!(c, ' '..='~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoded: &str, expected: Option<&str>) {
        let decoded = Xtext::decode(encoded, Charset::Ascii);
        assert_eq!(decoded.as_ref().map(Xtext::as_str), expected, "{encoded:?}");
        if let Some(text) = decoded {
            let mut again = Vec::new();
            text.encode(&mut again);
            assert_eq!(Xtext::decode(std::str::from_utf8(&again).unwrap(), Charset::Ascii), Some(text));
        }
    }

    #[test]
    fn what_cannot_stand_as_it_is_has_a_plus_and_two_digits() {
        check("QQ314159", Some("QQ314159"));
        check("a+2Bb+3Dc+20d", Some("a+b=c d"));
        check("+41", Some("A"));
        for bad in ["", "a=b", "a b", "+", "+4", "+4g", "+2b", "+0A", "+7F", "+FF", "+-1", "a\tb", "ä"] {
            check(bad, None);
        }
        let utf8 = Xtext::decode("jörg+2Bx", Charset::Utf8);
        assert_eq!(utf8.as_ref().map(Xtext::as_str), Some("jörg+x"));
        assert_eq!(Xtext::decode("a\u{85}", Charset::Utf8), None);
    }
}
