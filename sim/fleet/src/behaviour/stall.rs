//! `stall`: the server falls silent and keeps the connection open.

use scenario::Definition;

use super::chance::{SHARE, TIMES};
use super::interruption;
use super::occasion::{AFTER, AT, Deed};
use super::{Act, BehaviourKind};

pub(super) const KIND: BehaviourKind = BehaviourKind {
    definition: &DEFINITION,
    read: |node, problems| interruption::read(&DEFINITION, (Deed::Stall, Act::Hang), node, problems),
};

const DEFINITION: Definition = Definition {
    key: "stall",
    about: "The server falls silent at a phase of the dialogue and keeps the connection open until the client gives \
            up.",
    kind: "a map",
    fields: &[AT, AFTER, SHARE, TIMES],
    example: "stall: { at: end_of_data, share: 1% }",
};
