//! The stories of single recipients.

use record::{Event, EventKind, Feedback, Phase, Status, StatusCause, VerdictRow};
use reports::{Look, NoSuchContact, Style, story};

use crate::golden::check;
use crate::sample::{ANN, BOB, CLEO, EVE, FAY, GUS, HOUR, NORTHMAIL, UNKNOWN, record};

fn told(contact: u32) -> String {
    let record = record();
    story(&record, &record.contacts[contact as usize].address, Look::default()).unwrap()
}

#[test]
fn each_kind_of_fate_is_told() {
    check("story-full-mailbox.txt", &told(ANN));
    check("story-outage.txt", &told(BOB));
    check("story-unknown-user.txt", &told(CLEO));
    check("story-listed-twice.txt", &told(EVE));
    check("story-lost-reply.txt", &told(FAY));
    check("story-throttled.txt", &told(GUS));
}

#[test]
fn what_comes_back_is_told_with_its_reason() {
    let mut record = record();
    let report = VerdictRow { phase: Phase::Report, ..record.verdicts[UNKNOWN as usize].clone() };
    record.verdicts.push(report);
    let verdict = Some(record.verdicts.len() as u32 - 1);
    let (mailing, cause) = (Some(0), StatusCause::LateHardBounce);
    let mut hear = |at, kind| {
        record.events.push(Event { at, provider: NORTHMAIL, contact: BOB, mailing, kind });
    };
    hear(31 * HOUR, EventKind::Feedback { what: Feedback::Delayed, verdict: None });
    hear(40 * HOUR, EventKind::Feedback { what: Feedback::LateHardBounce, verdict });
    let (from, to, strikes) = (Status::Active, Status::Error, 0);
    hear(40 * HOUR, EventKind::StatusChanged { from, to, strikes, cause });
    hear(50 * HOUR, EventKind::Feedback { what: Feedback::Repeated, verdict: None });
    hear(60 * HOUR, EventKind::Feedback { what: Feedback::Complaint, verdict: None });
    check("story-late-bounce.txt", &story(&record, "bob@northmail.test", Look::default()).unwrap());
}

#[test]
fn colours_do_not_change_the_words() {
    let record = record();
    let colours = story(&record, "ann@bigbox.test", Look { style: Style::Ansi, ..Look::default() }).unwrap();
    check("story-colours.txt", &colours);
    let plain: String =
        colours.split("\x1b[").map(|piece| piece.split_once('m').map_or(piece, |(_, text)| text)).collect();
    assert_eq!(plain.replace(' ', ""), told(ANN).replace(' ', ""));
}

#[test]
fn a_contact_that_nothing_happened_to_is_told_so() {
    let mut record = record();
    record.events.retain(|event| event.contact != EVE);
    let text = story(&record, "EVE@northmail.test", Look::default()).unwrap();
    assert!(text.contains("nothing happened to this contact"), "{text}");
}

#[test]
fn an_end_without_a_begin_is_shown_as_stray() {
    let mut record = record();
    record
        .events
        .retain(|event| event.contact != ANN || !matches!(event.kind, EventKind::AttemptBegun { .. }));
    let text = story(&record, "ann@bigbox.test", Look::default()).unwrap();
    assert!(text.contains("stray  the end of an attempt that was not begun"), "{text}");
    assert!(text.contains("server only: connection 3  refused with 452 at RCPT"), "{text}");
}

#[test]
fn engine_and_fleet_number_connections_each_in_their_own_way() {
    let mut record = record();
    record.receipts.arrivals.iter_mut().for_each(|arrival| arrival.connection += 100);
    let text = story(&record, "ann@bigbox.test", Look::default()).unwrap();
    assert_eq!(text, told(ANN));
}

#[test]
fn an_unknown_address_is_answered_with_the_nearest() {
    let record = record();
    let check = |address: &str, nearest: &[&str], text: &str| {
        let unknown: NoSuchContact = story(&record, address, Look::default()).unwrap_err();
        assert_eq!(unknown.nearest, nearest);
        assert_eq!(unknown.to_string(), text);
    };
    check(
        "anna@bigbox.test",
        &["ann@bigbox.test", "dan@bigbox.test", "ida@bigbox.test"],
        "no contact has the address `anna@bigbox.test`; did you mean `ann@bigbox.test` or `dan@bigbox.test` or \
         `ida@bigbox.test`",
    );
    check(
        "postmaster",
        &[],
        "no contact has the address `postmaster`; the audience has 8 contacts, for example `ann@bigbox.test`",
    );
}
