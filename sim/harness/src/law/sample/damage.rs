//! Ways to break a record, or to change it within the laws.

use record::{
    Arrival, ContactId, Event, EventKind, LawVerdict, MailingId, Nanos, Phase, Record, Status, VerdictRow,
};

use super::lawful;
use crate::law::Law;

/// Asserts that the lawful record, broken like this, breaks `law`, with a finding that contains `found`.
pub(in crate::law) fn breaks(law: &Law, break_it: impl FnOnce(&mut Record), found: &str) {
    let broken = judge(law, break_it);
    assert!(broken.iter().any(|what| what.contains(found)), "no `{found}` in {broken:#?}");
}

/// Asserts that the lawful record, changed like this, keeps `law`.
pub(in crate::law) fn keeps(law: &Law, change_it: impl FnOnce(&mut Record)) {
    assert_eq!(judge(law, change_it), [""; 0]);
}

fn judge(law: &Law, change_it: impl FnOnce(&mut Record)) -> Vec<String> {
    let mut record = lawful();
    change_it(&mut record);
    verdict(law, &record).broken.into_iter().map(|broken| broken.what).collect()
}

/// The verdict of one law on a record.
pub(in crate::law) fn verdict(law: &Law, record: &Record) -> LawVerdict {
    crate::law::judge(&[law], record).remove(0)
}

/// The first line of this kind about a recipient.
pub(in crate::law) fn first(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    wanted: impl Fn(EventKind) -> bool,
) -> &mut EventKind {
    let mut events = record.events.iter_mut();
    let event = events.find(|event| is_about(event, mailing, contact) && wanted(event.kind));
    &mut event.expect("a line of this kind").kind
}

/// The final outcome of a recipient.
pub(in crate::law) fn settled(record: &mut Record, mailing: MailingId, contact: ContactId) -> &mut EventKind {
    first(record, mailing, contact, |kind| matches!(kind, EventKind::Settled { .. }))
}

/// Changes what the first change of status of a contact led to.
pub(in crate::law) fn change(
    record: &mut Record,
    contact: ContactId,
    change: impl FnOnce(&mut Status, &mut u8),
) {
    let mut lines = record.events.iter_mut().filter(|event| event.contact == contact);
    let found = lines.find_map(|event| match &mut event.kind {
        EventKind::StatusChanged { to, strikes, .. } => Some((to, strikes)),
        _ => None,
    });
    let (to, strikes) = found.expect("a change of status");
    change(to, strikes);
}

/// Adds a line, after those of the same instant and provider.
pub(in crate::law) fn insert(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    at: Nanos,
    kind: EventKind,
) {
    let provider = record.contacts[contact as usize].provider;
    let position = record.events.partition_point(|event| (event.at, event.provider) <= (at, provider));
    record.events.insert(position, Event { at, provider, contact, mailing: Some(mailing), kind });
}

/// Adds a line, before those of the same instant and provider.
pub(in crate::law) fn insert_first(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    at: Nanos,
    kind: EventKind,
) {
    let provider = record.contacts[contact as usize].provider;
    let position = record.events.partition_point(|event| (event.at, event.provider) < (at, provider));
    record.events.insert(position, Event { at, provider, contact, mailing: Some(mailing), kind });
}

/// Adds a line right after the first attempt of a recipient has ended.
pub(in crate::law) fn insert_after_attempt(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    kind: EventKind,
) {
    let is_end = |event: &Event| matches!(event.kind, EventKind::AttemptEnded { .. });
    let mut events = record.events.iter();
    let end =
        events.position(|event| is_about(event, mailing, contact) && is_end(event)).expect("an attempt");
    let event = Event { kind, ..record.events[end] };
    record.events.insert(end + 1, event);
}

/// Removes all lines of this kind about a recipient.
pub(in crate::law) fn remove(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    unwanted: impl Fn(EventKind) -> bool,
) {
    record.events.retain(|event| !(is_about(event, mailing, contact) && unwanted(event.kind)));
}

/// When the attempt with this number began.
pub(in crate::law) fn begun_at(record: &Record, mailing: MailingId, contact: ContactId, number: u8) -> Nanos {
    let is_begin =
        |event: &Event| matches!(event.kind, EventKind::AttemptBegun { attempt, .. } if attempt == number);
    let mut events = record.events.iter();
    events.find(|event| is_about(event, mailing, contact) && is_begin(event)).expect("an attempt").at
}

/// Moves the attempt with this number, and all that follows it, by `by` nanoseconds, in both accounts.
pub(in crate::law) fn shift(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
    number: u8,
    by: i64,
) {
    let begun = begun_at(record, mailing, contact, number);
    let events = record.events.iter_mut().filter(|event| is_about(event, mailing, contact));
    for event in events.filter(|event| event.at >= begun) {
        event.at = event.at.saturating_add_signed(by);
    }
    for arrival in receipts(record, mailing, contact).filter(|arrival| arrival.at >= begun) {
        arrival.at = arrival.at.saturating_add_signed(by);
    }
    sort(record);
}

/// The receipts for a recipient.
pub(in crate::law) fn receipts(
    record: &mut Record,
    mailing: MailingId,
    contact: ContactId,
) -> impl Iterator<Item = &mut Arrival> {
    let arrivals = record.receipts.arrivals.iter_mut();
    arrivals.filter(move |arrival| arrival.sender == u32::from(mailing) && arrival.recipient == contact)
}

/// Removes the receipts for a recipient.
pub(in crate::law) fn lose_receipts(record: &mut Record, mailing: MailingId, contact: ContactId) {
    let arrivals = &mut record.receipts.arrivals;
    arrivals.retain(|arrival| (arrival.sender, arrival.recipient) != (u32::from(mailing), contact));
}

/// The verdict of this phase and code.
pub(in crate::law) fn verdict_row(record: &mut Record, phase: Phase, code: Option<u16>) -> &mut VerdictRow {
    let mut rows = record.verdicts.iter_mut();
    rows.find(|row| row.phase == phase && row.code == code).expect("a verdict of this phase and code")
}

/// Brings both accounts into the order of time.
pub(in crate::law) fn sort(record: &mut Record) {
    record.events.sort_by_key(|event| (event.at, event.provider));
    record.receipts.arrivals.sort_by_key(|arrival| (arrival.at, arrival.provider, arrival.connection));
}

pub(super) fn is_about(event: &Event, mailing: MailingId, contact: ContactId) -> bool {
    event.mailing == Some(mailing) && event.contact == contact
}
