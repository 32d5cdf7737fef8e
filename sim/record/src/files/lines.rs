//! JSON lines: one object a line, read one at a time, with the number of the line that is at fault.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::Serialize;

/// Writes one object and the end of its line.
pub(super) fn write_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// No line that is written is anywhere near as long as this, in bytes; a longer one is damage, and not read to its end.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// Hands every line to `take`, in order; returns their number. Stops at the first line after `most` of them, so that what a packed
/// file unpacks to is bounded.
pub(super) fn read_lines(
    source: &mut impl BufRead,
    most: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<u64, ReadFault> {
    let mut text = Vec::new();
    let mut line = 0;
    loop {
        let read = source.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
        if read.map_err(|cause| ReadFault::Io { cause, line: line + 1 })? == 0 {
            return Ok(line);
        }
        if line == most {
            return Err(ReadFault::TooMany);
        }
        line += 1;
        take(&text).map_err(|problem| ReadFault::Line(LineFault { line, problem }))?;
        text.clear();
    }
}

/// Why lines could not be read.
#[derive(Debug)]
pub(super) enum ReadFault {
    /// The operating system failed, or the packing is damaged, before this line (from 1) was complete.
    Io { cause: io::Error, line: u64 },
    /// There are more lines than there may be.
    TooMany,
    /// A line is damaged.
    Line(LineFault),
}

/// What is wrong with which line (from 1).
#[derive(Debug)]
pub(super) struct LineFault {
    pub(super) line: u64,
    pub(super) problem: String,
}

/// What serde_json found, with the column but without its own idea of the line.
pub(super) fn problem_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(problem) => format!("{problem} (column {})", error.column()),
        None => text,
    }
}

/// Finds the index of a name in a table whose names are unique.
pub(super) struct Lookup<'a> {
    noun: &'static str,
    indices: BTreeMap<&'a str, u32>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(noun: &'static str, names: impl Iterator<Item = &'a str>) -> Self {
        Self { noun, indices: names.zip(0..).collect() }
    }

    pub(super) fn index(&self, name: &str) -> Result<u32, String> {
        let found = self.indices.get(name).copied();
        found.ok_or_else(|| format!("the {} `{name}` is not in the tables of run.json", self.noun))
    }
}

/// The value of a field that only some kinds of line have, where the kind demands it.
pub(super) fn required<T>(value: Option<T>, field: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("the field `{field}` is missing, which a line of this kind must have"))
}
