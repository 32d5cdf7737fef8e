//! The DNS, asked over the network.
//!
//! hickory-resolver does the asking; this file says whom, how long, and what an answer means for mail. Nothing is cached
//! (its cache runs on real time, and policy keeps what it was told as long as it wants), and no hosts file is read, so
//! that the name server that was chosen has the only word.
//!
//! RFC 5321 5.1 (mail exchangers), RFC 7505 (null MX), RFC 2308 (no such name, no such record).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use engine::clock::Clock;
use engine::port::Later;
use hickory_proto::rr::rdata::MX;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use policy::route::MxAnswer;
use smtp::Domain;
use tokio::sync::Semaphore;

use crate::dial::Addresses;

/// Most mail exchangers that a domain may have; of more, the most preferred ones. Nobody publishes more than a dozen.
const EXCHANGERS: usize = 32;

/// Most questions that are open at a time, so that a mailing to ten thousand domains does not drown its name server, and
/// does not run out of ports.
const QUESTIONS_AT_A_TIME: usize = 32;

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameServer {
    /// Whom the system asks (`/etc/resolv.conf`).
    System,
    /// This one, over UDP, and over TCP where an answer is too long for that.
    At(SocketAddr),
}

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DnsLimits {
    /// For one question to one name server; it is asked twice.
    pub question: Duration,
    /// For a whole look-up, however many questions that takes. The time that it waits for its turn does not count.
    pub lookup: Duration,
}

impl DnsLimits {
    /// Five seconds, as resolvers usually wait (RFC 1035 7.2 leaves it open), and thirty in all.
    pub const USUAL: Self = Self { question: Duration::from_secs(5), lookup: Duration::from_secs(30) };
}

/// Asks name servers.
pub struct DnsResolver {
    resolver: TokioResolver,
    turns: Semaphore,
    clock: Clock,
    limit: Duration,
}

/// The mail exchangers of a domain, as the DNS has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchangers {
    /// Which they are.
    pub hosts: MxAnswer,
    /// How long that may be kept: the shortest TTL of the records; `None` if there are none.
    pub fresh_for: Option<Duration>,
}

/// What a question came to.
enum Answer<T> {
    /// These, which may be kept so long.
    Records(Vec<T>, Duration),
    /// The name exists, but has no such record.
    NoRecords,
    NoSuchName,
    Failed,
}

/// The name server failed, or did not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupFailed;

impl DnsResolver {
    /// A resolver that asks this name server. Needs a tokio runtime with both drivers around it when it is asked.
    ///
    /// # Errors
    /// The system's configuration cannot be read.
    pub fn new(server: NameServer, limits: DnsLimits, clock: Clock) -> Result<Self, NoNameServer> {
        let mut builder = match server {
            NameServer::System => {
                TokioResolver::builder_tokio().map_err(|error| NoNameServer::from(&error))?
            }
            NameServer::At(address) => {
                TokioResolver::builder_with_config(only(address), TokioRuntimeProvider::default())
            }
        };
        limit(builder.options_mut(), limits);
        let resolver = builder.build().map_err(|error| NoNameServer::from(&error))?;
        Ok(Self { resolver, turns: Semaphore::new(QUESTIONS_AT_A_TIME), clock, limit: limits.lookup })
    }

    /// The mail exchangers of `domain`.
    pub async fn mx(&self, domain: &Domain) -> Exchangers {
        match self.ask(domain.as_str(), RecordType::MX, exchanger).await {
            Answer::Records(records, ttl) => Exchangers { hosts: exchangers(&records), fresh_for: Some(ttl) },
            Answer::NoRecords => self.implicit(domain).await,
            Answer::NoSuchName => MxAnswer::NoSuchDomain.into(),
            Answer::Failed => MxAnswer::Failed.into(),
        }
    }

    /// The texts of `name`, each put together from its parts (RFC 7208 3.3); none if there are none.
    ///
    /// # Errors
    /// Nobody could say.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, LookupFailed> {
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.ask(name, RecordType::TXT, text).await.records()
    }

    /// RFC 5321 5.1: without an MX record, a domain that has an address is its own mail exchanger. One that has neither
    /// takes no mail, and will not before somebody changes that; so it counts as one that does not exist.
    async fn implicit(&self, domain: &Domain) -> Exchangers {
        match self.addresses(domain).await {
            Ok(addresses) if addresses.is_empty() => MxAnswer::NoSuchDomain,
            Ok(_) => MxAnswer::Implicit,
            Err(LookupFailed) => MxAnswer::Failed,
        }
        .into()
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        // The dot at the end keeps the system's search list out of it.
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return Answer::NoSuchName };
        // The semaphore is never closed.
        let Ok(_turn) = self.turns.acquire().await else { return Answer::Failed };
        let timer = self.clock.timer();
        match timer.limit(self.clock.now() + self.limit, self.resolver.lookup(name, kind)).await {
            Ok(Ok(found)) => {
                let records: Vec<T> =
                    found.answers().iter().filter_map(|record| read(&record.data)).collect();
                // An alias on the way may be kept no longer than it says, either.
                let ttl = found.answers().iter().map(|record| record.ttl).min().unwrap_or(0);
                if records.is_empty() {
                    Answer::NoRecords
                } else {
                    Answer::Records(records, Duration::from_secs(u64::from(ttl)))
                }
            }
            Ok(Err(error)) if error.is_nx_domain() => Answer::NoSuchName,
            Ok(Err(NetError::Dns(DnsError::NoRecordsFound(_)))) => Answer::NoRecords,
            Ok(Err(_)) | Err(_) => Answer::Failed,
        }
    }
}

impl Addresses for DnsResolver {
    fn addresses<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Vec<IpAddr>, LookupFailed>> {
        let address = |data: &RData| match data {
            RData::A(address) => Some(IpAddr::from(address.0)),
            RData::AAAA(address) => Some(IpAddr::from(address.0)),
            _ => None,
        };
        Box::pin(async move {
            let v6 = self.ask(host.as_str(), RecordType::AAAA, address).await.records();
            let v4 = self.ask(host.as_str(), RecordType::A, address).await.records();
            match (v6, v4) {
                (Ok(v6), Ok(v4)) => Ok([v6, v4].concat()),
                // What is known will do.
                (Ok(known), Err(_)) | (Err(_), Ok(known)) if !known.is_empty() => Ok(known),
                (Ok(_) | Err(_), Err(_)) | (Err(_), Ok(_)) => Err(LookupFailed),
            }
        })
    }
}

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsResolver").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl From<MxAnswer> for Exchangers {
    /// An answer of which nobody says how long it may be kept.
    fn from(hosts: MxAnswer) -> Self {
        Self { hosts, fresh_for: None }
    }
}

impl<T> Answer<T> {
    fn records(self) -> Result<Vec<T>, LookupFailed> {
        match self {
            Self::Records(records, _) => Ok(records),
            Self::NoRecords | Self::NoSuchName => Ok(Vec::new()),
            Self::Failed => Err(LookupFailed),
        }
    }
}

fn only(address: SocketAddr) -> ResolverConfig {
    let mut ways = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    ways.iter_mut().for_each(|way| way.port = address.port());
    ResolverConfig::from_parts(None, Vec::new(), vec![NameServerConfig::new(address.ip(), true, ways)])
}

fn limit(options: &mut ResolverOpts, limits: DnsLimits) {
    options.timeout = limits.question;
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
}

fn exchanger(data: &RData) -> Option<MX> {
    match data {
        RData::MX(record) => Some(record.clone()),
        _ => None,
    }
}

/// What the MX records of a domain say. Names that no host can have are left out.
fn exchangers(records: &[MX]) -> MxAnswer {
    // RFC 7505 3: a single record whose exchanger is the root. Beside others the root is only a name that no host has.
    if let [record] = records
        && record.exchange.is_root()
    {
        return MxAnswer::Null;
    }
    let host = |record: &MX| {
        let name = record.exchange.to_ascii();
        Some((record.preference, Domain::parse(name.trim_end_matches('.')).ok()?))
    };
    let mut hosts: Vec<(u16, Domain)> = records.iter().filter_map(host).collect();
    hosts.sort();
    hosts.truncate(EXCHANGERS);
    if hosts.is_empty() { MxAnswer::Failed } else { MxAnswer::Hosts(hosts) }
}

/// The system does not say which name servers it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoNameServer {
    why: String,
}

impl From<&NetError> for NoNameServer {
    fn from(error: &NetError) -> Self {
        Self { why: error.to_string() }
    }
}

impl fmt::Display for NoNameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system does not say which name server to ask: {}", self.why)
    }
}

impl std::error::Error for NoNameServer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(texts: &[(u16, &str)]) -> MxAnswer {
        let record =
            |(preference, name): &(u16, &str)| MX::new(*preference, Name::from_ascii(name).expect("a name"));
        exchangers(&texts.iter().map(record).collect::<Vec<_>>())
    }

    fn hosts(texts: &[(u16, &str)]) -> MxAnswer {
        MxAnswer::Hosts(
            texts.iter().map(|(rank, name)| (*rank, Domain::parse(name).expect("a domain"))).collect(),
        )
    }

    #[test]
    fn mx_records_are_read_as_mail_reads_them() {
        assert_eq!(records(&[(20, "b.test."), (10, "A.test.")]), hosts(&[(10, "a.test"), (20, "b.test")]));
        assert_eq!(records(&[(0, ".")]), MxAnswer::Null);
        assert_eq!(records(&[(0, "."), (5, "a.test.")]), hosts(&[(5, "a.test")]));
        assert_eq!(records(&[(0, "."), (5, ".")]), MxAnswer::Failed);
        assert_eq!(records(&[(5, "mx_1.a.test.")]), MxAnswer::Failed);
        let many: Vec<(u16, String)> = (0..1000).map(|n| (1000 - n, format!("m{n}.test."))).collect();
        let many: Vec<(u16, &str)> = many.iter().map(|(rank, name)| (*rank, name.as_str())).collect();
        let MxAnswer::Hosts(kept) = records(&many) else { panic!("there are hosts") };
        assert_eq!((kept.len(), kept[0].0), (EXCHANGERS, 1));
    }
}
