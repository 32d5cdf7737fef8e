//! What the name server knows: a table of names, made once when the doors are bound.
//!
//! RFC 1034 4.3.2 (name errors and missing data), RFC 2308 2 (both come with an SOA), RFC 5321 5.1 (MX and implicit MX),
//! RFC 7505 3 (null MX).

use std::collections::BTreeMap;
use std::net::IpAddr;

use fleet::Dns;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{MX, SOA};
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};

use crate::{Names, Place, Route};

/// How long an answer may be kept, in seconds: short, because ports and scenarios change with every start.
const TTL: u32 = 10;

/// A table of names, all in lower case and without the dot at the end.
#[derive(Debug)]
pub(crate) struct Zone {
    domains: BTreeMap<String, Dns>,
    hosts: BTreeMap<String, IpAddr>,
    names: Names,
}

/// Records that answer a question.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) answers: Vec<Record>,
    /// The SOA that comes with the news that there is nothing.
    pub(crate) authority: Vec<Record>,
    pub(crate) additional: Vec<Record>,
}

impl Zone {
    pub(crate) fn of(domains: &BTreeMap<String, Dns>, places: &[Place], names: Names) -> Self {
        let hosts = places.iter().map(|place| (place.host.clone(), place.address.ip())).collect();
        Self { domains: domains.clone(), hosts, names }
    }

    /// The domains that take mail.
    pub(crate) fn routes(&self) -> Vec<Route> {
        let hosts = |domain: &str, dns: &Dns| match dns {
            Dns::Hosts(records) => {
                let mut records = records.clone();
                records.sort_by_key(|record| record.preference);
                records.into_iter().map(|record| record.host).collect()
            }
            Dns::Implicit => vec![domain.to_owned()],
            Dns::Null | Dns::NoSuchDomain | Dns::ServerFailure => Vec::new(),
        };
        let route =
            |(domain, dns): (&String, &Dns)| Route { domain: domain.clone(), hosts: hosts(domain, dns) };
        self.domains.iter().map(route).filter(|route| !route.hosts.is_empty()).collect()
    }

    /// Answers a question.
    pub(crate) fn find(&self, asked: &LowerName, kind: RecordType) -> (ResponseCode, Found) {
        let owner = Name::from(asked.clone());
        let text = owner.to_ascii().to_ascii_lowercase();
        let name = text.trim_end_matches('.');
        let dns = self.domain(name);
        match dns {
            Some(Dns::ServerFailure) => return (ResponseCode::ServFail, Found::default()),
            Some(Dns::NoSuchDomain) => return (ResponseCode::NXDomain, nothing()),
            Some(Dns::Hosts(_) | Dns::Implicit | Dns::Null) | None => {}
        }
        let found = self.records(&owner, name, dns, kind);
        if !found.answers.is_empty() {
            (ResponseCode::NoError, found)
        } else if dns.is_some() || self.exists(name) {
            (ResponseCode::NoError, nothing())
        } else {
            (ResponseCode::NXDomain, nothing())
        }
    }

    fn records(&self, owner: &Name, name: &str, dns: Option<&Dns>, kind: RecordType) -> Found {
        let record = |data| Record::from_rdata(owner.clone(), TTL, data);
        let mut found = Found::default();
        match (kind, dns) {
            (RecordType::MX, Some(Dns::Hosts(records))) => {
                for mx in records {
                    let Ok(host) = Name::from_ascii(format!("{}.", mx.host)) else { continue };
                    found.additional.extend(self.address(&host, &mx.host));
                    found.answers.push(record(RData::MX(MX::new(mx.preference, host))));
                }
            }
            (RecordType::MX, Some(Dns::Null)) => {
                found.answers.push(record(RData::MX(MX::new(0, Name::root()))));
            }
            (RecordType::A | RecordType::AAAA, _) => {
                found.answers.extend(self.address(owner, name).filter(|one| one.record_type() == kind));
            }
            _ => {}
        }
        found
    }

    fn address(&self, owner: &Name, host: &str) -> Option<Record> {
        let data = match self.hosts.get(host)? {
            IpAddr::V4(address) => RData::A((*address).into()),
            IpAddr::V6(address) => RData::AAAA((*address).into()),
        };
        Some(Record::from_rdata(owner.clone(), TTL, data))
    }

    /// What is known of a domain, or, where that counts, of the one that it is below. Hosts are no domains by that.
    fn domain(&self, name: &str) -> Option<&Dns> {
        let own = self.domains.get(name);
        match self.names {
            Names::Listed => own,
            Names::Below if self.hosts.contains_key(name) => own,
            Names::Below => own.or_else(|| {
                let above = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
                above.filter_map(|above| self.domains.get(above)).next()
            }),
        }
    }

    /// Whether there is anything at this name or below it (RFC 8020 2).
    fn exists(&self, name: &str) -> bool {
        let below = |known: &String| {
            known.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.hosts.keys().any(below) || self.domains.keys().any(below)
    }
}

/// There is nothing, and that may be kept no longer than an answer.
fn nothing() -> Found {
    let contact = Name::from_ascii("hostmaster.invalid.").unwrap_or_else(|_| Name::root());
    let soa = SOA::new(Name::root(), contact, 1, 60, 60, 600, TTL);
    let authority = vec![Record::from_rdata(Name::root(), TTL, RData::SOA(soa))];
    Found { authority, ..Found::default() }
}
