//! A clock that stands still until it is set forward by hand.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use engine::clock::{Clock, Timekeeper, TimerId, Turn};
use units::Instant;

/// A clock that is set forward by hand.
#[derive(Default)]
pub(crate) struct HandClock {
    now: Cell<Instant>,
    timers: RefCell<Vec<Option<(Instant, Waker)>>>,
}

impl HandClock {
    pub(crate) fn new() -> (Rc<Self>, Clock) {
        let keeper = Rc::new(Self::default());
        (Rc::clone(&keeper), Clock::new(keeper))
    }

    /// Sets it forward.
    pub(crate) fn advance(&self, time: Duration) {
        self.now.set(self.now.get() + time);
        let is_due = |timer: &&mut Option<(Instant, Waker)>| {
            timer.as_ref().is_some_and(|(at, _)| *at <= self.now.get())
        };
        let due: Vec<_> = self.timers.borrow_mut().iter_mut().filter(is_due).map(Option::take).collect();
        due.into_iter().flatten().for_each(|(_, waker)| waker.wake());
    }

    /// When somebody wants to be woken next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.timers.borrow().iter().flatten().map(|(at, _)| *at).min()
    }
}

impl Timekeeper for HandClock {
    fn now(&self) -> Instant {
        self.now.get()
    }

    fn register(&self, _: Turn) -> TimerId {
        let mut timers = self.timers.borrow_mut();
        timers.push(None);
        TimerId(u32::try_from(timers.len() - 1).expect("few timers"))
    }

    fn set(&self, timer: TimerId, at: Instant, waker: &Waker) {
        self.timers.borrow_mut()[timer.0 as usize] = Some((at, waker.clone()));
    }

    fn clear(&self, timer: TimerId) {
        self.timers.borrow_mut()[timer.0 as usize] = None;
    }

    fn is_set(&self, timer: TimerId) -> bool {
        self.timers.borrow()[timer.0 as usize].is_some()
    }

    fn release(&self, timer: TimerId) {
        self.clear(timer);
    }
}
