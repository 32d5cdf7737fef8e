//! Writes both accounts of a run side by side, as engine and fleet would.
//!
//! Every attempt takes 100 ms in a connection of its own, and a server answers after 60 ms. What may follow what is not
//! checked: that is what the laws are for.

use record::{
    Answer, Arrival, Cause, Checked, Checks, Connection, ConnectionEnd, Contact, ContactId, Counters, Event,
    EventKind, Feedback, Mailing, MailingId, MailingKind, Nanos, Outcome, Phase, Reactivation, Receipts,
    Record, Status, StatusCause, VerdictId, VerdictRow,
};

use super::damage::{is_about, sort};
use super::{HOUR, MILLI, MINUTE};
use crate::expect::sample::provider;
use crate::law::class::Class;

pub(in crate::law) const DELIVERED: VerdictId = 0;
pub(in crate::law) const GREYLISTED: VerdictId = 1;
pub(in crate::law) const MAILBOX_FULL: VerdictId = 2;
pub(in crate::law) const UNKNOWN_USER: VerdictId = 3;
pub(in crate::law) const THROTTLED: VerdictId = 4;
pub(in crate::law) const UNREACHABLE: VerdictId = 5;
pub(in crate::law) const LOST: VerdictId = 6;
pub(in crate::law) const UNCERTAIN: VerdictId = 7;
pub(in crate::law) const SENDER_REFUSED: VerdictId = 8;
pub(in crate::law) const LATE_UNKNOWN: VerdictId = 9;
pub(in crate::law) const LATE_FULL: VerdictId = 10;

const VERDICTS: [(Phase, Option<u16>, &str, &str); 11] = [
    (Phase::EndOfData, Some(250), "delivered", "message"),
    (Phase::Rcpt, Some(451), "soft", "source"),
    (Phase::Rcpt, Some(452), "soft", "address"),
    (Phase::Rcpt, Some(550), "hard", "address"),
    (Phase::Rcpt, Some(421), "throttle", "connection"),
    (Phase::Connect, None, "soft", "site"),
    (Phase::Body, None, "soft", "connection"),
    (Phase::EndOfData, None, "uncertain", "connection"),
    (Phase::Mail, Some(450), "soft", "source"),
    (Phase::Report, Some(550), "hard", "address"),
    (Phase::Report, Some(452), "soft", "address"),
];

/// Writes both accounts.
pub(super) struct Sample {
    pub(super) record: Record,
}

impl Sample {
    pub(super) fn new() -> Self {
        let verdicts = VERDICTS.map(|(phase, code, class, scope)| VerdictRow {
            phase,
            code,
            enhanced: None,
            text: format!("{class} at {phase:?}"),
            class: class.to_owned(),
            category: String::new(),
            scope: scope.to_owned(),
            action: if class == "throttle" { "throttle" } else { "retry" }.to_owned(),
            wait: None,
            rule: "basic-code".to_owned(),
            reason: String::new(),
            help_url: None,
        });
        let record = Record {
            scenario: "sample".to_owned(),
            about: String::new(),
            file: String::new(),
            source: String::new(),
            seed: 1,
            ended: 0,
            horizon: 0,
            providers: vec![provider("northmail"), provider("bigbox")],
            mailings: Vec::new(),
            letters: Vec::new(),
            contacts: Vec::new(),
            timeline: Vec::new(),
            reactivations: Vec::new(),
            strays: Vec::new(),
            verdicts: verdicts.to_vec(),
            events: Vec::new(),
            receipts: Receipts::default(),
            dialogues: Vec::new(),
            digest: 0,
            checked: Checked::default(),
        };
        Self { record }
    }

    pub(super) fn contact(&mut self, name: &str, provider: u32) {
        let address = format!("{name}@{}", self.record.providers[provider as usize].domains[0]);
        self.record.receipts.recipients.push(address.clone());
        self.record.contacts.push(Contact { address, provider, listed: 1, status: Status::Active });
    }

    pub(super) fn mailing(&mut self, name: &str, kind: MailingKind, start: Nanos) {
        let id = self.record.mailings.len() as u64;
        let sender = format!("{name}@sender.example");
        self.record.receipts.senders.push(sender.clone());
        self.record.mailings.push(Mailing {
            name: name.to_owned(),
            kind,
            sender,
            start,
            window_end: start + 30 * HOUR,
            contact_policy: "classic".to_owned(),
            uncertain_policy: "resend".to_owned(),
            attempt_offsets: vec![0, HOUR, 6 * HOUR, 29 * HOUR + 30 * MINUTE],
            message_bytes: 4096 + id,
            message_hash: 0xB0D1 + id,
            counters: Counters::default(),
        });
    }

    pub(super) fn event(
        &mut self,
        mailing: Option<MailingId>,
        contact: ContactId,
        at: Nanos,
        kind: EventKind,
    ) {
        let provider = self.record.contacts[contact as usize].provider;
        self.record.events.push(Event { at, provider, contact, mailing, kind });
    }

    pub(super) fn select(&mut self, mailing: MailingId, contact: ContactId) {
        self.event(
            Some(mailing),
            contact,
            self.record.mailings[usize::from(mailing)].start,
            EventKind::Selected,
        );
    }

    /// Writes an attempt of 100 ms in a connection of its own, and gives the instant of its end.
    pub(super) fn attempt(
        &mut self,
        mailing: MailingId,
        contact: ContactId,
        at: Nanos,
        verdict: VerdictId,
    ) -> Nanos {
        let ended = at + 100 * MILLI;
        let attempt =
            1 + self.past(mailing, contact, |kind| matches!(kind, EventKind::AttemptEnded { .. })) as u8;
        let connection = if verdict == UNREACHABLE { 0 } else { self.connect(contact, at) };
        self.event(Some(mailing), contact, at, EventKind::AttemptBegun { attempt, connection });
        let Mailing { start, attempt_offsets, .. } = &self.record.mailings[usize::from(mailing)];
        let retry_at = attempt_offsets.get(usize::from(attempt)).map(|offset| start + offset);
        let kind = match Class::of(&self.record.verdicts[verdict as usize]).expect("a known class") {
            Class::Throttle | Class::Again => EventKind::Uncounted { verdict },
            Class::Soft | Class::Unconfirmed | Class::Uncertain => {
                EventKind::AttemptEnded { attempt, verdict, retry_at }
            }
            Class::Delivered | Class::Hard => EventKind::AttemptEnded { attempt, verdict, retry_at: None },
        };
        self.event(Some(mailing), contact, ended, kind);
        self.receive(mailing, contact, at + 60 * MILLI, connection, verdict);
        ended
    }

    fn past(&self, mailing: MailingId, contact: ContactId, wanted: fn(EventKind) -> bool) -> usize {
        let events = self.record.events.iter();
        events.filter(|event| is_about(event, mailing, contact) && wanted(event.kind)).count()
    }

    fn connect(&mut self, contact: ContactId, at: Nanos) -> u32 {
        let provider = self.record.contacts[contact as usize].provider;
        let connections = &mut self.record.receipts.connections;
        let number =
            1 + connections.iter().filter(|connection| connection.provider == provider).count() as u32;
        let (opened, closed) = (at + 20 * MILLI, at + 150 * MILLI);
        let end = ConnectionEnd::Quit;
        connections.push(Connection {
            provider,
            number,
            host: 0,
            opened,
            closed,
            messages: 1,
            end,
            address: 1,
            rule: None,
        });
        number
    }

    fn receive(
        &mut self,
        mailing: MailingId,
        contact: ContactId,
        at: Nanos,
        connection: u32,
        verdict: VerdictId,
    ) {
        let Mailing { message_hash: body_hash, message_bytes: body_bytes, .. } =
            self.record.mailings[usize::from(mailing)];
        let VerdictRow { phase, code, .. } = self.record.verdicts[verdict as usize];
        let answer = match verdict {
            UNREACHABLE | SENDER_REFUSED => return,
            DELIVERED => Answer::Accepted { body_hash, body_bytes },
            UNCERTAIN => Answer::AcceptedReplyLost { body_hash, body_bytes },
            LOST => Answer::Unfinished,
            _ => Answer::Refused { phase, code: code.expect("a reply has a code") },
        };
        let provider = self.record.contacts[contact as usize].provider;
        let (sender, recipient) = (u32::from(mailing), contact);
        self.record.receipts.arrivals.push(Arrival {
            at,
            provider,
            connection,
            sender,
            recipient,
            answer,
            rule: None,
            checks: Checks::NONE,
        });
    }

    pub(super) fn settle(
        &mut self,
        mailing: MailingId,
        contact: ContactId,
        at: Nanos,
        outcome: Outcome,
        cause: Cause,
    ) {
        let events = self.record.events.iter().rev();
        let verdict =
            events.filter(|event| is_about(event, mailing, contact)).find_map(|event| match event.kind {
                EventKind::AttemptEnded { verdict, .. } => Some(verdict),
                _ => None,
            });
        self.event(Some(mailing), contact, at, EventKind::Settled { outcome, cause, verdict });
    }

    pub(super) fn change(
        &mut self,
        mailing: Option<MailingId>,
        contact: ContactId,
        at: Nanos,
        (from, to, strikes): (Status, Status, u8),
        cause: StatusCause,
    ) {
        self.event(mailing, contact, at, EventKind::StatusChanged { from, to, strikes, cause });
    }

    /// Writes what came back, and the change that follows from it.
    pub(super) fn hear(
        &mut self,
        mailing: MailingId,
        contact: ContactId,
        at: Nanos,
        what: Feedback,
        (to, strikes): (Status, u8),
    ) {
        let (verdict, cause) = match what {
            Feedback::LateHardBounce => (Some(LATE_UNKNOWN), StatusCause::LateHardBounce),
            Feedback::LateSoftBounce => (Some(LATE_FULL), StatusCause::LateSoftBounce),
            Feedback::Complaint => (None, StatusCause::Complaint),
            _ => (None, StatusCause::OptOut),
        };
        self.event(Some(mailing), contact, at, EventKind::Feedback { what, verdict });
        self.change(Some(mailing), contact, at, (Status::Active, to, strikes), cause);
    }

    /// Writes what an operator asked for, and the change that came of it.
    pub(super) fn reactivate(&mut self, contact: ContactId, at: Nanos, from: Status, to: Status) {
        let refused = from == to;
        let cause = if refused { StatusCause::ReactivationRefused } else { StatusCause::Reactivated };
        self.change(None, contact, at, (from, to, 0), cause);
        let (by, why) = ("support".to_owned(), "has a new mailbox".to_owned());
        self.record.reactivations.push(Reactivation { at, contact, by, why, refused });
    }

    /// Writes a delivery after attempts by the plan that ended otherwise; gives the instant of the delivery.
    pub(super) fn deliver_after(
        &mut self,
        mailing: MailingId,
        contact: ContactId,
        failures: &[VerdictId],
    ) -> Nanos {
        self.select(mailing, contact);
        let mut ended = 0;
        for (index, verdict) in failures.iter().chain([&DELIVERED]).enumerate() {
            let Mailing { start, attempt_offsets, .. } = &self.record.mailings[usize::from(mailing)];
            ended = self.attempt(mailing, contact, start + attempt_offsets[index], *verdict);
        }
        self.settle(mailing, contact, ended, Outcome::Delivered, Cause::Answer);
        ended
    }

    /// Writes four attempts on a full mailbox, and the strike that follows.
    pub(super) fn bounce_softly(&mut self, mailing: MailingId, contact: ContactId, strikes: u8) {
        self.select(mailing, contact);
        let Mailing { start, attempt_offsets, .. } = self.record.mailings[usize::from(mailing)].clone();
        let mut ended = 0;
        for offset in attempt_offsets {
            ended = self.attempt(mailing, contact, start + offset, MAILBOX_FULL);
        }
        self.settle(mailing, contact, ended, Outcome::SoftBounced, Cause::PlanExhausted);
        let to = if strikes < 3 { Status::Active } else { Status::Error };
        self.change(Some(mailing), contact, ended, (Status::Active, to, strikes), StatusCause::SoftBounce);
    }

    pub(super) fn finish(mut self) -> Record {
        sort(&mut self.record);
        self.record.receipts.connections.sort_by_key(|connection| (connection.provider, connection.number));
        for mailing in 0..self.record.mailings.len() {
            self.record.mailings[mailing].counters = self.count(mailing as MailingId);
        }
        self.record.ended = self.record.events.last().map_or(0, |event| event.at + MINUTE);
        self.record.horizon = self.record.ended;
        self.record
    }

    fn count(&self, mailing: MailingId) -> Counters {
        let mut counters = Counters::default();
        for event in self.record.events.iter().filter(|event| event.mailing == Some(mailing)) {
            match event.kind {
                EventKind::Selected => counters.selected += 1,
                EventKind::Excluded(_) => counters.excluded += 1,
                EventKind::Settled { outcome: Outcome::Delivered, .. } => counters.delivered += 1,
                EventKind::Settled { outcome: Outcome::SoftBounced, .. } => counters.soft_bounced += 1,
                EventKind::Settled { outcome: Outcome::HardBounced, .. } => counters.hard_bounced += 1,
                EventKind::Settled { outcome: Outcome::Cancelled, .. } => counters.cancelled += 1,
                EventKind::Settled { outcome: Outcome::Dropped, .. } => counters.dropped += 1,
                EventKind::Feedback { what, .. } => counters.hear(what),
                _ => {}
            }
        }
        counters.sent = counters.selected - counters.dropped;
        counters
    }
}
