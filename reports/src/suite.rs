//! All scenarios of one run of the program: the input of every report, and how each case stands.

use record::Timing;
use record::files::DefectKind;

use crate::ran::Ran;

/// All scenarios of one run of the program.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// The scenarios, in the order they are shown in.
    pub cases: Vec<Case>,
    /// How long all of them took together; less than the sum if they ran side by side.
    pub timing: Timing,
}

/// One scenario of a suite.
#[derive(Debug, Clone)]
pub enum Case {
    /// It was run, and there is a verdict on everything that it expects.
    Ran(Box<Ran>),
    /// It could not be run.
    Refused(Refused),
    /// It was left without a verdict, by a bug of ours or by the machine.
    Defect(Defect),
    /// The suite was interrupted before it was finished.
    NotReached(NotReached),
}

/// A scenario that could not be run because its file is not valid.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The path of the file as the user gave it.
    pub file: String,
    /// The line of the first problem, from 1; `None` if the problem is the file itself.
    pub line: Option<u32>,
    /// All problems, rendered for people. The terminal report prints them as they are: whoever renders them sees to
    /// it that nothing of a foreign file reaches a terminal uncleaned.
    pub problem: String,
}

/// A scenario that was run and came to no verdict, whatever it says.
#[derive(Debug, Clone)]
pub struct Defect {
    /// Why.
    pub kind: DefectKind,
    /// The name of the scenario.
    pub scenario: String,
    /// The path of its file as the user gave it.
    pub file: String,
    /// The seed in force.
    pub seed: u64,
    /// What was found, in a sentence.
    pub found: String,
    /// Further options of the command that showed it (`--shards 3 --repeat 2`); may be empty. They become part of the
    /// command that is suggested for repeating it.
    pub options: String,
}

/// A scenario that is not finished because the suite was interrupted.
#[derive(Debug, Clone)]
pub struct NotReached {
    /// The name of the scenario.
    pub scenario: String,
    /// The path of its file as the user gave it.
    pub file: String,
}

/// How a case stands: the gravest that can be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A law was broken: a bug of ours, and no verdict on it can be trusted.
    Unlawful,
    /// It came to no verdict: a bug of ours.
    Defective(DefectKind),
    /// It is not valid and was not run.
    Refused,
    /// The suite was interrupted before it was finished.
    NotReached,
    /// An expectation failed.
    Failed,
    /// Nothing was sent, so that its expectations may have held by accident.
    Silent,
    /// All is well.
    Held,
}

impl Case {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Refused(_) => Standing::Refused,
            Self::Defect(defect) => Standing::Defective(defect.kind),
            Self::NotReached(_) => Standing::NotReached,
            Self::Ran(ran) if !ran.checked.lawful() => Standing::Unlawful,
            Self::Ran(ran) if !ran.checked.all_held() => Standing::Failed,
            Self::Ran(ran) if ran.silence.is_some() => Standing::Silent,
            Self::Ran(_) => Standing::Held,
        }
    }

    /// What it is called: the name of the scenario, or the file if there is none.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ran(ran) => ran.name(),
            Self::Refused(refused) => &refused.file,
            Self::Defect(Defect { scenario, .. }) | Self::NotReached(NotReached { scenario, .. }) => scenario,
        }
    }
}

impl Case {
    /// The path of its file as the user gave it; may be empty.
    pub fn file(&self) -> &str {
        match self {
            Self::Ran(ran) => &ran.file,
            Self::Refused(Refused { file, .. })
            | Self::Defect(Defect { file, .. })
            | Self::NotReached(NotReached { file, .. }) => file,
        }
    }
}

impl From<Ran> for Case {
    fn from(ran: Ran) -> Self {
        Self::Ran(Box::new(ran))
    }
}

impl Suite {
    /// Those that have a record.
    pub(crate) fn ran(&self) -> impl Iterator<Item = &Ran> {
        self.cases.iter().filter_map(|case| match case {
            Case::Ran(ran) => Some(ran.as_ref()),
            Case::Refused(_) | Case::Defect(_) | Case::NotReached(_) => None,
        })
    }

    pub(crate) fn count(&self, standing: Standing) -> u64 {
        self.count_where(|found| found == standing)
    }

    pub(crate) fn defects(&self) -> u64 {
        self.count_where(|standing| matches!(standing, Standing::Defective(_)))
    }

    fn count_where(&self, wanted: impl Fn(Standing) -> bool) -> u64 {
        self.cases.iter().filter(|case| wanted(case.standing())).count() as u64
    }
}
