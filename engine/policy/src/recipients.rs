//! The rows of the recipients: plain integers, one a recipient, laid out mailing after mailing.

use std::sync::Arc;

use crate::ids::{ContactId, MailingId, RecipientId};
use crate::ledger::{Cause, Outcome};
use crate::verdict::Finding;

/// Where a recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Its mailing has not started for it.
    NotJoined,
    /// Waiting for its turn: due, but held up by DNS, connections, or limits.
    Queued,
    /// Waiting for its next attempt to be due.
    Deferred,
    /// Part of a transaction right now.
    InFlight,
    /// Its outcome is uncertain, and the policy is to wait.
    Held,
    /// Final outcome, or excluded.
    Final,
}

/// Whether any attempt was begun for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    No,
    Yes,
}

/// One recipient.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) contact: ContactId,
    /// Its place on the mailing's list.
    pub(crate) position: u32,
    pub(crate) mailing: MailingId,
    pub(crate) progress: Progress,
    pub(crate) begun: Begun,
    /// It was in flight when it was withdrawn: why it must not be attempted again.
    pub(crate) stop: Option<Cause>,
    /// Its final outcome.
    pub(crate) ended: Option<Outcome>,
    /// Attempts counted so far.
    pub(crate) attempts: u8,
    /// What was found last.
    pub(crate) finding: Option<Arc<Finding>>,
}

/// Size of a row in bytes, for reports about memory.
pub const ROW_BYTES: usize = size_of::<Row>();

/// All rows. A mailing's rows are adjacent and ascend by contact and by their place on the list.
#[derive(Debug, Default)]
pub(crate) struct Recipients {
    rows: Vec<Row>,
}

impl Recipients {
    /// Adds the next row of `mailing`, which starts after all others have been added.
    pub(crate) fn push(&mut self, mailing: MailingId, contact: ContactId, position: u32) -> RecipientId {
        let id = RecipientId::from_index(self.rows.len());
        self.rows.push(Row {
            contact,
            position,
            mailing,
            progress: Progress::NotJoined,
            begun: Begun::No,
            stop: None,
            ended: None,
            attempts: 0,
            finding: None,
        });
        id
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, id: RecipientId) -> &Row {
        &self.rows[id.index()]
    }

    pub(crate) fn row_mut(&mut self, id: RecipientId) -> &mut Row {
        &mut self.rows[id.index()]
    }

    /// The row of `contact` among the rows `range`, which are those of one mailing.
    pub(crate) fn find(&self, range: std::ops::Range<usize>, contact: ContactId) -> Option<RecipientId> {
        let first = range.start;
        let found = self.rows[range].binary_search_by_key(&contact, |row| row.contact).ok()?;
        Some(RecipientId::from_index(first + found))
    }

    /// The row with this place on the list among the rows `range`, which are those of one mailing.
    pub(crate) fn at(&self, range: std::ops::Range<usize>, position: u32) -> Option<RecipientId> {
        let first = range.start;
        let found = self.rows[range].binary_search_by_key(&position, |row| row.position).ok()?;
        Some(RecipientId::from_index(first + found))
    }
}
