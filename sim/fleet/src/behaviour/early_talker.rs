//! `early_talker`: the greeting is held back, and who does not wait for it is refused.

use std::time::Duration;

use scenario::field::with_default;
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use smtp::{EnhancedStatusCode, Reply};

use super::chance::{Chance, SHARE, TIMES};
use super::habits::{EarlyTalker, Habits};
use super::{Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;
use crate::profile::read::refusal_code;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "early_talker",
    about: "The greeting is held back for a while. A client that says something before it, as much software does that sends spam, is \
            refused, and the connection is closed.",
    kind: "a map",
    fields: &[
        with_default("wait", "duration", "How long the greeting is held back.", "5s"),
        with_default("code", "number", "What an early talker is refused with, 400 to 599.", "554"),
        with_default("text", "text", "The words.", "SMTP synchronization error: you talked too soon"),
        with_default(
            SHARE.name,
            SHARE.kind,
            "How many of the connections it concerns, each drawn on its own.",
            "100%",
        ),
        TIMES,
    ],
    example: "early_talker: { wait: 6s }",
};

/// How long a greeting is held back unless it is written.
// Postfix: postscreen_greet_wait is 6 s, 2 s under stress; Exchange and Exim have similar waits
const WAIT: Duration = Duration::from_secs(5);

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let wait = reader.optional("wait", value::duration).unwrap_or(WAIT);
    if let Some(node) = reader.node("wait").filter(|_| wait.is_zero()) {
        let problem = Problem::at(
            node.place,
            "nobody can talk before a greeting that comes at once",
            "must be more than zero",
        );
        reader.problems().push(problem.help("write how long it is held back, as in 5s"));
    }
    let code = reader.optional("code", refusal_code).unwrap_or(554);
    let text = reader.optional("text", value::text);
    let chance = Chance::read(&mut reader);
    reader.finish();
    let text = text.unwrap_or_else(|| "SMTP synchronization error: you talked too soon".to_owned());
    let class = if code < 500 { 4 } else { 5 };
    let refusal = Reply::new(code, EnhancedStatusCode::new(class, 5, 5), &text);
    Some(Box::new(Check { early_talker: EarlyTalker { wait, refusal }, chance }))
}

#[derive(Debug)]
struct Check {
    early_talker: EarlyTalker,
    chance: Chance,
}

impl Behaviour for Check {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
    }

    fn forms_habits(&self) -> bool {
        true
    }

    fn habits(&mut self, habits: &Habits, scene: &Scene<'_>) -> Option<Habits> {
        let strikes = self.chance.strikes(&Stage::Connect, scene);
        strikes.then(|| Habits { early_talker: Some(self.early_talker.clone()), ..habits.clone() })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::refuse;

    // What it does to clients is tested with the server (`server/phases.rs`).
    #[test]
    fn what_is_impossible_is_refused() {
        refuse("early_talker: { wait: 0s }", "nobody can talk before a greeting that comes at once");
        refuse("early_talker: { code: 220 }", "`220` is not from 400 to 599");
    }
}
