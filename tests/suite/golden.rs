//! Comparing a text with the file that says how it should be.
//!
//! `BLESS=1 cargo test -p suites` writes the files instead. Read what changed as its reader would: is the place right,
//! is the wording clear, is there a remedy?

use std::fs;
use std::path::{Path, PathBuf};

const ACCEPT: &str = "accept with `BLESS=1 cargo test -p suites`";

/// Whether files are written instead of compared.
pub(crate) fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Compares `actual` with what the file at `path` holds, or writes it there.
pub(crate) fn check(path: &Path, actual: &str) -> Result<(), String> {
    let expected = fs::read_to_string(path).ok();
    if expected.as_deref() == Some(actual) {
        return Ok(());
    }
    if is_blessing() {
        return fs::write(path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    match expected {
        None => Err(format!("there is no {}; {ACCEPT}\n{actual}", path.display())),
        Some(expected) => {
            Err(format!("{} differs; {ACCEPT}\n{}", path.display(), difference(&expected, actual)))
        }
    }
}

/// The golden file of an input: its name with the suffix `txt`.
pub(crate) fn of(input: &Path) -> PathBuf {
    input.with_extension("txt")
}

/// The lines in which two texts differ, with the number in the old text before each stretch of them.
pub(crate) fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let common = common_lines(&old, &new);
    let (mut from, mut to) = (0, 0);
    let mut shown = String::new();
    let mut differing = false;
    while from < old.len() || to < new.len() {
        if old.get(from) == new.get(to) {
            (from, to, differing) = (from + 1, to + 1, false);
            continue;
        }
        if !differing {
            shown.push_str(&format!("line {}:\n", from + 1));
            differing = true;
        }
        if to == new.len() || (from < old.len() && common[from + 1][to] >= common[from][to + 1]) {
            shown.push_str(&format!("- {}\n", old[from]));
            from += 1;
        } else {
            shown.push_str(&format!("+ {}\n", new[to]));
            to += 1;
        }
    }
    if shown.is_empty() { "only the line ends differ".to_owned() } else { shown }
}

/// For each pair of places, how many lines at most follow in both texts in the same order.
fn common_lines(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (from, line) in old.iter().enumerate().rev() {
        for (to, other) in new.iter().enumerate().rev() {
            common[from][to] = if line == other {
                common[from + 1][to + 1] + 1
            } else {
                common[from + 1][to].max(common[from][to + 1])
            };
        }
    }
    common
}
