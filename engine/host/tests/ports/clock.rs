//! The system's clock as the engine uses it.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use engine::clock::{Elapsed, Timekeeper, Turn};
use host::clock::{Epoch, Speed, SystemClock};
use tokio::task::coop;

use crate::stage::{clock, live};

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn whoever_waits_is_woken_when_the_moment_has_come_and_not_before() {
    live(async {
        let clock = clock();
        for wait in [Duration::ZERO, Duration::from_micros(1), Duration::from_micros(1500), SHORT] {
            let at = clock.now() + wait;
            clock.sleep_until(at).await;
            assert!(clock.now() >= at, "woken {wait:?} early");
        }
    });
}

#[test]
fn a_limit_is_kept_and_can_be_set_anew() {
    live(async {
        let clock = clock();
        let timer = clock.timer();
        for _ in 0..3 {
            let outcome = timer.limit(clock.now() + SHORT, std::future::pending::<()>()).await;
            assert_eq!(outcome, Err(Elapsed));
        }
        let long = clock.now() + Duration::from_secs(3600);
        for _ in 0..100_000 {
            assert_eq!(timer.limit(long, async { 1 }).await, Ok(1));
        }
        // Far away, then near: the near one counts.
        let (outcome, ()) = tokio::join!(timer.limit(long, clock.sleep_until(clock.now() + SHORT)), async {});
        assert_eq!(outcome, Ok(()));
        assert_eq!(timer.limit(clock.now() + SHORT, std::future::pending::<()>()).await, Err(Elapsed));
    });
}

#[test]
fn a_timer_that_is_moved_forward_does_not_come_too_late() {
    live(async {
        let keeper = SystemClock::new(Epoch::now());
        let timer = keeper.register(Turn::InOrder);
        let (hour, soon) = (keeper.now() + Duration::from_secs(3600), keeper.now() + SHORT);
        std::future::poll_fn(|context| {
            if keeper.now() >= soon {
                return Poll::Ready(());
            }
            for at in [hour, soon] {
                keeper.set(timer, at, context.waker());
                assert!(keeper.is_set(timer));
            }
            Poll::Pending
        })
        .await;
        assert!(!keeper.is_set(timer), "its moment has come");
        keeper.clear(timer);
        keeper.release(timer);
        assert_eq!(keeper.register(Turn::InOrder), timer, "what was given back is used again");
        assert!(!keeper.is_set(timer));
    });
}

#[test]
fn a_task_that_has_done_much_is_still_woken() {
    live(async {
        let keeper = SystemClock::new(Epoch::now());
        let timer = keeper.register(Turn::Last);
        let soon = keeper.now() + SHORT;
        let (mut is_set, mut polls) = (false, 0);
        std::future::poll_fn(|context| {
            polls += 1;
            if !is_set {
                // Whatever goes through the runtime costs budget; without any, the runtime's own timers do not listen.
                while coop::has_budget_remaining() {
                    assert!(pin!(coop::consume_budget()).poll(context).is_ready());
                }
                keeper.set(timer, soon, context.waker());
                is_set = true;
            }
            if keeper.is_set(timer) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        assert!(keeper.now() >= soon);
        assert_eq!(polls, 2, "it is woken once, when the moment has come");
    });
}

#[test]
fn for_ever_is_for_ever() {
    live(async {
        let clock = clock();
        let (forever, soon) = (clock.timer(), clock.now() + SHORT);
        let waiting = forever.limit(units::Instant::MAX, clock.sleep_until(soon));
        assert_eq!(waiting.await, Ok(()));
    });
}

#[test]
fn a_faster_clock_runs_faster_and_its_timers_with_it() {
    live(async {
        let real = clock();
        let fast = SystemClock::faster(Epoch::now(), Speed::times(3600).expect("not 0")).handle();
        let (started, hour) = (real.now(), fast.now() + Duration::from_secs(3600));
        fast.sleep_until(hour).await;
        assert!(fast.now() >= hour);
        let took = real.now().since(started);
        assert!(took >= Duration::from_millis(990), "an hour took {took:?} at 3600 times the speed");
    });
}
