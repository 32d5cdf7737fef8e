//! A ledger that keeps what it is told, and a second count of it.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use policy::contact::Standing;
use policy::feedback::{Feedback, Stray};
use policy::ids::{ContactId, MailingId};
use policy::ledger::{Cause, Entry, ExcludeReason, Fact, Ledger, Outcome, StandingCause};
use policy::metrics::Metrics;
use policy::verdict::Finding;
use units::Instant;

/// An entry of the ledger that outlives the call.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) at: Instant,
    pub(crate) contact: ContactId,
    pub(crate) mailing: Option<MailingId>,
    pub(crate) event: Event,
}

/// [`Fact`], owned.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Selected,
    Excluded(ExcludeReason),
    Begun {
        attempt: u8,
    },
    Ended {
        attempt: u8,
        finding: Finding,
        retry_at: Option<Instant>,
    },
    Uncounted(Finding),
    Settled {
        outcome: Outcome,
        cause: Cause,
    },
    Moved {
        from: Standing,
        to: Standing,
        cause: StandingCause,
    },
    /// Something came back.
    Heard(Feedback),
    /// It was asked for, or refused.
    Reactivation,
}

/// All entries so far; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account(Rc<RefCell<Vec<Noted>>>, Rc<RefCell<Vec<(String, Stray)>>>);

impl Ledger for Account {
    fn note(&mut self, at: Instant, entry: Entry<'_>) {
        let event = match entry.fact {
            Fact::Selected => Event::Selected,
            Fact::Excluded(reason) => Event::Excluded(reason),
            Fact::AttemptBegun { attempt, .. } => Event::Begun { attempt },
            Fact::AttemptEnded { attempt, finding, retry_at } => {
                Event::Ended { attempt, finding: finding.clone(), retry_at }
            }
            Fact::Uncounted { finding } => Event::Uncounted(finding.clone()),
            Fact::Settled { outcome, cause, .. } => Event::Settled { outcome, cause },
            Fact::StandingChanged { from, to, cause } => Event::Moved { from, to, cause },
            Fact::Feedback { feedback, .. } => Event::Heard(feedback),
            Fact::Reactivation { .. } | Fact::ReactivationRefused { .. } => Event::Reactivation,
        };
        self.0.borrow_mut().push(Noted { at, contact: entry.contact, mailing: entry.mailing, event });
    }

    fn stray(&mut self, _: Instant, to: &str, why: Stray) {
        self.1.borrow_mut().push((to.to_owned(), why));
    }
}

impl Account {
    pub(crate) fn entries(&self) -> Ref<'_, Vec<Noted>> {
        self.0.borrow()
    }

    /// What came back, and nobody knows about whom.
    pub(crate) fn strays(&self) -> Vec<(String, Stray)> {
        self.1.borrow().clone()
    }

    /// The metrics of a mailing, counted anew from the entries.
    pub(crate) fn recount(&self, mailing: MailingId) -> Metrics {
        let mut metrics = Metrics::default();
        let entries = self.entries();
        let mut begun: Vec<ContactId> = Vec::new();
        for noted in entries.iter().filter(|noted| noted.mailing == Some(mailing)) {
            match &noted.event {
                Event::Selected => metrics.selected += 1,
                Event::Excluded(reason) => metrics.exclude(*reason),
                Event::Begun { .. } if !begun.contains(&noted.contact) => begun.push(noted.contact),
                Event::Heard(feedback) => metrics.hear(*feedback),
                Event::Settled { outcome, cause } => count(&mut metrics, *outcome, *cause),
                Event::Begun { .. }
                | Event::Ended { .. }
                | Event::Uncounted(_)
                | Event::Moved { .. }
                | Event::Reactivation => {}
            }
        }
        metrics.sent = begun.len() as u64;
        metrics.pending = metrics.selected - metrics.sent - metrics.dropped;
        let ended = metrics.delivered + metrics.soft_bounced + metrics.hard_bounced + metrics.cancelled;
        metrics.in_progress = metrics.sent - ended;
        metrics
    }
}

const fn count(metrics: &mut Metrics, outcome: Outcome, cause: Cause) {
    match outcome {
        Outcome::Delivered => metrics.delivered += 1,
        Outcome::SoftBounced => metrics.soft_bounced += 1,
        Outcome::HardBounced => metrics.hard_bounced += 1,
        Outcome::Cancelled => metrics.cancelled += 1,
        Outcome::Dropped => {
            metrics.dropped += 1;
            match cause {
                Cause::ContactLeftActive => metrics.dropped_left_active += 1,
                Cause::MailingCancelled => metrics.dropped_cancelled += 1,
                _ => metrics.dropped_held_back += 1,
            }
        }
    }
}
