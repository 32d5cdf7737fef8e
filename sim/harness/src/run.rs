//! All shards of a scenario, on any number of threads, merged into one record.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet::Offering;
use record::{Checked, Record};
use units::Instant;

use crate::clock::Halt;
use crate::digest::digest;
use crate::merge::merge;
use crate::message::Post;
use crate::onlooker::{Onlooker, Worlds};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::shard::{self, Shard};
use crate::wire::referee::{Census, Summons};
use crate::wire::{Course, Wire};
use crate::world::{self, Halted, Order, Outcome};
use crate::{expect, law};

/// Enough for threads that are done early to take over from others; more would only cost memory.
const SHARDS_PER_THREAD: u32 = 4;

/// Whose server reads the engine's words and says the answers. The fleet decides them in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Server {
    /// The fleet's own.
    #[default]
    Own,
    /// mailin-embedded, which nobody here has written. It cannot do everything that the fleet can, and offers 8BITMIME only;
    /// so does the fleet then, on every wire.
    Mailin,
}

impl Server {
    pub(crate) const fn offering(self) -> Offering {
        match self {
            Self::Own => Offering::Profile,
            Self::Mailin => Offering::EightBitMime,
        }
    }
}

/// How to run a scenario. None of it reaches the result but the seed, and the server by what it offers.
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
    /// Whose server answers. With mailin, a scenario runs in memory first, where everything that it cannot do is found.
    pub server: Server,
    /// The program that mailin runs in, started on the wire lockstep and on no other.
    pub referee: Option<PathBuf>,
    /// Where to tell how far it has come.
    pub progress: Arc<Progress>,
    /// Who may look at it meanwhile; only a run in real time can be looked at.
    pub onlooker: Option<Arc<Onlooker>>,
}

impl Default for Options {
    fn default() -> Self {
        let (wire, server, progress) = Default::default();
        Self { seed: None, shards: None, threads: 1, wire, server, referee: None, progress, onlooker: None }
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
    /// There is no referee, or none any more.
    NoReferee {
        /// What became of it.
        why: String,
    },
    /// The scenario needs what the referee cannot do.
    BeyondReferee {
        /// What and where, a line each.
        lacks: Vec<String>,
    },
    /// The referee took the engine's words for something else than the fleet.
    Disagreement {
        /// The virtual instant.
        at: Instant,
        /// The connection.
        connection: String,
        /// What the fleet took them for, or says.
        expected: String,
        /// What the referee took them for, or says.
        found: String,
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
            Self::NoReferee { why } => write!(f, "no referee: {why}"),
            Self::BeyondReferee { lacks } => write!(f, "beyond the referee: {}", lacks.join("; ")),
            Self::Disagreement { at, connection, expected, found } => {
                write!(f, "at {at}, {connection}: expected {expected}, and the referee has {found}")
            }
        }
    }
}

impl std::error::Error for RunError {}

/// Runs a scenario and judges it.
///
/// # Errors
/// The run came to a deadlock or was called off, or something that its wire or its server needs is missing.
///
/// # Panics
/// Something happened that only a bug of ours can cause.
pub fn run(plan: &Plan, options: &Options) -> Result<Record, RunError> {
    let recipients: u64 = plan.mailings.iter().map(|mailing| mailing.list.len() as u64).sum();
    match (options.server, options.wire) {
        (Server::Own, wire) => {
            options.progress.expect(recipients);
            once(plan, options, wire.course())
        }
        (Server::Mailin, Wire::Memory) => {
            options.progress.expect(recipients);
            rehearse(plan, options).map(|(record, _)| record)
        }
        (Server::Mailin, Wire::Lockstep) => {
            let program =
                options.referee.clone().ok_or_else(|| no_referee("nobody says where its program is"))?;
            options.progress.expect(2 * recipients);
            let (_, connections) = rehearse(plan, options)?;
            once(plan, options, Course::Refereed(Arc::new(Summons { program, connections })))
        }
        (Server::Mailin, Wire::Live) => Err(no_referee("it keeps step with virtual time only")),
    }
}

fn no_referee(why: &str) -> RunError {
    RunError::NoReferee { why: why.to_owned() }
}

/// Runs a scenario in memory, to see whether the referee could be its server; the most connections that a world has open
/// at once.
fn rehearse(plan: &Plan, options: &Options) -> Result<(Record, u32), RunError> {
    let census = Arc::<Census>::default();
    let record = once(plan, options, Course::Rehearsal(Arc::clone(&census)))?;
    let lacks = census.lacks();
    if lacks.is_empty() { Ok((record, census.connections())) } else { Err(RunError::BeyondReferee { lacks }) }
}

fn once(plan: &Plan, options: &Options, course: Course) -> Result<Record, RunError> {
    let seed = options.seed.unwrap_or(plan.scenario.seed);
    let (messages, progress) = (messages(plan, seed), Arc::clone(&options.progress));
    let onlooker = options.onlooker.as_ref().filter(|_| matches!(course, Course::Live(_)));
    let worlds = onlooker.map(|_| Worlds::default());
    let shards = shard::cut(plan, parts(options));
    let order = Order { seed, server: options.server, messages, course, progress, worlds };
    let work = || all_shards(plan, &order, shards, options.threads);
    let outcomes = match (onlooker, &order.worlds) {
        (Some(onlooker), Some(worlds)) => {
            onlooker.beside(|| Some(merge(plan, &order, worlds.standing()?)), work)
        }
        (Some(_) | None, _) => work(),
    };
    let mut record = merge(plan, &order, outcomes.map_err(|halted| RunError::of(halted, seed))?);
    record.digest = digest(&record);
    record.checked =
        Checked { expectations: expect::check_all(&plan.expectations, &record), laws: law::check(&record) };
    Ok(record)
}

/// Into how many shards to cut. In real time a shard that waits for a thread would begin too late.
fn parts(options: &Options) -> u32 {
    let per_thread = match options.wire {
        Wire::Memory | Wire::Lockstep => SHARDS_PER_THREAD,
        Wire::Live => 1,
    };
    options.shards.unwrap_or(options.threads.saturating_mul(per_thread))
}

impl RunError {
    fn of(halted: Halted, seed: u64) -> Self {
        let Halted { halt, unfinished: contact } = halted;
        match halt {
            Halt::Stuck { at } => Self::Stuck { at, seed, contact },
            Halt::CalledOff { .. } => Self::CalledOff,
            Halt::Stalled { at, under_way } => Self::Stalled { at, under_way },
            Halt::NoSockets { why } => Self::NoSockets { why },
            Halt::NoReferee { why } => Self::NoReferee { why },
            Halt::Disagreement { at, connection, expected, found } => {
                Self::Disagreement { at, connection, expected, found }
            }
        }
    }
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

fn messages(plan: &Plan, seed: u64) -> Vec<Post> {
    let message = |(number, mailing)| Post::of(number, mailing, &plan.scenario.sender, seed);
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
