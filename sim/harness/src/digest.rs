//! The digest of a record: equal digests, equal runs.
//!
//! XXH3-64 over the fields in a fixed order and encoding (numbers little-endian, text with its length before it). The file
//! name is left out: the same scenario under another path is the same run. Verdicts on expectations are left out too:
//! they follow from the rest.

use record::{Answer, Connection, ConnectionEnd, Event, EventKind, Record};
use xxhash_rust::xxh3::Xxh3Default;

/// The digest of everything in `record` that describes the run.
pub(crate) fn digest(record: &Record) -> u64 {
    let mut digest = Digest(Xxh3Default::new());
    digest.text(&record.scenario).numbers(&[record.seed, record.ended, record.horizon]);
    for provider in &record.providers {
        digest.text(&provider.name).text(&provider.profile);
        provider.domains.iter().for_each(|domain| {
            digest.text(domain);
        });
    }
    for mailing in &record.mailings {
        let counters = &mailing.counters;
        digest.text(&mailing.name).text(&mailing.sender);
        digest.numbers(&[mailing.start, mailing.window_end, mailing.message_bytes, mailing.message_hash]);
        digest.numbers(&[
            counters.selected,
            counters.excluded,
            counters.pending,
            counters.dropped,
            counters.sent,
        ]);
        digest.numbers(&[counters.in_progress, counters.delivered, counters.soft_bounced]);
        digest.numbers(&[counters.hard_bounced, counters.cancelled]);
    }
    for contact in &record.contacts {
        digest.text(&contact.address);
        digest.numbers(&[u64::from(contact.provider), u64::from(contact.listed), contact.status as u64]);
    }
    for row in &record.verdicts {
        digest.numbers(&[row.phase as u64, row.code.map_or(0, u64::from)]);
        digest.text(row.enhanced.as_deref().unwrap_or("")).text(&row.text).text(&row.class);
        digest.text(&row.category).text(&row.scope).text(&row.rule);
    }
    record.events.iter().for_each(|event| digest.event(event));
    record.receipts.connections.iter().for_each(|connection| digest.connection(connection));
    for arrival in &record.receipts.arrivals {
        let (kind, first, second) = match arrival.answer {
            Answer::Accepted { body_hash, body_bytes } => (1, body_hash, body_bytes),
            Answer::AcceptedReplyLost { body_hash, body_bytes } => (2, body_hash, body_bytes),
            Answer::Refused { phase, code } => (3, phase as u64, u64::from(code)),
            Answer::Unfinished => (4, 0, 0),
        };
        digest.numbers(&[
            arrival.at,
            u64::from(arrival.provider),
            u64::from(arrival.connection),
            kind,
            first,
            second,
        ]);
        digest.text(&record.receipts.senders[arrival.sender as usize]);
        digest.text(&record.receipts.recipients[arrival.recipient as usize]);
    }
    digest.numbers(&[u64::from(record.receipts.open_at_the_end)]);
    digest.0.digest()
}

struct Digest(Xxh3Default);

impl Digest {
    fn numbers(&mut self, numbers: &[u64]) -> &mut Self {
        numbers.iter().for_each(|number| self.0.update(&number.to_le_bytes()));
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.numbers(&[text.len() as u64]);
        self.0.update(text.as_bytes());
        self
    }

    fn event(&mut self, event: &Event) {
        let mailing = event.mailing.map_or(u64::MAX, u64::from);
        self.numbers(&[event.at, u64::from(event.provider), u64::from(event.contact), mailing]);
        let fields: [u64; 5] = match event.kind {
            EventKind::Selected => [1, 0, 0, 0, 0],
            EventKind::Excluded(reason) => [2, reason as u64, 0, 0, 0],
            EventKind::AttemptBegun { attempt, connection } => {
                [3, u64::from(attempt), u64::from(connection), 0, 0]
            }
            EventKind::AttemptEnded { attempt, verdict, retry_at } => [
                4,
                u64::from(attempt),
                u64::from(verdict),
                u64::from(retry_at.is_some()),
                retry_at.unwrap_or(0),
            ],
            EventKind::Throttled { verdict } => [5, u64::from(verdict), 0, 0, 0],
            EventKind::Settled { outcome, cause, verdict } => {
                let numbered = verdict.map_or(0, |verdict| u64::from(verdict) + 1);
                [6, outcome as u64, cause as u64, numbered, 0]
            }
            EventKind::StatusChanged { from, to, strikes, cause } => {
                [7, from as u64, to as u64, u64::from(strikes), cause as u64]
            }
        };
        self.numbers(&fields);
    }

    fn connection(&mut self, connection: &Connection) {
        let end = match connection.end {
            ConnectionEnd::Quit => 1,
            ConnectionEnd::ClientClosed => 2,
            ConnectionEnd::ServerClosed => 3,
            ConnectionEnd::StillOpen => 4,
        };
        self.numbers(&[u64::from(connection.provider), u64::from(connection.number), connection.opened]);
        self.numbers(&[connection.closed, u64::from(connection.messages), end]);
    }
}
