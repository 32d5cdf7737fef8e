//! What virtual time promises, and what it takes for granted of the runtime.

use std::cell::RefCell;

use tokio::task::JoinSet;

use super::*;

fn time() -> VirtualTime {
    VirtualTime::new(Arc::default())
}

#[test]
fn thirty_hours_pass_and_the_clock_says_so() {
    let time = time();
    let clock = time.clock();
    let end = time.run(async {
        for hour in 1..=30 {
            clock.sleep_until(Instant::from_hours(hour)).await;
        }
        clock.now()
    });
    assert_eq!(end, Ok(Instant::from_hours(30)));
}

#[test]
fn those_who_wait_for_one_moment_are_woken_in_the_order_they_came() {
    let time = time();
    let woken = Rc::new(RefCell::new(Vec::new()));
    let tasks = async {
        let mut tasks = JoinSet::new();
        for number in 0..10 {
            let (clock, woken) = (time.clock(), Rc::clone(&woken));
            tasks.spawn_local(async move {
                clock.sleep_until(Instant::from_hours(1)).await;
                woken.borrow_mut().push(number);
            });
        }
        while tasks.join_next().await.is_some() {}
    };
    time.run(tasks).expect("everybody wakes up");
    assert_eq!(*woken.borrow(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_deadlock_is_reported_at_its_instant() {
    let time = time();
    let clock = time.clock();
    let halt = time.run(async {
        clock.sleep_until(Instant::from_hours(9)).await;
        std::future::pending::<()>().await;
    });
    assert_eq!(halt, Err(Halt::Stuck { at: Instant::from_hours(9) }));
}

#[test]
fn a_run_can_be_called_off() {
    let progress = Arc::new(Progress::default());
    let time = VirtualTime::new(Arc::clone(&progress));
    let clock = time.clock();
    progress.call_off();
    let halt = time.run(async {
        loop {
            clock.sleep_until(clock.now() + Duration::from_secs(1)).await;
        }
    });
    assert!(matches!(halt, Err(Halt::CalledOff { .. })), "{halt:?}");
}

#[test]
fn a_timer_set_again_and_again_fires_once_at_its_last_moment() {
    let time = time();
    let clock = time.clock();
    let end = time.run(async {
        let timer = clock.timer();
        for second in 1..1000 {
            let soon = Instant::ZERO + Duration::from_secs(second);
            let never = std::future::pending::<()>();
            let late = soon + Duration::from_secs(300);
            let other = clock.clone();
            // A reply comes long before the limit, a thousand times.
            timer.limit(late, async move { other.sleep_until(soon).await }).await.expect("in time");
            if second == 999 {
                timer.limit(late, never).await.expect_err("nobody answers");
            }
        }
        clock.now()
    });
    assert_eq!(end, Ok(Instant::ZERO + Duration::from_secs(999 + 300)));
}

#[test]
fn clearing_a_timer_leaves_no_moment_behind() {
    let time = time();
    let clock = time.clock();
    let end = time.run(async {
        let timer = clock.timer();
        let other = clock.clone();
        let work = async move { other.sleep_until(Instant::from_hours(1)).await };
        timer.limit(Instant::from_hours(2), work).await.expect("in time");
        drop(timer);
        clock.sleep_until(Instant::from_hours(3)).await;
        clock.now()
    });
    assert_eq!(end, Ok(Instant::from_hours(3)));
}
