//! `delay`: the answer at a phase takes longer.

use std::time::Duration;

use scenario::field::{required, with_default};
use scenario::{Definition, Node, Problem, Problems, Reader, value};

use super::chance::{SHARE, TIMES};
use super::occasion::{Deed, Occasion, Unwritten};
use super::{Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "delay",
    about: "The answer at a phase takes longer, whatever it is and whichever behaviour gives it. Several delays add up, and come on \
            top of the `latency`.",
    kind: "a map",
    fields: &[
        with_default(
            "at",
            "phase",
            "Which answer: connect or greeting (the first words), ehlo, starttls, tls_handshake, auth, mail, rcpt, data, \
             end_of_data, bdat, rset, noop, vrfy or quit.",
            "greeting",
        ),
        required(
            "by",
            "duration or range of durations",
            "How much longer; drawn from a range for each answer on its own.",
        ),
        SHARE,
        TIMES,
    ],
    example: "delay: { at: rcpt, by: 30s, share: 10% }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let occasion = Occasion::read(Deed::Delay, Unwritten::Usually(Phase::Greeting), &mut reader);
    let by = reader.required("by", value::durations);
    if let (Some(by), Some(node)) = (&by, reader.node("by"))
        && by.end().is_zero()
    {
        let problem = Problem::at(node.place, "a delay of zero is none", "must be more than zero");
        reader.problems().push(problem.help("write a longer time, or remove the behaviour"));
    }
    reader.finish();
    let by = by?;
    Some(Box::new(Delay {
        occasion: occasion?,
        shortest: *by.start(),
        longest: *by.end(),
        draw: None,
        answers: 0,
    }))
}

#[derive(Debug)]
struct Delay {
    occasion: Occasion,
    shortest: Duration,
    longest: Duration,
    /// Known when it is known whose behaviour it is.
    draw: Option<units::Draw>,
    answers: u64,
}

impl Behaviour for Delay {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.occasion.prepare(setting);
        self.draw = Some(setting.draw.with(setting.rule).with_text("by"));
    }

    fn phases(&self) -> Phases {
        self.occasion.phases()
    }

    fn pauses(&self) -> bool {
        true
    }

    fn pause(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Duration> {
        if !self.occasion.strikes(stage, scene) {
            return None;
        }
        self.answers += 1;
        let visit = scene.visit;
        let draw = self.draw?.with(u64::from(visit.connection)).with(self.answers);
        Some(draw.between(self.shortest, self.longest))
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, contact, refuse};

    /// What comes of a message, and how long the whole conversation took at least, in seconds.
    fn check(yaml: &str, outcome: &str, seconds: std::ops::Range<u64>) {
        let mut world = World::new("generic-postfix", 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), outcome, "{yaml}");
        let connection = world.receipts().connections[0];
        let took = connection.closed.since(connection.opened).as_secs();
        assert!(seconds.contains(&took), "{yaml}: {took} s");
    }

    const PASSED: &str = "220 250 250 250 354 250 221";

    #[test]
    fn an_answer_takes_longer_whoever_gives_it() {
        check("delay: { at: rcpt, by: 30s }", PASSED, 30..32);
        check("delay: { by: 30s }", PASSED, 30..32);
        check("delay: { at: connect, by: 5s }\nlatency: 1s", PASSED, 12..14);
        check("delay: { at: quit, by: 4s }", PASSED, 4..6);
        check("delay: { at: end_of_data, by: 20s..40s }", PASSED, 20..42);
        check("mailboxes: { unknown: 100% }\ndelay: { at: rcpt, by: 30s }", "220 250 250 550 221", 30..32);
        check("delay: { at: noop, by: 30s }", PASSED, 0..2);
        check("delay: { at: mail, by: 30s, share: 0% }", PASSED, 0..2);
    }

    #[test]
    fn a_delay_has_a_length() {
        refuse("delay: { at: rcpt }", "`delay` needs `by`");
        refuse("delay: { at: rcpt, by: 0s }", "a delay of zero is none");
    }
}
