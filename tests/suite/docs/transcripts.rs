//! What a page shows is what happens: each `console` block is run, each `yaml` block that names a file is that file or its
//! beginning.
//!
//! In a transcript, `$ ` begins a command, and a line `...` stands for any lines.

use crate::command::{self, masked};
use crate::docs::markdown::{Block, blocks};
use crate::tidy::listed;
use crate::{files, golden};

/// How the command is called: once it is installed, and from a checkout.
const CALLS: [&str; 2] = ["bouncelab ", "cargo run --release -- "];
const LEFT_OUT: [&str; 2] = ["...", "…"];

pub(crate) fn check(page: &str) -> Result<(), String> {
    let text = files::text(page);
    let mut wrong = Vec::new();
    let mut blessed = text.clone();
    for block in blocks(&text) {
        let checked = match block.language {
            "console" => transcript(&block).map(|anew| blessed = blessed.replacen(&block.text, &anew, 1)),
            "yaml" => quotation(&block),
            _ => Ok(()),
        };
        if let Err(what) = checked {
            wrong.push(format!("{page}:{}: {what}", block.line));
        }
    }
    if golden::is_blessing() && blessed != text {
        std::fs::write(page, blessed).map_err(|error| error.to_string())?;
    }
    listed(&wrong)
}

/// The block is the file that its first line names (`# scenarios/...`), or the beginning of it.
fn quotation(block: &Block<'_>) -> Result<(), String> {
    let Some((name, quoted)) = block.text.strip_prefix("# ").and_then(|text| text.split_once('\n')) else {
        return Ok(());
    };
    let file = files::text(name);
    if file.starts_with(quoted) { Ok(()) } else { Err(golden::difference(&file, quoted)) }
}

/// Runs what the block shows. Answers with the block as it is, or as it should be if pages are blessed.
fn transcript(block: &Block<'_>) -> Result<String, String> {
    let steps = block.text.split("$ ").skip(1).filter_map(|step| step.split_once('\n'));
    let scratch = files::scratch("transcripts");
    let mut anew = String::new();
    for (line, shown) in steps {
        let Some(arguments) = CALLS.iter().find_map(|call| line.strip_prefix(call)) else {
            return Err(format!("`{line}` is not a command that can be tested"));
        };
        let said = command::line(arguments, &scratch);
        let is_true = shows(&masked(shown), &said.masked());
        if !is_true && (!golden::is_blessing() || leaves_out(shown)) {
            return Err(format!("`{line}`\n{}", golden::difference(&masked(shown), &said.masked())));
        }
        let now = if is_true { shown.to_owned() } else { said.out + &said.err };
        anew.push_str(&format!("$ {line}\n{now}"));
    }
    Ok(anew)
}

fn leaves_out(shown: &str) -> bool {
    shown.lines().any(|line| LEFT_OUT.contains(&line))
}

/// Whether `shown` is what was `said`, lines that are left out aside.
fn shows(shown: &str, said: &str) -> bool {
    let shown: Vec<&str> = shown.trim_end().lines().map(str::trim_end).collect();
    let said: Vec<&str> = said.trim_end().lines().map(str::trim_end).collect();
    let mut pieces = shown.split(|line| LEFT_OUT.contains(line));
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.windows(piece.len().max(1)).position(|window| window == piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    true
}

/// What may be left out of a transcript and what may not.
pub(crate) fn leaving_out() -> Result<(), String> {
    let said = "a\nb\nc\nd\n";
    let shown = ["a\nb\nc\nd", "a\n...\nd", "...\nb\nc\n...", "a\n...\nc\n…", "...", "a\nb\n...\nc\nd"];
    let not_shown = [
        "",
        "a",
        "a\nb\nc",
        "b\n...",
        "...\nc",
        "a\n...\nx\n...\nd",
        "a\n...\nc\n...\nb",
        "a\nb\n...\nb\nc\nd",
    ];
    let wrong = shown
        .iter()
        .filter(|text| !shows(text, said))
        .chain(not_shown.iter().filter(|text| shows(text, said)));
    listed(&wrong.map(|text| format!("{text:?}")).collect::<Vec<_>>())
}
