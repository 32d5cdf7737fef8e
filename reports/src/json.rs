//! The report for programs: one versioned JSON document for a suite. Its fields are described in
//! `docs/record-format.md`.
//!
//! A summary, not the record: no attempts, no receipts. But for the fields that begin with `wall_`, the same suite gives
//! the same bytes.

use record::files::DefectKind;
use record::{Broken, Counters, ExpectationVerdict, LawVerdict, MailingKind};
use serde::Serialize;

use crate::command;
use crate::idle::IdleRule;
use crate::ran::{MailingTally, Ran};
use crate::silence::Silence;
use crate::suite::{Case, Defect, NotReached, Refused, Standing, Suite};
use crate::tally::ProviderTally;
use crate::wording;

/// The version of the document. It grows by one when a reader of the old one could misread the new one.
pub const SUMMARY_VERSION: u32 = 1;

/// The JSON document, with a line end.
pub fn render(suite: &Suite) -> String {
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
    scenarios_held: u64,
    scenarios_refused: u64,
    scenarios_not_reached: u64,
    defects: u64,
    expectations: u64,
    expectations_failed: u64,
    laws_broken: u64,
    contacts: u64,
    attempts: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    standing: &'static str,
    file: &'a str,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

/// One key, named like its variant, and what stands below it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<'a> {
    Run(Run<'a>),
    Refused(Problem<'a>),
    Defect(Bug<'a>),
    NotReached(Unfinished<'a>),
}

#[derive(Serialize)]
struct Problem<'a> {
    line: Option<u32>,
    problem: &'a str,
}

#[derive(Serialize)]
struct Bug<'a> {
    name: &'a str,
    seed: u64,
    found: &'a str,
    again: Option<String>,
}

#[derive(Serialize)]
struct Unfinished<'a> {
    name: &'a str,
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
    contacts: u64,
    attempts: u64,
    warning: Option<Warning<'a>>,
    idle_rules: &'a [IdleRule],
    expectations: &'a [ExpectationVerdict],
    laws: Vec<Law<'a>>,
    mailings: Vec<MailingSummary<'a>>,
    providers: &'a [ProviderTally],
}

#[derive(Serialize)]
struct Warning<'a> {
    seen: &'a str,
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
    fn of(suite: &'a Suite) -> Self {
        let good = |case: &Case| matches!(case.standing(), Standing::Held | Standing::Silent);
        Self {
            format: SUMMARY_VERSION,
            tool: record::files::TOOL,
            held: suite.cases.iter().all(good),
            lawful: suite.count(Standing::Unlawful) == 0 && suite.defects() == 0,
            wall_nanos: suite.timing.wall,
            totals: Totals::of(suite),
            scenarios: suite.cases.iter().map(Scenario::of).collect(),
        }
    }
}

impl Totals {
    fn of(suite: &Suite) -> Self {
        let sum = |count: fn(&Ran) -> u64| suite.ran().map(count).sum();
        Self {
            scenarios: suite.cases.len(),
            scenarios_held: suite.count(Standing::Held) + suite.count(Standing::Silent),
            scenarios_refused: suite.count(Standing::Refused),
            scenarios_not_reached: suite.count(Standing::NotReached),
            defects: suite.defects(),
            expectations: sum(Ran::expectations),
            expectations_failed: sum(Ran::expectations_failed),
            laws_broken: sum(|ran| ran.broken_laws().count() as u64),
            contacts: sum(|ran| ran.contacts),
            attempts: sum(|ran| ran.attempts),
        }
    }
}

impl<'a> Scenario<'a> {
    fn of(case: &'a Case) -> Self {
        let (file, outcome) = match case {
            Case::Ran(ran) => (&ran.file, Outcome::Run(Run::of(ran))),
            Case::Refused(Refused { file, line, problem }) => {
                (file, Outcome::Refused(Problem { line: *line, problem }))
            }
            Case::Defect(defect) => (&defect.file, Outcome::Defect(Bug::of(defect))),
            Case::NotReached(NotReached { scenario, file }) => {
                (file, Outcome::NotReached(Unfinished { name: scenario }))
            }
        };
        Self { standing: standing(case), file, outcome }
    }
}

pub(crate) fn standing(case: &Case) -> &'static str {
    match case.standing() {
        Standing::Held => "held",
        Standing::Silent => "nothing_sent",
        Standing::Failed => "failed",
        Standing::NotReached => "not_reached",
        Standing::Refused => "refused",
        Standing::Defective(DefectKind::Deadlock) => "deadlock",
        Standing::Defective(DefectKind::InternalError) => "internal_error",
        Standing::Defective(DefectKind::NotReproducible) => "not_reproducible",
        Standing::Defective(DefectKind::Stalled) => "stalled",
        Standing::Defective(DefectKind::TimeLimit) => "time_limit",
        Standing::Defective(DefectKind::NoSockets) => "no_sockets",
        Standing::Defective(DefectKind::NoReferee) => "no_referee",
        Standing::Defective(DefectKind::BeyondReferee) => "beyond_referee",
        Standing::Defective(DefectKind::Disagreement) => "disagreement",
        Standing::Unlawful => "law_broken",
    }
}

impl<'a> Bug<'a> {
    fn of(defect: &'a Defect) -> Self {
        Self {
            name: &defect.scenario,
            seed: defect.seed,
            found: &defect.found,
            again: command::show_again(defect),
        }
    }
}

impl<'a> Run<'a> {
    fn of(ran: &'a Ran) -> Self {
        Self {
            name: &ran.scenario,
            about: &ran.about,
            seed: ran.seed,
            digest: wording::digest(ran.digest),
            ended_nanos: ran.ended,
            horizon_nanos: ran.horizon,
            wall_nanos: ran.timing.wall,
            record: ran.record_dir.as_deref(),
            contacts: ran.contacts,
            attempts: ran.attempts,
            warning: ran.silence.as_ref().map(Warning::of),
            idle_rules: &ran.idle,
            expectations: &ran.checked.expectations,
            laws: ran.checked.laws.iter().map(Law::of).collect(),
            mailings: ran.mailings.iter().map(MailingSummary::of).collect(),
            providers: &ran.providers,
        }
    }
}

impl<'a> Warning<'a> {
    fn of(Silence { seen, probably, try_this }: &'a Silence) -> Self {
        Self { seen, probably, try_this }
    }
}

impl<'a> Law<'a> {
    fn of(LawVerdict { law, about, checks, broken }: &'a LawVerdict) -> Self {
        Self { law, about, held: broken.is_empty(), checks: *checks, broken }
    }
}

impl<'a> MailingSummary<'a> {
    fn of(MailingTally { name, kind, counters }: &'a MailingTally) -> Self {
        Self { name, kind: *kind, counters }
    }
}
