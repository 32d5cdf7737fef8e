//! The behaviours of a provider in the order in which they are asked, and which of them are asked about what.
//!
//! Each answer of a server asks the rules in force, and a provider may have hundreds: what cannot have anything to say is not
//! asked (`candidates`).

mod candidates;

use std::cell::OnceCell;

use units::{Instant, Share};

use self::candidates::Candidates;

use crate::Phase;
use crate::behaviour::{
    Accepted, Act, Behaviour, Destiny, Event, Habits, Mailbox, Refusal, Scene, Stage, TlsOffer, Visit, Way,
};
use crate::checks::Findings;
use crate::condition::{Asked, When};
use crate::dns::Saying;
use crate::provider::{Active, Switch, Times};

/// The behaviours of a provider.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    candidates: Candidates,
    /// The rules that have a say in whether connections come about.
    dialling: Vec<u32>,
    /// The rules that have a say in how long answers take.
    delaying: Vec<u32>,
    /// The rules that say what servers are like all through a connection.
    habits: Vec<u32>,
    /// The rules that make single answers take longer.
    pausing: Vec<u32>,
    /// The rules that have a say in whether TLS is offered.
    securing: Vec<u32>,
    /// The rules that have a say in the DNS.
    naming: Vec<u32>,
    /// The rules that have a say in what becomes of accepted messages.
    fateful: Vec<u32>,
    /// The rules that find something out about senders and messages.
    looking: Vec<u32>,
    /// The rules that are told what was decided.
    listening: Vec<u32>,
    /// Those that are ramps.
    ramps: Vec<Ramp>,
    /// Whether any of them asks which attempt of a recipient this is.
    counts_attempts: bool,
    reads_content: bool,
}

/// A behaviour, with its host looked up.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What its author called it.
    pub(crate) name: Option<String>,
    pub(crate) times: Times,
    pub(crate) host: Where,
    /// The only domain that it says something about in the DNS.
    pub(crate) domain: Option<String>,
    pub(crate) when: Option<When>,
    pub(crate) switch: Switch,
    pub(crate) behaviour: Box<dyn Behaviour>,
    /// How often it had something to say.
    pub(crate) fired: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    Everywhere,
    Host(usize),
    /// A host that the provider does not have.
    Nowhere,
}

/// What a rule has decided.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) act: Act,
    /// Its number among the provider's, in the order in which they are asked.
    pub(crate) rule: u32,
}

/// The steps of a rule that are not in force now.
#[derive(Debug)]
struct Ramp {
    rule: u32,
    /// By step; nothing for the one that is in force, which the rule has.
    steps: Vec<Option<Box<dyn Behaviour>>>,
    current: usize,
}

impl Rule {
    /// Whether it is on, and within its span.
    pub(crate) fn is_on(&self, now: Instant) -> bool {
        self.times.contain(now) && self.switch == Switch::On
    }

    fn in_force(&self, now: Instant, host: usize) -> bool {
        self.is_on(now)
            && match self.host {
                Where::Everywhere => true,
                Where::Host(only) => only == host,
                Where::Nowhere => false,
            }
    }

    fn applies(&self, asked: Asked<'_>) -> bool {
        self.in_force(asked.scene.now, asked.scene.visit.host)
            && self.when.as_ref().is_none_or(|when| when.holds(asked))
    }
}

impl Rules {
    /// The behaviours of a provider with these hosts; `number` gives the numbers of recipients that conditions name.
    pub(crate) fn new(actives: Vec<Active>, hosts: &[String], number: impl FnMut(&str) -> u32) -> Self {
        let mut actives = actives;
        let ramps = (0..).zip(&mut actives).filter_map(|(number, active)| ramp(number, active)).collect();
        let rules: Vec<Rule> = actives.into_iter().map(|active| rule(active, hosts)).collect();
        let conditions = || rules.iter().filter_map(|rule| rule.when.as_ref());
        Self {
            candidates: Candidates::of(&rules, number),
            dialling: numbers(&rules, |rule| rule.behaviour.dials()),
            delaying: numbers(&rules, |rule| rule.behaviour.delay().is_some()),
            habits: numbers(&rules, |rule| rule.behaviour.forms_habits()),
            pausing: numbers(&rules, |rule| rule.behaviour.pauses()),
            securing: numbers(&rules, |rule| rule.behaviour.tls().is_some()),
            naming: numbers(&rules, |rule| rule.behaviour.dns().is_some()),
            fateful: numbers(&rules, |rule| rule.behaviour.decides_fate()),
            looking: numbers(&rules, |rule| rule.behaviour.looks()),
            listening: numbers(&rules, |rule| rule.behaviour.listens()),
            ramps,
            counts_attempts: conditions().any(When::counts_attempts),
            reads_content: conditions().any(When::reads_content)
                || rules.iter().any(|rule| rule.behaviour.reads_content()),
            rules,
        }
    }

    /// It is `now`: of each ramp, the step that is due is put in force.
    pub(crate) fn turn(&mut self, now: Instant) {
        for Ramp { rule, steps, current } in &mut self.ramps {
            let rule = &mut self.rules[*rule as usize];
            let due = rule.times.part(steps.len(), now);
            if let Some(next) = steps[due].take() {
                steps[*current] = Some(std::mem::replace(&mut rule.behaviour, next));
                *current = due;
            }
        }
    }

    /// Each of them, in the order in which they are asked.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    /// The one with this number.
    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Rule> {
        self.rules.get_mut(number)
    }

    /// Whether anybody looks at the content of messages.
    pub(crate) const fn read_content(&self) -> bool {
        self.reads_content
    }

    /// Whether anybody wants to know how often a recipient was named.
    pub(crate) const fn count_attempts(&self) -> bool {
        self.counts_attempts
    }

    /// What happens to a connection that is being opened; `None` if it is accepted.
    pub(crate) fn dial(&mut self, scene: &Scene<'_>) -> Option<Refusal> {
        let asked = Asked::beside(scene);
        let rules = &mut self.rules;
        self.dialling.iter().find_map(|number| {
            let rule = &mut rules[*number as usize];
            let refusal = rule.applies(asked).then(|| rule.behaviour.dial()).flatten();
            refusal.inspect(|_| rule.fired += 1)
        })
    }

    /// How a connection that is accepted comes to an address of its host; `None` if the host has only one.
    pub(crate) fn way(&mut self, scene: &Scene<'_>) -> Option<Way> {
        let asked = Asked::beside(scene);
        let rules = &mut self.rules;
        self.dialling.iter().find_map(|number| {
            let rule = &mut rules[*number as usize];
            let way = rule.applies(asked).then(|| rule.behaviour.way(scene)).flatten();
            way.inspect(|_| rule.fired += 1)
        })
    }

    /// What comes of taking the offer of TLS; `None` if none is made.
    pub(crate) fn tls(&mut self, scene: &Scene<'_>) -> Option<TlsOffer> {
        let asked = Asked::beside(scene);
        self.securing.iter().find_map(|number| {
            let rule = &mut self.rules[*number as usize];
            let offer = rule.applies(asked).then(|| rule.behaviour.tls()).flatten();
            offer.inspect(|_| rule.fired += 1)
        })
    }

    /// How long an answer takes; `None` if no rule says it.
    pub(crate) fn delay(
        &mut self,
        scene: &Scene<'_>,
    ) -> Option<std::ops::RangeInclusive<std::time::Duration>> {
        let asked = Asked::beside(scene);
        self.delaying.iter().find_map(|number| {
            let rule = &mut self.rules[*number as usize];
            let delay = rule.applies(asked).then(|| rule.behaviour.delay()).flatten();
            delay.inspect(|_| rule.fired += 1)
        })
    }

    /// What a server is like in a connection that is being opened, and would be like `usual` if nobody had an opinion.
    pub(crate) fn habits(&mut self, usual: Habits, scene: &Scene<'_>) -> Habits {
        let asked = Asked::beside(scene);
        // The first one's opinion counts most, so it is heard last.
        self.habits.iter().rev().fold(usual, |habits, number| {
            let rule = &mut self.rules[*number as usize];
            let formed = rule.applies(asked).then(|| rule.behaviour.habits(&habits, scene)).flatten();
            rule.fired += u64::from(formed.is_some());
            formed.unwrap_or(habits)
        })
    }

    /// How much longer the answer at this stage takes: what all of them say together.
    pub(crate) fn pause(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> std::time::Duration {
        let asked = Asked { stage: Some(stage), scene, header: None };
        let mut longer = std::time::Duration::ZERO;
        for number in &self.pausing {
            let rule = &mut self.rules[*number as usize];
            let pause = rule.applies(asked).then(|| rule.behaviour.pause(stage, scene)).flatten();
            rule.fired += u64::from(pause.is_some());
            longer = longer.saturating_add(pause.unwrap_or_default());
        }
        longer
    }

    /// Whether anybody has something to say in this phase.
    pub(crate) const fn concern(&self, phase: Phase) -> bool {
        self.candidates.has(phase)
    }

    /// What the rules in force say about a domain in the DNS. Of each part, the first that says something decides.
    pub(crate) fn look_up(&mut self, domain: &str, now: Instant) -> Saying {
        let mut said = Saying::default();
        for number in &self.naming {
            let rule = &mut self.rules[*number as usize];
            let concerns = rule.domain.as_ref().is_none_or(|only| only == domain);
            if let Some(saying) = rule.behaviour.dns().filter(|_| concerns && rule.is_on(now)) {
                rule.fired += u64::from(saying.add_to(&mut said));
            }
        }
        said
    }

    /// Whether any of them publishes a policy about TLS, in force or not.
    pub(crate) fn publish_policies(&self) -> bool {
        self.rules.iter().any(|rule| rule.behaviour.dns().is_some_and(|saying| saying.mta_sts.is_some()))
    }

    /// Whether any rule has a say in what becomes of accepted messages.
    pub(crate) fn decide_fates(&self) -> bool {
        !self.fateful.is_empty()
    }

    /// What becomes of an accepted message; `None` if no rule says it. The transaction has that one recipient.
    pub(crate) fn fate(&mut self, accepted: &Accepted<'_>, scene: &Scene<'_>) -> Option<Destiny> {
        let stage = Stage::EndOfData { message: accepted.message };
        let asked = Asked { stage: Some(&stage), scene, header: None };
        let rules = &mut self.rules;
        self.fateful.iter().find_map(|number| {
            let rule = &mut rules[*number as usize];
            let destiny = rule.applies(asked).then(|| rule.behaviour.fate(accepted, scene)).flatten();
            destiny.inspect(|_| rule.fired += 1)
        })
    }

    /// Tells those that listen what was decided, in force or not.
    pub(crate) fn tell(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
        for number in &self.listening {
            self.rules[*number as usize].behaviour.told(event, scene);
        }
    }

    /// What was found out about the transaction that is under way; what is asked first goes before.
    pub(crate) fn findings(&self, visit: &Visit) -> Findings {
        let found = |number: &u32| self.rules[*number as usize].behaviour.findings(visit);
        self.looking.iter().rev().map(found).fold(Findings::default(), Findings::or)
    }

    /// Whether anybody listens.
    pub(crate) fn are_told(&self) -> bool {
        !self.listening.is_empty()
    }

    /// Whose mailbox this is: what the first rule that applies says that has an opinion.
    pub(crate) fn mailbox(&self, recipient: u32, scene: &Scene<'_>) -> Mailbox {
        let stage = Stage::Rcpt { recipient };
        let asked = Asked { stage: Some(&stage), scene, header: None };
        let own = |rule: &Rule| rule.behaviour.mailbox(recipient, scene).filter(|_| rule.applies(asked));
        self.rules.iter().find_map(own).unwrap_or_default()
    }

    /// How much of what is accepted in this transaction goes to the spam folder because of who sends it.
    pub(crate) fn spam_share(&self, scene: &Scene<'_>) -> Share {
        let asked = Asked::beside(scene);
        let own = |rule: &Rule| rule.behaviour.spam_share(scene).filter(|_| rule.applies(asked));
        self.rules.iter().find_map(own).unwrap_or_default()
    }

    /// What the server does at this stage; `None` if it accepts.
    pub(crate) fn ask(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Decision> {
        let header = OnceCell::new();
        let asked = Asked { stage: Some(stage), scene, header: Some(&header) };
        let rules = &mut self.rules;
        self.candidates.at(stage, scene).iter().find_map(|number| {
            let rule = &mut rules[*number as usize];
            if !rule.applies(asked) {
                return None;
            }
            let act = rule.behaviour.on(stage, scene)?;
            rule.fired += 1;
            Some(Decision { act, rule: *number })
        })
    }
}

fn rule(active: Active, hosts: &[String]) -> Rule {
    let place = |host: String| {
        let position = hosts.iter().position(|known| known.eq_ignore_ascii_case(&host));
        position.map_or(Where::Nowhere, Where::Host)
    };
    Rule {
        name: active.name,
        times: Times { from: active.from, until: active.until, repeat: active.repeat },
        host: active.host.map_or(Where::Everywhere, place),
        domain: active.domain,
        when: active.when,
        switch: Switch::On,
        behaviour: active.behaviour,
        fired: 0,
    }
}

/// The ramp of the rule with this number, if it is one.
fn ramp(rule: u32, active: &mut Active) -> Option<Ramp> {
    let later = std::mem::take(&mut active.later);
    let steps: Vec<_> = std::iter::once(None).chain(later.into_iter().map(Some)).collect();
    (steps.len() > 1).then_some(Ramp { rule, steps, current: 0 })
}

/// The numbers of the rules that are meant.
fn numbers(rules: &[Rule], is_meant: impl Fn(&Rule) -> bool) -> Vec<u32> {
    (0..).zip(rules).filter(|(_, rule)| is_meant(rule)).map(|(number, _)| number).collect()
}
