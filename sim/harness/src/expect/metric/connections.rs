//! Connections, as the fleet saw them.

use record::{Connection, Nanos, Record};

use super::series::Series;
use super::{Argument, Metric, Setup};
use crate::expect::language::{Comparables, FilterKind};
use crate::expect::scope::Scope;
use crate::expect::watch::Measure;

pub(super) const METRICS: &[Metric] = &[
    Metric {
        name: "connections",
        about: "The most connections that were open to the provider at one instant, up to the instant asked for. From the \
                receipts of its servers.",
        unit: "connections",
        example: "connections(northmail) <= 20",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: &[FilterKind::Provider],
        needs: Some(FilterKind::Provider),
        follow: |setup| highest(setup, most_open),
    },
    Metric {
        name: "connections_opened",
        about: "Connections that a server accepted up to the instant asked for. From the receipts.",
        unit: "connections",
        example: "connections_opened(northmail) == 0 at 8h",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: &[FilterKind::Provider],
        needs: None,
        follow: |setup| {
            let Setup { record, scope, condition, .. } = setup;
            let opened = seen(record, &scope).map(|connection| connection.opened);
            Measure::Receipts(Box::new(Series::counting(opened, condition)))
        },
    },
    Metric {
        name: "messages_per_connection",
        about: "The most messages (transactions in which a recipient was named) in one connection, among those closed up to \
                the instant asked for. From the receipts.",
        unit: "messages",
        example: "messages_per_connection(northmail) <= 100",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: &[FilterKind::Provider],
        needs: None,
        follow: |setup| highest(setup, messages),
    },
];

/// Follows the highest reading so far of something that only connections that there are can have.
fn highest(setup: Setup<'_>, readings: fn(&[&Connection]) -> Vec<(Nanos, u64)>) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    let connections: Vec<&Connection> = seen(record, &scope).collect();
    let series = Series::new(records(readings(&connections)), condition);
    let nobody = || format!("nothing: no connection{} was ever opened", scope.suffix());
    Measure::Receipts(Box::new(if connections.is_empty() { series.about_nobody(nobody()) } else { series }))
}

fn seen<'a>(record: &'a Record, scope: &'a Scope) -> impl Iterator<Item = &'a Connection> {
    record.receipts.connections.iter().filter(|connection| scope.covers_provider(connection.provider))
}

/// How many are open from each instant on. One that is closed makes room for one that is opened at the same instant.
fn most_open(connections: &[&Connection]) -> Vec<(Nanos, u64)> {
    let opened = connections.iter().map(|connection| (connection.opened, 1));
    let closed = connections.iter().map(|connection| (connection.closed, -1));
    let mut changes: Vec<(Nanos, i64)> = opened.chain(closed).collect();
    changes.sort_unstable();
    let open = changes.into_iter().scan(0, |open: &mut i64, (at, change)| {
        *open += change;
        Some((at, u64::try_from(*open).unwrap_or(0)))
    });
    open.collect()
}

/// How many messages each had, known when it was closed.
fn messages(connections: &[&Connection]) -> Vec<(Nanos, u64)> {
    let message = |connection: &&Connection| (connection.closed, u64::from(connection.messages));
    let mut messages: Vec<(Nanos, u64)> = connections.iter().map(message).collect();
    messages.sort_unstable();
    messages
}

/// The readings that are higher than all before them.
fn records(readings: Vec<(Nanos, u64)>) -> Vec<(Nanos, u64)> {
    let mut highest = 0;
    let is_record = |(_, value): &(Nanos, u64)| {
        let before = highest;
        highest = highest.max(*value);
        *value > before
    };
    readings.into_iter().filter(is_record).collect()
}

#[cfg(test)]
mod tests {
    use record::Record;

    use crate::expect::sample::{Writer, fails, holds};

    /// Three connections to northmail, of which the third is opened when the first is closed; at the same instant, one
    /// to bigbox.
    fn run() -> Record {
        let mut run = Writer::new();
        run.connection(0, "1h", "3h", 7).connection(0, "2h", "4h", 100).connection(0, "3h", "4h", 1);
        run.connection(1, "3h", "4h", 2);
        run.record()
    }

    #[test]
    fn connections_are_read_off_the_receipts() {
        holds(&run(), "connections(northmail) == 2 by 2h");
        holds(&run(), "connections(northmail) == 1 at 1h");
        holds(&run(), "connections(bigbox) <= 1");
        holds(&run(), "connections_opened(northmail) == 3");
        holds(&run(), "connections_opened == 4");
        holds(&run(), "connections_opened == 0 at 59m");
        holds(&run(), "connections_opened != 3 by 0h");
        holds(&run(), "messages_per_connection(northmail) <= 100");
        holds(&run(), "messages_per_connection == 7 at 3h");
    }

    #[test]
    fn a_failure_says_since_when() {
        fails(&run(), "connections(northmail) <= 1", &["<= 1 at the end, but 2", "it held from 0h until 2h"]);
        fails(
            &run(),
            "messages_per_connection < 8 by 3h",
            &["< 8 from 3h on, but 100 at 4h", "it held from 0h until 4h"],
        );
        fails(
            &run(),
            "connections_opened(bigbox) >= 2",
            &[">= 2 at the end, but 1", "it held at no instant"],
        );
    }

    #[test]
    fn what_was_never_opened_has_no_limits() {
        let never = Writer::new().record();
        holds(&never, "connections_opened(northmail) == 0");
        fails(
            &never,
            "connections(northmail) <= 20",
            &["<= 20 at the end, but nothing: no connection (northmail) was ever opened"],
        );
    }
}
