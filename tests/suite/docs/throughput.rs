//! Throughput over versions: the picture and the table of what benches measured, made from the lines that they wrote.

use std::path::Path;

use reports::charts::{Chart, Measurement, measurements, throughput};

use crate::{files, golden};

const HISTORY: &str = "benches/history.jsonl";
const PICTURE: &str = "docs/throughput.svg";

/// The picture is that of the history.
pub(super) fn drawn() -> Result<(), String> {
    golden::check(Path::new(PICTURE), &chart().alone())
}

/// The numbers of the picture, in Markdown. Labels are ours, so nothing in them needs escaping.
pub(super) fn table() -> String {
    let table = chart().table;
    let row = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = format!("{}|\n", "| --- ".repeat(table.header.len()));
    row(&table.header) + &rule + &table.rows.iter().map(row).collect::<String>()
}

fn chart() -> Chart {
    let mut all = measurements(&files::text(HISTORY)).expect("benches write it");
    all.retain(|Measurement { bench, .. }| bench == "mixed_fleet");
    throughput(&all)
}
