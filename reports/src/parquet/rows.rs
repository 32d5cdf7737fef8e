//! A row for each attempt: its beginning and its end are two events of the ledger.

use std::slice;

use record::{ContactId, Event, EventKind, MailingId, Nanos, ProviderId, Record, VerdictId};

/// An attempt that ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) mailing: MailingId,
    pub(super) contact: ContactId,
    pub(super) provider: ProviderId,
    /// `None` if the ledger tells of no beginning.
    pub(super) begun: Option<Begun>,
    pub(super) ended_at: Nanos,
    /// The number of the attempt, if it counts.
    pub(super) counted: Option<u8>,
    pub(super) verdict: VerdictId,
    pub(super) retry_at: Option<Nanos>,
}

/// How it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub(super) at: Nanos,
    pub(super) attempt: u8,
    /// 0 if none could be opened.
    pub(super) connection: u32,
}

impl Row {
    /// The number that the attempt has, or would have if it counted.
    pub(super) fn attempt(&self) -> Option<u8> {
        self.counted.or(self.begun.map(|begun| begun.attempt))
    }
}

/// The rows of a record, in the order in which the attempts ended.
pub(super) struct Rows<'a> {
    events: slice::Iter<'a, Event>,
    contacts: usize,
    /// The attempt under way, by mailing and contact.
    under_way: Vec<Option<Begun>>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        let contacts = record.contacts.len();
        let under_way = vec![None; contacts * record.mailings.len()];
        Self { events: record.events.iter(), contacts, under_way }
    }

    fn row(&mut self, event: &Event) -> Option<Row> {
        let mailing = event.mailing?;
        let under_way = &mut self.under_way[usize::from(mailing) * self.contacts + event.contact as usize];
        let (counted, verdict, retry_at) = match event.kind {
            EventKind::AttemptBegun { attempt, connection } => {
                *under_way = Some(Begun { at: event.at, attempt, connection });
                return None;
            }
            EventKind::AttemptEnded { attempt, verdict, retry_at } => (Some(attempt), verdict, retry_at),
            EventKind::Uncounted { verdict } => (None, verdict, None),
            EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::Settled { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => return None,
        };
        Some(Row {
            mailing,
            contact: event.contact,
            provider: event.provider,
            begun: under_way.take(),
            ended_at: event.at,
            counted,
            verdict,
            retry_at,
        })
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            let event = self.events.next()?;
            if let Some(row) = self.row(event) {
                return Some(row);
            }
        }
    }
}
