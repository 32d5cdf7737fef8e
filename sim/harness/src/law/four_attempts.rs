//! Law `four-attempts`: nobody is given up early.
//!
//! The product promises at least four attempts over the window before a soft bounce, whatever plan is configured. Two
//! causes excuse fewer, because then no attempt was left out by decision: the recipient was held back, or its outcome
//! stayed uncertain. That somebody was held back must show ([`super::held_back`]), or the excuse would cover everything; so
//! it must for those who were never attempted.

use record::{Cause, EventKind, Mailing, Nanos, Outcome, VerdictId};

use super::accounts::{Accounts, Story};
use super::class::Class;
use super::findings::{Findings, clock};
use super::retry::WINDOW;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "four-attempts",
    about: "Every plan has at least four attempts, the first at once and the last within the last hour of the 30-hour window; \
            a soft bounce comes after all of them, unless the recipient was held back or its outcome stayed uncertain. Who is \
            held back until the window closes, is so by something that shows in the accounts: a throttling answer, our rate \
            limit, connections that were open or being opened.",
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
    let (mut start, mut due, mut counted) = (0, 0, 0);
    for event in story.events {
        match event.kind {
            EventKind::Selected => (start, due) = (event.at, event.at),
            EventKind::AttemptEnded { retry_at, .. } => {
                counted += 1;
                due = retry_at.unwrap_or(event.at);
            }
            EventKind::Uncounted { .. } => due = event.at,
            EventKind::Settled { outcome: Outcome::SoftBounced | Outcome::Dropped, cause, .. } => {
                let needed = needed(cause, story.mailing);
                findings.demand_of(story, counted >= needed, event.at, || {
                    format!("soft bounced after {counted} of {needed} attempts")
                });
                let closes = start.saturating_add(WINDOW);
                let held = cause != Cause::HeldBack
                    || story.accounts.obstacles().explain(story.contact, due, closes);
                findings.demand_of(story, held, event.at, || {
                    format!("was held back from {} on, but nothing shows by what", clock(due))
                });
            }
            EventKind::Settled { outcome: Outcome::HardBounced, verdict, .. }
                if is_unconfirmed(story, verdict) =>
            {
                let needed = needed(Cause::PlanExhausted, story.mailing);
                findings.demand_of(story, counted >= needed, event.at, || {
                    format!("was believed to be permanent after {counted} of {needed} attempts")
                });
            }
            EventKind::Settled { .. }
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}

/// Whether it takes the whole plan to believe this verdict.
fn is_unconfirmed(story: &Story<'_>, verdict: Option<VerdictId>) -> bool {
    verdict.and_then(|verdict| story.accounts.class(verdict)) == Some(Class::Unconfirmed)
}

/// How many counted attempts a soft bounce for this cause needs; leaving Active and cancelling lead to none.
fn needed(cause: Cause, mailing: &Mailing) -> usize {
    match cause {
        Cause::HeldBack | Cause::Uncertain | Cause::ContactLeftActive | Cause::MailingCancelled => 0,
        Cause::PlanExhausted => mailing.attempt_offsets.len().max(FEWEST),
        Cause::Answer | Cause::AssumedDelivered => FEWEST,
    }
}

#[cfg(test)]
mod tests {
    use record::{Connection, ContactId, Host, Rate, Record};

    use super::*;
    use crate::law::sample::{self, ANN, CLEO, GUS, HOUR, MINUTE, PAT, SPRING};

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
    fn an_outcome_that_stays_uncertain_excuses_fewer() {
        sample::keeps(&LAW, |record| {
            settle_for(record, Cause::Uncertain);
            sample::remove(record, SPRING, CLEO, is_fourth);
        });
    }

    /// The window of spring closes.
    const CLOSES: Nanos = 30 * HOUR;

    const UNEXPLAINED: &str = "was held back from 29:30:00.000 on, but nothing shows by what";

    /// Cleo is held back from her fourth attempt on, and no server saw a connection at that time.
    fn hold_back(record: &mut Record) {
        settle_for(record, Cause::HeldBack);
        sample::remove(record, SPRING, CLEO, is_fourth);
        record.receipts.connections.retain(|connection| !(29 * HOUR..CLOSES).contains(&connection.opened));
    }

    fn held_back(add: impl Fn(&mut Record)) -> impl Fn(&mut Record) {
        move |record| {
            hold_back(record);
            add(record);
        }
    }

    /// Somebody else's attempt at this moment was throttled.
    fn throttle(record: &mut Record, contact: ContactId, at: Nanos) {
        sample::insert(record, SPRING, contact, at, EventKind::Uncounted { verdict: sample::THROTTLED });
    }

    /// A connection to Cleo's provider is open for a minute.
    fn connect(record: &mut Record, host: u32, opened: Nanos) {
        let connections = &mut record.receipts.connections;
        let last = *connections.last().expect("connections to Cleo's provider");
        connections.push(Connection { host, opened, closed: opened + MINUTE, ..last });
    }

    #[test]
    fn being_held_back_must_show() {
        check(hold_back, UNEXPLAINED);
        sample::keeps(&LAW, held_back(|record| throttle(record, GUS, CLOSES - 30 * MINUTE)));
        sample::keeps(&LAW, held_back(|record| connect(record, 0, CLOSES - MINUTE)));
        sample::keeps(&LAW, held_back(|record| connect(record, 0, CLOSES - 5 * MINUTE)));
        check(held_back(|record| throttle(record, GUS, 29 * HOUR)), UNEXPLAINED);
        check(held_back(|record| throttle(record, ANN, CLOSES - 30 * MINUTE)), UNEXPLAINED);
        check(held_back(|record| connect(record, 0, CLOSES - 10 * MINUTE)), UNEXPLAINED);
        check(held_back(|record| connect(record, 0, CLOSES + MINUTE)), UNEXPLAINED);
        check(held_back(|record| record.receipts.connections[0].closed = CLOSES), UNEXPLAINED);
    }

    #[test]
    fn each_site_has_obstacles_of_its_own() {
        let two_sites = |record: &mut Record| {
            let host = |name: &str, site| Host { name: name.to_owned(), site };
            record.providers[1].hosts = vec![host("bigbox.test", 0), host("bigbox.example", 1)];
            record.providers[1].domains = vec!["bigbox.test".to_owned(), "bigbox.example".to_owned()];
            record.contacts[GUS as usize].address = "gus@bigbox.example".to_owned();
        };
        let with = |add: fn(&mut Record)| {
            held_back(move |record| {
                two_sites(record);
                add(record);
            })
        };
        check(with(|record| throttle(record, GUS, CLOSES - 30 * MINUTE)), UNEXPLAINED);
        check(with(|record| connect(record, 1, CLOSES - MINUTE)), UNEXPLAINED);
        sample::keeps(&LAW, with(|record| connect(record, 0, CLOSES - MINUTE)));
    }

    #[test]
    fn a_rate_holds_back_as_long_as_it_says() {
        let limited = |per_day| {
            move |record: &mut Record| {
                let rate = Rate { recipients: per_day, period: 24 * HOUR };
                record.providers[1].limits.rate = Some(rate);
                sample::remove(record, SPRING, PAT, |_| true);
                let begun = EventKind::AttemptBegun { attempt: 1, connection: 0 };
                sample::insert(record, SPRING, GUS, 20 * HOUR, begun);
            }
        };
        sample::keeps(&LAW, held_back(limited(2)));
        check(held_back(limited(3)), UNEXPLAINED);
    }

    #[test]
    fn an_attempt_may_still_be_running_when_the_window_closes() {
        sample::keeps(
            &LAW,
            held_back(|record| {
                let (attempt, connection, verdict) = (4, 1, sample::LOST);
                let begun = EventKind::AttemptBegun { attempt, connection };
                sample::insert_first(record, SPRING, CLEO, CLOSES - HOUR / 2, begun);
                let ended = EventKind::AttemptEnded { attempt, verdict, retry_at: None };
                sample::remove(record, SPRING, CLEO, |kind| matches!(kind, EventKind::Settled { .. }));
                sample::insert(record, SPRING, CLEO, CLOSES, ended);
                let (outcome, cause) = (Outcome::SoftBounced, Cause::HeldBack);
                let settled = EventKind::Settled { outcome, cause, verdict: Some(verdict) };
                sample::insert(record, SPRING, CLEO, CLOSES, settled);
            }),
        );
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
