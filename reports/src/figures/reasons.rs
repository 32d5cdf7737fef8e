//! Why recipients bounced, or are deferred: by the category of the verdict, or by the cause where no server had a say.

use std::collections::BTreeMap;

use record::{Cause, Event, EventKind, ProviderId, Record};
use serde::Serialize;

use super::recipients::Recipient;
use super::{State, Step, Track};

/// A reason and who stands where because of it, over the moments of the mailing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Reason {
    /// The category of the verdict (`mailbox-full`), or the cause (`held-back`). Text of the record.
    pub name: String,
    /// Soft bounced because of it so far.
    pub soft_bounced: Track,
    /// Hard bounced because of it so far.
    pub hard_bounced: Track,
    /// In progress, and this is why the last try came to nothing.
    pub deferred: Track,
    /// Cancelled because of it so far.
    pub cancelled: Track,
    /// Dropped because of it so far.
    pub dropped: Track,
    /// Delivered, and reported as bounced afterwards because of it.
    pub late_bounced: Track,
    /// Everybody concerned, at each provider that ever has any.
    pub concerned: BTreeMap<ProviderId, Track>,
    /// The same as all tracks at the end, at each provider that has any, in the order of providers.
    pub providers: Vec<(ProviderId, ReasonCounts)>,
}

/// How many stand where because of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ReasonCounts {
    /// Soft bounced.
    pub soft_bounced: u64,
    /// Hard bounced.
    pub hard_bounced: u64,
    /// In progress.
    pub deferred: u64,
    /// Cancelled.
    pub cancelled: u64,
    /// Dropped.
    pub dropped: u64,
    /// Delivered, and reported as bounced afterwards.
    pub late_bounced: u64,
}

impl Reason {
    /// How many stand where at `moment`.
    pub fn at(&self, moment: u16) -> ReasonCounts {
        ReasonCounts {
            soft_bounced: self.soft_bounced.at(moment),
            hard_bounced: self.hard_bounced.at(moment),
            deferred: self.deferred.at(moment),
            cancelled: self.cancelled.at(moment),
            dropped: self.dropped.at(moment),
            late_bounced: self.late_bounced.at(moment),
        }
    }

    /// How many stand where at the end.
    pub fn last(&self) -> ReasonCounts {
        self.at(u16::MAX)
    }

    /// Whether anybody stood anywhere because of it at any moment.
    fn ever_concerned(&self) -> bool {
        let Self {
            soft_bounced,
            hard_bounced,
            deferred,
            cancelled,
            dropped,
            late_bounced,
            name: _,
            concerned: _,
            providers: _,
        } = self;
        let tracks = [soft_bounced, hard_bounced, deferred, cancelled, dropped, late_bounced];
        tracks.iter().any(|track| track.changes().iter().any(|(_, count)| *count > 0))
    }
}

impl ReasonCounts {
    /// Everybody concerned.
    pub const fn sum(&self) -> u64 {
        let Self { soft_bounced, hard_bounced, deferred, cancelled, dropped, late_bounced } = *self;
        soft_bounced + hard_bounced + deferred + cancelled + dropped + late_bounced
    }
}

/// Where somebody stands because of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    SoftBounced,
    HardBounced,
    Deferred,
    Cancelled,
    Dropped,
    LateBounced,
}

/// The reasons of a mailing, being collected.
#[derive(Debug)]
pub(super) struct Reasons<'a> {
    record: &'a Record,
    reasons: BTreeMap<&'a str, (Reason, BTreeMap<ProviderId, ReasonCounts>)>,
}

impl<'a> Reasons<'a> {
    pub(super) const fn new(record: &'a Record) -> Self {
        Self { record, reasons: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, event: &Event, step: &Step, moment: u16) {
        if let EventKind::Feedback { what, verdict } = event.kind
            && what.is_late_bounce()
        {
            let reason = verdict.map_or("not-stated", |verdict| self.category(verdict));
            self.note(event.provider, moment, (reason, Place::LateBounced), |count| *count += 1);
        }
        let (before, after) = (self.standing(&step.before), self.standing(&step.after));
        if before != after {
            before.into_iter().for_each(|one| self.note(event.provider, moment, one, |count| *count -= 1));
            after.into_iter().for_each(|one| self.note(event.provider, moment, one, |count| *count += 1));
        }
    }

    /// All that ever concerned anybody, those that concern most recipients first. A delivery concerns nobody: between its
    /// answer and its settling, at one and the same moment, it looks like a recipient that waits.
    pub(super) fn finish(self) -> Vec<Reason> {
        let finished = |(name, (reason, providers)): (&str, (Reason, BTreeMap<_, ReasonCounts>))| {
            let providers = providers.into_iter().filter(|(_, counts)| counts.sum() > 0).collect();
            Reason { name: name.to_owned(), providers, ..reason }
        };
        let mut reasons: Vec<Reason> =
            self.reasons.into_iter().map(finished).filter(Reason::ever_concerned).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.last().sum()));
        reasons
    }

    /// Where a recipient stands, and why; `None` if there is nothing to explain.
    fn standing(&self, recipient: &Recipient) -> Option<(&'a str, Place)> {
        let verdict = recipient.verdict.map(|verdict| self.category(verdict));
        let cause = recipient.cause.map_or("not-stated", cause);
        match recipient.state {
            State::InProgress => Some((verdict?, Place::Deferred)),
            State::SoftBounced => Some((verdict.unwrap_or(cause), Place::SoftBounced)),
            State::HardBounced => Some((verdict.unwrap_or(cause), Place::HardBounced)),
            State::Cancelled => Some((cause, Place::Cancelled)),
            State::Dropped => Some((cause, Place::Dropped)),
            State::Absent | State::Excluded | State::Pending | State::Delivered => None,
        }
    }

    fn category(&self, verdict: record::VerdictId) -> &'a str {
        let category = &self.record.verdicts[verdict as usize].category;
        if category.is_empty() { "not-stated" } else { category }
    }

    fn note(
        &mut self,
        provider: ProviderId,
        moment: u16,
        (reason, place): (&'a str, Place),
        change: impl Fn(&mut u64),
    ) {
        let (reason, providers) = self.reasons.entry(reason).or_default();
        let counts = providers.entry(provider).or_default();
        let (track, count) = match place {
            Place::SoftBounced => (&mut reason.soft_bounced, &mut counts.soft_bounced),
            Place::HardBounced => (&mut reason.hard_bounced, &mut counts.hard_bounced),
            Place::Deferred => (&mut reason.deferred, &mut counts.deferred),
            Place::Cancelled => (&mut reason.cancelled, &mut counts.cancelled),
            Place::Dropped => (&mut reason.dropped, &mut counts.dropped),
            Place::LateBounced => (&mut reason.late_bounced, &mut counts.late_bounced),
        };
        track.note(moment, &change);
        reason.concerned.entry(provider).or_default().note(moment, &change);
        change(count);
    }
}

/// The name of a reason that is no verdict's.
const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Answer => "answer",
        Cause::PlanExhausted => "plan-exhausted",
        Cause::HeldBack => "held-back",
        Cause::Uncertain => "uncertain",
        Cause::AssumedDelivered => "assumed-delivered",
        Cause::ContactLeftActive => "contact-left-active",
        Cause::MailingCancelled => "mailing-cancelled",
    }
}
