//! The time as the operating system gives it; the one place that reads it.
//!
//! Timers are tokio's. Setting one to a later moment only notes the moment there (its wheel is sorted anew when the old
//! one comes up), so that a limit that is set for every reply costs next to nothing; this file adds no queue of its own.
//! It can run faster than the world's, for a fleet that others deliver to.

use std::cell::RefCell;
use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use engine::clock::{Clock, Timekeeper, TimerId, Turn};
use tokio::task::coop::unconstrained;
use tokio::time::Sleep;
use units::Instant;

/// Waits longer than this never end: they are for ever. Ten years.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The moment from which instants are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(Duration);

impl Epoch {
    /// 1970-01-01T00:00:00Z: instants are Unix time in nanoseconds.
    pub const UNIX: Self = Self(Duration::ZERO);

    /// So long after 1970-01-01T00:00:00Z.
    pub const fn unix(since_1970: Duration) -> Self {
        Self(since_1970)
    }

    /// The present moment.
    pub fn now() -> Self {
        Self(since_1970())
    }

    /// The date of an instant that is counted from this epoch, as time since 1970-01-01T00:00:00Z.
    pub fn date(self, at: Instant) -> Duration {
        self.0.saturating_add(at.since_epoch())
    }
}

/// How many seconds pass on a clock while one passes in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(NonZeroU32);

impl Speed {
    /// As fast as the world.
    pub const REAL: Self = Self(NonZeroU32::MIN);

    /// So many times as fast as the world; none for 0.
    pub const fn times(factor: u32) -> Option<Self> {
        match NonZeroU32::new(factor) {
            Some(factor) => Some(Self(factor)),
            None => None,
        }
    }

    /// What passes on the clock while `real` passes in the world, rounded down.
    fn clock(self, real: Duration) -> Duration {
        real.saturating_mul(self.0.get())
    }

    /// How long the world takes until `clock` has passed on the clock. Rounded up, so that whoever is woken then finds
    /// that the moment has come.
    fn real(self, clock: Duration) -> Duration {
        let nanos = u64::try_from(clock.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(nanos.div_ceil(u64::from(self.0.get())))
    }
}

/// The operating system's clock. Set to the date when it is made, and steady from then on: what is done to the system's
/// date later does not reach it.
///
/// Timers need a tokio runtime with the time driver around them, and are good to a millisecond.
pub struct SystemClock {
    epoch: Epoch,
    speed: Speed,
    /// When it was made, in the world and on itself.
    origin: tokio::time::Instant,
    start: Instant,
    timers: RefCell<Timers>,
}

#[derive(Default)]
struct Timers {
    all: Vec<Timer>,
    free: Vec<u32>,
}

#[derive(Default)]
struct Timer {
    deadline: Option<Instant>,
    /// Kept when the timer is stopped, so that setting it again finds it; whoever is woken by one that is stopped looks
    /// and waits on.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl SystemClock {
    /// A clock whose instants are counted from `epoch`. An epoch that is still to come counts as now.
    pub fn new(epoch: Epoch) -> Self {
        Self::faster(epoch, Speed::REAL)
    }

    /// The same, but it runs `speed` times as fast as the world from now on.
    pub fn faster(epoch: Epoch, speed: Speed) -> Self {
        let date = since_1970();
        let start = Instant::ZERO + date.saturating_sub(epoch.0);
        let epoch = Epoch(epoch.0.min(date));
        let origin = tokio::time::Instant::now();
        Self { epoch, speed, origin, start, timers: RefCell::default() }
    }

    /// A handle for the engine.
    pub fn handle(self) -> Clock {
        Clock::new(Rc::new(self))
    }

    /// The moment that its instants are counted from.
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The moment in the world at which `at` comes; none if that is too far away to wait for.
    fn in_the_world(&self, at: Instant) -> Option<tokio::time::Instant> {
        let wait = self.speed.real(at.since(self.start));
        (wait <= LONGEST_WAIT).then(|| self.origin + wait)
    }
}

impl Timekeeper for SystemClock {
    fn now(&self) -> Instant {
        self.start + self.speed.clock(self.origin.elapsed())
    }

    fn register(&self, _: Turn) -> TimerId {
        let mut timers = self.timers.borrow_mut();
        let number = timers.free.pop().unwrap_or_else(|| {
            timers.all.push(Timer::default());
            u32::try_from(timers.all.len() - 1).expect("fewer than four thousand million timers")
        });
        TimerId(number)
    }

    fn set(&self, timer: TimerId, at: Instant, waker: &Waker) {
        let come = {
            let mut timers = self.timers.borrow_mut();
            let timer = timers.of(timer);
            timer.deadline = Some(at);
            self.in_the_world(at).map_or(Poll::Pending, |moment| timer.arm(moment, waker))
        };
        if come.is_ready() {
            waker.wake_by_ref();
        }
    }

    fn clear(&self, timer: TimerId) {
        self.timers.borrow_mut().of(timer).deadline = None;
    }

    fn is_set(&self, timer: TimerId) -> bool {
        let deadline = self.timers.borrow_mut().of(timer).deadline;
        deadline.is_some_and(|deadline| self.now() < deadline)
    }

    fn release(&self, timer: TimerId) {
        let mut timers = self.timers.borrow_mut();
        let released = std::mem::take(timers.of(timer));
        timers.free.push(timer.0);
        // Whoever waits may be dropped with its waker, and may have timers of its own.
        drop(timers);
        drop(released);
    }
}

impl fmt::Debug for SystemClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemClock")
            .field("now", &self.now())
            .field("speed", &self.speed.0)
            .finish_non_exhaustive()
    }
}

impl Timers {
    fn of(&mut self, timer: TimerId) -> &mut Timer {
        &mut self.all[timer.0 as usize]
    }
}

impl Timer {
    /// Arranges for `waker` to be woken at `moment`; ready if it has come.
    fn arm(&mut self, moment: tokio::time::Instant, waker: &Waker) -> Poll<()> {
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(moment);
                sleep
            }
            None => self.sleep.insert(Box::pin(tokio::time::sleep_until(moment))),
        };
        // A task that has used up its budget would be told to come back, and the waker would not be kept.
        let mut sleep = unconstrained(sleep.as_mut());
        std::future::Future::poll(Pin::new(&mut sleep), &mut Context::from_waker(waker))
    }
}

/// The system's date, as time since 1970-01-01T00:00:00Z; zero if it says that it is earlier.
#[expect(clippy::disallowed_methods, reason = "the one reader of the real date")]
fn since_1970() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_woken_finds_that_the_moment_has_come() {
        for factor in [1, 3, 7, 60, 3600, u32::MAX] {
            let speed = Speed::times(factor).expect("not 0");
            for nanos in [0, 1, 59, 60, 61, 1_000_003, 3_600_000_000_001] {
                let clock = Duration::from_nanos(nanos);
                assert!(speed.clock(speed.real(clock)) >= clock, "{factor}x, {nanos} ns");
            }
        }
    }

    #[test]
    fn instants_are_counted_from_the_epoch() {
        let at = Instant::from_hours(1);
        assert_eq!(Epoch::UNIX.date(at), Duration::from_secs(3600));
        assert_eq!(Epoch::unix(Duration::from_secs(5)).date(at), Duration::from_secs(3605));
        let started = SystemClock::new(Epoch::now());
        assert!(started.now() < Instant::from_hours(1));
        let unix = SystemClock::new(Epoch::UNIX);
        assert!(unix.now() > Instant::from_hours(24 * 365 * 50), "it is after 2020");
        let to_come = Epoch::unix(since_1970() + Duration::from_secs(3600));
        assert!(SystemClock::new(to_come).now() < Instant::from_hours(1));
        assert!(SystemClock::new(to_come).epoch() < to_come);
    }
}
