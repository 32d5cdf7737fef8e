//! Law `four-attempts`: nobody is given up early.
//!
//! The product promises at least four attempts over the window before a soft bounce, whatever plan is configured. Two
//! causes excuse fewer, because then no attempt was left out by decision: the recipient was held back, or its outcome
//! stayed uncertain.

use record::{Cause, EventKind, Mailing, Nanos, Outcome};

use super::accounts::{Accounts, Story};
use super::findings::{Findings, clock};
use super::retry::WINDOW;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "four-attempts",
    about: "Every plan has at least four attempts, the first at once and the last within the last hour of the 30-hour window; \
            a soft bounce comes after all of them, unless the recipient was held back or its outcome stayed uncertain.",
    checks: &[Check::Record(judge_plans), Check::Recipient(judge)],
};

/// The fewest attempts of a plan (product rule).
const FEWEST: usize = 4;

/// The last attempt comes "shortly before the deadline": so close to it, at least.
const LAST_STRETCH: Nanos = 3600 * 1_000_000_000;

fn judge_plans(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    for mailing in &accounts.record.mailings {
        judge_plan(mailing, findings);
    }
}

fn judge_plan(mailing: &Mailing, findings: &mut Findings<'_>) {
    let Mailing { name, start, attempt_offsets: plan, .. } = mailing;
    findings.demand(plan.len() >= FEWEST, *start, None, || {
        format!("the plan of {name} has {} attempts", plan.len())
    });
    findings.demand(plan.is_sorted_by(|one, next| one < next), *start, None, || {
        format!("the attempts of the plan of {name} do not follow each other")
    });
    findings.demand(plan.first().is_none_or(|first| *first == 0), *start, None, || {
        format!("the plan of {name} does not start at once")
    });
    let in_time = |last: &Nanos| (WINDOW - LAST_STRETCH..WINDOW).contains(last);
    findings.demand(plan.last().is_none_or(in_time), *start, None, || {
        format!(
            "the last attempt of the plan of {name} is at {}",
            clock(plan.last().copied().unwrap_or_default())
        )
    });
}

fn judge(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut counted = 0;
    for event in story.events {
        match event.kind {
            EventKind::AttemptEnded { .. } => counted += 1,
            EventKind::Settled { outcome: Outcome::SoftBounced, cause, .. } => {
                let needed = needed(cause, story.mailing);
                findings.demand_of(story, counted >= needed, event.at, || {
                    format!("soft bounced after {counted} of {needed} attempts")
                });
            }
            EventKind::Settled { .. }
            | EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::Throttled { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}

/// How many counted attempts a soft bounce for this cause needs.
fn needed(cause: Cause, mailing: &Mailing) -> usize {
    match cause {
        Cause::HeldBack | Cause::Uncertain => 0,
        Cause::PlanExhausted => mailing.attempt_offsets.len().max(FEWEST),
        Cause::Answer | Cause::AssumedDelivered | Cause::ContactLeftActive | Cause::MailingCancelled => {
            FEWEST
        }
    }
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::sample::{self, CLEO, HOUR, MINUTE, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn is_fourth(kind: EventKind) -> bool {
        matches!(
            kind,
            EventKind::AttemptBegun { attempt: 4, .. } | EventKind::AttemptEnded { attempt: 4, .. }
        )
    }

    fn settle_for(record: &mut Record, why: Cause) {
        if let EventKind::Settled { cause, .. } = sample::settled(record, SPRING, CLEO) {
            *cause = why;
        }
    }

    #[test]
    fn a_soft_bounce_comes_after_the_whole_plan() {
        check(|record| sample::remove(record, SPRING, CLEO, is_fourth), "soft bounced after 3 of 4 attempts");
        check(
            |record| {
                settle_for(record, Cause::Answer);
                sample::remove(record, SPRING, CLEO, is_fourth);
            },
            "soft bounced after 3 of 4 attempts",
        );
        check(
            |record| record.mailings[0].attempt_offsets.insert(3, 9 * HOUR),
            "soft bounced after 4 of 5 attempts",
        );
    }

    #[test]
    fn being_held_back_or_uncertain_excuses_fewer() {
        for cause in [Cause::HeldBack, Cause::Uncertain] {
            sample::keeps(&LAW, |record| {
                settle_for(record, cause);
                sample::remove(record, SPRING, CLEO, is_fourth);
            });
        }
    }

    #[test]
    fn a_plan_keeps_the_promise() {
        let check = |plan: [Nanos; 4], found: &str| {
            check(|record| record.mailings[0].attempt_offsets = plan.to_vec(), found);
        };
        check([MINUTE, HOUR, 6 * HOUR, 29 * HOUR], "does not start at once");
        check([0, HOUR, HOUR, 29 * HOUR], "do not follow each other");
        check([0, HOUR, 6 * HOUR, 28 * HOUR], "is at 28:00:00.000");
        check([0, HOUR, 6 * HOUR, 30 * HOUR], "is at 30:00:00.000");
        sample::breaks(&LAW, |record| record.mailings[0].attempt_offsets.truncate(3), "has 3 attempts");
    }
}
