//! How a connection's bytes travel: what time they take, and how far they come.

use std::time::Duration;

use smtp::server::Turn;

use crate::behaviour::Network;

/// The bytes of a connection.
#[derive(Debug)]
pub(super) struct Travel {
    pub(super) network: Network,
    /// How many have come from the client.
    received: u64,
    /// How long those took that nothing was said to yet.
    underway: Duration,
}

impl Travel {
    pub(super) const fn new(network: Network) -> Self {
        Self { network, received: 0, underway: Duration::ZERO }
    }

    /// Bytes come from the client: as many of them as arrive before the connection is cut, and whether it is.
    pub(super) fn arrive<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Arrived) {
        let left = self.network.cut_after.map_or(u64::MAX, |most| most - self.received);
        let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.received += count as u64;
        self.underway = self.underway.saturating_add(self.network.travel(count));
        (&bytes[..count], if count < bytes.len() { Arrived::Cut } else { Arrived::Whole })
    }

    /// A turn takes longer by the time that its bytes take, and those it answers.
    pub(super) fn leave(&mut self, turn: &mut Turn) {
        let underway = std::mem::take(&mut self.underway);
        let travel = underway.saturating_add(self.network.travel(turn.bytes.len()));
        turn.after = turn.after.saturating_add(travel);
    }
}

/// Whether all of what was sent has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    Whole,
    Cut,
}
