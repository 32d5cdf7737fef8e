//! `drop`: the server closes the connection without a word.

use scenario::Definition;

use super::chance::{SHARE, TIMES};
use super::interruption::{self, AT};
use super::{Act, BehaviourKind};

pub(super) const KIND: BehaviourKind = BehaviourKind {
    definition: &DEFINITION,
    read: |node, problems| interruption::read(&DEFINITION, Act::Close, node, problems),
};

const DEFINITION: Definition = Definition {
    key: "drop",
    about: "The server closes the connection at a phase of the dialogue, without a word.",
    kind: "a map",
    fields: &[AT, SHARE, TIMES],
    example: "drop: { at: mail, times: 3 }",
};
