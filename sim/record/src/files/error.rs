//! Why a record could not be written or read: each message names the file and says what to do about it.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::{RUN, TOOL};
use crate::FORMAT_VERSION;

/// A record could not be written: a matter of the disk, not of the record. What was written so far has no `run.json`
/// and is not taken for a record.
#[derive(Debug)]
pub struct WriteError {
    /// The file or directory concerned.
    pub path: PathBuf,
    /// What the operating system said.
    pub cause: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write `{}`: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// A directory could not be read as a record. Each message ends with what to do about it.
#[derive(Debug)]
pub enum ReadError {
    /// A file is not there.
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused it.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// It is in a version of the format that this program does not read.
    Version {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u32,
        /// The program that wrote it; may be empty.
        tool: String,
    },
    /// A line is not what it should be.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The tables of `run.json` contradict each other.
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The contradiction.
        problem: String,
    },
    /// Lines are missing at the end, or there are too many.
    LineCount {
        /// The file.
        path: PathBuf,
        /// The number that `run.json` gives.
        expected: u64,
        /// The number found; one more than expected if there are any more, which are not counted.
        found: u64,
    },
}

impl ReadError {
    pub(super) fn opening(path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        match cause.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing { path },
            _ => Self::Unreadable { path, cause },
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(
                f,
                "no record there: `{}` does not exist; name a directory that `bouncelab run --out DIR` wrote",
                path.display()
            ),
            Self::Unreadable { path, cause } => write!(f, "cannot read `{}`: {cause}", path.display()),
            Self::Version { path, found, tool } => write!(
                f,
                "`{}` is in format {found}, written by {}; this is {TOOL}, which reads format {FORMAT_VERSION}; \
                 read it with the program that wrote it, or run the scenario again",
                path.display(),
                if tool.is_empty() { "an unknown program" } else { tool }
            ),
            Self::Damaged { path, line, problem } => write!(
                f,
                "`{}` is damaged at line {line}: {problem}; restore the file, or run the scenario again",
                path.display()
            ),
            Self::Inconsistent { path, problem } => write!(
                f,
                "`{}` contradicts itself: {problem}; restore the file, or run the scenario again",
                path.display()
            ),
            Self::LineCount { path, expected, found } => write!(
                f,
                "`{}` has {} lines where {RUN} announces {expected}; restore the file, or run the scenario again",
                path.display(),
                if found > expected { "more".to_owned() } else { found.to_string() }
            ),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { cause, .. } => Some(cause),
            Self::Missing { .. }
            | Self::Version { .. }
            | Self::Damaged { .. }
            | Self::Inconsistent { .. }
            | Self::LineCount { .. } => None,
        }
    }
}
