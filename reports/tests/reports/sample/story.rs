//! The story of the sample: what happened to each contact, as the ledger and the receipts have it.

use record::{
    Answer, Arrival, Cause, Checks, Event, EventKind, ExcludeReason, Nanos, Outcome, Phase, Status,
    StatusCause,
};

use super::{
    ANN, BOB, BODY_BYTES, BODY_HASH, BUSY, CLEO, CONTACTS, DAN, EVE, FAY, FULL, GUS, HOUR, LOST, MILLI,
    MINUTE, OK, REFUSED, UNKNOWN, WEEK,
};

/// The ledger and the receipts, contact by contact.
#[derive(Default)]
pub(super) struct Story {
    pub(super) events: Vec<Event>,
    pub(super) arrivals: Vec<Arrival>,
}

impl Story {
    fn event(&mut self, contact: u32, mailing: Option<u16>, at: Nanos, kind: EventKind) {
        let provider = CONTACTS[contact as usize].1;
        self.events.push(Event { at, provider, contact, mailing, kind });
    }

    fn arrival(&mut self, contact: u32, at: Nanos, connection: u32, answer: Answer) {
        let provider = CONTACTS[contact as usize].1;
        self.arrivals.push(Arrival {
            at,
            provider,
            connection,
            sender: 0,
            recipient: contact,
            answer,
            rule: None,
            checks: Checks::NONE,
        });
    }

    fn attempt(
        &mut self,
        contact: u32,
        at: Nanos,
        attempt: u8,
        connection: u32,
        verdict: u32,
        retry_at: Option<Nanos>,
    ) {
        self.event(contact, Some(0), at, EventKind::AttemptBegun { attempt, connection });
        self.event(
            contact,
            Some(0),
            at + 213 * MILLI,
            EventKind::AttemptEnded { attempt, verdict, retry_at },
        );
        let body = Answer::Accepted { body_hash: BODY_HASH, body_bytes: BODY_BYTES };
        let answer = match verdict {
            FULL => Some(Answer::Refused { phase: Phase::Rcpt, code: 452 }),
            UNKNOWN => Some(Answer::Refused { phase: Phase::Rcpt, code: 550 }),
            OK => Some(body),
            LOST => Some(Answer::AcceptedReplyLost { body_hash: BODY_HASH, body_bytes: BODY_BYTES }),
            _ => None,
        };
        if let Some(answer) = answer {
            self.arrival(contact, at + 180 * MILLI, connection, answer);
        }
    }

    fn settled(&mut self, contact: u32, at: Nanos, outcome: Outcome, cause: Cause, verdict: u32) {
        self.event(contact, Some(0), at, EventKind::Settled { outcome, cause, verdict: Some(verdict) });
    }

    fn status(
        &mut self,
        contact: u32,
        mailing: Option<u16>,
        at: Nanos,
        change: [Status; 2],
        strikes: u8,
        cause: StatusCause,
    ) {
        let [from, to] = change;
        self.event(contact, mailing, at, EventKind::StatusChanged { from, to, strikes, cause });
    }

    /// A full mailbox to the end of the plan.
    pub(super) fn ann(&mut self) {
        self.event(ANN, Some(0), 0, EventKind::Selected);
        let times =
            [132 * MILLI, HOUR + 40 * MILLI, 6 * HOUR + 33 * MILLI, 29 * HOUR + 30 * MINUTE + 90 * MILLI];
        let due = [Some(HOUR), Some(6 * HOUR), Some(29 * HOUR + 30 * MINUTE), None];
        for (index, (at, retry_at)) in times.into_iter().zip(due).enumerate() {
            self.attempt(ANN, at, index as u8 + 1, 3 + index as u32, FULL, retry_at);
        }
        let end = times[3] + 213 * MILLI;
        self.settled(ANN, end, Outcome::SoftBounced, Cause::PlanExhausted, FULL);
        self.status(ANN, Some(0), end, [Status::Active; 2], 1, StatusCause::SoftBounce);
    }

    /// An outage until hour nine; the third attempt is refused, too; the last one comes late and is delivered.
    pub(super) fn bob(&mut self) {
        self.event(BOB, Some(0), 0, EventKind::Selected);
        self.attempt(BOB, 20 * MILLI, 1, 0, REFUSED, Some(HOUR));
        self.attempt(BOB, HOUR, 2, 0, REFUSED, Some(6 * HOUR));
        self.attempt(BOB, 6 * HOUR, 3, 0, REFUSED, Some(29 * HOUR + 30 * MINUTE));
        let last = 29 * HOUR + 42 * MINUTE;
        self.attempt(BOB, last, 4, 1, OK, None);
        self.settled(BOB, last + 213 * MILLI, Outcome::Delivered, Cause::Answer, OK);
        self.status(BOB, Some(0), last + 213 * MILLI, [Status::Active; 2], 0, StatusCause::Delivered);
    }

    /// An unknown user, re-activated later; contacts that are left out.
    pub(super) fn cleo_and_those_left_out(&mut self) {
        self.event(CLEO, Some(0), 0, EventKind::Selected);
        self.attempt(CLEO, 150 * MILLI, 1, 4, UNKNOWN, None);
        self.settled(CLEO, 363 * MILLI, Outcome::HardBounced, Cause::Answer, UNKNOWN);
        self.status(CLEO, Some(0), 363 * MILLI, [Status::Active, Status::Error], 0, StatusCause::HardBounce);
        self.status(CLEO, None, 40 * HOUR, [Status::Error, Status::Active], 0, StatusCause::Reactivated);
        self.status(CLEO, None, 41 * HOUR, [Status::Active, Status::OptOut], 0, StatusCause::Complaint);
        self.event(CLEO, Some(1), WEEK, EventKind::Excluded(ExcludeReason::OptOut));
        self.event(DAN, Some(0), 0, EventKind::Excluded(ExcludeReason::Error));
        self.event(EVE, Some(0), 0, EventKind::Excluded(ExcludeReason::Duplicate));
        self.event(7, Some(0), 0, EventKind::Excluded(ExcludeReason::OptOut));
    }

    /// A reply lost after the final dot, and a delivery after that: the fleet has it twice.
    pub(super) fn fay(&mut self) {
        self.event(FAY, Some(0), 0, EventKind::Selected);
        self.attempt(FAY, 160 * MILLI, 1, 5, LOST, Some(HOUR));
        self.attempt(FAY, HOUR, 2, 6, OK, None);
        self.settled(FAY, HOUR + 213 * MILLI, Outcome::Delivered, Cause::Answer, OK);
        self.arrival(FAY, 2 * HOUR, 9, Answer::Accepted { body_hash: 1, body_bytes: 20_479 });
    }

    /// Throttled for an hour, then cancelled.
    pub(super) fn gus(&mut self) {
        self.event(GUS, Some(0), 0, EventKind::Selected);
        for minute in 0..40 {
            let at = minute * MINUTE;
            self.event(
                GUS,
                Some(0),
                at + MILLI,
                EventKind::AttemptBegun { attempt: 1, connection: 7 + minute as u32 },
            );
            self.event(GUS, Some(0), at + 61 * MILLI, EventKind::Uncounted { verdict: BUSY });
        }
        self.settled(GUS, HOUR, Outcome::Cancelled, Cause::MailingCancelled, BUSY);
    }
}
