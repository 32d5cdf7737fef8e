//! `bouncelab reference`: what can be written in a scenario and what comes out, from the definitions themselves.

use std::io::Write as _;

use crate::args::{Part, Reference};
use crate::{Exit, Streams};

pub(crate) fn reference(wanted: &Reference, streams: &mut Streams<'_>) -> Exit {
    let parts = match wanted.part {
        Some(part) => vec![part],
        None => vec![Part::Keys, Part::Expectations, Part::Laws, Part::ExitCodes],
    };
    let texts: Vec<_> = parts.into_iter().map(text).collect();
    let _ = writeln!(streams.out, "{}", texts.join("\n\n"));
    Exit::Held
}

/// A part, as Markdown: a heading of the first level and what is below it.
fn text(part: Part) -> String {
    let text = match part {
        Part::Keys => format!("# Scenarios\n\n{}", scenario::reference(&harness::vocabulary())),
        Part::Expectations => harness::expect::reference(),
        Part::Laws => harness::law::reference(),
        Part::ExitCodes => exit_codes(),
    };
    text.trim_end().to_owned()
}

fn exit_codes() -> String {
    let row = |exit: Exit| format!("| {} | {} |\n", exit.code(), exit.meaning());
    let rows: String = Exit::ALL.into_iter().map(row).collect();
    format!("# Exit codes\n\n| Code | Meaning |\n| ---: | --- |\n{rows}\n{}", Exit::precedence())
}
