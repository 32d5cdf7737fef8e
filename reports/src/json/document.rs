//! The document: its fields, and what they mean. The comments become the descriptions of the published schema.

use record::{Broken, Counters, ExpectationVerdict, MailingKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::{STANDINGS, SUMMARY_VERSION, word};
use crate::idle::IdleRule;
use crate::tally::ProviderTally;

/// What came of a suite of scenarios. But for the fields that begin with `wall_`, the same suite gives the same document.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'a> {
    /// The version of this document.
    #[schemars(extend("const" = SUMMARY_VERSION))]
    pub(super) format: u32,
    /// The program that wrote it, and its version.
    pub(super) tool: &'static str,
    /// Whether every scenario was run to its end, every expectation held and no law was broken.
    pub(super) held: bool,
    /// Whether no law was broken, and no scenario was left without a verdict by a bug of Bouncelab.
    pub(super) lawful: bool,
    /// Real time of the suite, in nanoseconds.
    pub(super) wall_nanos: u64,
    /// Over all scenarios.
    pub(super) totals: Totals,
    /// One entry a scenario, in the order of the suite.
    pub(super) scenarios: Vec<Scenario<'a>>,
}

/// Counts over all scenarios.
#[derive(Serialize, JsonSchema)]
pub(super) struct Totals {
    /// All scenarios.
    pub(super) scenarios: usize,
    /// Those that held, also by accident.
    pub(super) scenarios_held: u64,
    /// Those that are not valid and were not run.
    pub(super) scenarios_refused: u64,
    /// Those that the suite was interrupted before.
    pub(super) scenarios_not_reached: u64,
    /// Those that were left without a verdict.
    pub(super) defects: u64,
    /// Expectations of all scenarios that were run.
    pub(super) expectations: u64,
    /// Those of them that did not hold.
    pub(super) expectations_failed: u64,
    /// Laws that were broken.
    pub(super) laws_broken: u64,
    /// Contacts of all scenarios that were run.
    pub(super) contacts: u64,
    /// Counted attempts of all scenarios that were run.
    pub(super) attempts: u64,
}

/// A scenario, how it stands, and one of `run`, `refused`, `defect` and `not_reached`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Scenario<'a> {
    /// The gravest that can be said of it.
    #[schemars(schema_with = "standings")]
    pub(super) standing: &'static str,
    /// The path of its file as it was given.
    pub(super) file: &'a str,
    #[serde(flatten)]
    pub(super) outcome: Outcome<'a>,
}

fn standings(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": STANDINGS.map(word) })
}

/// One key, named like its variant, and what stands below it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome<'a> {
    /// It was run, and there is a verdict on everything that it expects.
    Run(Box<Run<'a>>),
    /// It is not valid and was not run.
    Refused(Problem<'a>),
    /// It was run and came to no verdict.
    Defect(Bug<'a>),
    /// The suite was interrupted before it was finished.
    NotReached(Unfinished<'a>),
}

/// What is wrong with a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem<'a> {
    /// The line of the first problem, from 1; null if it is the file itself.
    pub(super) line: Option<u32>,
    /// All problems, as text for people.
    pub(super) problem: &'a str,
}

/// Why there is no verdict.
#[derive(Serialize, JsonSchema)]
pub(super) struct Bug<'a> {
    /// The name of the scenario.
    pub(super) name: &'a str,
    /// The seed in force.
    pub(super) seed: u64,
    /// What was found.
    pub(super) found: &'a str,
    /// The command that shows it again; null if the file is not known.
    pub(super) again: Option<String>,
}

/// A scenario that was not reached.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unfinished<'a> {
    /// The name of the scenario.
    pub(super) name: &'a str,
}

/// A run that came to its end.
#[derive(Serialize, JsonSchema)]
pub(super) struct Run<'a> {
    /// The name of the scenario; may be empty.
    pub(super) name: &'a str,
    /// What it shows, in its author's words; may be empty.
    pub(super) about: &'a str,
    /// The seed in force. A reader that keeps numbers as floats loses digits above 2^53.
    pub(super) seed: u64,
    /// 16 hexadecimal digits: equal digests, equal runs.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    pub(super) digest: String,
    /// When every recipient was final and every connection closed: nanoseconds since the epoch of the scenario.
    pub(super) ended_nanos: u64,
    /// The end of the last window or of the timeline: nanoseconds since the epoch of the scenario.
    pub(super) horizon_nanos: u64,
    /// Real time of the run, in nanoseconds.
    pub(super) wall_nanos: u64,
    /// The folder that the record was written to; null if it was not kept.
    pub(super) record: Option<&'a str>,
    /// Contacts of the audience, each once.
    pub(super) contacts: u64,
    /// Counted attempts.
    pub(super) attempts: u64,
    /// If nothing was sent, so that expectations may have held by accident; else null.
    pub(super) warning: Option<Warning<'a>>,
    /// Rules and spans under a condition that never had anything to say.
    pub(super) idle_rules: &'a [IdleRule],
    /// The verdicts on expectations, in the order of the file.
    pub(super) expectations: &'a [ExpectationVerdict],
    /// The verdicts on laws, in a fixed order.
    pub(super) laws: Vec<Law<'a>>,
    /// The mailings, in the order of the scenario.
    pub(super) mailings: Vec<MailingSummary<'a>>,
    /// The providers, in the order of the scenario.
    pub(super) providers: &'a [ProviderTally],
}

/// Why nothing was sent.
#[derive(Serialize, JsonSchema)]
pub(super) struct Warning<'a> {
    /// What was seen.
    pub(super) seen: &'a str,
    /// What probably happened.
    pub(super) probably: &'static str,
    /// What to try.
    #[serde(rename = "try")]
    pub(super) try_this: &'static str,
}

/// The verdict on a law.
#[derive(Serialize, JsonSchema)]
pub(super) struct Law<'a> {
    /// Its name.
    pub(super) law: &'a str,
    /// What it demands.
    pub(super) about: &'a str,
    /// Whether it held. If not, there is a bug in Bouncelab.
    pub(super) held: bool,
    /// How many single checks were made.
    pub(super) checks: u64,
    /// The violations found, at most a hundred.
    pub(super) broken: &'a [Broken],
}

/// What became of a mailing.
#[derive(Serialize, JsonSchema)]
pub(super) struct MailingSummary<'a> {
    /// Its name in the scenario.
    pub(super) name: &'a str,
    /// Its kind.
    pub(super) kind: MailingKind,
    /// As the engine counted them, at the end.
    pub(super) counters: &'a Counters,
}
