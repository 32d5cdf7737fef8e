//! Runs in which nothing was sent: what probably happened, and what to try.
//!
//! Such a run passes expectations like `hard_bounced == 0` by accident, so every report speaks of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use record::{Cause, EventKind, Outcome, Record};

use crate::wording;

/// Why a run sent nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silence {
    /// What was seen.
    pub(crate) seen: String,
    /// What probably happened.
    pub(crate) probably: &'static str,
    /// What to try.
    pub(crate) try_this: &'static str,
}

impl Silence {
    /// `None` if at least one attempt was begun.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        if record.mailings.iter().any(|mailing| mailing.counters.sent > 0) {
            return None;
        }
        let sum = |counter: fn(&record::Mailing) -> u64| record.mailings.iter().map(counter).sum::<u64>();
        let selected = sum(|mailing| mailing.counters.selected);
        let excluded = sum(|mailing| mailing.counters.excluded);
        Some(match (selected, excluded) {
            (0, 0) => Self::nobody_selected(),
            (0, excluded) => Self::all_excluded(record, excluded),
            (selected, _) => Self::all_dropped(record, selected),
        })
    }

    fn nobody_selected() -> Self {
        Self {
            seen: "no contact was selected and none was left out".to_owned(),
            probably: "no mailing reached anybody before the end: `to` names nobody of the audience, or nobody joined",
            try_this: "compare `to` and `start` of the mailings with the audience and with the last instant of the run",
        }
    }

    fn all_excluded(record: &Record, excluded: u64) -> Self {
        let reasons = ranked(record, |kind| match kind {
            EventKind::Excluded(reason) => Some(reason),
            _ => None,
        });
        let reasons = listed(&reasons, wording::excluded);
        Self {
            seen: format!("{} left out{reasons}", wording::counted(excluded, "contact")),
            probably: "every contact begins as `error` or `opt_out`, and only active ones are mailed",
            try_this: "give the audience an active contact, or the timeline a `reactivate` before the mailing starts",
        }
    }

    fn all_dropped(record: &Record, selected: u64) -> Self {
        let causes = ranked(record, |kind| match kind {
            EventKind::Settled { outcome: Outcome::Dropped, cause, .. } => Some(cause),
            _ => None,
        });
        let (probably, try_this) = match causes.first() {
            None => ("the run ended before anybody was due", "look at the `start` of the mailings"),
            Some((Cause::MailingCancelled, _)) => (
                "a `cancel` in the timeline comes before the first attempt",
                "cancel later, or raise the limit that holds everybody back until then",
            ),
            Some((Cause::ContactLeftActive, _)) => (
                "an `opt_out` or `complaint` in the timeline comes before the first attempt",
                "let it happen after the mailing has started",
            ),
            Some(_) => (
                "our own limits, or throttling by the providers, held everybody back for the whole window",
                "raise the `limits`, or let the providers take mail for a part of the window",
            ),
        };
        let recipients = wording::counted(selected, "recipient");
        let causes = listed(&causes, wording::cause);
        Self { seen: format!("{recipients} selected, none attempted{causes}"), probably, try_this }
    }
}

/// What `pick` finds among the events, each with its count, the most frequent first.
fn ranked<T: Ord>(record: &Record, pick: impl Fn(EventKind) -> Option<T>) -> Vec<(T, u64)> {
    let mut counts = BTreeMap::new();
    for found in record.events.iter().filter_map(|event| pick(event.kind)) {
        *counts.entry(found).or_insert(0) += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| Reverse(*count));
    ranked
}

/// `: 3 x, 1 y`, or nothing.
fn listed<T: Copy>(counts: &[(T, u64)], word: fn(T) -> &'static str) -> String {
    let words: Vec<_> = counts
        .iter()
        .map(|(what, count)| format!("{} because {}", wording::number(*count), word(*what)))
        .collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}
