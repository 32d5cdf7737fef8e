//! What a run tells the CI system that it runs in. GitHub Actions is the one that has to be told: it reads no JUnit by itself.
//!
//! Annotations are commands on standard output; the job summary is a file that every step appends to. Both come on top of
//! what a run says anyway, and change no exit code, unless the summary cannot be written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use reports::{Suite, github, markdown};

use crate::{Exit, Streams};

/// GitHub drops the summary of a step whole if it has more than 1 MiB, however many commands have added to it.
const SUMMARY_BYTES: usize = 900_000;

/// With less room than this, nothing is added to it.
const LEAST_BYTES: usize = 1_000;

/// The CI system that the command runs in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Ci {
    /// None, or one that reads files.
    #[default]
    None,
    /// GitHub Actions.
    GitHub {
        /// The file of the job summary; `None` if there is none, as in old runners.
        summary: Option<PathBuf>,
    },
}

impl Ci {
    /// What the environment says; `variable` looks up one of its variables.
    pub(crate) fn found(variable: impl Fn(&str) -> Option<String>) -> Self {
        if variable("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
            return Self::None;
        }
        let summary = variable("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        Self::GitHub { summary: summary.map(PathBuf::from) }
    }
}

/// Tells the CI system how a suite went. Answers with [`Exit::Held`], or with the exit code if it could not be told everything;
/// it has been said why.
pub(crate) fn tell(suite: &Suite, streams: &mut Streams<'_>) -> Exit {
    let summary = match streams.ci() {
        Ci::None => return Exit::Held,
        Ci::GitHub { summary } => summary.clone(),
    };
    let _ = write!(streams.out, "{}", github::annotations(suite));
    let Some(summary) = summary else { return Exit::Held };
    let taken = fs::metadata(&summary).map_or(0, |file| file.len());
    let room = SUMMARY_BYTES.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX));
    if room < LEAST_BYTES {
        let _ = writeln!(streams.err, "the job summary is full: nothing was added to it");
        return Exit::Held;
    }
    match append(&summary, &markdown::render_within(suite, room)) {
        Ok(()) => Exit::Held,
        Err(error) => {
            let path = summary.display();
            let words = format!("cannot append to the job summary `{path}` (GITHUB_STEP_SUMMARY): {error}");
            streams.fail(Exit::Environment, words)
        }
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_says_that_it_is_there() {
        let check = |variables: &[(&str, &str)], ci: Ci| {
            let variable = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Ci::found(variable), ci);
        };
        let summary = ("GITHUB_STEP_SUMMARY", "/summary.md");
        check(&[], Ci::None);
        check(&[("GITHUB_ACTIONS", "false"), summary], Ci::None);
        check(&[summary], Ci::None);
        check(&[("GITHUB_ACTIONS", "true")], Ci::GitHub { summary: None });
        check(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "")], Ci::GitHub { summary: None });
        check(&[("GITHUB_ACTIONS", "true"), summary], Ci::GitHub { summary: Some("/summary.md".into()) });
    }
}
