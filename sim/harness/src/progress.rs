//! How far a run has come, for whoever watches it from another thread; and the way to call it off.
//!
//! Nothing here reaches a result: a run that is called off has none.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Shared between a run and its watcher.
#[derive(Debug, Default)]
pub struct Progress {
    expected: AtomicU64,
    settled: AtomicU64,
    called_off: AtomicBool,
    told: Notify,
}

impl Progress {
    /// So many more recipients will get a final outcome.
    pub fn expect(&self, recipients: u64) {
        self.expected.fetch_add(recipients, Ordering::Relaxed);
    }

    /// So many more recipients have one.
    pub fn settle(&self, recipients: u64) {
        self.settled.fetch_add(recipients, Ordering::Relaxed);
    }

    /// Recipients with a final outcome, and recipients in all, as far as is known.
    pub fn counts(&self) -> (u64, u64) {
        (self.settled.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed))
    }

    /// Ends the run at the next opportunity.
    pub fn call_off(&self) {
        self.called_off.store(true, Ordering::Relaxed);
        self.told.notify_one();
    }

    /// Waits until it is called off. There is one who waits.
    pub(crate) async fn called_off(&self) {
        while !self.is_called_off() {
            self.told.notified().await;
        }
    }

    /// Whether it was called off.
    pub fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Relaxed)
    }
}
