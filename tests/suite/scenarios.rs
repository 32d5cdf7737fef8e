//! What ships must hold: all expectations, all laws, and something is sent. With its own seed, and with others: what
//! holds by one draw only would say more about the draw than about the engine.

use std::path::Path;

use bouncelab::Exit;
use libtest_mimic::Trial;

use crate::command::bouncelab;
use crate::{files, trial};

/// What the line of a scenario begins with that holds and sent something.
const HELD: &str = "  ✓ ";

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::scenarios().into_iter();
    files.map(|file| trial("scenarios", &files::case(&file), move || check(&file))).collect()
}

/// Seeds besides a scenario's own.
const OTHER_SEEDS: [&str; 2] = ["1001", "18446744073709551615"];

fn check(file: &Path) -> Result<(), String> {
    let file = file.to_string_lossy();
    holds(&["run", &file])?;
    OTHER_SEEDS.iter().try_for_each(|seed| holds(&["run", &file, "--seed", seed]))
}

fn holds(arguments: &[&str]) -> Result<(), String> {
    let said = bouncelab(arguments.iter().copied());
    said.must_end(Exit::Held)?;
    if said.out.starts_with(HELD) { Ok(()) } else { Err(said.out) }
}
