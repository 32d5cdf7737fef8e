//! What can be asked of a fleet while it is at work, and changed: names, behaviours, what has arrived so far.
//!
//! For whoever serves a fleet on sockets and wants to be looked at. A run in memory needs none of it: it reads the receipts
//! in the end.

use std::collections::BTreeMap;

use units::Instant;

use crate::Fleet;
use crate::dns::Dns;
use crate::provider::{Provider, Switch};
use crate::receipts::{Answered, Arrival, ConnectionEnd, Happening, RuleUse, Sequel};
use crate::rules::{Rule, Where};

/// A behaviour of a provider, as it can be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleState {
    /// Its name in the fleet: provider and key (`bigbox.greylist`), and a number where a provider has several of the key,
    /// in the order in which they are asked (`bigbox.reply.2`).
    pub id: String,
    /// Whose it is.
    pub provider: String,
    /// What its author calls the rule or span that it belongs to.
    pub name: Option<String>,
    /// What it is.
    pub key: &'static str,
    /// The only host that it concerns, if it does not concern all.
    pub host: Option<String>,
    /// The first moment.
    pub from: Instant,
    /// The first moment after it; [`Instant::MAX`] if it never ends.
    pub until: Instant,
    /// Whether it has an effect now: it is on, and within its span.
    pub in_force: bool,
    /// Whether it is in force in its span at all.
    pub switch: Switch,
}

/// A provider, as it can be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The index that receipts have for it.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// The name of its profile.
    pub profile: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// Its hosts, in the order in which they are counted.
    pub hosts: Vec<String>,
}

/// What became of a recipient, in words.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// When it was decided.
    pub at: Instant,
    /// Whose server it was.
    pub provider: &'a str,
    /// Which host.
    pub host: &'a str,
    /// The number of the connection within the provider.
    pub connection: u32,
    /// The return path; empty for the null one.
    pub sender: &'a str,
    /// The recipient.
    pub recipient: &'a str,
    /// What became of it.
    pub answer: Answered,
}

/// What happened to an accepted message, in words.
#[derive(Debug, Clone, Copy)]
pub struct ToldSequel<'a> {
    /// When.
    pub at: Instant,
    /// Whose server had accepted it.
    pub provider: &'a str,
    /// The number of the connection within the provider.
    pub connection: u32,
    /// The return path; empty for the null one.
    pub sender: &'a str,
    /// The recipient.
    pub recipient: &'a str,
    /// The 64-bit XXH3 hash of the message.
    pub body_hash: u64,
    /// What.
    pub what: Happening,
}

/// What a provider has seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Its name.
    pub provider: String,
    /// Connections, by how they ended; those that are open are [`ConnectionEnd::StillOpen`].
    pub connections: BTreeMap<ConnectionEnd, u64>,
    /// Transactions in which at least one recipient was named.
    pub messages: u64,
    /// Recipients by what became of them: the code of the answer that decided; 0 where none was given.
    pub recipients: BTreeMap<(Fate, u16), u64>,
    /// Octets of the messages that were accepted, once for each recipient.
    pub octets: u64,
}

/// What became of a recipient, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Accepted, and the client was told so.
    Accepted,
    /// Accepted, but the client could not learn it.
    AcceptedReplyLost,
    /// Refused.
    Refused,
    /// The transaction ended before anything was decided.
    Unfinished,
}

impl Fleet {
    /// The providers, in the order in which they were added.
    pub fn who(&self) -> Vec<Who> {
        let of = |provider: &Provider| Who {
            index: provider.index,
            name: provider.identity.name.clone(),
            profile: provider.identity.profile.name.clone(),
            domains: provider.identity.domains.clone(),
            hosts: provider.identity.hosts.clone(),
        };
        self.providers.iter().map(|provider| of(&provider.borrow())).collect()
    }

    /// The hosts of all providers, each with its provider's name, in the order in which they were added.
    pub fn hosts(&self) -> Vec<(String, String)> {
        let of = |provider: &Provider| -> Vec<(String, String)> {
            let identity = &provider.identity;
            identity.hosts.iter().map(|host| (host.clone(), identity.name.clone())).collect()
        };
        self.providers.iter().flat_map(|provider| of(&provider.borrow())).collect()
    }

    /// The domains of all providers in the order of the alphabet, and what the DNS says about each where no behaviour says
    /// something else.
    pub fn domains(&self) -> BTreeMap<String, Dns> {
        let standing = |owner: &usize| self.providers[*owner].borrow().dns.clone();
        self.domains.iter().map(|(domain, owner)| (domain.clone(), standing(owner))).collect()
    }

    /// The behaviours of all providers, in the order in which they are asked.
    pub fn rules(&self, now: Instant) -> Vec<RuleState> {
        self.providers.iter().flat_map(|provider| rules(&provider.borrow(), now)).collect()
    }

    /// Switches the behaviour with this id at `now`; its state then, or nothing if there is none.
    pub fn switch(&self, id: &str, switch: Switch, now: Instant) -> Option<RuleState> {
        self.providers.iter().find_map(|provider| {
            let provider = &mut *provider.borrow_mut();
            let position = rules(provider, now).iter().position(|rule| rule.id == id)?;
            provider.rules.get_mut(position)?.switch = switch;
            rules(provider, now).into_iter().nth(position)
        })
    }

    /// Tells of every recipient whose fate was decided after `since`, provider by provider.
    pub fn tell(&self, since: Option<Instant>, listener: &mut dyn FnMut(Told<'_>)) {
        for provider in &self.providers {
            let provider = &*provider.borrow();
            let is_new = |arrival: &Arrival| since.is_none_or(|since| arrival.at > since);
            for arrival in provider.journal.decided(provider.index).filter(is_new) {
                listener(told(provider, &arrival));
            }
        }
    }

    /// Tells of everything that happened to accepted messages after `since` and up to `now`, provider by provider.
    pub fn tell_sequels(
        &self,
        since: Option<Instant>,
        now: Instant,
        listener: &mut dyn FnMut(ToldSequel<'_>),
    ) {
        for provider in &self.providers {
            let provider = &*provider.borrow();
            let is_new = |sequel: &Sequel| sequel.at <= now && since.is_none_or(|since| sequel.at > since);
            for sequel in provider.journal.sequels().filter(is_new) {
                listener(ToldSequel {
                    at: sequel.at,
                    provider: &provider.identity.name,
                    connection: sequel.connection,
                    sender: provider.journal.senders.name(sequel.sender),
                    recipient: provider.roster.name(sequel.recipient),
                    body_hash: sequel.body_hash,
                    what: sequel.what,
                });
            }
        }
    }

    /// What each provider has seen so far.
    pub fn tallies(&self) -> Vec<Tally> {
        self.providers.iter().map(|provider| tally(&provider.borrow())).collect()
    }
}

/// The ids of a provider's rules, in order.
fn ids(provider: &Provider) -> Vec<String> {
    let mut so_far: BTreeMap<&str, u32> = BTreeMap::new();
    let mut id = |rule: &'_ Rule| {
        let key = rule.behaviour.definition().key;
        let number = so_far.entry(key).or_default();
        *number += 1;
        let provider = &provider.identity.name;
        if *number == 1 { format!("{provider}.{key}") } else { format!("{provider}.{key}.{number}") }
    };
    provider.rules.iter().map(&mut id).collect()
}

/// How often each rule of a provider had something to say.
pub(crate) fn uses(provider: &Provider) -> Vec<RuleUse> {
    let used = |(id, rule): (String, &Rule)| RuleUse { id, name: rule.name.clone(), fired: rule.fired };
    ids(provider).into_iter().zip(provider.rules.iter()).map(used).collect()
}

fn rules(provider: &Provider, now: Instant) -> Vec<RuleState> {
    let state = |(id, rule): (String, &Rule)| RuleState {
        id,
        provider: provider.identity.name.clone(),
        name: rule.name.clone(),
        key: rule.behaviour.definition().key,
        host: match rule.host {
            Where::Everywhere | Where::Nowhere => None,
            Where::Host(host) => Some(provider.identity.hosts[host].clone()),
        },
        from: rule.times.from,
        until: rule.times.until,
        in_force: rule.is_on(now),
        switch: rule.switch,
    };
    ids(provider).into_iter().zip(provider.rules.iter()).map(state).collect()
}

fn told<'a>(provider: &'a Provider, arrival: &Arrival) -> Told<'a> {
    Told {
        at: arrival.at,
        provider: &provider.identity.name,
        host: &provider.identity.hosts[provider.journal.host(arrival.connection)],
        connection: arrival.connection,
        sender: provider.journal.senders.name(arrival.sender),
        recipient: provider.roster.name(arrival.recipient),
        answer: arrival.answer,
    }
}

fn tally(provider: &Provider) -> Tally {
    let mut tally = Tally { provider: provider.identity.name.clone(), ..Tally::default() };
    for connection in provider.journal.connections(provider.index, Instant::ZERO) {
        *tally.connections.entry(connection.end).or_default() += 1;
        tally.messages += u64::from(connection.messages);
    }
    for arrival in provider.journal.decided(provider.index) {
        let fate = match arrival.answer {
            Answered::Accepted { body_bytes, .. } => {
                tally.octets += body_bytes;
                (Fate::Accepted, 250)
            }
            Answered::AcceptedReplyLost { body_bytes, .. } => {
                tally.octets += body_bytes;
                (Fate::AcceptedReplyLost, 0)
            }
            Answered::Refused { code, .. } => (Fate::Refused, code),
            Answered::Unfinished => (Fate::Unfinished, 0),
        };
        *tally.recipients.entry(fate).or_default() += 1;
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, contact};

    #[test]
    fn behaviours_can_be_switched_off_and_on() {
        let yaml = "mailboxes: { unknown: [c000001@bigbox.test] }\nconnect: refuse";
        let mut world = World::new("generic-postfix", 1, yaml);
        let ids: Vec<String> = world.fleet().rules(Instant::ZERO).into_iter().map(|rule| rule.id).collect();
        assert_eq!(ids, ["bigbox.mailboxes", "bigbox.connect"]);
        let mut send = |id: &str, switch| {
            let known = world.fleet().switch(id, switch, Instant::ZERO).map(|rule| rule.switch);
            (known, world.send(Instant::ZERO, &[&contact(1)]))
        };
        assert_eq!(send("bigbox.nothing", Switch::Off), (None, "refused".to_owned()));
        let (known, said) = send("bigbox.connect", Switch::Off);
        assert_eq!((known, said.as_str()), (Some(Switch::Off), "220 250 250 550 221"));
        assert_eq!(send("bigbox.connect", Switch::On), (Some(Switch::On), "refused".to_owned()));
    }

    #[test]
    fn several_of_a_key_have_numbers() {
        let two = ["reply: { at: rcpt, code: 450 }", "reply: { at: mail, code: 451 }"];
        let rules = two.iter().flat_map(|yaml| crate::testing::behaviours(yaml).expect(yaml)).collect();
        let mut world = World::with(1, "bigbox", "gmail", 1, rules);
        let ids: Vec<String> = world.fleet().rules(Instant::ZERO).into_iter().map(|rule| rule.id).collect();
        assert_eq!(ids, ["bigbox.reply", "bigbox.reply.2"]);
        world.fleet().switch("bigbox.reply.2", Switch::Off, Instant::ZERO).expect("it is there");
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), "220 250 250 450 221");
    }

    #[test]
    fn what_happens_later_is_told_when_it_has_happened() {
        let mut world = World::new("generic-postfix", 1, "fate: { opened: { share: 100%, after: 2h } }");
        world.send(Instant::ZERO, &[&contact(1)]);
        let told = |since, now| {
            let mut told = Vec::new();
            world.fleet().tell_sequels(since, Instant::from_hours(now), &mut |one| {
                told.push((one.recipient.to_owned(), one.what));
            });
            told
        };
        assert_eq!(told(None, 1), [(contact(1), Happening::Inbox)]);
        assert_eq!(told(Some(Instant::from_hours(1)), 2), []);
        assert_eq!(told(Some(Instant::from_hours(1)), 3), [(contact(1), Happening::Opened)]);
    }

    #[test]
    fn what_has_been_decided_is_told_once() {
        let mut world = World::new("generic-postfix", 3, "mailboxes: { unknown: [c000001@bigbox.test] }");
        world.send(Instant::from_hours(1), &[&contact(1), &contact(2)]);
        world.send(Instant::from_hours(2), &[&contact(3)]);
        let told = |since| {
            let mut told = Vec::new();
            world.fleet().tell(since, &mut |one| told.push((one.recipient.to_owned(), one.answer, one.at)));
            told
        };
        let all = told(None);
        assert_eq!(all.len(), 3);
        assert!(matches!(all[0].1, Answered::Refused { code: 550, .. }), "{all:?}");
        assert_eq!(told(Some(Instant::from_hours(2)))[0].0, contact(3));
        assert_eq!(told(Some(all[2].2)), []);
        let tally = &world.fleet().tallies()[0];
        assert_eq!(tally.messages, 2);
        assert_eq!(tally.recipients, BTreeMap::from([((Fate::Accepted, 250), 2), ((Fate::Refused, 550), 1)]));
        assert_eq!(tally.connections, BTreeMap::from([(ConnectionEnd::Quit, 2)]));
    }
}
