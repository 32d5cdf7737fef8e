//! SPF, DKIM and DMARC, evaluated by mail-auth against the sender's zone.
//!
//! The library asks a cache before it asks the DNS. The cache here has an answer to every question, so that nothing is looked up
//! and every future is done when it is polled once. Two things of it cannot be used: it would read the real time for signatures
//! that expire, and no simulated sender makes such ones; and SPF's `exists` takes every answer of a cache for an address,
//! so that scenarios cannot have it.

use std::borrow::Borrow;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::dmarc::{Dmarc, Policy};
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, DnsError, DnssecStatus, Error, MX,
    MessageAuthenticator, Parameters, RecordSet, ResolverCache, SpfOutput, SpfResult, Txt,
};
use units::Table;

use super::header::Header;
use super::{Finding, SenderZone};

/// The most signatures of a message that are looked at.
// RFC 6376 4: verifiers may limit the number of signatures that they try
const SIGNATURES: usize = 10;

/// Who sends, as far as SPF asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// Where the connection comes from.
    pub(crate) client: IpAddr,
    /// The name in EHLO.
    pub(crate) ehlo: &'a str,
    /// The return path; empty for the null one.
    pub(crate) sender: &'a str,
}

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) dkim: Finding,
    /// Whether the author's domain vouches for the message.
    pub(crate) dmarc: Finding,
    /// What is asked for messages that it does not vouch for.
    pub(crate) demand: Demand,
    /// Whether SPF or DKIM vouch for the author's domain, whatever it asks for.
    pub(crate) aligned: Finding,
    pub(crate) one_click: Finding,
}

/// What the owner of a domain asks for messages that are not its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// There is no record.
    NoRecord,
    /// Nothing.
    Nothing,
    /// That they go to the spam folder.
    Quarantine,
    /// That they are refused.
    Reject,
}

/// Verifies what a sender's zone vouches for.
pub(crate) struct Verifier {
    authenticator: MessageAuthenticator,
    texts: Known<Txt>,
    exchangers: Known<RecordSet<MX>>,
    ipv4: Known<RecordSet<Ipv4Addr>>,
    ipv6: Known<RecordSet<Ipv6Addr>>,
    names: Names,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

impl Verifier {
    pub(crate) fn new(zone: &SenderZone) -> Self {
        let missing = || Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain)));
        let texts = zone.texts.iter().map(|(name, texts)| (name.as_str(), record(name, texts)));
        let mx = |(name, hosts): (&String, &Vec<String>)| (name.clone(), set(exchangers(hosts)));
        let ipv4 = zone.addresses.iter().map(|(name, all)| (name.as_str(), set(all.iter().filter_map(ipv4))));
        let ipv6 = zone.addresses.iter().map(|(name, all)| (name.as_str(), set(all.iter().filter_map(ipv6))));
        let nobody = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default());
        Self {
            authenticator: nobody.expect("a resolver that knows no server needs nothing"),
            texts: Known::new(texts, missing()),
            exchangers: Known::new(zone.exchangers.iter().map(mx), set([])),
            ipv4: Known::new(ipv4, set([])),
            ipv6: Known::new(ipv6, set([])),
            names: Names(
                zone.names.iter().map(|(address, names)| (*address, set(names.iter().map(fqdn)))).collect(),
            ),
        }
    }

    /// Whether the client may send for the domain of the return path, or for its own name if there is none.
    pub(crate) fn spf(&self, origin: Origin<'_>) -> Finding {
        match self.spf_output(origin).result() {
            SpfResult::Pass => Finding::Pass,
            SpfResult::Fail
            | SpfResult::SoftFail
            | SpfResult::Neutral
            | SpfResult::PermError
            | SpfResult::TempError => Finding::Fail,
            SpfResult::None => Finding::None,
        }
    }

    /// What came of a message, of which `content` is everything.
    pub(crate) fn message(&self, origin: Origin<'_>, content: &[u8], header: &Header<'_>) -> Authenticated {
        let nothing = Authenticated {
            dkim: Finding::None,
            dmarc: Finding::None,
            demand: Demand::NoRecord,
            aligned: Finding::Fail,
            one_click: header.one_click(|_| false),
        };
        if header.count("dkim-signature") > SIGNATURES {
            return Authenticated { dkim: Finding::Fail, ..nothing };
        }
        let Some(message) = AuthenticatedMessage::parse(content) else { return nothing };
        let outputs = at_once(self.authenticator.verify_dkim(self.parameters(&message)));
        let spf = self.spf_output(origin);
        let domain = domain_of(origin.sender).unwrap_or(origin.ehlo);
        let asked = DmarcParameters::new(&message, &outputs, domain, &spf);
        let dmarc = at_once(self.authenticator.verify_dmarc(self.parameters(asked)));
        let demand = demand(dmarc.dmarc_record().is_some(), dmarc.policy());
        let passes = [dmarc.spf_result(), dmarc.dkim_result()].contains(&&DmarcResult::Pass);
        let aligned = match demand {
            Demand::NoRecord => is_aligned_without_a_record(&message, &outputs, &spf, domain),
            Demand::Nothing | Demand::Quarantine | Demand::Reject => passes,
        };
        Authenticated {
            dkim: dkim(&outputs),
            dmarc: if demand == Demand::NoRecord { Finding::None } else { Finding::of(passes) },
            demand,
            aligned: Finding::of(aligned),
            one_click: header.one_click(|field| is_vouched_for(&outputs, field)),
        }
    }

    fn spf_output(&self, origin: Origin<'_>) -> SpfOutput {
        let Origin { client, ehlo, sender } = origin;
        let asked = if sender.is_empty() {
            // RFC 7208 2.4: without a return path, postmaster at the name in EHLO
            SpfParameters::verify_ehlo(client, ehlo, "receiver.invalid")
        } else {
            SpfParameters::verify_mail_from(client, ehlo, "receiver.invalid", sender)
        };
        at_once(self.authenticator.verify_spf(self.parameters(asked)))
    }

    const fn parameters<'a, P>(&'a self, params: P) -> Asked<'a, P> {
        Parameters {
            params,
            cache_txt: Some(&self.texts),
            cache_mx: Some(&self.exchangers),
            cache_ptr: Some(&self.names),
            cache_ipv4: Some(&self.ipv4),
            cache_ipv6: Some(&self.ipv6),
        }
    }
}

type Asked<'a, P> = Parameters<
    'a,
    P,
    Known<Txt>,
    Known<RecordSet<MX>>,
    Known<RecordSet<Ipv4Addr>>,
    Known<RecordSet<Ipv6Addr>>,
    Names,
>;

/// What a future gives that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing is looked up, so there is nothing to wait for"),
    }
}

fn dkim(outputs: &[DkimOutput<'_>]) -> Finding {
    match outputs {
        [] => Finding::None,
        outputs => Finding::of(outputs.iter().any(passes)),
    }
}

fn passes(output: &DkimOutput<'_>) -> bool {
    *output.result() == DkimResult::Pass
}

/// Whether a signature that verifies covers the header field of this name.
fn is_vouched_for(outputs: &[DkimOutput<'_>], field: &str) -> bool {
    let signatures = outputs.iter().filter(|output| passes(output)).filter_map(DkimOutput::signature);
    signatures.flat_map(|signature| &signature.h).any(|name| name.eq_ignore_ascii_case(field))
}

const fn demand(has_record: bool, policy: Policy) -> Demand {
    match (has_record, policy) {
        (false, _) => Demand::NoRecord,
        (true, Policy::Reject) => Demand::Reject,
        (true, Policy::Quarantine) => Demand::Quarantine,
        (true, Policy::None | Policy::Unspecified) => Demand::Nothing,
    }
}

/// Whether one of the domains that SPF and DKIM vouch for is the author's, or one of the two is below the other: the relaxed
/// alignment of RFC 7489 3.1, where no record tells which domain is an organisation's.
fn is_aligned_without_a_record(
    message: &AuthenticatedMessage<'_>,
    outputs: &[DkimOutput<'_>],
    spf: &SpfOutput,
    sender: &str,
) -> bool {
    let Some(author) = domain_of(message.from()) else { return false };
    let signed = outputs.iter().filter(|output| passes(output)).filter_map(DkimOutput::signature);
    let by_spf = (spf.result() == SpfResult::Pass).then_some(sender);
    signed.map(|signature| signature.d.as_str()).chain(by_spf).any(|domain| is_related(domain, author))
}

fn is_related(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let is_below =
        // A top-level domain is nobody's.
        |lower: &str, upper: &str| upper.contains('.') && lower.strip_suffix(upper).is_some_and(|rest| rest.ends_with('.'));
    one == other || is_below(&one, &other) || is_below(&other, &one)
}

fn domain_of(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

/// The texts of a name as the one record that is asked for by such a name.
fn record(name: &str, texts: &[String]) -> Txt {
    if name.starts_with("_dmarc.") {
        return first(texts, |text| Dmarc::parse(text).map(|record| Txt::Dmarc(Arc::new(record))));
    }
    if name.contains("._domainkey.") {
        return first(texts, |text| DomainKey::parse(text).map(|record| Txt::DomainKey(Arc::new(record))));
    }
    // RFC 7208 4.5: more than one record is an error
    let records: Vec<_> = texts.iter().filter(|text| text.starts_with("v=spf1")).cloned().collect();
    match records.len() {
        0 | 1 => first(&records, |text| Spf::parse(text).map(|record| Txt::Spf(Arc::new(record)))),
        _ => Txt::Error(Error::ParseError),
    }
}

fn first(texts: &[String], read: impl Fn(&[u8]) -> Result<Txt, Error>) -> Txt {
    let missing = Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError));
    let mut last = Txt::Error(missing);
    for text in texts {
        match read(text.as_bytes()) {
            Ok(record) => return record,
            Err(error) => last = Txt::Error(error),
        }
    }
    last
}

fn exchangers(hosts: &[String]) -> impl Iterator<Item = MX> {
    let exchanger = |(preference, host)| MX { preference, exchanges: Box::new([fqdn(host)]) };
    (1..).zip(hosts).map(exchanger)
}

fn fqdn(name: impl AsRef<str>) -> Box<str> {
    format!("{}.", name.as_ref()).into()
}

fn ipv4(address: &IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    }
}

fn ipv6(address: &IpAddr) -> Option<Ipv6Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(*address),
    }
}

fn set<T>(records: impl IntoIterator<Item = T>) -> RecordSet<T> {
    RecordSet { rrset: records.into_iter().collect(), dnssec_status: DnssecStatus::Indeterminate }
}

/// Records by name, and what is answered about every other name.
struct Known<T> {
    records: Table<Box<str>, T>,
    missing: T,
}

impl<T> Known<T> {
    fn new(records: impl Iterator<Item = (impl AsRef<str>, T)>, missing: T) -> Self {
        Self { records: records.map(|(name, record)| (fqdn(name), record)).collect(), missing }
    }
}

impl<T: Clone> ResolverCache<Box<str>, T> for Known<T> {
    fn get<Q>(&self, name: &Q) -> Option<T>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.records.get(name).unwrap_or(&self.missing).clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<T>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: T, _: std::time::Instant) {}
}

/// Names by address.
struct Names(Table<IpAddr, RecordSet<Box<str>>>);

impl ResolverCache<IpAddr, RecordSet<Box<str>>> for Names {
    fn get<Q>(&self, address: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.0.get(address).cloned().unwrap_or_else(|| set([])))
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: IpAddr, _: RecordSet<Box<str>>, _: std::time::Instant) {}
}
