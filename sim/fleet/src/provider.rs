//! A provider while a run goes on: who it is, what it does, and what it has written down.
//!
//! Decides nothing itself but the two things that hold without any behaviour: how long answers take, and that mail for
//! foreign domains is refused.

use std::time::Duration;

use scenario::Repeat;
use smtp::Extensions;
use units::{Draw, Instant, Share};

use crate::Roster;
use crate::afterwards::Afterwards;
use crate::attempts::Attempts;
use crate::behaviour::{
    Act, Behaviour, Event, Habits, Identity, Mailbox, Refusal, Scene, Stage, TlsOffer, Visit,
};
use crate::builder::House;
use crate::condition::When;
use crate::courtesies::Courtesies;
use crate::dns::{Dns, Lookup};
use crate::journal::Journal;
use crate::profile::Situation;
use crate::receipts::Answered;
use crate::rules::{Decision, Rules};
use crate::sample::Sample;

/// A behaviour and when it is in force.
#[derive(Debug)]
pub struct Active {
    /// The first moment.
    pub from: Instant,
    /// The first moment after it; [`Instant::MAX`] if it never ends.
    pub until: Instant,
    /// Within that, only again and again; all along if `None`.
    pub repeat: Option<Repeat>,
    /// Only on this host of the provider; on all if `None`.
    pub host: Option<String>,
    /// Of what the DNS says, only what it says about this domain; about all if `None`. What servers do about the mail of a
    /// domain is a condition.
    pub domain: Option<String>,
    /// What its author calls the rule or span that it belongs to.
    pub name: Option<String>,
    /// Only under this condition.
    pub when: Option<When>,
    /// What is in force; of a ramp, its first step.
    pub behaviour: Box<dyn Behaviour>,
    /// The other steps of a ramp, in order.
    pub later: Vec<Box<dyn Behaviour>>,
}

impl Active {
    /// In force all along, on every host.
    pub fn always(behaviour: Box<dyn Behaviour>) -> Self {
        Self {
            from: Instant::ZERO,
            until: Instant::MAX,
            repeat: None,
            host: None,
            domain: None,
            name: None,
            when: None,
            behaviour,
            later: Vec::new(),
        }
    }
}

/// How a connection was opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detour {
    /// At which address of its host, from 1.
    pub(crate) address: u32,
    /// How much longer it took.
    pub(crate) longer: Duration,
}

impl Default for Detour {
    /// At once, at the only one.
    fn default() -> Self {
        Self { address: 1, longer: Duration::ZERO }
    }
}

/// How long a client waits for an address that does not answer before it tries the next one beside it.
// RFC 8305 5: Connection Attempt Delay: recommended 250 ms
const HEAD_START: Duration = Duration::from_millis(250);

/// When something is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The first moment.
    pub from: Instant,
    /// The first moment after it; [`Instant::MAX`] if it never ends.
    pub until: Instant,
    /// Within that, only again and again; all along if `None`.
    pub repeat: Option<Repeat>,
}

impl Times {
    /// From a moment on, all along up to another.
    pub const fn between(from: Instant, until: Instant) -> Self {
        Self { from, until, repeat: None }
    }

    /// Which of so many equal parts of its time this moment lies in, from 0; 0 outside of it, or if it never ends.
    pub(crate) fn part(&self, parts: usize, now: Instant) -> usize {
        let since = now.since(self.from);
        let (since, lasts) = match self.repeat {
            Some(repeat) => (since.as_nanos() % repeat.every.as_nanos(), repeat.lasts.as_nanos()),
            None => (since.as_nanos(), self.until.since(self.from).as_nanos()),
        };
        if !self.contain(now) {
            return 0;
        }
        usize::try_from(since * parts as u128 / lasts.max(1)).map_or(0, |part| part.min(parts - 1))
    }

    /// Whether it is in force at this moment.
    pub fn contain(&self, now: Instant) -> bool {
        self.from <= now
            && now < self.until
            && self.repeat.is_none_or(|repeat| repeat.is_on(now.since(self.from)))
    }
}

/// A provider while a run goes on.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The index that receipts have for it.
    pub(crate) index: u32,
    pub(crate) identity: Identity,
    /// What the DNS says about its domains where no behaviour says it.
    pub(crate) dns: Dns,
    /// The contacts in the order of the audience, then whoever else is named.
    pub(crate) roster: Roster,
    /// How many of the names are contacts.
    pub(crate) contacts: u32,
    pub(crate) journal: Journal,
    pub(crate) sample: Sample,
    pub(crate) courtesies: Courtesies,
    pub(crate) rules: Rules,
    /// What is still to happen to accepted messages.
    pub(crate) afterwards: Afterwards,
    attempts: Attempts,
    pub(crate) house: House,
    latency: Draw,
    refused_dials: u64,
    /// How many dials were refused or not answered.
    turned_away: u32,
}

/// Whether a behaviour is in force in its span at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not, until it is switched on.
    Off,
}

impl Provider {
    /// A provider whose behaviours have been told where they are put.
    pub(crate) fn new(
        house: House,
        index: u32,
        identity: Identity,
        dns: Dns,
        mut roster: Roster,
        contacts: u32,
        behaviours: Vec<Active>,
    ) -> Self {
        let rules = Rules::new(behaviours, &identity.hosts, |recipient| roster.enter(recipient));
        Self {
            index,
            house,
            courtesies: Courtesies::of(&identity, house.offering),
            latency: Draw::new(house.seed, "latency").with_text(&identity.name),
            identity,
            dns,
            roster,
            contacts,
            journal: Journal::default(),
            sample: Sample::default(),
            rules,
            afterwards: Afterwards::default(),
            attempts: Attempts::default(),
            refused_dials: 0,
            turned_away: 0,
        }
    }

    /// What happens to a connection that is being opened to one of its hosts; `None` if it is accepted.
    pub(crate) fn dial(&mut self, now: Instant, host: usize) -> Option<Refusal> {
        self.catch_up(now);
        if self.is_full() {
            return Some(Refusal::Refuse);
        }
        let connection = self.journal.next_connection();
        let visit = Visit { connection, host, turned_away: self.turned_away, ..Visit::default() };
        let (rules, scene) = self.at(now, &visit);
        let refusal = rules.dial(&scene);
        self.turned_away = self.turned_away.saturating_add(u32::from(refusal.is_some()));
        refusal
    }

    /// Which of a host's addresses a connection is opened to that is accepted, and how much longer that takes because
    /// others were tried before.
    pub(crate) fn detour(&mut self, now: Instant, host: usize) -> Detour {
        let visit = Visit { connection: self.journal.next_connection(), host, ..Visit::default() };
        let (rules, scene) = self.at(now, &visit);
        let Some(way) = rules.way(&scene) else { return Detour::default() };
        let refused = (0..way.refused).map(|_| self.refusal_delay(now, host)).sum::<Duration>();
        Detour { address: way.address, longer: refused + HEAD_START * way.silent }
    }

    /// What the DNS says about one of its domains.
    pub(crate) fn look_up(&mut self, domain: &str, now: Instant) -> Lookup {
        self.rules.turn(now);
        self.rules.look_up(domain, now).into_lookup(&self.dns)
    }

    /// Its rules, and what they can see.
    pub(crate) fn at<'a>(&'a mut self, now: Instant, visit: &'a Visit) -> (&'a mut Rules, Scene<'a>) {
        self.rules.turn(now);
        (&mut self.rules, Scene { now, identity: &self.identity, roster: &self.roster, visit })
    }

    /// Whether it keeps as many rows of receipts as it can.
    pub(crate) fn is_full(&self) -> bool {
        self.journal.is_full(self.house.capacity)
    }

    /// What one of its hosts is like in a connection that is being opened: it offers what the profile or the fleet
    /// says, and TLS if a behaviour does, unless a behaviour changes it.
    pub(crate) fn habits(&mut self, now: Instant, visit: &Visit) -> Habits {
        let offered = self.house.offering.extensions(self.identity.profile);
        let starttls = offered.starttls || self.tls(now, visit).is_some();
        let usual = Habits { extensions: Extensions { starttls, ..offered }, ..Habits::default() };
        let (rules, scene) = self.at(now, visit);
        rules.habits(usual, &scene)
    }

    /// What comes of taking its offer of TLS; `None` if it makes none.
    pub(crate) fn tls(&mut self, now: Instant, visit: &Visit) -> Option<TlsOffer> {
        let (rules, scene) = self.at(now, visit);
        rules.tls(&scene)
    }

    /// What its server does at this stage; `None` if it accepts.
    pub(crate) fn ask(&mut self, stage: &Stage<'_>, now: Instant, visit: &Visit) -> Option<Decision> {
        self.catch_up(now);
        let (rules, scene) = self.at(now, visit);
        rules.ask(stage, &scene)
    }

    /// How often this recipient has been named with the sender of the transaction, this time included; 0 if nobody asks.
    pub(crate) fn count_attempt(&mut self, visit: &Visit, recipient: u32) -> u32 {
        if self.rules.count_attempts() { self.attempts.count(visit, recipient) } else { 0 }
    }

    /// Tells those that listen what was decided, in force or not.
    pub(crate) fn tell(&mut self, event: &Event<'_>, now: Instant, visit: &Visit) {
        let (rules, scene) = self.at(now, visit);
        rules.tell(event, &scene);
    }

    /// Writes down what became of a recipient, by which rule, and what was found out before.
    pub(crate) fn settle(
        &mut self,
        row: u32,
        at: Instant,
        answer: Answered,
        rule: Option<u32>,
        visit: &Visit,
    ) {
        let findings = self.rules.findings(visit);
        self.journal.settle(row, at, answer, rule);
        self.journal.found(row, findings);
    }

    /// Whether anybody listens to what was decided.
    pub(crate) fn is_heard(&self) -> bool {
        self.rules.are_told()
    }

    /// Whose mailbox this is: what the first behaviour in force says that has an opinion.
    pub(crate) fn mailbox(&mut self, recipient: u32, now: Instant, visit: &Visit) -> Mailbox {
        let (rules, scene) = self.at(now, visit);
        rules.mailbox(recipient, &scene)
    }

    /// How much of what is accepted in this transaction goes to the spam folder because of who sends it.
    pub(crate) fn spam_share(&mut self, now: Instant, visit: &Visit) -> Share {
        let (rules, scene) = self.at(now, visit);
        rules.spam_share(&scene)
    }

    /// How much longer its answer at this stage takes than answers usually do.
    pub(crate) fn pause(&mut self, stage: &Stage<'_>, now: Instant, visit: &Visit) -> Duration {
        let (rules, scene) = self.at(now, visit);
        rules.pause(stage, &scene)
    }

    /// What is said about a recipient that no behaviour has an opinion on: only foreign domains are refused.
    pub(crate) fn relay(&self, recipient: u32, now: Instant, visit: &Visit) -> Option<Act> {
        if recipient < self.contacts {
            return None;
        }
        let domain = self.roster.name(recipient).rsplit_once('@').map_or("", |(_, domain)| domain);
        let scene = Scene { now, identity: &self.identity, roster: &self.roster, visit };
        let foreign = !self.identity.domains.iter().any(|own| own == domain);
        foreign.then(|| scene.answer(Situation::RelayDenied, Some(recipient)))
    }

    /// How long the answer with this number takes in a connection; number 0 is the opening of the connection.
    pub(crate) fn delay(&mut self, now: Instant, visit: &Visit, answer: u64) -> Duration {
        self.drawn_delay(now, visit, self.latency.with(u64::from(visit.connection)).with(answer))
    }

    /// How long it takes until a dial is refused.
    pub(crate) fn refusal_delay(&mut self, now: Instant, host: usize) -> Duration {
        self.refused_dials += 1;
        let visit = Visit { host, ..Visit::default() };
        self.drawn_delay(now, &visit, self.latency.with_text("refused").with(self.refused_dials))
    }

    fn drawn_delay(&mut self, now: Instant, visit: &Visit, draw: Draw) -> Duration {
        let pace = self.house.pace;
        let (rules, scene) = self.at(now, visit);
        let range = rules.delay(&scene).unwrap_or_else(|| pace.range());
        draw.between(*range.start(), *range.end())
    }
}
