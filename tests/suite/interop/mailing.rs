//! Our engine over real sockets: a mailing to people behind one port of this machine, and what became of everybody.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use compose::{Composer, Draft, FieldNames, Fields, Identity, Recipient, Secret, Template};
use engine::Settings;
use harness::Progress;
use harness::sending::{Person, ReturnPath, Sending, World, send};
use host::clock::{Epoch, SystemClock};
use host::connector::{Route, TcpConnector};
use host::dial::Dialer;
use host::dns::{DnsLimits, DnsResolver, NameServer};
use host::endpoint::Endpoint;
use host::reach::Reach;
use host::routes::ToRelay;
use host::tls::{Roots, Tls};
use policy::contact::ContactPolicy;
use policy::mailing::UncertainPolicy;
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::tls::TlsPolicy;
use record::{EventKind, Outcome, Record, VerdictRow};
use smtp::client::{Flow, Transfer};
use smtp::{Address, Domain};
use tokio::runtime::{Builder, LocalOptions};
use units::Instant;

use super::watched::Watched;

/// Real time until a mailing is called off: longer than any peer needs.
const LIMIT: u64 = 45;

/// How the engine speaks in a mailing. Messages are always begun ahead where the server pipelines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) tls: TlsPolicy,
    pub(super) transfer: Transfer,
}

impl Manner {
    /// TLS where it is offered, BDAT where it is offered.
    pub(super) const EVERYTHING: Self =
        Self { tls: TlsPolicy::Opportunistic, transfer: Transfer::ChunkIfOffered };
    /// TLS where it is offered, and DATA.
    pub(super) const DATA: Self = Self { tls: TlsPolicy::Opportunistic, transfer: Transfer::Data };
}

/// A mailing that is over.
#[derive(Debug)]
pub(super) struct Sent {
    /// What became of each address, as `delivered`, `hard 550 unknown-user`, `soft 450 greylisted`.
    pub(super) fates: BTreeMap<String, String>,
    /// The message to each address, with LF for CRLF.
    pub(super) messages: BTreeMap<String, String>,
}

impl Sent {
    /// Complains if not everybody has this fate.
    pub(super) fn all(&self, fate: &str) -> Result<(), String> {
        let others: Vec<_> = self.fates.iter().filter(|(_, one)| *one != fate).collect();
        if others.is_empty() { Ok(()) } else { Err(format!("not {fate}: {others:?}")) }
    }

    /// Complains if what arrived is not each delivered message once, and unchanged. Pairs of recipient and message.
    pub(super) fn arrived(&self, arrivals: &[(String, String)]) -> Result<(), String> {
        let delivered: Vec<_> = self.fates.iter().filter(|(_, fate)| *fate == "delivered").collect();
        for (address, _) in &delivered {
            let mut copies = arrivals.iter().filter(|(to, _)| to == *address);
            let (first, more) = (copies.next(), copies.count());
            let (_, is) = first.ok_or_else(|| format!("{address} was told as delivered and has nothing"))?;
            let was = &self.messages[*address];
            if more > 0 {
                return Err(format!("{address} has {} copies", more + 1));
            }
            if is != was {
                return Err(format!("{address} was sent\n{was:?}\nand has\n{is:?}"));
            }
        }
        if arrivals.len() == delivered.len() {
            Ok(())
        } else {
            Err(format!("{} messages arrived of {}", arrivals.len(), delivered.len()))
        }
    }
}

/// So many addresses in a domain that is reserved for tests.
pub(super) fn people(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("person{number}@sink.test")).collect()
}

/// Sends a message of its own to each address, all by way of `port`, until everybody is final or the last connection is closed.
pub(super) fn mail(port: u16, manner: Manner, to: &[impl AsRef<str>]) -> Sent {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let progress = Arc::new(Progress::default());
    let record = runtime.expect("a runtime").block_on(async {
        let world = world(port, manner, &progress);
        let limit = world.clock.now() + std::time::Duration::from_secs(LIMIT);
        send(sending(manner, to), world, Some(limit), &progress).await.0
    });
    Sent { fates: fates(&record), messages: messages(&record, to) }
}

fn world(port: u16, manner: Manner, progress: &Arc<Progress>) -> World {
    let clock = SystemClock::new(Epoch::now()).handle();
    // Nobody is looked up: all leads to one place.
    let server = NameServer::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 9)));
    let nobody = DnsResolver::new(server, DnsLimits::USUAL, clock.clone()).expect("it is named");
    let dialer = Dialer::new(clock.clone(), Rc::new(nobody), Reach::LoopbackOnly);
    let relay = Endpoint::from(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let resolver = Rc::new(ToRelay::new(&relay));
    let route = Route::Fixed(relay);
    let connector = TcpConnector::new(dialer, route, Tls::new(&Roots::nobody()));
    let connector = Rc::new(Watched::new(connector, Arc::clone(progress)));
    let name = Domain::parse("mta.news.example").expect("a domain");
    let settings = Settings { flow: Flow::Eager, transfer: manner.transfer, ..Settings::new(name) };
    World { clock, connector, resolver, settings }
}

fn sending(manner: Manner, to: &[impl AsRef<str>]) -> Sending {
    let person = |text: &str| Person { address: address(text), fields: Fields::new([]).expect("short") };
    Sending {
        name: "news".to_owned(),
        file: "news.yaml".to_owned(),
        seed: 7,
        number: 1,
        composer: composer(),
        return_path: ReturnPath::Shared(address("bounces@news.example")),
        people: to.iter().map(|text| person(text.as_ref())).collect(),
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
        limits: SiteLimits { connections: 5, recipients_per_message: 1, ..SiteLimits::default() },
        tls: manner.tls,
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// Lines that a transport may stumble over, and enough of them for several packets.
fn text() -> String {
    let filler = (0..200).map(|line| format!("{line} The quick brown fox jumps over the lazy dog. {line}\n"));
    let odd = ".begins with a dot\n..with two\n.\n\nFrom here on it is as usual\n.QUIT\nQUIT\n";
    format!("Hello {{{{address}}}},\n{odd}{}{odd}.\n", filler.collect::<String>())
}

fn composer() -> Composer {
    let from = address("news@news.example");
    let draft = Draft {
        from: &from,
        from_name: "",
        reply_to: None,
        to_name: "",
        subject: "News for {{address}}",
        text: &text(),
        html: None,
        headers: &[],
    };
    let names = FieldNames::new([]).expect("there are none");
    let template = Template::read(&draft, &names).expect("a template");
    let identity = Identity { seed: 7, mailing: 1, domain: Domain::parse("news.example").expect("a domain") };
    Composer::new(template, identity, compose::Epoch::SCENARIO, Secret::new(b"a secret of enough octets"))
}

/// The messages again: the same recipient at the same moment gives the same octets.
fn messages(record: &Record, to: &[impl AsRef<str>]) -> BTreeMap<String, String> {
    let (composer, fields) = (composer(), Fields::new([]).expect("there are none"));
    let start = Instant::from_nanos(record.mailings[0].start);
    let message = |(number, text): (u32, &str)| {
        let recipient = Recipient { number, address: &address(text), fields: &fields };
        let body = composer.compose(&recipient, start).body();
        (text.to_owned(), String::from_utf8_lossy(body.raw()).replace("\r\n", "\n"))
    };
    (1..).zip(to.iter().map(AsRef::as_ref)).map(message).collect()
}

/// The last thing that is known of each address.
fn fates(record: &Record) -> BTreeMap<String, String> {
    let mut fates: BTreeMap<String, String> =
        record.contacts.iter().map(|contact| (contact.address.clone(), "not tried".to_owned())).collect();
    for event in &record.events {
        let verdict = event.kind.verdict().map(|verdict| told(&record.verdicts[verdict as usize]));
        let fate = match event.kind {
            EventKind::Settled { outcome: Outcome::Delivered, .. } => Some("delivered".to_owned()),
            EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. } => verdict,
            EventKind::Settled { .. }
            | EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => None,
        };
        if let Some(fate) = fate {
            fates.insert(record.contacts[event.contact as usize].address.clone(), fate);
        }
    }
    fates
}

fn told(verdict: &VerdictRow) -> String {
    let code = verdict.code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
    format!("{} {code} {}", verdict.class, verdict.category)
}
