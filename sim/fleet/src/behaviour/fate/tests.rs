//! Tests of `fate`: who gets what, when, and what cannot be written.

use std::collections::BTreeMap;
use std::time::Duration;

use units::Instant;

use crate::receipts::{Happening, Receipts, Sequel};
use crate::testing::{World, behaviours, contact, refuse};

/// What happens to one message to each of `contacts` contacts.
fn happens(seed: u64, contacts: u32, yaml: &str) -> Receipts {
    let mut world = World::with(seed, "bigbox", "gmail", contacts, behaviours(yaml).expect(yaml));
    for number in 1..=contacts {
        world.send(Instant::ZERO, &[&contact(number)]);
    }
    world.receipts()
}

fn counts(receipts: &Receipts) -> BTreeMap<Happening, usize> {
    receipts.sequels.iter().fold(BTreeMap::new(), |mut counts, sequel| {
        *counts.entry(sequel.what).or_default() += 1;
        counts
    })
}

/// What happens to the message of one recipient, in order of time.
fn story(receipts: &Receipts, recipient: &str) -> Vec<Happening> {
    let own = |sequel: &&Sequel| receipts.recipients[sequel.recipient as usize] == recipient;
    receipts.sequels.iter().filter(own).map(|sequel| sequel.what).collect()
}

#[test]
fn a_message_goes_to_exactly_one_place() {
    use Happening::{BouncedLater, Forwarded, Inbox, Lost, SpamFolder};
    let yaml = "fate: { lost: 10%, spam_folder: 30%, forwarded: 10%, bounced_later: 20% }";
    let counts = counts(&happens(1, 1000, yaml));
    assert_eq!(counts.values().sum::<usize>(), 1000, "{counts:?}");
    let near = |what: Happening, wanted: usize| counts[&what].abs_diff(wanted) < 40;
    assert!(near(Lost, 100) && near(SpamFolder, 300) && near(Forwarded, 100), "{counts:?}");
    assert!(near(BouncedLater, 200) && near(Inbox, 300), "{counts:?}");
}

#[test]
fn only_what_is_in_the_inbox_is_read() {
    use Happening::{Clicked, Complained, Inbox, Opened};
    let receipts = happens(1, 1000, "fate: { spam_folder: 50%, opened: 50%, clicked: 20%, complained: 10% }");
    let counts = counts(&receipts);
    let near = |what: Happening, wanted: usize| counts[&what].abs_diff(wanted) < 60;
    assert!(near(Inbox, 500) && near(Opened, 250) && near(Clicked, 50) && near(Complained, 50), "{counts:?}");
    for number in 1..=1000 {
        let story = story(&receipts, &contact(number));
        assert!(story.len() == 1 || story[0] == Inbox, "{story:?}");
        let opened = story.iter().position(|what| *what == Opened);
        let clicked = story.iter().position(|what| *what == Clicked);
        assert!(clicked.is_none() || opened < clicked, "{story:?}");
    }
}

#[test]
fn who_is_named_is_drawn_for_nothing() {
    let yaml = "fate: { spam_folder: 90%, lost: [c000001@bigbox.test], opened: [c000002@bigbox.test] }";
    let receipts = happens(1, 3, yaml);
    assert_eq!(story(&receipts, &contact(1)), [Happening::Lost]);
    assert_eq!(story(&receipts, &contact(2)), [Happening::Inbox, Happening::Opened]);
}

#[test]
fn a_draw_depends_on_nobody_else() {
    let yaml = "fate: { spam_folder: 50%, opened: 50% }";
    let (all, half) = (happens(1, 40, yaml), happens(1, 20, yaml));
    for number in 1..=20 {
        assert_eq!(story(&all, &contact(number)), story(&half, &contact(number)), "{number}");
    }
    assert_ne!(counts(&all), counts(&happens(2, 40, yaml)));
}

#[test]
fn every_message_has_a_fate_of_its_own() {
    let mut world = World::new("gmail", 1, "fate: { spam_folder: 50% }");
    for hour in 0..40 {
        world.send(Instant::from_hours(hour), &[&contact(1)]);
    }
    let counts = counts(&world.receipts());
    assert!(counts[&Happening::Inbox] > 5 && counts[&Happening::SpamFolder] > 5, "{counts:?}");
}

#[test]
fn what_is_refused_has_no_fate_and_a_lost_reply_changes_none() {
    let refused = happens(1, 1, "spam_block: { by: content }\nfate: { lost: 100% }");
    assert_eq!(refused.sequels, []);
    let unheard = happens(1, 1, "lose_reply: {}\nfate: { lost: 100% }");
    assert_eq!(counts(&unheard), BTreeMap::from([(Happening::Lost, 1)]));
    assert_eq!(happens(1, 1, "").sequels, []);
}

#[test]
fn times_are_as_written() {
    let yaml = "fate: { opened: { share: 100%, after: 1h..2h }, clicked: { share: 100%, after: 5m } }";
    let receipts = happens(1, 50, yaml);
    let at = |what: Happening| receipts.sequels.iter().filter(move |one| one.what == what).map(|one| one.at);
    let hours = Instant::from_hours;
    assert!(at(Happening::Opened).all(|at| (hours(1)..=hours(2) + Duration::from_secs(9)).contains(&at)));
    assert_eq!(at(Happening::Clicked).count(), 50);
    let opened: Vec<Instant> = at(Happening::Opened).map(|at| at + Duration::from_secs(300)).collect();
    assert!(at(Happening::Clicked).all(|at| opened.contains(&at)));
}

#[test]
fn what_cannot_be_is_refused() {
    refuse(
        "fate: { lost: 60%, spam_folder: 50% }",
        "more messages than there are: lost 60% and spam_folder 50%",
    );
    refuse("fate: { lost: [a@b.test], forwarded: a@B.test }", "the mail of `a@b.test` goes to two places");
    refuse("fate: { lost: 100%, opened: 1% }", "nobody could have `opened`: nothing is left for the inbox");
    refuse(
        "fate: { lost: a@b.test, complained: a@b.test }",
        "the mail of `a@b.test` never gets into the inbox",
    );
    refuse("fate: { clicked: 1% }", "nobody could click: nothing is opened");
    refuse("fate: { opened: 1%, clicked: a@b.test }", "`a@b.test` clicks what it may not have opened");
    refuse("fate: { opened: { share: 1%, after: 31d } }", "nothing comes back after more than 30 days");
    refuse("fate: { lost: { share: 1%, after: 1m } }", "unknown key `after`");
    refuse("fate: { lost: { share: 1%, addresses: a@b.test } }", "whom this concerns must be said once");
    refuse(
        "fate: { bounced_later: { share: 1%, status: 2.1.1 } }",
        "`2.1.1` says that the message was delivered",
    );
    refuse(
        "fate: { bounced_later: { share: 1%, use: gmail-027, status: 5.1.1 } }",
        "`use` and `status` exclude",
    );
    refuse("fate: { bounced_later: { share: 1%, use: nothing } }", "neither a situation nor the id");
    refuse("fate: { bounced_later: { share: 1%, quirks: [odd] } }", "expected `no_original_recipient`");
    refuse("fate: { unsubscribed: { share: 1%, by: phone } }", "expected `one_click` or `mailto`");
}
