//! Who the mail comes from: what the world can look up about the sender, and how a mailing's message is made.
//!
//! A file of its own beside the model, because both are about the sender's side: everything else in a scenario is about
//! those who receive.

use std::net::{IpAddr, Ipv4Addr};

use crate::{Place, Placed};

/// The sender, as the providers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The domain of return paths and of the usual author, lower case.
    pub domain: Placed<String>,
    /// What the engine calls itself in EHLO, lower case.
    pub ehlo: String,
    /// The address that its connections come from.
    pub address: IpAddr,
    /// The name that its address is mapped to (PTR); `None` for no such record.
    pub ptr: Option<String>,
    /// The address that the EHLO name is mapped to; `None` for no such record.
    pub forward: Option<IpAddr>,
    /// The SPF record of the domain (RFC 7208); `None` for no such record.
    pub spf: Option<String>,
    /// The DKIM key; `None` for no key.
    pub dkim: Option<Dkim>,
    /// The DMARC record of the domain; `None` for no such record.
    pub dmarc: Option<String>,
    /// Whatever else the DNS knows.
    pub records: Vec<Record>,
}

/// A key that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// What kind of key it is.
    pub key: DkimKey,
    /// The name of the key below the signing domain.
    pub selector: String,
    /// The domain that signs (`d=`), lower case.
    pub domain: String,
    /// What is wrong with it.
    pub fault: Option<DkimFault>,
}

/// The kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DkimKey {
    /// RSA with 2048 bits.
    Rsa,
    /// Ed25519 (RFC 8463).
    Ed25519,
}

/// What can be wrong with signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DkimFault {
    /// The published key is another one.
    WrongKey,
    /// No key is published.
    NoRecord,
    /// The key is withdrawn: its record is there and has no key in it (RFC 6376 3.6.1).
    Revoked,
    /// Something adds a line to each message after it was signed.
    BodyChanged,
}

/// A record of the DNS beside those that have a key of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose record it is, lower case.
    pub name: String,
    /// What it says.
    pub data: RecordData,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordData {
    /// A text.
    Txt(String),
    /// Addresses; A or AAAA records.
    Addresses(Vec<IpAddr>),
    /// Mail exchangers, most preferred first.
    Mx(Vec<String>),
}

/// How the message of a mailing is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// Whom it is from (RFC 5322 3.6.2); `None` for `news@` and the sender's domain.
    pub from: Option<Placed<String>>,
    /// What it says before the text that fills it up to its size; may be empty.
    pub text: String,
    /// Whether it is signed.
    pub dkim: Signing,
    /// How a recipient leaves.
    pub unsubscribe: Unsubscribe,
    /// Where bounces go.
    pub return_path: ReturnPath,
}

impl Content {
    /// Whether each recipient gets a message of its own.
    pub fn is_personal(&self) -> bool {
        self.dkim != Signing::None
            || self.unsubscribe != Unsubscribe::None
            || self.return_path != ReturnPath::Shared
    }
}

/// Whether messages are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signing {
    /// They are not.
    #[default]
    None,
    /// With the sender's key.
    Sign,
}

/// The ways to leave that messages offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsubscribe {
    /// None.
    #[default]
    None,
    /// An address and no link (RFC 2369).
    Mailto,
    /// A link for one click, and an address (RFC 8058).
    OneClick,
}

/// Where bounces go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReturnPath {
    /// To one address for the whole mailing.
    #[default]
    Shared,
    /// To an address for each recipient.
    PerRecipient,
}

impl Sender {
    /// The address that connections come from unless a scenario says otherwise: one that is reserved for examples
    /// (RFC 5737).
    pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

    /// The sender of scenarios that do not say who sends: everything is as it should be. `place` is blamed for what it says.
    pub fn usual(place: Place) -> Self {
        Self::of(Placed { value: "sender.example".to_owned(), place }, Self::ADDRESS, None)
    }

    /// A sender for whom everything is as it should be. Without an EHLO name it is `mta.` and the domain.
    pub fn of(domain: Placed<String>, address: IpAddr, ehlo: Option<String>) -> Self {
        let family = if address.is_ipv4() { "ip4" } else { "ip6" };
        let ehlo = ehlo.unwrap_or_else(|| format!("mta.{}", domain.value));
        Self {
            address,
            ptr: Some(ehlo.clone()),
            forward: Some(address),
            spf: Some(format!("v=spf1 {family}:{address} -all")),
            dkim: Some(Dkim::of(&domain.value, DkimKey::Rsa)),
            dmarc: Some("v=DMARC1; p=reject".to_owned()),
            records: Vec::new(),
            ehlo,
            domain,
        }
    }
}

impl Dkim {
    /// A key that `domain` signs with, and nothing wrong with it.
    pub fn of(domain: &str, key: DkimKey) -> Self {
        Self { key, selector: "s1".to_owned(), domain: domain.to_owned(), fault: None }
    }
}
