//! Comparing a text with the file that says how it should be; with `BLESS=1` the file is written instead.
//!
//! A line that does not begin with a blank is a heading: it says what the lines below it are about, and is shown with
//! each of them that differs.

use std::fs;
use std::path::{Path, PathBuf};

const ACCEPT: &str = "accept with `BLESS=1 cargo test -p policy --test decisions`";

/// The file `name` beside the folder of these tests.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Compares `actual` with what the file at `path` holds, or writes it there.
pub(crate) fn check(path: &Path, actual: &str) -> Result<(), String> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        return fs::write(path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    Err(format!("{} differs; {ACCEPT}\n{}", path.display(), difference(&expected, actual)))
}

/// All lines that differ, each with its heading.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new) = (sections(expected), sections(actual));
    let mut text = String::new();
    for (heading, lines) in &new {
        match old.iter().find(|(known, _)| known == heading) {
            Some((_, known)) if known == lines => {}
            Some((_, known)) => {
                text += &format!("  {heading}\n{}{}", marked('-', known, lines), marked('+', lines, known));
            }
            None => text += &format!("+ {heading}\n{}", marked('+', lines, &[])),
        }
    }
    for (heading, lines) in old.iter().filter(|(heading, _)| new.iter().all(|(known, _)| known != heading)) {
        text += &format!("- {heading}\n{}", marked('-', lines, &[]));
    }
    if text.is_empty() { "only order or blank lines differ".to_owned() } else { text }
}

/// The headings with the lines below each.
fn sections(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match sections.last_mut() {
            Some((_, lines)) if line.starts_with(' ') => lines.push(line),
            Some(_) | None => sections.push((line, Vec::new())),
        }
    }
    sections
}

/// Those of `lines` that are not in `others`.
fn marked(mark: char, lines: &[&str], others: &[&str]) -> String {
    lines.iter().filter(|line| !others.contains(line)).map(|line| format!("{mark} {line}\n")).collect()
}
