//! A limit in real time: a run that is not over by then is called off.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use harness::Progress;

/// Whether the time was up before the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Kept,
    Reached,
}

/// Does `work`, and calls the run behind `progress` off when `limit` has passed.
pub(crate) fn within<T>(
    limit: Option<Duration>,
    progress: &Arc<Progress>,
    work: impl FnOnce() -> T,
) -> (T, Limit) {
    let Some(limit) = limit else { return (work(), Limit::Kept) };
    let (done, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = scope.spawn(move || match ended.recv_timeout(limit) {
            Err(RecvTimeoutError::Timeout) => {
                progress.call_off();
                Limit::Reached
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Limit::Kept,
        });
        let value = work();
        drop(done);
        // The thread does nothing that could panic.
        (value, watch.join().unwrap_or(Limit::Kept))
    })
}
