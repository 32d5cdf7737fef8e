//! Virtual time: a clock that jumps.
//!
//! When no task can run, time jumps to the earliest moment that somebody waits for. Those who wait for it are woken one
//! after the other, in the order in which they began to wait, each when nothing that followed from the one before is left
//! to do: so it makes no difference whether what follows takes a while (on real sockets) or not. Those whose turn is last
//! ([`Turn::Last`]) come when nothing else can happen at that moment. Thirty hours of waiting take as long as the work
//! between them.
//!
//! The clock is driven by tokio's `on_thread_park` hook on a single-threaded runtime without time and I/O drivers: the
//! hook is called exactly when no task is ready, and a wake inside it keeps the thread from parking (tokio 1.53.3 and
//! later; the tests below hold that in place). With nobody waiting and the main future unfinished, the world is stuck;
//! that is reported at its virtual instant instead of hanging.
//!
//! The mutex is never contended (one thread); it is there because the hook must be `Send + Sync`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use engine::clock::{Clock, Timekeeper, TimerId, Turn};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use units::Instant;

use crate::progress::Progress;
use crate::watchdog::Watchdog;
use crate::wire::gate::Gate;

/// How many jumps pass between two looks at whether the run was called off.
const JUMPS_PER_LOOK: u64 = 1024;

/// Why virtual time came to an end before the work did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Nobody waits for anything, and the work is not done: a deadlock.
    Stuck {
        /// The virtual instant.
        at: Instant,
    },
    /// The run was called off from outside.
    CalledOff {
        /// The virtual instant.
        at: Instant,
    },
    /// What was on its way over real sockets did not arrive in real time.
    Stalled {
        /// The virtual instant.
        at: Instant,
        /// What was on its way and for whom, a line each.
        under_way: Vec<String>,
    },
    /// The operating system did not give the sockets that the run needs.
    NoSockets {
        /// What it said.
        why: String,
    },
    /// There is no referee, or none any more.
    NoReferee {
        /// What became of it.
        why: String,
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

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck { at } => {
                write!(f, "nothing can happen any more at {at}, and not everybody is final")
            }
            Self::CalledOff { at } => write!(f, "interrupted at virtual time {at}"),
            Self::Stalled { at, under_way } => {
                write!(f, "nothing arrives any more at {at}: {}", under_way.join("; "))
            }
            Self::NoSockets { why } => write!(f, "no sockets: {why}"),
            Self::NoReferee { why } => write!(f, "no referee: {why}"),
            Self::Disagreement { at, connection, expected, found } => {
                write!(f, "at {at}, {connection}: expected {expected}, and the referee has {found}")
            }
        }
    }
}

impl std::error::Error for Halt {}

/// A runtime whose time is virtual.
pub struct VirtualTime {
    runtime: LocalRuntime,
    shared: Arc<Shared>,
    /// Only over real sockets, where real time can pass in vain.
    _watchdog: Option<Watchdog>,
}

pub(crate) struct Shared {
    state: Mutex<State>,
    progress: Arc<Progress>,
    /// Time stands still while it is shut.
    gate: Option<Arc<Gate>>,
}

#[derive(Default)]
struct State {
    now: Instant,
    sequence: u64,
    jumps: u64,
    /// Deadlines: when, whose turn, in which order they were set, and whose.
    heap: BinaryHeap<Reverse<(Instant, Turn, u64, u32)>>,
    timers: Vec<Timer>,
    free: Vec<u32>,
    main: Option<Waker>,
    halt: Option<Halt>,
}

/// A timer. Setting it to a later moment leaves its entry in the heap where it is; when that comes up early, it is put
/// back. So a five-minute limit on each of a million replies costs one entry, not a million.
struct Timer {
    turn: Turn,
    deadline: Option<Instant>,
    /// When, among all settings of timers, it was set last: the order of those who wait for one moment.
    order: u64,
    /// The entry in the heap that counts: its moment and its order.
    entry: Option<(Instant, u64)>,
    waker: Option<Waker>,
}

impl VirtualTime {
    /// A runtime that stands at the epoch; `progress` can call it off.
    ///
    /// # Panics
    /// The operating system refuses a thread-local runtime: out of memory.
    pub fn new(progress: Arc<Progress>) -> Self {
        let (runtime, shared) = parts(progress, None, &mut Builder::new_current_thread());
        Self { runtime, shared, _watchdog: None }
    }

    /// The same for a world with real sockets: time stands still while `gate` is shut. If nothing moves for `patience` of
    /// real time then, time comes to an end.
    ///
    /// # Panics
    /// The operating system refuses a runtime or a thread: out of memory, descriptors or threads.
    pub(crate) fn over_sockets(progress: Arc<Progress>, gate: Arc<Gate>, patience: Duration) -> Self {
        let mut builder = Builder::new_current_thread();
        let (runtime, shared) = parts(progress, Some(Arc::clone(&gate)), builder.enable_io());
        let watchdog = Watchdog::start(Arc::clone(&shared), gate, patience);
        Self { runtime, shared, _watchdog: Some(watchdog) }
    }

    /// A handle on the time, for engines.
    pub fn clock(&self) -> Clock {
        Clock::new(Rc::new(Hand(Arc::clone(&self.shared))))
    }

    /// Runs `work` to its end.
    ///
    /// # Errors
    /// Virtual time came to an end first.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        self.runtime.block_on(async {
            let mut work = pin!(work);
            poll_fn(|context| {
                if let Poll::Ready(value) = work.as_mut().poll(context) {
                    return Poll::Ready(Ok(value));
                }
                let mut state = self.shared.state();
                state.main = Some(context.waker().clone());
                state.halt.clone().map_or(Poll::Pending, |halt| Poll::Ready(Err(halt)))
            })
            .await
        })
    }
}

impl fmt::Debug for VirtualTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state();
        f.debug_struct("VirtualTime").field("now", &state.now).field("waiting", &state.heap.len()).finish()
    }
}

/// A runtime whose time jumps when nothing is left to do, and what drives it.
fn parts(
    progress: Arc<Progress>,
    gate: Option<Arc<Gate>>,
    builder: &mut Builder,
) -> (LocalRuntime, Arc<Shared>) {
    let shared = Arc::new(Shared { state: Mutex::default(), progress, gate });
    let hook = Arc::clone(&shared);
    let runtime = builder
        .on_thread_park(move || hook.jump())
        .build_local(LocalOptions::default())
        .expect("a runtime needs memory, and a descriptor for sockets");
    (runtime, shared)
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No task is ready: time jumps, unless something is on its way.
    fn jump(&self) {
        if self.gate.as_ref().is_some_and(|gate| gate.is_shut()) {
            return;
        }
        let mut state = self.state();
        state.jumps += 1;
        if state.jumps.is_multiple_of(JUMPS_PER_LOOK) && self.progress.is_called_off() {
            state.halt = Some(Halt::CalledOff { at: state.now });
        } else if state.wake_next() {
            return;
        } else if state.halt.is_none() {
            state.halt = Some(Halt::Stuck { at: state.now });
        }
        state.wake_main();
    }

    /// Whether the run was called off from outside.
    pub(crate) fn is_called_off(&self) -> bool {
        self.progress.is_called_off()
    }

    /// Brings time to an end from another thread.
    pub(crate) fn halt(&self, why: impl FnOnce(Instant) -> Halt) {
        let mut state = self.state();
        state.halt = Some(why(state.now));
        state.wake_main();
    }
}

impl State {
    fn wake_main(&mut self) {
        if let Some(main) = self.main.take() {
            main.wake();
        }
    }

    /// Moves to the next moment that somebody waits for and wakes the one whose turn it is. The others of that moment come
    /// when nothing that followed from it is left to do. False if nobody waits.
    fn wake_next(&mut self) -> bool {
        let Some(next) = self.next_deadline() else { return false };
        let Some(Reverse((_, _, _, number))) = self.heap.pop() else { return false };
        self.now = next;
        let timer = &mut self.timers[number as usize];
        timer.entry = None;
        timer.deadline = None;
        if let Some(waker) = timer.waker.take() {
            waker.wake();
        }
        true
    }

    /// The earliest deadline, whose entry is then on top. Entries that do not count any more are dropped or moved to where
    /// they belong.
    fn next_deadline(&mut self) -> Option<Instant> {
        loop {
            let Reverse((moment, _, sequence, number)) = self.heap.peek().copied()?;
            let timer = &mut self.timers[number as usize];
            if timer.entry == Some((moment, sequence)) {
                match timer.deadline {
                    Some(deadline) if deadline <= moment => return Some(moment),
                    Some(deadline) => {
                        self.heap.pop();
                        self.push(number, deadline);
                        continue;
                    }
                    None => timer.entry = None,
                }
            }
            self.heap.pop();
        }
    }

    fn push(&mut self, number: u32, deadline: Instant) {
        let timer = &mut self.timers[number as usize];
        timer.entry = Some((deadline, timer.order));
        self.heap.push(Reverse((deadline, timer.turn, timer.order, number)));
    }
}

impl Timer {
    const fn new(turn: Turn) -> Self {
        Self { turn, deadline: None, order: 0, entry: None, waker: None }
    }
}

struct Hand(Arc<Shared>);

impl Timekeeper for Hand {
    fn now(&self) -> Instant {
        self.0.state().now
    }

    fn register(&self, turn: Turn) -> TimerId {
        let mut state = self.0.state();
        if let Some(number) = state.free.pop() {
            state.timers[number as usize] = Timer::new(turn);
            return TimerId(number);
        }
        state.timers.push(Timer::new(turn));
        TimerId(u32::try_from(state.timers.len() - 1).expect("fewer than four billion timers"))
    }

    fn set(&self, timer: TimerId, at: Instant, waker: &Waker) {
        if at == Instant::MAX {
            return self.clear(timer); // Waiting for ever is waiting for somebody else.
        }
        let mut state = self.0.state();
        state.sequence += 1;
        let order = state.sequence;
        let entry = &mut state.timers[timer.0 as usize];
        if entry.deadline != Some(at) {
            (entry.deadline, entry.order) = (Some(at), order);
        }
        if !entry.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            entry.waker = Some(waker.clone());
        }
        let (order, queued) = (entry.order, entry.entry);
        // An entry for an earlier moment comes up in time; one for this moment must stand in its place among the others.
        if queued.is_none_or(|(moment, known)| moment > at || (moment == at && known != order)) {
            state.push(timer.0, at);
        }
    }

    fn clear(&self, timer: TimerId) {
        let mut state = self.0.state();
        let entry = &mut state.timers[timer.0 as usize];
        entry.deadline = None;
        entry.waker = None;
    }

    fn is_set(&self, timer: TimerId) -> bool {
        self.0.state().timers[timer.0 as usize].deadline.is_some()
    }

    fn release(&self, timer: TimerId) {
        let mut state = self.0.state();
        state.timers[timer.0 as usize] = Timer::new(Turn::InOrder);
        state.free.push(timer.0);
    }
}

#[cfg(test)]
mod tests;
