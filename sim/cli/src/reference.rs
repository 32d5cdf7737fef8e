//! `bouncelab reference`: what can be written in a scenario and what comes out, from the definitions themselves.

use std::io::Write as _;

use record::files;
use serde_json::Value;

use crate::args::{Described, Part, Reference};
use crate::{Exit, Streams};

pub(crate) fn reference(wanted: &Reference, streams: &mut Streams<'_>) -> Exit {
    if let Some(described) = wanted.schema {
        let _ = writeln!(streams.out, "{:#}", schema(described));
        return Exit::Held;
    }
    let parts = match wanted.part {
        Some(part) => vec![part],
        None => vec![Part::Keys, Part::Expectations, Part::Laws, Part::ExitCodes],
    };
    let texts: Vec<_> = parts.into_iter().map(text).collect();
    let _ = writeln!(streams.out, "{}", texts.join("\n\n"));
    Exit::Held
}

fn schema(described: Described) -> Value {
    let of_record = |file: &str| {
        let known = files::schemas().into_iter().find(|schema| schema.file == file);
        known.expect("every file of a record has a schema").document
    };
    match described {
        Described::Run => of_record(files::RUN),
        Described::Attempts => of_record(files::ATTEMPTS),
        Described::Receipts => of_record(files::RECEIPTS),
        Described::Dialogues => of_record(files::DIALOGUES),
        Described::Suite => of_record(files::SUITE),
        Described::Report => reports::json::schema(),
    }
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
