//! From the moments of an engine's clock to dates: when its epoch was, in Unix time.
//!
//! Here and not in the clock, because only messages have dates; nothing that decides knows what day it is.

use mail_builder::headers::date::Date;
use units::Instant;

/// When [`Instant::ZERO`] was, in seconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub u64);

impl Epoch {
    /// Monday, 5 January 2026, 9:00 UTC: the epoch of every scenario.
    pub const SCENARIO: Self = Self(1_767_603_600);

    /// The Unix time of a moment, rounded down to whole seconds.
    pub const fn seconds(self, at: Instant) -> u64 {
        self.0.saturating_add(at.since_epoch().as_secs())
    }

    /// `Mon, 5 Jan 2026 09:00:00 +0000`: the date of a moment, in UTC (RFC 5322 3.3).
    pub fn date(self, at: Instant) -> String {
        self.header(at).to_rfc822()
    }

    pub(crate) fn header(self, at: Instant) -> Date {
        // RFC 5322 3.3: a year has four digits; later moments than the last of 9999 are written as that
        const LAST: u64 = 253_402_300_799;
        Date::from(self.seconds(at).min(LAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_a_date() {
        assert_eq!(Epoch::SCENARIO.date(Instant::ZERO), "Mon, 5 Jan 2026 09:00:00 +0000");
        assert_eq!(Epoch::SCENARIO.date(Instant::from_hours(24 * 785)), "Tue, 29 Feb 2028 09:00:00 +0000");
        assert_eq!(Epoch(0).date(Instant::ZERO), "Thu, 1 Jan 1970 00:00:00 +0000");
        assert_eq!(Epoch(u64::MAX).date(Instant::MAX), "Fri, 31 Dec 9999 23:59:59 +0000");
    }
}
