//! Real time, for worlds that are live.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use engine::clock::Clock;
use host::clock::{Epoch, SystemClock};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use crate::clock::Halt;
use crate::progress::Progress;

/// How often it is looked whether the run was called off.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A runtime in real time.
pub(crate) struct RealTime {
    runtime: LocalRuntime,
    clock: Clock,
    progress: Arc<Progress>,
}

impl RealTime {
    /// A runtime whose instants are counted from `epoch`; `progress` can call it off.
    ///
    /// # Panics
    /// The operating system refuses a runtime: out of memory or descriptors.
    pub(crate) fn new(epoch: Epoch, progress: Arc<Progress>) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
        let runtime = runtime.expect("a runtime needs memory and a descriptor");
        Self { runtime, clock: SystemClock::new(epoch).handle(), progress }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Runs `work` to its end.
    ///
    /// # Errors
    /// The run was called off first.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        self.runtime.block_on(async {
            let (mut work, mut called_off) = (pin!(work), pin!(self.called_off()));
            poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(value) => Poll::Ready(Ok(value)),
                Poll::Pending => called_off.as_mut().poll(context).map(Err),
            })
            .await
        })
    }

    async fn called_off(&self) -> Halt {
        while !self.progress.is_called_off() {
            self.clock.sleep_until(self.clock.now() + LOOK_EVERY).await;
        }
        Halt::CalledOff { at: self.clock.now() }
    }
}

impl fmt::Debug for RealTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTime").field("clock", &self.clock).finish_non_exhaustive()
    }
}
