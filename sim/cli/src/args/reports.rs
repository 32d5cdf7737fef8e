//! What can be said about reports: which kinds there are, and the commands that work on what runs have left behind.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// report.html: a page to look at, one a scenario and one over all
    Html,
    /// junit.xml: one test case for each expectation and law
    Junit,
    /// report.json: a summary of everything that was checked
    Json,
    /// report.md: a summary to paste into a comment
    Md,
    /// metrics.csv: every metric over time, one file a scenario
    Csv,
    /// attempts.parquet: every attempt in columns, one file a scenario
    Parquet,
}

// Lines of the help have at most 80 columns: clap does not wrap them.

pub(crate) const REPORT_NOTES: &str = "\
DIR is a folder that `bouncelab run --out DIR` wrote, or that of one record, or
one with such folders below it. Reports go where the run would have put them and
have the same bytes; with --out they go elsewhere, and nothing in DIR changes.
How the scenarios stand is said, but does not decide the exit code.

Over all scenarios: html (a page to look at), junit, json, md. For each of them:
html, csv (metrics over time), parquet (attempts; if built with that feature).

Examples:
  bouncelab report out                           pages to look at
  bouncelab report out --report junit,md         for a CI server
  bouncelab report out --report csv --out tables";

pub(crate) const MERGE_NOTES: &str = "\
Joins runs that were parts of one: a suite that several machines have shared, or
one that was interrupted and went on. Records are copied, and reports made over
all of them, in the order of their files, whatever the order of the arguments.
What one shard did not come to may be in another.

Nothing is joined that does not belong together: shards of different versions,
with different --seed, --wire or --server, or with a scenario that is in two.

The exit code is that of the joined suite.

Examples:
  bouncelab merge shard-1 shard-2 --out all
  bouncelab merge shard-1 shard-2 --out all --report html,junit";

pub(crate) const DIFF_NOTES: &str = "\
A and B are folders that `bouncelab run --out DIR` wrote, or those of records.
Scenarios are compared by their files, two single ones whatever their files are.

Exit codes: 0 if both tell the same, 1 if they differ.

Examples:
  bouncelab diff before after
  bouncelab diff before after --html difference.html
  bouncelab diff out/seed-1 out/seed-2 --format json";

#[derive(Debug, Args)]
pub(crate) struct Remake {
    /// Folders of runs or records
    #[arg(value_name = "DIR", default_value = "out")]
    pub(crate) folders: Vec<PathBuf>,
    /// Which: html, junit, json, md, csv, parquet
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        default_value = "html",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) report: Vec<Report>,
    /// Folder for the reports [default: DIR itself]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The folders of the shards
    #[arg(value_name = "DIR", required = true)]
    pub(crate) shards: Vec<PathBuf>,
    /// Folder for the whole; must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Reports, too: html, junit, json, md, csv, parquet
    #[arg(long, value_name = "KIND", value_delimiter = ',', hide_possible_values = true)]
    pub(crate) report: Vec<Report>,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier run
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The later run
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    /// Write a page to look at, too
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Say it as text for people, or as json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub(crate) format: Format,
}
