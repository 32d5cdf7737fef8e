//! How one sender stands with a provider: its history, how much it sent lately, and whether it is blocked.

use std::collections::VecDeque;

use units::{Instant, Share};

use super::score::{History, Signal, Volume};
use super::{Block, Terms, Tier};

/// How one sender stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    history: History,
    volume: Volume,
    /// When each recipient was taken of it lately, as far as any tier asks.
    taken: VecDeque<Instant>,
    listing: Option<Listing>,
}

/// A block.
#[derive(Debug, Clone, Copy)]
struct Listing {
    /// It lasts at least up to here.
    until: Instant,
    /// When it was last tried to send in spite of it.
    tried: Instant,
}

impl Listing {
    fn lasts(self, block: &Block, now: Instant) -> bool {
        now < self.until || now.since(self.tried) < block.delist_after
    }
}

impl Standing {
    /// Whether it is blocked now. A block that is over takes what led to it along: the sender is a stranger again.
    pub(super) fn is_blocked(&mut self, terms: &Terms, now: Instant) -> bool {
        let (Some(block), Some(listing)) = (&terms.block, self.listing) else { return false };
        if listing.lasts(block, now) {
            return true;
        }
        self.forgive();
        false
    }

    /// The block is over: everything begins anew.
    fn forgive(&mut self) {
        *self = Self { taken: std::mem::take(&mut self.taken), ..Self::default() };
    }

    /// It tries to send; which puts off the end of a block that waits for silence.
    pub(super) fn tries(&mut self, now: Instant) {
        if let Some(listing) = &mut self.listing {
            listing.tried = now;
        }
    }

    /// The tier that it is in; `None` if it is in none.
    pub(super) fn tier<'a>(&self, terms: &'a Terms, now: Instant) -> Option<&'a Tier> {
        let score = self.history.score(&terms.rates, now);
        terms.tiers.iter().find(|tier| score < tier.below)
    }

    /// How much of its mail goes to the spam folder; `None` if it is in no tier.
    pub(super) fn spam(&self, terms: &Terms, now: Instant) -> Option<Share> {
        self.tier(terms, now).map(|tier| tier.spam)
    }

    /// Whether it has used up what its tier allows.
    pub(super) fn is_full(&self, terms: &Terms, now: Instant) -> bool {
        let Some(rate) = self.tier(terms, now).and_then(|tier| tier.messages) else { return false };
        let over = self.taken.partition_point(|taken| now.since(*taken) >= rate.period());
        (self.taken.len() - over) as u64 >= u64::from(rate.count())
    }

    /// A recipient was taken.
    pub(super) fn take(&mut self, terms: &Terms, now: Instant) {
        let (count, period) = terms.longest();
        while self.taken.len() >= count || self.taken.front().is_some_and(|taken| now.since(*taken) >= period)
        {
            if self.taken.pop_front().is_none() {
                return;
            }
        }
        self.taken.push_back(now);
    }

    /// The last recipients that were taken got nothing.
    pub(super) fn give_back(&mut self, recipients: usize) {
        self.taken.truncate(self.taken.len().saturating_sub(recipients));
    }

    /// A message was delivered to so many recipients.
    pub(super) fn delivered(&mut self, recipients: u64, terms: &Terms, now: Instant) {
        let jump = self.volume.add(recipients, &terms.rates, now);
        self.history.sent(recipients, &terms.rates, now);
        if jump > 0 {
            self.history.say(Signal::VolumeJump, jump, &terms.rates, now);
        }
        self.judge(terms, now);
    }

    /// So many recipients were named to whom nothing was delivered, because of this.
    pub(super) fn failed(&mut self, signal: Signal, recipients: u64, terms: &Terms, now: Instant) {
        self.history.sent(recipients, &terms.rates, now);
        self.say(signal, recipients, terms, now);
    }

    /// Something is said about its mail to so many recipients.
    pub(super) fn say(&mut self, signal: Signal, recipients: u64, terms: &Terms, now: Instant) {
        // What is heard after a block, perhaps before the next visit, belongs to the time after it.
        self.is_blocked(terms, now);
        self.history.say(signal, recipients, &terms.rates, now);
        self.judge(terms, now);
    }

    /// Begins a block if the score asks for it.
    fn judge(&mut self, terms: &Terms, now: Instant) {
        let Some(block) = &terms.block else { return };
        if self.listing.is_none() && self.history.score(&terms.rates, now) < block.below {
            self.listing = Some(Listing { until: now + block.length, tried: now });
        }
    }
}
