//! The engine without a fleet: a mailing to people, over whatever ports it is given.
//!
//! Beside the runs of scenarios, because ledger and record are the same; there are no receipts, and nobody judges. When
//! time is called, whoever is under way is let finish, and the others are given up.

mod letters;
mod record;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use compose::{Composer, Fields, ReturnPaths};
use engine::clock::Clock;
use engine::port::{Connector, Resolver};
use engine::{Engine, Settings};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::{ContactId, MailingId};
use policy::ledger::{Entry, Fact, Ledger};
use policy::mailing::{Content, Kind, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::tls::TlsPolicy;
use policy::{Dispatcher, Setup};
use smtp::Address;
use tokio::sync::Notify;
use units::{Draw, Instant, Table};

use crate::ledger::{Book, Known};
use crate::progress::Progress;
use letters::Letters;

/// How long connections may take to say good-bye once everybody has a final outcome. Some may still wait for a greeting that nobody
/// needs any more.
const PARTING: Duration = Duration::from_secs(5);

/// How long those who are under way may take once time was called. Most servers answer in seconds; whoever waits for the
/// end of a command does not want to wait as long as the protocol allows, which is ten minutes.
const GRACE: Duration = Duration::from_secs(30);

/// The one mailing there is.
const MAILING: MailingId = MailingId(0);

/// A mailing to people.
#[derive(Debug)]
pub struct Sending {
    /// Its name.
    pub name: String,
    /// The file it comes from, as its user named it.
    pub file: String,
    /// What tells it from another mailing of the same name, and what orders equal hosts.
    pub seed: u64,
    /// Its number in return paths.
    pub number: u32,
    /// Makes the messages.
    pub composer: Composer,
    /// Where bounces go.
    pub return_path: ReturnPath,
    /// Whom it goes to; who is there twice gets it once.
    pub people: Vec<Person>,
    /// When a recipient is tried.
    pub plan: RetryPlan,
    /// When a contact counts as lost.
    pub contact_policy: ContactPolicy,
    /// What is done with an uncertain outcome.
    pub uncertain: UncertainPolicy,
    /// The engine's limits towards each site.
    pub limits: SiteLimits,
    /// Whether it travels inside TLS.
    pub tls: TlsPolicy,
}

/// Whom a mailing goes to, and what is known about them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Where the message goes.
    pub address: Address,
    /// What is merged into it.
    pub fields: Fields,
}

/// Where bounces go.
#[derive(Debug, Clone)]
pub enum ReturnPath {
    /// All to one address.
    Shared(Address),
    /// To an address for each recipient.
    Each(ReturnPaths),
}

/// The world that a mailing is sent into.
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Opens connections.
    pub connector: Rc<dyn Connector>,
    /// Knows where mail goes.
    pub resolver: Rc<dyn Resolver>,
    /// What the engine says about itself, and how long it waits.
    pub settings: Settings,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// How a mailing came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everybody has a final outcome of their own.
    Complete,
    /// It was called off; who was not under way was given up.
    CalledOff,
    /// Its time was up; who was not under way was given up.
    TimeUp,
}

/// Sends a mailing, at most until `limit`. Needs a single-threaded runtime on which local tasks can be spawned.
///
/// # Panics
/// Something happened that only a bug of ours can cause.
pub async fn send(
    sending: Sending,
    world: World,
    limit: Option<Instant>,
    progress: &Arc<Progress>,
) -> (::record::Record, End) {
    let World { clock, connector, resolver, settings } = world;
    let start = clock.now();
    let list = List::of(&sending.people);
    let plain = record::Plain::of(&sending, &list, start);
    progress.expect(list.lines.len() as u64);
    let book = Book::new(plain.members(), Arc::clone(progress));
    let setup = setup(sending, list, start);
    let settled = Rc::new(Notify::new());
    let ledger = Telling { book: book.clone(), settled: Rc::clone(&settled) };
    let dispatcher = Dispatcher::new(setup, Box::new(ledger));
    let engine = Engine::new(dispatcher, clock.clone(), connector, resolver, settings);
    let end = until_the_end(&engine, &clock, limit, progress, &settled).await;
    let metrics = engine.ask(|dispatcher| dispatcher.all_metrics().copied().next()).unwrap_or_default();
    (plain.record(book.into_pages(), &metrics, clock.now()), end)
}

/// The list of a mailing: who is on it, each address once, and which line is whose.
#[derive(Debug)]
struct List {
    contacts: Vec<Address>,
    lines: Vec<Listed>,
}

impl List {
    fn of(people: &[Person]) -> Self {
        let mut numbers: Table<&Address, ContactId> = Table::default();
        let mut contacts = Vec::new();
        let lines = (0..).zip(people).map(|(position, person)| {
            let contact = *numbers.entry(&person.address).or_insert_with(|| {
                contacts.push(person.address.clone());
                ContactId::from_index(contacts.len() - 1)
            });
            Listed { contact, position }
        });
        let lines = lines.collect();
        Self { contacts, lines }
    }
}

fn setup(sending: Sending, list: List, start: Instant) -> Setup {
    let active = |address| (address, Standing::new(ContactStatus::Active));
    let draw = Draw::new(sending.seed, "engine");
    let (limits, tls) = (sending.limits, sending.tls);
    let letters = Letters::new(sending.composer, sending.return_path, sending.number, sending.people, start);
    let mailing = Mailing {
        name: sending.name,
        kind: Kind::Regular,
        start,
        content: Content::Personal(Arc::new(letters)),
        list: list.lines,
        plan: sending.plan,
        contact_policy: sending.contact_policy,
        uncertain: sending.uncertain,
    };
    let contacts = list.contacts.into_iter().map(active).collect();
    Setup { contacts, mailings: vec![mailing], limits, tls, draw }
}

/// Runs the engine until everybody is final and connections had their time to be closed. When time is called, those who are not
/// under way are given up, and the others have a little time left; who is still under way then has no final outcome.
async fn until_the_end(
    engine: &Engine,
    clock: &Clock,
    limit: Option<Instant>,
    progress: &Progress,
    settled: &Notify,
) -> End {
    let called = Cell::new(End::Complete);
    let call = |end: End| {
        if called.get() == End::Complete && !engine.ask(Dispatcher::is_complete) {
            called.set(end);
            engine.cancel(MAILING);
        }
    };
    let time = async {
        clock.sleep_until(limit.unwrap_or(Instant::MAX)).await;
        call(End::TimeUp);
        clock.sleep_until(clock.now() + GRACE).await;
    };
    let operator = async {
        progress.called_off().await;
        call(End::CalledOff);
        clock.sleep_until(clock.now() + GRACE).await;
    };
    let everybody = async {
        while !engine.ask(Dispatcher::is_complete) {
            settled.notified().await;
        }
        clock.sleep_until(clock.now() + PARTING).await;
    };
    first(engine.run(), first(everybody, first(time, operator))).await;
    called.get()
}

/// A ledger that tells whenever somebody has got a final outcome.
struct Telling {
    book: Book,
    settled: Rc<Notify>,
}

impl Ledger for Telling {
    fn note(&mut self, at: Instant, entry: Entry<'_>) {
        self.book.note(at, entry);
        if let Fact::Settled { .. } = entry.fact {
            self.settled.notify_one();
        }
    }
}

/// Waits until one of the two is done, and lets go of the other.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(context),
    })
    .await;
}

/// The one provider that a contact belongs to, as the record counts them.
const fn known(contact: u32, provider: u32) -> Known {
    Known { contact, provider }
}

#[cfg(test)]
mod tests;
