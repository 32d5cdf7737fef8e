//! What the name server knows: the names of the fleet, and what the fleet says about each of them at the moment.
//!
//! RFC 1034 4.3.2 (name errors and missing data), RFC 2308 2 (both come with an SOA), RFC 5321 5.1 (MX and implicit MX),
//! RFC 7505 3 (null MX), RFC 1034 3.6.2 (aliases), RFC 8461 3.1 (announcements of policies), RFC 6698 3 (names of TLSA records).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use fleet::{Dns, Lookup, Tlsa};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{CNAME, MX, SOA, TLSA, TXT};
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};
use units::Draw;

use crate::hall::Hall;
use crate::{Names, Place, Route};

/// How long an answer may be kept, in seconds, if nobody wrote it: short, because ports and scenarios change with every start.
const TTL: u32 = 10;

/// The extended error of signatures that are wrong.
// RFC 8914 4.7: Extended DNS Error Code 6 - DNSSEC Bogus
const DNSSEC_BOGUS: u16 = 6;

/// Before the domain whose policy it announces.
const ANNOUNCES: &str = "_mta-sts.";

/// Before the host whose certificate it tells of.
const CERTIFIES: &str = "_25._tcp.";

/// The names, all in lower case and without the dot at the end.
#[derive(Debug)]
pub(crate) struct Zone {
    domains: BTreeSet<String>,
    hosts: BTreeMap<String, IpAddr>,
    names: Names,
}

/// What there is to say to a question.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) code: ResponseCode,
    /// The extended error.
    pub(crate) extended: Option<u16>,
    pub(crate) answers: Vec<Record>,
    /// The SOA that comes with the news that there is nothing.
    pub(crate) authority: Vec<Record>,
    pub(crate) additional: Vec<Record>,
}

/// A domain that was asked about, or what belongs to one.
struct Subject {
    /// The domain of the fleet.
    domain: String,
    said: Lookup,
}

impl Found {
    /// A code alone.
    pub(crate) fn only(code: ResponseCode) -> Self {
        Self { code, ..Self::default() }
    }
}

impl Zone {
    pub(crate) fn of(domains: &BTreeMap<String, Dns>, places: &[Place], names: Names) -> Self {
        let hosts = places.iter().map(|place| (place.host.clone(), place.address.ip())).collect();
        Self { domains: domains.keys().cloned().collect(), hosts, names }
    }

    /// The domains that take mail at the moment.
    pub(crate) fn routes(&self, hall: &Hall) -> Vec<Route> {
        let hosts = |domain: &str| match self.ask(hall, domain).answer {
            Dns::Hosts(mut records) => {
                records.sort_by_key(|record| record.preference);
                records.into_iter().map(|record| record.host).collect()
            }
            other => other.hosts(&[domain.to_owned()]),
        };
        let route = |domain: &String| Route { domain: domain.clone(), hosts: hosts(domain) };
        self.domains.iter().map(route).filter(|route| !route.hosts.is_empty()).collect()
    }

    /// Answers a question, and how long that takes; nothing if nobody answers.
    pub(crate) fn find(&self, hall: &Hall, asked: &LowerName, kind: RecordType) -> Option<(Found, Duration)> {
        let owner = Name::from(asked.clone());
        let text = owner.to_ascii().to_ascii_lowercase();
        let name = text.trim_end_matches('.');
        let subject = self.subject(hall, name);
        let delay = subject.as_ref().map_or(Duration::ZERO, |subject| subject.said.delay);
        let found = match subject.as_ref().map(|subject| &subject.said.answer) {
            Some(Dns::TimeOut) => return None,
            Some(Dns::ServerFailure) => Found::only(ResponseCode::ServFail),
            Some(Dns::Bogus) => Found { extended: Some(DNSSEC_BOGUS), ..Found::only(ResponseCode::ServFail) },
            Some(Dns::Refused) => Found::only(ResponseCode::Refused),
            Some(Dns::Hosts(_) | Dns::Implicit | Dns::Null | Dns::NoData | Dns::NoSuchDomain) | None => {
                self.answer(hall, &owner, name, subject.as_ref(), kind)
            }
        };
        Some((found, delay))
    }

    /// An answer from somebody who is willing to give one.
    fn answer(
        &self,
        hall: &Hall,
        owner: &Name,
        name: &str,
        subject: Option<&Subject>,
        kind: RecordType,
    ) -> Found {
        let ttl = subject.and_then(|subject| subject.said.ttl).map_or(TTL, seconds);
        let mut found = Found::default();
        let (mut owner, mut asked) = (owner.clone(), name.to_owned());
        if let Some(target) = subject.and_then(|subject| subject.alias_of(name))
            && let Ok(to) = Name::from_ascii(format!("{target}."))
        {
            found.answers.push(Record::from_rdata(owner, ttl, RData::CNAME(CNAME(to.clone()))));
            if kind == RecordType::CNAME {
                return found;
            }
            (owner, asked) = (to, target);
        }
        let exists = match subject.map(|subject| &subject.said.answer) {
            Some(Dns::NoSuchDomain) => false,
            Some(_) => true,
            None => self.exists(name),
        };
        if exists {
            self.add(hall, &mut found, &owner, ttl, &asked, subject, kind);
        }
        if found.answers.iter().all(|record| record.record_type() != kind) {
            found.authority = nothing(ttl);
        }
        let is_known = exists && (!is_special(name) || !found.answers.is_empty());
        found.code = if is_known { ResponseCode::NoError } else { ResponseCode::NXDomain };
        found
    }

    #[expect(clippy::too_many_arguments, reason = "a question has so many parts")]
    fn add(
        &self,
        hall: &Hall,
        found: &mut Found,
        owner: &Name,
        ttl: u32,
        name: &str,
        subject: Option<&Subject>,
        kind: RecordType,
    ) {
        let record = |data| Record::from_rdata(owner.clone(), ttl, data);
        match (kind, subject) {
            (RecordType::MX, Some(subject)) if !is_special(name) => match &subject.said.answer {
                Dns::Hosts(records) => {
                    for mx in records {
                        let Ok(host) = Name::from_ascii(format!("{}.", mx.host)) else { continue };
                        found.additional.extend(self.address(&host, ttl, &mx.host));
                        found.answers.push(record(RData::MX(MX::new(mx.preference, host))));
                    }
                }
                Dns::Null => found.answers.push(record(RData::MX(MX::new(0, Name::root())))),
                _ => {}
            },
            (RecordType::TXT, Some(subject)) if name.starts_with(ANNOUNCES) => {
                found
                    .answers
                    .extend(subject.announcement().map(|text| record(RData::TXT(TXT::new(vec![text])))));
            }
            (RecordType::TLSA, Some(subject)) => {
                found.answers.extend(subject.certificate(hall, name).map(|data| record(RData::TLSA(data))));
            }
            (RecordType::A | RecordType::AAAA, subject) => {
                // What an alias stands for has the address of the domain, if the domain is its own host.
                let domain = subject.map_or(name, |subject| &subject.domain);
                let is_own = subject.is_none_or(|subject| subject.said.answer == Dns::Implicit);
                let place = if self.hosts.contains_key(name) { Some(name) } else { is_own.then_some(domain) };
                let address = place.and_then(|place| self.address(owner, ttl, place));
                found.answers.extend(address.filter(|one| one.record_type() == kind));
            }
            _ => {}
        }
    }

    fn address(&self, owner: &Name, ttl: u32, host: &str) -> Option<Record> {
        let data = match self.hosts.get(host)? {
            IpAddr::V4(address) => RData::A((*address).into()),
            IpAddr::V6(address) => RData::AAAA((*address).into()),
        };
        Some(Record::from_rdata(owner.clone(), ttl, data))
    }

    fn ask(&self, hall: &Hall, domain: &str) -> Lookup {
        hall.fleet(|fleet| fleet.mx(domain, hall.clock.now()))
    }

    /// What a question is about; nothing if it is about no domain.
    fn subject(&self, hall: &Hall, name: &str) -> Option<Subject> {
        if let Some(host) = name.strip_prefix(CERTIFIES) {
            return self.served_by(hall, |domain, said| said.hosts(domain).iter().any(|one| one == host));
        }
        let domain = self.domain(name.strip_prefix(ANNOUNCES).unwrap_or(name));
        match domain {
            Some(domain) => Some(Subject { domain: domain.to_owned(), said: self.ask(hall, domain) }),
            None if self.hosts.contains_key(name) => None,
            None => self.served_by(hall, |_, said| said.alias.as_deref() == Some(name)),
        }
    }

    /// The first domain of which this is true.
    fn served_by(&self, hall: &Hall, is_meant: impl Fn(&str, &Lookup) -> bool) -> Option<Subject> {
        let subject = |domain: &String| Subject { domain: domain.clone(), said: self.ask(hall, domain) };
        self.domains.iter().map(subject).find(|subject| is_meant(&subject.domain, &subject.said))
    }

    /// What is known of a domain, or, where that counts, of the one that it is below. Hosts are no domains by that.
    fn domain(&self, name: &str) -> Option<&str> {
        let own = self.domains.get(name).map(String::as_str);
        match self.names {
            Names::Listed => own,
            Names::Below if self.hosts.contains_key(name) => own,
            Names::Below => own.or_else(|| {
                let above = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
                above.filter_map(|above| self.domains.get(above)).map(String::as_str).next()
            }),
        }
    }

    /// Whether there is anything at this name or below it (RFC 8020 2).
    fn exists(&self, name: &str) -> bool {
        let below = |known: &String| {
            known.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.hosts.keys().any(below) || self.domains.iter().any(below)
    }
}

impl Subject {
    /// What the domain is an alias of, if it is the domain that was asked for.
    fn alias_of(&self, name: &str) -> Option<String> {
        self.said.alias.clone().filter(|_| self.domain == name)
    }

    /// The record that announces a policy. Another policy has another id.
    fn announcement(&self) -> Option<String> {
        let page = self.said.mta_sts.as_ref()?.page(&self.said.hosts(&self.domain));
        Some(format!("v=STSv1; id={:016x}", Draw::new(0, "mta-sts").with_text(&page).number()))
    }

    /// The record about the certificate of a host: its public key as it is.
    // RFC 6698 2.1: 3 1 0: a certificate that the domain gives itself, its public key, the whole of it
    fn certificate(&self, hall: &Hall, name: &str) -> Option<TLSA> {
        let host = name.strip_prefix(CERTIFIES)?;
        let key = match self.said.tlsa? {
            Tlsa::Matching => hall.authority.public_key(host),
            Tlsa::Other => hall.authority.other_public_key(),
        };
        Some(TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Raw, key.ok()?))
    }
}

/// Whether a name is there for a record of one kind only.
fn is_special(name: &str) -> bool {
    name.starts_with(ANNOUNCES) || name.starts_with(CERTIFIES)
}

fn seconds(ttl: Duration) -> u32 {
    u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX)
}

/// There is nothing, and that may be kept no longer than an answer.
fn nothing(ttl: u32) -> Vec<Record> {
    let contact = Name::from_ascii("hostmaster.invalid.").unwrap_or_else(|_| Name::root());
    let soa = SOA::new(Name::root(), contact, 1, 60, 60, 600, ttl);
    vec![Record::from_rdata(Name::root(), ttl, RData::SOA(soa))]
}
