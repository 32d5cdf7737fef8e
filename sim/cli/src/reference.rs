//! `bouncelab reference`: what can be written in a scenario, from the definitions themselves.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::args::{Part, Reference};
use crate::{Exit, Streams};

pub(crate) fn reference(wanted: &Reference, streams: &mut Streams<'_>) -> Exit {
    let parts = match wanted.part {
        Some(part) => vec![part],
        None => vec![Part::Keys, Part::Expectations, Part::Laws, Part::ExitCodes],
    };
    for part in parts {
        let text = match part {
            Part::Keys => scenario::reference(&harness::vocabulary()),
            Part::Expectations => harness::expect::reference(),
            Part::Laws => harness::law::reference(),
            Part::ExitCodes => exit_codes(),
        };
        let _ = writeln!(streams.out, "{}", text.trim_end());
    }
    Exit::Held
}

/// The table of exit codes, as Markdown.
pub(crate) fn exit_codes() -> String {
    Exit::ALL.iter().fold("| code | meaning |\n| ---: | --- |\n".to_owned(), |mut table, exit| {
        writeln!(table, "| {} | {} |", exit.code(), exit.meaning()).expect("writing to a string");
        table
    })
}
