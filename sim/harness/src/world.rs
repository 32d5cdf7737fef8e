//! One shard of a run: an engine, its part of the fleet, and a clock of their own.
//!
//! A contact belongs to one provider and a provider to one shard, so a shard shares nothing with the others: contacts,
//! queues, connections and mailboxes are its own. What comes out is the same however the providers are cut into shards.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use engine::clock::Clock;
use engine::{Engine, Settings};
use fleet::{Active, Dns, Fleet, FleetBuilder, ProviderSpec};
use policy::contact::{ContactEvent, ContactPolicy, ContactStatus, Standing};
use policy::ids::{ContactId, MailingId};
use policy::mailing::{Kind, Listed, Mailing, UncertainPolicy};
use policy::metrics::Metrics;
use policy::pace::SiteLimits;
use policy::{Dispatcher, Setup};
use scenario::{Entry, MailingKind, Mx, Problems, Span, Uncertain};
use smtp::{Body, Domain};
use units::{Draw, Instant};

use crate::clock::{Halt, VirtualTime};
use crate::ledger::{Book, Known, Pages};
use crate::message::{self, SENDER_DOMAIN};
use crate::plan::{Plan, PlannedWhat};
use crate::progress::Progress;
use crate::wire::MemoryWire;

/// What a shard needs beside the plan.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) shard: u32,
    pub(crate) shards: u32,
    /// The messages, by mailing.
    pub(crate) bodies: Vec<Arc<Body>>,
    pub(crate) progress: Arc<Progress>,
}

/// What came out of a shard.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) pages: Pages,
    pub(crate) receipts: fleet::Receipts,
    /// The engine's own counters, by mailing.
    pub(crate) metrics: Vec<Metrics>,
    pub(crate) ended: Instant,
}

impl Order {
    fn serves(&self, provider: u32) -> bool {
        provider % self.shards == self.shard
    }
}

/// Runs one shard to its end.
///
/// # Errors
/// Virtual time came to an end first.
pub(crate) fn run(plan: &Plan, order: &Order) -> Result<Outcome, Halt> {
    let time = VirtualTime::new(Arc::clone(&order.progress));
    let clock = time.clock();
    let (members, by_contact) = members(plan, order);
    let book = Book::new(members, Arc::clone(&order.progress));
    let dispatcher = Dispatcher::new(setup(plan, order, &by_contact), Box::new(book.clone()));
    let fleet = Rc::new(RefCell::new(fleet(plan, order)));
    let wire = Rc::new(MemoryWire::new(Rc::clone(&fleet), clock.clone()));
    let ehlo_name = Domain::parse(&format!("mta.{SENDER_DOMAIN}")).expect("a domain");
    let engine = Engine::new(dispatcher, clock.clone(), wire.clone(), wire, Settings { ehlo_name });
    let ended = time.run(live(plan, &engine, &clock, &by_contact))?;
    let metrics = engine.ask(|dispatcher| dispatcher.all_metrics().copied().collect());
    drop(engine);
    drop(time);
    let receipts =
        Rc::into_inner(fleet).expect("every connection is closed").into_inner().into_receipts(ended);
    Ok(Outcome { pages: book.into_pages(), receipts, metrics, ended })
}

/// Runs the engine beside those who do things to it from outside.
async fn live(plan: &Plan, engine: &Engine, clock: &Clock, by_contact: &BTreeMap<u32, ContactId>) -> Instant {
    let running = tokio::task::spawn_local({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    for deed in &plan.deeds {
        clock.sleep_until(deed.at).await;
        let contact_event = |contact: &u32, event| {
            if let Some(contact) = by_contact.get(contact) {
                engine.contact_event(*contact, event);
            }
        };
        match &deed.what {
            PlannedWhat::OptOut(contact) => contact_event(contact, ContactEvent::OptOut),
            PlannedWhat::Complaint(contact) => contact_event(contact, ContactEvent::Complaint),
            PlannedWhat::Reactivate(contact) => contact_event(contact, ContactEvent::Reactivate),
            PlannedWhat::Cancel(mailing) => engine.cancel(MailingId(*mailing)),
        }
    }
    if let Err(error) = running.await {
        std::panic::resume_unwind(error.into_panic());
    }
    clock.now()
}

/// The contacts of the shard, and their numbers within it.
fn members(plan: &Plan, order: &Order) -> (Vec<Known>, BTreeMap<u32, ContactId>) {
    let mut members = Vec::new();
    let mut by_contact = BTreeMap::new();
    for (contact, number) in plan.contacts.iter().zip(0..) {
        if order.serves(contact.provider) {
            by_contact.insert(number, ContactId::from_index(members.len()));
            members.push(Known { contact: number, provider: contact.provider });
        }
    }
    (members, by_contact)
}

fn setup(plan: &Plan, order: &Order, by_contact: &BTreeMap<u32, ContactId>) -> Setup {
    let contacts = by_contact
        .keys()
        .map(|number| {
            let contact = &plan.contacts[*number as usize];
            (contact.address.clone(), Standing::new(status(contact.status)))
        })
        .collect();
    let limits = &plan.scenario.limits;
    Setup {
        contacts,
        mailings: (0..plan.mailings.len()).map(|number| mailing(plan, order, number, by_contact)).collect(),
        limits: SiteLimits {
            connections: limits.connections,
            messages_per_connection: limits.messages_per_connection,
            recipients_per_message: limits.recipients_per_message,
            rate: limits.rate,
        },
        draw: Draw::new(order.seed, "engine"),
    }
}

fn mailing(plan: &Plan, order: &Order, number: usize, by_contact: &BTreeMap<u32, ContactId>) -> Mailing {
    let (written, planned) = (&plan.scenario.mailings[number], &plan.mailings[number]);
    let list = planned
        .list
        .iter()
        .zip(0..)
        .filter_map(|(contact, position)| {
            by_contact.get(contact).map(|contact| Listed { contact: *contact, position })
        })
        .collect();
    Mailing {
        name: written.name.value.clone(),
        kind: kind(written.kind),
        start: written.start.value,
        sender: message::sender(number + 1, &written.name.value),
        body: Arc::clone(&order.bodies[number]),
        list,
        plan: planned.plan.clone(),
        contact_policy: contact_policy(written.policy),
        uncertain: uncertain_policy(written.uncertain),
    }
}

/// The shard's part of the fleet.
fn fleet(plan: &Plan, order: &Order) -> Fleet {
    let mut builder = FleetBuilder::new(order.seed);
    let mut addresses: Vec<Vec<&str>> = vec![Vec::new(); plan.scenario.providers.len()];
    // Shares of mailboxes are shares of those who are mailed.
    for contact in plan.contacts.iter().filter(|contact| contact.status == scenario::ContactStatus::Active) {
        addresses[contact.provider as usize].push(contact.address.as_str());
    }
    for (provider, number) in plan.scenario.providers.iter().zip(0..) {
        if !order.serves(number) {
            continue;
        }
        let added = builder.add_provider(ProviderSpec {
            index: number,
            name: &provider.name.value,
            profile: plan.profiles[number as usize],
            domains: provider.domains.iter().map(|domain| domain.value.clone()).collect(),
            dns: dns(&provider.mx),
            behaviours: behaviours(plan, provider),
            contacts: &addresses[number as usize],
        });
        added.expect("domains and hosts are checked when the plan is made");
    }
    builder.build()
}

fn dns(mx: &Mx) -> Dns {
    match mx {
        Mx::Hosts(hosts) => Dns::Hosts(hosts.iter().map(|host| host.value.clone()).collect()),
        Mx::Implicit => Dns::Implicit,
        Mx::Null => Dns::Null,
        Mx::NoSuchDomain => Dns::NoSuchDomain,
        Mx::ServerFailure => Dns::ServerFailure,
    }
}

/// The behaviours of a provider in the order in which they are asked: spans of the timeline, later ones first, then its
/// own.
fn behaviours(plan: &Plan, provider: &scenario::Provider) -> Vec<Active> {
    let spans = plan.scenario.timeline.iter().rev().filter_map(|entry| match entry {
        Entry::Span(span) if span.provider.value == provider.name.value => Some(span),
        Entry::Span(_) | Entry::Action(_) => None,
    });
    let of_span = |span: &Span| -> Vec<Active> {
        let host = span.host.as_ref().map(|host| host.value.clone());
        span.behaviours
            .iter()
            .map(|written| active(written, span.from, span.until.value, host.clone()))
            .collect()
    };
    let standing =
        provider.behaviours.iter().map(|written| active(written, Instant::ZERO, Instant::MAX, None));
    spans.flat_map(of_span).chain(standing).collect()
}

fn active(written: &scenario::Behaviour, from: Instant, until: Instant, host: Option<String>) -> Active {
    let mut problems = Problems::new();
    let behaviour = fleet::read_behaviour(written, &mut problems);
    Active { from, until, host, behaviour: behaviour.expect("it was read before, when the plan was made") }
}

const fn status(status: scenario::ContactStatus) -> ContactStatus {
    match status {
        scenario::ContactStatus::Active => ContactStatus::Active,
        scenario::ContactStatus::Error => ContactStatus::Error,
        scenario::ContactStatus::OptOut => ContactStatus::OptOut,
    }
}

const fn kind(kind: MailingKind) -> Kind {
    match kind {
        MailingKind::Regular => Kind::Regular,
        MailingKind::Automated(rate) => Kind::Automated(rate),
        MailingKind::Test => Kind::Test,
    }
}

pub(crate) const fn contact_policy(policy: scenario::ContactPolicy) -> ContactPolicy {
    match policy {
        scenario::ContactPolicy::Classic => ContactPolicy::Classic,
        scenario::ContactPolicy::Careful => ContactPolicy::Careful,
    }
}

pub(crate) const fn uncertain_policy(policy: Uncertain) -> UncertainPolicy {
    match policy {
        Uncertain::Resend => UncertainPolicy::Resend,
        Uncertain::Hold => UncertainPolicy::Hold,
        Uncertain::AssumeDelivered => UncertainPolicy::AssumeDelivered,
    }
}
