//! The story of one recipient, and the laws of what may follow on what.

use std::time::Duration;

use policy::ledger::{Cause, Outcome};
use policy::verdict::{Class, Disposition, Finding};
use units::Instant;

use crate::account::{Event, Noted};

/// After a world has healed, whoever has this much time left is not held back any more: the longest pause of a site, and
/// time to work the queue off.
const HEALED_WITHIN: Duration = Duration::from_secs(5400);

/// Where a recipient stands, as far as the ledger tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// May be attempted from this moment on.
    Due(Instant),
    InFlight,
    /// Counted and neither due again nor settled.
    Held,
    Settled,
}

/// A recipient.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) place: Place,
    begun: usize,
    counted: usize,
    pub(super) closes: Instant,
}

impl Story {
    /// Selected at `now`; its window closes at `closes`.
    pub(super) const fn new(now: Instant, closes: Instant) -> Self {
        Self { place: Place::Due(now), begun: 0, counted: 0, closes }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        matches!(self.place, Place::Due(at) if at <= now)
    }

    /// Whether a recipient that everything works for since `healed` had time enough to be attempted.
    pub(super) fn had_time_since(&self, healed: Instant) -> bool {
        match self.place {
            Place::Due(due) => due.max(healed) + HEALED_WITHIN < self.closes,
            Place::InFlight | Place::Held | Place::Settled => false,
        }
    }

    /// Takes the next entry about this recipient. `attempts`: of its plan; `may_begin`: nothing forbids an attempt;
    /// `had_time`: it is not held back by anything but us.
    pub(super) fn take(
        &mut self,
        noted: &Noted,
        attempts: usize,
        may_begin: bool,
        had_time: bool,
    ) -> Result<(), &'static str> {
        match (&noted.event, self.place) {
            (Event::Begun { attempt, .. }, Place::Due(due)) => {
                let number = usize::from(*attempt) == self.counted + 1 && self.counted < attempts;
                self.place = Place::InFlight;
                self.begun += 1;
                check(number, "an attempt has the wrong number")?;
                check(due <= noted.at, "an attempt is begun before it is due")?;
                check(noted.at < self.closes, "an attempt is begun when the window has closed")?;
                check(may_begin, "an attempt is begun for somebody who must not be mailed")
            }
            (Event::Ended { attempt, finding, retry_at }, Place::InFlight) => {
                self.counted += 1;
                self.place = retry_at.map_or(Place::Held, Place::Due);
                check(usize::from(*attempt) == self.counted, "the end of an attempt has the wrong number")?;
                check(!is_uncounted(finding), "what is not an attempt was counted")?;
                let later = retry_at.is_none_or(|at| at > noted.at && at < self.closes);
                check(later, "the next attempt is not between now and the end of the window")
            }
            (Event::Uncounted(finding), Place::InFlight) => {
                self.place = Place::Due(noted.at);
                check(is_uncounted(finding), "an attempt was not counted")
            }
            (Event::Settled { outcome, cause }, Place::Due(_) | Place::Held) => {
                self.place = Place::Settled;
                let dropped = *outcome == Outcome::Dropped;
                check(dropped == (self.begun == 0), "dropped is who was never attempted, and nobody else")?;
                check(!had_time || *cause != Cause::HeldBack, "it was forgotten")
            }
            _ => Err("it does not follow"),
        }
    }
}

fn check(holds: bool, law: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(law) }
}

/// Whether a finding leaves the recipient its tries.
const fn is_uncounted(finding: &Finding) -> bool {
    match finding.verdict.disposition {
        Disposition::Throttle
        | Disposition::Reconnect
        | Disposition::Split
        | Disposition::OtherMx
        | Disposition::UseTls => true,
        Disposition::Suspend => matches!(finding.verdict.class, Class::Soft),
        _ => false,
    }
}
