//! Mailboxes that fill: how much is in each, and when it is emptied.

use std::time::Duration;

use units::{Instant, Table};

/// The mailboxes of a group that fill.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) quota: Quota,
    pub(super) emptied: Emptied,
    /// By the mailbox's number in the roster.
    contents: Table<u32, Content>,
}

/// How much a mailbox holds; at least one of both is limited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// When mailboxes are emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptied {
    Never,
    /// At each multiple of this, counted from the start of the scenario.
    Every(Duration),
    At(Instant),
}

#[derive(Debug, Clone, Copy, Default)]
struct Content {
    messages: u64,
    bytes: u64,
    /// How often it had been emptied when something was put in last.
    emptied: u64,
}

impl Store {
    pub(super) fn new(quota: Quota, emptied: Emptied) -> Self {
        Self { quota, emptied, contents: Table::default() }
    }

    /// Whether a mailbox takes no message more, or none of this size.
    pub(super) fn is_full(&self, mailbox: u32, declared_size: Option<u64>, now: Instant) -> bool {
        let content = self.content(mailbox, now);
        let is_full = content.messages >= self.quota.messages || content.bytes >= self.quota.bytes;
        is_full || content.bytes.saturating_add(declared_size.unwrap_or(0)) > self.quota.bytes
    }

    /// Puts a message into a mailbox.
    pub(super) fn put(&mut self, mailbox: u32, bytes: u64, now: Instant) {
        let mut content = self.content(mailbox, now);
        content.messages += 1;
        content.bytes = content.bytes.saturating_add(bytes);
        self.contents.insert(mailbox, content);
    }

    fn content(&self, mailbox: u32, now: Instant) -> Content {
        let emptied = self.emptied.times(now);
        let content = self.contents.get(&mailbox).copied().unwrap_or_default();
        if content.emptied == emptied { content } else { Content { emptied, ..Content::default() } }
    }
}

impl Emptied {
    /// How often that has happened by now.
    fn times(self, now: Instant) -> u64 {
        match self {
            Self::Never => 0,
            Self::Every(period) => {
                let times = now.since_epoch().as_nanos() / period.as_nanos().max(1);
                u64::try_from(times).unwrap_or(u64::MAX)
            }
            Self::At(at) => u64::from(now >= at),
        }
    }
}
