//! Law `conservation`: the metrics of a mailing add up at every instant, and are those of its ledger.
//!
//! Metrics are sums over recipients. So both identities hold at every instant, in every mailing, at every provider and in
//! any other part of the audience, if they hold for each recipient after each of its lines. That is what is checked, by
//! counting twice: what happened, line by line (`selected`, `sent`, the outcomes), and the state it is in (`pending`,
//! `in_progress`). An outcome given twice, or to somebody never attempted, tips the balance at its line. Counts of lines
//! cannot move backwards. Which lines may follow which is the matter of `one-final-outcome`.

use record::{Counters, Event, EventKind, Mailing, Outcome};

use super::accounts::{Accounts, Story};
use super::findings::Findings;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "conservation",
    about: "In every mailing, at every instant and per provider, selected = pending + dropped + sent and sent = in_progress + \
            delivered + soft_bounced + hard_bounced + cancelled; at the end nothing is pending or in progress, and the \
            engine's own counters are those of its ledger.",
    checks: &[Check::Recipient(balance), Check::Record(compare)],
};

/// Counts one recipient, and checks that it is counted in one place of each identity after every line.
fn balance(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut counters = Counters::default();
    let (mut selected, mut settled) = (false, false);
    let mut before = (0, 0);
    for event in story.events {
        selected |= event.kind == EventKind::Selected;
        settled |= matches!(event.kind, EventKind::Settled { .. });
        if matches!(event.kind, EventKind::AttemptBegun { .. }) {
            counters.sent = 1;
        }
        count(event.kind, &mut counters);
        counters.pending = u64::from(selected && counters.sent == 0 && !settled);
        counters.in_progress = u64::from(counters.sent == 1 && !settled);
        // An imbalance stays, so only the line that changed it is to blame.
        let after = imbalance(&counters);
        findings
            .demand(before == after, event.at, Some(story.contact), || unbalanced(story.mailing, &counters));
        before = after;
    }
    let Counters { pending, in_progress, .. } = counters;
    findings.demand(pending + in_progress == 0, story.accounts.record.ended, Some(story.contact), || {
        let state = if pending > 0 { "pending" } else { "in progress" };
        format!("in {}: is {state} at the end", story.mailing.name)
    });
}

/// Counts what can be counted line by line.
const fn count(kind: EventKind, counters: &mut Counters) {
    match kind {
        EventKind::Selected => counters.selected += 1,
        EventKind::Excluded(_) => counters.excluded += 1,
        EventKind::Settled { outcome, .. } => match outcome {
            Outcome::Delivered => counters.delivered += 1,
            Outcome::SoftBounced => counters.soft_bounced += 1,
            Outcome::HardBounced => counters.hard_bounced += 1,
            Outcome::Cancelled => counters.cancelled += 1,
            Outcome::Dropped => counters.dropped += 1,
        },
        EventKind::Feedback { what, .. } => counters.hear(what),
        EventKind::AttemptBegun { .. }
        | EventKind::AttemptEnded { .. }
        | EventKind::Uncounted { .. }
        | EventKind::StatusChanged { .. } => {}
    }
}

/// By how much each identity fails; (0, 0) when both hold.
const fn imbalance(counters: &Counters) -> (i64, i64) {
    let parts = counters.pending + counters.dropped + counters.sent;
    let ends = counters.in_progress + ends(counters);
    (counters.selected as i64 - parts as i64, counters.sent as i64 - ends as i64)
}

/// The recipients with a final outcome after an attempt.
const fn ends(counters: &Counters) -> u64 {
    counters.delivered + counters.soft_bounced + counters.hard_bounced + counters.cancelled
}

/// Writes out the first identity that fails.
fn unbalanced(mailing: &Mailing, counters: &Counters) -> String {
    let name = &mailing.name;
    let Counters { selected, pending, dropped, sent, in_progress, .. } = counters;
    let Counters { delivered, soft_bounced, hard_bounced, cancelled, .. } = counters;
    if imbalance(counters).0 == 0 {
        format!(
            "in {name}: its sent {sent} is not in_progress {in_progress} + delivered {delivered} + soft_bounced \
             {soft_bounced} + hard_bounced {hard_bounced} + cancelled {cancelled}"
        )
    } else {
        format!(
            "in {name}: its selected {selected} is not pending {pending} + dropped {dropped} + sent {sent}"
        )
    }
}

/// Compares the engine's own counters at the end with those of its ledger.
fn compare(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    let record = accounts.record;
    for (mailing, ledger) in record.mailings.iter().zip(totals(&record.events, record.mailings.len())) {
        for ((metric, engine), (_, ledger)) in named(&mailing.counters).into_iter().zip(named(&ledger)) {
            findings.demand(engine == ledger, record.ended, None, || {
                format!("{metric} of {} is {engine} by the engine, but {ledger} by its ledger", mailing.name)
            });
        }
    }
}

/// The counters of each mailing at the end, when nobody is left pending or in progress.
fn totals(events: &[Event], mailings: usize) -> Vec<Counters> {
    let mut totals = vec![Counters::default(); mailings];
    for event in events {
        let total = event.mailing.and_then(|mailing| totals.get_mut(usize::from(mailing)));
        if let Some(total) = total {
            count(event.kind, total);
        }
    }
    for total in &mut totals {
        total.sent = ends(total);
    }
    totals
}

const fn named(counters: &Counters) -> [(&'static str, u64); 16] {
    [
        ("selected", counters.selected),
        ("excluded", counters.excluded),
        ("pending", counters.pending),
        ("dropped", counters.dropped),
        ("sent", counters.sent),
        ("in_progress", counters.in_progress),
        ("delivered", counters.delivered),
        ("soft_bounced", counters.soft_bounced),
        ("hard_bounced", counters.hard_bounced),
        ("cancelled", counters.cancelled),
        ("late_bounced", counters.late_bounced),
        ("late_soft_bounced", counters.late_soft_bounced),
        ("late_hard_bounced", counters.late_hard_bounced),
        ("complained", counters.complained),
        ("unsubscribed", counters.unsubscribed),
        ("reports_ignored", counters.reports_ignored),
    ]
}

#[cfg(test)]
mod tests {
    use record::{Cause, Record};

    use super::*;
    use crate::law::sample::{self, ANN, BOB, FAY, HOUR, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn settle(outcome: Outcome) -> EventKind {
        EventKind::Settled { outcome, cause: Cause::Answer, verdict: None }
    }

    #[test]
    fn no_outcome_counts_twice() {
        for outcome in [Outcome::Delivered, Outcome::SoftBounced, Outcome::HardBounced, Outcome::Cancelled] {
            check(
                |record| sample::insert(record, SPRING, ANN, HOUR, settle(outcome)),
                "in spring-sale: its sent 1 is not in_progress 0 + delivered",
            );
        }
        check(
            |record| sample::insert(record, SPRING, FAY, HOUR, settle(Outcome::Dropped)),
            "its selected 1 is not pending 0 + dropped 2 + sent 0",
        );
    }

    #[test]
    fn nobody_is_sent_to_without_an_attempt_or_dropped_after_one() {
        check(
            |record| *sample::settled(record, SPRING, FAY) = settle(Outcome::Delivered),
            "its selected 1 is not pending 0 + dropped 0 + sent 0",
        );
        check(
            |record| *sample::settled(record, SPRING, ANN) = settle(Outcome::Dropped),
            "its selected 1 is not pending 0 + dropped 1 + sent 1",
        );
    }

    #[test]
    fn nobody_is_selected_twice_or_left_behind() {
        let is_settled = |kind| matches!(kind, EventKind::Settled { .. });
        check(
            |record| sample::insert(record, SPRING, ANN, HOUR, EventKind::Selected),
            "its selected 2 is not pending 0 + dropped 0 + sent 1",
        );
        check(
            |record| sample::remove(record, SPRING, BOB, is_settled),
            "in spring-sale: is in progress at the end",
        );
        check(
            |record| sample::remove(record, SPRING, FAY, is_settled),
            "in spring-sale: is pending at the end",
        );
    }

    #[test]
    fn only_the_line_that_tips_the_balance_is_to_blame() {
        let mut record = sample::lawful();
        sample::insert_first(
            &mut record,
            SPRING,
            BOB,
            0,
            EventKind::AttemptBegun { attempt: 1, connection: 1 },
        );
        sample::insert(&mut record, SPRING, BOB, HOUR / 2, settle(Outcome::Delivered));
        let verdict = sample::verdict(&LAW, &record);
        let blamed: Vec<_> = verdict.broken.iter().filter(|broken| !broken.contact.is_empty()).collect();
        assert_eq!(blamed.iter().map(|broken| broken.at / HOUR).collect::<Vec<_>>(), [0, 0, 1]);
    }

    #[test]
    fn the_engine_counts_as_its_ledger_does() {
        let counters: [fn(&mut Counters) -> &mut u64; 16] = [
            |counters| &mut counters.selected,
            |counters| &mut counters.excluded,
            |counters| &mut counters.pending,
            |counters| &mut counters.dropped,
            |counters| &mut counters.sent,
            |counters| &mut counters.in_progress,
            |counters| &mut counters.delivered,
            |counters| &mut counters.soft_bounced,
            |counters| &mut counters.hard_bounced,
            |counters| &mut counters.cancelled,
            |counters| &mut counters.late_bounced,
            |counters| &mut counters.late_soft_bounced,
            |counters| &mut counters.late_hard_bounced,
            |counters| &mut counters.complained,
            |counters| &mut counters.unsubscribed,
            |counters| &mut counters.reports_ignored,
        ];
        for counter in counters {
            check(|record| *counter(&mut record.mailings[0].counters) += 1, "of spring-sale is ");
        }
        check(
            |record| record.mailings[0].counters.dropped = 3,
            "dropped of spring-sale is 3 by the engine, but 1",
        );
    }
}
