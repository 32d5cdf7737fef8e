//! What was found, numbered in the order of first use.

use std::collections::BTreeMap;

use record::{Event, EventKind, VerdictRow};

/// The rows of all shards, each once.
#[derive(Default)]
pub(super) struct Verdicts {
    rows: Vec<VerdictRow>,
    numbers: BTreeMap<VerdictRow, u32>,
}

impl Verdicts {
    /// Enters rows; answers with their numbers.
    pub(super) fn enter(&mut self, rows: impl Iterator<Item = VerdictRow>) -> Vec<u32> {
        rows.map(|row| {
            let next = u32::try_from(self.rows.len()).expect("fewer than four billion verdicts");
            *self.numbers.entry(row).or_insert_with_key(|row| {
                self.rows.push(row.clone());
                next
            })
        })
        .collect()
    }

    /// The rows in the order in which `events` use them; the events are renumbered.
    pub(super) fn by_first_use(self, events: &mut [Event]) -> Vec<VerdictRow> {
        let mut new_numbers = vec![u32::MAX; self.rows.len()];
        let mut order = Vec::new();
        for event in events {
            *event = renumbered(*event, |verdict| {
                let number = &mut new_numbers[verdict as usize];
                if *number == u32::MAX {
                    *number = u32::try_from(order.len()).expect("no more than before");
                    order.push(verdict);
                }
                *number
            });
        }
        let mut rows: Vec<Option<VerdictRow>> = self.rows.into_iter().map(Some).collect();
        order.into_iter().filter_map(|verdict| rows[verdict as usize].take()).collect()
    }
}

/// The event with its verdict renumbered.
pub(super) fn renumbered(event: Event, mut number: impl FnMut(u32) -> u32) -> Event {
    let kind = match event.kind {
        EventKind::AttemptEnded { attempt, verdict, retry_at } => {
            EventKind::AttemptEnded { attempt, verdict: number(verdict), retry_at }
        }
        EventKind::Uncounted { verdict } => EventKind::Uncounted { verdict: number(verdict) },
        EventKind::Settled { outcome, cause, verdict } => {
            EventKind::Settled { outcome, cause, verdict: verdict.map(&mut number) }
        }
        EventKind::Selected
        | EventKind::Excluded(_)
        | EventKind::AttemptBegun { .. }
        | EventKind::StatusChanged { .. } => event.kind,
    };
    Event { kind, ..event }
}
