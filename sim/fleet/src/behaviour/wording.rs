//! Words that a scenario chooses for what a behaviour refuses: `use`, a situation or the id of a known reply.
//!
//! Separate because several behaviours let their words be chosen, and say them in other phases than their own.

use scenario::field::with_default;
use scenario::{Field, Node, Problem, Problems, suggestion, value};

use super::{Act, Identity, Scene};
use crate::profile::{KnownReply, Situation};
use crate::{Phase, library};

/// `use`, as a field of a map.
pub(super) const USE: Field = with_default(
    "use",
    "situation, or id of a known reply",
    "In which words it is refused: a situation of the provider's profile (rate_limited), or the id of any reply in the \
     library (gmail-027).",
    "the words that the provider's profile has for it",
);

/// The words for something.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wording {
    /// The provider's own for a situation.
    Situation(Situation),
    /// These, whoever else uses them.
    Known(&'static KnownReply),
}

impl Wording {
    /// Reads what stands after `use`.
    pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = value::text(node, problems)?;
        let found = match Situation::named(&name) {
            Some(situation) => Some(Self::Situation(situation)),
            None => library().reply(&name).map(Self::Known),
        };
        if found.is_none() {
            let message = format!("`{name}` is neither a situation nor the id of a known reply");
            let situations = suggestion(&name, &Situation::ALL.map(Situation::key), "the situations");
            problems.push(
                Problem::at(node.place, message, "nothing is known by this name")
                    .help(format!("{situations}; ids (gmail-027) stand in the profiles under `replies`")),
            );
        }
        found
    }

    /// The phase in which the provider says it.
    pub(super) fn phase(self, identity: &Identity) -> Phase {
        self.known(identity).phase
    }

    /// A refusal in these words in any phase, which may concern one recipient.
    pub(super) fn say(self, phase: Phase, scene: &Scene<'_>, concerned: Option<u32>) -> Act {
        let known = self.known(scene.identity);
        let act = Act::say(known.in_words(&scene.particulars(phase, known.scope, concerned)), phase);
        match (act, self) {
            (Act::Say { reply, then, .. }, Self::Situation(situation)) => {
                Act::Say { reply, then, situation: Some(situation) }
            }
            (act, _) => act,
        }
    }

    pub(super) fn known(self, identity: &Identity) -> &'static KnownReply {
        match self {
            Self::Situation(situation) => identity.profile.answer(situation),
            Self::Known(known) => known,
        }
    }
}
