//! `lose_reply`: the message is accepted, but the client never hears of it.

use scenario::{Definition, Node, Problems, Reader};

use super::chance::{Chance, SHARE, TIMES};
use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "lose_reply",
    about: "The message is accepted after its final dot, and the connection is cut before the reply: the client cannot \
            know (RFC 1047). What happens to the message is the same as if the reply had come.",
    kind: "a map",
    fields: &[SHARE, TIMES],
    example: "lose_reply: { share: 10% }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let chance = Chance::read(&mut reader);
    reader.finish();
    Some(Box::new(LoseReply { chance }))
}

#[derive(Debug)]
struct LoseReply {
    chance: Chance,
}

impl Behaviour for LoseReply {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::EndOfData)
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let strikes = matches!(stage, Stage::EndOfData { .. }) && self.chance.strikes(stage, scene);
        strikes.then_some(Act::LoseReply)
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::receipts::Answered;
    use crate::testing::{BODY, World, contact};

    fn check(yaml: &str, messages: usize, lost: usize) {
        let mut world = World::new("generic-postfix", 1, yaml);
        let outcomes: Vec<String> =
            (0..messages).map(|hour| world.send(Instant::from_hours(hour as u64), &[&contact(1)])).collect();
        let cut = outcomes.iter().filter(|outcome| *outcome == "220 250 250 250 354 closed").count();
        let whole = outcomes.iter().filter(|outcome| *outcome == "220 250 250 250 354 250 221").count();
        assert_eq!((cut, whole), (lost, messages - lost), "{yaml}: {outcomes:?}");
        let body = xxhash_rust::xxh3::xxh3_64(BODY.as_bytes());
        let arrivals = world.receipts().arrivals;
        assert_eq!(arrivals.len(), messages);
        let unheard = arrivals.iter().filter(|arrival| match arrival.answer {
            Answered::AcceptedReplyLost { body_hash, body_bytes } => {
                (body_hash, body_bytes) == (body, BODY.len() as u64)
            }
            _ => false,
        });
        assert_eq!(unheard.count(), lost, "{yaml}");
    }

    #[test]
    fn the_message_is_accepted_and_the_reply_is_not_heard() {
        check("lose_reply: {}", 3, 3);
        check("lose_reply: { times: 2 }", 5, 2);
        check("lose_reply: { share: 0% }", 5, 0);
    }
}
