//! Greylisting in dialogues: who passes, when, and what is said until then.

use super::*;
use crate::testing::{World, message, refuse};

const PASSED: &str = "220 250 250 250 354 250 221";
const REFUSED: &str = "220 250 250 450 221";

const fn minutes(minutes: u64) -> Instant {
    Instant::from_nanos(minutes * 60_000_000_000)
}

/// Tries at these minutes must come out like this.
fn check(yaml: &str, tries: &[(u64, &str)]) {
    let mut world = World::new("generic-postfix", 1, yaml);
    for (minute, outcome) in tries {
        assert_eq!(
            world.send(minutes(*minute), &["c000001@bigbox.test"]),
            *outcome,
            "{yaml}: minute {minute}"
        );
    }
}

#[test]
fn who_comes_back_in_time_passes() {
    let yaml = "greylist: { wait: 5m, retry_window: 2h, remember: 1d }";
    check(yaml, &[(0, REFUSED), (4, REFUSED), (6, PASSED), (7, PASSED)]);
    check(yaml, &[(0, REFUSED), (130, REFUSED), (136, PASSED)]);
    check(yaml, &[(0, REFUSED), (6, PASSED), (1446, PASSED), (2886, PASSED), (4327, REFUSED)]);
    check("greylist: {}", &[(0, REFUSED), (4, REFUSED), (60, PASSED)]);
}

#[test]
fn the_ends_of_the_periods_count_in() {
    let (wait, retry_window, remember) = (minutes(5), minutes(120), minutes(1440));
    let periods = Periods {
        wait: wait.since_epoch(),
        retry_window: retry_window.since_epoch(),
        remember: remember.since_epoch(),
    };
    let check = |known, now: Instant, passes| {
        let next = periods.next(Some(known), now);
        assert_eq!(matches!(next, Acquaintance::Passed(_)), passes, "{known:?} at {now}");
    };
    let moment = Duration::from_nanos(1);
    check(Acquaintance::Waiting(Instant::ZERO), wait - moment, false);
    check(Acquaintance::Waiting(Instant::ZERO), wait, true);
    check(Acquaintance::Waiting(Instant::ZERO), retry_window, true);
    check(Acquaintance::Waiting(Instant::ZERO), retry_window + moment, false);
    check(Acquaintance::Passed(Instant::ZERO), remember, true);
    check(Acquaintance::Passed(Instant::ZERO), remember + moment, false);
}

#[test]
fn strangers_are_told_apart_by_sender_and_recipient() {
    let mut world = World::new("generic-postfix", 2, "greylist: {}");
    let host = "mx1.bigbox.test";
    let ann = message("news@sender.test", &["c000001@bigbox.test"], "\r\n");
    let bob = message("news@sender.test", &["c000002@bigbox.test"], "\r\n");
    let other = message("shop@sender.test", &["c000001@bigbox.test"], "\r\n");
    let null = message("", &["c000001@bigbox.test"], "\r\n");
    assert_eq!(world.talk(host, minutes(0), &ann), REFUSED);
    assert!(!world.said.is_empty());
    for stranger in [&bob, &other, &null] {
        assert_eq!(world.talk(host, minutes(10), stranger), REFUSED);
    }
    for known in [&ann, &bob, &other, &null] {
        assert_eq!(world.talk("mx2.bigbox.test", minutes(20), known), PASSED);
    }
}

#[test]
fn the_network_is_what_counts() {
    let network = |mask: u32, ip: &str| {
        let yaml = format!("greylist: {{ network_mask: {mask} }}");
        let network_mask = u32::MAX.checked_shl(32 - mask).unwrap_or(0);
        assert!(crate::testing::behaviours(&yaml).is_ok(), "{yaml}");
        let greylist = Greylist {
            periods: Periods { wait: Duration::ZERO, retry_window: Duration::ZERO, remember: Duration::ZERO },
            network_mask,
            parts: Part::ALL.to_vec(),
            allow_after: None,
            say_wait: SayWait::Silent,
            at: Phase::Rcpt,
            triplets: Table::default(),
            networks: Table::default(),
        };
        greylist.network(ip.parse().expect(ip))
    };
    assert_eq!(network(24, "192.0.2.10"), network(24, "192.0.2.77"));
    assert_ne!(network(32, "192.0.2.10"), network(32, "192.0.2.77"));
    assert_eq!(network(0, "192.0.2.10"), network(0, "198.51.100.1"));
    assert_eq!(network(24, "2001:db8::1"), network(24, "2001:db8::2"));
    assert_ne!(network(24, "2001:db8::1"), network(24, "2001:db8:0:1::1"));
}

#[test]
fn a_window_in_which_nobody_can_pass_is_refused() {
    refuse("greylist: { wait: 5m, retry_window: 5m }", "nobody could pass");
    refuse("greylist: { wait: 3d }", "nobody could pass");
    refuse("greylist: { network_mask: 33 }", "`33` is not from 0 to 32");
    refuse("greylist: { key: [sender, recipients] }", "found `recipients`");
    refuse("greylist: { key: [] }", "the list is empty");
    refuse("greylist: { key: sender, network_mask: 24 }", "`network_mask` without `network` in the key");
    refuse("greylist: { allow_after: 0 }", "`0` is not from 1");
    refuse("greylist: { say_wait: yes }", "expected `silent` or `stated`");
    refuse("greylist: { at: data }", "expected `rcpt` or `end_of_data`");
}

/// Messages, each with minute, sender and recipient, must come out like this.
fn check_each(yaml: &str, tries: &[(u64, &str, u32, &str)]) {
    let mut world = World::new("generic-postfix", 9, yaml);
    for (minute, sender, recipient, outcome) in tries {
        let lines = message(sender, &[&crate::testing::contact(*recipient)], "\r\n");
        let came_of_it = world.talk("mx1.bigbox.test", minutes(*minute), &lines);
        assert_eq!(came_of_it, *outcome, "{yaml}: minute {minute}");
    }
}

#[test]
fn the_key_says_who_is_a_stranger() {
    let (a, b) = ("a@sender.test", "b@sender.test");
    check_each("greylist: { key: network }", &[(0, a, 1, REFUSED), (6, b, 2, PASSED), (6, a, 3, PASSED)]);
    check_each(
        "greylist: { key: [network, sender] }",
        &[(0, a, 1, REFUSED), (6, b, 1, REFUSED), (6, a, 2, PASSED)],
    );
    check_each("greylist: { key: recipient }", &[(0, a, 1, REFUSED), (6, b, 2, REFUSED), (6, b, 1, PASSED)]);
}

#[test]
fn who_has_passed_often_enough_passes_at_once() {
    let a = "a@sender.test";
    check_each(
        "greylist: { allow_after: 2, remember: 1d }",
        &[
            (0, a, 1, REFUSED),
            (0, a, 2, REFUSED),
            (6, a, 1, PASSED),
            (6, a, 1, PASSED),
            (6, a, 3, REFUSED),
            (6, a, 2, PASSED),
            (6, a, 4, PASSED),
            (1446, a, 5, PASSED),
            (2887, a, 6, REFUSED),
        ],
    );
}

#[test]
fn the_wait_can_be_stated() {
    let said = |minute| {
        let mut world = World::new("generic-postfix", 1, "greylist: { wait: 10m, say_wait: stated }");
        let mut lines = message("a@sender.test", &["c000001@bigbox.test"], "\r\n");
        lines.truncate(3);
        world.talk("mx1.bigbox.test", minutes(0), &lines);
        world.talk("mx1.bigbox.test", minutes(minute), &lines);
        world.said
    };
    // The first try was heard a fraction of a second after minute 0, and the next as long after its own.
    assert_eq!(said(4), "450 4.2.0 Greylisted, please try again in 360 seconds");
}

#[test]
fn the_whole_message_can_have_to_wait() {
    let recipients = ["c000001@bigbox.test", "c000002@bigbox.test"];
    let mut world = World::new("generic-postfix", 2, "greylist: { at: end_of_data }");
    let refused = "220 250 250 250 250 354 450 221";
    assert_eq!(world.send(minutes(0), &recipients), refused);
    assert_eq!(world.send(minutes(1), &recipients[..1]), "220 250 250 250 354 450 221");
    assert_eq!(world.send(minutes(6), &recipients), "220 250 250 250 250 354 250 221");
}
