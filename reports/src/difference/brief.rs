//! What differs in what was checked and counted: little enough to be kept of every run.
//!
//! A file of its own, because it needs no records: whoever runs a scenario again has dropped the earlier one by then.

use record::{Counters, ExpectationVerdict, Held};
use serde::Serialize;

use crate::figures::{COUNTER_NAMES, values};
use crate::ran::Ran;
use crate::tally::ProviderTally;

/// What differs between two runs of a scenario in its expectations, laws and metrics.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Brief {
    /// Expectations that came out otherwise, or that only one of the runs has; in the order of the later run.
    pub(crate) expectations: Vec<ExpectationChange>,
    /// Laws that were broken in only one of them.
    pub(crate) laws: Vec<LawChange>,
    /// Metrics of mailings and providers with another value, in the order of the tables.
    pub(crate) metrics: Vec<MetricChange>,
}

/// An expectation that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ExpectationChange {
    /// As written.
    pub(crate) text: String,
    /// `None` if it was not there.
    pub(crate) before: Option<Finding>,
    /// `None` if it is not there any more.
    pub(crate) after: Option<Finding>,
}

/// How an expectation came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) held: Held,
    pub(crate) measured: String,
}

/// A law that was broken in only one of two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LawChange {
    pub(crate) law: String,
    pub(crate) before: Held,
    pub(crate) after: Held,
}

/// A metric with another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MetricChange {
    /// Whether it is counted by mailing or by provider.
    pub(crate) by: By,
    /// The mailing or provider.
    pub(crate) name: String,
    /// Which, as expectations call it.
    pub(crate) metric: &'static str,
    /// `None` if that mailing or provider was not there.
    pub(crate) before: Option<u64>,
    /// `None` if it is not there any more.
    pub(crate) after: Option<u64>,
}

/// What a metric is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    Mailing,
    Provider,
}

/// What differs in what was checked and counted in two runs of a scenario.
pub fn brief(before: &Ran, after: &Ran) -> Brief {
    let mut metrics = metrics(By::Mailing, &of_mailings(before), &of_mailings(after));
    metrics.extend(self::metrics(By::Provider, &of_providers(before), &of_providers(after)));
    Brief { expectations: expectations(before, after), laws: laws(before, after), metrics }
}

impl Brief {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.expectations.is_empty() && self.laws.is_empty() && self.metrics.is_empty()
    }
}

/// A pair of things with the same key; one side is missing if only one run has it.
pub(super) type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// What has the same key belongs together, and of several with one key the first with the first. In the order of `after`,
/// and then what only `before` has.
pub(super) fn paired<'a, T, K: PartialEq>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> Vec<Pair<'a, T>> {
    let mut left: Vec<Option<&T>> = before.iter().map(Some).collect();
    let mut pairs: Vec<Pair<'_, T>> = Vec::new();
    for new in after {
        let wanted = key(new);
        let same = |old: &&mut Option<&'a T>| old.is_some_and(|old| key(old) == wanted);
        let old = left.iter_mut().find(same).and_then(Option::take);
        pairs.push((old, Some(new)));
    }
    pairs.extend(left.into_iter().flatten().map(|old| (Some(old), None)));
    pairs
}

fn expectations(before: &Ran, after: &Ran) -> Vec<ExpectationChange> {
    let pairs = paired(&before.checked.expectations, &after.checked.expectations, |verdict| &verdict.text);
    let change = |(before, after): Pair<'_, ExpectationVerdict>| {
        let text = after.or(before)?.text.clone();
        let change = ExpectationChange { text, before: before.map(finding), after: after.map(finding) };
        (change.before != change.after).then_some(change)
    };
    pairs.into_iter().filter_map(change).collect()
}

fn finding(verdict: &ExpectationVerdict) -> Finding {
    Finding { held: verdict.held, measured: verdict.measured.clone() }
}

/// A law that only one of the programs knows is no difference between the runs.
fn laws(before: &Ran, after: &Ran) -> Vec<LawChange> {
    let pairs = paired(&before.checked.laws, &after.checked.laws, |verdict| &verdict.law);
    let change = |(before, after): Pair<'_, record::LawVerdict>| {
        let (before, after) = (before?, after?);
        let [was, is] = [before, after].map(|verdict| Held::from(verdict.broken.is_empty()));
        (was != is).then(|| LawChange { law: after.law.clone(), before: was, after: is })
    };
    pairs.into_iter().filter_map(change).collect()
}

/// The metrics of a mailing or provider, by its name.
type Row<'a> = (&'a str, Vec<(&'static str, u64)>);

fn metrics(by: By, before: &[Row<'_>], after: &[Row<'_>]) -> Vec<MetricChange> {
    let mut changes = Vec::new();
    for (before, after) in paired(before, after, |(name, _)| *name) {
        let Some((name, present)) = after.or(before) else { continue };
        let value = |row: Option<&Row<'_>>, index: usize| row.map(|(_, values)| values[index].1);
        for (index, (metric, _)) in present.iter().enumerate() {
            let (was, is) = (value(before, index), value(after, index));
            // A mailing that is new has as many zeros as an old one.
            if was.unwrap_or(0) != is.unwrap_or(0) {
                changes.push(MetricChange { by, name: (*name).to_owned(), metric, before: was, after: is });
            }
        }
    }
    changes
}

fn of_mailings(ran: &Ran) -> Vec<Row<'_>> {
    ran.mailings
        .iter()
        .map(|mailing| (mailing.name.as_str(), counters(&mailing.counters).collect()))
        .collect()
}

fn of_providers(ran: &Ran) -> Vec<Row<'_>> {
    ran.providers.iter().map(|provider| (provider.name.as_str(), of_provider(provider))).collect()
}

fn of_provider(provider: &ProviderTally) -> Vec<(&'static str, u64)> {
    let further = [
        ("attempts", provider.attempts),
        ("throttled", provider.throttled),
        ("suppressions_held", provider.suppressions_held),
        ("connections", provider.connections),
    ];
    counters(&provider.counters).chain(further).collect()
}

/// Every counter with its name.
fn counters(counters: &Counters) -> impl Iterator<Item = (&'static str, u64)> {
    COUNTER_NAMES.into_iter().zip(values(counters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_belongs_to_the_first() {
        let pairs = paired(&["a", "b", "a", "c"], &["a", "d", "a", "a"], |name| *name);
        let a = Some(&"a");
        assert_eq!(
            pairs,
            [(a, a), (None, Some(&"d")), (a, a), (None, a), (Some(&"b"), None), (Some(&"c"), None)]
        );
    }
}
