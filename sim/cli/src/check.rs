//! `bouncelab check`: reads scenarios and lists every problem; nothing runs.

use std::io::Write as _;

use crate::args::Check;
use crate::discover::{self, Invalid};
use crate::{Exit, Streams};

pub(crate) fn check(wanted: &Check, streams: &mut Streams<'_>) -> Exit {
    let found = match discover::plans(&wanted.paths, streams) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let files = found.plans.len() + found.invalid.len();
    if found.invalid.is_empty() {
        let expectations: usize = found.plans.iter().map(|(_, plan)| plan.expectations()).sum();
        let _ = writeln!(
            streams.out,
            "{}, {}, no problems",
            counted(files, "scenario"),
            counted(expectations, "expectation")
        );
        return Exit::Held;
    }
    report_invalid(&found.invalid, files, "", streams);
    Exit::Invalid
}

/// Prints the problems of all invalid scenarios, how many there are, and what follows from it.
pub(crate) fn report_invalid(
    invalid: &[Invalid],
    files: usize,
    consequence: &str,
    streams: &mut Streams<'_>,
) {
    for invalid in invalid {
        let _ = writeln!(streams.err, "{}", invalid.rendered.trim_end());
        let _ = writeln!(streams.err);
    }
    let place =
        if files == 1 { String::new() } else { format!(" in {} of {files} scenarios", invalid.len()) };
    let problems = invalid.iter().map(|invalid| invalid.problems).sum();
    let _ = writeln!(streams.err, "{}{place}{consequence}", counted(problems, "problem"));
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}
