//! One limit: what is counted against whom, and for how long who exceeded it is blocked.
//!
//! Knows nothing of dialogues: it is told that something more comes, at which moment and of whom.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use super::{Instant, Measure, Phase};
use crate::behaviour::Identity;
use crate::behaviour::wording::Wording;

/// One limit.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) measure: Measure,
    /// How many, at once or in the period.
    pub(super) max: u64,
    /// The period of a rate.
    pub(super) period: Option<Duration>,
    pub(super) words: Wording,
    /// The first phase in which the words are said.
    pub(super) said_from: Phase,
    pub(super) block: Option<Block>,
    pub(super) hosts: Hosts,
    standings: BTreeMap<Key, Standing>,
}

/// How long who exceeded a limit is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// The first time.
    pub(super) first: Duration,
    /// How many times as long each further time.
    pub(super) factor: u32,
    pub(super) at_most: Duration,
}

/// Whether the hosts of a provider count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosts {
    Together,
    Each,
}

/// Whom something is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) subject: Subject,
    /// At which host; at all of them if `None`.
    pub(super) host: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Everybody,
    Client(IpAddr),
    /// A domain of return paths, by its number.
    Domain(u32),
    /// By its number in the roster.
    Recipient(u32),
}

/// How somebody stands to a limit.
#[derive(Debug, Default)]
struct Standing {
    /// How many are open.
    open: u64,
    /// When the last ones came, as far as they are within the period.
    came: VecDeque<Instant>,
    /// How often it was exceeded, as far as that is not forgiven.
    exceeded: u32,
    blocked_until: Instant,
}

/// How long after a block it is forgiven.
const FORGIVEN_AFTER: Duration = Duration::from_secs(86_400);

impl Guard {
    pub(super) const fn new(
        measure: Measure,
        max: u64,
        period: Option<Duration>,
        words: Wording,
        block: Option<Block>,
        hosts: Hosts,
    ) -> Self {
        let standings = BTreeMap::new();
        Self { measure, max, period, words, said_from: Phase::Greeting, block, hosts, standings }
    }

    pub(super) fn prepare(&mut self, identity: &Identity) {
        self.said_from = self.words.phase(identity);
    }

    pub(super) fn is_blocked(&self, key: &Key, now: Instant) -> bool {
        self.standings.get(key).is_some_and(|standing| now < standing.blocked_until)
    }

    /// Whether one more is too many, in which case the limit is exceeded.
    pub(super) fn is_over(&mut self, key: Key, now: Instant) -> bool {
        let Some(standing) = self.standings.get_mut(&key) else { return false };
        let count = match self.period {
            Some(period) => {
                while standing.came.front().is_some_and(|came| now.since(*came) >= period) {
                    standing.came.pop_front();
                }
                standing.came.len() as u64
            }
            None => standing.open,
        };
        let over = count >= self.max;
        if over {
            self.exceeded(key, now);
        }
        over
    }

    /// One more came.
    pub(super) fn take(&mut self, key: Key, now: Instant) {
        let standing = self.standings.entry(key).or_default();
        match self.period {
            Some(_) => {
                // More than the limit is never looked at.
                if standing.came.len() as u64 >= self.max {
                    standing.came.pop_front();
                }
                standing.came.push_back(now);
            }
            None => standing.open += 1,
        }
    }

    /// One of those that are open is gone.
    pub(super) fn give_back(&mut self, key: Key) {
        if let Some(standing) = self.standings.get_mut(&key) {
            standing.open = standing.open.saturating_sub(1);
        }
    }

    /// The limit was exceeded: a block begins, unless one lasts.
    pub(super) fn exceeded(&mut self, key: Key, now: Instant) {
        let Some(block) = self.block else { return };
        let standing = self.standings.entry(key).or_default();
        if now < standing.blocked_until {
            return;
        }
        if now.since(standing.blocked_until) >= FORGIVEN_AFTER {
            standing.exceeded = 0;
        }
        standing.blocked_until = now + block.length(standing.exceeded);
        standing.exceeded = standing.exceeded.saturating_add(1);
    }
}

impl Block {
    /// How long a block is after so many others.
    fn length(&self, before: u32) -> Duration {
        let times = self.factor.checked_pow(before).unwrap_or(u32::MAX);
        self.first.saturating_mul(times).min(self.at_most)
    }
}
