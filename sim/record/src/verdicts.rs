//! What the harness concluded: expectations and laws.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The verdict on one expectation of the scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationVerdict {
    /// The expectation as written.
    pub text: String,
    /// The line in the scenario file, from 1.
    pub line: u32,
    /// The column of its first character, from 1.
    pub column: u32,
    /// Whether it held.
    pub held: Held,
    /// What was wanted, in words (`600 at 8h`).
    pub wanted: String,
    /// What was measured, in words (`598`).
    pub measured: String,
    /// More about a failure: when it was reached instead, or the biggest reasons. Empty if there is nothing to say.
    pub notes: Vec<String>,
    /// Up to five addresses concerned by a failure.
    pub contacts: Vec<String>,
}

/// Whether something held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "bool", into = "bool")]
#[schemars(with = "bool")]
pub enum Held {
    /// It did.
    Yes,
    /// It did not.
    No,
}

/// In files, `held` is a truth value.
impl From<bool> for Held {
    fn from(held: bool) -> Self {
        if held { Self::Yes } else { Self::No }
    }
}

impl From<Held> for bool {
    fn from(held: Held) -> Self {
        held == Held::Yes
    }
}

/// The verdict on one law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LawVerdict {
    /// Its name (`conservation`).
    pub law: String,
    /// What it demands, in one sentence.
    pub about: String,
    /// How many single checks were made.
    pub checks: u64,
    /// The violations found, at most a hundred; empty if it held.
    pub broken: Vec<Broken>,
}

/// One violation of a law: our bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Broken {
    /// When, in nanoseconds since the epoch.
    pub at: u64,
    /// Whom it concerns; empty if nobody in particular.
    pub contact: String,
    /// What was found, in one sentence.
    pub what: String,
}

/// All that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// In the order of the file.
    pub expectations: Vec<ExpectationVerdict>,
    /// In a fixed order.
    pub laws: Vec<LawVerdict>,
}

impl Checked {
    /// Whether every expectation held.
    pub fn all_held(&self) -> bool {
        self.expectations.iter().all(|verdict| verdict.held == Held::Yes)
    }

    /// Whether no law was broken.
    pub fn lawful(&self) -> bool {
        self.laws.iter().all(|verdict| verdict.broken.is_empty())
    }
}
