//! The metrics of a mailing, with both identities held at every instant.
//!
//! The counters change only through the four moves below, each of which keeps the identities by itself.

use crate::ledger::Outcome;

/// How a mailing stands. `selected = pending + dropped + sent`, and
/// `sent = in_progress + delivered + soft_bounced + hard_bounced + cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Recipients of the mailing.
    pub selected: u64,
    /// Contacts left out (Error, Opt-out) and surplus lines of the list.
    pub excluded: u64,
    /// No attempt begun yet.
    pub pending: u64,
    /// Never attempted, and never will be.
    pub dropped: u64,
    /// At least one attempt begun.
    pub sent: u64,
    /// Begun, no final outcome yet.
    pub in_progress: u64,
    /// Accepted at the end of data.
    pub delivered: u64,
    /// Temporary failures to the end.
    pub soft_bounced: u64,
    /// Refused for good.
    pub hard_bounced: u64,
    /// Given up after an attempt.
    pub cancelled: u64,
}

impl Metrics {
    /// A contact was selected.
    pub const fn select(&mut self) {
        self.selected += 1;
        self.pending += 1;
    }

    /// A line of the list was left out.
    pub const fn exclude(&mut self) {
        self.excluded += 1;
    }

    /// The first attempt of a pending recipient was begun.
    pub const fn begin(&mut self) {
        self.pending -= 1;
        self.sent += 1;
        self.in_progress += 1;
    }

    /// A recipient got its final outcome: a pending one is dropped, one in progress gets any of the others.
    pub const fn settle(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Dropped => self.pending -= 1,
            Outcome::Delivered | Outcome::SoftBounced | Outcome::HardBounced | Outcome::Cancelled => {
                self.in_progress -= 1;
            }
        }
        match outcome {
            Outcome::Dropped => self.dropped += 1,
            Outcome::Delivered => self.delivered += 1,
            Outcome::SoftBounced => self.soft_bounced += 1,
            Outcome::HardBounced => self.hard_bounced += 1,
            Outcome::Cancelled => self.cancelled += 1,
        }
    }

    /// Whether both identities hold.
    pub const fn is_consistent(&self) -> bool {
        let ended = self.delivered + self.soft_bounced + self.hard_bounced + self.cancelled;
        self.selected == self.pending + self.dropped + self.sent && self.sent == self.in_progress + ended
    }

    /// Whether every recipient has its final outcome.
    pub const fn is_complete(&self) -> bool {
        self.pending == 0 && self.in_progress == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_identities_hold_after_every_move(moves in prop::collection::vec(0_u8..8, 0..200)) {
            let mut metrics = Metrics::default();
            for step in moves {
                let outcome = [Outcome::Delivered, Outcome::SoftBounced, Outcome::HardBounced, Outcome::Cancelled];
                match step {
                    0 | 1 => metrics.select(),
                    2 => metrics.exclude(),
                    3 if metrics.pending > 0 => metrics.begin(),
                    4 if metrics.pending > 0 => metrics.settle(Outcome::Dropped),
                    _ if metrics.in_progress > 0 => metrics.settle(outcome[usize::from(step) % 4]),
                    _ => {}
                }
                prop_assert!(metrics.is_consistent(), "{metrics:?}");
            }
        }
    }
}
