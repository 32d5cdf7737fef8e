//! So many things per time.

use std::fmt;
use std::time::Duration;

/// `count` things in every `period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    count: u32,
    period: Duration,
}

impl Rate {
    /// A rate of `count` per `period`; `None` if either is zero.
    pub const fn new(count: u32, period: Duration) -> Option<Self> {
        if count == 0 || period.is_zero() { None } else { Some(Self { count, period }) }
    }

    /// How many things a period allows.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The length of a period.
    pub const fn period(self) -> Duration {
        self.period
    }

    /// When the thing with index `n` (from 0) is due, if the first is due at once and the rest follow evenly.
    pub fn offset_of(self, n: u64) -> Duration {
        let nanos = self.period.as_nanos() * u128::from(n) / u128::from(self.count);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.period.as_secs() {
            1 => write!(f, "{}/s", self.count),
            60 => write!(f, "{}/min", self.count),
            3600 => write!(f, "{}/h", self.count),
            86_400 => write!(f, "{}/d", self.count),
            _ => write!(f, "{} in {}", self.count, crate::Span(self.period)),
        }
    }
}
