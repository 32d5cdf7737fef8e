//! The front door of the decisions: mailings and contacts go in, facts about the world come in, actions come out.
//!
//! The contract with the shell:
//! - after any call, drain [`Dispatcher::next_action`] and carry the actions out;
//! - call [`Dispatcher::advance`] when [`Dispatcher::next_wake`] has come; coming early or twice is harmless;
//! - the time told never goes back;
//! - the same calls in the same order give the same actions.
//!
//! Split by what happens to a recipient: `select` (a mailing starts, recipients come due, windows close), `resolve` (domains
//! become sites), `connect` (sites get connections), `serve` (queues become transactions), `answers` (what those of a
//! transaction say), `settle` (answers become outcomes, outcomes move contacts), `feedback` (what comes back
//! after a message was accepted).

mod answers;
mod connect;
mod feedback;
mod resolve;
mod select;
mod serve;
mod settle;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::fmt;

use smtp::{Address, Domain};
use units::{Draw, Instant};

use crate::contact::Standing;
use crate::ids::{ContactId, DomainId, MailingId, RecipientId, SiteId};
use crate::ledger::{Entry, Fact, Ledger};
use crate::mailing::{Listed, Mailing};
use crate::metrics::Metrics;
use crate::pace::SiteLimits;
use crate::recipients::{Progress, Recipients};
use crate::retry::WINDOW;
use crate::route::TlsDemand;
use crate::site::Site;
use crate::tls::TlsPolicy;

pub use answers::stage;
pub use connect::Detour;
pub use serve::{Admission, Carrier, Job};

/// What a dispatcher is made of.
#[derive(Debug)]
pub struct Setup {
    /// The contacts: address and standing. A [`ContactId`] is an index into this list.
    pub contacts: Vec<(Address, Standing)>,
    /// The mailings.
    pub mailings: Vec<Mailing>,
    /// Our own limits, the same towards each site.
    pub limits: SiteLimits,
    /// Our own wish about TLS, the same towards each site.
    pub tls: TlsPolicy,
    /// From where the order of equal MX hosts is drawn.
    pub draw: Draw,
}

/// What the shell is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look the mail exchangers of this domain up and call [`Dispatcher::resolved`].
    Resolve(DomainId),
    /// Open a connection to this site: ask [`Dispatcher::hosts`] and take it from there.
    Connect(SiteId),
}

/// All decisions about a set of mailings to a set of contacts.
pub struct Dispatcher {
    contacts: Vec<Contact>,
    mailings: Vec<Running>,
    recipients: Recipients,
    domains: Vec<Destination>,
    sites: Vec<Site>,
    /// By what makes a site: what is demanded of its connections, and its hosts.
    site_by_route: BTreeMap<(TlsDemand, Vec<(u16, Domain)>), SiteId>,
    /// What mailings have to do next, and when.
    agenda: BinaryHeap<Reverse<(Instant, Item)>>,
    /// Mailings before this one are complete, and stay so.
    complete_before: Cell<usize>,
    deferred: BinaryHeap<Reverse<(Instant, RecipientId)>>,
    site_wakes: BinaryHeap<Reverse<(Instant, SiteId)>>,
    /// Sites that got work since they were looked at.
    touched: Vec<SiteId>,
    actions: VecDeque<Action>,
    limits: SiteLimits,
    tls: TlsPolicy,
    draw: Draw,
    ledger: Box<dyn Ledger>,
    /// What came back, so that nothing counts twice.
    heard: BTreeSet<(RecipientId, feedback::Said)>,
    /// What came back, and nobody knows about whom.
    strays: u64,
}

/// What a mailing has to do. At one moment windows close before anybody joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// The window of its first recipients closes.
    Close(MailingId),
    /// Its next recipients, or surplus lines, join.
    Join(MailingId),
}

struct Contact {
    address: Address,
    domain: DomainId,
    standing: Standing,
    /// Whether it has ever been delivered to, as far as this dispatcher knows.
    known_good: KnownGood,
    /// Its latest delivery, unless an operator has re-activated it since.
    latest_delivery: Option<Delivery>,
}

/// A delivery to a contact, which set its strikes to 0.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    recipient: RecipientId,
    /// The strikes before it.
    strikes_before: u8,
}

/// Whether an address is known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownGood {
    No,
    Yes,
}

/// A mailing under way.
struct Running {
    mailing: Mailing,
    rows: std::ops::Range<usize>,
    /// Surplus lines of the list, by position.
    duplicates: VecDeque<Listed>,
    /// The first row that has not joined.
    next_to_join: usize,
    /// The first row whose window has not closed.
    next_to_close: usize,
    metrics: Metrics,
    cancelled: Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancelled {
    No,
    Yes,
}

/// A domain on its way to a site.
struct Destination {
    name: Domain,
    site: Option<SiteId>,
    /// Until when `site` may be used without asking the DNS again.
    fresh_until: Instant,
    /// Due, but waiting for the DNS.
    waiting: Vec<RecipientId>,
    question: Question,
}

/// Whether the DNS has been asked about a domain and has not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    None,
    Asked,
    /// It has, and this site opens no connection before it answers.
    AwaitedBy(SiteId),
}

impl Dispatcher {
    /// A dispatcher that has not started anything; `ledger` takes the account.
    ///
    /// # Panics
    /// A mailing lists a contact that does not exist, or its contacts join out of their order: a bug of the caller.
    pub fn new(setup: Setup, ledger: Box<dyn Ledger>) -> Self {
        let mut recipients = Recipients::default();
        let mailings: Vec<Running> = setup
            .mailings
            .into_iter()
            .enumerate()
            .map(|(index, mailing)| {
                Running::new(MailingId::from_index(index), mailing, setup.contacts.len(), &mut recipients)
            })
            .collect();
        let agenda = agenda(&mailings, &recipients);
        let (contacts, domains) = with_domains(setup.contacts);
        Self {
            contacts,
            mailings,
            recipients,
            domains,
            sites: Vec::new(),
            site_by_route: BTreeMap::new(),
            agenda,
            complete_before: Cell::new(0),
            deferred: BinaryHeap::new(),
            site_wakes: BinaryHeap::new(),
            touched: Vec::new(),
            actions: VecDeque::new(),
            limits: setup.limits,
            tls: setup.tls,
            draw: setup.draw,
            ledger,
            heard: BTreeSet::new(),
            strays: 0,
        }
    }

    /// The next thing to do, if there is any.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Whether every mailing has started for everybody and every recipient has its final outcome.
    pub fn is_complete(&self) -> bool {
        let mut complete = self.complete_before.get();
        while self.mailings.get(complete).is_some_and(Running::is_complete) {
            complete += 1;
        }
        self.complete_before.set(complete);
        complete == self.mailings.len()
    }

    /// Somebody who has no final outcome yet, if there is anybody.
    pub fn first_unfinished(&self) -> Option<ContactId> {
        let row = |index| self.recipients.row(RecipientId::from_index(index));
        (0..self.recipients.len()).map(row).find(|row| row.progress != Progress::Final).map(|row| row.contact)
    }

    /// How a mailing stands.
    pub fn metrics(&self, mailing: MailingId) -> &Metrics {
        &self.mailings[mailing.index()].metrics
    }

    /// How all mailings stand, in their order.
    pub fn all_metrics(&self) -> impl Iterator<Item = &Metrics> {
        self.mailings.iter().map(|running| &running.metrics)
    }

    /// How a contact stands.
    pub fn standing(&self, contact: ContactId) -> Standing {
        self.contacts[contact.index()].standing
    }

    /// The name of a domain, for the look-up.
    pub fn domain(&self, domain: DomainId) -> &Domain {
        &self.domains[domain.index()].name
    }

    fn running(&self, recipient: RecipientId) -> &Running {
        &self.mailings[self.recipients.row(recipient).mailing.index()]
    }

    /// When this recipient's window opened: its mailing started, or it joined.
    fn start_of(&self, recipient: RecipientId) -> Instant {
        let row = self.recipients.row(recipient);
        self.mailings[row.mailing.index()].joins(row.position)
    }

    fn window_end(&self, recipient: RecipientId) -> Instant {
        self.start_of(recipient) + WINDOW
    }

    fn note(&mut self, now: Instant, recipient: RecipientId, fact: Fact<'_>) {
        let row = self.recipients.row(recipient);
        self.ledger.note(now, Entry { contact: row.contact, mailing: Some(row.mailing), fact });
    }
}

impl Running {
    fn new(id: MailingId, mut mailing: Mailing, contacts: usize, recipients: &mut Recipients) -> Self {
        let first = recipients.len();
        let mut list = std::mem::take(&mut mailing.list);
        list.sort_by_key(|line| (line.contact, line.position));
        let mut duplicates = Vec::new();
        let mut latest = None;
        let mut position = 0;
        for line in list {
            assert!(
                line.contact.index() < contacts,
                "the list of {} names a contact that is not there",
                mailing.name
            );
            if latest == Some(line.contact) {
                duplicates.push(line);
            } else {
                assert!(position <= line.position, "the contacts of {} join out of order", mailing.name);
                position = line.position;
                recipients.push(id, line.contact, line.position);
                latest = Some(line.contact);
            }
        }
        duplicates.sort_by_key(|line| line.position);
        Self {
            mailing,
            rows: first..recipients.len(),
            duplicates: duplicates.into(),
            next_to_join: first,
            next_to_close: first,
            metrics: Metrics::default(),
            cancelled: Cancelled::No,
        }
    }

    /// When somebody joins next, or a surplus line is due.
    fn next_join(&self, recipients: &Recipients) -> Option<Instant> {
        let row = (self.next_to_join < self.rows.end).then(|| RecipientId::from_index(self.next_to_join));
        let recipient = row.map(|row| self.joins(recipients.row(row).position));
        let surplus = self.duplicates.front().map(|line| self.joins(line.position));
        recipient.into_iter().chain(surplus).min()
    }

    fn is_complete(&self) -> bool {
        let all_joined = self.next_to_join == self.rows.end && self.duplicates.is_empty();
        all_joined && self.metrics.is_complete()
    }

    fn joins(&self, position: u32) -> Instant {
        self.mailing.kind.joins(self.mailing.start, position)
    }
}

/// What the mailings have to do first.
fn agenda(mailings: &[Running], recipients: &Recipients) -> BinaryHeap<Reverse<(Instant, Item)>> {
    let item = |(index, running): (usize, &Running)| {
        let at = running.next_join(recipients)?;
        Some(Reverse((at, Item::Join(MailingId::from_index(index)))))
    };
    mailings.iter().enumerate().filter_map(item).collect()
}

/// The contacts with their domains, numbered in the order of their first contact.
fn with_domains(contacts: Vec<(Address, Standing)>) -> (Vec<Contact>, Vec<Destination>) {
    let mut by_name: BTreeMap<String, DomainId> = BTreeMap::new();
    let mut domains = Vec::new();
    let contacts = contacts
        .into_iter()
        .map(|(address, standing)| {
            let name = address.domain();
            let domain = match by_name.get(name) {
                Some(domain) => *domain,
                None => {
                    let domain = DomainId::from_index(domains.len());
                    by_name.insert(name.to_owned(), domain);
                    domains.push(Destination {
                        name: Domain::parse(name).expect("the domain of an address is a domain"),
                        site: None,
                        fresh_until: Instant::ZERO,
                        waiting: Vec::new(),
                        question: Question::None,
                    });
                    domain
                }
            };
            Contact { address, domain, standing, known_good: KnownGood::No, latest_delivery: None }
        })
        .collect();
    (contacts, domains)
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("contacts", &self.contacts.len())
            .field("mailings", &self.mailings.len())
            .field("recipients", &self.recipients.len())
            .field("sites", &self.sites)
            .field("deferred", &self.deferred.len())
            .field("actions", &self.actions)
            .finish_non_exhaustive()
    }
}
