//! Running a plan so that whatever goes wrong inside becomes an answer, which can be shown with the command that repeats it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use harness::{Options, Plan, RunError};
use record::Record;
use reports::{Case, Defect, DefectKind, NotReached};

/// What runs a plan: [`harness::run()`], or in tests something that goes wrong.
pub(crate) type Harness<'a> = dyn Fn(&Plan, &Options) -> Result<Record, RunError> + Sync + 'a;

/// Why a scenario has no record.
pub(crate) enum Mishap {
    /// It was called off.
    CalledOff,
    /// A bug of ours, or the machine did not let it: why, and what was found.
    Bug(DefectKind, String),
}

/// Runs a plan once.
pub(crate) fn run(harness: &Harness<'_>, plan: &Plan, options: &Options) -> Result<Record, Mishap> {
    match catch_unwind(AssertUnwindSafe(|| harness(plan, options))) {
        Ok(Ok(record)) => Ok(record),
        Ok(Err(RunError::CalledOff)) => Err(Mishap::CalledOff),
        Ok(Err(RunError::Stuck { at, contact, .. })) => {
            let whom = contact.map_or_else(String::new, |contact| format!(", {contact} for one"));
            let found = format!("nothing can happen any more at {at}, and not everybody is final{whom}");
            Err(Mishap::Bug(DefectKind::Deadlock, found))
        }
        Ok(Err(RunError::Stalled { at, under_way })) => {
            let found = format!("at {at}, nothing of this arrives any more: {}", under_way.join("; "));
            Err(Mishap::Bug(DefectKind::Stalled, found))
        }
        Ok(Err(RunError::NoSockets { why })) => Err(Mishap::Bug(DefectKind::NoSockets, why)),
        Ok(Err(RunError::NoReferee { why })) => Err(Mishap::Bug(DefectKind::NoReferee, why)),
        Ok(Err(RunError::BeyondReferee { lacks })) => {
            Err(Mishap::Bug(DefectKind::BeyondReferee, lacks.join("\n")))
        }
        Ok(Err(RunError::Disagreement { at, connection, expected, found })) => {
            let found = format!("at {at}, {connection}\nexpected: {expected}\nthe referee: {found}");
            Err(Mishap::Bug(DefectKind::Disagreement, found))
        }
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Mishap::Bug(DefectKind::InternalError, words.to_owned()))
        }
    }
}

impl Mishap {
    /// The case that a report shows. `seed` is the seed in force, `options` are further ones that were in force.
    pub(crate) fn into_case(self, file: &Path, plan: &Plan, seed: u64, options: String) -> Case {
        let (scenario, file) = (plan.name().to_owned(), file.display().to_string());
        match self {
            Self::CalledOff => Case::NotReached(NotReached { scenario, file }),
            Self::Bug(kind, found) => Case::Defect(Defect { kind, scenario, file, seed, found, options }),
        }
    }
}
