//! `data_in_vain`: DATA is taken although nobody was accepted.

use scenario::{Definition, Node, Problems, value};

use super::habits::{DataInVain, Habits};
use super::{Behaviour, BehaviourKind, Scene};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "data_in_vain",
    about: "What DATA leads to when every recipient of the message was refused: `refused` is the 554 of the standard, `taken` is the \
            go-ahead, and a message that is for nobody. A client that sends commands in groups has to end such a message at once (RFC \
            2920 3.1). Concerns connections that are opened while this is in force.",
    kind: "refused or taken",
    fields: &[],
    example: "data_in_vain: taken",
};

const WORDS: &[(&str, DataInVain)] = &[("refused", DataInVain::Refused), ("taken", DataInVain::Taken)];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    value::one_of(WORDS)(node, problems).map(|data| Box::new(Leads(data)) as Box<dyn Behaviour>)
}

#[derive(Debug)]
struct Leads(DataInVain);

impl Behaviour for Leads {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn forms_habits(&self) -> bool {
        true
    }

    fn habits(&mut self, habits: &Habits, _: &Scene<'_>) -> Option<Habits> {
        Some(Habits { data_in_vain: self.0, ..habits.clone() })
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::Dial;
    use crate::receipts::Answered;
    use crate::testing::{World, contact, refuse};

    #[test]
    fn a_message_for_nobody_is_taken() {
        let check = |yaml: &str, expected: &str| {
            let world = World::new("generic-postfix", 1, &format!("{yaml}\nmailboxes: {{ unknown: 100% }}"));
            let Dial::Connected { mut server, .. } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("no connection");
            };
            server.greeting(Instant::ZERO);
            let to = contact(1);
            let said = format!("EHLO a.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
            server.receive(Instant::ZERO, said.as_bytes());
            let turn = server.receive(Instant::ZERO, b".\r\n");
            assert_eq!(String::from_utf8_lossy(&turn.bytes[..3]), expected, "{yaml}");
            let arrivals = world.receipts().arrivals;
            assert!(matches!(arrivals[..], [arrival] if matches!(arrival.answer, Answered::Refused { .. })));
        };
        check("data_in_vain: taken", "250");
        check("data_in_vain: refused", "500");
        refuse("data_in_vain: accept", "expected `refused` or `taken`, found `accept`");
    }
}
