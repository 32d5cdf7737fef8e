//! The metrics of a mailing, with both identities held at every instant.
//!
//! A dispatcher changes them only through the moves below, each of which keeps the identities by itself. What comes back later
//! ([`Metrics::hear`]) has counters beside them and moves none of theirs.

use crate::feedback::Feedback;
use crate::ledger::{Cause, ExcludeReason, Outcome};

/// How a mailing stands. `selected = pending + dropped + sent`, and
/// `sent = in_progress + delivered + soft_bounced + hard_bounced + cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Recipients of the mailing.
    pub selected: u64,
    /// Contacts left out and surplus lines of the list: the sum of the three below.
    pub excluded: u64,
    /// Left out because their status is Error.
    pub excluded_error: u64,
    /// Left out because their status is Opt-out.
    pub excluded_opt_out: u64,
    /// Surplus lines of the list.
    pub excluded_duplicate: u64,
    /// No attempt begun yet.
    pub pending: u64,
    /// Never attempted, and never will be: the sum of the three below.
    pub dropped: u64,
    /// Dropped because the window closed while our own limits held them back.
    pub dropped_held_back: u64,
    /// Dropped because the contact left Active.
    pub dropped_left_active: u64,
    /// Dropped because an operator cancelled the mailing.
    pub dropped_cancelled: u64,
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
    /// Delivered, and reported as bounced afterwards: the sum of the two below, and part of `delivered`.
    pub late_bounced: u64,
    /// Reported as bounced afterwards for a temporary reason.
    pub late_soft_bounced: u64,
    /// Reported as bounced afterwards for good.
    pub late_hard_bounced: u64,
    /// Recipients that complained about spam.
    pub complained: u64,
    /// Recipients that left with one click.
    pub unsubscribed: u64,
    /// What came back to a return path of the mailing's and had no consequence.
    pub reports_ignored: u64,
}

impl Metrics {
    /// A contact was selected.
    pub const fn select(&mut self) {
        self.selected += 1;
        self.pending += 1;
    }

    /// A line of the list was left out.
    pub const fn exclude(&mut self, reason: ExcludeReason) {
        self.excluded += 1;
        match reason {
            ExcludeReason::Error => self.excluded_error += 1,
            ExcludeReason::OptOut => self.excluded_opt_out += 1,
            ExcludeReason::Duplicate => self.excluded_duplicate += 1,
        }
    }

    /// The first attempt of a pending recipient was begun.
    pub const fn begin(&mut self) {
        self.pending -= 1;
        self.sent += 1;
        self.in_progress += 1;
    }

    /// A recipient got its final outcome: a pending one is dropped, one in progress gets any of the others.
    pub const fn settle(&mut self, outcome: Outcome, cause: Cause) {
        match outcome {
            Outcome::Dropped => self.pending -= 1,
            Outcome::Delivered | Outcome::SoftBounced | Outcome::HardBounced | Outcome::Cancelled => {
                self.in_progress -= 1;
            }
        }
        match outcome {
            Outcome::Dropped => self.drop_for(cause),
            Outcome::Delivered => self.delivered += 1,
            Outcome::SoftBounced => self.soft_bounced += 1,
            Outcome::HardBounced => self.hard_bounced += 1,
            Outcome::Cancelled => self.cancelled += 1,
        }
    }

    /// Something came back about a recipient.
    pub const fn hear(&mut self, feedback: Feedback) {
        match feedback {
            Feedback::LateSoftBounce => {
                self.late_bounced += 1;
                self.late_soft_bounced += 1;
            }
            Feedback::LateHardBounce => {
                self.late_bounced += 1;
                self.late_hard_bounced += 1;
            }
            Feedback::Complaint => self.complained += 1,
            Feedback::Unsubscribe => self.unsubscribed += 1,
            Feedback::Ignored(_) => self.reports_ignored += 1,
        }
    }

    const fn drop_for(&mut self, cause: Cause) {
        self.dropped += 1;
        match cause {
            Cause::ContactLeftActive => self.dropped_left_active += 1,
            Cause::MailingCancelled => self.dropped_cancelled += 1,
            Cause::HeldBack
            | Cause::Answer
            | Cause::PlanExhausted
            | Cause::Uncertain
            | Cause::AssumedDelivered => self.dropped_held_back += 1,
        }
    }

    /// Whether both identities hold, and the counts by reason add up.
    pub const fn is_consistent(&self) -> bool {
        let dropped = self.dropped_held_back + self.dropped_left_active + self.dropped_cancelled;
        let excluded = self.excluded_error + self.excluded_opt_out + self.excluded_duplicate;
        if self.dropped != dropped || self.excluded != excluded {
            return false;
        }
        let late = self.late_soft_bounced + self.late_hard_bounced;
        if self.late_bounced != late || self.late_bounced > self.delivered {
            return false;
        }
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
            let reasons = [ExcludeReason::Error, ExcludeReason::OptOut, ExcludeReason::Duplicate];
            for step in moves {
                let outcome = [Outcome::Delivered, Outcome::SoftBounced, Outcome::HardBounced, Outcome::Cancelled];
                match step {
                    0 | 1 => metrics.select(),
                    2 => metrics.exclude(reasons[usize::from(step) % 3]),
                    3 if metrics.pending > 0 => metrics.begin(),
                    4 if metrics.pending > 0 => metrics.settle(Outcome::Dropped, Cause::ContactLeftActive),
                    _ if metrics.in_progress > 0 => metrics.settle(outcome[usize::from(step) % 4], Cause::Answer),
                    _ => {}
                }
                prop_assert!(metrics.is_consistent(), "{metrics:?}");
            }
        }
    }
}
