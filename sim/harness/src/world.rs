//! One shard of a run: an engine, its part of the fleet, and a clock of their own.
//!
//! A contact belongs to one provider and a provider to one shard, so a shard shares nothing with the others: contacts,
//! queues, connections and mailboxes are its own. What comes out is the same however the providers are cut into shards.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use engine::clock::Clock;
use engine::{Engine, Settings};
use fleet::{Dialogues, Dns, Fleet, FleetBuilder, MxRecord, ProviderSpec};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::mailing::{Content, Kind, Letter, Mailing, UncertainPolicy};
use policy::metrics::Metrics;
use policy::tls::TlsPolicy;
use policy::{Dispatcher, Setup};
use scenario::{MailingKind, Mx, MxHost, Uncertain};
use smtp::Domain;
use units::{Draw, Instant};

use crate::clock::Halt;
use crate::courier::Courier;
use crate::ledger::{Book, Known, Pages};
use crate::message::{self, Letters, Notes, Post};
use crate::onlooker::Worlds;
use crate::plan::{self, Plan, PlannedContact, PlannedWhat};
use crate::progress::Progress;
use crate::run::Server;
use crate::shard::Shard;
use crate::wire::{Course, Names};
use crate::zone;

/// What every shard needs beside the plan.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) server: Server,
    /// What is sent, by mailing.
    pub(crate) messages: Vec<Post>,
    pub(crate) course: Course,
    pub(crate) progress: Arc<Progress>,
    /// Where worlds can be asked how they stand, if somebody looks.
    pub(crate) worlds: Option<Worlds>,
}

/// What came out of a shard.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) pages: Pages,
    pub(crate) receipts: fleet::Receipts,
    /// The messages that were made for one recipient each, in no particular order.
    pub(crate) letters: Vec<record::Letter>,
    /// The engine's own counters, by mailing.
    pub(crate) metrics: Vec<Metrics>,
    pub(crate) ended: Instant,
}

/// Virtual time came to an end first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Halted {
    pub(crate) halt: Halt,
    /// The address of somebody who had no final outcome, if there was anybody.
    pub(crate) unfinished: Option<String>,
}

/// Runs one shard to its end.
///
/// # Errors
/// Virtual time came to an end first.
pub(crate) fn run(plan: &Plan, order: &Order, mut shard: Shard) -> Result<Outcome, Halted> {
    let time = order.course.time(Arc::clone(&order.progress));
    let clock = time.clock();
    let book = Book::new(members(plan, &shard), Arc::clone(&order.progress));
    let notes = Notes::default();
    let dispatcher = Dispatcher::new(setup(plan, order, &mut shard, &notes), Box::new(book.clone()));
    let fleet = Rc::new(RefCell::new(fleet(
        plan,
        FleetBuilder::new(order.seed)
            .offering(order.server.offering())
            .dialogues(Dialogues::Kept)
            .client(plan.scenario.sender.address),
        &shard,
    )));
    let wire = time.lay(&fleet).map_err(|halt| Halted { halt, unfinished: None })?;
    let ehlo_name = Domain::parse(&plan.scenario.sender.ehlo).expect("a domain");
    let names = Rc::new(Names::new(Rc::clone(&fleet), clock.clone()));
    let engine = Engine::new(dispatcher, clock.clone(), wire.connector(), names, Settings::new(ehlo_name));
    let courier = Courier::to_engine(&fleet, clock.clone(), &engine);
    let mut seat = order.worlds.as_ref().map(Worlds::enter);
    let metrics = || engine.ask(|dispatcher| dispatcher.all_metrics().copied().collect());
    let standing = || {
        let (now, letters) = (clock.now(), notes.letters());
        let (pages, receipts) = (book.pages(), fleet.borrow().receipts(now));
        Outcome { pages, receipts, letters, metrics: metrics(), ended: now }
    };
    let work = wire.carry(live(plan, &engine, &clock, &shard, &courier));
    let work = async {
        match &mut seat {
            Some(seat) => seat.attend(standing, work).await,
            None => work.await,
        }
    };
    let ended = time
        .run(work)
        .and_then(|carried| carried)
        .map_err(|halt| Halted { halt, unfinished: unfinished(plan, &engine, &shard) })?;
    let metrics = metrics();
    courier.retire();
    drop((engine, wire));
    drop(time);
    let receipts =
        Rc::into_inner(fleet).expect("every connection is closed").into_inner().into_receipts(ended);
    let outcome = Outcome { pages: book.into_pages(), receipts, letters: notes.letters(), metrics, ended };
    if let Some(seat) = seat {
        seat.leave(outcome.clone());
    }
    Ok(outcome)
}

/// Runs the engine beside those who do things to it from outside.
async fn live(plan: &Plan, engine: &Engine, clock: &Clock, shard: &Shard, courier: &Courier) -> Instant {
    let running = tokio::task::spawn_local({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    for deed in &plan.deeds {
        clock.sleep_until(deed.at).await;
        carry_out(&deed.what, engine, shard);
    }
    if let Err(error) = running.await {
        std::panic::resume_unwind(error.into_panic());
    }
    courier.finish().await;
    clock.now()
}

/// Does something to the engine, if it concerns the shard.
fn carry_out(what: &PlannedWhat, engine: &Engine, shard: &Shard) {
    match what {
        PlannedWhat::OptOut(contact) => {
            shard.member(*contact).into_iter().for_each(|member| engine.opt_out(member));
        }
        PlannedWhat::Complaint(contact) => {
            shard.member(*contact).into_iter().for_each(|member| engine.complain(member));
        }
        PlannedWhat::Reactivate { contact, by, why } => {
            shard.member(*contact).into_iter().for_each(|member| engine.reactivate(member, by, why));
        }
        PlannedWhat::Cancel(mailing) => engine.cancel(*mailing),
    }
}

/// The address of somebody who has no final outcome yet.
fn unfinished(plan: &Plan, engine: &Engine, shard: &Shard) -> Option<String> {
    let member = engine.ask(Dispatcher::first_unfinished)?;
    let contact = shard.contacts[member.index()];
    Some(plan.contacts[contact as usize].address.as_str().to_owned())
}

fn contacts<'a>(plan: &'a Plan, shard: &'a Shard) -> impl Iterator<Item = (u32, &'a PlannedContact)> {
    shard.contacts.iter().map(|number| (*number, &plan.contacts[*number as usize]))
}

/// The contacts of the shard, as the record knows them.
fn members(plan: &Plan, shard: &Shard) -> Vec<Known> {
    contacts(plan, shard).map(|(contact, known)| Known { contact, provider: known.provider }).collect()
}

fn setup(plan: &Plan, order: &Order, shard: &mut Shard, notes: &Notes) -> Setup {
    let contacts = contacts(plan, shard)
        .map(|(_, contact)| (contact.address.clone(), Standing::new(status(contact.status))))
        .collect();
    Setup {
        contacts,
        mailings: (0..plan.mailings.len()).map(|number| mailing(plan, order, number, shard, notes)).collect(),
        limits: plan.limits,
        tls: TlsPolicy::OnDemand,
        draw: Draw::new(order.seed, "engine"),
    }
}

/// The mailing with this index; its list is taken out of the shard.
fn mailing(plan: &Plan, order: &Order, number: usize, shard: &mut Shard, notes: &Notes) -> Mailing {
    let written = &plan.scenario.mailings[number];
    Mailing {
        name: written.name.value.clone(),
        kind: kind(written.kind),
        start: written.start.value,
        content: content(plan, order, number, shard, notes),
        list: std::mem::take(&mut shard.lists[number]),
        plan: plan.mailings[number].plan.clone(),
        contact_policy: contact_policy(written.policy),
        uncertain: uncertain_policy(written.uncertain),
    }
}

/// What the mailing with this index sends.
fn content(plan: &Plan, order: &Order, number: usize, shard: &Shard, notes: &Notes) -> Content {
    let (sender, written) = (&plan.scenario.sender, &plan.scenario.mailings[number]);
    match &order.messages[number] {
        Post::Shared(message) => Content::Shared(Letter {
            sender: message::sender(sender, number + 1, &written.name.value),
            body: Arc::clone(&message.body),
        }),
        Post::Personal => {
            let contacts = shard.contacts.clone();
            let letters = Letters::new(sender, written, number, order.seed, contacts, notes.clone());
            Content::Personal(Arc::new(letters))
        }
    }
}

/// The shard's part of the fleet.
pub(crate) fn fleet(plan: &Plan, builder: FleetBuilder, shard: &Shard) -> Fleet {
    let mut builder = builder.sender(zone::zone(&plan.scenario.sender));
    let mut addresses: Vec<Vec<&str>> = vec![Vec::new(); plan.providers.len()];
    // Shares of mailboxes are shares of those who are mailed.
    let mailed = contacts(plan, shard).filter(|(_, one)| one.status == scenario::ContactStatus::Active);
    mailed.for_each(|(_, one)| addresses[one.provider as usize].push(one.address.as_str()));
    for index in shard.providers.iter().copied() {
        let number = index as usize;
        let provider = &plan.scenario.providers[number];
        let added = builder.add_provider(ProviderSpec {
            index,
            name: &provider.name.value,
            profile: plan.providers[number].profile,
            domains: provider.domains.iter().map(|domain| domain.value.clone()).collect(),
            dns: dns(&provider.mx),
            behaviours: plan::behaviours(plan, number),
            contacts: &addresses[number],
        });
        added.expect("domains and hosts are checked when the plan is made");
    }
    builder.build()
}

/// The hosts of a provider, in the order in which the fleet counts them.
pub(crate) fn hosts(plan: &Plan, provider: usize) -> Vec<String> {
    let written = &plan.scenario.providers[provider];
    let domains: Vec<String> = written.domains.iter().map(|domain| domain.value.clone()).collect();
    fleet::dns::hosts(&dns(&written.mx), &domains, &plan::behaviours(plan, provider))
}

fn dns(mx: &Mx) -> Dns {
    let record = |host: &MxHost| MxRecord { preference: host.preference, host: host.host.value.clone() };
    match mx {
        Mx::Hosts(hosts) => Dns::Hosts(hosts.iter().map(record).collect()),
        Mx::Implicit => Dns::Implicit,
        Mx::Null => Dns::Null,
        Mx::NoSuchDomain => Dns::NoSuchDomain,
        Mx::ServerFailure => Dns::ServerFailure,
    }
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
        MailingKind::Automated(joins) => Kind::Automated(joins.value),
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

#[cfg(test)]
mod tests {
    use scenario::Source;

    use super::*;
    use crate::shard;

    #[test]
    fn a_run_that_ends_too_soon_names_somebody_who_is_not_final() {
        let text = "
name: Test
providers: { northmail: , bigbox: }
audience: [{ domain: northmail.test, contacts: 10_000 }, { domain: bigbox.test, contacts: 10_000 }]
mailings: [{ name: news, kind: automated, joins: 1/s }]
";
        let plan = Plan::read(&Source::new("test.yaml", text)).expect("a sound scenario");
        let progress = Arc::new(Progress::default());
        progress.call_off();
        let messages = vec![Post::of(1, &plan.scenario.mailings[0], &plan.scenario.sender, 1)];
        let order =
            Order { seed: 1, server: Server::Own, messages, course: Course::Memory, progress, worlds: None };
        for (shard, domain) in shard::cut(&plan, 2).into_iter().zip(["northmail.test", "bigbox.test"]) {
            let halted = run(&plan, &order, shard).expect_err("it was called off");
            assert!(halted.unfinished.is_some_and(|address| address.ends_with(domain)), "{domain}");
        }
    }
}
