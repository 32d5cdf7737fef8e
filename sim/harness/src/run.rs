//! All shards of a scenario, on any number of threads, merged into one record.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::{Checked, Record};
use units::Instant;

use crate::clock::Halt;
use crate::digest::digest;
use crate::merge::merge;
use crate::message::{self, Message};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::shard::{self, Shard};
use crate::wire::Wire;
use crate::world::{self, Halted, Order, Outcome};
use crate::{expect, law};

/// Enough for threads that are done early to take over from others; more would only cost memory.
const SHARDS_PER_THREAD: u32 = 4;

/// How to run a scenario. None of it reaches the result but the seed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed; `None` for the scenario's own.
    pub seed: Option<u64>,
    /// Into how many shards the providers are cut, at most one each; `None` for a few for each thread.
    pub shards: Option<u32>,
    /// Threads to run them on, at least 1.
    pub threads: u32,
    /// How the engine reaches the fleet.
    pub wire: Wire,
    /// Where to tell how far it has come.
    pub progress: Arc<Progress>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: None, shards: None, threads: 1, wire: Wire::default(), progress: Arc::default() }
    }
}

/// Why a run has no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// Nothing could happen any more, and not everybody was final: a bug of ours.
    Stuck {
        /// The virtual instant.
        at: Instant,
        /// The seed in force.
        seed: u64,
        /// The address of somebody who was not final, if anybody is to blame.
        contact: Option<String>,
    },
    /// It was called off.
    CalledOff,
    /// What was on its way over real sockets did not arrive in real time.
    Stalled {
        /// The virtual instant.
        at: Instant,
        /// What was on its way and for whom, a line each.
        under_way: Vec<String>,
    },
    /// The operating system did not give the sockets that were needed.
    NoSockets {
        /// What it said.
        why: String,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck { at, seed, contact } => {
                write!(f, "deadlock: nothing can happen any more at {at}, and not everybody is final")?;
                if let Some(contact) = contact {
                    write!(f, ", {contact} for one")?;
                }
                write!(f, " (seed {seed})")
            }
            Self::CalledOff => f.write_str("interrupted"),
            Self::Stalled { at, under_way } => {
                write!(f, "nothing arrives any more at {at}: {}", under_way.join("; "))
            }
            Self::NoSockets { why } => write!(f, "no sockets: {why}"),
        }
    }
}

impl std::error::Error for RunError {}

/// Runs a scenario and judges it.
///
/// # Errors
/// The run came to a deadlock or was called off.
///
/// # Panics
/// Something happened that only a bug of ours can cause.
pub fn run(plan: &Plan, options: &Options) -> Result<Record, RunError> {
    let seed = options.seed.unwrap_or(plan.scenario.seed);
    options.progress.expect(plan.mailings.iter().map(|mailing| mailing.list.len() as u64).sum());
    let (messages, progress) = (messages(plan, seed), Arc::clone(&options.progress));
    let order = Order { seed, messages, course: options.wire.course(), progress };
    let parts = options.shards.unwrap_or(options.threads.saturating_mul(SHARDS_PER_THREAD));
    let outcomes = all_shards(plan, &order, shard::cut(plan, parts), options.threads).map_err(|halted| {
        let Halted { halt, unfinished: contact } = halted;
        match halt {
            Halt::Stuck { at } => RunError::Stuck { at, seed, contact },
            Halt::CalledOff { .. } => RunError::CalledOff,
            Halt::Stalled { at, under_way } => RunError::Stalled { at, under_way },
            Halt::NoSockets { why } => RunError::NoSockets { why },
        }
    })?;
    let mut record = merge(plan, &order, outcomes);
    record.digest = digest(&record);
    record.checked =
        Checked { expectations: expect::check_all(&plan.expectations, &record), laws: law::check(&record) };
    Ok(record)
}

/// Threads take shards from a queue; the outcomes come back in the order of the shards.
fn all_shards(plan: &Plan, order: &Order, shards: Vec<Shard>, threads: u32) -> Result<Vec<Outcome>, Halted> {
    let threads = (threads as usize).min(shards.len());
    let queue = Mutex::new(shards.into_iter().enumerate());
    let outcomes = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((number, shard)) = next(&queue) {
            let outcome = world::run(plan, order, shard);
            lock(&outcomes).insert(number, outcome);
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// The next of a queue, which is not locked any longer than that.
fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    lock(queue).next()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn messages(plan: &Plan, seed: u64) -> Vec<Message> {
    let message = |(number, mailing)| message::compose(number, mailing, seed);
    (1..).zip(&plan.scenario.mailings).map(message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadlock_names_moment_seed_and_somebody() {
        let check = |contact: Option<&str>, expected| {
            let contact = contact.map(str::to_owned);
            let error = RunError::Stuck { at: Instant::from_hours(6), seed: 7, contact };
            assert_eq!(error.to_string(), expected);
        };
        check(
            Some("ann@bigbox.test"),
            "deadlock: nothing can happen any more at 6h, and not everybody is final, ann@bigbox.test for one (seed 7)",
        );
        check(None, "deadlock: nothing can happen any more at 6h, and not everybody is final (seed 7)");
    }
}
