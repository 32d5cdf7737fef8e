//! What `drop`, `reset` and `stall` have in common: at a phase of the dialogue, instead of an answer, something happens to the
//! connection.

use scenario::{Definition, Node, Problems, Reader};

use super::occasion::{Deed, Occasion, Unwritten};
use super::{Act, Behaviour, Scene, Setting, Stage};
use crate::Phases;

/// Reads the settings of an interruption: what is done, and the act that does it.
pub(super) fn read(
    definition: &'static Definition,
    (deed, act): (Deed, Act),
    node: &Node,
    problems: &mut Problems,
) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(definition, node, problems)?;
    let occasion = Occasion::read(deed, Unwritten::Missing, &mut reader);
    reader.finish();
    Some(Box::new(Interruption { definition, occasion: occasion?, act }))
}

#[derive(Debug)]
struct Interruption {
    definition: &'static Definition,
    occasion: Occasion,
    act: Act,
}

impl Behaviour for Interruption {
    fn definition(&self) -> &'static Definition {
        self.definition
    }

    fn phases(&self) -> Phases {
        self.occasion.phases()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.occasion.prepare(setting);
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let strikes = self.occasion.strikes(stage, scene);
        strikes.then(|| self.occasion.act(self.act.clone()))
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
        refuse("stall: { at: headers }", "found `headers`");
        check("drop: { at: connect }", "closed", ConnectionEnd::ServerClosed);
        check("reset: { at: connect }", "reset", ConnectionEnd::ServerClosed);
        check("reset: { at: rcpt }", "220 250 250 reset", ConnectionEnd::ServerClosed);
        check("stall: { at: connect }", "silence", ConnectionEnd::ClientClosed);
        check("drop: { at: body }", "220 250 250 250 354 closed", ConnectionEnd::ServerClosed);
        check("reset: { at: body, after: 10 B }", "220 250 250 250 354 reset", ConnectionEnd::ServerClosed);
    }

    #[test]
    fn a_message_that_is_too_short_is_not_interrupted() {
        let mut world = World::new("generic-postfix", 1, "reset: { at: body, after: 10 KiB }");
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), "220 250 250 250 354 250 221");
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
