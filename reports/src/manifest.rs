//! What an output folder says of itself: from a suite to its manifest, and back for what has no record.
//!
//! A file of its own: [`record::files::Manifest`] is plain data that knows no reports, and a [`Suite`] knows no folders.

use std::path::Path;

use record::files::{self, End, Entry, HERE, Manifest, RunOptions};

use crate::json;
use crate::ran::Ran;
use crate::suite::{Case, Defect, NotReached, Refused, Suite};

/// The manifest of a suite whose records were kept below `folder`, as [`Ran::kept_in`] said; `None` if the record of one
/// that was run is not there.
pub fn manifest(suite: &Suite, folder: &str, options: RunOptions) -> Option<Manifest> {
    let cases: Option<Vec<Entry>> = suite.cases.iter().map(|case| entry(case, folder)).collect();
    Some(Manifest::new(options, suite.timing.wall, cases?))
}

fn entry(case: &Case, folder: &str) -> Option<Entry> {
    let (file, scenario, end) = match case {
        Case::Ran(ran) => (&ran.file, ran.scenario.as_str(), run(ran, folder)?),
        Case::Refused(Refused { file, line, problem }) => {
            (file, "", End::Refused { line: *line, problem: problem.clone() })
        }
        Case::Defect(Defect { kind, scenario, file, seed, found, options }) => {
            let (found, options) = (found.clone(), options.clone());
            (file, scenario.as_str(), End::Defect { kind: *kind, seed: *seed, found, options })
        }
        Case::NotReached(NotReached { scenario, file }) => (file, scenario.as_str(), End::NotReached {}),
    };
    let standing = json::standing(case).to_owned();
    Some(Entry { file: file.clone(), scenario: scenario.to_owned(), standing, end })
}

fn run(ran: &Ran, folder: &str) -> Option<End> {
    let own = Path::new(ran.record_dir.as_deref()?).strip_prefix(folder).ok()?;
    Some(End::Run { folder: folder_of(own), seed: ran.seed, digest: ran.digest, wall_nanos: ran.timing.wall })
}

/// [`files::below`], or the output folder itself.
fn folder_of(own: &Path) -> String {
    let names = files::below(own);
    if names.is_empty() { HERE.to_owned() } else { names }
}

/// The case of an entry of a manifest that has no record. For one that was run, it says that it was not reached: the
/// record has to be read.
pub fn without_record(entry: &Entry) -> Case {
    let (scenario, file) = (entry.scenario.clone(), entry.file.clone());
    match &entry.end {
        End::Run { .. } | End::NotReached {} => Case::NotReached(NotReached { scenario, file }),
        End::Refused { line, problem } => {
            Case::Refused(Refused { file, line: *line, problem: problem.clone() })
        }
        End::Defect { kind, seed, found, options } => {
            let (found, options) = (found.clone(), options.clone());
            Case::Defect(Defect { kind: *kind, scenario, file, seed: *seed, found, options })
        }
    }
}
