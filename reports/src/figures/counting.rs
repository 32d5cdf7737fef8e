//! How an event changes the counters of a mailing, a provider, or all of them: the one place that knows.

use record::{Counters, EventKind};

use super::{State, Step};

/// The names of the counters, in the order of [`values`].
pub const COUNTER_NAMES: [&str; 16] = [
    "selected",
    "excluded",
    "pending",
    "dropped",
    "sent",
    "in_progress",
    "delivered",
    "soft_bounced",
    "hard_bounced",
    "cancelled",
    "late_bounced",
    "late_soft_bounced",
    "late_hard_bounced",
    "complained",
    "unsubscribed",
    "reports_ignored",
];

/// The counters as a list, in the order of [`COUNTER_NAMES`].
pub const fn values(counters: &Counters) -> [u64; 16] {
    [
        counters.selected,
        counters.excluded,
        counters.pending,
        counters.dropped,
        counters.sent,
        counters.in_progress,
        counters.delivered,
        counters.soft_bounced,
        counters.hard_bounced,
        counters.cancelled,
        counters.late_bounced,
        counters.late_soft_bounced,
        counters.late_hard_bounced,
        counters.complained,
        counters.unsubscribed,
        counters.reports_ignored,
    ]
}

/// Counts an event in. A recipient is taken out of all counters of the state before it and put into those of the state after it, so
/// that the identities of the metrics cannot but hold.
pub(crate) fn count(kind: EventKind, step: &Step, counters: &mut Counters) {
    match kind {
        EventKind::Excluded(_) => counters.excluded += 1,
        EventKind::Feedback { what, .. } => counters.hear(what),
        EventKind::Selected
        | EventKind::AttemptBegun { .. }
        | EventKind::AttemptEnded { .. }
        | EventKind::Uncounted { .. }
        | EventKind::Settled { .. }
        | EventKind::StatusChanged { .. } => {
            places(counters, step.before.state).for_each(|counter| *counter -= 1);
            places(counters, step.after.state).for_each(|counter| *counter += 1);
        }
    }
}

/// Whether counting it changes anything.
pub(super) fn changes(kind: EventKind, step: &Step) -> bool {
    matches!(kind, EventKind::Excluded(_) | EventKind::Feedback { .. })
        || step.before.state != step.after.state
}

/// The counters that a recipient in this state is in.
fn places(counters: &mut Counters, state: State) -> impl Iterator<Item = &mut u64> {
    let Counters {
        selected,
        pending,
        dropped,
        sent,
        in_progress,
        delivered,
        soft_bounced,
        hard_bounced,
        cancelled,
        ..
    } = counters;
    let places = match state {
        State::Absent | State::Excluded => [None, None, None],
        State::Pending => [Some(selected), Some(pending), None],
        State::Dropped => [Some(selected), Some(dropped), None],
        State::InProgress => [Some(selected), Some(sent), Some(in_progress)],
        State::Delivered => [Some(selected), Some(sent), Some(delivered)],
        State::SoftBounced => [Some(selected), Some(sent), Some(soft_bounced)],
        State::HardBounced => [Some(selected), Some(sent), Some(hard_bounced)],
        State::Cancelled => [Some(selected), Some(sent), Some(cancelled)],
    };
    places.into_iter().flatten()
}
