//! A provider while a run goes on: who it is, what it does, and what it has written down.
//!
//! Decides nothing itself but the two things that hold without any behaviour: how long answers take, and that mail for
//! foreign domains is refused.

use std::time::Duration;

use smtp::Extensions;
use units::{Draw, Instant};

use crate::Roster;
use crate::behaviour::{Act, Attention, Behaviour, Identity, Refusal, Scene, Stage, TlsOffer, Visit};
use crate::builder::House;
use crate::courtesies::Courtesies;
use crate::journal::Journal;
use crate::profile::Situation;

/// A behaviour and when it is in force.
#[derive(Debug)]
pub struct Active {
    /// The first moment.
    pub from: Instant,
    /// The first moment after it; [`Instant::MAX`] if it never ends.
    pub until: Instant,
    /// Only on this host of the provider; on all if `None`.
    pub host: Option<String>,
    /// What is in force.
    pub behaviour: Box<dyn Behaviour>,
}

impl Active {
    /// In force all along, on every host.
    pub fn always(behaviour: Box<dyn Behaviour>) -> Self {
        Self { from: Instant::ZERO, until: Instant::MAX, host: None, behaviour }
    }
}

/// A provider while a run goes on.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The index that receipts have for it.
    pub(crate) index: u32,
    pub(crate) identity: Identity,
    /// The contacts in the order of the audience, then whoever else is named.
    pub(crate) roster: Roster,
    /// How many of the names are contacts.
    pub(crate) contacts: u32,
    pub(crate) journal: Journal,
    pub(crate) courtesies: Courtesies,
    /// In the order in which they are asked.
    pub(crate) behaviours: Vec<Rule>,
    pub(crate) reads_content: bool,
    /// What its servers have to watch.
    pub(crate) attention: Attention,
    pub(crate) house: House,
    latency: Draw,
    refused_dials: u64,
}

/// A behaviour, with its host looked up.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    pub(crate) host: Where,
    pub(crate) switch: Switch,
    pub(crate) behaviour: Box<dyn Behaviour>,
}

/// Whether a behaviour is in force in its span at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not, until it is switched on.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    Everywhere,
    Host(usize),
    /// A host that the provider does not have.
    Nowhere,
}

impl Rule {
    fn in_force(&self, now: Instant, host: usize) -> bool {
        self.from <= now
            && now < self.until
            && self.switch == Switch::On
            && match self.host {
                Where::Everywhere => true,
                Where::Host(only) => only == host,
                Where::Nowhere => false,
            }
    }
}

impl Provider {
    /// A provider whose behaviours have been told where they are put.
    pub(crate) fn new(
        house: House,
        index: u32,
        identity: Identity,
        roster: Roster,
        contacts: u32,
        behaviours: Vec<Active>,
    ) -> Self {
        let rule = |active: Active| Rule {
            from: active.from,
            until: active.until,
            host: active.host.map_or(Where::Everywhere, |host| {
                let position = identity.hosts.iter().position(|known| known.eq_ignore_ascii_case(&host));
                position.map_or(Where::Nowhere, Where::Host)
            }),
            switch: Switch::On,
            behaviour: active.behaviour,
        };
        let behaviours: Vec<Rule> = behaviours.into_iter().map(rule).collect();
        Self {
            index,
            house,
            courtesies: Courtesies::of(&identity, house.offering),
            attention: behaviours
                .iter()
                .fold(Attention::default(), |all, rule| all.and(rule.behaviour.attention())),
            reads_content: behaviours.iter().any(|rule| rule.behaviour.reads_content()),
            latency: Draw::new(house.seed, "latency").with_text(&identity.name),
            identity,
            roster,
            contacts,
            journal: Journal::default(),
            behaviours,
            refused_dials: 0,
        }
    }

    /// What happens to a connection that is being opened to one of its hosts; `None` if it is accepted.
    pub(crate) fn dial(&mut self, now: Instant, host: usize) -> Option<Refusal> {
        if self.is_full() {
            return Some(Refusal::Refuse);
        }
        let mut rules = self.behaviours.iter_mut().filter(|rule| rule.in_force(now, host));
        rules.find_map(|rule| rule.behaviour.dial())
    }

    /// Whether it keeps as many rows of receipts as it can.
    pub(crate) fn is_full(&self) -> bool {
        self.journal.is_full(self.house.capacity)
    }

    /// What one of its hosts offers in a connection that is being opened: what its profile or its fleet
    /// says, and TLS if a behaviour does.
    pub(crate) fn extensions(&self, now: Instant, host: usize) -> Extensions {
        let offered = self.house.offering.extensions(self.identity.profile);
        Extensions { starttls: offered.starttls || self.tls(now, host).is_some(), ..offered }
    }

    /// What comes of taking its offer of TLS; `None` if it makes none.
    pub(crate) fn tls(&self, now: Instant, host: usize) -> Option<TlsOffer> {
        let mut rules = self.behaviours.iter().filter(|rule| rule.in_force(now, host));
        rules.find_map(|rule| rule.behaviour.tls())
    }

    /// What its server does at this stage; `None` if it accepts.
    pub(crate) fn ask(&mut self, stage: &Stage<'_>, now: Instant, visit: &Visit) -> Option<Act> {
        let scene = Scene { now, identity: &self.identity, roster: &self.roster, visit };
        let mut rules = self.behaviours.iter_mut().filter(|rule| rule.in_force(now, visit.host));
        rules.find_map(|rule| rule.behaviour.on(stage, &scene))
    }

    /// How much longer its answer at this stage takes than answers usually do.
    pub(crate) fn pause(&mut self, stage: &Stage<'_>, now: Instant, visit: &Visit) -> Duration {
        if !self.attention.pauses {
            return Duration::ZERO;
        }
        let scene = Scene { now, identity: &self.identity, roster: &self.roster, visit };
        let rules = self.behaviours.iter_mut().filter(|rule| rule.in_force(now, visit.host));
        rules
            .filter_map(|rule| rule.behaviour.pause(stage, &scene))
            .fold(Duration::ZERO, Duration::saturating_add)
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
    pub(crate) fn delay(&self, now: Instant, host: usize, connection: u32, answer: u64) -> Duration {
        self.drawn_delay(now, host, self.latency.with(u64::from(connection)).with(answer))
    }

    /// How long it takes until a dial is refused.
    pub(crate) fn refusal_delay(&mut self, now: Instant, host: usize) -> Duration {
        self.refused_dials += 1;
        self.drawn_delay(now, host, self.latency.with_text("refused").with(self.refused_dials))
    }

    fn drawn_delay(&self, now: Instant, host: usize, draw: Draw) -> Duration {
        let mut rules = self.behaviours.iter().filter(|rule| rule.in_force(now, host));
        let range = rules.find_map(|rule| rule.behaviour.delay()).unwrap_or(self.house.pace.range());
        draw.between(*range.start(), *range.end())
    }
}
