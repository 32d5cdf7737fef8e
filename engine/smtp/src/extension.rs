//! Service extensions: what a server offers in its reply to EHLO.
//!
//! RFC 5321 4.1.1.1 (the reply's form), RFC 2920 (PIPELINING), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 2034
//! (ENHANCEDSTATUSCODES), RFC 6531 (SMTPUTF8), RFC 3030 (CHUNKING), RFC 3461 (DSN), RFC 3207 (STARTTLS), RFC 4954 (AUTH).

use crate::{Mechanism, Reply};

/// The extensions that are offered. The default is none, as after HELO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions {
    /// Commands may be sent in groups.
    pub pipelining: bool,
    /// Bodies with octets above 127 are taken.
    pub eight_bit_mime: bool,
    /// Replies carry enhanced status codes.
    pub enhanced_status_codes: bool,
    /// Sizes may be declared, and whether there is a largest one.
    pub size: SizeLimit,
    /// Addresses beyond ASCII are taken.
    pub smtputf8: bool,
    /// BDAT is understood.
    pub chunking: bool,
    /// Delivery reports may be asked for.
    pub dsn: bool,
    /// The connection can be encrypted.
    pub starttls: bool,
    /// How clients may prove who they are; AUTH is offered when there is a way.
    pub auth: Mechanisms,
}

/// Ways to prove who one is. The default is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mechanisms {
    /// User and password at once.
    pub plain: bool,
    /// The user, then the password.
    pub login: bool,
}

impl Mechanisms {
    /// Whether this one is among them.
    pub const fn has(self, mechanism: Mechanism) -> bool {
        match mechanism {
            Mechanism::Plain => self.plain,
            Mechanism::Login => self.login,
        }
    }

    /// Their names, in the order of preference.
    fn names(self) -> Vec<&'static str> {
        let known = [Mechanism::Plain, Mechanism::Login];
        known.into_iter().filter(|mechanism| self.has(*mechanism)).map(Mechanism::name).collect()
    }

    // RFC 4954 3: "AUTH" followed by names of mechanisms, separated by spaces
    fn read<'a>(words: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut mechanisms = Self::default();
        for word in words {
            mechanisms.plain |= word.eq_ignore_ascii_case(b"PLAIN");
            mechanisms.login |= word.eq_ignore_ascii_case(b"LOGIN");
        }
        mechanisms
    }
}

/// What a server says about the size of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SizeLimit {
    /// SIZE is not offered.
    #[default]
    NotOffered,
    /// SIZE is offered, without a largest size.
    Unlimited,
    /// SIZE is offered; no message may have more octets than this, 1 or more.
    Max(u64),
}

impl Extensions {
    /// Reads a server's reply to EHLO. Unknown keywords are passed over, and so is the first line.
    pub fn from_reply(reply: &Reply) -> Self {
        let mut extensions = Self::default();
        for line in reply.lines().skip(1) {
            extensions.add(line);
        }
        extensions
    }

    /// The lines of an EHLO reply that offer these, one keyword with its parameters each.
    pub fn lines(&self) -> Vec<String> {
        let size = match self.size {
            SizeLimit::NotOffered => None,
            SizeLimit::Unlimited => Some("SIZE".to_owned()),
            SizeLimit::Max(octets) => Some(format!("SIZE {octets}")),
        };
        let flags = [
            (self.pipelining, "PIPELINING"),
            (self.eight_bit_mime, "8BITMIME"),
            (self.enhanced_status_codes, "ENHANCEDSTATUSCODES"),
            (self.smtputf8, "SMTPUTF8"),
            (self.chunking, "CHUNKING"),
            (self.dsn, "DSN"),
            (self.starttls, "STARTTLS"),
        ];
        let keywords =
            flags.into_iter().filter(|(offered, _)| *offered).map(|(_, keyword)| keyword.to_owned());
        let auth = self.auth.names();
        let auth = (!auth.is_empty()).then(|| format!("AUTH {}", auth.join(" ")));
        size.into_iter().chain(keywords).chain(auth).collect()
    }

    // RFC 5321 4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param ); keywords are case-insensitive
    fn add(&mut self, line: &[u8]) {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
        match keyword.as_slice() {
            b"PIPELINING" => self.pipelining = true,
            b"8BITMIME" => self.eight_bit_mime = true,
            b"ENHANCEDSTATUSCODES" => self.enhanced_status_codes = true,
            b"SIZE" => self.size = size_limit(words.next()),
            b"SMTPUTF8" => self.smtputf8 = true,
            b"CHUNKING" => self.chunking = true,
            b"DSN" => self.dsn = true,
            b"STARTTLS" => self.starttls = true,
            b"AUTH" => self.auth = Mechanisms::read(words),
            _ => {}
        }
    }
}

// RFC 1870 3: no parameter, or 0, means that there is no fixed largest size. So does a number that is none.
fn size_limit(parameter: Option<&[u8]>) -> SizeLimit {
    match parameter.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()) {
        None | Some(0) => SizeLimit::Unlimited,
        Some(octets) => SizeLimit::Max(octets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let read = Extensions::from_reply(&Reply::new(250, None, text));
        assert_eq!(read.lines(), expected, "{text:?}");
        let again = Reply::new(
            250,
            None,
            &["mx.test".to_owned()].into_iter().chain(read.lines()).collect::<Vec<_>>().join("\n"),
        );
        assert_eq!(Extensions::from_reply(&again), read);
    }

    #[test]
    fn offers_are_read_in_any_case_and_order() {
        check("mx.test", &[]);
        check("PIPELINING\nSIZE", &["SIZE"]);
        check("hi\ndsn\nPipelining\n8bitmime  \nsize 1000", &["SIZE 1000", "PIPELINING", "8BITMIME", "DSN"]);
        check(
            "hi\nENHANCEDSTATUSCODES\nSMTPUTF8\nCHUNKING\nSTARTTLS",
            &["ENHANCEDSTATUSCODES", "SMTPUTF8", "CHUNKING", "STARTTLS"],
        );
        check("hi\nauth  CRAM-MD5 Login PLAIN\nX-MAGIC\n\nPIPELININGS", &["AUTH PLAIN LOGIN"]);
        check("hi\nAUTH LOGIN", &["AUTH LOGIN"]);
        check("hi\nAUTH\nAUTHENTIC PLAIN", &[]);
    }

    #[test]
    fn a_size_that_is_no_number_is_no_limit() {
        for (parameter, expected) in [
            ("", "SIZE"),
            (" 0", "SIZE"),
            (" many", "SIZE"),
            (" 99999999999999999999", "SIZE"),
            (" 1 2", "SIZE 1"),
        ] {
            check(&format!("hi\nSIZE{parameter}"), &[expected]);
        }
    }
}
