//! The report for programs: one versioned JSON document for a suite. Its fields are described in
//! `docs/record-format.md`.
//!
//! A summary, not the record: no attempts, no receipts. But for the fields that begin with `wall_`, the same suite gives
//! the same bytes.

mod tally;

use record::{Broken, Counters, ExpectationVerdict, LawVerdict, MailingKind};
use serde::Serialize;

use crate::silence::Silence;
use crate::suite::{Case, Ran, Refused, Standing, Suite};
use crate::wording;
use tally::ProviderTally;

/// The version of the document. It grows by one when a reader of the old one could misread the new one.
pub const SUMMARY_VERSION: u32 = 1;

/// The JSON document, with a line end.
pub fn render(suite: &Suite<'_>) -> String {
    let document = Document::of(suite);
    // Text and numbers: nothing that JSON could not hold.
    serde_json::to_string_pretty(&document).expect("a summary can be written as JSON") + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    tool: &'static str,
    held: bool,
    lawful: bool,
    wall_nanos: u64,
    totals: Totals,
    scenarios: Vec<Scenario<'a>>,
}

#[derive(Serialize)]
struct Totals {
    scenarios: usize,
    scenarios_held: usize,
    scenarios_refused: usize,
    expectations: usize,
    expectations_failed: usize,
    laws_broken: usize,
    contacts: usize,
    attempts: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    standing: &'static str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Run<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    line: Option<u32>,
    problem: &'a str,
}

#[derive(Serialize)]
struct Run<'a> {
    name: &'a str,
    about: &'a str,
    seed: u64,
    digest: String,
    ended_nanos: u64,
    horizon_nanos: u64,
    wall_nanos: u64,
    record: Option<&'a str>,
    contacts: usize,
    attempts: u64,
    warning: Option<Warning>,
    expectations: &'a [ExpectationVerdict],
    laws: Vec<Law<'a>>,
    mailings: Vec<MailingSummary<'a>>,
    providers: Vec<ProviderTally<'a>>,
}

#[derive(Serialize)]
struct Warning {
    seen: String,
    probably: &'static str,
    #[serde(rename = "try")]
    try_this: &'static str,
}

#[derive(Serialize)]
struct Law<'a> {
    law: &'a str,
    about: &'a str,
    held: bool,
    checks: u64,
    broken: &'a [Broken],
}

#[derive(Serialize)]
struct MailingSummary<'a> {
    name: &'a str,
    kind: MailingKind,
    counters: &'a Counters,
}

impl<'a> Document<'a> {
    fn of(suite: &'a Suite<'a>) -> Self {
        let grave = |standing| suite.count(standing) > 0;
        Self {
            format: SUMMARY_VERSION,
            tool: record::files::TOOL,
            held: !grave(Standing::Failed) && !grave(Standing::Unlawful) && !grave(Standing::Refused),
            lawful: !grave(Standing::Unlawful),
            wall_nanos: suite.timing.wall,
            totals: Totals::of(suite),
            scenarios: suite.cases.iter().map(Scenario::of).collect(),
        }
    }
}

impl Totals {
    fn of(suite: &Suite<'_>) -> Self {
        let sum = |count: fn(&Ran<'_>) -> usize| suite.ran().map(count).sum();
        Self {
            scenarios: suite.cases.len(),
            scenarios_held: suite.count(Standing::Held) + suite.count(Standing::Silent),
            scenarios_refused: suite.count(Standing::Refused),
            expectations: sum(|ran| ran.expectations()),
            expectations_failed: sum(|ran| ran.expectations_failed()),
            laws_broken: sum(|ran| ran.broken_laws().count()),
            contacts: sum(|ran| ran.record.contacts.len()),
            attempts: suite.ran().map(Ran::attempts).sum(),
        }
    }
}

impl<'a> Scenario<'a> {
    fn of(case: &'a Case<'a>) -> Self {
        let standing = match case.standing() {
            Standing::Held => "held",
            Standing::Silent => "nothing_sent",
            Standing::Failed => "failed",
            Standing::Refused => "refused",
            Standing::Unlawful => "law_broken",
        };
        let (file, run, refused) = match case {
            Case::Ran(ran) => (ran.record.file.as_str(), Some(Run::of(ran)), None),
            Case::Refused(Refused { file, line, problem }) => {
                (*file, None, Some(Problem { line: *line, problem }))
            }
        };
        Self { standing, file, run, refused }
    }
}

impl<'a> Run<'a> {
    fn of(ran: &'a Ran<'a>) -> Self {
        let record = ran.record;
        let mailings = record.mailings.iter();
        Self {
            name: &record.scenario,
            about: &record.about,
            seed: record.seed,
            digest: wording::digest(record.digest),
            ended_nanos: record.ended,
            horizon_nanos: record.horizon,
            wall_nanos: ran.timing.wall,
            record: ran.record_dir,
            contacts: record.contacts.len(),
            attempts: ran.attempts(),
            warning: Silence::of(record).map(Warning::of),
            expectations: &record.checked.expectations,
            laws: record.checked.laws.iter().map(Law::of).collect(),
            mailings: mailings
                .map(|mailing| MailingSummary {
                    name: &mailing.name,
                    kind: mailing.kind,
                    counters: &mailing.counters,
                })
                .collect(),
            providers: tally::by_provider(record),
        }
    }
}

impl Warning {
    fn of(Silence { seen, probably, try_this }: Silence) -> Self {
        Self { seen, probably, try_this }
    }
}

impl<'a> Law<'a> {
    fn of(LawVerdict { law, about, checks, broken }: &'a LawVerdict) -> Self {
        Self { law, about, held: broken.is_empty(), checks: *checks, broken }
    }
}
