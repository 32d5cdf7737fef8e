//! Everything that can be measured: one row each, with its documentation, what filters it takes, and how it is followed
//! through a run.
//!
//! Adding a metric is adding a row to the list of a family below, or a file with a list of its own. The grammar, the
//! suggestions and the reference page come from the rows.
//!
//! - [`counters`]: recipients by what became of them; [`events`]: what happened so often;
//!   [`feedback`]: what came back
//! - [`attempts`], [`gap`], [`time_to_deliver`]: a number of each recipient, in the manner of [`each`]
//! - [`contacts`], [`strikes`]: contacts, whatever the mailing
//! - [`connections`], [`duplicates`], [`sequels`]: what the fleet saw, in the manner of [`series`]
//! - [`Measurement`]: a metric with its filter and condition, as an author writes it

mod attempts;
mod connections;
mod contacts;
mod counters;
mod duplicates;
mod each;
mod events;
mod feedback;
mod gap;
mod measurement;
mod sequels;
mod series;
mod strikes;
mod tally;
mod time_to_deliver;

use record::Record;

pub(crate) use measurement::Measurement;

use super::language::{Comparables, Condition, FilterKind};
use super::scope::Scope;
use super::watch::Measure;

/// Something that can be measured.
#[derive(Debug)]
pub(crate) struct Metric {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it measures, in full sentences.
    pub(crate) about: &'static str,
    /// What it counts (`recipients`), or `time`.
    pub(crate) unit: &'static str,
    /// An expectation that uses it.
    pub(crate) example: &'static str,
    /// What it may be compared with.
    pub(crate) comparables: Comparables,
    /// What stands in the parentheses before the filter.
    pub(crate) argument: Argument,
    /// The filters that it takes.
    pub(crate) filters: &'static [FilterKind],
    /// A filter that it can not do without.
    pub(crate) needs: Option<FilterKind>,
    /// How to follow it.
    follow: fn(Setup<'_>) -> Measure,
}

/// What stands in the parentheses of a metric before its filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Nothing.
    None,
    /// The number of an attempt, from 1.
    Attempt,
}

/// What a metric is followed with.
#[derive(Debug)]
struct Setup<'a> {
    /// The record of the run.
    record: &'a Record,
    /// Of whom it is measured.
    scope: Scope,
    /// What is wanted.
    condition: Condition,
    /// The argument; 0 if the metric has none.
    argument: u8,
}

/// The filters of whatever concerns recipients.
const WHO: &[FilterKind] =
    &[FilterKind::Provider, FilterKind::Mailing, FilterKind::Domain, FilterKind::Address];
/// The same, and why.
const WHO_AND_WHY: &[FilterKind] = &[
    FilterKind::Provider,
    FilterKind::Mailing,
    FilterKind::Domain,
    FilterKind::Address,
    FilterKind::Category,
];
/// The same, and what became of them.
const WHO_WHY_AND_OUTCOME: &[FilterKind] = &[
    FilterKind::Provider,
    FilterKind::Mailing,
    FilterKind::Domain,
    FilterKind::Address,
    FilterKind::Category,
    FilterKind::Outcome,
];
/// The filters of whatever concerns contacts, whatever the mailing.
const CONTACTS: &[FilterKind] =
    &[FilterKind::Status, FilterKind::Provider, FilterKind::Domain, FilterKind::Address];

/// All metrics, in the order of the reference.
pub(crate) fn all() -> impl Iterator<Item = &'static Metric> {
    const FAMILIES: [&[Metric]; 11] = [
        counters::METRICS,
        events::METRICS,
        feedback::METRICS,
        attempts::METRICS,
        gap::METRICS,
        time_to_deliver::METRICS,
        contacts::METRICS,
        strikes::METRICS,
        connections::METRICS,
        duplicates::METRICS,
        sequels::METRICS,
    ];
    FAMILIES.into_iter().flatten()
}

/// What is measured when no mailing looked at anybody in `scope`.
fn nobody_considered(scope: &Scope) -> String {
    format!("nobody: no recipient{} was selected or excluded in this run", scope.suffix())
}

/// What is measured when there is no contact in `scope`.
fn nobody_there(scope: &Scope) -> String {
    format!("nobody: no contact{} is there", scope.suffix())
}
