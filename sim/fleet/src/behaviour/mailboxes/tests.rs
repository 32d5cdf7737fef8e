//! Mailboxes in dialogues: whose they are, what they do, and until when.

use std::collections::BTreeSet;

use super::*;
use crate::receipts::Answered;
use crate::testing::{World, behaviours, contact, refuse};

const PASSED: &str = "220 250 250 250 354 250 221";

/// Who of the first `contacts` contacts is answered with `code`.
fn refused(world: &mut World, contacts: u32, code: &str) -> BTreeSet<u32> {
    let outcome = format!("220 250 250 {code} 221");
    (1..=contacts).filter(|number| world.send(Instant::ZERO, &[&contact(*number)]) == outcome).collect()
}

#[test]
fn shares_are_exact_and_disjoint() {
    let check = |contacts, unknown, full| {
        let mut world = World::new("icloud", contacts, "mailboxes: { unknown: 2%, full: 10% }");
        let (gone, over) = (refused(&mut world, contacts, "550"), refused(&mut world, contacts, "552"));
        assert_eq!((gone.len(), over.len()), (unknown, full), "of {contacts}");
        assert!(gone.is_disjoint(&over), "of {contacts}");
    };
    check(400, 8, 40);
    check(25, 1, 3);
    check(4, 0, 0);
    let mut world = World::new("icloud", 101, "mailboxes: { unknown: 50%, full: 50% }");
    let rest = (1..=101).filter(|number| world.send(Instant::ZERO, &[&contact(*number)]) == PASSED).count();
    assert_eq!(rest, 0);
}

#[test]
fn who_it_is_depends_on_seed_and_provider_only() {
    let full = |seed, name: &str, yaml: &str| {
        let behaviours = behaviours(yaml).expect(yaml);
        refused(&mut World::with(seed, name, "icloud", 200, behaviours), 200, "552")
    };
    let alone = full(1, "bigbox", "mailboxes: { full: 10% }");
    assert_eq!(alone, full(1, "bigbox", "mailboxes: { full: 10% }"));
    assert_eq!(alone, full(1, "bigbox", "greylist: {}").union(&alone).copied().collect());
    assert_ne!(alone, full(2, "bigbox", "mailboxes: { full: 10% }"));
    assert_ne!(alone, full(1, "smallbox", "mailboxes: { full: 10% }"));
    assert!(alone.is_subset(&full(1, "bigbox", "mailboxes: { full: 20% }")));
}

#[test]
fn addresses_can_be_named() {
    let yaml = "mailboxes: { disabled: c000002@BIGBOX.test, unknown: [c000001@bigbox.test, x@bigbox.test] }";
    let mut world = World::new("comcast", 3, yaml);
    let mut check =
        |address: &str, outcome| assert_eq!(world.send(Instant::ZERO, &[address]), outcome, "{address}");
    check("c000001@bigbox.test", "220 250 250 550 221");
    check("x@bigbox.test", "220 250 250 550 221");
    check("c000002@bigbox.test", "220 250 250 550 221");
    check("c000003@bigbox.test", PASSED);
}

#[test]
fn a_full_mailbox_can_be_emptied() {
    let yaml = "mailboxes: { full: { share: 100%, until: 5h } }";
    let mut world = World::new("gmail", 1, yaml);
    assert_eq!(world.send(Instant::from_hours(4), &[&contact(1)]), "220 250 250 452 221");
    assert_eq!(world.send(Instant::from_hours(5), &[&contact(1)]), PASSED);
}

#[test]
fn an_answer_at_the_end_of_data_is_one_for_all() {
    let yaml = "mailboxes: { unknown: [c000002@bigbox.test] }";
    let mut world = World::new("yahoo", 3, yaml);
    let recipients = [contact(1), contact(2), contact(3)];
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let mut lines = crate::testing::message("news@sender.test", &recipients, "\r\n");
    lines.pop();
    assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &lines), "220 250 250 250 250 250 354 554");
    assert_eq!(
        world.said,
        "554 delivery error: dd This user doesn't have a bigbox.test account (c000002@bigbox.test) [0] - \
         mx1.bigbox.test"
    );
    let refused = Answered::Refused { phase: Phase::EndOfData, code: 554 };
    assert!(world.receipts().arrivals.iter().all(|arrival| arrival.answer == refused));
}

#[test]
fn what_is_wrong_is_told() {
    refuse(
        "mailboxes: { unknown: 60%, full: 50% }",
        "more mailboxes than there are: unknown 60% and full 50%",
    );
    refuse("mailboxes: { unknown: [a@b.test], full: [a@B.test] }", "`a@b.test` is two things at once");
    refuse("mailboxes: { unknown: [ann] }", "`ann` is not an address");
    refuse("mailboxes: { full: { until: 5h } }", "which mailboxes these are must be said once");
    refuse("mailboxes: { full: { share: 5%, addresses: [a@b.test] } }", "must be said once");
    refuse("mailboxes: { full: 10 }", "`10` has no unit");
    refuse("mailboxes: { fall: 10% }", "unknown key `fall`");
    refuse("mailboxes: { slow: 10% }", "`slow` needs `longer`");
    refuse("mailboxes: { quota: 10% }", "a quota needs `messages` or `size`");
    refuse("mailboxes: { quota: { share: 10%, emptied: every 7d } }", "a quota needs `messages` or `size`");
    let emptied = |when| format!("mailboxes: {{ quota: {{ share: 10%, messages: 3, emptied: {when} }} }}");
    refuse(&emptied("daily"), "expected when it is emptied, found `daily`");
    refuse(&emptied("every 7"), "`7` has no unit");
    refuse(&emptied("every 0s"), "never fills");
    refuse("mailboxes: { moved: { share: 10%, to: a b } }", "`a b` is not a domain");
    refuse("mailboxes: { moved: { share: 10%, to: ann@ } }", "`ann@` is not an address");
    refuse(
        "mailboxes: { trap: [a@b.test], slow: { addresses: a@b.test, longer: 1m } }",
        "is two things at once",
    );
    refuse("mailboxes: { trap: 60%, quota: { share: 50%, messages: 1 } }", "quota 50% and trap 60%");
}

/// Messages to contact 1 at these hours must come out like this.
fn check(profile: &str, yaml: &str, messages: &[(u64, &str)]) {
    let mut world = World::new(profile, 1, yaml);
    for (hour, outcome) in messages {
        let came_of_it = world.send(Instant::from_hours(*hour), &[&contact(1)]);
        assert_eq!(came_of_it, *outcome, "{yaml}: hour {hour}");
    }
}

#[test]
fn a_mailbox_can_come_to_be() {
    let refused = "220 250 250 550 221";
    check("icloud", "mailboxes: { unknown: { share: 100%, until: 5h } }", &[(4, refused), (5, PASSED)]);
    check("comcast", "mailboxes: { disabled: { share: 100%, until: 5h } }", &[(4, refused), (5, PASSED)]);
}

#[test]
fn a_mailbox_fills_and_is_emptied() {
    let full = "220 250 250 452 221";
    let quota = |rest: &str| format!("mailboxes: {{ quota: {{ share: 100%, {rest} }} }}");
    check("gmail", &quota("messages: 2"), &[(0, PASSED), (1, PASSED), (2, full), (2000, full)]);
    check(
        "gmail",
        &quota("messages: 2, emptied: every 7h"),
        &[(5, PASSED), (6, PASSED), (6, full), (7, PASSED), (13, PASSED), (13, full), (14, PASSED)],
    );
    check(
        "gmail",
        &quota("messages: 1, emptied: at 5h"),
        &[(1, PASSED), (4, full), (5, PASSED), (6, full), (100, full)],
    );
    // The usual message has 32 octets.
    check("gmail", &quota("size: 60 B"), &[(0, PASSED), (0, PASSED), (0, full)]);
    check("gmail", &quota("messages: 1, until: 5h"), &[(0, PASSED), (4, full), (5, PASSED), (5, PASSED)]);
    let mut world = World::new("gmail", 1, &quota("size: 60 B"));
    let mut lines = crate::testing::message("news@sender.test", &[&contact(1)], "\r\n");
    lines[1] = "MAIL FROM:<news@sender.test> SIZE=61\r\n".to_owned();
    assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &lines), full, "it does not fit");
}

#[test]
fn what_was_not_accepted_fills_nothing() {
    let yaml =
        "mailboxes: { quota: { share: 100%, messages: 1 } }\nreply: { at: end_of_data, code: 451, times: 3 }";
    let refused = "220 250 250 250 354 451 221";
    check(
        "gmail",
        yaml,
        &[(0, refused), (0, refused), (0, refused), (0, PASSED), (0, "220 250 250 452 221")],
    );
}

#[test]
fn who_has_moved_says_where_or_not() {
    let said = |to: &str| {
        let yaml = format!("mailboxes: {{ moved: {{ share: 100%{to} }} }}\nreply: {{ at: data, code: 451 }}");
        let mut world = World::new("gmail", 1, &yaml);
        let mut lines = crate::testing::message("news@sender.test", &[&contact(1)], "\r\n");
        lines.pop();
        world.talk("mx1.bigbox.test", Instant::ZERO, &lines);
        world.said
    };
    assert_eq!(said(""), "550 5.1.6 <c000001@bigbox.test>: Mailbox has moved, no forwarding address");
    assert_eq!(said(", to: Newbox.test"), "551 5.1.6 User not local; please try <c000001@newbox.test>");
    assert_eq!(said(", to: eve@newbox.test"), "551 5.1.6 User not local; please try <eve@newbox.test>");
}

#[test]
fn a_slow_mailbox_takes_its_time_at_the_end_of_data() {
    let closed = |yaml: &str| {
        let mut world = World::new("gmail", 2, yaml);
        world.send(Instant::ZERO, &[&contact(1), &contact(2)]);
        world.receipts().connections[0].closed.since_epoch().as_secs()
    };
    assert_eq!(closed(""), 0);
    let slow = "mailboxes: { slow: { share: 100%, longer: 90s } }";
    assert_eq!(closed(slow), 90);
    assert_eq!(closed("mailboxes: { slow: { addresses: [nobody@bigbox.test], longer: 90s } }"), 0);
}

#[test]
fn others_take_mail_unless_they_are_unknown() {
    let send = |yaml: &str, recipient: &str| World::new("icloud", 1, yaml).send(Instant::ZERO, &[recipient]);
    let unknown = "220 250 250 550 221";
    assert_eq!(send("mailboxes: { catch_all: true }", "whoever@bigbox.test"), PASSED);
    assert_eq!(send("mailboxes: { catch_all: false }", "whoever@bigbox.test"), unknown);
    assert_eq!(send("mailboxes: { catch_all: false }", &contact(1)), PASSED);
    assert_eq!(
        send("mailboxes: { catch_all: false, trap: [spider@bigbox.test] }", "spider@bigbox.test"),
        PASSED
    );
    assert_eq!(send("mailboxes: { catch_all: false }", "whoever@elsewhere.test"), "220 250 250 554 221");
}
