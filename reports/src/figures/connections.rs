//! How the engine's connections were used: how many were open at once, against its own limit, and how much each carried.

use std::collections::BTreeMap;

use record::{Connection, Nanos, Provider, ProviderId, Record};
use serde::Serialize;

use super::{Moments, Track};

/// The connections to one provider, as its servers saw them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionUse {
    /// The provider.
    pub provider: ProviderId,
    /// The most that were open at one instant since the moment before, over the moments of the run. One that is closed makes
    /// room for one that is opened at the same instant.
    pub open: Track,
    /// The most that ever were open.
    pub peak: u64,
    /// The most that the engine may have open: its limit for a site, times the provider's sites.
    pub limit: u64,
    /// Connections that were accepted.
    pub opened: u64,
    /// Connections by the number of messages (transactions) that they carried, ascending: `[messages, connections]`.
    pub messages: Vec<(u32, u64)>,
    /// The most messages that the engine may send in one connection.
    pub messages_limit: u32,
}

/// Of each provider.
pub(super) fn of(record: &Record, moments: &Moments) -> Vec<ConnectionUse> {
    let mut connections: Vec<Vec<&Connection>> = vec![Vec::new(); record.providers.len()];
    for connection in &record.receipts.connections {
        connections[connection.provider as usize].push(connection);
    }
    let all = (0..).zip(&record.providers).zip(connections);
    all.map(|((id, provider), connections)| ConnectionUse::of(id, provider, &connections, moments)).collect()
}

impl ConnectionUse {
    fn of(id: ProviderId, provider: &Provider, connections: &[&Connection], moments: &Moments) -> Self {
        let sites = provider.hosts.iter().map(|host| u64::from(host.site) + 1).max().unwrap_or(0);
        let open = open(connections, moments);
        let mut messages = BTreeMap::new();
        for connection in connections {
            *messages.entry(connection.messages).or_insert(0) += 1;
        }
        Self {
            provider: id,
            peak: open.changes().iter().map(|(_, open)| *open).max().unwrap_or(0),
            open,
            limit: u64::from(provider.limits.connections) * sites,
            opened: connections.len() as u64,
            messages: messages.into_iter().collect(),
            messages_limit: provider.limits.messages_per_connection,
        }
    }

    /// The number of messages that half of the connections carried no more of (nearest rank); 0 without connections.
    pub fn median_messages(&self) -> u32 {
        let mut before = 0;
        let half = |(_, connections): &&(u32, u64)| {
            before += connections;
            before >= self.opened.div_ceil(2)
        };
        self.messages.iter().find(half).map_or(0, |(messages, _)| *messages)
    }
}

/// A change of how many are open. In the order of what happens at one instant: who closes makes room for who opens, and
/// those are opened one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Closed,
    Opened { number: u32, passing: Passing },
}

/// Whether a connection is closed at the instant at which it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passing {
    No,
    Yes,
}

fn changes(connection: &Connection) -> impl Iterator<Item = (Nanos, Change)> {
    let Connection { number, opened, closed, .. } = *connection;
    let passing = if closed > opened { Passing::No } else { Passing::Yes };
    let closing = (passing == Passing::No).then_some((closed, Change::Closed));
    [(opened, Change::Opened { number, passing })].into_iter().chain(closing)
}

/// The most that were open, from moment to moment.
fn open(connections: &[&Connection], moments: &Moments) -> Track {
    let mut changes: Vec<(Nanos, Change)> = connections.iter().flat_map(|one| changes(one)).collect();
    changes.sort_unstable();
    let mut open = 0_u64;
    let mut track = Track::default();
    let mut changes = changes.into_iter().peekable();
    for (moment, at) in (0..).zip(moments.instants()) {
        let mut most = open;
        while let Some((_, change)) = changes.next_if(|(changed, _)| *changed <= at) {
            match change {
                Change::Closed => open = open.saturating_sub(1),
                Change::Opened { passing: Passing::No, .. } => open += 1,
                Change::Opened { passing: Passing::Yes, .. } => most = most.max(open + 1),
            }
            most = most.max(open);
        }
        if most != track.last() {
            track.note(moment, |open| *open = most);
        }
    }
    track
}

#[cfg(test)]
mod tests {
    use record::ConnectionEnd;

    use super::*;

    /// The most that are open over connections `(opened, closed)`, in the order of their numbers.
    fn most(all: &[(Nanos, Nanos)]) -> u64 {
        let connection = |(number, (opened, closed)): (u32, &(Nanos, Nanos))| Connection {
            provider: 0,
            number,
            host: 0,
            opened: *opened,
            closed: *closed,
            messages: 0,
            end: ConnectionEnd::Quit,
            address: 0,
            rule: None,
        };
        let all: Vec<Connection> = (1..).zip(all).map(connection).collect();
        let track = open(&all.iter().collect::<Vec<_>>(), &Moments::between(0, 10));
        track.changes().iter().map(|(_, open)| *open).max().unwrap_or(0)
    }

    #[test]
    fn who_closes_makes_room_and_who_only_passes_was_there() {
        assert_eq!(most(&[]), 0);
        assert_eq!(most(&[(1, 5), (5, 9)]), 1, "one after another");
        assert_eq!(most(&[(1, 6), (5, 9)]), 2);
        assert_eq!(most(&[(5, 5)]), 1, "opened and closed at one instant");
        assert_eq!(most(&[(5, 5), (5, 5), (5, 9)]), 1, "one after another at one instant");
        assert_eq!(most(&[(1, 9), (5, 5)]), 2);
        assert_eq!(most(&[(1, 5), (5, 5), (5, 9)]), 1);
    }
}
