//! How a change is worded, in the terminal and on the page alike.

use record::{Held, Status};

use super::contacts::End;
use super::{By, Course, Difference, ExpectationChange, Finding, ScenarioDifference, Stand, VerdictChange};
use crate::wording;

/// How much differs, in a sentence.
pub(crate) fn total(difference: &Difference) -> String {
    let differ = difference.scenarios.len() as u64;
    let (before, after) = (difference.only_before.len() as u64, difference.only_after.len() as u64);
    let all = difference.same + differ;
    if difference.is_empty() {
        return format!("the same: {}", wording::counted(all, "scenario"));
    }
    let verb = if differ == 1 { "differs" } else { "differ" };
    let mut parts =
        vec![format!("{} of {} {verb}", wording::number(differ), wording::counted(all, "scenario"))];
    parts.extend((before > 0).then(|| format!("{} only before", wording::number(before))));
    parts.extend((after > 0).then(|| format!("{} only after", wording::number(after))));
    parts.join(", ")
}

/// That nothing differs which is checked or counted.
pub(crate) const ONLY_MOMENTS: &str =
    "nothing that is checked or counted differs: only moments, or the order of events";

/// `held → failed`.
pub(crate) fn standings(scenario: &ScenarioDifference) -> String {
    let word = |stand: &Stand| stand.standing.replace('_', " ");
    change(&word(&scenario.before), &word(&scenario.after))
}

/// `7 → 8`, or `7` if it is the same.
pub(crate) fn seeds(scenario: &ScenarioDifference) -> String {
    let word = |stand: &Stand| stand.seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string());
    change(&word(&scenario.before), &word(&scenario.after))
}

/// Likewise.
pub(crate) fn digests(scenario: &ScenarioDifference) -> String {
    let word = |stand: &Stand| stand.digest.clone().unwrap_or_else(|| "none".to_owned());
    change(&word(&scenario.before), &word(&scenario.after))
}

fn change(before: &str, after: &str) -> String {
    if before == after { after.to_owned() } else { format!("{before} → {after}") }
}

/// Where the ledgers part; empty if nowhere.
pub(crate) fn parting(scenario: &ScenarioDifference) -> String {
    let parting = scenario.parting.as_ref();
    parting
        .map_or_else(String::new, |parting| format!("from +{} on, with {}", parting.clock, parting.contact))
}

/// What was measured before and after, and whether it held: `5 → 4, held → failed`.
pub(crate) fn measured_change(change: &ExpectationChange) -> String {
    let held = |finding: &Option<Finding>| finding.as_ref().map(|finding| finding.held);
    let (was, is) = (held(&change.before), held(&change.after));
    let measured = match (&change.before, &change.after) {
        (Some(before), Some(after)) => self::change(&before.measured, &after.measured),
        (Some(one), None) | (None, Some(one)) => one.measured.clone(),
        (None, None) => String::new(),
    };
    if was == is { measured } else { format!("{measured}, {}", held_change(was, is)) }
}

/// `held → failed`, `new: held`, `gone: it failed`.
pub(crate) fn held_change(before: Option<Held>, after: Option<Held>) -> String {
    let word = |held: Held| match held {
        Held::Yes => "held",
        Held::No => "failed",
    };
    match (before, after) {
        (Some(before), Some(after)) => change(word(before), word(after)),
        (Some(before), None) => format!("gone, {} before", word(before)),
        (None, Some(after)) => format!("new, {}", word(after)),
        (None, None) => String::new(),
    }
}

pub(crate) const fn by(by: By) -> &'static str {
    match by {
        By::Mailing => "mailing",
        By::Provider => "provider",
    }
}

/// A number, or that there is none.
pub(crate) fn count(count: Option<u64>) -> String {
    count.map_or_else(|| "–".to_owned(), wording::number)
}

/// `+3`, `−3`.
pub(crate) fn delta(before: Option<u64>, after: Option<u64>) -> String {
    let (before, after) = (before.unwrap_or(0), after.unwrap_or(0));
    let sign = if after < before { '−' } else { '+' };
    format!("{sign}{}", wording::number(after.abs_diff(before)))
}

/// An answer in a line: `bigbox  RCPT 452 4.2.2  soft, mailbox-full, by gmail/full`.
pub(crate) fn answer(change: &VerdictChange) -> String {
    let mut words = format!("{} {}", change.provider, wording::phase(change.phase));
    match change.code {
        Some(code) => words.push_str(&format!(" {code}")),
        None => words.push_str(&format!(" without a reply ({})", change.sample)),
    }
    if let Some(enhanced) = &change.enhanced {
        words.push_str(&format!(" {enhanced}"));
    }
    words.push_str(&format!(": {}", change.class));
    if !change.category.is_empty() {
        words.push_str(&format!(", {}", change.category));
    }
    words.push_str(&format!(", by {}", change.rule));
    words
}

/// `active → error`, and what it means that one is missing.
pub(crate) fn statuses(before: Option<Status>, after: Option<Status>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => change(wording::status(before), wording::status(after)),
        (Some(_), None) => "not in the audience any more".to_owned(),
        (None, Some(_)) => "new in the audience".to_owned(),
        (None, None) => String::new(),
    }
}

/// `soft bounced after 4 attempts`.
pub(crate) fn course(course: Course) -> String {
    let end = match course.end {
        End::NotMailed => return "not mailed".to_owned(),
        End::Excluded(reason) => return format!("left out, {}", wording::excluded(reason)),
        End::Open => "in progress",
        End::Final(outcome) => wording::outcome(outcome),
    };
    match course.attempts {
        0 => end.to_owned(),
        attempts => format!("{end} after {}", wording::counted(attempts.into(), "attempt")),
    }
}
