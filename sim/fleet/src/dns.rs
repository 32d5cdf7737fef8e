//! What the simulated DNS says about the domains of providers.
//!
//! Only what a sender asks: which hosts take the mail of a domain (RFC 5321 section 5.1, RFC 7505). Addresses are left
//! out, because hosts are dialled by name.

/// How the DNS answers when asked which hosts take the mail of a provider's domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dns {
    /// These MX records, in any order; at least one.
    Hosts(Vec<MxRecord>),
    /// No MX record, but an address record of each domain itself: the domain is its own host.
    Implicit,
    /// The null MX: the domain takes no mail (RFC 7505).
    Null,
    /// The domain does not exist.
    NoSuchDomain,
    /// The name server fails.
    ServerFailure,
}

/// An MX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxRecord {
    /// The lower, the more preferred.
    pub preference: u16,
    /// The host; in answers, lower case.
    pub host: String,
}

impl Dns {
    /// The same, with hosts as they are looked up: in lower case.
    pub(crate) fn in_lower_case(mut self) -> Self {
        if let Self::Hosts(records) = &mut self {
            records.iter_mut().for_each(|record| record.host.make_ascii_lowercase());
        }
        self
    }

    /// The hosts of a provider with these domains.
    pub(crate) fn hosts(&self, domains: &[String]) -> Vec<String> {
        match self {
            Self::Hosts(records) => records.iter().map(|record| record.host.clone()).collect(),
            Self::Implicit => domains.to_vec(),
            Self::Null | Self::NoSuchDomain | Self::ServerFailure => Vec::new(),
        }
    }
}
