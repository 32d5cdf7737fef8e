//! The report for programs: one versioned JSON document for a suite. Its fields are described by [`schema`] and in
//! `docs/record-format.md`.
//!
//! A summary, not the record: no attempts, no receipts. But for the fields that begin with `wall_`, the same suite gives
//! the same bytes.

mod document;

use record::LawVerdict;
use record::files::DefectKind;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::command;
use crate::ran::{MailingTally, Ran};
use crate::silence::Silence;
use crate::suite::{Case, Defect, NotReached, Refused, Standing, Suite};
use crate::wording;
use document::{
    Bug, Document, Law, MailingSummary, Outcome, Problem, Run, Scenario, Totals, Unfinished, Warning,
};

/// The version of the document. It grows by one when a reader of the old one could misread the new one: a field is removed,
/// renamed, or means something else. A new field alone, or a new value of `standing`, does not change it; readers ignore what
/// they do not know.
pub const SUMMARY_VERSION: u32 = 1;

/// The JSON document, with a line end.
pub fn render(suite: &Suite) -> String {
    let document = Document::of(suite);
    // Text and numbers: nothing that JSON could not hold.
    serde_json::to_string_pretty(&document).expect("a summary can be written as JSON") + "\n"
}

/// The JSON Schema (draft 2020-12) of what [`render`] writes. Fields that it does not name are allowed, as the policy of
/// [`SUMMARY_VERSION`] wants it.
pub fn schema() -> Value {
    // What is written is described, not what would be read.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Document<'static>>();
    let id = format!("https://bouncelab.example/schemas/report-{SUMMARY_VERSION}.schema.json");
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), format!("`report.json` of Bouncelab, format {SUMMARY_VERSION}").into());
    schema.insert("version".to_owned(), SUMMARY_VERSION.into());
    schema.to_value()
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
            Case::Ran(ran) => (&ran.file, Outcome::Run(Box::new(Run::of(ran)))),
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
    word(case.standing())
}

/// Every standing; for the schema.
const STANDINGS: [Standing; 15] = [
    Standing::Held,
    Standing::Silent,
    Standing::Failed,
    Standing::NotReached,
    Standing::Refused,
    Standing::Defective(DefectKind::Deadlock),
    Standing::Defective(DefectKind::InternalError),
    Standing::Defective(DefectKind::NotReproducible),
    Standing::Defective(DefectKind::Stalled),
    Standing::Defective(DefectKind::TimeLimit),
    Standing::Defective(DefectKind::NoSockets),
    Standing::Defective(DefectKind::NoReferee),
    Standing::Defective(DefectKind::BeyondReferee),
    Standing::Defective(DefectKind::Disagreement),
    Standing::Unlawful,
];

fn word(standing: Standing) -> &'static str {
    match standing {
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
