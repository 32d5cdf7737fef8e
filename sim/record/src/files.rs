//! A record as a directory: what `bouncelab run --out DIR` leaves behind and every later command reads.
//!
//! `run.json` (who took part, and the verdicts), beside it, as packed JSON lines, `attempts.jsonl.zst` (the engine's ledger),
//! `receipts.jsonl.zst` (the fleet's receipts) and `dialogues.jsonl.zst` (what was said in a sample of the connections), and
//! `scenario.yaml`, the text that was run. Every field is described in `docs/record-format.md`. The same record gives the same
//! bytes.
//!
//! Nothing is checked here that a law checks: a file that is whole but tells a strange story is read as it is.

mod dialogues;
mod error;
mod layout;
mod ledger;
mod lines;
mod packed;
mod receipts;
mod run;
mod schema;
mod suite;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Record;
pub use error::{ReadError, WriteError};
use lines::{LineFault, ReadFault};
use run::{RunFault, RunFile};
pub use schema::{Schema, schemas};

pub use suite::{
    DefectKind, End, Entry, HERE, MANIFEST_VERSION, Manifest, ManifestError, ManifestFault, RunOptions,
    SUITE, ServerKind, WireKind, below,
};

/// The file with everything but the ledger and the receipts. Written last: a directory that has it is complete.
pub const RUN: &str = "run.json";
/// The file with the engine's ledger, one event a line.
pub const ATTEMPTS: &str = "attempts.jsonl.zst";
/// The file with the fleet's receipts, one connection or arrival a line.
pub const RECEIPTS: &str = "receipts.jsonl.zst";
/// The file with what was said in a sample of the connections, one connection a line.
pub const DIALOGUES: &str = "dialogues.jsonl.zst";
/// The file with the text of the scenario; not there if the record has none.
pub const SCENARIO: &str = "scenario.yaml";

/// What writes a record, as it signs: `bouncelab` and its version.
pub const TOOL: &str = concat!("bouncelab ", env!("CARGO_PKG_VERSION"));

const BUFFER_BYTES: usize = 256 * 1024;

/// Writes `record` into the directory `dir`, which is made if need be. Files of an earlier record are replaced; a `scenario.yaml`
/// that belongs to no record is somebody's own and is left alone.
///
/// Relies on what a record promises: names of providers and mailings, addresses of contacts, senders and recipients
/// are unique in their table, and every index points into its table (an index that does not is our bug and panics).
///
/// # Errors
/// What the operating system says, with the file; or that somebody's own `scenario.yaml` is in the way.
pub fn write(dir: &Path, record: &Record) -> Result<(), WriteError> {
    fs::create_dir_all(dir).map_err(|cause| WriteError { path: dir.to_owned(), cause })?;
    if dir.join(RUN).exists() {
        remove(dir, SCENARIO)?;
        remove(dir, RUN)?;
    }
    write_scenario(dir, &record.source)?;
    write_file(dir, ATTEMPTS, |file| packed::write(file, |out| ledger::write(out, record)))?;
    write_file(dir, RECEIPTS, |file| packed::write(file, |out| receipts::write(out, record)))?;
    write_file(dir, DIALOGUES, |file| packed::write(file, |out| dialogues::write(out, record)))?;
    write_file(dir, RUN, |file| {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
        run::write(&mut out, record)?;
        out.flush()
    })
}

fn remove(dir: &Path, name: &str) -> Result<(), WriteError> {
    let path = dir.join(name);
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(WriteError { path, cause }),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn write_scenario(dir: &Path, source: &str) -> Result<(), WriteError> {
    let path = dir.join(SCENARIO);
    let written = match fs::read(&path) {
        Ok(found) if source.is_empty() || found == source.as_bytes() => Ok(()),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it is there already and belongs to no record; name another directory",
        )),
        Err(_) if source.is_empty() => Ok(()),
        Err(_) => fs::write(&path, source),
    };
    written.map_err(|cause| WriteError { path, cause })
}

fn write_file(
    dir: &Path,
    name: &str,
    content: impl FnOnce(File) -> io::Result<()>,
) -> Result<(), WriteError> {
    let path = dir.join(name);
    File::create(&path).and_then(content).map_err(|cause| WriteError { path, cause })
}

/// Reads the record in the directory `dir`; equal to the one that was written there.
///
/// # Errors
/// What is missing, damaged or in another version, and what to do about it.
pub fn read(dir: &Path) -> Result<Record, ReadError> {
    let RunFile { mut record, lines, source_bytes } = read_run(&dir.join(RUN))?;
    read_lines(&dir.join(ATTEMPTS), lines.attempts, &mut record, ledger::read)?;
    read_lines(&dir.join(RECEIPTS), lines.receipts, &mut record, receipts::read)?;
    read_lines(&dir.join(DIALOGUES), lines.dialogues, &mut record, dialogues::read)?;
    record.source = read_scenario(&dir.join(SCENARIO), source_bytes)?;
    Ok(record)
}

/// The path of the scenario's file of the record in the directory `dir`, as the user gave it; may be empty. Nothing else is
/// looked at.
///
/// # Errors
/// As [`read`], for `run.json`.
pub fn scenario_file(dir: &Path) -> Result<String, ReadError> {
    let path = dir.join(RUN);
    let text = fs::read(&path).map_err(|cause| ReadError::opening(&path, cause))?;
    run::scenario_file(&text).map_err(|fault| of_run(&path, fault))
}

fn read_run(path: &Path) -> Result<RunFile, ReadError> {
    let text = fs::read(path).map_err(|cause| ReadError::opening(path, cause))?;
    run::read(&text).map_err(|fault| of_run(path, fault))
}

fn of_run(path: &Path, fault: RunFault) -> ReadError {
    let path = path.to_owned();
    match fault {
        RunFault::Version { found, tool } => ReadError::Version { path, found, tool },
        RunFault::Line(LineFault { line, problem }) => ReadError::Damaged { path, line, problem },
        RunFault::Inconsistent(problem) => ReadError::Inconsistent { path, problem },
    }
}

fn read_scenario(path: &Path, bytes: u64) -> Result<String, ReadError> {
    if bytes == 0 {
        return Ok(String::new());
    }
    let text = fs::read(path).map_err(|cause| ReadError::opening(path, cause))?;
    let found = text.len() as u64;
    match String::from_utf8(text) {
        Ok(text) if found == bytes => Ok(text),
        Ok(_) | Err(_) => {
            let problem = format!("it is not the text that was run, which has {bytes} bytes");
            Err(ReadError::Inconsistent { path: path.to_owned(), problem })
        }
    }
}

fn read_lines(
    path: &Path,
    expected: u64,
    record: &mut Record,
    reader: fn(&mut packed::Unpacked, u64, &mut Record) -> Result<u64, ReadFault>,
) -> Result<(), ReadError> {
    let file = File::open(path).map_err(|cause| ReadError::opening(path, cause))?;
    let found = packed::open(file)
        .map_err(|cause| ReadFault::Io { cause, line: 1 })
        .and_then(|mut lines| reader(&mut lines, expected, record));
    let path = path.to_owned();
    match found {
        Ok(found) if found == expected => Ok(()),
        Ok(found) => Err(ReadError::LineCount { path, expected, found }),
        Err(ReadFault::TooMany) => Err(ReadError::LineCount { path, expected, found: expected + 1 }),
        Err(ReadFault::Io { cause, line }) => Err(match packed::damage(&cause) {
            Some(problem) => ReadError::Damaged { path, line, problem },
            None => ReadError::Unreadable { path, cause },
        }),
        Err(ReadFault::Line(LineFault { line, problem })) => Err(ReadError::Damaged { path, line, problem }),
    }
}
