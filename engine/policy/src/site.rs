//! A site: the queue of those who are due, its hosts, its pace, and its connections.

use std::collections::VecDeque;

use units::Instant;

use crate::breaker::Breaker;
use crate::classify::Reader;
use crate::ids::RecipientId;
use crate::pace::{Pace, Proven, SiteLimits};
use crate::route::Route;
use crate::tls::SiteTls;

/// A site and all that is known of it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) route: Route,
    /// Reads its replies.
    pub(crate) reader: Reader,
    pub(crate) breaker: Breaker,
    pub(crate) tls: SiteTls,
    pub(crate) pace: Pace,
    /// Until when what the DNS said about the domains of those who are due may be used without asking it again, or earlier.
    pub(crate) fresh_until: Instant,
    /// Of how many domains it waits for an answer of the DNS before it opens connections.
    pub(crate) awaited: u32,
    /// Due, in the order of their turn. Those who left meanwhile are skipped when their turn comes.
    pub(crate) ready: VecDeque<RecipientId>,
    pub(crate) proven: Proven,
    /// Connections that have carried as much as the server wants of one: they are to be closed.
    pub(crate) spent: Vec<u32>,
    /// Connections open or being opened.
    pub(crate) open: u32,
    /// Connections that stand.
    pub(crate) established: u32,
    /// Connections that were ever dialled.
    pub(crate) dials: u64,
    /// When the site is to be looked at again, if that is arranged.
    pub(crate) wake_at: Option<Instant>,
}

impl Site {
    pub(crate) fn new(route: Route, tls: SiteTls, reader: Reader, limits: SiteLimits) -> Self {
        Self {
            route,
            reader,
            breaker: Breaker::default(),
            tls,
            pace: Pace::new(limits),
            fresh_until: Instant::MAX,
            awaited: 0,
            ready: VecDeque::new(),
            proven: Proven::No,
            spent: Vec::new(),
            open: 0,
            established: 0,
            dials: 0,
            wake_at: None,
        }
    }
}
