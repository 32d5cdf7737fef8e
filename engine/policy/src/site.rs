//! A site: the queue of those who are due, its hosts, its pace, and its connections.

use std::collections::VecDeque;

use smtp::client::Security;
use units::Instant;

use crate::breaker::Breaker;
use crate::classify::Reader;
use crate::ids::RecipientId;
use crate::pace::{Pace, Proven, SiteLimits};
use crate::route::Route;

/// A site and all that is known of it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) route: Route,
    /// Reads its replies.
    pub(crate) reader: Reader,
    pub(crate) breaker: Breaker,
    /// How its connections are to carry mail: over TLS once it has demanded that.
    pub(crate) security: Security,
    pub(crate) tls: Tls,
    pub(crate) pace: Pace,
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

/// What is known of TLS at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    Unknown,
    /// It takes mail in plain text.
    NotNeeded,
    /// It takes mail in plain text, and does not do TLS: who demands it there has the last word.
    NotToBeHad,
}

impl Site {
    pub(crate) fn new(route: Route, reader: Reader, limits: SiteLimits) -> Self {
        Self {
            route,
            reader,
            breaker: Breaker::default(),
            security: Security::Plain,
            tls: Tls::Unknown,
            pace: Pace::new(limits),
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
