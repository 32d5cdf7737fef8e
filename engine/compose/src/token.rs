//! Tokens that only their maker can make: they stand in return paths and links, and tell whether those are ours.
//!
//! HMAC-SHA-256, cut to 80 bits: enough that nobody guesses one through a mail server, short enough for a local part.

use std::fmt;

use data_encoding::BASE32_DNSSEC;
use ring::hmac;

/// Octets of the authentication code that are kept: 16 letters and digits.
// RFC 2104 5: at least 80 bits
const TOKEN_BYTES: usize = 10;

/// Letters and digits of a token.
pub(crate) const TOKEN_LETTERS: usize = TOKEN_BYTES * 8 / 5;

/// What a token is for; one for this is none for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    ReturnPath,
    Link,
}

/// Makes and recognises tokens. Whoever has the same secret makes the same ones.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl Secret {
    /// A secret of any octets; as strong as they are hard to guess.
    pub fn new(octets: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, octets))
    }

    /// The token of a recipient: lower-case letters and digits.
    pub(crate) fn token(&self, purpose: Purpose, mailing: u32, recipient: u32) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(match purpose {
            Purpose::ReturnPath => b"return path ",
            Purpose::Link => b"link        ",
        });
        context.update(&mailing.to_be_bytes());
        context.update(&recipient.to_be_bytes());
        BASE32_DNSSEC.encode(&context.sign().as_ref()[..TOKEN_BYTES])
    }

    /// Whether `text` is the token of a recipient, in upper or lower case. How long that takes tells nothing about where
    /// it differs.
    pub(crate) fn is_token(&self, text: &str, purpose: Purpose, mailing: u32, recipient: u32) -> bool {
        let right = self.token(purpose, mailing, recipient);
        let differences = text.bytes().zip(right.bytes()).map(|(a, b)| a.to_ascii_lowercase() ^ b);
        text.len() == right.len() && differences.fold(0, |all, one| all | one) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_recipient_and_one_purpose() {
        let secret = Secret::new(b"a secret");
        let token = secret.token(Purpose::Link, 3, 7);
        assert_eq!(token.len(), TOKEN_LETTERS);
        assert!(secret.is_token(&token, Purpose::Link, 3, 7));
        assert!(secret.is_token(&token.to_uppercase(), Purpose::Link, 3, 7));
        assert!(!secret.is_token(&token[1..], Purpose::Link, 3, 7));
        assert!(!secret.is_token("", Purpose::Link, 3, 7));
        assert!(!secret.is_token(&token, Purpose::ReturnPath, 3, 7));
        assert!(!secret.is_token(&token, Purpose::Link, 7, 3));
        assert!(!Secret::new(b"another").is_token(&token, Purpose::Link, 3, 7));
    }

    /// Return paths and links of earlier versions are only recognised as long as this stays. Calculated with Python.
    #[test]
    fn tokens_are_fixed_for_ever() {
        let token = Secret::new(b"a secret").token(Purpose::ReturnPath, 1, 2);
        assert_eq!(token, "u4j9jurvttsq8n7a");
    }
}
