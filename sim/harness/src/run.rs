//! All shards of a scenario, on any number of threads, merged into one record.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use record::{Checked, Record};
use smtp::Body;
use units::Instant;

use crate::clock::Halt;
use crate::digest::digest;
use crate::merge::merge;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::world::{self, Order, Outcome};
use crate::{expect, law, message};

/// How to run a scenario. None of it reaches the result but the seed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed; `None` for the scenario's own.
    pub seed: Option<u64>,
    /// Into how many shards the providers are cut; `None` for one each.
    pub shards: Option<u32>,
    /// Threads to run them on, at least 1.
    pub threads: u32,
    /// Where to tell how far it has come.
    pub progress: Arc<Progress>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: None, shards: None, threads: 1, progress: Arc::default() }
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
    },
    /// It was called off.
    CalledOff,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck { at, seed } => {
                write!(
                    f,
                    "deadlock: nothing can happen any more at {at}, and not everybody is final (seed {seed})"
                )
            }
            Self::CalledOff => f.write_str("interrupted"),
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
    let bodies = bodies(plan, seed);
    let shards =
        options.shards.unwrap_or(u32::MAX).clamp(1, u32::try_from(plan.providers()).unwrap_or(1).max(1));
    options.progress.expect(plan.mailings.iter().map(|mailing| mailing.list.len() as u64).sum());
    let order = Order { seed, shard: 0, shards, bodies, progress: Arc::clone(&options.progress) };
    let outcomes = all_shards(plan, &order, options.threads).map_err(|halt| match halt {
        Halt::Stuck { at } => RunError::Stuck { at, seed },
        Halt::CalledOff { .. } => RunError::CalledOff,
    })?;
    let mut record = merge(plan, seed, &order.bodies, outcomes);
    record.digest = digest(&record);
    record.checked =
        Checked { expectations: expect::check_all(&plan.expectations, &record), laws: law::check(&record) };
    Ok(record)
}

/// Threads take shards from a counter; the outcomes come back in the order of the shards.
fn all_shards(plan: &Plan, order: &Order, threads: u32) -> Result<Vec<Outcome>, Halt> {
    let next = AtomicU32::new(0);
    let outcomes = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let shard = next.fetch_add(1, Ordering::Relaxed);
            if shard >= order.shards {
                return;
            }
            let outcome = world::run(plan, &Order { shard, ..order.clone() });
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(shard, outcome);
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(order.shards)).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn bodies(plan: &Plan, seed: u64) -> Vec<Arc<Body>> {
    let body = |mailing: &scenario::Mailing| {
        Arc::new(message::compose(&mailing.name.value, &mailing.subject, seed, mailing.size.value.0))
    };
    plan.scenario.mailings.iter().map(body).collect()
}
