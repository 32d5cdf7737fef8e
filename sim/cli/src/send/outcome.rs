//! What is said at the end: the metrics as a small table, who did not get the message and why, and what is left.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use harness::sending::End;
use record::{Cause, Counters, EventKind, Outcome, Record, VerdictRow};
use units::Span;

use crate::check::counted;
use crate::{Exit, Streams};

/// Most recipients that are named.
const NAMED: usize = 10;

/// Most characters of a server's answer that are shown.
const ANSWER: usize = 100;

/// What is said of somebody whose server had not answered when the time for it was over.
const UNDER_WAY: &str = "no answer when the time was over: it may arrive yet";

/// A mailing that came to its end.
pub(super) struct Ended {
    pub(super) record: Record,
    pub(super) end: End,
    pub(super) took: Duration,
}

impl Ended {
    fn counters(&self) -> Counters {
        self.record.mailings[0].counters
    }

    /// Those of whom it is not known that they got the message: address, and why.
    fn undelivered(&self) -> Vec<(&str, String)> {
        let mut undelivered = self.settled_otherwise();
        undelivered.extend(self.under_way().map(|address| (address, UNDER_WAY.to_owned())));
        undelivered
    }

    /// Those who were under way when the time for it was over.
    fn under_way(&self) -> impl Iterator<Item = &str> {
        let mut under_way = BTreeSet::new();
        for event in &self.record.events {
            match event.kind {
                EventKind::AttemptBegun { .. } => under_way.insert(event.contact),
                EventKind::Settled { .. } => under_way.remove(&event.contact),
                EventKind::Selected
                | EventKind::Excluded(_)
                | EventKind::AttemptEnded { .. }
                | EventKind::Uncounted { .. }
                | EventKind::Feedback { .. }
                | EventKind::StatusChanged { .. } => false,
            };
        }
        under_way.into_iter().map(|contact| self.record.contacts[contact as usize].address.as_str())
    }

    fn settled_otherwise(&self) -> Vec<(&str, String)> {
        let ends = self.record.events.iter().filter_map(|event| match event.kind {
            EventKind::Settled { outcome, cause, verdict } if outcome != Outcome::Delivered => {
                let address = self.record.contacts[event.contact as usize].address.as_str();
                let verdict = verdict.map(|verdict| &self.record.verdicts[verdict as usize]);
                Some((address, why(outcome, cause, verdict)))
            }
            EventKind::Settled { .. }
            | EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::AttemptEnded { .. }
            | EventKind::Uncounted { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => None,
        });
        ends.collect()
    }
}

/// How the command ends.
pub(super) fn exit(ended: &Ended) -> Exit {
    let counters = ended.counters();
    let found = if counters.delivered == counters.selected { Exit::Held } else { Exit::Failed };
    match ended.end {
        End::Complete => found,
        End::CalledOff => Exit::Interrupted,
        End::TimeUp => Exit::TimeLimit,
    }
}

/// Prints everything that is to be said.
pub(super) fn print(ended: &Ended, streams: &mut Streams<'_>) {
    let counters = ended.counters();
    let name = &ended.record.scenario;
    let took = Span(Duration::from_millis(u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX)));
    let _ = writeln!(
        streams.out,
        "{name}: {} of {} delivered in {took}\n\n{}",
        counters.delivered,
        counted(usize::try_from(counters.selected).unwrap_or(usize::MAX), "recipient"),
        table(&counters)
    );
    let undelivered = ended.undelivered();
    if !undelivered.is_empty() {
        let _ = writeln!(streams.out, "\nnot delivered:");
        let width = undelivered.iter().take(NAMED).map(|(address, _)| address.len()).max().unwrap_or(0);
        for (address, why) in undelivered.iter().take(NAMED) {
            let _ = writeln!(streams.out, "  {address:width$}  {why}");
        }
        if undelivered.len() > NAMED {
            let _ = writeln!(
                streams.out,
                "  and {} more; --record DIR keeps all of them",
                undelivered.len() - NAMED
            );
        }
    }
    if let Some(words) = left(ended) {
        let _ = writeln!(streams.err, "{words}");
    }
}

/// The metrics: a line of names and a line of numbers.
fn table(counters: &Counters) -> String {
    let columns = [
        ("excluded", counters.excluded),
        ("selected", counters.selected),
        ("sent", counters.sent),
        ("in progress", counters.in_progress),
        ("delivered", counters.delivered),
        ("soft bounced", counters.soft_bounced),
        ("hard bounced", counters.hard_bounced),
        ("cancelled", counters.cancelled),
        ("dropped", counters.dropped),
    ];
    // Nobody is, unless the end was forced.
    let columns = columns.into_iter().filter(|(name, number)| *name != "in progress" || *number > 0);
    let columns: Vec<_> = columns.collect();
    let names: String = columns.iter().map(|(name, _)| format!("  {name}")).collect();
    let numbers: String =
        columns.iter().map(|(name, number)| format!("  {number:>width$}", width = name.len())).collect();
    format!("{names}\n{numbers}")
}

/// What is left of a mailing that was ended before its time.
fn left(ended: &Ended) -> Option<String> {
    let counters = ended.counters();
    let why = match ended.end {
        End::Complete => return None,
        End::CalledOff => "interrupted",
        End::TimeUp => "the time limit has come",
    };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let unanswered = match counters.in_progress {
        0 => String::new(),
        waiting => format!(", {waiting} still without an answer"),
    };
    Some(format!(
        "{why}: {} never tried, {} given up after an attempt{unanswered}",
        counted(number(counters.dropped), "recipient"),
        number(counters.cancelled)
    ))
}

/// Why somebody did not get the message, in the server's words if it was the server.
fn why(outcome: Outcome, cause: Cause, verdict: Option<&VerdictRow>) -> String {
    let what = match outcome {
        Outcome::Delivered => "delivered",
        Outcome::SoftBounced => "soft bounce",
        Outcome::HardBounced => "hard bounce",
        Outcome::Cancelled => "given up",
        Outcome::Dropped => "never tried",
    };
    let because = match cause {
        Cause::Answer | Cause::PlanExhausted | Cause::MailingCancelled | Cause::AssumedDelivered => "",
        Cause::HeldBack => " (held back until its window closed)",
        Cause::Uncertain => " (nobody knows whether it arrived)",
        Cause::ContactLeftActive => " (not to be mailed any more)",
    };
    match verdict {
        Some(verdict) if verdict.class == "uncertain" => {
            format!("{what}{because}, but it may have arrived: {}", answer(verdict))
        }
        Some(verdict) => format!("{what}{because}: {}", answer(verdict)),
        None => format!("{what}{because}"),
    }
}

/// What a server said, or what was found instead. Nothing of it can be trusted.
fn answer(verdict: &VerdictRow) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = verdict.text.chars().map(visible).take(ANSWER).collect();
    match (verdict.code, &verdict.enhanced) {
        (Some(code), Some(enhanced)) => format!("{code} {enhanced} {text}"),
        (Some(code), None) => format!("{code} {text}"),
        (None, _) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_number_below_each_name() {
        let counters = Counters { selected: 1_234_567, delivered: 7, ..Counters::default() };
        let expected = "  excluded  selected  sent  delivered  soft bounced  hard bounced  cancelled  dropped\n         \
                        0   1234567     0          7             0             0          0        0";
        assert_eq!(table(&counters), expected);
    }

    #[test]
    fn what_a_server_says_cannot_reach_the_terminal() {
        let verdict = VerdictRow {
            phase: record::Phase::Rcpt,
            code: Some(550),
            enhanced: None,
            text: format!("\u{1b}[2J no\n{}", "x".repeat(500)),
            class: String::new(),
            category: String::new(),
            scope: String::new(),
            action: String::new(),
            wait: None,
            rule: String::new(),
            reason: String::new(),
            help_url: None,
        };
        let shown = why(Outcome::HardBounced, Cause::Answer, Some(&verdict));
        assert!(shown.starts_with("hard bounce: 550  [2J no x"), "{shown}");
        assert!(shown.len() < 130, "{shown}");
    }
}
