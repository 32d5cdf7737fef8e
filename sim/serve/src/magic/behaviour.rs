//! Does what addresses say.

use std::collections::BTreeMap;

use fleet::behaviour::{Act, Behaviour, Scene, Stage};
use fleet::{Phase, Situation};
use scenario::Definition;
use smtp::Reply;
use units::Instant;

use super::serves;
use super::spell::{Interruption, Spell, read};

const DEFINITION: Definition = Definition {
    key: "magic",
    about: "What becomes of a recipient stands in its address.",
    kind: "nothing",
    fields: &[],
    example: "magic:",
};

/// How many pairs of sender and recipient are remembered for greylisting; those that came first are forgotten first.
const REMEMBERED: usize = 100_000;

/// Does what addresses say.
#[derive(Debug, Default)]
pub(super) struct Magic {
    /// When each pair of sender and recipient, by their numbers, came first.
    first_tries: BTreeMap<(u32, u32), Instant>,
    /// The pairs in the order in which they came.
    order: std::collections::VecDeque<(u32, u32)>,
}

impl Behaviour for Magic {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match stage {
            Stage::Rcpt { recipient } => Some(self.rcpt(*recipient, scene)),
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
    fn rcpt(&mut self, recipient: u32, scene: &Scene<'_>) -> Act {
        let name = scene.roster.name(recipient);
        if name.rsplit_once('@').is_some_and(|(_, domain)| !serves(domain)) {
            return scene.answer(Situation::RelayDenied, Some(recipient));
        }
        let accept = Act::Accept { longer: std::time::Duration::ZERO };
        match spell_of(recipient, scene) {
            Some(Spell::Greylist { wait }) => {
                let passed = scene.now.since(self.first_try(scene.visit.sender_number, recipient, scene.now));
                if passed < wait || passed.is_zero() {
                    scene.answer(Situation::Greylisted, Some(recipient))
                } else {
                    accept
                }
            }
            Some(spell) => strike(spell, Phase::Rcpt, recipient, scene).unwrap_or(accept),
            None => accept,
        }
    }

    fn first_try(&mut self, sender: u32, recipient: u32, now: Instant) -> Instant {
        let pair = (sender, recipient);
        if let Some(first) = self.first_tries.get(&pair) {
            return *first;
        }
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.first_tries.remove(&oldest);
        }
        self.order.push_back(pair);
        self.first_tries.insert(pair, now);
        now
    }
}

fn spell_of(recipient: u32, scene: &Scene<'_>) -> Option<Spell> {
    let (local_part, _) = scene.roster.name(recipient).rsplit_once('@')?;
    read(local_part)
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
        | Spell::Refuse { .. }
        | Spell::Say { .. }
        | Spell::Greylist { .. }
        | Spell::Slow { .. }
        | Spell::Interrupt { .. }
        | Spell::LoseReply => None,
    }
}
