//! A return path for each recipient, and back: a bounce says by its address alone whom it is about.
//!
//! `bounces+3-17-TOKEN@news.example` is recipient 17 of mailing 3. The recipient stands in it as a number, because an address may
//! be longer than a local part; the token keeps others from telling us that somebody has bounced (backscatter).

use std::fmt;

use smtp::Address;

use crate::token::{Purpose, Secret, TOKEN_LETTERS};

/// Octets that a return path needs besides the base address: `+`, two numbers, two hyphens, the token.
const SUFFIX_BYTES: usize = 1 + 10 + 1 + 10 + 1 + TOKEN_LETTERS;

/// Makes return paths (variable envelope return paths, VERP) and reads them.
#[derive(Debug, Clone)]
pub struct ReturnPaths {
    base: Address,
    secret: Secret,
}

impl ReturnPaths {
    /// Return paths below `base`, which gets what they are about after a `+` (RFC 5233). `None` if the base's local part is
    /// quoted or not ASCII, or so long that it would not be one any more.
    pub fn new(base: Address, secret: Secret) -> Option<Self> {
        let room = smtp::limits::LOCAL_PART_BYTES - SUFFIX_BYTES;
        let domain_room = smtp::limits::ADDRESS_BYTES - smtp::limits::LOCAL_PART_BYTES - 1;
        let fits = base.local().len() <= room && base.domain().len() <= domain_room;
        let plain = base.is_ascii() && !base.local().starts_with('"');
        (fits && plain).then_some(Self { base, secret })
    }

    /// The address that all of them are below.
    pub const fn base(&self) -> &Address {
        &self.base
    }

    /// The return path of a recipient.
    pub fn of(&self, mailing: u32, recipient: u32) -> Address {
        let token = self.secret.token(Purpose::ReturnPath, mailing, recipient);
        let (local, domain) = (self.base.local(), self.base.domain());
        let text = format!("{local}+{mailing}-{recipient}-{token}@{domain}");
        Address::parse(&text).expect("the base leaves room for it")
    }

    /// The mailing and the recipient that a return path is of, whatever case it comes back in.
    pub fn read(&self, path: &Address) -> Result<(u32, u32), NotOurs> {
        let rest = self.detail(path).ok_or(NotOurs::OtherAddress)?;
        let mut parts = rest.splitn(3, '-');
        let mut number = || parts.next().and_then(number);
        let (mailing, recipient) = number().zip(number()).ok_or(NotOurs::OtherAddress)?;
        let token = parts.next().ok_or(NotOurs::OtherAddress)?;
        let ours = self.secret.is_token(token, Purpose::ReturnPath, mailing, recipient);
        if ours { Ok((mailing, recipient)) } else { Err(NotOurs::Forged { mailing, recipient }) }
    }

    /// What stands after the `+`, if the rest is the base address.
    fn detail<'a>(&self, path: &'a Address) -> Option<&'a str> {
        let base = self.base.local();
        let local = path.local();
        let is_base = local.get(..base.len())?.eq_ignore_ascii_case(base)
            && path.domain().eq_ignore_ascii_case(self.base.domain());
        local[base.len()..].strip_prefix('+').filter(|_| is_base)
    }
}

/// A number as [`ReturnPaths::of`] writes it: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Why an address is no return path of ours, or a link not one for leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOurs {
    /// It has not the form of one.
    OtherAddress,
    /// It has the form, but the token is not the one of this recipient: made by somebody else, or with another secret.
    Forged {
        /// The mailing that it claims to be of.
        mailing: u32,
        /// The recipient that it claims to be of.
        recipient: u32,
    },
}

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherAddress => f.write_str("this is none of ours"),
            Self::Forged { mailing, recipient } => {
                write!(f, "the token is not the one of recipient {recipient} of mailing {mailing}")
            }
        }
    }
}

impl std::error::Error for NotOurs {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(base: &str) -> Option<ReturnPaths> {
        ReturnPaths::new(Address::parse(base).unwrap(), Secret::new(b"a secret"))
    }

    fn read(path: &str) -> Result<(u32, u32), NotOurs> {
        paths("bounces@news.example").unwrap().read(&Address::parse(path).unwrap())
    }

    #[test]
    fn only_our_own_are_read() {
        let other = Err(NotOurs::OtherAddress);
        assert_eq!(read("bounces@news.example"), other);
        assert_eq!(read("bounces+1-2@news.example"), other);
        assert_eq!(read("bounces+1-02-aaaaaaaaaaaaaaaa@news.example"), other);
        assert_eq!(read("bounces+1-4294967296-aaaaaaaaaaaaaaaa@news.example"), other);
        assert_eq!(read("bounce+1-2-aaaaaaaaaaaaaaaa@news.example"), other);
        let forged = Err(NotOurs::Forged { mailing: 1, recipient: 2 });
        assert_eq!(read("bounces+1-2-aaaaaaaaaaaaaaaa@news.example"), forged);
        assert_eq!(read("bounces+1-2-a@news.example"), forged);
    }

    #[test]
    fn a_base_leaves_room_for_the_rest() {
        assert!(paths(&format!("{}@b.test", "x".repeat(25))).is_some());
        assert!(paths(&format!("{}@b.test", "x".repeat(26))).is_none());
        assert!(paths("\"a b\"@b.test").is_none());
        let beyond_ascii = Address::parse_utf8("\u{fc}@b.test").unwrap();
        assert!(ReturnPaths::new(beyond_ascii, Secret::new(b"a secret")).is_none());
    }

    proptest! {
        #[test]
        fn a_return_path_is_read_back(base in "[a-z+.]{1,25}", mailing: u32, recipient: u32, upper: bool) {
            let Ok(base) = Address::parse(&format!("{base}@{}.example", "n".repeat(60))) else { return Ok(()) };
            let paths = ReturnPaths::new(base, Secret::new(b"a secret")).unwrap();
            let path = paths.of(mailing, recipient);
            let came_back = if upper { path.as_str().to_uppercase() } else { path.as_str().to_lowercase() };
            prop_assert_eq!(paths.read(&Address::parse(&came_back).unwrap()), Ok((mailing, recipient)));
            let others = ReturnPaths::new(paths.base.clone(), Secret::new(b"another")).unwrap();
            prop_assert_eq!(others.read(&path), Err(NotOurs::Forged { mailing, recipient }));
        }

        #[test]
        fn any_address_is_read_without_a_panic(local in "bounces[+]?[-0-9a-z]{0,40}") {
            if let Ok(path) = Address::parse(&format!("{local}@news.example")) {
                let read = paths("bounces@news.example").unwrap().read(&path);
                prop_assert!(read.is_err(), "{path} was not made by us");
            }
        }
    }
}
