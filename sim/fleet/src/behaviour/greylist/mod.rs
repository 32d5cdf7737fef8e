//! `greylist`: strangers are asked to come back later.
//!
//! Real triplet semantics (RFC 6647 section 2.4, and the defaults of postgrey): what is remembered is the triplet of
//! client network, return path and recipient, or those of the three that the scenario names. Its state lives here.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::time::Duration;

use scenario::field::with_default;
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use smtp::Reply;
use units::{Instant, Table};

use super::wording::Wording;
use super::{Act, Behaviour, BehaviourKind, Scene, Stage};
use crate::profile::Situation;
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "greylist",
    about: "The first mail of each triplet (client network, return path, recipient) is refused, with the words that the \
            provider's profile has for it. A try after `wait` and within `retry_window` passes; one that comes too early is \
            refused again without starting anew, and one that comes too late is a first one again. Who has passed keeps \
            passing until nothing was heard of it for `remember`.",
    kind: "a map",
    fields: &[
        with_default("wait", "duration", "How long after the first try the next one passes.", "5m"),
        with_default(
            "retry_window",
            "duration",
            "How long after the first try a try still counts as its repetition; longer than `wait`.",
            "48h",
        ),
        with_default(
            "remember",
            "duration",
            "How long a triplet that has passed is remembered since it passed last.",
            "35d",
        ),
        with_default(
            "network_mask",
            "number",
            "How many leading bits of an IPv4 address make the client network, 0 to 32; of IPv6 it is always 64.",
            "24",
        ),
        with_default(
            "key",
            "list of network, sender and recipient",
            "What makes a triplet. `key: network` greets a client as a friend to whomever it writes, once it has passed.",
            "all three",
        ),
        with_default(
            "allow_after",
            "number",
            "After how many triplets that have passed a client network passes at once, until nothing was heard of it for \
             `remember`.",
            "never",
        ),
        with_default(
            "say_wait",
            "silent or stated",
            "Whether the reply states how long is still to wait (`try again in 300 seconds`), in the provider's code.",
            "silent",
        ),
        with_default(
            "at",
            "rcpt or end_of_data",
            "When strangers are refused. At the end of data the whole message is, as long as one of its recipients has to wait.",
            "rcpt",
        ),
    ],
    example: "greylist: { wait: 5m, retry_window: 48h }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const DAY: Duration = Duration::from_secs(86_400);
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let place = reader.place();
    let wait = reader.optional("wait", value::duration).unwrap_or(Duration::from_secs(300));
    let retry_window = reader.optional("retry_window", value::duration).unwrap_or(2 * DAY);
    let remember = reader.optional("remember", value::duration).unwrap_or(35 * DAY);
    let mask = reader.optional("network_mask", value::number(0..=32_u32));
    if retry_window <= wait {
        let problem = Problem::at(place, "nobody could pass: `retry_window` is not longer than `wait`", "");
        reader.problems().push(problem.help("make `retry_window` longer, as in wait: 5m, retry_window: 48h"));
    }
    let parts = reader.optional("key", value::list(value::one_of(Part::WORDS))).unwrap_or(Part::ALL.to_vec());
    if let (false, Some(node)) = (parts.contains(&Part::Network), reader.node("network_mask")) {
        let problem =
            Problem::at(node.place, "`network_mask` without `network` in the key changes nothing", "");
        reader.problems().push(problem.help("write it into the key, or leave `network_mask` out"));
    }
    let allow_after = reader.optional("allow_after", value::number(1..=1_000_000_u32));
    let say_wait = reader.optional("say_wait", value::one_of(SayWait::WORDS)).unwrap_or(SayWait::Silent);
    let at = reader.optional("at", value::one_of(AT)).unwrap_or(Phase::Rcpt);
    reader.finish();
    let network_mask = u32::MAX.checked_shl(32 - mask.unwrap_or(24)).unwrap_or(0);
    Some(Box::new(Greylist {
        periods: Periods { wait, retry_window, remember },
        network_mask,
        parts,
        allow_after,
        say_wait,
        at,
        triplets: Table::default(),
        networks: Table::default(),
    }))
}

/// What a triplet is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Network,
    Sender,
    Recipient,
}

impl Part {
    const ALL: [Self; 3] = [Self::Network, Self::Sender, Self::Recipient];
    const WORDS: &'static [(&'static str, Self)] =
        &[("network", Self::Network), ("sender", Self::Sender), ("recipient", Self::Recipient)];
}

/// Whether the reply says how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SayWait {
    Silent,
    Stated,
}

impl SayWait {
    const WORDS: &'static [(&'static str, Self)] = &[("silent", Self::Silent), ("stated", Self::Stated)];
}

const AT: &[(&str, Phase)] = &[("rcpt", Phase::Rcpt), ("end_of_data", Phase::EndOfData)];

#[derive(Debug)]
struct Greylist {
    periods: Periods,
    network_mask: u32,
    parts: Vec<Part>,
    allow_after: Option<u32>,
    say_wait: SayWait,
    at: Phase,
    triplets: Table<Triplet, Acquaintance>,
    /// How many triplets of each network have passed, and when one did last.
    networks: Table<u64, (u32, Instant)>,
}

#[derive(Debug, Clone, Copy)]
struct Periods {
    wait: Duration,
    retry_window: Duration,
    remember: Duration,
}

/// What does not belong to the key is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Triplet {
    network: u64,
    sender: u32,
    recipient: u32,
}

#[derive(Debug, Clone, Copy)]
enum Acquaintance {
    /// Was refused, and tried first at this moment.
    Waiting(Instant),
    /// Has passed, last at this moment.
    Passed(Instant),
}

impl Behaviour for Greylist {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn remembers(&self) -> bool {
        true
    }

    fn phases(&self) -> Phases {
        Phases::only(self.at)
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match stage {
            Stage::Rcpt { recipient } if self.at == Phase::Rcpt => self.judge(*recipient, scene),
            Stage::EndOfData { .. } if self.at == Phase::EndOfData => {
                // All are noted, also after one that has to wait.
                let judged = scene.visit.recipients.iter().map(|recipient| self.judge(*recipient, scene));
                judged.fold(None, Option::or)
            }
            _ => None,
        }
    }
}

impl Greylist {
    /// Notes a try; the refusal, if it has to wait.
    fn judge(&mut self, recipient: u32, scene: &Scene<'_>) -> Option<Act> {
        let now = scene.now;
        let network = self.network(scene.client());
        if self.is_familiar(network, now) {
            self.networks.entry(network).and_modify(|(_, last)| *last = now);
            return None;
        }
        let has = |part| u32::from(self.parts.contains(&part));
        let triplet = Triplet {
            network: network * u64::from(has(Part::Network)),
            sender: scene.visit.sender_number * has(Part::Sender),
            recipient: recipient * has(Part::Recipient),
        };
        let known = self.triplets.get(&triplet).copied();
        let next = self.periods.next(known, now);
        self.triplets.insert(triplet, next);
        match next {
            Acquaintance::Waiting(first) => Some(self.refusal(recipient, first, scene)),
            Acquaintance::Passed(_) => {
                let is_first = matches!(known, Some(Acquaintance::Waiting(_)));
                let (passed, last) = self.networks.entry(network).or_insert((0, now));
                *passed = passed.saturating_add(u32::from(is_first));
                *last = now;
                None
            }
        }
    }

    /// Whether enough of a network has passed.
    fn is_familiar(&self, network: u64, now: Instant) -> bool {
        let Some((allow_after, (passed, last))) = self.allow_after.zip(self.networks.get(&network)) else {
            return false;
        };
        *passed >= allow_after && now.since(*last) <= self.periods.remember
    }

    /// What is said about a recipient that was named first at `first`.
    fn refusal(&self, recipient: u32, first: Instant, scene: &Scene<'_>) -> Act {
        let act = Wording::Situation(Situation::Greylisted).say(self.at, scene, Some(recipient));
        match (act, self.say_wait) {
            (Act::Say { reply, then, situation }, SayWait::Stated) => {
                let left = (first + self.periods.wait).since(scene.now);
                let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
                let text = format!("Greylisted, please try again in {seconds} seconds");
                Act::Say { reply: Reply::new(reply.code().get(), reply.enhanced(), &text), then, situation }
            }
            (act, _) => act,
        }
    }

    /// The client network. IPv4 networks are those with the upper half of zeros, which no IPv6 network is.
    fn network(&self, client: IpAddr) -> u64 {
        match client {
            IpAddr::V4(client) => u64::from(client.to_bits() & self.network_mask),
            IpAddr::V6(client) => u64::try_from(client.to_bits() >> 64).unwrap_or(u64::MAX),
        }
    }
}

impl Periods {
    fn next(self, known: Option<Acquaintance>, now: Instant) -> Acquaintance {
        match known {
            Some(Acquaintance::Passed(last)) if now.since(last) <= self.remember => Acquaintance::Passed(now),
            Some(Acquaintance::Waiting(first)) if now.since(first) < self.wait => {
                Acquaintance::Waiting(first)
            }
            Some(Acquaintance::Waiting(first)) if now.since(first) <= self.retry_window => {
                Acquaintance::Passed(now)
            }
            Some(_) | None => Acquaintance::Waiting(now),
        }
    }
}
