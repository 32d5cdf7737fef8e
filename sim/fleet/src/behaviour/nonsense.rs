//! `nonsense`: the server says something that is no SMTP.
//!
//! What clients must get over without harm: answers without end, answers that contradict themselves, bytes that are no text.
//! Afterwards the server is silent, so that the client decides how it ends.

use scenario::field::required;
use scenario::{Definition, Node, Problems, Reader, value};

use super::chance::{SHARE, TIMES};
use super::occasion::{AFTER, AT, Deed, Occasion, Unwritten};
use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "nonsense",
    about: "The server says something that is no SMTP at a phase of the dialogue, and then nothing more. A client must not \
            hang, crash, or believe any of it.",
    kind: "a map",
    fields: &[
        AT,
        AFTER,
        required(
            "say",
            "word",
            "endless_line (70 000 letters, and no end), endless_reply (10 000 lines, none of them the last), mixed_codes (one \
             reply with two codes), no_code (words without a number), or binary (NUL and bytes above 127).",
        ),
        SHARE,
        TIMES,
    ],
    example: "nonsense: { at: rcpt, say: endless_reply }",
};

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noise {
    EndlessLine,
    EndlessReply,
    MixedCodes,
    NoCode,
    Binary,
}

const NOISES: &[(&str, Noise)] = &[
    ("endless_line", Noise::EndlessLine),
    ("endless_reply", Noise::EndlessReply),
    ("mixed_codes", Noise::MixedCodes),
    ("no_code", Noise::NoCode),
    ("binary", Noise::Binary),
];

impl Noise {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::EndlessLine => [b"250 ".as_slice(), &[b'x'; 70_000]].concat(),
            Self::EndlessReply => b"250-more\r\n".repeat(10_000),
            Self::MixedCodes => b"250-yes\r\n550 no\r\n".to_vec(),
            Self::NoCode => b"hello there\r\n".to_vec(),
            Self::Binary => b"2\x0050\xff\xfe\x80\r\n\0\r\n".to_vec(),
        }
    }
}

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let occasion = Occasion::read(Deed::Nonsense, Unwritten::Missing, &mut reader);
    let noise = reader.required("say", value::one_of(NOISES));
    reader.finish();
    Some(Box::new(Nonsense { occasion: occasion?, noise: noise? }))
}

#[derive(Debug)]
struct Nonsense {
    occasion: Occasion,
    noise: Noise,
}

impl Behaviour for Nonsense {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        self.occasion.phases()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.occasion.prepare(setting);
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let strikes = self.occasion.strikes(stage, scene);
        strikes.then(|| Act::Babble { bytes: self.noise.bytes() })
    }
}

#[cfg(test)]
mod tests {
    use smtp::ReplyParser;

    use super::*;
    use crate::testing::refuse;

    #[test]
    fn whatever_is_said_is_no_reply() {
        for (word, noise) in NOISES {
            let mut parser = ReplyParser::new();
            parser.feed(&noise.bytes());
            assert!(parser.next().is_err(), "{word}");
        }
    }

    #[test]
    fn both_phase_and_noise_are_needed() {
        refuse("nonsense: { at: rcpt }", "`nonsense` needs `say`");
        refuse("nonsense: { say: binary }", "`nonsense` needs `at`");
        refuse("nonsense: { at: rcpt, say: nothing }", "found `nothing`");
    }
}
