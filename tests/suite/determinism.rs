//! Scenario and seed decide the record, byte for byte: neither repetition nor threads nor shards reach it.

use std::fs;
use std::path::Path;

use harness::{Options, Plan};
use libtest_mimic::Trial;
use record::{Record, files as parts};
use scenario::Source;

use crate::{files, trial};

/// A way to run that must not matter.
#[derive(Debug, Clone, Copy)]
struct Way {
    threads: u32,
    shards: Option<u32>,
}

const PLAIN: Way = Way { threads: 1, shards: None };

const OTHERS: [Way; 5] = [
    PLAIN,
    Way { threads: 2, shards: None },
    Way { threads: 1, shards: Some(1) },
    Way { threads: 2, shards: Some(7) },
    Way { threads: 2, shards: Some(64) },
];

/// The scenario that shows that another seed does reach the record.
const SEEDED: &str = "scenarios/outage/heals-before-the-window-closes.yaml";

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::scenarios().into_iter();
    let same = files.map(|file| trial("determinism", &files::case(&file), move || check(&file)));
    same.chain([trial("determinism", "another seed, another record", another_seed)]).collect()
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

fn plan(file: &Path) -> Result<Plan, String> {
    let source = Source::read(file).map_err(|problem| problem.message)?;
    Plan::read(&source).map_err(|problems| format!("{problems:?}"))
}

fn run(plan: &Plan, way: Way, seed: u64) -> Result<Record, String> {
    let options =
        Options { seed: Some(seed), shards: way.shards, threads: way.threads, ..Options::default() };
    harness::run(plan, &options).map_err(|error| error.to_string())
}

const PARTS: [&str; 3] = [parts::RUN, parts::ATTEMPTS, parts::RECEIPTS];

/// What the files of a record hold.
fn bytes(folder: &Path, record: &Record) -> Result<Vec<Vec<u8>>, String> {
    parts::write(folder, record).map_err(|error| error.to_string())?;
    PARTS.iter().map(|name| fs::read(folder.join(name)).map_err(|error| error.to_string())).collect()
}
