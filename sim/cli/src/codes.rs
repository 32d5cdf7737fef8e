//! `bouncelab codes`: what replies mean.
//!
//! - `input`: a reply with where it comes from, from arguments or from a line of a file
//! - `show`: a verdict, for people and for programs

mod input;
mod show;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use crate::args::Codes;
use crate::{Exit, Streams};
use input::Input;
use show::Shown;

pub(crate) fn codes(wanted: &Codes, streams: &mut Streams<'_>) -> Exit {
    match &wanted.file {
        None => match Input::of_arguments(&wanted.reply, &wanted.origin) {
            Ok(input) => {
                let shown = Shown::new(&input, None);
                let _ = write!(streams.out, "{}", shown.in_full(wanted.format));
                Exit::Held
            }
            Err(problem) => streams.fail(Exit::Usage, problem),
        },
        Some(path) if path.as_os_str() == "-" => of_lines(io::stdin().lock(), "-", wanted, streams),
        Some(path) => match File::open(path) {
            Ok(file) => of_lines(BufReader::new(file), &named(path), wanted, streams),
            Err(error) => {
                streams.fail(Exit::Environment, format!("cannot read `{}`: {error}", path.display()))
            }
        },
    }
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

/// Reads line after line, so that a file of any length passes through.
fn of_lines(mut lines: impl BufRead, name: &str, wanted: &Codes, streams: &mut Streams<'_>) -> Exit {
    let mut line = Vec::new();
    let mut exit = Exit::Held;
    for number in 1_u64.. {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                return exit
                    .graver(streams.fail(Exit::Environment, format!("cannot read `{name}`: {error}")));
            }
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match Input::of_line(&line, &wanted.origin) {
            Ok(input) => {
                let _ = write!(streams.out, "{}", Shown::new(&input, Some(number)).in_a_line(wanted.format));
            }
            Err(problem) => {
                let _ = write!(streams.out, "{}", show::malformed(number, &problem, wanted.format));
                exit = exit.graver(streams.fail(Exit::Invalid, format!("{name}:{number}: {problem}")));
            }
        }
    }
    exit
}
