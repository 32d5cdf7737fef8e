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

/// The most that were open, from moment to moment.
fn open(connections: &[&Connection], moments: &Moments) -> Track {
    let opened = connections.iter().map(|connection| (connection.opened, 1));
    let closed = connections.iter().map(|connection| (connection.closed, -1));
    let mut changes: Vec<(Nanos, i64)> = opened.chain(closed).collect();
    changes.sort_unstable();
    let mut open = 0_i64;
    let mut track = Track::default();
    let mut changes = changes.into_iter().peekable();
    for (moment, at) in (0..).zip(moments.instants()) {
        let mut most = open;
        while let Some((_, change)) = changes.next_if(|(changed, _)| *changed <= at) {
            open += change;
            most = most.max(open);
        }
        let most = u64::try_from(most).unwrap_or(0);
        if most != track.last() {
            track.note(moment, |open| *open = most);
        }
    }
    track
}
