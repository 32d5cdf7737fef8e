//! `bouncelab codes`: what replies mean.
//!
//! - `input`: a reply with where it comes from, from arguments or from a line of a file
//! - `show`: a verdict, for people and for programs

mod input;
mod show;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use crate::args::{Codes, Format};
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
        Some(path) if path.as_os_str() == "-" => {
            of_lines(io::stdin().lock(), "standard input", wanted, streams)
        }
        Some(path) => match File::open(path) {
            Ok(file) => of_lines(BufReader::new(file), &named(path), wanted, streams),
            Err(error) => {
                streams.fail(Exit::Environment, format!("cannot read `{}`: {error}", path.display()))
            }
        },
    }
}

fn named(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// Lines that are reported one by one if they are wrong; the others are counted.
const REPORTED: u64 = 20;

/// Reads line after line, so that a file of any length passes through.
fn of_lines(mut lines: impl BufRead, name: &str, wanted: &Codes, streams: &mut Streams<'_>) -> Exit {
    let mut line = Vec::new();
    let (mut read, mut wrong) = (0_u64, 0_u64);
    for number in 1_u64.. {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return streams.fail(Exit::Environment, format!("cannot read {name}: {error}")),
        }
        // Some editors put a byte order mark in front of a file.
        let bare = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
        if bare.trim_ascii().is_empty() {
            continue;
        }
        match Input::of_line(bare, &wanted.origin) {
            Ok(input) => {
                let shown = Shown::new(&input, Some(number)).in_a_line(wanted.format, read == 0);
                let _ = write!(streams.out, "{shown}");
                read += 1;
            }
            Err(problem) => {
                wrong += 1;
                let _ = write!(streams.out, "{}", show::malformed(number, &problem, wanted.format));
                if wrong <= REPORTED && wanted.format == Format::Json {
                    streams.fail(Exit::Invalid, format!("{name}, line {number}: {problem}"));
                }
            }
        }
    }
    match (read, wrong) {
        (_, 1..) => {
            streams.fail(Exit::Invalid, format!("{wrong} of {} lines of {name} are no replies", read + wrong))
        }
        (0, 0) => streams.fail(Exit::NothingMatched, format!("there are no replies in {name}")),
        (_, 0) => Exit::Held,
    }
}
