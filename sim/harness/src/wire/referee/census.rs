//! A rehearsal: the run in memory, in which it is written down what mailin could not have done, and where.
//!
//! What mailin cannot do is a matter of answers, not of behaviours: a profile may have a refusal of several lines that a run never
//! comes to. Memory and lockstep come to the same answers, so a rehearsal finds exactly those that matter, all at once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet::Exchange;
use fleet::behaviour::Network;
use smtp::Domain;
use smtp::server::Turn;
use units::Instant;

use super::limits::{self, Lack};
use crate::wire::witness::{Witness, Witnesses};

/// What a run asks of a server, of all its worlds.
#[derive(Debug, Default)]
pub(crate) struct Census(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// By host, stage and lack: when first, and how often.
    found: BTreeMap<(String, &'static str, Lack), (Instant, u64)>,
    /// The most connections that a world had open at once.
    connections: u32,
}

impl Census {
    /// What mailin cannot do, a line each; nothing if it can do it all.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let line = |((host, stage, lack), (first, times)): (&(String, &str, Lack), &(Instant, u64))| {
            let often = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
            format!("{host}, {stage}: mailin cannot {lack} ({often}, first at {first})")
        };
        self.state().found.iter().map(line).collect()
    }

    /// The most connections that a world had open at once.
    pub(crate) fn connections(&self) -> u32 {
        self.state().connections
    }

    fn found(&self, host: &str, stage: &'static str, lack: Lack, now: Instant) {
        let mut state = self.state();
        let (first, times) = state.found.entry((host.to_owned(), stage, lack)).or_insert((now, 0));
        *first = now.min(*first);
        *times += 1;
    }

    fn open(&self, connections: u32) {
        let mut state = self.state();
        state.connections = state.connections.max(connections);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who writes it down in one world.
pub(crate) struct Clerk {
    census: Arc<Census>,
    open: Rc<Cell<u32>>,
}

impl Clerk {
    pub(crate) fn new(census: Arc<Census>) -> Self {
        Self { census, open: Rc::default() }
    }
}

impl Witnesses for Clerk {
    fn call(&self, host: &Domain, _: u32, network: Network) -> Box<dyn Witness> {
        if network.pieces.is_some() {
            self.census.found(host.as_str(), "all along", Lack::Pieces, Instant::ZERO);
        }
        self.open.set(self.open.get() + 1);
        self.census.open(self.open.get());
        let (census, open) = (Arc::clone(&self.census), Rc::clone(&self.open));
        Box::new(Line { census, open, host: host.as_str().to_owned() })
    }
}

/// One connection.
struct Line {
    census: Arc<Census>,
    open: Rc<Cell<u32>>,
    host: String,
}

impl Witness for Line {
    fn greeted(&mut self, now: Instant, turn: &mut Turn) {
        if let Some(lack) = limits::in_greeting(turn) {
            self.census.found(&self.host, "at the greeting", lack, now);
        }
    }

    fn heard(&mut self, now: Instant, _: &[u8], exchanges: &[Exchange], turn: &mut Turn) {
        if let Some(lack) = limits::in_turn(exchanges, turn) {
            self.census.found(&self.host, limits::stage(exchanges), lack, now);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
    }
}
