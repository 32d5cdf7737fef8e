//! What was run: the input of every report, and how each case stands.

use record::{EventKind, Held, LawVerdict, Record, Timing};

use crate::silence::Silence;

/// All scenarios of one run of the program.
#[derive(Debug, Clone, Default)]
pub struct Suite<'a> {
    /// The scenarios, in the order they are shown in.
    pub cases: Vec<Case<'a>>,
    /// How long all of them took together; less than the sum if they ran side by side.
    pub timing: Timing,
}

/// One scenario of a suite.
#[derive(Debug, Clone, Copy)]
pub enum Case<'a> {
    /// It was run.
    Ran(Ran<'a>),
    /// It could not be run.
    Refused(Refused<'a>),
}

/// A scenario that was run.
#[derive(Debug, Clone, Copy)]
pub struct Ran<'a> {
    /// What the run left behind.
    pub record: &'a Record,
    /// How long it took.
    pub timing: Timing,
    /// The text of the scenario file, for quoting lines of it; without it, an expectation is quoted alone.
    pub source: Option<&'a str>,
    /// The directory that the record was written to, as the user would name it. The story of a recipient is read from
    /// there; without it, the suggested command runs the scenario again.
    pub record_dir: Option<&'a str>,
}

/// A scenario that could not be run because its file is not valid.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The path of the file as the user gave it.
    pub file: &'a str,
    /// The line of the first problem, from 1; `None` if the problem is the file itself.
    pub line: Option<u32>,
    /// All problems, rendered for people. The terminal report prints them as they are: whoever renders them sees to
    /// it that nothing of a foreign file reaches a terminal uncleaned.
    pub problem: &'a str,
}

/// How a case stands, the gravest finding first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// A law was broken: our bug, and no verdict on it can be trusted.
    Unlawful,
    /// It was not run.
    Refused,
    /// An expectation failed.
    Failed,
    /// Nothing was sent, so that its expectations may have held by accident.
    Silent,
    /// All is well.
    Held,
}

impl Case<'_> {
    pub(crate) fn standing(&self) -> Standing {
        match self {
            Self::Refused(_) => Standing::Refused,
            Self::Ran(ran) if !ran.record.checked.lawful() => Standing::Unlawful,
            Self::Ran(ran) if !ran.record.checked.all_held() => Standing::Failed,
            Self::Ran(ran) if Silence::of(ran.record).is_some() => Standing::Silent,
            Self::Ran(_) => Standing::Held,
        }
    }

    /// What it is called: the name of the scenario, or the file if there is none.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ran(ran) => scenario_name(ran.record),
            Self::Refused(refused) => refused.file,
        }
    }
}

pub(crate) fn scenario_name(record: &Record) -> &str {
    if record.scenario.is_empty() { &record.file } else { &record.scenario }
}

impl<'a> Suite<'a> {
    pub(crate) fn ran(&self) -> impl Iterator<Item = &Ran<'a>> {
        self.cases.iter().filter_map(|case| match case {
            Case::Ran(ran) => Some(ran),
            Case::Refused(_) => None,
        })
    }

    pub(crate) fn count(&self, standing: Standing) -> usize {
        self.cases.iter().filter(|case| case.standing() == standing).count()
    }
}

impl Ran<'_> {
    pub(crate) fn expectations(&self) -> usize {
        self.record.checked.expectations.len()
    }

    pub(crate) fn expectations_held(&self) -> usize {
        self.record.checked.expectations.iter().filter(|verdict| verdict.held == Held::Yes).count()
    }

    pub(crate) fn expectations_failed(&self) -> usize {
        self.expectations() - self.expectations_held()
    }

    pub(crate) fn broken_laws(&self) -> impl Iterator<Item = &LawVerdict> {
        self.record.checked.laws.iter().filter(|verdict| !verdict.broken.is_empty())
    }

    /// Counted attempts of all recipients.
    pub(crate) fn attempts(&self) -> u64 {
        let ended = |kind| matches!(kind, EventKind::AttemptEnded { .. });
        self.record.events.iter().filter(|event| ended(event.kind)).count() as u64
    }
}
