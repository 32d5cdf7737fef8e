//! JSON lines: one object a line, read one at a time, with the number of the line that is at fault.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::Serialize;

/// Writes one object and the end of its line.
pub(super) fn write_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Hands every line to `take`, in order; returns their number.
pub(super) fn read_lines(
    source: &mut impl BufRead,
    mut take: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<u64, ReadFault> {
    let mut text = Vec::new();
    let mut line = 0;
    while source.read_until(b'\n', &mut text).map_err(ReadFault::Io)? > 0 {
        line += 1;
        take(&text).map_err(|problem| ReadFault::Line(LineFault { line, problem }))?;
        text.clear();
    }
    Ok(line)
}

/// Why lines could not be read.
#[derive(Debug)]
pub(super) enum ReadFault {
    /// The operating system failed.
    Io(io::Error),
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
