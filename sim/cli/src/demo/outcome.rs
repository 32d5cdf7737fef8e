//! What became of the one contact of a record, as cells of a table.

use std::time::Duration;

use record::{Answer, Cause, EventKind, Outcome, Record, Status};
use units::Span;

/// What became of a contact.
#[derive(Debug)]
pub(super) struct Ended {
    outcome: Outcome,
    /// Attempts that were counted.
    attempts: usize,
    after: Duration,
    /// The reason; empty for a delivery.
    reason: String,
    /// How often the provider took the message.
    arrived: usize,
    contact: Status,
}

impl Ended {
    /// What became of the only contact of this record.
    ///
    /// # Panics
    /// If it has no final outcome, which a finished run gives to everybody.
    pub(super) fn of(record: &Record) -> Self {
        let settled = record.events.iter().find_map(|event| match event.kind {
            EventKind::Settled { outcome, cause, verdict } => Some((event.at, outcome, cause, verdict)),
            _ => None,
        });
        let (at, outcome, cause, verdict) = settled.expect("a finished run settles everybody");
        let verdict = verdict.map(|verdict| &record.verdicts[verdict as usize]);
        let reason = match (cause, verdict) {
            (Cause::Uncertain, _) => "uncertain".to_owned(),
            (Cause::HeldBack, _) => "held back".to_owned(),
            (_, Some(verdict)) => verdict.category.clone(),
            (_, None) => String::new(),
        };
        Self {
            outcome,
            attempts: count(record, |kind| matches!(kind, EventKind::AttemptEnded { .. })),
            after: Duration::from_nanos(at),
            reason,
            arrived: arrived(record),
            contact: status(record),
        }
    }

    /// Outcome, tries, after, reason, arrived, contact.
    pub(super) fn cells(&self) -> [String; 6] {
        let outcome = match self.outcome {
            Outcome::Delivered => "delivered",
            Outcome::SoftBounced => "soft bounce",
            Outcome::HardBounced => "hard bounce",
            Outcome::Cancelled => "cancelled",
            Outcome::Dropped => "dropped",
        };
        let contact = match self.contact {
            Status::Active => "active",
            Status::Error => "error",
            Status::OptOut => "opt-out",
        };
        [
            outcome.to_owned(),
            self.attempts.to_string(),
            rounded(self.after),
            self.reason.clone(),
            self.arrived.to_string(),
            contact.to_owned(),
        ]
    }
}

/// Whole seconds from one second on.
fn rounded(after: Duration) -> String {
    let seconds = Duration::from_secs(after.as_secs());
    Span(if seconds.is_zero() { after } else { seconds }).to_string()
}

fn count(record: &Record, is_meant: fn(&EventKind) -> bool) -> usize {
    record.events.iter().filter(|event| is_meant(&event.kind)).count()
}

fn arrived(record: &Record) -> usize {
    let is_taken = |answer: &Answer| match answer {
        Answer::Accepted { .. } | Answer::AcceptedReplyLost { .. } => true,
        Answer::Refused { .. } | Answer::Unfinished => false,
    };
    record.receipts.arrivals.iter().filter(|arrival| is_taken(&arrival.answer)).count()
}

/// The status in the end.
fn status(record: &Record) -> Status {
    let changed = record.events.iter().rev().find_map(|event| match event.kind {
        EventKind::StatusChanged { to, .. } => Some(to),
        _ => None,
    });
    changed.or(record.contacts.first().map(|contact| contact.status)).unwrap_or(Status::Active)
}
