//! `spam_block`: mail is refused as spam, because of what it says or because of where it comes from.

use scenario::field::{required, with_default};
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use units::Table;

use super::{Act, Behaviour, BehaviourKind, Received, Scene, Setting, Stage};
use crate::checks::content::contains_ignoring_case;
use crate::profile::Situation;
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "spam_block",
    about: "Mail is refused as spam, with the words that the provider's profile has for it and in the phase in which \
            it says them: a block by content at the end of data, a block by source possibly as early as the greeting. \
            A block in the greeting concerns connections that are opened after it began.",
    kind: "a map",
    fields: &[
        required(
            "by",
            "content or source",
            "What is refused: messages, or everything from the sending address.",
        ),
        with_default(
            "words",
            "text or list of texts",
            "Only with `by: content`: a message is spam if any of these occurs in its header or body as \
                    transmitted (ASCII letters in either case; the first 1 MiB; nothing is decoded).",
            "every message is spam",
        ),
        with_default(
            "after",
            "number",
            "How many messages that would be refused pass first, 0 or more. Counted are messages, not recipients.",
            "0",
        ),
    ],
    example: "spam_block: { by: content, words: [lottery, you have won], after: 100 }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const BY: &[(&str, Situation)] =
        &[("content", Situation::SpamContent), ("source", Situation::SpamSource)];
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let situation = reader.required("by", value::one_of(BY));
    let words = reader.optional("words", value::list(value::text)).unwrap_or_default();
    let grace = reader.optional("after", value::number(0..=u64::MAX)).unwrap_or(0);
    if let (Some(Situation::SpamSource), Some(node)) = (situation, reader.node("words")) {
        let problem = Problem::at(node.place, "a block by source looks at no words", "");
        reader.problems().push(problem.help("write `by: content`, or leave `words` out"));
    }
    reader.finish();
    let words = words.into_iter().map(String::into_bytes).collect();
    Some(Box::new(SpamBlock {
        situation: situation?,
        phase: Phase::EndOfData,
        words,
        grace,
        seen: Table::default(),
    }))
}

#[derive(Debug)]
struct SpamBlock {
    situation: Situation,
    /// The phase in which the provider refuses.
    phase: Phase,
    words: Vec<Vec<u8>>,
    /// How many messages still pass.
    grace: u64,
    /// Whether the message with this hash is spam, for those that were looked at.
    seen: Table<u64, bool>,
}

impl Behaviour for SpamBlock {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn remembers(&self) -> bool {
        true
    }

    fn phases(&self) -> Phases {
        Phases::only(self.phase).and(Phase::EndOfData)
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.phase = setting.identity.profile.answer(self.situation).phase;
    }

    fn reads_content(&self) -> bool {
        !self.words.is_empty()
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        if let Stage::EndOfData { message } = stage
            && (!self.is_spam(message) || self.passes())
        {
            return None;
        }
        let blocks = self.grace == 0 && stage.phase() == self.phase;
        blocks.then(|| scene.answer(self.situation, None))
    }
}

impl SpamBlock {
    /// Whether a message that would be refused passes still, which is counted.
    fn passes(&mut self) -> bool {
        let passes = self.grace > 0;
        self.grace -= u64::from(passes);
        passes
    }

    fn is_spam(&mut self, message: &Received<'_>) -> bool {
        let words = &self.words;
        words.is_empty()
            || *self
                .seen
                .entry(message.hash)
                .or_insert_with(|| words.iter().any(|word| contains_ignoring_case(message.content, word)))
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::testing::{World, contact, refuse};

    const PASSED: &str = "220 250 250 250 354 250 221";
    const SPAM: &str = "Subject: You have WON\r\n\r\nthe lottery\r\n";

    fn check(profile: &str, yaml: &str, messages: &[(&str, &str)]) {
        let mut world = World::new(profile, 1, yaml);
        for (number, (body, outcome)) in messages.iter().enumerate() {
            let came_of_it = world.send_body(Instant::ZERO, &[&contact(1)], body);
            assert_eq!(came_of_it, *outcome, "{profile}, {yaml}: message {number}");
        }
    }

    #[test]
    fn content_is_judged_at_the_end_of_data() {
        let refused = "220 250 250 250 354 550 221";
        let words = "spam_block: { by: content, words: [you have won, casino] }";
        check("gmail", words, &[(SPAM, refused), ("Subject: hello\r\n\r\n", PASSED), (SPAM, refused)]);
        check("gmail", "spam_block: { by: content }", &[("\r\n", refused)]);
        check("yahoo", words, &[(SPAM, "220 250 250 250 354 554 221")]);
        let late = "spam_block: { by: content, words: lottery, after: 2 }";
        check("gmail", late, &[(SPAM, PASSED), ("hello\r\n", PASSED), (SPAM, PASSED), (SPAM, refused)]);
    }

    #[test]
    fn a_source_is_refused_in_the_phase_of_the_provider() {
        let block = "spam_block: { by: source, after: 1 }";
        let check =
            |profile, outcome| check(profile, block, &[(SPAM, PASSED), (SPAM, outcome), (SPAM, outcome)]);
        check("gmail", "220 250 250 250 354 550 221");
        check("yahoo", "220 250 553 221");
        check("outlook", "220 250 550 221");
        check("gmx", "554 closed");
        check("qq", "550 closed");
    }

    #[test]
    fn letters_are_equal_in_either_case() {
        assert!(contains_ignoring_case(b"Win a PRIZE now", b"prize"));
        assert!(!contains_ignoring_case(b"Win a priz", b"prize"));
        assert!(!contains_ignoring_case(b"", b"prize"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        refuse("spam_block: {}", "`spam_block` needs `by`");
        refuse("spam_block: { by: source, words: [x] }", "a block by source looks at no words");
        refuse("spam_block: { by: content, words: [] }", "the list is empty");
    }
}
