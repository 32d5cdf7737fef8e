//! Scenario files as their authors write them, read from outside: what is wrong with them (`problems`), what holds for every
//! file (`laws`), and what another reader makes of them (`differential`).

mod differential;
mod laws;
mod problems;

use scenario::field::with_default;
use scenario::{Definition, Vocabulary};

const CONNECT: Definition = Definition {
    key: "connect",
    about: "How connections are met.",
    kind: "refuse, time_out or reset",
    fields: &[],
    example: "connect: refuse",
};

const GREYLIST: Definition = Definition {
    key: "greylist",
    about: "Refuses a triplet until it has waited.",
    kind: "map",
    fields: &[with_default("wait", "duration", "How long.", "5m")],
    example: "greylist: { wait: 5m }",
};

/// Two behaviours, as a fleet would define them.
fn vocabulary() -> Vocabulary {
    Vocabulary { behaviours: vec![&CONNECT, &GREYLIST], when: None }
}
