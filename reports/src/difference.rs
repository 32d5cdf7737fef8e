//! What differs between two runs: plain values, from which the terminal, the page and programs are told.
//!
//! - [`brief`]: expectations, laws and metrics; needs no records
//! - [`Difference`]: everything, over all scenarios of two suites
//! - `verdicts`, `contacts`, `parting`: what records tell further
//! - `text`, `json`: how it is said; `words`: in which words

mod brief;
mod contacts;
mod json;
mod parting;
mod text;
mod verdicts;
pub(crate) mod words;

use record::Record;
use serde::Serialize;

use crate::json::standing;
use crate::suite::{Case, Standing};

pub use brief::{Brief, brief};
pub(crate) use brief::{By, ExpectationChange, Finding, LawChange, MetricChange};
pub(crate) use contacts::{ContactChange, Contacts, Course, MailingChange};
pub use json::render as json;
pub(crate) use parting::Parting;
pub use text::{brief as brief_text, render as text};
pub(crate) use verdicts::VerdictChange;

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What the earlier run is called: its folder.
    pub before: String,
    /// What the later run is called.
    pub after: String,
    /// How many scenarios tell the same in both.
    pub same: u64,
    /// The scenarios that differ, in the order of the later run.
    pub scenarios: Vec<ScenarioDifference>,
    /// The files of scenarios that only the earlier run has.
    pub only_before: Vec<String>,
    /// The files of scenarios that only the later run has.
    pub only_after: Vec<String>,
}

/// What differs between two runs of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScenarioDifference {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) before: Stand,
    pub(crate) after: Stand,
    #[serde(flatten)]
    pub(crate) brief: Brief,
    /// Where the two ledgers part; `None` if they are the same, or one is missing.
    pub(crate) parting: Option<Parting>,
    /// Answers that were given more or less often, by provider.
    pub(crate) verdicts: Vec<VerdictChange>,
    pub(crate) contacts: Contacts,
}

/// How a run of a scenario stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Stand {
    /// In the words of `report.json`.
    pub(crate) standing: &'static str,
    /// Whether that is as it should be.
    pub(crate) good: bool,
    pub(crate) seed: Option<u64>,
    /// 16 hexadecimal digits.
    pub(crate) digest: Option<String>,
    /// Why it has no verdict; empty if it has one.
    pub(crate) found: String,
}

/// A run of a scenario, with its record if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// How it went.
    pub case: &'a Case,
    /// Its record.
    pub record: Option<&'a Record>,
}

impl Difference {
    /// Whether both runs tell the same.
    pub fn is_empty(&self) -> bool {
        self.scenarios.is_empty() && self.only_before.is_empty() && self.only_after.is_empty()
    }

    /// The scenarios that differ, what matters most first.
    pub(crate) fn ranked(&self) -> Vec<&ScenarioDifference> {
        let mut ranked: Vec<_> = self.scenarios.iter().collect();
        ranked.sort_by_key(|scenario| scenario.weight());
        ranked
    }
}

/// How much a difference matters; what matters most is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// The scenario stands otherwise.
    Standing,
    /// Something that is checked or counted differs.
    Counted,
    /// Answers or contacts differ.
    Course,
    /// Only moments, or the order of events.
    Moments,
}

impl ScenarioDifference {
    pub(crate) fn weight(&self) -> Weight {
        match () {
            () if self.before.standing != self.after.standing || self.before.found != self.after.found => {
                Weight::Standing
            }
            () if !self.brief.is_empty() => Weight::Counted,
            () if !self.verdicts.is_empty() || self.contacts.count > 0 => Weight::Course,
            () => Weight::Moments,
        }
    }

    /// Compares two runs of a scenario; `None` if they tell the same. Equal digests and equal verdicts are enough for that.
    pub fn between(before: Side<'_>, after: Side<'_>) -> Option<Self> {
        let (was, is) = (Stand::of(before.case), Stand::of(after.case));
        let brief = match (before.case, after.case) {
            (Case::Ran(before), Case::Ran(after)) => brief(before, after),
            _ => Brief::default(),
        };
        // What was measured is told by the brief, so that neither the seed nor the file makes a difference of its own.
        if was.standing == is.standing && was.digest == is.digest && was.found == is.found && brief.is_empty()
        {
            return None;
        }
        let mut difference = Self {
            name: after.case.name().to_owned(),
            file: after.case.file().to_owned(),
            before: was,
            after: is,
            brief,
            parting: None,
            verdicts: Vec::new(),
            contacts: Contacts::default(),
        };
        if let (Some(before), Some(after)) = (before.record, after.record)
            && before.digest != after.digest
        {
            difference.parting = parting::between(before, after);
            difference.verdicts = verdicts::between(before, after);
            difference.contacts = contacts::between(before, after);
        }
        Some(difference)
    }
}

impl Stand {
    fn of(case: &Case) -> Self {
        let (seed, digest, found) = match case {
            Case::Ran(ran) => (Some(ran.seed), Some(crate::wording::digest(ran.digest)), ""),
            Case::Defect(defect) => (Some(defect.seed), None, defect.found.as_str()),
            Case::Refused(refused) => (None, None, refused.problem.as_str()),
            Case::NotReached(_) => (None, None, ""),
        };
        let good = matches!(case.standing(), Standing::Held | Standing::Silent);
        Self { standing: standing(case), good, seed, digest, found: found.to_owned() }
    }
}
