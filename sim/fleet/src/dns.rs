//! What the simulated DNS says about the domains of providers.
//!
//! Only what a sender asks: which hosts take the mail of a domain (RFC 5321 section 5.1, RFC 7505). Addresses are left
//! out, because hosts are dialled by name.

/// How the DNS answers for the domains of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dns {
    /// These MX records; at least one.
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

/// An answer of the DNS to the question which hosts take the mail of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsAnswer {
    /// These hosts, in any order; at least one.
    Mx(Vec<MxRecord>),
    /// No MX record, but the domain has an address: it is its own host.
    Implicit,
    /// The null MX.
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
    /// The hosts of a provider with these domains, lower case.
    pub(crate) fn hosts(&self, domains: &[String]) -> Vec<String> {
        match self {
            Self::Hosts(records) => records.iter().map(|record| record.host.to_ascii_lowercase()).collect(),
            Self::Implicit => domains.to_vec(),
            Self::Null | Self::NoSuchDomain | Self::ServerFailure => Vec::new(),
        }
    }

    /// The answer for any of the provider's domains.
    pub(crate) fn answer(&self) -> DnsAnswer {
        match self {
            Self::Hosts(records) => DnsAnswer::Mx(records.iter().map(MxRecord::in_lower_case).collect()),
            Self::Implicit => DnsAnswer::Implicit,
            Self::Null => DnsAnswer::Null,
            Self::NoSuchDomain => DnsAnswer::NoSuchDomain,
            Self::ServerFailure => DnsAnswer::ServerFailure,
        }
    }
}

impl MxRecord {
    fn in_lower_case(&self) -> Self {
        Self { preference: self.preference, host: self.host.to_ascii_lowercase() }
    }
}
