//! `bouncelab run`: runs scenarios, one after the other, each on all cores, and reports what held.

use std::io::Write as _;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::{Options, Plan, Progress, RunError};
use record::{Record, Timing};
use reports::terminal::{self, Columns};
use reports::{Case, Ran, Refused, Suite};

use crate::args::Run;
use crate::discover::{Found, Invalid};
use crate::outputs::Outputs;
use crate::{Exit, Streams, bar, check, discover, interrupt};

/// A scenario that was run.
struct Finished {
    text: String,
    record: Record,
    timing: Timing,
    folder: Option<String>,
}

/// Why a scenario has no record.
pub(crate) enum Trouble {
    /// The harness says so.
    Halted(RunError),
    /// It panicked with these words: a bug.
    Panicked(String),
    /// The same seed gave another result the second time.
    Differs(u64, u64),
}

pub(crate) fn run(wanted: &Run, streams: &mut Streams<'_>) -> Exit {
    let found = match discover::plans(&wanted.paths, streams) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    if !found.invalid.is_empty() {
        return refuse(&found, wanted, streams);
    }
    let plans: Vec<(PathBuf, Plan)> = found
        .plans
        .into_iter()
        .filter(|(file, plan)| is_wanted(file, plan, wanted.filter.as_deref()))
        .collect();
    if plans.is_empty() {
        let filter = wanted.filter.as_deref().unwrap_or_default();
        let _ = writeln!(streams.err, "error: no scenario has `{filter}` in its name or path");
        return Exit::NothingMatched;
    }
    interrupt::arm();
    let began = now();
    let outputs = Outputs::of(wanted, plans.len());
    let columns = Columns::expecting(plans.iter().map(|(_, plan)| plan.name()), streams.look());
    let mut finished = Vec::new();
    let mut trouble = None;
    for (file, plan) in &plans {
        match one(file, plan, wanted, outputs.as_ref(), streams) {
            Ok(scenario) => {
                let _ = write!(streams.out, "{}", columns.line(&scenario.case()));
                let _ = streams.out.flush();
                finished.push(scenario);
            }
            Err(exit) => {
                trouble = Some(exit);
                break;
            }
        }
    }
    let timing = Timing { wall: nanos(began.elapsed()) };
    let suite = Suite { cases: finished.iter().map(Finished::case).collect(), timing };
    conclude(&suite, plans.len(), trouble, outputs.as_ref(), streams)
}

/// Nothing is run while a scenario is invalid; the reports that were asked for say so too.
fn refuse(found: &Found, wanted: &Run, streams: &mut Streams<'_>) -> Exit {
    let files = found.plans.len() + found.invalid.len();
    check::report_invalid(&found.invalid, files, "nothing was run", streams);
    let names: Vec<String> = found.invalid.iter().map(|invalid| invalid.file.display().to_string()).collect();
    let cases = names
        .iter()
        .zip(&found.invalid)
        .map(|(file, Invalid { line, rendered, .. })| {
            Case::Refused(Refused { file, line: *line, problem: rendered })
        })
        .collect();
    let suite = Suite { cases, timing: Timing::default() };
    match Outputs::of(wanted, files).map_or(Ok(()), |outputs| outputs.write_reports(&suite, streams)) {
        Ok(()) => Exit::Invalid,
        Err(exit) => exit,
    }
}

/// Prints what is to be said about the whole and decides the exit code.
fn conclude(
    suite: &Suite<'_>,
    planned: usize,
    trouble: Option<Exit>,
    outputs: Option<&Outputs>,
    streams: &mut Streams<'_>,
) -> Exit {
    let details = terminal::details(suite, streams.look());
    if !details.is_empty() {
        let _ = write!(streams.out, "\n{details}");
    }
    if !suite.cases.is_empty() {
        let _ = write!(streams.out, "\n{}", terminal::total(suite, streams.look()));
    }
    if let Some(outputs) = outputs
        && let Err(exit) = outputs.write_reports(suite, streams)
    {
        return exit;
    }
    if trouble == Some(Exit::Interrupted) {
        let done = suite.cases.len();
        let _ = writeln!(
            streams.err,
            "interrupted: {done} of {} were finished",
            check::counted(planned, "scenario")
        );
    }
    let records = || {
        suite.cases.iter().filter_map(|case| match case {
            Case::Ran(ran) => Some(ran.record),
            Case::Refused(_) => None,
        })
    };
    match trouble {
        _ if records().any(|record| !record.checked.lawful()) => Exit::LawBroken,
        Some(exit) => exit,
        None if records().any(|record| !record.checked.all_held()) => Exit::Failed,
        None => Exit::Held,
    }
}

fn is_wanted(file: &Path, plan: &Plan, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| plan.name().contains(filter) || file.to_string_lossy().contains(filter))
}

impl Finished {
    fn case(&self) -> Case<'_> {
        Case::Ran(Ran {
            record: &self.record,
            timing: self.timing,
            source: Some(&self.text),
            record_dir: self.folder.as_deref(),
        })
    }
}

/// Runs one scenario, as often as asked for, and writes its record.
fn one(
    file: &Path,
    plan: &Plan,
    wanted: &Run,
    outputs: Option<&Outputs>,
    streams: &mut Streams<'_>,
) -> Result<Finished, Exit> {
    let began = now();
    let mut first: Option<Record> = None;
    for _ in 0..wanted.repeat {
        let progress = Arc::new(Progress::default());
        interrupt::watch(&progress);
        let options = Options {
            seed: wanted.seed,
            shards: wanted.shards,
            threads: wanted.threads.unwrap_or_else(all_cores),
            progress: Arc::clone(&progress),
        };
        let outcome = bar::beside(plan.name(), &progress, streams.is_live(), || guarded(plan, &options));
        let outcome = outcome.and_then(|record| match &first {
            Some(first) if first.digest != record.digest => {
                Err(Trouble::Differs(first.digest, record.digest))
            }
            Some(_) | None => Ok(record),
        });
        match outcome {
            Ok(record) => first = first.or(Some(record)),
            Err(trouble) => return Err(report_trouble(file, plan, wanted.seed, &trouble, streams)),
        }
    }
    let timing = Timing { wall: nanos(began.elapsed()) / u64::from(wanted.repeat) };
    let record = first.expect("a scenario is run at least once");
    let folder = match outputs {
        Some(outputs) => Some(outputs.write_record(file, &record, streams)?.display().to_string()),
        None => None,
    };
    Ok(Finished { text: plan.source().text().to_owned(), record, timing, folder })
}

/// Runs a plan; a panic becomes an answer, so that it can be shown with the command that repeats it.
pub(crate) fn guarded(plan: &Plan, options: &Options) -> Result<Record, Trouble> {
    match catch_unwind(AssertUnwindSafe(|| harness::run(plan, options))) {
        Ok(Ok(record)) => Ok(record),
        Ok(Err(error)) => Err(Trouble::Halted(error)),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Trouble::Panicked(words.to_owned()))
        }
    }
}

/// Says why a scenario has no record, and how to repeat it; answers with the exit code.
pub(crate) fn report_trouble(
    file: &Path,
    plan: &Plan,
    seed: Option<u64>,
    trouble: &Trouble,
    streams: &mut Streams<'_>,
) -> Exit {
    let (exit, what) = match trouble {
        Trouble::Halted(RunError::CalledOff) => return Exit::Interrupted,
        Trouble::Halted(error @ RunError::Stuck { .. }) => (Exit::LawBroken, format!("law broken: {error}")),
        Trouble::Panicked(words) => (Exit::Internal, format!("internal error: {words}")),
        Trouble::Differs(first, second) => (
            Exit::NotReproducible,
            format!("the same seed gave two results: digests {first:016x} and {second:016x}"),
        ),
    };
    let seed = seed.unwrap_or_else(|| plan.seed());
    let _ = writeln!(
        streams.err,
        "error: {}: {what}\n  this is a bug in Bouncelab\n  again: bouncelab run {} --seed {seed}",
        plan.name(),
        file.display()
    );
    exit
}

/// The number of threads that the machine can run at once.
pub(crate) fn all_cores() -> u32 {
    std::thread::available_parallelism()
        .map(NonZero::get)
        .ok()
        .and_then(|cores| cores.try_into().ok())
        .unwrap_or(1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run took is told to people and never part of a record"
)]
fn now() -> Instant {
    Instant::now()
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
