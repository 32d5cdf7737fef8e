//! `reply`: a server says something that the scenario puts into its mouth.

use scenario::field::{optional, with_default};
use scenario::{Definition, Node, Placed, Problem, Problems, Reader, suggestion, value};
use smtp::server::Then;
use smtp::{EnhancedStatusCode, Reply};

use super::chance::{Chance, SHARE, TIMES};
use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::profile::{KnownReply, Scope, Situation, Template, read};
use crate::{Phase, Phases, library};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "reply",
    about: "The server refuses at a phase of the dialogue with a reply of the scenario's: either one that is known \
            (`use`), or one that is written out (`at`, `code`, `text`). 421 closes the connection, and so does a refused \
            greeting.",
    kind: "a map",
    fields: &[
        optional(
            "use",
            "situation, or id of a known reply",
            "A situation of the provider's profile (rate_limited), or the id of any reply in the library \
                    (gmail-027). Brings phase, code and text along.",
        ),
        with_default(
            "at",
            "phase",
            "Instead of which answer: greeting, ehlo, mail, rcpt, data or end_of_data. Must be written unless \
                    `use` is.",
            "the phase of the known reply",
        ),
        optional("code", "number", "The basic code, 400 to 599. Must be written unless `use` is."),
        with_default("enhanced", "enhanced code", "The enhanced code, as in 4.7.0.", "no enhanced code"),
        with_default(
            "text",
            "text",
            "The words. A line break separates lines; {recipient}, {sender}, {domain}, {ip} and {host} are blanks.",
            "Refused",
        ),
        SHARE,
        TIMES,
        with_default(
            "then_close",
            "true or false",
            "Whether the connection is closed after it.",
            "false, but 421 and a refused greeting always close",
        ),
    ],
    example: "reply: { at: mail, code: 421, enhanced: 4.7.0, text: Too much mail, share: 5% }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let words = match reader.node("use") {
        Some(_) => known(&mut reader),
        None => written(&mut reader),
    };
    let at = reader.optional("at", value::one_of(Phase::WORDS));
    let chance = Chance::read(&mut reader);
    let afterwards = match reader.optional("then_close", value::truth) {
        Some(true) => Then::Close,
        Some(false) | None => Then::Continue,
    };
    reader.finish();
    Some(Box::new(Say { at, words: words?, chance, afterwards }))
}

/// A known reply. Whatever else would describe a reply may not stand beside it.
fn known(reader: &mut Reader<'_>) -> Option<Words> {
    for key in ["code", "enhanced", "text"] {
        if let Some(node) = reader.node(key) {
            let problem = Problem::at(node.place, format!("`use` and `{key}` exclude each other"), "");
            reader.problems().push(problem.help("`use` brings code and text along; write only one of them"));
        }
    }
    let name: Placed<String> = reader.required("use", value::placed(value::text))?;
    let found = match Situation::named(&name.value) {
        Some(situation) => Some(Words::Situation(situation)),
        None => library().reply(&name.value).map(Words::Known),
    };
    if found.is_none() {
        let message = format!("`{}` is neither a situation nor the id of a known reply", name.value);
        let situations = suggestion(&name.value, &Situation::ALL.map(Situation::key), "the situations");
        reader.problems().push(
            Problem::at(name.place, message, "nothing is known by this name")
                .help(format!("{situations}; ids (gmail-027) stand in the profiles under `replies`")),
        );
    }
    found
}

/// A reply that is written out. Its phase is read with the rest.
fn written(reader: &mut Reader<'_>) -> Option<Words> {
    if reader.node("at").is_none() {
        reader.needs("at");
    }
    let code = reader.required("code", read::refusal_code);
    let enhanced = reader.optional("enhanced", read::enhanced_code);
    let template = match reader.node("text") {
        Some(node) => read::template(node, reader.problems()),
        None => Template::parse("Refused").ok(),
    };
    Some(Words::Written { code: code?, enhanced, template: template? })
}

#[derive(Debug)]
struct Say {
    /// `None`: in the phase of the known reply.
    at: Option<Phase>,
    words: Words,
    chance: Chance,
    afterwards: Then,
}

#[derive(Debug)]
enum Words {
    /// The provider's own for a situation, looked up when it is known whose they are.
    Situation(Situation),
    Known(&'static KnownReply),
    Written {
        code: u16,
        enhanced: Option<EnhancedStatusCode>,
        template: Template,
    },
}

impl Behaviour for Say {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        self.phase().map_or(Phases::ALL, Phases::only)
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
        if let Words::Situation(situation) = self.words {
            self.words = Words::Known(setting.identity.profile.answer(situation));
        }
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        if self.phase() != Some(stage.phase()) || !self.chance.strikes(stage, scene) {
            return None;
        }
        let concerned = match stage {
            Stage::Rcpt { recipient } => Some(*recipient),
            Stage::Greeting | Stage::Hello | Stage::Mail | Stage::Data | Stage::EndOfData { .. } => None,
        };
        let reply = self.reply(stage.phase(), scene, concerned)?;
        Some(match (Act::say(reply, stage.phase()), self.afterwards) {
            (Act::Say { reply, situation, .. }, Then::Close) => {
                Act::Say { reply, then: Then::Close, situation }
            }
            (act, _) => act,
        })
    }
}

impl Say {
    fn phase(&self) -> Option<Phase> {
        match (&self.words, self.at) {
            (_, Some(at)) => Some(at),
            (Words::Known(known), None) => Some(known.phase),
            (Words::Situation(_) | Words::Written { .. }, None) => None,
        }
    }

    fn reply(&self, phase: Phase, scene: &Scene<'_>, concerned: Option<u32>) -> Option<Reply> {
        match &self.words {
            Words::Situation(_) => None,
            Words::Known(known) => Some(known.in_words(&scene.particulars(phase, known.scope, concerned))),
            Words::Written { code, enhanced, template } => {
                let particulars = scene.particulars(phase, Scope::System, concerned);
                Some(Reply::new(*code, *enhanced, &template.fill(&particulars)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, contact, refuse};

    fn check(profile: &str, yaml: &str, outcome: &str, said: &str) {
        let mut world = World::new(profile, 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), outcome, "{yaml}");
        assert!(world.said.contains(said), "{yaml}: {}", world.said);
    }

    #[test]
    fn a_reply_can_be_written_out() {
        let postfix = |yaml, outcome, said| check("generic-postfix", yaml, outcome, said);
        postfix("reply: { at: greeting, code: 554 }", "554 closed", "554 Refused");
        postfix("reply: { at: ehlo, code: 421, text: Busy }", "220 421 closed", "421 Busy");
        postfix("reply: { at: mail, code: 451, enhanced: 4.7.0 }", "220 250 451 221", "Bye");
        postfix(
            "reply: { at: rcpt, code: 421, enhanced: 4.2.1, text: 'no {recipient}' }",
            "220 250 250 421 closed",
            "421 4.2.1 no c000001@bigbox.test",
        );
        postfix(
            "reply: { at: data, code: 451, text: \"one\\ntwo\", then_close: true }",
            "220 250 250 250 451 closed",
            "451-one\n451 two",
        );
        postfix("reply: { at: end_of_data, code: 552, times: 1 }", "220 250 250 250 354 552 221", "Bye");
    }

    #[test]
    fn a_known_reply_brings_everything_along() {
        let rate = "reply: { use: rate_limited }";
        check("comcast", rate, "220 250 421 closed", "421 4.1.0 Throttled - try again later.");
        check("orange", rate, "421 closed", "421 mx1.bigbox.test ME Service refuse.");
        check(
            "gmail",
            rate,
            "220 250 250 250 354 421 closed",
            "421 4.7.28 Gmail has detected an unusual rate of email",
        );
        let domain = "reply: { use: gmail-030, then_close: true }";
        check("gmail", domain, "220 250 250 250 354 421 closed", "your DKIM domain sender.test.");
        check("qq", "reply: { use: icloud-023 }", "220 250 250 550 221", "Bye");
        check(
            "qq",
            "reply: { use: icloud-007, at: mail }",
            "220 250 421 closed",
            "421 4.7.1 Messages to  deferred",
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        refuse("reply: { code: 451 }", "`reply` needs `at`");
        refuse("reply: { at: mail }", "`reply` needs `code`");
        refuse("reply: { at: mail, code: 250 }", "`250` is not from 400 to 599");
        refuse("reply: { at: mail, code: 451, enhanced: 4.7 }", "`4.7` is not an enhanced status code");
        refuse("reply: { at: mail, code: 451, text: '{name}' }", "`{name}` is not a blank");
        refuse("reply: { use: rate_limited, code: 451 }", "`use` and `code` exclude each other");
        refuse(
            "reply: { use: ratelimited }",
            "`ratelimited` is neither a situation nor the id of a known reply",
        );
    }
}
