//! What `bouncelab reference` takes: the parts of the reference, and the files that have a JSON Schema.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Reference {
    /// Only this part: keys, expectations, laws, exit-codes
    #[arg(value_name = "PART", hide_possible_values = true)]
    pub(crate) part: Option<Part>,
    /// Schema: run, attempts, receipts, dialogues, suite, report
    #[arg(long, value_name = "FILE", hide_possible_values = true, conflicts_with = "part")]
    pub(crate) schema: Option<Described>,
}

/// A file that has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Described {
    /// `run.json` of a record
    Run,
    /// A line of `attempts.jsonl.zst`
    Attempts,
    /// A line of `receipts.jsonl.zst`
    Receipts,
    /// A line of `dialogues.jsonl.zst`
    Dialogues,
    /// `suite.json`, the manifest
    Suite,
    /// What `--report json` writes
    Report,
}

/// A part of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The keys of a scenario, and the behaviours of providers
    Keys,
    /// Metrics, filters and sentences of expectations
    Expectations,
    /// What must hold in every run
    Laws,
    /// The exit codes
    ExitCodes,
}
