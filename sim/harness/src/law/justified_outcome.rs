//! Law `justified-outcome`: a final outcome says what happened, no more and no less.
//!
//! Compares the outcome of a recipient with its attempts and the engine's own verdicts on them. Whether the verdicts
//! are those that the servers gave is the matter of `two-accounts`.

use record::{Cause, EventKind, Nanos, Outcome, Phase, VerdictId, VerdictRow};

use super::accounts::Story;
use super::class::Class;
use super::findings::{Findings, clock};
use super::retry::WINDOW;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "justified-outcome",
    about: "A final outcome follows from the attempts: delivered after a 2xx at the end of data, hard bounced after a \
            permanent answer, soft bounced or cancelled after an attempt, dropped if and only if never attempted; it comes \
            within 30 hours of the recipient's start, and its cause fits.",
    checks: &[Check::Recipient(judge)],
};

fn judge(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut past = Past::default();
    for event in story.events {
        match event.kind {
            EventKind::Selected => past.start = event.at,
            EventKind::AttemptBegun { .. } => past.begun = true,
            EventKind::AttemptEnded { verdict, .. } => {
                past.end_attempt(verdict, story.accounts.class(verdict))
            }
            EventKind::Settled { outcome, cause, verdict } => {
                judge_end(story, &past, End { at: event.at, outcome, cause, verdict }, findings);
            }
            EventKind::Excluded(_)
            | EventKind::Uncounted { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}

/// What a recipient went through before its final outcome.
#[derive(Default)]
struct Past {
    start: Nanos,
    begun: bool,
    /// The verdict on the last counted attempt, and its class.
    last: Option<VerdictId>,
    class: Option<Class>,
    /// Whether any attempt stayed uncertain.
    uncertain: bool,
}

impl Past {
    fn end_attempt(&mut self, verdict: VerdictId, class: Option<Class>) {
        self.last = Some(verdict);
        self.class = class;
        self.uncertain |= class == Some(Class::Uncertain);
    }
}

/// The final outcome, as the ledger tells it.
#[derive(Debug, Clone, Copy)]
struct End {
    at: Nanos,
    outcome: Outcome,
    cause: Cause,
    verdict: Option<VerdictId>,
}

fn judge_end(story: &Story<'_>, past: &Past, end: End, findings: &mut Findings<'_>) {
    let End { at, outcome, cause, verdict } = end;
    findings.demand_of(story, past.begun == (outcome != Outcome::Dropped), at, || {
        let found = if past.begun { "after an attempt" } else { "without any attempt" };
        format!("ended as {outcome:?} {found}")
    });
    findings.demand_of(story, fits(outcome, cause), at, || {
        format!("ended as {outcome:?}, which {cause:?} cannot lead to")
    });
    findings.demand_of(story, is_earned(outcome, cause, past), at, || {
        let class = past.class.map_or_else(|| "not at all".to_owned(), |class| class.to_string());
        format!("ended as {outcome:?} because of {cause:?}, but its last attempt was judged {class}")
    });
    findings.demand_of(story, !names_its_verdict(cause) || verdict == past.last, at, || {
        "its final outcome names another verdict than its last attempt's".to_owned()
    });
    let row = verdict.and_then(|verdict| story.accounts.verdict(verdict));
    let by_answer = (outcome, cause) == (Outcome::Delivered, Cause::Answer);
    findings.demand_of(story, !by_answer || row.is_some_and(is_delivery), at, || {
        "is counted as delivered without a 2xx at the end of data".to_owned()
    });
    let deadline = past.start.saturating_add(WINDOW);
    findings.demand_of(story, at <= deadline, at, || {
        format!("got its final outcome after the window closed at {}", clock(deadline))
    });
}

/// Which causes can lead to which outcome.
const fn fits(outcome: Outcome, cause: Cause) -> bool {
    match outcome {
        Outcome::Delivered => matches!(cause, Cause::Answer | Cause::AssumedDelivered),
        Outcome::SoftBounced => matches!(cause, Cause::PlanExhausted | Cause::HeldBack | Cause::Uncertain),
        Outcome::HardBounced => matches!(cause, Cause::Answer),
        Outcome::Cancelled => matches!(cause, Cause::ContactLeftActive | Cause::MailingCancelled),
        Outcome::Dropped => {
            matches!(cause, Cause::ContactLeftActive | Cause::MailingCancelled | Cause::HeldBack)
        }
    }
}

/// Whether the outcome is what the attempts came to. A delivery or a permanent answer is final, whatever else happens.
fn is_earned(outcome: Outcome, cause: Cause, past: &Past) -> bool {
    let class = past.class;
    match (outcome, cause) {
        (Outcome::Delivered, Cause::AssumedDelivered) => class == Some(Class::Uncertain),
        (Outcome::Delivered, _) => class == Some(Class::Delivered),
        (Outcome::HardBounced, _) => matches!(class, Some(Class::Hard | Class::Unconfirmed)),
        (Outcome::SoftBounced, Cause::PlanExhausted) => class == Some(Class::Soft),
        (Outcome::SoftBounced, Cause::Uncertain) => past.uncertain && !is_final(class),
        (Outcome::SoftBounced | Outcome::Cancelled | Outcome::Dropped, _) => !is_final(class),
    }
}

const fn is_final(class: Option<Class>) -> bool {
    matches!(class, Some(Class::Delivered | Class::Hard))
}

/// Whether the cause is the verdict on the last attempt, so that the two must be the same.
const fn names_its_verdict(cause: Cause) -> bool {
    match cause {
        Cause::Answer | Cause::PlanExhausted | Cause::AssumedDelivered => true,
        Cause::HeldBack | Cause::Uncertain | Cause::ContactLeftActive | Cause::MailingCancelled => false,
    }
}

/// Delivered means that the receiving server answered the end of data with 2xx.
fn is_delivery(row: &VerdictRow) -> bool {
    row.phase == Phase::EndOfData && row.code.is_some_and(|code| code / 100 == 2)
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::sample::{self, ANN, CLEO, DAN, EVE, FAY, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    /// Gives the recipient another outcome and cause, by the same verdict.
    fn settle_as(record: &mut Record, contact: u32, other: Outcome, why: Cause) {
        if let EventKind::Settled { outcome, cause, .. } = sample::settled(record, SPRING, contact) {
            (*outcome, *cause) = (other, why);
        }
    }

    #[test]
    fn dropped_means_never_attempted() {
        check(
            |record| settle_as(record, EVE, Outcome::Dropped, Cause::ContactLeftActive),
            "ended as Dropped after an attempt",
        );
        check(
            |record| settle_as(record, FAY, Outcome::Cancelled, Cause::ContactLeftActive),
            "ended as Cancelled without any attempt",
        );
    }

    #[test]
    fn the_outcome_is_what_the_last_attempt_came_to() {
        check(
            |record| settle_as(record, ANN, Outcome::HardBounced, Cause::Answer),
            "last attempt was judged",
        );
        check(|record| settle_as(record, DAN, Outcome::Delivered, Cause::Answer), "last attempt was judged");
        check(
            |record| settle_as(record, DAN, Outcome::SoftBounced, Cause::HeldBack),
            "last attempt was judged",
        );
        check(
            |record| settle_as(record, ANN, Outcome::Cancelled, Cause::MailingCancelled),
            "last attempt was judged",
        );
        check(
            |record| settle_as(record, CLEO, Outcome::HardBounced, Cause::Answer),
            "last attempt was judged",
        );
        check(
            |record| settle_as(record, CLEO, Outcome::Delivered, Cause::AssumedDelivered),
            "was judged soft",
        );
        check(|record| settle_as(record, CLEO, Outcome::SoftBounced, Cause::Uncertain), "was judged soft");
    }

    #[test]
    fn the_cause_fits_the_outcome() {
        check(|record| settle_as(record, CLEO, Outcome::SoftBounced, Cause::Answer), "Answer cannot lead to");
        check(|record| settle_as(record, DAN, Outcome::HardBounced, Cause::PlanExhausted), "cannot lead to");
        check(
            |record| settle_as(record, EVE, Outcome::Cancelled, Cause::HeldBack),
            "HeldBack cannot lead to",
        );
        check(|record| settle_as(record, FAY, Outcome::Dropped, Cause::PlanExhausted), "cannot lead to");
    }

    #[test]
    fn the_deciding_verdict_is_the_last_one() {
        let forget = |record: &mut Record| {
            if let EventKind::Settled { verdict, .. } = sample::settled(record, SPRING, DAN) {
                *verdict = None;
            }
        };
        check(forget, "names another verdict");
        check(
            |record| sample::verdict_row(record, Phase::EndOfData, Some(250)).code = Some(354),
            "without a 2xx",
        );
        check(
            |record| sample::verdict_row(record, Phase::EndOfData, Some(250)).phase = Phase::Data,
            "without a 2xx at the end of data",
        );
    }

    #[test]
    fn the_window_is_kept() {
        let late = |record: &mut Record| {
            let settled = sample::settled(record, SPRING, CLEO);
            let kind = *settled;
            sample::remove(record, SPRING, CLEO, |kind| matches!(kind, EventKind::Settled { .. }));
            sample::insert(record, SPRING, CLEO, WINDOW + 1, kind);
        };
        check(late, "after the window closed at 30:00:00.000");
    }
}
