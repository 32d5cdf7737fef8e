//! Watches, in real time, over a world whose virtual time stands still.
//!
//! On real sockets a mistake can leave time waiting for something that never comes. A thread of its own looks now and then
//! whether anything moves, and brings such a run to an end, with the table of what was on its way and for whom. It can reach
//! no result: a run that it ends has none.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{Halt, Shared};
use crate::wire::gate::Gate;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The thread; it ends when this is dropped.
pub(crate) struct Watchdog {
    ended: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Ends `time` when `gate` is shut and nothing has moved for `patience`.
    ///
    /// # Panics
    /// The operating system refuses a thread.
    pub(crate) fn start(time: Arc<Shared>, gate: Arc<Gate>, patience: Duration) -> Self {
        let (ended, end) = mpsc::channel();
        let watch = move || watch(&time, &gate, patience, &end);
        let thread = std::thread::Builder::new().name("watchdog".to_owned()).spawn(watch);
        Self { ended: Some(ended), thread: Some(thread.expect("a thread needs memory")) }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.ended.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(time: &Shared, gate: &Gate, patience: Duration, end: &Receiver<()>) {
    let (mut moves, mut quiet) = (gate.moves(), Duration::ZERO);
    while end.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        if !gate.is_shut() || gate.moves() != moves {
            (moves, quiet) = (gate.moves(), Duration::ZERO);
            continue;
        }
        quiet += LOOK_EVERY;
        if time.is_called_off() {
            return time.halt(|at| Halt::CalledOff { at });
        }
        if quiet >= patience {
            return time.halt(|at| Halt::Stalled { at, under_way: gate.table() });
        }
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::clock::VirtualTime;
    use crate::progress::Progress;

    #[test]
    fn a_world_that_waits_for_what_never_comes_is_ended_and_explained() {
        let gate = Arc::new(Gate::default());
        let patience = Duration::from_millis(100);
        let time = VirtualTime::over_sockets(Arc::default(), Arc::clone(&gate), patience);
        let clock = time.clock();
        let halt = time.run(async {
            clock.sleep_until(Instant::from_hours(2)).await;
            let _shut = gate.shut("connecting to mx.test: nobody has accepted it".to_owned());
            clock.sleep_until(Instant::from_hours(3)).await;
        });
        let under_way = vec!["connecting to mx.test: nobody has accepted it".to_owned()];
        assert_eq!(halt, Err(Halt::Stalled { at: Instant::from_hours(2), under_way }));
    }

    #[test]
    fn a_world_that_stands_still_can_be_called_off() {
        let (gate, progress) = (Arc::new(Gate::default()), Arc::new(Progress::default()));
        let patience = Duration::from_secs(600);
        let time = VirtualTime::over_sockets(Arc::clone(&progress), Arc::clone(&gate), patience);
        let _shut = gate.shut("nothing".to_owned());
        progress.call_off();
        let halt = time.run(std::future::pending::<()>());
        assert_eq!(halt, Err(Halt::CalledOff { at: Instant::ZERO }));
    }
}
