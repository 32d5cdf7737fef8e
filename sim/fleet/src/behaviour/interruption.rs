//! What `drop` and `stall` have in common: at a phase of the dialogue, instead of an answer, something happens to the
//! connection.

use scenario::field::required;
use scenario::{Definition, Field, Node, Problems, Reader, value};

use super::chance::Chance;
use super::{Act, Behaviour, Scene, Setting, Stage};
use crate::{Phase, Phases};

/// `at`, as a field of a definition.
pub(super) const AT: Field = required(
    "at",
    "phase",
    "Instead of which answer: greeting, ehlo, mail, rcpt, data or end_of_data. At end_of_data the message is not \
            accepted.",
);

/// Reads the settings of an interruption by `act`.
pub(super) fn read(
    definition: &'static Definition,
    act: Act,
    node: &Node,
    problems: &mut Problems,
) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(definition, node, problems)?;
    let at = reader.required("at", value::one_of(Phase::WORDS));
    let chance = Chance::read(&mut reader);
    reader.finish();
    Some(Box::new(Interruption { definition, at: at?, chance, act }))
}

#[derive(Debug)]
struct Interruption {
    definition: &'static Definition,
    at: Phase,
    chance: Chance,
    act: Act,
}

impl Behaviour for Interruption {
    fn definition(&self) -> &'static Definition {
        self.definition
    }

    fn phases(&self) -> Phases {
        Phases::only(self.at)
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let strikes = stage.phase() == self.at && self.chance.strikes(stage, scene);
        strikes.then(|| self.act.clone())
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::receipts::{Answered, ConnectionEnd};
    use crate::testing::{World, contact, refuse};

    fn check(yaml: &str, outcome: &str, end: ConnectionEnd) {
        let mut world = World::new("generic-postfix", 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), outcome, "{yaml}");
        let receipts = world.receipts();
        assert_eq!(receipts.connections[0].end, end, "{yaml}");
        assert!(receipts.arrivals.iter().all(|arrival| arrival.answer == Answered::Unfinished), "{yaml}");
        let named = outcome.split(' ').filter(|code| code.starts_with("250")).count() >= 2;
        assert_eq!(receipts.arrivals.len(), usize::from(named), "{yaml}");
    }

    #[test]
    fn instead_of_an_answer_the_connection_ends() {
        check("drop: { at: greeting }", "closed", ConnectionEnd::ServerClosed);
        check("drop: { at: ehlo }", "220 closed", ConnectionEnd::ServerClosed);
        check("drop: { at: rcpt }", "220 250 250 closed", ConnectionEnd::ServerClosed);
        check("drop: { at: data }", "220 250 250 250 closed", ConnectionEnd::ServerClosed);
        check("drop: { at: end_of_data }", "220 250 250 250 354 closed", ConnectionEnd::ServerClosed);
        check("stall: { at: greeting }", "silence", ConnectionEnd::ClientClosed);
        check("stall: { at: rcpt }", "220 250 250 silence", ConnectionEnd::ClientClosed);
        check("stall: { at: end_of_data }", "220 250 250 250 354 silence", ConnectionEnd::ClientClosed);
        refuse("drop: {}", "`drop` needs `at`");
        refuse("stall: { at: body }", "found `body`");
    }

    #[test]
    fn each_try_of_a_recipient_is_drawn_anew() {
        let mut world = World::new("generic-postfix", 1, "drop: { at: rcpt, share: 50% }");
        let dropped =
            (0..100).filter(|_| world.send(Instant::ZERO, &[&contact(1)]).ends_with("closed")).count();
        assert!((25..=75).contains(&dropped), "{dropped}");
    }

    #[test]
    fn a_share_is_drawn_and_times_are_counted() {
        let mut world = World::new("generic-postfix", 1, "drop: { at: mail, share: 30%, times: 100 }");
        let dropped =
            |outcomes: &[String]| outcomes.iter().filter(|outcome| outcome.ends_with("closed")).count();
        let outcomes: Vec<String> = (0..1000).map(|_| world.send(Instant::ZERO, &[&contact(1)])).collect();
        assert!((40..=80).contains(&dropped(&outcomes[..200])), "{}", dropped(&outcomes[..200]));
        assert_eq!(dropped(&outcomes), 100);
    }
}
