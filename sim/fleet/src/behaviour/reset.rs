//! `reset`: the server, or something in front of it, resets the connection.

use scenario::Definition;

use super::chance::{SHARE, TIMES};
use super::interruption;
use super::occasion::{AFTER, AT, Deed};
use super::{Act, BehaviourKind};

pub(super) const KIND: BehaviourKind = BehaviourKind {
    definition: &DEFINITION,
    read: |node, problems| interruption::read(&DEFINITION, (Deed::Reset, Act::Reset), node, problems),
};

const DEFINITION: Definition = Definition {
    key: "reset",
    about: "The connection is reset at a phase of the dialogue, as by a firewall: whatever was on its way is lost.",
    kind: "a map",
    fields: &[AT, AFTER, SHARE, TIMES],
    example: "reset: { at: body, after: 2 KiB }",
};
