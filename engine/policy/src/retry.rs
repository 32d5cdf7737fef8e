//! The attempt plan within the 30-hour window.

use std::fmt;
use std::time::Duration;

use units::{Instant, Span};

/// How long a temporary failure is retried, counted from the recipient's start (product rule).
pub const WINDOW: Duration = Duration::from_secs(30 * 3600);

/// The fewest attempts that a plan may have (product rule).
pub const ATTEMPTS_MIN: usize = 4;

/// The most attempts that a plan may have; attempt numbers are kept in a byte, and more would be hammering.
pub const ATTEMPTS_MAX: usize = 100;

/// "Shortly before the deadline": the last attempt is due within this time before the window closes.
pub const LAST_ATTEMPT_WITHIN: Duration = Duration::from_secs(3600);

const MINUTES: u64 = 60;
const DEFAULT_OFFSETS: [u64; 4] = [0, 60 * MINUTES, 360 * MINUTES, 1770 * MINUTES];

/// When a recipient is tried: offsets from its start, ascending, all inside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPlan {
    offsets: Vec<Duration>,
}

/// Why a plan is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFault {
    /// Fewer than four attempts.
    TooFew(usize),
    /// More than a hundred attempts.
    TooMany(usize),
    /// The first attempt is not due at the start.
    LateStart(Duration),
    /// An attempt is not later than the one before it.
    NotAscending(Duration),
    /// An attempt is due when the window has closed, or in the very moment.
    OutsideWindow(Duration),
    /// The last attempt is too far from the deadline.
    EndsEarly(Duration),
    /// All attempts but the last lie within the first twentieth of the window, or before the last hour nothing does.
    NotSpread,
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew(count) => {
                write!(f, "the plan has {count} attempts, at least {ATTEMPTS_MIN} are needed")
            }
            Self::TooMany(count) => {
                write!(f, "the plan has {count} attempts, at most {ATTEMPTS_MAX} are possible")
            }
            Self::LateStart(at) => write!(f, "the first attempt is at {}, it must be at 0h", Span(*at)),
            Self::NotAscending(at) => {
                write!(f, "the attempt at {} is not later than the one before it", Span(*at))
            }
            Self::OutsideWindow(at) => {
                write!(f, "the attempt at {} is not inside the window of {}", Span(*at), Span(WINDOW))
            }
            Self::EndsEarly(at) => write!(
                f,
                "the last attempt is at {}, it must be within the last {} before {}",
                Span(*at),
                Span(LAST_ATTEMPT_WITHIN),
                Span(WINDOW)
            ),
            Self::NotSpread => write!(f, "the attempts are not spread over the window of {}", Span(WINDOW)),
        }
    }
}

impl std::error::Error for PlanFault {}

impl Default for RetryPlan {
    /// Four attempts: at 0 h, 1 h, 6 h and 29 h 30 min.
    fn default() -> Self {
        Self { offsets: DEFAULT_OFFSETS.map(Duration::from_secs).to_vec() }
    }
}

impl RetryPlan {
    /// A plan with these offsets.
    ///
    /// # Errors
    /// The plan breaks the contract: at least four attempts inside the window, spread over it, the last one shortly
    /// before the deadline, none after it.
    pub fn new(offsets: Vec<Duration>) -> Result<Self, PlanFault> {
        if offsets.len() < ATTEMPTS_MIN {
            return Err(PlanFault::TooFew(offsets.len()));
        }
        if offsets.len() > ATTEMPTS_MAX {
            return Err(PlanFault::TooMany(offsets.len()));
        }
        if !offsets[0].is_zero() {
            return Err(PlanFault::LateStart(offsets[0]));
        }
        if let Some(pair) = offsets.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(PlanFault::NotAscending(pair[1]));
        }
        let last = offsets[offsets.len() - 1];
        if last >= WINDOW {
            return Err(PlanFault::OutsideWindow(last));
        }
        if last + LAST_ATTEMPT_WITHIN < WINDOW {
            return Err(PlanFault::EndsEarly(last));
        }
        // Spread: between the first and the last attempt, something happens in neither the first twentieth of the
        // window nor its last hour only.
        let middle = WINDOW / 20..WINDOW - LAST_ATTEMPT_WITHIN;
        if !offsets.iter().any(|offset| middle.contains(offset)) {
            return Err(PlanFault::NotSpread);
        }
        Ok(Self { offsets })
    }

    /// The offsets, ascending.
    pub fn offsets(&self) -> &[Duration] {
        &self.offsets
    }

    /// When the next attempt is due, after `counted` attempts (at least one), the last of which ended at `ended`, for a
    /// recipient that started at `start`; `None` when the plan is exhausted.
    ///
    /// On time, that is the plan's own offset, and never earlier. Behind time, at least half of the planned gap is kept to the
    /// attempt before, or less if the attempts that are left would not fit otherwise: a recipient that was held back still
    /// gets all of its attempts.
    pub fn next_due(&self, start: Instant, counted: usize, ended: Instant) -> Option<Instant> {
        let nominal = start + *self.offsets.get(counted)?;
        let previous = start + self.offsets[counted - 1];
        let half = nominal.since(previous) / 2;
        if ended + half <= nominal {
            return Some(nominal);
        }
        let left = u32::try_from(self.offsets.len() - counted).unwrap_or(u32::MAX);
        let room = (start + WINDOW).since(ended) / (left + 1);
        (!room.is_zero()).then(|| nominal.max(ended + room.min(half)))
    }
}

impl RetryPlan {
    /// When the next attempt is due if the server asked to be left alone for `wait`: as [`RetryPlan::next_due`], but not before that
    /// is over. A wish that would leave no time before the last hour of the window cannot be granted, and is not.
    pub fn next_due_after(
        &self,
        start: Instant,
        counted: usize,
        ended: Instant,
        wait: Duration,
    ) -> Option<Instant> {
        let due = self.next_due(start, counted, ended)?;
        let asked = ended + wait;
        let latest = start + (WINDOW - LAST_ATTEMPT_WITHIN);
        Some(if asked <= latest { due.max(asked) } else { due })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn minutes(offsets: &[u64]) -> Vec<Duration> {
        offsets.iter().map(|minutes| Duration::from_secs(minutes * 60)).collect()
    }

    #[test]
    fn the_default_plan_keeps_the_contract() {
        let plan = RetryPlan::default();
        assert_eq!(RetryPlan::new(plan.offsets().to_vec()), Ok(plan));
    }

    #[test]
    fn plans_that_break_the_contract_are_refused() {
        let check =
            |offsets: &[u64], fault| assert_eq!(RetryPlan::new(minutes(offsets)), Err(fault), "{offsets:?}");
        check(&[0, 60, 1790], PlanFault::TooFew(3));
        check(&[1, 60, 360, 1770], PlanFault::LateStart(Duration::from_secs(60)));
        check(&[0, 60, 60, 1770], PlanFault::NotAscending(HOUR));
        check(&[0, 60, 360, 1800], PlanFault::OutsideWindow(30 * HOUR));
        check(&[0, 60, 360, 1200], PlanFault::EndsEarly(20 * HOUR));
        check(&[0, 1, 2, 1770], PlanFault::NotSpread);
    }

    proptest! {
        /// However late each attempt is begun, the rest stays ordered, inside the window, never early, and complete as
        /// long as there is any time left.
        #[test]
        fn a_late_recipient_still_gets_its_attempts(
            lateness in prop::collection::vec((0_u64..40_000, 0_u64..2000), 4),
            start in 0_u64..1000,
            middle in 2_u64..29,
        ) {
            let offsets = [0, middle * 60, middle * 60 + 1, 1770].map(|minutes| Duration::from_secs(minutes * 60));
            let plan = RetryPlan::new(offsets.to_vec()).expect("it keeps the contract");
            let start = Instant::from_hours(start);
            let mut due = start;
            let mut counted = 0;
            for (late, took) in lateness {
                let begun = due + Duration::from_secs(late);
                let ended = begun + Duration::from_secs(took);
                if ended >= start + WINDOW {
                    break;
                }
                counted += 1;
                match plan.next_due(start, counted, ended) {
                    Some(next) => {
                        prop_assert!(next > ended);
                        prop_assert!(next < start + WINDOW);
                        prop_assert!(next >= start + plan.offsets()[counted]);
                        prop_assert!(counted < plan.offsets().len());
                        due = next;
                    }
                    None => prop_assert_eq!(counted, plan.offsets().len()),
                }
            }
        }

        #[test]
        fn on_time_the_plan_is_followed_to_the_letter(seconds in 0_u64..60) {
            let plan = RetryPlan::default();
            for counted in 1..4 {
                let begun = Instant::ZERO + plan.offsets()[counted - 1] + Duration::from_secs(seconds);
                prop_assert_eq!(
                    plan.next_due(Instant::ZERO, counted, begun + Duration::from_secs(60)),
                    Some(Instant::ZERO + plan.offsets()[counted])
                );
            }
        }
    }
}
