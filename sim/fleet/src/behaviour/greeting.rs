//! `greeting`: the server says that it is out of order, instead of greeting.

use scenario::{Definition, Node, Problems, value};

use super::{Act, Behaviour, BehaviourKind, Scene, Stage};
use crate::profile::Situation;

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "greeting",
    about: "`busy`: each new connection is answered with the provider's words for an outage instead of a greeting \
            (the `outage_greeting` of its profile: 421, 451 or 554), and is closed.",
    kind: "busy",
    fields: &[],
    example: "greeting: busy",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    value::one_of(&[("busy", Busy)])(node, problems).map(|busy| Box::new(busy) as Box<dyn Behaviour>)
}

#[derive(Debug, Clone, Copy)]
struct Busy;

impl Behaviour for Busy {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Greeting)
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        matches!(stage, Stage::Greeting).then(|| scene.answer(Situation::OutageGreeting, None))
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, refuse};

    fn check(profile: &str, outcome: &str, said: &str) {
        let mut world = World::new(profile, 1, "greeting: busy");
        assert_eq!(world.send(Instant::ZERO, &["c000001@bigbox.test"]), outcome, "{profile}");
        assert!(world.said.contains(said), "{}", world.said);
    }

    #[test]
    fn each_provider_has_its_own_words_for_an_outage() {
        check(
            "generic-postfix",
            "421 closed",
            "<mx1.bigbox.test> Service not available, closing transmission channel",
        );
        check("gmail", "421 closed", "4.4.5 Server busy, try again later.");
        check("yahoo", "451 closed", "mx1.bigbox.test Resources temporarily unavailable.");
        check("icloud", "451 closed", "4.7.1 Service unavailable - try again later");
        check("gmx", "421 closed", "For explanation visit https://postmaster.gmx.net/en/error-messages");
        refuse("greeting: slow", "expected `busy`, found `slow`");
    }
}
