//! Scenario and seed decide the record, byte for byte: neither repetition nor threads nor shards reach it, nor whether the
//! engine meets the fleet in memory or over real sockets in lockstep.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use harness::{Options, Plan, Wire};
use libtest_mimic::Trial;
use record::{Record, files as parts};
use scenario::Source;

use crate::{files, trial};

/// A way to run that must not matter.
#[derive(Debug, Clone, Copy)]
struct Way {
    threads: u32,
    shards: Option<u32>,
    wire: Wire,
}

const PLAIN: Way = Way { threads: 1, shards: None, wire: Wire::Memory };

const LOCKSTEP: Way = Way { threads: 2, shards: None, wire: Wire::Lockstep };

const OTHERS: [Way; 7] = [
    PLAIN,
    Way { threads: 2, ..PLAIN },
    Way { shards: Some(1), ..PLAIN },
    Way { threads: 2, shards: Some(7), ..PLAIN },
    Way { threads: 2, shards: Some(64), ..PLAIN },
    LOCKSTEP,
    Way { threads: 1, shards: Some(1), ..LOCKSTEP },
];

/// The scenario that shows that another seed does reach the record.
const SEEDED: &str = "scenarios/outage/heals-before-the-window-closes.yaml";

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::scenarios().into_iter();
    let same = files.map(|file| trial("determinism", &files::case(&file), move || check(&file)));
    let others = [
        trial("determinism", "another seed, another record", another_seed),
        trial("determinism", "lockstep on a busy machine", on_a_busy_machine),
    ];
    same.chain(others).collect()
}

fn check(file: &Path) -> Result<(), String> {
    let plan = plan(file)?;
    let first = run(&plan, PLAIN, plan.seed())?;
    let folder = files::scratch("determinism").join(files::case(file));
    let first_bytes = bytes(&folder, &first)?;
    for way in OTHERS {
        let other = run(&plan, way, plan.seed())?;
        if other.digest != first.digest {
            return Err(format!("{way:?}: digest {:016x}, was {:016x}", other.digest, first.digest));
        }
        for (name, (is, was)) in PARTS.iter().zip(bytes(&folder, &other)?.iter().zip(&first_bytes)) {
            if is != was {
                return Err(format!("{way:?}: equal digests, but {name} differs"));
            }
        }
    }
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())
}

fn another_seed() -> Result<(), String> {
    let plan = plan(Path::new(SEEDED))?;
    let (one, two) = (run(&plan, PLAIN, 1)?, run(&plan, PLAIN, 2)?);
    if one.digest == two.digest || one.events == two.events {
        return Err("two seeds gave one record".to_owned());
    }
    Ok(())
}

/// Scenarios with many connections, lost replies, refused and reset connections.
const BUSY: [&str; 3] =
    [SEEDED, "scenarios/uncertain/resend.yaml", "scenarios/outage/resets-connections.yaml"];

/// What agrees by luck on an idle machine does not when the order of threads changes.
fn on_a_busy_machine() -> Result<(), String> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let burn = || {
            while !done.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        };
        (0..3).for_each(|_| drop(scope.spawn(burn)));
        let result = BUSY.iter().try_for_each(|file| eight_times(Path::new(file)));
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn eight_times(file: &Path) -> Result<(), String> {
    let plan = plan(file)?;
    let memory = run(&plan, PLAIN, plan.seed())?;
    (0..8).try_for_each(|round| {
        let lockstep = run(&plan, LOCKSTEP, plan.seed())?;
        let same = lockstep == memory;
        same.then_some(()).ok_or_else(|| format!("{}: another record in round {round}", file.display()))
    })
}

fn plan(file: &Path) -> Result<Plan, String> {
    let source = Source::read(file).map_err(|problem| problem.message)?;
    Plan::read(&source).map_err(|problems| format!("{problems:?}"))
}

fn run(plan: &Plan, way: Way, seed: u64) -> Result<Record, String> {
    let Way { threads, shards, wire } = way;
    let options = Options { seed: Some(seed), shards, threads, wire, ..Options::default() };
    harness::run(plan, &options).map_err(|error| error.to_string())
}

const PARTS: [&str; 5] = [parts::RUN, parts::ATTEMPTS, parts::RECEIPTS, parts::DIALOGUES, parts::SCENARIO];

/// What the files of a record hold.
fn bytes(folder: &Path, record: &Record) -> Result<Vec<Vec<u8>>, String> {
    parts::write(folder, record).map_err(|error| error.to_string())?;
    PARTS.iter().map(|name| fs::read(folder.join(name)).map_err(|error| error.to_string())).collect()
}
