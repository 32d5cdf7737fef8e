//! Worlds and sequences of facts, drawn at random, and how they are played.
//!
//! The world is small so that things meet: few contacts, few domains, of which several share a site, and limits of one to
//! three. A fact that makes no sense when its turn comes (an answer that nobody waits for) is passed over. When the facts
//! are used up, the world heals, and what was not settled by then must come to its end.

use std::sync::Arc;
use std::time::Duration;

use policy::classify;
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::{ContactId, MailingId};
use policy::mailing::{Kind, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::route::{MailRoute, MxAnswer, TlsDemand};
use policy::tls::TlsPolicy;
use policy::verdict::{Evidence, Finding, Stage};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use smtp::client::{End, Loss, Obstacle, Outcome, Phase};
use smtp::{Address, Domain};
use units::{Instant, Rate};

use super::watch::Watch;
use crate::driver::{Connection, Driver, Work, address, mailing, one_host, shared};
use crate::outcomes::finding::{accepted, interrupted, refused};
use crate::shell::{self, Network, Offer};

const MINUTE: Duration = Duration::from_secs(60);

/// A world and what happens in it.
#[derive(Debug)]
pub(super) struct Story {
    contacts: Vec<Standing>,
    mailings: Vec<Sketch>,
    limits: SiteLimits,
    tls: TlsPolicy,
    facts: Vec<Fact>,
}

/// What is drawn of a mailing.
#[derive(Debug, Clone)]
struct Sketch {
    kind: Kind,
    start: Duration,
    list: Vec<Index>,
    contact_policy: ContactPolicy,
    uncertain: UncertainPolicy,
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Fact {
    /// Time passes until the dispatcher wants to be woken.
    Wake,
    /// Time passes.
    Pass(Duration),
    /// Time passes, and the shell has not noticed yet.
    Lag(Duration),
    /// The DNS answers.
    Resolved(Index, MailRoute),
    /// A connection is greeted.
    Connected(Index),
    /// A TLS handshake fails.
    HandshakeFailed(Index),
    /// A connection cannot be opened.
    Unreachable(Index),
    /// A connection that stands asks for work.
    Asked(Index),
    /// A connection that carries a transaction asks what it may begin ahead.
    LookedAhead(Index),
    /// A transaction ends, with these outcomes over and over.
    Reported(Index, Vec<Said>),
    /// A server closes an idle connection.
    Closed(Index),
    OptedOut(Index),
    Complained(Index),
    Reactivated(Index),
    Cancelled(Index),
}

/// An outcome; the reply may name the first of the recipients.
#[derive(Debug, Clone)]
enum Said {
    Plain(Outcome),
    NamesTheFirst(u16),
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    let contacts = prop::collection::vec(standing(), 1..16);
    let mailings = prop::collection::vec(sketch(), 1..4);
    let facts = prop::collection::vec(fact(), 0..120);
    let tls = select(vec![TlsPolicy::OnDemand, TlsPolicy::Opportunistic, TlsPolicy::Required]);
    (contacts, mailings, limits(), tls, facts).prop_map(|(contacts, mailings, limits, tls, facts)| Story {
        contacts,
        mailings,
        limits,
        tls,
        facts,
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    use ContactStatus::{Active, Error, OptOut};
    (select(vec![Active, Active, Active, Active, Error, OptOut]), 0_u8..3)
        .prop_map(|(status, strikes)| Standing { status, strikes })
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let rate = Rate::new(3, Duration::from_secs(3600)).expect("not nothing");
    let kinds = select(vec![Kind::Regular, Kind::Regular, Kind::Test, Kind::Automated(rate)]);
    let policies = select(vec![ContactPolicy::Classic, ContactPolicy::Careful]);
    let uncertain =
        select(vec![UncertainPolicy::Resend, UncertainPolicy::Hold, UncertainPolicy::AssumeDelivered]);
    let start = (0_u32..300).prop_map(|minutes| MINUTE * minutes);
    let list = prop::collection::vec(any::<Index>(), 1..24);
    (kinds, start, list, policies, uncertain).prop_map(|(kind, start, list, contact_policy, uncertain)| {
        Sketch { kind, start, list, contact_policy, uncertain }
    })
}

fn limits() -> impl Strategy<Value = SiteLimits> {
    let rate = prop_oneof![
        3 => Just(None),
        1 => select(vec![10, 100]).prop_map(|count| Rate::new(count, MINUTE)),
    ];
    (1_u32..4, 1_u32..4, 1_u32..5, rate).prop_map(|(connections, messages, recipients, rate)| SiteLimits {
        connections,
        messages_per_connection: messages,
        recipients_per_message: recipients,
        rate,
    })
}

fn fact() -> impl Strategy<Value = Fact> {
    let index = any::<Index>;
    prop_oneof![
        8 => Just(Fact::Wake),
        2 => (1_u64..200).prop_map(|seconds| Fact::Pass(Duration::from_secs(seconds))),
        1 => (1_u64..100).prop_map(|seconds| Fact::Lag(Duration::from_secs(seconds))),
        1 => (1_u32..1900).prop_map(|minutes| Fact::Lag(MINUTE * minutes)),
        1 => (1_u32..600).prop_map(|minutes| Fact::Pass(MINUTE * minutes)),
        6 => (index(), answer(), demand(), fresh_for())
            .prop_map(|(which, hosts, tls, fresh_for)| Fact::Resolved(which, MailRoute { hosts, tls, fresh_for })),
        2 => index().prop_map(Fact::HandshakeFailed),
        6 => index().prop_map(Fact::Connected),
        2 => index().prop_map(Fact::Unreachable),
        8 => index().prop_map(Fact::Asked),
        4 => index().prop_map(Fact::LookedAhead),
        8 => (index(), prop::collection::vec(said(), 1..4)).prop_map(|(which, said)| Fact::Reported(which, said)),
        2 => index().prop_map(Fact::Closed),
        1 => index().prop_map(Fact::OptedOut),
        1 => index().prop_map(Fact::Complained),
        1 => index().prop_map(Fact::Reactivated),
        1 => index().prop_map(Fact::Cancelled),
    ]
}

fn answer() -> impl Strategy<Value = MxAnswer> {
    let two = [("mx1.bigbox.test", 10), ("mx2.bigbox.test", 10)]
        .map(|(name, preference)| (preference, Domain::parse(name).expect("a domain")));
    prop_oneof![
        4 => Just(one_host("mx.bigbox.test")),
        2 => Just(MxAnswer::Hosts(two.to_vec())),
        2 => Just(MxAnswer::Implicit),
        1 => Just(MxAnswer::Relay(Domain::parse("relay.sender.test").expect("a domain"))),
        1 => select(vec![MxAnswer::Null, MxAnswer::NoSuchDomain]),
        1 => select(vec![MxAnswer::Failed, MxAnswer::NotAdmitted, MxAnswer::Hosts(Vec::new())]),
    ]
}

fn fresh_for() -> impl Strategy<Value = Option<Duration>> {
    select(vec![None, Some(Duration::ZERO), Some(MINUTE), Some(MINUTE * 600)])
}

fn demand() -> impl Strategy<Value = TlsDemand> {
    select(vec![TlsDemand::None, TlsDemand::None, TlsDemand::Verified])
}

fn said() -> impl Strategy<Value = Said> {
    let phases = select(vec![Phase::Mail, Phase::Rcpt, Phase::Data, Phase::EndOfData]);
    let codes = select(vec![421, 450, 451, 452, 550, 552, 554]);
    let details = select(vec!["", "1.1", "2.1", "2.2", "3.4", "4.1", "5.3", "7.1", "7.28", "7.500"]);
    let replies = (phases, codes, details).prop_map(|(phase, code, detail)| {
        let enhanced = if detail.is_empty() { String::new() } else { format!("{}.{detail}", code / 100) };
        refused(phase, code, &enhanced, "no")
    });
    let losses = select(vec![Loss::Closed, Loss::Reset, Loss::TimedOut]);
    let lost_at = select(vec![Phase::Mail, Phase::Rcpt, Phase::Body]);
    prop_oneof![
        4 => Just(Said::Plain(accepted())),
        6 => replies.prop_map(Said::Plain),
        1 => (lost_at, losses.clone()).prop_map(|(phase, loss)| Said::Plain(Outcome::Lost { phase, loss })),
        1 => losses.prop_map(|loss| Said::Plain(Outcome::Uncertain { loss })),
        1 => Just(Said::Plain(Outcome::Unsendable(Obstacle::EightBit))),
        1 => select(vec![451, 554]).prop_map(Said::NamesTheFirst),
    ]
}

impl Story {
    /// Plays it, with every law checked after every call.
    pub(super) fn play(&self) -> Result<(), String> {
        let (mut driver, mut watch) = self.begin();
        for fact in &self.facts {
            happen(&mut driver, fact, &mut watch)?;
            watch.look(&mut driver)?;
        }
        watch.heal(&driver);
        while let Some(position) = carrying(&driver, |_| true) {
            driver.report(position, |_| accepted());
            watch.look(&mut driver)?;
            driver.go_on(position, &[accepted()]);
            watch.look(&mut driver)?;
        }
        let accept = |offer: &Offer<'_>| vec![accepted(); offer.recipients.len()];
        shell::run(&mut driver, &Network::Works(&accept), |driver| watch.look(driver))?;
        watch.end(&driver)
    }

    fn begin(&self) -> (Driver, Watch) {
        let contacts: Vec<(Address, Standing)> = self
            .contacts
            .iter()
            .enumerate()
            .map(|(n, standing)| (address(&format!("c{n}@d{}.test", n % 3)), *standing))
            .collect();
        let mailings: Vec<Mailing> = (0..)
            .zip(&self.mailings)
            .map(|(number, sketch)| sketch.mailing(number, contacts.len()))
            .collect();
        let watch = Watch::new(&contacts, &mailings, self.limits);
        (Driver::with_tls(contacts, mailings, self.limits, self.tls), watch)
    }
}

impl Sketch {
    /// Its sender tells its number.
    fn mailing(&self, number: u16, contacts: usize) -> Mailing {
        let mut listed: Vec<_> =
            self.list.iter().map(|index| ContactId::from_index(index.index(contacts))).collect();
        listed.sort_unstable();
        Mailing {
            content: shared(&format!("m{number}@news.example")),
            start: Instant::ZERO + self.start,
            list: (0..).zip(listed).map(|(position, contact)| Listed { contact, position }).collect(),
            contact_policy: self.contact_policy,
            uncertain: self.uncertain,
            ..mailing(self.kind, 0)
        }
    }
}

/// Lets a fact happen, or nothing if it makes no sense now.
fn happen(driver: &mut Driver, fact: &Fact, watch: &mut Watch) -> Result<(), String> {
    match fact {
        Fact::Wake => {
            if let Some(wake) = driver.dispatcher.next_wake() {
                pass(driver, wake, watch)?;
            }
        }
        Fact::Lag(duration) => lag(driver, *duration),
        Fact::Pass(duration) => pass(driver, driver.now + *duration, watch)?,
        Fact::Resolved(which, answer) if !driver.lookups.is_empty() => {
            driver.resolve(which.index(driver.lookups.len()), answer.clone());
        }
        Fact::Connected(which) if !driver.dials.is_empty() => {
            driver.connect(which.index(driver.dials.len()), 0);
        }
        Fact::Unreachable(which) if !driver.dials.is_empty() => {
            driver.fail_to_connect(which.index(driver.dials.len()), &Arc::new(unreachable()));
        }
        Fact::HandshakeFailed(which) if !driver.dials.is_empty() => {
            let end = End::Failed { phase: Phase::StartTls, loss: Loss::Handshake("no TLS") };
            driver.end_before_mail(which.index(driver.dials.len()), &end);
        }
        Fact::Asked(which) => {
            if let Some(position) = idle(driver, which) {
                driver.ask(position);
            }
        }
        Fact::LookedAhead(which) if !driver.connections.is_empty() => {
            driver.look_ahead(which.index(driver.connections.len()));
        }
        Fact::Reported(which, said) => report(driver, which, said, watch)?,
        Fact::Closed(which) => {
            if let Some(position) = idle(driver, which) {
                driver.close(position);
            }
        }
        Fact::OptedOut(which) => driver.opt_out(ContactId::from_index(which.index(watch.contacts()))),
        Fact::Complained(which) => driver.complain(ContactId::from_index(which.index(watch.contacts()))),
        Fact::Reactivated(which) => driver.reactivate(ContactId::from_index(which.index(watch.contacts()))),
        Fact::Cancelled(which) => {
            let mailing = MailingId::from_index(which.index(watch.mailings()));
            watch.cancelled(mailing);
            driver.cancel(mailing);
        }
        Fact::Resolved(..)
        | Fact::Connected(_)
        | Fact::HandshakeFailed(_)
        | Fact::LookedAhead(_)
        | Fact::Unreachable(_) => {}
    }
    Ok(())
}

/// Time passes to `at`, with everything on the way that a shell must not miss: wakes, and the deadlines of jobs.
fn pass(driver: &mut Driver, at: Instant, watch: &mut Watch) -> Result<(), String> {
    loop {
        let deadlines = driver.connections.iter().filter_map(Connection::deadline);
        let next = deadlines.chain(driver.dispatcher.next_wake()).min().filter(|next| *next <= at);
        let Some(next) = next else { break };
        driver.pass(next);
        watch.look(driver)?;
        while let Some(position) = carrying(driver, |deadline| deadline <= next) {
            driver.report(position, |_| interrupted());
            watch.look(driver)?;
            driver.close(position);
            watch.look(driver)?;
        }
        if driver.dispatcher.next_wake() == Some(next) {
            return Err(format!("woken at {next}, it wants to be woken at {next} again"));
        }
    }
    driver.pass(at);
    Ok(())
}

/// Time passes without a call, but not beyond the deadline of a job.
fn lag(driver: &mut Driver, duration: Duration) {
    let deadlines = driver.connections.iter().filter_map(Connection::deadline);
    driver.now = deadlines.min().unwrap_or(Instant::MAX).min(driver.now + duration);
}

fn report(driver: &mut Driver, which: &Index, said: &[Said], watch: &mut Watch) -> Result<(), String> {
    let busy: Vec<usize> = (0..driver.connections.len())
        .filter(|position| matches!(driver.connections[*position].work, Work::Carries { .. }))
        .collect();
    if busy.is_empty() {
        return Ok(());
    }
    let position = *which.get(&busy);
    let Work::Carries { recipients, .. } = &driver.connections[position].work else { return Ok(()) };
    let outcomes: Vec<Outcome> =
        said.iter().cycle().take(recipients.len()).map(|said| said.outcome(&recipients[0])).collect();
    let mut each = outcomes.iter();
    driver.report(position, |_| each.next().expect("one each").clone());
    watch.look(driver)?;
    driver.go_on(position, &outcomes);
    Ok(())
}

impl Said {
    fn outcome(&self, first: &Address) -> Outcome {
        match self {
            Self::Plain(outcome) => outcome.clone(),
            Self::NamesTheFirst(code) => {
                refused(Phase::EndOfData, *code, "", &format!("no account ({first})"))
            }
        }
    }
}

/// An idle connection that may ask now.
fn idle(driver: &Driver, which: &Index) -> Option<usize> {
    let idle: Vec<usize> = (0..driver.connections.len())
        .filter(
            |position| matches!(driver.connections[*position].work, Work::Idle(from) if from <= driver.now),
        )
        .collect();
    if idle.is_empty() { None } else { Some(*which.get(&idle)) }
}

/// A connection with a job whose deadline is as wanted.
fn carrying(driver: &Driver, wanted: impl Fn(Instant) -> bool) -> Option<usize> {
    driver.connections.iter().position(|connection| connection.deadline().is_some_and(&wanted))
}

const fn unreachable() -> Finding {
    let evidence = Evidence::Instead("connection refused");
    Finding { stage: Stage::Connect, evidence, verdict: classify::UNREACHABLE }
}
