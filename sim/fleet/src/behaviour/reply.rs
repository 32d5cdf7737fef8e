//! `reply`: a server says something that the scenario puts into its mouth.
//!
//! What it says is in `words`; which codes make sense at which phase, and how bytes are spelled, in `wording`.

mod wording;
pub(super) mod words;

use scenario::field::{optional, with_default};
use scenario::{Definition, Node, Problems, Reader, value};
use smtp::server::Then;

use self::words::Words;
use super::chance::{SHARE, TIMES};
use super::occasion::{AFTER, Deed, Occasion, Unwritten};
use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "reply",
    about: "The server answers at a phase of the dialogue with a reply of the scenario's: one that is known (`use`), one that is \
            written out (`at`, `code`, `text`), or one that is spelled byte by byte (`at`, `raw`). 4yz and 5yz refuse, 2yz accepts. \
            421 closes the connection, and so does a refused greeting, and whatever is said in the middle of a message.",
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
            "Instead of which answer: greeting, ehlo, starttls, auth, mail, rcpt, data, body (in the middle of the message), \
                    end_of_data, bdat, rset, noop, vrfy, quit, or idle (421 to a client that says nothing). Must be written \
                    unless `use` is.",
            "the phase of the known reply",
        ),
        AFTER,
        optional(
            "code",
            "number",
            "The basic code: 400 to 599, or an odd 2yz (at data: 3yz), which accepts. At body 400 to 599, at idle 421. Must be \
                    written unless `use` or `raw` is.",
        ),
        with_default("enhanced", "enhanced code", "The enhanced code, as in 4.7.0.", "no enhanced code"),
        with_default(
            "text",
            "text",
            "The words. A line break separates lines; {recipient}, {sender}, {domain}, {ip} and {host} are blanks.",
            "Refused",
        ),
        optional(
            "raw",
            "text",
            "The whole reply byte by byte, with its code and line ends, and whatever else is to be said with it: `\"250\\r\\n\"`. Each \
                    character is one byte (`\\xE9` is the e with an accent of Latin-1). It must begin with a reply that can be \
                    read; what cannot is `nonsense`.",
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
    let words = Words::read(&mut reader);
    let unwritten = if reader.node("use").is_some() { Unwritten::Later } else { Unwritten::Missing };
    let occasion = Occasion::read(Deed::Reply, unwritten, &mut reader);
    if let (Some(words), Some(occasion)) = (&words, &occasion) {
        words.check(occasion.at(), &mut reader);
    }
    let afterwards = match reader.optional("then_close", value::truth) {
        Some(true) => Then::Close,
        Some(false) | None => Then::Continue,
    };
    reader.finish();
    Some(Box::new(Say { words: words?, occasion: occasion?, afterwards }))
}

#[derive(Debug)]
struct Say {
    words: Words,
    occasion: Occasion,
    afterwards: Then,
}

impl Behaviour for Say {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        self.occasion.phases()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        if let Some(phase) = self.words.prepare(setting) {
            self.occasion.usually(phase);
        }
        self.occasion.prepare(setting);
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        if !self.occasion.strikes(stage, scene) {
            return None;
        }
        let act = self.words.say(stage, scene, self.afterwards)?;
        Some(self.occasion.act(act))
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

    const PASSED: &str = "220 250 250 250 354 250 221";

    #[test]
    fn an_odd_reply_accepts() {
        let postfix = |yaml, outcome, said| check("generic-postfix", yaml, outcome, said);
        postfix("reply: { at: greeting, code: 220, text: Hello }", PASSED, "Bye");
        postfix("reply: { at: rcpt, code: 251, text: Will forward }", "220 250 250 251 354 250 221", "Bye");
        postfix("reply: { at: data, code: 354, text: Go on }", PASSED, "Bye");
        postfix("reply: { at: end_of_data, raw: \"250\\r\\n\" }", PASSED, "Bye");
        postfix(
            "reply: { at: end_of_data, raw: \"250 Re\\xE7u\\n\", then_close: true }",
            "220 250 250 250 354 250 closed",
            "250 Re\u{fffd}u",
        );
    }

    #[test]
    fn whatever_the_phase_a_reply_can_be_given() {
        let postfix = |yaml, outcome, said| check("generic-postfix", yaml, outcome, said);
        postfix("reply: { at: quit, code: 221, text: So long }", PASSED, "221 So long");
        postfix(
            "reply: { at: body, code: 552, after: 10 B }",
            "220 250 250 250 354 552 closed",
            "552 Refused",
        );
        postfix("reply: { at: body, code: 552, after: 10 KiB }", PASSED, "Bye");
        postfix("reply: { at: noop, code: 500 }", PASSED, "Bye");
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
        refuse("reply: { at: mail, code: 199 }", "`199` is not from 200 to 599");
        refuse("reply: { at: mail, code: 354 }", "354 makes no sense at mail");
        refuse("reply: { at: data, code: 250 }", "250 makes no sense at data");
        refuse("reply: { at: body, code: 250 }", "250 makes no sense at body");
        refuse("reply: { at: idle, code: 451 }", "451 makes no sense at idle");
        refuse("reply: { at: data, raw: \"250 Ok\\r\\n\" }", "250 makes no sense at data");
        refuse("reply: { at: mail, raw: hello }", "`raw` does not begin with a reply");
        refuse("reply: { at: mail, raw: \"250 €\\n\" }", "a character of `raw` is more than one byte");
        refuse("reply: { at: mail, raw: \"250\\n\", code: 250 }", "`raw` and `code` exclude each other");
        refuse("reply: { at: mail, code: 451, enhanced: 4.7 }", "`4.7` is not an enhanced status code");
        refuse("reply: { at: mail, code: 451, text: '{name}' }", "`{name}` is not a blank");
        refuse("reply: { use: rate_limited, code: 451 }", "`use` and `code` exclude each other");
        refuse(
            "reply: { use: ratelimited }",
            "`ratelimited` is neither a situation nor the id of a known reply",
        );
    }
}
