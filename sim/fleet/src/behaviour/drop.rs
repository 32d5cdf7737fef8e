//! `drop`: the server closes the connection without a word.

use scenario::Definition;

use super::chance::{SHARE, TIMES};
use super::interruption;
use super::occasion::{AFTER, AT, Deed};
use super::{Act, BehaviourKind};

pub(super) const KIND: BehaviourKind = BehaviourKind {
    definition: &DEFINITION,
    read: |node, problems| interruption::read(&DEFINITION, (Deed::Close, Act::Close), node, problems),
};

const DEFINITION: Definition = Definition {
    key: "drop",
    about: "The server closes the connection at a phase of the dialogue, without a word.",
    kind: "a map",
    fields: &[AT, AFTER, SHARE, TIMES],
    example: "drop: { at: mail, times: 3 }",
};
