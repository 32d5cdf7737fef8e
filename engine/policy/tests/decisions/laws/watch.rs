//! The laws, checked after every call from the ledger and from what the dispatcher asked for.
//!
//! Whoever watches keeps its own picture of every contact and every recipient, made from the entries of the ledger alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use policy::contact::{ContactStatus, Standing};
use policy::ids::{ContactId, MailingId, SiteId};
use policy::ledger::{Cause, StandingCause};
use policy::mailing::{Content, Kind, Mailing};
use policy::metrics::Metrics;
use policy::pace::SiteLimits;
use policy::retry::{RetryPlan, WINDOW};
use policy::route::MxAnswer;
use smtp::{Address, Domain, ReversePath};
use units::Instant;

use super::story::{Place, Story};
use crate::account::{Event, Noted};
use crate::driver::{Connection, Driver, Work};

/// Windows that close within this time of each other may share a transaction.
const WINDOWS_ALIKE: Duration = Duration::from_secs(60);

/// What is known of a mailing.
struct Sent {
    sender: ReversePath,
    kind: Kind,
    start: Instant,
    plan: RetryPlan,
    /// The place of each contact on the list, the first if there are several.
    places: BTreeMap<ContactId, u32>,
    cancelled: bool,
    latest: Metrics,
}

/// The one who watches.
pub(super) struct Watch {
    standings: Vec<Standing>,
    addresses: Vec<Address>,
    mailings: Vec<Sent>,
    limits: SiteLimits,
    stories: BTreeMap<(MailingId, ContactId), Story>,
    /// Entries of the ledger that were read.
    read: usize,
    /// Dials that were seen.
    dials: usize,
    /// Hosts that a domain was ever answered with, sorted.
    hosts: BTreeSet<(Domain, Vec<Domain>)>,
    /// Answers of the DNS that were seen.
    answers: usize,
    sites: BTreeMap<SiteId, Vec<Domain>>,
    healed: Option<Instant>,
    /// Somebody was withdrawn while waiting.
    somebody_left: bool,
}

type Verdict = Result<(), String>;

fn broken(law: String) -> Verdict {
    Err(law)
}

impl Watch {
    pub(super) fn new(contacts: &[(Address, Standing)], mailings: &[Mailing], limits: SiteLimits) -> Self {
        Self {
            standings: contacts.iter().map(|(_, standing)| *standing).collect(),
            addresses: contacts.iter().map(|(address, _)| address.clone()).collect(),
            mailings: mailings.iter().map(Sent::of).collect(),
            limits,
            stories: BTreeMap::new(),
            read: 0,
            dials: 0,
            hosts: BTreeSet::new(),
            answers: 0,
            sites: BTreeMap::new(),
            healed: None,
            somebody_left: false,
        }
    }

    pub(super) fn contacts(&self) -> usize {
        self.standings.len()
    }

    pub(super) fn mailings(&self) -> usize {
        self.mailings.len()
    }

    /// An operator is about to cancel a mailing.
    pub(super) fn cancelled(&mut self, mailing: MailingId) {
        self.mailings[mailing.index()].cancelled = true;
    }

    /// From now on everything works.
    pub(super) fn heal(&mut self, driver: &Driver) {
        self.healed = Some(driver.now);
    }

    /// Checks every law after a call.
    pub(super) fn look(&mut self, driver: &mut Driver) -> Verdict {
        self.read_on(driver)?;
        self.check_metrics(driver)?;
        self.check_windows(driver)?;
        self.check_transactions(driver)?;
        self.check_connections(driver)
    }

    /// Checks what holds when everything is over.
    pub(super) fn end(&self, driver: &Driver) -> Verdict {
        if !driver.dispatcher.is_complete() {
            return broken("it does not say that it is complete".to_owned());
        }
        match self.stories.iter().find(|(_, story)| story.place != Place::Settled) {
            Some((who, story)) => broken(format!("{who:?} has no final outcome in the end: {story:?}")),
            None => Ok(()),
        }
    }

    fn read_on(&mut self, driver: &Driver) -> Verdict {
        let entries = driver.account.entries();
        let fresh = self.read..entries.len();
        self.read = entries.len();
        entries[fresh].iter().try_for_each(|noted| self.take(noted, driver.now))
    }

    fn take(&mut self, noted: &Noted, now: Instant) -> Verdict {
        if noted.at != now {
            return broken(format!("noted at {} what happened at {now}", noted.at));
        }
        if let Event::Moved { from, to, cause } = &noted.event {
            return self.moved(noted, *from, *to, *cause);
        }
        let Some(mailing) = noted.mailing else { return Ok(()) };
        self.somebody_left |= matches!(
            noted.event,
            Event::Settled {
                cause: Cause::ContactLeftActive | Cause::MailingCancelled | Cause::HeldBack,
                ..
            }
        );
        let who = (mailing, noted.contact);
        let status = self.standings[noted.contact.index()].status;
        let sent = &self.mailings[mailing.index()];
        match (&noted.event, self.stories.get_mut(&who)) {
            (Event::Excluded(_), _) => Ok(()),
            (Event::Selected, None) if status == ContactStatus::Active => {
                let closes = sent.closes(noted.contact);
                self.stories.insert(who, Story::new(noted.at, closes));
                Ok(())
            }
            (_, Some(story)) if story.place != Place::Settled => {
                let may_begin = status == ContactStatus::Active && !sent.cancelled;
                let had_time = self.healed.is_some_and(|healed| story.had_time_since(healed));
                story
                    .take(noted, sent.plan.offsets().len(), may_begin, had_time)
                    .map_err(|law| format!("{who:?}: {law}: {noted:?}, {story:?}"))
            }
            (event, story) => broken(format!("{who:?}: {event:?} does not follow {story:?}")),
        }
    }

    fn moved(&mut self, noted: &Noted, from: Standing, to: Standing, cause: StandingCause) -> Verdict {
        let known = &mut self.standings[noted.contact.index()];
        let by_a_test = noted.mailing.is_some_and(|id| self.mailings[id.index()].kind == Kind::Test);
        if *known != from || by_a_test || !is_allowed(from, to, cause) {
            return broken(format!("{noted:?}, but it was {known:?}"));
        }
        *known = to;
        Ok(())
    }

    /// Both identities, the same count from the ledger, and nothing that counts backwards.
    fn check_metrics(&mut self, driver: &Driver) -> Verdict {
        for (index, sent) in self.mailings.iter_mut().enumerate() {
            let id = MailingId::from_index(index);
            let metrics = *driver.dispatcher.metrics(id);
            if !metrics.is_consistent() || metrics != driver.account.recount(id) {
                return broken(format!("{metrics:?}, and from the ledger {:?}", driver.account.recount(id)));
            }
            if !never_less(&sent.latest, &metrics) {
                return broken(format!("{metrics:?} after {:?}", sent.latest));
            }
            sent.latest = metrics;
        }
        Ok(())
    }

    /// Whose window has closed has a final outcome, unless it is in flight.
    fn check_windows(&self, driver: &Driver) -> Verdict {
        let open = |story: &Story| !matches!(story.place, Place::Settled | Place::InFlight);
        let late = self.stories.iter().find(|(_, story)| story.closes <= driver.advanced && open(story));
        late.map_or(Ok(()), |(who, story)| {
            broken(format!("{who:?} is still open at {}: {story:?}", driver.now))
        })
    }

    /// No more recipients in a transaction than the limit, all of them in flight in its mailing, and with windows that close
    /// at about the same time: when the first closes, the transaction is broken off for all.
    fn check_transactions(&self, driver: &Driver) -> Verdict {
        for work in driver.connections.iter().flat_map(Connection::begun) {
            let Work::Carries { job, sender, recipients } = work else { continue };
            let stories: Vec<&Story> = recipients.iter().filter_map(|to| self.story(sender, to)).collect();
            let in_flight = stories.iter().all(|story| story.place == Place::InFlight);
            let alike = stories.iter().all(|story| story.closes.since(job.deadline) <= WINDOWS_ALIKE);
            let first = stories.iter().map(|story| story.closes).min();
            let few = recipients.len() <= self.limits.recipients_per_message as usize;
            let known = stories.len() == recipients.len() && first == Some(job.deadline);
            if !(in_flight && alike && few && known) {
                return broken(format!(
                    "a transaction until {} to {recipients:?}: {stories:?}",
                    job.deadline
                ));
            }
        }
        Ok(())
    }

    fn story(&self, sender: &ReversePath, recipient: &Address) -> Option<&Story> {
        let mailing = self.mailings.iter().position(|sent| sent.sender == *sender)?;
        let contact = self.addresses.iter().position(|address| address == recipient)?;
        self.stories.get(&(MailingId::from_index(mailing), ContactId::from_index(contact)))
    }

    /// Never more connections than the limit, and none is asked for without a recipient who waits for it.
    fn check_connections(&mut self, driver: &mut Driver) -> Verdict {
        self.learn_hosts(driver);
        if driver.lookups.iter().collect::<BTreeSet<_>>().len() < driver.lookups.len() {
            return broken(format!("a domain is looked up twice at once: {:?}", driver.lookups));
        }
        let fresh = driver.dialled[self.dials..].to_vec();
        self.dials = driver.dialled.len();
        for site in fresh {
            let hosts = self.sites.entry(site).or_insert_with(|| {
                let mut hosts = driver.dispatcher.hosts(site, driver.now);
                hosts.sort();
                hosts
            });
            let waiting = self
                .stories
                .iter()
                .filter(|((_, contact), story)| {
                    let domain = domain(&self.addresses[contact.index()]);
                    story.is_due(driver.now) && self.hosts.contains(&(domain, hosts.clone()))
                })
                .count();
            let open = driver.open(site);
            // Who left the queue is noticed only when its turn comes, so it may have been counted.
            let wanted = if self.somebody_left && waiting > 0 { usize::MAX } else { waiting };
            if open > wanted.min(self.limits.connections as usize) {
                return broken(format!("{open} connections to {hosts:?} for {waiting} who wait"));
            }
        }
        Ok(())
    }

    fn learn_hosts(&mut self, driver: &Driver) {
        for (domain, answer) in &driver.answers[self.answers..] {
            let mut hosts = match answer {
                MxAnswer::Hosts(hosts) => hosts.iter().map(|(_, host)| host.clone()).collect(),
                MxAnswer::Implicit => vec![domain.clone()],
                MxAnswer::Relay(host) => vec![host.clone()],
                MxAnswer::Null | MxAnswer::NoSuchDomain | MxAnswer::Failed | MxAnswer::NotAdmitted => {
                    continue;
                }
            };
            hosts.sort();
            self.hosts.insert((domain.clone(), hosts));
        }
        self.answers = driver.answers.len();
    }
}

/// The one return path of a mailing.
fn sender_of(content: &Content) -> ReversePath {
    match content {
        Content::Shared(letter) => letter.sender.clone(),
        Content::Personal(_) => panic!("mailings of sketches are told apart by their return path"),
    }
}

impl Sent {
    fn of(mailing: &Mailing) -> Self {
        let mut places = BTreeMap::new();
        for line in &mailing.list {
            let place: &mut u32 = places.entry(line.contact).or_insert(line.position);
            *place = line.position.min(*place);
        }
        Self {
            sender: sender_of(&mailing.content),
            kind: mailing.kind,
            start: mailing.start,
            plan: mailing.plan.clone(),
            places,
            cancelled: false,
            latest: Metrics::default(),
        }
    }

    fn closes(&self, contact: ContactId) -> Instant {
        self.kind.joins(self.start, self.places[&contact]) + WINDOW
    }
}

fn domain(address: &Address) -> Domain {
    Domain::parse(address.domain()).expect("the domain of an address is a domain")
}

/// The table of contacts, read from its other side: which cause can lead where.
fn is_allowed(from: Standing, to: Standing, cause: StandingCause) -> bool {
    use ContactStatus::{Active, Error, OptOut};
    match (from.status, to.status) {
        (Active, Active) => match cause {
            StandingCause::SoftBounce => to.strikes == from.strikes + 1,
            StandingCause::LateSoftBounce => to.strikes > from.strikes,
            StandingCause::Delivered => to.strikes == 0,
            _ => false,
        },
        (Active, Error) => match cause {
            StandingCause::SoftBounce => from.strikes == 2,
            StandingCause::LateSoftBounce => to.strikes == 3,
            _ => matches!(cause, StandingCause::HardBounce | StandingCause::LateHardBounce),
        },
        (Active | Error, OptOut) => matches!(cause, StandingCause::OptOut | StandingCause::Complaint),
        (Error, Active) => cause == StandingCause::Reactivated && to.strikes == 0,
        (Error, Error) | (OptOut, _) => false,
    }
}

/// Whether every counter but `pending` and `in_progress` is at least what it was.
const fn never_less(before: &Metrics, after: &Metrics) -> bool {
    before.selected <= after.selected
        && before.excluded <= after.excluded
        && before.dropped <= after.dropped
        && before.sent <= after.sent
        && before.delivered <= after.delivered
        && before.soft_bounced <= after.soft_bounced
        && before.hard_bounced <= after.hard_bounced
        && before.cancelled <= after.cancelled
        && before.late_bounced <= after.late_bounced
        && before.complained <= after.complained
        && before.unsubscribed <= after.unsubscribed
        && before.reports_ignored <= after.reports_ignored
}
