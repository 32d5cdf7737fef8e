//! Law `one-final-outcome`: the way of a recipient through a mailing, as a table of stages and what may follow.
//!
//! Looks at the order of lines only. Whether an outcome is deserved is the matter of `justified-outcome`; whether the
//! sums are right, of `conservation`.

use record::{EventKind, ExcludeReason};

use super::accounts::Story;
use super::findings::Findings;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "one-final-outcome",
    about: "Every recipient is selected once, gets exactly one final outcome, and nothing is attempted after it; who was \
            left out is never attempted; attempts begin and end one after the other.",
    checks: &[Check::Recipient(follow)],
};

/// How far a recipient has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was said about it yet.
    Unknown,
    /// Left out of the mailing.
    Excluded,
    /// Selected; no attempt is under way.
    Waiting,
    /// An attempt is under way.
    UnderWay,
    /// It has its final outcome.
    Settled,
}

impl Stage {
    /// Whether a recipient may be left in this stage.
    const fn is_end(self) -> bool {
        matches!(self, Self::Settled | Self::Excluded)
    }

    /// The stage after `event`, or why it may not happen now.
    const fn after(self, event: EventKind) -> Result<Self, &'static str> {
        match (self, event) {
            // A surplus line of the list, or a consequence for the contact, or what came back later: no step of this recipient.
            (
                _,
                EventKind::Excluded(ExcludeReason::Duplicate)
                | EventKind::Feedback { .. }
                | EventKind::StatusChanged { .. },
            ) => Ok(self),

            (Self::Unknown, EventKind::Selected) => Ok(Self::Waiting),
            (Self::Unknown, EventKind::Excluded(_)) => Ok(Self::Excluded),
            (Self::Waiting, EventKind::AttemptBegun { .. }) => Ok(Self::UnderWay),
            (Self::UnderWay, EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. }) => {
                Ok(Self::Waiting)
            }
            (Self::Waiting, EventKind::Settled { .. }) => Ok(Self::Settled),

            (Self::Unknown, _) => Err("something happened to it before it was selected"),
            (Self::Excluded, EventKind::Excluded(_)) => Err("was left out twice"),
            (Self::Excluded, EventKind::Selected) => Err("was selected although it was left out"),
            (Self::Excluded, _) => Err("something happened to it although it was left out"),
            (_, EventKind::Selected) => Err("was selected twice"),
            (_, EventKind::Excluded(_)) => Err("was left out although it was selected"),
            (Self::Waiting, EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. }) => {
                Err("an attempt ended that had not begun")
            }
            (Self::UnderWay, EventKind::AttemptBegun { .. }) => Err("an attempt was begun during another"),
            (Self::UnderWay, EventKind::Settled { .. }) => Err("got its final outcome during an attempt"),
            (Self::Settled, EventKind::AttemptBegun { .. }) => {
                Err("an attempt was begun after the final outcome")
            }
            (Self::Settled, EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. }) => {
                Err("an attempt ended after the final outcome")
            }
            (Self::Settled, EventKind::Settled { .. }) => Err("got a second final outcome"),
        }
    }
}

/// Follows one recipient to its end, or to its first false step.
fn follow(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut stage = Stage::Unknown;
    for event in story.events {
        let next = stage.after(event.kind);
        findings.demand_of(story, next.is_ok(), event.at, || next.err().unwrap_or_default().to_owned());
        let Ok(next) = next else { return };
        stage = next;
    }
    findings.demand_of(story, stage.is_end(), story.accounts.record.ended, || match stage {
        Stage::Unknown => "was neither selected nor left out".to_owned(),
        Stage::UnderWay => "its last attempt never ended".to_owned(),
        Stage::Waiting | Stage::Excluded | Stage::Settled => "has no final outcome".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use record::{Cause, Outcome, Record};

    use super::*;
    use crate::law::sample::{self, ANN, BOB, FAY, HOUR, IDA, JON, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    const BEGUN: EventKind = EventKind::AttemptBegun { attempt: 1, connection: 1 };
    const ENDED: EventKind = EventKind::AttemptEnded { attempt: 1, verdict: 0, retry_at: None };
    const SETTLED: EventKind =
        EventKind::Settled { outcome: Outcome::Delivered, cause: Cause::Answer, verdict: None };

    #[test]
    fn every_recipient_gets_one_final_outcome() {
        let is_settled = |kind| matches!(kind, EventKind::Settled { .. });
        check(
            |record| sample::remove(record, SPRING, ANN, is_settled),
            "in spring-sale: has no final outcome",
        );
        check(|record| sample::insert(record, SPRING, ANN, HOUR, SETTLED), "got a second final outcome");
        check(|record| sample::insert(record, SPRING, ANN, HOUR, BEGUN), "begun after the final outcome");
        check(|record| sample::insert(record, SPRING, ANN, HOUR, ENDED), "ended after the final outcome");
    }

    #[test]
    fn everybody_is_selected_or_left_out_once() {
        let excluded = EventKind::Excluded(ExcludeReason::Error);
        let is_selected = |kind| matches!(kind, EventKind::Selected);
        check(|record| sample::insert(record, SPRING, ANN, 0, EventKind::Selected), "was selected twice");
        check(|record| sample::insert(record, SPRING, ANN, 0, excluded), "left out although it was selected");
        check(|record| sample::insert(record, SPRING, IDA, 0, excluded), "was left out twice");
        check(
            |record| sample::insert(record, SPRING, IDA, 0, EventKind::Selected),
            "selected although it was left",
        );
        check(
            |record| sample::insert(record, SPRING, IDA, 0, BEGUN),
            "happened to it although it was left out",
        );
        check(|record| sample::remove(record, SPRING, ANN, is_selected), "before it was selected");
        let only_duplicates = |kind| !matches!(kind, EventKind::Excluded(ExcludeReason::Duplicate));
        check(|record| sample::remove(record, SPRING, JON, only_duplicates), "neither selected nor left out");
    }

    #[test]
    fn attempts_follow_each_other() {
        let is_ended = |kind| matches!(kind, EventKind::AttemptEnded { .. });
        let is_begun = |kind| matches!(kind, EventKind::AttemptBegun { .. });
        let is_begun_late = |kind| matches!(kind, EventKind::AttemptBegun { attempt: 2, .. });
        check(|record| sample::insert(record, SPRING, FAY, 1, ENDED), "ended that had not begun");
        check(|record| sample::remove(record, SPRING, BOB, is_begun_late), "ended that had not begun");
        check(|record| sample::remove(record, SPRING, BOB, is_ended), "begun during another");
        check(|record| sample::remove(record, SPRING, ANN, is_ended), "final outcome during an attempt");
        check(
            |record| {
                sample::remove(record, SPRING, ANN, |kind| !is_begun(kind) && kind != EventKind::Selected)
            },
            "its last attempt never ended",
        );
    }
}
