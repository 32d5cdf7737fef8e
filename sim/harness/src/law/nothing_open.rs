//! Law `nothing-left-open`: the run ends clean, and nothing happens outside of it.
//!
//! Only times and endings are looked at. Recipients that have no final outcome are the matter of `one-final-outcome`.

use record::{Connection, ConnectionEnd, Record};

use super::accounts::Accounts;
use super::findings::{Findings, clock};
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "nothing-left-open",
    about: "When the run ends every connection is closed, and nothing happened after the end, or in a connection before it was \
            opened or after it was closed.",
    checks: &[Check::Record(judge)],
};

fn judge(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    let record = accounts.record;
    let left = record.receipts.open_at_the_end;
    findings.demand(left == 0, record.ended, None, || {
        format!("{left} connections are open at the end of the run")
    });
    for connection in &record.receipts.connections {
        judge_connection(connection, record, findings);
    }
    for event in &record.events {
        findings.demand(event.at <= record.ended, event.at, Some(event.contact), || {
            format!("the ledger has a line after the run ended at {}", clock(record.ended))
        });
    }
    for arrival in &record.receipts.arrivals {
        let held = accounts
            .connection(arrival)
            .is_some_and(|connection| (connection.opened..=connection.closed).contains(&arrival.at));
        findings.demand(held, arrival.at, None, || {
            format!("a receipt names connection {}, which was not open", arrival.connection)
        });
    }
}

fn judge_connection(connection: &Connection, record: &Record, findings: &mut Findings<'_>) {
    let Connection { number, opened, closed, end, .. } = *connection;
    findings.demand(end != ConnectionEnd::StillOpen, closed, None, || {
        format!("connection {number} of provider {} was never closed", connection.provider)
    });
    findings.demand(opened <= closed && closed <= record.ended, closed, None, || {
        format!(
            "connection {number} of provider {} was open from {} to {}, the run ended at {}",
            connection.provider,
            clock(opened),
            clock(closed),
            clock(record.ended)
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample;

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    #[test]
    fn no_connection_stays_open() {
        check(|record| record.receipts.open_at_the_end = 2, "2 connections are open at the end of the run");
        check(
            |record| record.receipts.connections[0].end = ConnectionEnd::StillOpen,
            "connection 1 of provider 0 was never closed",
        );
    }

    #[test]
    fn a_connection_closes_after_it_opened_and_before_the_end() {
        check(|record| record.receipts.connections[0].closed = 0, "was open from");
        check(|record| record.receipts.connections[0].closed = record.ended + 1, "was open from");
    }

    #[test]
    fn nothing_happens_after_the_end_or_outside_a_connection() {
        check(|record| record.ended = 1, "a line after the run ended");
        check(|record| record.receipts.arrivals[0].connection = 0, "connection 0, which was not open");
        check(|record| record.receipts.arrivals[0].connection = 1000, "connection 1000, which was not open");
        check(|record| record.receipts.arrivals[0].at = 0, "which was not open");
        check(|record| record.receipts.connections[0].closed -= 100_000_000, "which was not open");
    }
}
