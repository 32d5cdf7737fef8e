//! `connect`: nobody gets a connection.

use scenario::{Definition, Node, Problems, value};

use super::{Act, Behaviour, BehaviourKind, Refusal, Scene, Stage};

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "connect",
    about: "Nobody gets a connection: `refuse` refuses it at once, `time_out` never answers, `reset` opens it and \
            resets it before the greeting. Connections that are open already go on.",
    kind: "refuse, time_out or reset",
    fields: &[],
    example: "connect: refuse",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const WORDS: &[(&str, Connect)] =
        &[("refuse", Connect::Refuse), ("time_out", Connect::TimeOut), ("reset", Connect::Reset)];
    value::one_of(WORDS)(node, problems).map(|connect| Box::new(connect) as Box<dyn Behaviour>)
}

#[derive(Debug, Clone, Copy)]
enum Connect {
    Refuse,
    TimeOut,
    Reset,
}

impl Behaviour for Connect {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Greeting)
    }

    fn dial(&mut self) -> Option<Refusal> {
        match self {
            Self::Refuse => Some(Refusal::Refuse),
            Self::TimeOut => Some(Refusal::TimeOut),
            Self::Reset => None,
        }
    }

    fn on(&mut self, stage: &Stage<'_>, _: &Scene<'_>) -> Option<Act> {
        match (self, stage) {
            (Self::Reset, Stage::Greeting) => Some(Act::Reset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::receipts::ConnectionEnd;
    use crate::testing::{World, refuse};

    fn check(yaml: &str, outcome: &str, connections: &[ConnectionEnd]) {
        let mut world = World::new("generic-postfix", 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &["c000001@bigbox.test"]), outcome, "{yaml}");
        let ends: Vec<ConnectionEnd> = world.receipts().connections.iter().map(|one| one.end).collect();
        assert_eq!(ends, connections, "{yaml}");
    }

    #[test]
    fn nobody_gets_a_connection() {
        check("connect: refuse", "refused", &[]);
        check("connect: time_out", "timed out", &[]);
        check("connect: reset", "reset", &[ConnectionEnd::ServerClosed]);
        refuse("connect: refused", "expected `refuse`, `time_out` or `reset`, found `refused`");
    }
}
