//! The time, as a port.
//!
//! Poll-based, so that a session can keep one timer for all its time-outs instead of a new one for each: a timer that is
//! set anew costs its clock next to nothing.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use units::Instant;

/// Whoever knows the time and can wake somebody up.
pub trait Timekeeper {
    /// The present moment. Never goes back.
    fn now(&self) -> Instant;
    /// A new timer, not set.
    fn register(&self, turn: Turn) -> TimerId;
    /// Sets a timer: `waker` is woken at `at`, or soon after. Replaces what was set before.
    fn set(&self, timer: TimerId, at: Instant, waker: &Waker);
    /// Stops a timer; it can be set again.
    fn clear(&self, timer: TimerId);
    /// Whether a timer is set and its moment has not come.
    fn is_set(&self, timer: TimerId) -> bool;
    /// Gives a timer back.
    fn release(&self, timer: TimerId);
}

/// Whose turn it is when several things happen at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// In the order in which the timers were set.
    InOrder,
    /// After everything else that happens at this moment has happened, and what followed from it. Real clocks need not
    /// care: for them no two things happen at one moment.
    Last,
}

/// A timer of a [`Timekeeper`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u32);

/// A cheap handle on the time.
#[derive(Clone)]
pub struct Clock(Rc<dyn Timekeeper>);

impl Clock {
    /// A handle on this timekeeper.
    pub fn new(timekeeper: Rc<dyn Timekeeper>) -> Self {
        Self(timekeeper)
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.0.now()
    }

    /// A timer of one's own.
    pub fn timer(&self) -> Timer {
        Timer { id: self.0.register(Turn::InOrder), clock: self.clone() }
    }

    /// A timer that waits for its turn: see [`Turn::Last`].
    pub(crate) fn last_timer(&self) -> Timer {
        Timer { id: self.0.register(Turn::Last), clock: self.clone() }
    }

    /// Waits until `at`; not at all if that is past.
    pub async fn sleep_until(&self, at: Instant) {
        self.timer().wait_until(at).await;
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// A timer that is set again and again.
#[derive(Debug)]
pub struct Timer {
    id: TimerId,
    clock: Clock,
}

impl Timer {
    /// Ready once `at` has come; otherwise arranges to be polled again then.
    pub fn poll_until(&self, at: Instant, context: &Context<'_>) -> Poll<()> {
        if self.clock.now() >= at {
            return Poll::Ready(());
        }
        self.clock.0.set(self.id, at, context.waker());
        Poll::Pending
    }

    /// Sets the timer to `at`, or to the present moment if that is past.
    pub(crate) fn set(&self, at: Instant, context: &Context<'_>) {
        self.clock.0.set(self.id, at.max(self.clock.now()), context.waker());
    }

    /// Whether the timer is set and its moment has not come.
    pub(crate) fn is_set(&self) -> bool {
        self.clock.0.is_set(self.id)
    }

    /// Waits until `at`.
    pub async fn wait_until(&self, at: Instant) {
        poll_fn(|context| self.poll_until(at, context)).await;
        self.clock.0.clear(self.id);
    }

    /// Waits for `work`, but not beyond `at`. When both are ready at once, the work counts.
    pub async fn limit<T>(&self, at: Instant, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        let mut work = pin!(work);
        let outcome = poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending => self.poll_until(at, context).map(|()| Err(Elapsed)),
        })
        .await;
        self.clock.0.clear(self.id);
        outcome
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.0.release(self.id);
    }
}

/// The moment came before the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;
