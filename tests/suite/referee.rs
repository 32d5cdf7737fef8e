//! A server that we did not write reads the engine's words (mailin-embedded, `sim/referee`): it must come to the questions that
//! the fleet comes to, and the record must be that of memory.
//!
//! `tests/referee/beyond.txt` lists what it cannot do in the shipped scenarios. That needs memory only. The rest needs the
//! referee's program, which is built apart; without it there is one test that says that nothing was compared.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use harness::{Options, Plan, RunError, Server, Wire};
use libtest_mimic::Trial;
use record::Record;
use scenario::Source;

use crate::{files, golden, trial};

const BEYOND: &str = "tests/referee/beyond.txt";

pub(crate) fn trials() -> Vec<Trial> {
    let beyond = trial("referee", "what it cannot do is listed", what_it_cannot_do);
    let Some(program) = bouncelab::referee::program() else {
        let notice = "SKIPPED: `cargo build --manifest-path sim/referee/Cargo.toml` builds the referee";
        return vec![beyond, Trial::test(format!("referee::{notice}"), || Ok(())).with_ignored_flag(true)];
    };
    let agrees = |file: PathBuf| {
        let (case, program) = (files::case(&file), program.clone());
        trial("referee", &case, move || agrees(&file, &program))
    };
    files::scenarios().into_iter().map(agrees).chain([beyond]).collect()
}

/// Lockstep with the referee leaves the record of memory, or both are refused for the same reasons.
fn agrees(file: &Path, program: &Path) -> Result<(), String> {
    let plan = plan(file)?;
    let memory = run(&plan, Wire::Memory, 1, None);
    // With two threads there are several worlds at once, which have a referee each.
    for threads in [1, 2] {
        match (&memory, &run(&plan, Wire::Lockstep, threads, Some(program.to_owned()))) {
            (Ok(memory), Ok(refereed)) if memory == refereed => {}
            (Err(RunError::BeyondReferee { lacks }), Err(RunError::BeyondReferee { lacks: same }))
                if lacks == same => {}
            (Ok(_), Ok(_)) => return Err(format!("another record with {threads} threads")),
            (Err(error), _) | (_, Err(error)) => return Err(error.to_string()),
        }
    }
    Ok(())
}

fn what_it_cannot_do() -> Result<(), String> {
    let mut listed = String::new();
    for file in files::scenarios() {
        match run(&plan(&file)?, Wire::Memory, 2, None) {
            Ok(_) => {}
            Err(RunError::BeyondReferee { lacks }) => {
                let _ = writeln!(listed, "{}", file.display());
                lacks.iter().map(|lack| without_times(lack)).for_each(|lack| {
                    let _ = writeln!(listed, "  {lack}");
                });
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    golden::check(Path::new(BEYOND), &listed)
}

/// How often and when first is told in brackets at the end; it changes with whatever the engine does.
fn without_times(lack: &str) -> &str {
    lack.rsplit_once(" (").map_or(lack, |(what, _)| what)
}

fn plan(file: &Path) -> Result<Plan, String> {
    let source = Source::read(file).map_err(|problem| problem.message)?;
    Plan::read(&source).map_err(|problems| format!("{problems:?}"))
}

fn run(plan: &Plan, wire: Wire, threads: u32, referee: Option<PathBuf>) -> Result<Record, RunError> {
    harness::run(plan, &Options { wire, server: Server::Mailin, threads, referee, ..Options::default() })
}
