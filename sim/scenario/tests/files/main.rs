//! Scenario files as their authors write them, read from outside: what is wrong with them (`problems`), what holds for every
//! file (`laws`), and what another reader makes of them (`differential`).

mod differential;
mod laws;
mod problems;

use scenario::{Definition, Field, Vocabulary};

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
    fields: &[Field {
        name: "wait",
        kind: "duration",
        about: "How long.",
        default: Some("5m"),
        required: false,
    }],
    example: "greylist: { wait: 5m }",
};

/// Two behaviours, as a fleet would define them.
fn vocabulary() -> Vocabulary {
    Vocabulary { behaviours: vec![&CONNECT, &GREYLIST] }
}
