//! Which scenario files are meant, and reading them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use harness::Plan;
use scenario::{Problem, Source, Style};

use crate::folder::{Unreadable, files_below, identity};
use crate::{Exit, Streams};

/// A folder of this name holds provider profiles, not scenarios.
pub(crate) const PROFILES: &str = "providers";

/// The suffixes of scenario files.
const SUFFIXES: [&str; 2] = ["yaml", "yml"];

/// Every scenario file that `paths` stand for, each once, sorted within each folder. A file is taken as it is; a folder
/// stands for the `.yaml` and `.yml` files below it. A path that does not exist is taken as a file, so that reading it tells.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Unreadable> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(files_below(path, holds_scenarios)?.into_iter().filter(|file| has_suffix(file)));
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|file| seen.insert(identity(file)));
    Ok(found)
}

fn holds_scenarios(folder: &Path) -> bool {
    folder.file_name().is_none_or(|name| name != PROFILES)
}

/// Whether this is called like a scenario file.
pub(crate) fn has_suffix(file: &Path) -> bool {
    file.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known))
}

/// A scenario file that is not valid.
pub(crate) struct Invalid {
    pub(crate) file: PathBuf,
    pub(crate) problems: usize,
    /// The line of the first problem, from 1.
    pub(crate) line: Option<u32>,
    /// All problems, as shown to people.
    pub(crate) rendered: String,
}

/// Reads and checks one file.
pub(crate) fn read(file: &Path, streams: &Streams<'_>) -> Result<Plan, Invalid> {
    let style = if streams.colours() { Style::Coloured } else { Style::Plain };
    let invalid = |source: &Source, problems: &[Problem]| Invalid {
        file: file.to_owned(),
        problems: problems.len(),
        line: problems
            .iter()
            .find_map(|problem| problem.place)
            .and_then(|place| u32::try_from(source.line_column(place).0).ok()),
        rendered: scenario::render(source, problems, style),
    };
    let source = Source::read(file)
        .map_err(|problem| invalid(&Source::new(file.display().to_string(), ""), &[problem]))?;
    Plan::read(&source).map_err(|problems| invalid(&source, &problems.into_sorted()))
}

/// The plans of all files, and those that are not valid.
pub(crate) struct Found {
    pub(crate) plans: Vec<(PathBuf, Plan)>,
    pub(crate) invalid: Vec<Invalid>,
}

/// Reads every scenario that is meant.
///
/// # Errors
/// The exit code, when there is none, or a folder cannot be read; it has been said why.
pub(crate) fn plans(paths: &[PathBuf], streams: &mut Streams<'_>) -> Result<Found, Exit> {
    let files = files(paths).map_err(|error| streams.fail(Exit::Environment, error))?;
    if files.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let words = format!(
            "no scenario found in {}\n  a scenario is a file that ends in .yaml; folders are searched to the bottom, except those named `providers`",
            named.join(", ")
        );
        return Err(streams.fail(Exit::NothingMatched, words));
    }
    let mut found = Found { plans: Vec::new(), invalid: Vec::new() };
    for file in files {
        match read(&file, streams) {
            Ok(plan) => found.plans.push((file, plan)),
            Err(invalid) => found.invalid.push(invalid),
        }
    }
    Ok(found)
}
