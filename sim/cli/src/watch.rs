//! `run --watch`: runs again what has changed, and says what is different now.
//!
//! - `changes`: which files have changed

mod changes;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use harness::Plan;
use reports::difference::{brief, brief_text};
use reports::{Case, Ran, Suite, harmless, terminal};

use crate::args::Run;
use crate::discover::{Found, Invalid, PROFILES};
use crate::folder::identity;
use crate::guard::Harness;
use crate::outputs::{self, Outputs};
use crate::series::Series;
use crate::{Exit, Streams, check, run};
use changes::Changes;

/// What separates one round from the next.
const RULE: &str = "────────";

/// Runs scenarios now, and whenever some have changed, until Ctrl-C.
pub(crate) fn watch(harness: &Harness<'_>, wanted: &Run, streams: &mut Streams<'_>) -> Exit {
    if let Some(missing) = wanted.paths.iter().find(|path| !path.exists()) {
        let words = format!("there is no `{}`\n  name a scenario, or a folder of them", missing.display());
        return streams.fail(Exit::NothingMatched, words);
    }
    streams.await_interrupt();
    let own = outputs::folder_of(wanted);
    // Before the first run, so that nothing that changes meanwhile is missed.
    match Changes::of(&wanted.paths, own.as_deref(), streams.interrupt()) {
        Ok(changes) => Watch { harness, wanted, latest: BTreeMap::new(), outputs: None }.go(changes, streams),
        Err(error) => {
            let words =
                format!("cannot watch the scenarios: {error}\n  run without --watch, again each time");
            streams.fail(Exit::Environment, words)
        }
    }
}

/// What has been run so far.
struct Watch<'a> {
    harness: &'a Harness<'a>,
    wanted: &'a Run,
    /// How each scenario stands, by its file.
    latest: BTreeMap<PathBuf, Case>,
    outputs: Option<Kept>,
}

/// The output folder, and the files that it was made for.
struct Kept {
    files: Vec<PathBuf>,
    outputs: Outputs,
}

/// What a round is about.
enum Occasion {
    First,
    Changed(BTreeSet<PathBuf>),
}

impl Watch<'_> {
    fn go(mut self, changes: impl Iterator<Item = BTreeSet<PathBuf>>, streams: &mut Streams<'_>) -> Exit {
        let occasions = changes.map(Occasion::Changed);
        for occasion in std::iter::once(Occasion::First).chain(occasions) {
            if let Err(exit) = self.round(&occasion, streams) {
                return exit;
            }
            if streams.interrupt().is_pressed() {
                return Exit::Interrupted;
            }
            let _ = writeln!(streams.out, "\nwaiting for changes; Ctrl-C ends it");
            let _ = streams.out.flush();
        }
        Exit::Held
    }

    /// Runs what is to be run, and tells about it.
    ///
    /// # Errors
    /// The exit code, if there is nothing to watch, or nothing can be written; it has been said why.
    fn round(&mut self, occasion: &Occasion, streams: &mut Streams<'_>) -> Result<(), Exit> {
        let Found { plans, invalid } = run::wanted_plans(self.wanted, streams)?;
        let files: Vec<PathBuf> = plans.iter().map(|(file, _)| file.clone()).collect();
        let has_moved = self.prepare(&files, streams)?;
        let changed: Vec<(PathBuf, Plan)> =
            plans.into_iter().filter(|(file, _)| has_moved || self.is_due(file, occasion)).collect();
        announce(occasion, &changed, &invalid, streams);
        let unsound: BTreeSet<PathBuf> = invalid.iter().map(|one| one.file.clone()).collect();
        let told: Vec<Invalid> = invalid.into_iter().filter(|one| self.is_due(&one.file, occasion)).collect();
        if !told.is_empty() {
            check::report_invalid(&told, files.len() + unsound.len(), "; not run", streams);
        }
        for one in &told {
            self.latest.insert(one.file.clone(), run::refused(one));
        }
        self.latest.retain(|file, _| {
            let is_there = files.contains(file) || unsound.contains(file);
            if !is_there {
                let _ = writeln!(streams.out, "{} is gone", harmless(&file.display().to_string()));
            }
            is_there
        });
        if changed.is_empty() {
            return Ok(());
        }
        let ran: Vec<PathBuf> = changed.iter().map(|(file, _)| file.clone()).collect();
        let outputs = self.outputs.as_ref().map(|kept| &kept.outputs);
        let (suite, exit) =
            Series { wanted: self.wanted, outputs, harness: self.harness }.run(changed, streams);
        run::print(&suite, streams);
        self.compare(ran, &suite, streams);
        let whole = Suite { cases: self.latest.values().cloned().collect(), timing: suite.timing };
        if whole.cases.len() > suite.cases.len() {
            let total = terminal::total(&whole, streams.look());
            let _ = write!(streams.out, "with what was not run again: {total}");
        }
        if let Some(Kept { outputs, .. }) = &self.outputs {
            let _ = outputs.finish(&whole, self.wanted.options(), exit, streams);
        }
        Ok(())
    }

    /// Makes the output folder ready for these files; whether that was necessary, so that everything is to be run.
    fn prepare(&mut self, files: &[PathBuf], streams: &mut Streams<'_>) -> Result<bool, Exit> {
        if self.outputs.as_ref().is_some_and(|kept| kept.files == files) {
            return Ok(false);
        }
        let outputs = Outputs::of_run(self.wanted, files.iter().map(PathBuf::as_path), streams)?;
        self.outputs = outputs.map(|outputs| Kept { files: files.to_owned(), outputs });
        Ok(self.outputs.is_some())
    }

    /// Whether a scenario is to be run: it has changed, or a profile that it may use, or nobody has run it yet.
    fn is_due(&self, file: &Path, occasion: &Occasion) -> bool {
        match occasion {
            Occasion::First => true,
            Occasion::Changed(changed) => {
                let own = identity(file);
                let is_profile = |path: &PathBuf| path.iter().any(|part| part == PROFILES);
                !self.latest.contains_key(file)
                    || changed.iter().any(|path| *path == own || (is_profile(path) && !is_profile(&own)))
            }
        }
    }

    /// Says what is different from the run before, and keeps what there is now.
    fn compare(&mut self, files: Vec<PathBuf>, suite: &Suite, streams: &mut Streams<'_>) {
        for (file, case) in files.into_iter().zip(&suite.cases) {
            let before = self.latest.get(&file).and_then(ran);
            if let (Some(before), Some(after)) = (before, ran(case)) {
                let brief = brief(before, after);
                let text = if brief.is_empty() {
                    "nothing that is checked or counted\n".to_owned()
                } else {
                    brief_text(&brief, streams.look())
                };
                let _ = write!(
                    streams.out,
                    "\nwhat is different in {}:\n{text}",
                    harmless(&file.display().to_string())
                );
            }
            self.latest.insert(file, case.clone());
        }
    }
}

fn ran(case: &Case) -> Option<&Ran> {
    match case {
        Case::Ran(ran) => Some(ran),
        Case::Refused(_) | Case::Defect(_) | Case::NotReached(_) => None,
    }
}

/// Separates a round from what was before it.
fn announce(
    occasion: &Occasion,
    changed: &[(PathBuf, Plan)],
    invalid: &[Invalid],
    streams: &mut Streams<'_>,
) {
    let Occasion::Changed(paths) = occasion else { return };
    let known = changed.iter().map(|(file, _)| file).chain(invalid.iter().map(|one| &one.file));
    let names: Vec<String> = known
        .filter(|file| paths.contains(&identity(file)))
        .map(|file| harmless(&file.display().to_string()))
        .collect();
    let what = match names.as_slice() {
        [] => "the files have changed".to_owned(),
        [one] => format!("{one} has changed"),
        [one, others @ ..] => format!("{one} and {} more have changed", others.len()),
    };
    let _ = writeln!(streams.out, "\n{RULE} {what} {RULE}\n");
}

#[cfg(test)]
mod tests;
