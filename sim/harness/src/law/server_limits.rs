//! Law `server-limits`: the engine's own limits, judged from the outside.
//!
//! Only the receipts are looked at. Which host belongs to which site, for which the limits hold, is in the tables of the
//! record. Receipts do not number transactions, but the recipients answered in one connection at one
//! instant belong to one: a client begins the next transaction only after the reply to the last, and no reply is instant.

use std::collections::BTreeMap;

use record::{Arrival, Connection, Limits, Nanos, ProviderId, Record};

use super::accounts::Accounts;
use super::findings::Findings;
use super::sites::Site;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "server-limits",
    about: "Seen from the servers, the limits towards each site are kept: connections open at once, messages in a connection, \
            recipients in a message.",
    checks: &[Check::Record(judge)],
};

fn judge(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    let record = accounts.record;
    let mut by_site: BTreeMap<Site, Vec<Connection>> = BTreeMap::new();
    for connection in &record.receipts.connections {
        if let Some(site) = accounts.sites.of_connection(connection) {
            by_site.entry(site).or_default().push(*connection);
        }
    }
    for (site, connections) in by_site {
        let Some(limits) = limits(record, site.0) else { continue };
        messages(&connections, limits, findings);
        open_at_once(&connections, limits, &accounts.sites.name(site), findings);
    }
    let same_instant = |one: &Arrival, next: &Arrival| {
        (one.at, one.provider, one.connection) == (next.at, next.provider, next.connection)
    };
    for together in record.receipts.arrivals.chunk_by(same_instant) {
        recipients(together, record, findings);
    }
}

fn limits(record: &Record, provider: ProviderId) -> Option<Limits> {
    record.providers.get(provider as usize).map(|provider| provider.limits)
}

fn messages(connections: &[Connection], limits: Limits, findings: &mut Findings<'_>) {
    let most = limits.messages_per_connection;
    for connection in connections {
        findings.demand(connection.messages <= most, connection.opened, None, || {
            format!(
                "connection {} carried {} messages, at most {most} are allowed",
                connection.number, connection.messages
            )
        });
    }
}

/// Judges every moment at which a connection was opened. A connection closed at that very instant counts as closed, and
/// one that was closed as it was opened counts for nothing.
fn open_at_once(connections: &[Connection], limits: Limits, site: &str, findings: &mut Findings<'_>) {
    let lasting = connections.iter().filter(|connection| connection.opened < connection.closed);
    let mut opened: Vec<Nanos> = lasting.clone().map(|connection| connection.opened).collect();
    let mut closed: Vec<Nanos> = lasting.map(|connection| connection.closed).collect();
    opened.sort_unstable();
    closed.sort_unstable();
    let most = limits.connections as usize;
    let mut gone = 0;
    for (index, at) in opened.iter().enumerate() {
        while closed.get(gone).is_some_and(|closed| closed <= at) {
            gone += 1;
        }
        let open = index + 1 - gone;
        findings.demand(open <= most, *at, None, || {
            format!("{open} connections to {site} were open at once, at most {most} are allowed")
        });
    }
}

fn recipients(together: &[Arrival], record: &Record, findings: &mut Findings<'_>) {
    let Arrival { at, provider, connection, .. } = together[0];
    let Some(limits) = limits(record, provider) else { return };
    let most = limits.recipients_per_message as usize;
    findings.demand(together.len() <= most, at, None, || {
        format!(
            "a message in connection {connection} had {} recipients, at most {most} are allowed",
            together.len()
        )
    });
}

#[cfg(test)]
mod tests {
    use record::Host;

    use super::*;
    use crate::law::sample::{self, HOUR, MINUTE};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    /// Replaces the connections to the first provider by some that were open during these minutes.
    fn connect(record: &mut Record, most: u32, minutes: &[(u64, u64)]) {
        let mut connection = record.receipts.connections[0];
        record.receipts.connections.clear();
        for (number, (opened, closed)) in (1..).zip(minutes) {
            (connection.number, connection.opened, connection.closed) =
                (number, opened * MINUTE, closed * MINUTE);
            record.receipts.connections.push(connection);
        }
        record.providers[0].limits.connections = most;
    }

    #[test]
    fn connections_are_counted_while_they_are_open() {
        let three = [(0, 10), (5, 20), (9, 12)];
        check(|record| connect(record, 2, &three), "3 connections to northmail were open at once, at most 2");
        sample::keeps(&LAW, |record| connect(record, 3, &three));
        check(|record| connect(record, 1, &[(5, 20), (0, 10)]), "2 connections to northmail");
    }

    #[test]
    fn each_site_has_limits_of_its_own() {
        let domains = |sites: [u32; 2]| {
            move |record: &mut Record| {
                connect(record, 1, &[(0, 10), (5, 20)]);
                record.receipts.connections[1].host = 1;
                let host = |(name, site): (&str, u32)| Host { name: name.to_owned(), site };
                record.providers[0].hosts =
                    ["one.test", "two.test"].into_iter().zip(sites).map(host).collect();
            }
        };
        sample::keeps(&LAW, domains([0, 1]));
        check(domains([0, 0]), "2 connections to northmail were open at once, at most 1");
        let both_to_one = |record: &mut Record| {
            domains([0, 1])(record);
            record.receipts.connections[0].host = 1;
        };
        check(both_to_one, "2 connections to two.test were open at once, at most 1");
    }

    #[test]
    fn a_connection_may_open_when_another_closes() {
        sample::keeps(&LAW, |record| connect(record, 1, &[(0, 10), (10, 20), (10, 10), (20, 21)]));
    }

    #[test]
    fn messages_in_a_connection_are_limited() {
        check(|record| record.receipts.connections[0].messages = 101, "connection 1 carried 101 messages");
        sample::keeps(&LAW, |record| record.receipts.connections[0].messages = 100);
    }

    #[test]
    fn recipients_of_a_message_are_limited() {
        let with_recipients = |count: usize| {
            move |record: &mut Record| {
                let arrival = Arrival { at: HOUR, ..record.receipts.arrivals[0] };
                record.receipts.arrivals.extend(std::iter::repeat_n(arrival, count));
            }
        };
        check(with_recipients(51), "had 51 recipients, at most 50 are allowed");
        sample::keeps(&LAW, with_recipients(50));
    }
}
