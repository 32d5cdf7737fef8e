//! `magic`: addresses say themselves what becomes of them.
//!
//! What they can say is told in [`crate::magic`]; here it is done.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use scenario::{Definition, Node, Problems, Reader};
use smtp::Reply;
use units::Instant;

use super::{Act, Behaviour, BehaviourKind, Scene, Stage};
use crate::magic::{Interruption, Spell, read as read_address, serves};
use crate::{Phase, Situation};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "magic",
    about: "Addresses say themselves what becomes of them: `full@bigbox.test` is full, `bounce+550-5.1.1@bigbox.test` is refused \
            with 550 5.1.1, `greylist-10m@bigbox.test` is greylisted for ten minutes. All of them are in \
            docs/magic-addresses.md, and `bouncelab run --demo` shows what becomes of each. Addresses that say nothing are \
            treated as if it were not written.",
    kind: "an empty map",
    fields: &[],
    example: "magic: {}",
};

/// How many pairs of sender and recipient are remembered; those that came first are forgotten first.
const REMEMBERED: usize = 100_000;

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    Reader::of(&DEFINITION, node, problems)?.finish();
    Some(Box::new(Magic::new(Domains::OfProvider)))
}

/// Does what addresses say.
#[derive(Debug)]
pub(crate) struct Magic {
    domains: Domains,
    /// What is known of each pair of sender and recipient, by their numbers.
    tries: BTreeMap<(u32, u32), Tries>,
    /// The pairs in the order in which they came.
    order: VecDeque<(u32, u32)>,
}

/// Whose mail is taken.
#[derive(Debug, Clone, Copy)]
enum Domains {
    /// That for the provider's own domains; what an address does not say is left to others.
    OfProvider,
    /// That for every domain that nobody can own, and no other; what says nothing is accepted.
    OfNobody,
}

/// What is known of a sender and a recipient.
#[derive(Debug, Clone, Copy)]
struct Tries {
    /// When they came first.
    first: Instant,
    /// How often, this time included; it stops counting at the highest number that matters.
    count: u32,
}

impl Behaviour for Magic {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match stage {
            Stage::Rcpt { recipient } => self.rcpt(*recipient, scene),
            // One answer for all recipients: the first who wants something gets it.
            Stage::Data | Stage::EndOfData { .. } => {
                scene.visit.recipients.iter().find_map(|recipient| {
                    strike(spell_of(*recipient, scene)?, stage.phase(), *recipient, scene)
                })
            }
            _ => None,
        }
    }
}

impl Magic {
    /// For servers that take the mail of every domain that nobody can own.
    pub(crate) fn for_domains_of_nobody() -> Self {
        Self::new(Domains::OfNobody)
    }

    fn new(domains: Domains) -> Self {
        Self { domains, tries: BTreeMap::new(), order: VecDeque::new() }
    }

    fn rcpt(&mut self, recipient: u32, scene: &Scene<'_>) -> Option<Act> {
        let domain = scene.roster.name(recipient).rsplit_once('@').map(|(_, domain)| domain);
        match self.domains {
            Domains::OfProvider if domain.is_some_and(|domain| is_own(domain, scene)) => {
                self.said(recipient, scene)
            }
            // Others refuse it.
            Domains::OfProvider => None,
            Domains::OfNobody if domain.is_some_and(|domain| !serves(domain)) => {
                Some(scene.answer(Situation::RelayDenied, Some(recipient)))
            }
            Domains::OfNobody => Some(self.said(recipient, scene).unwrap_or(ACCEPT)),
        }
    }

    /// What a recipient says; nothing if it says nothing that belongs here.
    fn said(&mut self, recipient: u32, scene: &Scene<'_>) -> Option<Act> {
        let spell = spell_of(recipient, scene)?;
        match spell {
            Spell::Defer { times } => {
                let tries = self.count(recipient, scene);
                Some(refused_if(tries.count <= times, Situation::TemporaryFailure, recipient, scene))
            }
            Spell::Greylist { wait } => {
                let passed = scene.now.since(self.count(recipient, scene).first);
                Some(refused_if(passed < wait || passed.is_zero(), Situation::Greylisted, recipient, scene))
            }
            Spell::Accept
            | Spell::Refuse { .. }
            | Spell::Say { .. }
            | Spell::Slow { .. }
            | Spell::Interrupt { .. }
            | Spell::LoseReply => strike(spell, Phase::Rcpt, recipient, scene),
        }
    }

    /// Counts one more try.
    fn count(&mut self, recipient: u32, scene: &Scene<'_>) -> Tries {
        let pair = (scene.visit.sender_number, recipient);
        if let Some(known) = self.tries.get_mut(&pair) {
            known.count = known.count.saturating_add(1);
            return *known;
        }
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.tries.remove(&oldest);
        }
        self.order.push_back(pair);
        *self.tries.entry(pair).or_insert(Tries { first: scene.now, count: 1 })
    }
}

const ACCEPT: Act = Act::Accept { longer: Duration::ZERO };

fn is_own(domain: &str, scene: &Scene<'_>) -> bool {
    scene.identity.domains.iter().any(|own| own == domain)
}

/// Accepts, or refuses in the words for a situation, which are said here whatever the provider's place for them is.
fn refused_if(is_refused: bool, situation: Situation, recipient: u32, scene: &Scene<'_>) -> Act {
    if is_refused { scene.answer(situation, Some(recipient)) } else { ACCEPT }
}

fn spell_of(recipient: u32, scene: &Scene<'_>) -> Option<Spell> {
    let (local_part, _) = scene.roster.name(recipient).rsplit_once('@')?;
    read_address(local_part)
}

/// What a spell does in a phase; nothing if it belongs into another.
fn strike(spell: Spell, phase: Phase, recipient: u32, scene: &Scene<'_>) -> Option<Act> {
    match spell {
        Spell::Refuse { at, code, enhanced } if at == phase => {
            Some(Act::say(Reply::new(code, enhanced, "Refused, as the address says"), phase))
        }
        Spell::Say { at, reply } if at == phase => Some(scene.say(reply, Some(recipient))),
        Spell::Slow { at, longer } if at == phase => Some(Act::Accept { longer }),
        Spell::Interrupt { at, interruption } if at == phase => Some(match interruption {
            Interruption::Drop => Act::Close,
            Interruption::Reset => Act::Reset,
            Interruption::Stall => Act::Hang,
        }),
        Spell::LoseReply if phase == Phase::EndOfData => Some(Act::LoseReply),
        Spell::Accept
        | Spell::Defer { .. }
        | Spell::Refuse { .. }
        | Spell::Say { .. }
        | Spell::Greylist { .. }
        | Spell::Slow { .. }
        | Spell::Interrupt { .. }
        | Spell::LoseReply => None,
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, refuse};

    const ACCEPTED: &str = "220 250 250 250 354 250 221";

    /// Mail to these recipients of one message, hour by hour, must come out like this.
    fn check(recipient: &str, tries: &[&str]) {
        let mut world = World::new("generic-postfix", 1, "magic: {}");
        for (hour, outcome) in (0..).zip(tries) {
            assert_eq!(
                world.send(Instant::from_hours(hour), &[recipient]),
                *outcome,
                "{recipient} at {hour}h"
            );
        }
    }

    #[test]
    fn addresses_are_obeyed() {
        check("ok@bigbox.test", &[ACCEPTED]);
        check("c000001@bigbox.test", &[ACCEPTED]);
        check("bounce+550-5.1.1@bigbox.test", &["220 250 250 550 221"]);
        check("452-4.2.2-at-end@bigbox.test", &["220 250 250 250 354 452 221"]);
        check(
            "defer-2-times@bigbox.test",
            &["220 250 250 451 221", "220 250 250 451 221", ACCEPTED, ACCEPTED],
        );
        check("greylist-90m@bigbox.test", &["220 250 250 450 221", "220 250 250 450 221", ACCEPTED]);
        check("lose-reply@bigbox.test", &["220 250 250 250 354 closed"]);
        check("drop@bigbox.test", &["220 250 250 closed"]);
    }

    #[test]
    fn foreign_domains_are_left_to_others() {
        check("ok@elsewhere.test", &["220 250 250 554 221"]);
        check("slow-5s@elsewhere.test", &["220 250 250 554 221"]);
    }

    #[test]
    fn there_is_nothing_to_set() {
        refuse("magic: { words: all }", "unknown key `words`");
    }
}
