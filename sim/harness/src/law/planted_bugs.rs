//! Bugs planted into the lawful record, one at a time: which laws catch which bug. For tests only.
//!
//! A law that nothing can break is worth nothing. [`BUGS`] are mistakes that delivery engines make; below it, every
//! single line of both accounts is left out, and doubled, to see that no line can go missing unnoticed.

use record::{
    Answer, Arrival, Cause, Event, EventKind, Feedback, MailingId, Outcome, Phase, Record, Status,
    StatusCause,
};

use super::retry::WINDOW;
use super::sample::{
    self, ANN, AUTUMN, BOB, CLEO, DAN, EVE, GUS, HAL, HOUR, KIM, MAX, MINUTE, PROOF, SPRING, SUMMER,
};

struct Bug {
    name: &'static str,
    plant: fn(&mut Record),
    /// The laws that must catch it; others may, too.
    caught_by: &'static [&'static str],
}

const BUGS: [Bug; 29] = [
    Bug {
        name: "a recipient is lost on 421",
        plant: |record| {
            let throttled = |kind| matches!(kind, EventKind::Uncounted { .. });
            let position = record.events.iter().position(|event| throttled(event.kind)).expect("a 421");
            let at = record.events[position].at;
            record.events.retain(|event| event.contact != GUS || event.at <= at);
            record.receipts.arrivals.retain(|arrival| arrival.recipient != GUS || arrival.at <= at);
            record.mailings[0].counters.delivered -= 1;
            record.mailings[0].counters.in_progress += 1;
        },
        caught_by: &["conservation", "one-final-outcome"],
    },
    Bug {
        name: "off by one: given up after three attempts",
        plant: |record| {
            let fourth = sample::begun_at(record, SPRING, CLEO, 4);
            sample::remove(record, SPRING, CLEO, |kind| {
                matches!(
                    kind,
                    EventKind::AttemptBegun { attempt: 4, .. } | EventKind::AttemptEnded { attempt: 4, .. }
                )
            });
            record
                .receipts
                .arrivals
                .retain(|arrival| (arrival.sender, arrival.recipient) != (0, CLEO) || arrival.at < fourth);
        },
        caught_by: &["four-attempts"],
    },
    Bug {
        name: "given up in peace as if something had held it back",
        plant: |record| {
            *sample::settled(record, SPRING, KIM) = EventKind::Settled {
                outcome: Outcome::SoftBounced,
                cause: Cause::HeldBack,
                verdict: Some(sample::UNREACHABLE),
            };
            sample::remove(record, SPRING, KIM, |kind| {
                matches!(
                    kind,
                    EventKind::AttemptBegun { attempt: 4, .. } | EventKind::AttemptEnded { attempt: 4, .. }
                )
            });
        },
        caught_by: &["four-attempts"],
    },
    Bug {
        name: "off by one: a fifth attempt",
        plant: |record| try_again(record, SPRING, CLEO, WINDOW - MINUTE, 5),
        caught_by: &["retry", "one-final-outcome"],
    },
    Bug {
        name: "a delivery is counted twice",
        plant: |record| record.mailings[0].counters.delivered += 1,
        caught_by: &["conservation"],
    },
    Bug {
        name: "an outcome is written down twice",
        plant: |record| {
            let outcome = *sample::settled(record, SPRING, ANN);
            sample::insert(record, SPRING, ANN, HOUR, outcome);
        },
        caught_by: &["conservation", "one-final-outcome"],
    },
    Bug {
        name: "an attempt after a hard bounce",
        plant: |record| try_again(record, SPRING, DAN, HOUR, 2),
        caught_by: &["retry", "one-final-outcome", "active-contacts-only", "two-accounts"],
    },
    Bug {
        name: "a message is delivered twice",
        plant: |record| {
            let again = *sample::receipts(record, SPRING, ANN).next().expect("a receipt");
            record.receipts.arrivals.push(Arrival { at: HOUR, ..again });
            sample::sort(record);
        },
        caught_by: &["two-accounts"],
    },
    Bug {
        name: "a retry a minute early",
        plant: |record| sample::shift(record, SPRING, BOB, 2, -(MINUTE as i64)),
        caught_by: &["retry"],
    },
    Bug {
        name: "an attempt when the window has closed",
        plant: |record| sample::shift(record, SPRING, CLEO, 4, 31 * MINUTE as i64),
        caught_by: &["retry", "justified-outcome"],
    },
    Bug {
        name: "a suppressed contact is mailed",
        plant: |record| {
            sample::remove(record, SPRING, MAX, |_| true);
            sample::insert(record, SPRING, MAX, 0, EventKind::Selected);
            try_again(record, SPRING, MAX, 0, 1);
        },
        caught_by: &["active-contacts-only"],
    },
    Bug {
        name: "a contact that opted out is tried again",
        plant: |record| {
            let outcome = *sample::settled(record, SPRING, EVE);
            sample::remove(record, SPRING, EVE, |kind| kind == outcome);
            try_again(record, SPRING, EVE, HOUR, 2);
            sample::insert(record, SPRING, EVE, 2 * HOUR, outcome);
        },
        caught_by: &["active-contacts-only"],
    },
    Bug {
        name: "a line of the message is lost",
        plant: |record| {
            let receipt = sample::receipts(record, SPRING, ANN).next().expect("a receipt");
            receipt.answer = Answer::Accepted { body_hash: 7, body_bytes: 4000 };
        },
        caught_by: &["two-accounts"],
    },
    Bug {
        name: "too many connections",
        plant: |record| record.providers[0].limits.connections = 3,
        caught_by: &["server-limits"],
    },
    Bug {
        name: "a connection is used for too long",
        plant: |record| record.receipts.connections[0].messages = 101,
        caught_by: &["server-limits"],
    },
    Bug {
        name: "a connection is leaked",
        plant: |record| record.receipts.open_at_the_end = 1,
        caught_by: &["nothing-left-open"],
    },
    Bug {
        name: "two recipients of a transaction get each other's reply",
        plant: |record| {
            for (contact, reply) in [(CLEO, sample::GREYLISTED), (BOB, sample::MAILBOX_FULL)] {
                let is_end = |kind| matches!(kind, EventKind::AttemptEnded { .. });
                if let EventKind::AttemptEnded { verdict, .. } =
                    sample::first(record, SPRING, contact, is_end)
                {
                    *verdict = reply;
                }
            }
        },
        caught_by: &["two-accounts"],
    },
    Bug {
        name: "a message goes to another recipient",
        plant: |record| sample::receipts(record, SPRING, BOB).for_each(|receipt| receipt.recipient = ANN),
        caught_by: &["two-accounts"],
    },
    Bug {
        name: "a delivery is claimed that no server knows of",
        plant: |record| sample::lose_receipts(record, SPRING, ANN),
        caught_by: &["two-accounts"],
    },
    Bug {
        name: "an uncertain outcome is taken for a delivery",
        plant: |record| {
            let uncertain = sample::begun_at(record, SPRING, HAL, 2);
            let outcome = EventKind::Settled {
                outcome: Outcome::Delivered,
                cause: Cause::Answer,
                verdict: Some(sample::UNCERTAIN),
            };
            record.events.retain(|event| event.contact != HAL || event.at < uncertain);
            record.receipts.arrivals.retain(|arrival| arrival.recipient != HAL || arrival.at < uncertain);
            sample::insert(record, SPRING, HAL, uncertain, outcome);
        },
        caught_by: &["justified-outcome", "two-accounts"],
    },
    Bug {
        name: "a throttled attempt is counted",
        plant: |record| {
            let throttled = |kind| matches!(kind, EventKind::Uncounted { .. });
            *sample::first(record, SPRING, GUS, throttled) =
                EventKind::AttemptEnded { attempt: 1, verdict: sample::THROTTLED, retry_at: Some(HOUR) };
        },
        caught_by: &["retry"],
    },
    Bug {
        name: "a hard bounce leaves the contact Active",
        plant: |record| {
            sample::remove(record, SPRING, DAN, |kind| matches!(kind, EventKind::StatusChanged { .. }));
        },
        caught_by: &["contact-table"],
    },
    Bug {
        name: "the careful policy strikes for an outage",
        plant: |record| {
            record.mailings[0].contact_policy = "careful".to_owned();
            sample::verdict_row(record, Phase::Rcpt, Some(452)).scope = "site".to_owned();
        },
        caught_by: &["contact-table"],
    },
    Bug {
        name: "a test mailing suppresses a contact",
        plant: |record| {
            let ended = 2 * HOUR + 100 * sample::MILLI;
            let (from, to) = (Status::Active, Status::Error);
            let change = EventKind::StatusChanged { from, to, strikes: 0, cause: StatusCause::HardBounce };
            sample::insert(record, PROOF, ANN, ended, change);
        },
        caught_by: &["contact-table"],
    },
    Bug {
        name: "a late bounce rewrites the outcome",
        plant: |record| {
            if let EventKind::Settled { outcome, .. } = sample::settled(record, SPRING, KIM) {
                *outcome = Outcome::HardBounced;
            }
        },
        caught_by: &["late-reports", "justified-outcome"],
    },
    Bug {
        name: "a complaint that is sent twice counts twice",
        plant: |record| {
            let complaint = EventKind::Feedback { what: Feedback::Complaint, verdict: None };
            sample::insert(record, SPRING, GUS, 5 * HOUR, complaint);
            record.mailings[0].counters.complained += 1;
        },
        caught_by: &["late-reports"],
    },
    Bug {
        name: "a late hard bounce leaves the contact Active",
        plant: |record| {
            sample::remove(record, SPRING, KIM, |kind| matches!(kind, EventKind::StatusChanged { .. }));
        },
        caught_by: &["contact-table"],
    },
    Bug {
        name: "the second soft bounce in a row suppresses",
        plant: |record| {
            let changed = |kind| matches!(kind, EventKind::StatusChanged { .. });
            if let EventKind::StatusChanged { to, .. } = sample::first(record, SUMMER, CLEO, changed) {
                *to = Status::Error;
            }
        },
        caught_by: &["contact-table", "active-contacts-only"],
    },
    Bug {
        name: "the third soft bounce in a row does not suppress",
        plant: |record| {
            let changed = |kind| matches!(kind, EventKind::StatusChanged { .. });
            if let EventKind::StatusChanged { to, .. } = sample::first(record, AUTUMN, CLEO, changed) {
                *to = Status::Active;
            }
        },
        caught_by: &["contact-table"],
    },
];

/// Adds an attempt that no server hears of.
fn try_again(record: &mut Record, mailing: MailingId, contact: u32, at: u64, attempt: u8) {
    sample::insert(record, mailing, contact, at, EventKind::AttemptBegun { attempt, connection: 1 });
    let ended = EventKind::AttemptEnded { attempt, verdict: sample::GREYLISTED, retry_at: None };
    sample::insert(record, mailing, contact, at + 1, ended);
}

fn broken_laws(record: &Record) -> Vec<String> {
    let verdicts = super::check(record).into_iter();
    verdicts.filter(|verdict| !verdict.broken.is_empty()).map(|verdict| verdict.law).collect()
}

#[test]
fn every_planted_bug_is_caught() {
    for Bug { name, plant, caught_by } in BUGS {
        let mut record = sample::lawful();
        plant(&mut record);
        let broken = broken_laws(&record);
        for law in caught_by {
            assert!(
                broken.iter().any(|broken| broken == law),
                "{name}: {law} does not see it, only {broken:?}"
            );
        }
    }
}

#[test]
fn every_law_catches_a_planted_bug() {
    // The order of lines is not something that an engine gets wrong: its tests are with the law itself.
    let laws = super::LAWS.iter().filter(|law| law.name != "well-formed");
    for law in laws {
        assert!(BUGS.iter().any(|bug| bug.caught_by.contains(&law.name)), "{}", law.name);
    }
}

/// A refused re-activation changes nothing, so nothing follows from it.
fn is_without_consequence(event: &Event) -> bool {
    matches!(event.kind, EventKind::StatusChanged { cause: StatusCause::ReactivationRefused, .. })
}

#[test]
fn no_line_of_the_ledger_can_be_missing_or_doubled() {
    let lawful = sample::lawful();
    for (position, event) in
        lawful.events.iter().enumerate().filter(|(_, event)| !is_without_consequence(event))
    {
        let mut missing = lawful.clone();
        missing.events.remove(position);
        assert!(!broken_laws(&missing).is_empty(), "missing: {event:?}");
        let mut doubled = lawful.clone();
        doubled.events.insert(position, *event);
        assert!(!broken_laws(&doubled).is_empty(), "doubled: {event:?}");
    }
}

#[test]
fn no_receipt_can_be_missing_or_doubled() {
    let lawful = sample::lawful();
    for (position, receipt) in lawful.receipts.arrivals.iter().enumerate() {
        let mut missing = lawful.clone();
        missing.receipts.arrivals.remove(position);
        // When the connection ends with 421 at RCPT, the server need not have read the recipient's name.
        let may_lack = matches!(receipt.answer, Answer::Refused { code: 421, .. });
        assert_eq!(broken_laws(&missing).is_empty(), may_lack, "missing: {receipt:?}");
        let mut doubled = lawful.clone();
        doubled.receipts.arrivals.insert(position, *receipt);
        assert!(!broken_laws(&doubled).is_empty(), "doubled: {receipt:?}");
    }
}

/// What no server can tell apart: whether it was never reached, or left before the recipient was named; whether the
/// client that hung up in the middle of the message believed to have sent all of it.
const ALIKE: [[u32; 2]; 2] =
    [[sample::UNREACHABLE, sample::SENDER_REFUSED], [sample::LOST, sample::UNCERTAIN]];

#[test]
fn no_verdict_can_be_exchanged_for_another() {
    let lawful = sample::lawful();
    for position in 0..lawful.events.len() {
        for other in 0..lawful.verdicts.len() as u32 {
            let mut exchanged = lawful.clone();
            let kind = &mut exchanged.events[position].kind;
            let (EventKind::AttemptEnded { verdict, .. } | EventKind::Uncounted { verdict }) = kind else {
                continue;
            };
            let before = std::mem::replace(verdict, other);
            if ALIKE.iter().all(|pair| !(pair.contains(&before) && pair.contains(&other))) {
                let lawful = before == other;
                assert_eq!(
                    broken_laws(&exchanged).is_empty(),
                    lawful,
                    "{other} at line {position}, for {before}"
                );
            }
        }
    }
}
