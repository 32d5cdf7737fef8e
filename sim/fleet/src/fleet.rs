//! The fleet: all providers of a run, found through their DNS and dialled by host.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use units::{Instant, Table};

use crate::behaviour::{Refusal, Visit};
use crate::dns::{Dns, Lookup};
use crate::echo::Outbox;
use crate::provider::Provider;
use crate::receipts::{Answered, ConnectionEnd, Receipts};
use crate::{Dialogue, Roster, Server, control};

/// All providers of a run. Single-threaded: one fleet a world.
#[derive(Debug, Default)]
pub struct Fleet {
    pub(crate) providers: Vec<Rc<RefCell<Provider>>>,
    /// Whose each domain is.
    pub(crate) domains: Table<String, usize>,
    /// Whose each host is, and which of theirs.
    pub(crate) hosts: Table<String, (usize, usize)>,
}

/// What came of dialling a host.
#[derive(Debug)]
pub enum Dial {
    /// The host refuses.
    Refused {
        /// How long that takes.
        after: Duration,
    },
    /// The host does not answer: whoever dials waits as long as it has patience.
    TimedOut,
    /// The connection is open.
    Connected {
        /// How long that takes.
        after: Duration,
        /// The other end; its greeting is due then.
        server: Box<Server>,
    },
}

impl Fleet {
    /// What the DNS says at `now` when it is asked which hosts take the mail of a domain, which is written in lower case.
    /// Domains of nobody do not exist.
    pub fn mx(&self, domain: &str, now: Instant) -> Lookup {
        match self.domains.get(domain) {
            Some(owner) => self.providers[*owner].borrow_mut().look_up(domain, now),
            None => Lookup::of(Dns::NoSuchDomain),
        }
    }

    /// Whether a domain ever publishes a policy about TLS.
    pub fn publishes_policies(&self) -> bool {
        self.providers.iter().any(|provider| provider.borrow().rules.publish_policies())
    }

    /// Dials a host, whose name is written in lower case. A host of nobody refuses at once.
    pub fn connect(&self, host: &str, now: Instant) -> Dial {
        let Some(&(owner, host)) = self.hosts.get(host) else {
            return Dial::Refused { after: Duration::ZERO };
        };
        let owner = &self.providers[owner];
        let mut provider = owner.borrow_mut();
        match provider.dial(now, host) {
            Some(Refusal::Refuse) => Dial::Refused { after: provider.refusal_delay(now, host) },
            Some(Refusal::TimeOut) => Dial::TimedOut,
            None => {
                let number = provider.journal.next_connection();
                let detour = provider.detour(now, host);
                let after = provider.delay(now, &Visit { connection: number, host, ..Visit::default() }, 0)
                    + detour.longer;
                provider.journal.open(
                    u32::try_from(host).expect("hosts are few"),
                    detour.address,
                    now + after,
                );
                drop(provider);
                let server = Server::new(Rc::clone(owner), number, host, now + after);
                Dial::Connected { after, server: Box::new(server) }
            }
        }
    }

    /// Hands what comes back from providers (reports, complaints, answers) to `outbox` from now on. Without one nothing comes
    /// back, whatever receipts say.
    pub fn send_post_to(&mut self, outbox: &Rc<dyn Outbox>) {
        self.providers
            .iter()
            .for_each(|provider| provider.borrow_mut().afterwards.outbox = Some(Rc::clone(outbox)));
    }

    /// Nothing is handed to anybody any more.
    pub fn stop_post(&mut self) {
        self.providers.iter().for_each(|provider| provider.borrow_mut().afterwards.outbox = None);
    }

    /// When the last thing happens to the messages that were accepted so far; the start if nothing does.
    pub fn quiet_at(&self) -> Instant {
        let last = |provider: &Rc<RefCell<Provider>>| {
            provider.borrow().journal.sequels().map(|sequel| sequel.at).max().unwrap_or_default()
        };
        self.providers.iter().map(last).max().unwrap_or_default()
    }

    /// The receipts of a run that ended at `end`.
    pub fn into_receipts(self, end: Instant) -> Receipts {
        let mut receipts = self.collect(end, Some(Answered::Unfinished));
        receipts.take_dialogues(
            self.providers.iter().flat_map(|provider| std::mem::take(&mut provider.borrow_mut().sample.kept)),
        );
        receipts
    }

    /// The receipts of a run under way: what is decided and has happened by `now`.
    pub fn receipts(&self, now: Instant) -> Receipts {
        let mut receipts = self.collect(now, None);
        receipts
            .take_dialogues(self.providers.iter().flat_map(|provider| provider.borrow().sample.kept.clone()));
        receipts.sequels.retain(|sequel| sequel.at <= now);
        receipts
    }

    /// `undecided` is what is said of recipients of whom nothing is decided; without it they are left out.
    fn collect(&self, end: Instant, undecided: Option<Answered>) -> Receipts {
        let mut receipts = Receipts::default();
        for provider in &self.providers {
            receipts.add(&provider.borrow(), end, undecided);
        }
        receipts.rules.sort_by_key(|(provider, _)| *provider);
        receipts.connections.sort_by_key(|connection| (connection.provider, connection.number));
        receipts.arrivals.sort_by_key(|arrival| (arrival.at, arrival.provider, arrival.connection));
        receipts.sequels.sort_by_key(|sequel| (sequel.at, sequel.provider, sequel.connection));
        receipts
    }
}

impl Receipts {
    fn take_dialogues(&mut self, kept: impl Iterator<Item = Dialogue>) {
        self.dialogues.extend(kept);
        self.dialogues.sort_by_key(|dialogue| (dialogue.provider, dialogue.connection));
    }

    fn add(&mut self, provider: &Provider, end: Instant, undecided: Option<Answered>) {
        let journal = &provider.journal;
        let connections = self.connections.len();
        self.connections.extend(journal.connections(provider.index, end));
        let open = self.connections[connections..].iter().filter(|one| one.end == ConnectionEnd::StillOpen);
        self.open_at_the_end += u32::try_from(open.count()).expect("connections are counted in 32 bits");
        self.rules.push((provider.index, control::uses(provider)));
        let mut senders = Renumbering::of(&journal.senders, &mut self.senders);
        let mut recipients = Renumbering::of(&provider.roster, &mut self.recipients);
        self.arrivals.extend(journal.arrivals(provider.index, undecided).map(|mut arrival| {
            arrival.sender = senders.number(arrival.sender);
            arrival.recipient = recipients.number(arrival.recipient);
            arrival
        }));
        self.sequels.extend(journal.sequels().map(|mut sequel| {
            sequel.sender = senders.number(sequel.sender);
            sequel.recipient = recipients.number(sequel.recipient);
            sequel
        }));
    }
}

/// Gives the names of one roster that occur their numbers in a list of several.
struct Renumbering<'a> {
    roster: &'a Roster,
    list: &'a mut Vec<String>,
    numbers: Vec<Option<u32>>,
}

impl<'a> Renumbering<'a> {
    fn of(roster: &'a Roster, list: &'a mut Vec<String>) -> Self {
        Self { roster, list, numbers: vec![None; roster.len() as usize] }
    }

    fn number(&mut self, old: u32) -> u32 {
        *self.numbers[old as usize].get_or_insert_with(|| {
            self.list.push(self.roster.name(old).to_owned());
            u32::try_from(self.list.len() - 1).expect("names are counted in 32 bits")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Active;
    use crate::testing::{World, behaviours, contact, message};

    /// What comes of a message at each of these hours, on each of the two hosts.
    fn over_time(behaviours: Vec<Active>, hours: &[u64]) -> Vec<(String, String)> {
        let mut world = World::with(1, "bigbox", "generic-postfix", 1, behaviours);
        let recipient = contact(1);
        let mut send = |host, hour: &u64| {
            world.talk(host, Instant::from_hours(*hour), &message("news@sender.test", &[&recipient], "\r\n"))
        };
        hours.iter().map(|hour| (send("mx1.bigbox.test", hour), send("mx2.bigbox.test", hour))).collect()
    }

    fn one(yaml: &str) -> Active {
        behaviours(yaml).expect(yaml).remove(0)
    }

    const PASSED: &str = "220 250 250 250 354 250 221";

    #[test]
    fn a_span_ends_and_concerns_its_host() {
        let outage = Active {
            from: Instant::from_hours(2),
            until: Instant::from_hours(9),
            host: Some("MX1.bigbox.test".to_owned()),
            ..one("connect: refuse")
        };
        let outcomes = over_time(vec![outage], &[1, 2, 8, 9]);
        let first: Vec<&str> = outcomes.iter().map(|(first, _)| first.as_str()).collect();
        assert_eq!(first, [PASSED, "refused", "refused", PASSED]);
        assert!(outcomes.iter().all(|(_, second)| second == PASSED), "{outcomes:?}");
    }

    #[test]
    fn the_first_opinion_wins() {
        let span = |yaml| Active { until: Instant::from_hours(5), ..one(yaml) };
        let both = vec![span("reply: { at: rcpt, code: 450 }"), one("reply: { at: rcpt, code: 550 }")];
        let outcomes = over_time(both, &[4, 5]);
        assert_eq!(outcomes[0].0, "220 250 250 450 221");
        assert_eq!(outcomes[1].0, "220 250 250 550 221");
    }

    #[test]
    fn two_rules_of_one_kind_draw_apart() {
        let half = |code: u16| one(&format!("reply: {{ at: mail, code: {code}, share: 50% }}"));
        let outcomes = over_time(vec![half(450), half(451)], &[0; 40]);
        let count =
            |code| outcomes.iter().filter(|(first, _)| first == &format!("220 250 {code} 221")).count();
        assert!(count(450) > 0 && count(451) > 0 && count(450) + count(451) < 40, "{outcomes:?}");
    }

    #[test]
    fn receipts_say_which_host_was_connected_to() {
        let mut world = World::with(1, "bigbox", "generic-postfix", 1, Vec::new());
        for host in ["mx2.bigbox.test", "mx1.bigbox.test", "mx2.bigbox.test"] {
            world.talk(host, Instant::ZERO, &[]);
        }
        let hosts: Vec<u32> = world.receipts().connections.iter().map(|connection| connection.host).collect();
        assert_eq!(hosts, [1, 0, 1]);
    }

    #[test]
    fn the_same_run_leaves_the_same_receipts() {
        let run = |seed, name| {
            let yaml = "mailboxes: { unknown: 20% }\nreply: { at: rcpt, code: 450, share: 30% }";
            let mut world = World::with(seed, name, "gmail", 50, behaviours(yaml).expect(yaml));
            for number in 1..=50 {
                world.send(
                    Instant::from_hours(u64::from(number) % 7),
                    &[&contact(number), &contact(51 - number)],
                );
            }
            world.receipts()
        };
        assert_eq!(run(1, "bigbox"), run(1, "bigbox"));
        assert_ne!(run(1, "bigbox"), run(2, "bigbox"));
        assert_ne!(run(1, "bigbox"), run(1, "smallbox"));
        let receipts = run(1, "bigbox");
        assert!(receipts.arrivals.is_sorted_by_key(|arrival| arrival.at));
        assert_eq!(receipts.arrivals.len(), 100);
        assert!(receipts.arrivals.iter().all(|arrival| arrival.provider == 3));
        assert_eq!(receipts.recipients.len(), 50);
        assert_eq!(receipts.senders, ["news@sender.test"]);
    }
}
