//! What the simulated DNS says about the domains of providers.
//!
//! Only what a sender asks: which hosts take the mail of a domain (RFC 5321 section 5.1, RFC 7505), how long that may be kept,
//! and what the domain publishes about TLS (RFC 8461, RFC 7672). Addresses are left out, because hosts are dialled by name.

use std::fmt::Write as _;
use std::time::Duration;

use crate::provider::Active;

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
    /// The domain exists, but has neither MX records nor an address.
    NoData,
    /// The name server fails.
    ServerFailure,
    /// The signatures of the answer are wrong, and the resolver, which checks them, says so by failing (RFC 4035 4.7,
    /// RFC 8914 4.7).
    Bogus,
    /// The name server does not want to answer.
    Refused,
    /// Nobody answers.
    TimeOut,
}

/// An MX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxRecord {
    /// The lower, the more preferred.
    pub preference: u16,
    /// The host; in answers, lower case.
    pub host: String,
}

/// What a behaviour has to say about domains; nothing about what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saying {
    /// The answer.
    pub answer: Option<Dns>,
    /// The domains are aliases (CNAME) of this name, which has their records.
    pub alias: Option<String>,
    /// How long the answer may be kept.
    pub ttl: Option<Duration>,
    /// How long the answer takes.
    pub delay: Option<Duration>,
    /// What the domains publish about TLS.
    pub mta_sts: Option<StsPolicy>,
    /// The certificates that the hosts are said to have.
    pub tlsa: Option<Tlsa>,
}

/// What came of asking which hosts take the mail of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The answer.
    pub answer: Dns,
    /// The domain is an alias of this name.
    pub alias: Option<String>,
    /// How long it may be kept; `None` if nobody wrote it.
    pub ttl: Option<Duration>,
    /// How long it takes.
    pub delay: Duration,
    /// What the domain publishes about TLS; `None` if nothing.
    pub mta_sts: Option<StsPolicy>,
    /// The certificates that its hosts are said to have; `None` if nothing is said.
    pub tlsa: Option<Tlsa>,
}

/// A policy that a domain publishes (MTA-STS, RFC 8461).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StsPolicy {
    /// What is to be done about hosts that do not comply.
    pub mode: StsMode,
    /// The hosts that it admits, which may begin with `*.`; `None` for those that the DNS names.
    pub hosts: Option<Vec<String>>,
    /// How long it may be kept.
    pub max_age: Duration,
}

/// What is to be done about hosts that do not comply with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StsMode {
    /// No mail may go to them.
    Enforce,
    /// They are to be reported.
    Testing,
    /// Nothing: there is no policy any more.
    None,
}

/// TLSA records of hosts (RFC 6698), as data: whether mail goes by them is the client's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tlsa {
    /// They are those of the certificates that the hosts show.
    Matching,
    /// They are those of others.
    Other,
}

impl StsMode {
    /// All of them, by how policies and scenarios write them.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("enforce", Self::Enforce), ("testing", Self::Testing), ("none", Self::None)];
}

impl StsPolicy {
    /// The policy as it is published (RFC 8461 3.2), for a domain with these hosts.
    pub fn page(&self, hosts: &[String]) -> String {
        let mode =
            StsMode::WORDS.iter().find(|(_, mode)| *mode == self.mode).map_or("none", |(word, _)| word);
        let mut page = format!("version: STSv1\r\nmode: {mode}\r\nmax_age: {}\r\n", self.max_age.as_secs());
        for host in self.hosts.as_deref().unwrap_or(hosts) {
            let _ = write!(page, "mx: {host}\r\n");
        }
        page
    }
}

impl Lookup {
    /// What nobody has changed, as it was from the beginning.
    pub(crate) const fn of(answer: Dns) -> Self {
        Self { answer, alias: None, ttl: None, delay: Duration::ZERO, mta_sts: None, tlsa: None }
    }

    /// The hosts of `domain`, as the answer has them.
    pub fn hosts(&self, domain: &str) -> Vec<String> {
        self.answer.hosts(&[domain.to_owned()])
    }
}

impl Saying {
    /// Whether it has something to say about what `said` leaves open, which it adds.
    pub(crate) fn add_to(&self, said: &mut Self) -> bool {
        let mut is_heard = false;
        let mut add = |is_new: bool| is_heard |= is_new;
        add(fill(&mut said.answer, self.answer.as_ref()));
        add(fill(&mut said.alias, self.alias.as_ref()));
        add(fill(&mut said.ttl, self.ttl.as_ref()));
        add(fill(&mut said.delay, self.delay.as_ref()));
        add(fill(&mut said.mta_sts, self.mta_sts.as_ref()));
        add(fill(&mut said.tlsa, self.tlsa.as_ref()));
        is_heard
    }

    /// The answer to a question about a domain of which the DNS would say `standing` otherwise.
    pub(crate) fn into_lookup(self, standing: &Dns) -> Lookup {
        Lookup {
            answer: self.answer.unwrap_or_else(|| standing.clone()),
            alias: self.alias,
            ttl: self.ttl,
            delay: self.delay.unwrap_or_default(),
            mta_sts: self.mta_sts,
            tlsa: self.tlsa,
        }
    }
}

/// Fills what is open with what there is. Tells whether it did.
fn fill<T: Clone>(open: &mut Option<T>, with: Option<&T>) -> bool {
    let fills = open.is_none() && with.is_some();
    if fills {
        *open = with.cloned();
    }
    fills
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
    pub fn hosts(&self, domains: &[String]) -> Vec<String> {
        match self {
            Self::Hosts(records) => records.iter().map(|record| record.host.clone()).collect(),
            Self::Implicit => domains.to_vec(),
            Self::Null
            | Self::NoSuchDomain
            | Self::NoData
            | Self::ServerFailure
            | Self::Bogus
            | Self::Refused
            | Self::TimeOut => Vec::new(),
        }
    }
}

/// The hosts of a provider with these domains, of which the DNS says `dns` at first and its behaviours say something else
/// later: those of the beginning, then those that come, each once, in the order of the file.
pub fn hosts(dns: &Dns, domains: &[String], behaviours: &[Active]) -> Vec<String> {
    let mut hosts = dns.hosts(domains);
    for active in behaviours.iter().rev() {
        let Some(answer) = active.behaviour.dns().and_then(|saying| saying.answer.as_ref()) else { continue };
        let concerned = active.domain.as_ref().map_or_else(|| domains.to_vec(), |one| vec![one.clone()]);
        for host in answer.hosts(&concerned) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}
