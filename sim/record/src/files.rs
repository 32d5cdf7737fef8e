//! A record as a directory: what `bouncelab run --out DIR` leaves behind and every later command reads.
//!
//! Three files, each readable with a pager, `jq` or DuckDB: `run.json` (who took part, and the verdicts),
//! `attempts.jsonl` (the engine's ledger) and `receipts.jsonl` (the fleet's receipts). Every field is described in
//! `docs/record-format.md`. The same record gives the same bytes.
//!
//! Nothing is checked here that a law checks: a file that is whole but tells a strange story is read as it is.

mod layout;
mod ledger;
mod lines;
mod receipts;
mod run;
mod suite;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{FORMAT_VERSION, Record};
use lines::LineFault;
use run::{RunFault, RunFile};

pub use suite::{
    DefectKind, End, Entry, HERE, MANIFEST_VERSION, Manifest, ManifestError, ManifestFault, RunOptions,
    SUITE, ServerKind, WireKind,
};

/// The file with everything but the ledger and the receipts. Written last: a directory that has it is complete.
pub const RUN: &str = "run.json";
/// The file with the engine's ledger, one event a line.
pub const ATTEMPTS: &str = "attempts.jsonl";
/// The file with the fleet's receipts, one connection or arrival a line.
pub const RECEIPTS: &str = "receipts.jsonl";

/// What writes a record, as it signs: `bouncelab` and its version.
pub const TOOL: &str = concat!("bouncelab ", env!("CARGO_PKG_VERSION"));

const BUFFER_BYTES: usize = 256 * 1024;

/// Writes `record` into the directory `dir`, which is made if need be. Files of an earlier record are replaced.
///
/// Relies on what a record promises: names of providers and mailings, addresses of contacts, senders and recipients
/// are unique in their table, and every index points into its table (an index that does not is our bug and panics).
pub fn write(dir: &Path, record: &Record) -> Result<(), WriteError> {
    let path = dir.join(RUN);
    let fault = |path: &Path, cause| WriteError { path: path.to_owned(), cause };
    fs::create_dir_all(dir).map_err(|cause| fault(dir, cause))?;
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(fault(&path, cause)),
        Ok(()) | Err(_) => {}
    }
    write_file(dir, ATTEMPTS, |out| ledger::write(out, record))?;
    write_file(dir, RECEIPTS, |out| receipts::write(out, record))?;
    write_file(dir, RUN, |out| run::write(out, record))
}

fn write_file(
    dir: &Path,
    name: &str,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), WriteError> {
    let path = dir.join(name);
    let filled = File::create(&path).and_then(|file| {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
        content(&mut out)?;
        out.flush()
    });
    filled.map_err(|cause| WriteError { path, cause })
}

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

/// Reads the record in the directory `dir`; equal to the one that was written there.
pub fn read(dir: &Path) -> Result<Record, ReadError> {
    let mut record = read_run(&dir.join(RUN))?;
    let lines = record.lines;
    read_lines(&dir.join(ATTEMPTS), lines.attempts, &mut record.record, ledger::read)?;
    read_lines(&dir.join(RECEIPTS), lines.receipts, &mut record.record, receipts::read)?;
    Ok(record.record)
}

fn read_run(path: &Path) -> Result<RunFile, ReadError> {
    let text = fs::read(path).map_err(|cause| ReadError::opening(path, cause))?;
    let path = path.to_owned();
    run::read(&text).map_err(|fault| match fault {
        RunFault::Version { found, tool } => ReadError::Version { path, found, tool },
        RunFault::Line(LineFault { line, problem }) => ReadError::Damaged { path, line, problem },
        RunFault::Inconsistent(problem) => ReadError::Inconsistent { path, problem },
    })
}

fn read_lines(
    path: &Path,
    expected: u64,
    record: &mut Record,
    reader: fn(&mut BufReader<File>, &mut Record) -> Result<u64, lines::ReadFault>,
) -> Result<(), ReadError> {
    let file = File::open(path).map_err(|cause| ReadError::opening(path, cause))?;
    let found = reader(&mut BufReader::with_capacity(BUFFER_BYTES, file), record);
    let path = path.to_owned();
    match found {
        Ok(found) if found == expected => Ok(()),
        Ok(found) => Err(ReadError::LineCount { path, expected, found }),
        Err(lines::ReadFault::Io(cause)) => Err(ReadError::Unreadable { path, cause }),
        Err(lines::ReadFault::Line(LineFault { line, problem })) => {
            Err(ReadError::Damaged { path, line, problem })
        }
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
        /// The number found.
        found: u64,
    },
}

impl ReadError {
    fn opening(path: &Path, cause: io::Error) -> Self {
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
                "`{}` has {found} lines where {RUN} announces {expected}; restore the file, or run the scenario again",
                path.display()
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
