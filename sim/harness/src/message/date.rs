//! Moments of a virtual world as dates of messages (RFC 5322 3.3).
//!
//! The epoch of every scenario is Monday, 5 January 2026, 9:00 UTC. The real calendar is never asked.

use units::Instant;

const EPOCH_YEAR: u64 = 2026;
/// Days of that year before the epoch's.
const EPOCH_DAY: u64 = 4;
const EPOCH_SECOND: u64 = 9 * 3600;

const DAY_SECONDS: u64 = 86_400;
/// From the epoch's on.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// `Mon, 05 Jan 2026 09:00:00 +0000`: the date-time of a moment, in UTC, rounded down to seconds.
pub(super) fn date_time(at: Instant) -> String {
    let seconds = EPOCH_SECOND + at.since_epoch().as_secs();
    let (days, second) = (seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    let weekday = WEEKDAYS[(days % 7) as usize];
    let (year, day_of_year) = year_of(EPOCH_DAY + days);
    let (month, day) = month_of(year, day_of_year);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000", day + 1)
}

/// The year that a day is in, counted from the first of the epoch's year, and which of its days it is, from 0.
fn year_of(mut day: u64) -> (u64, u64) {
    let mut year = EPOCH_YEAR;
    while day >= 365 + leap_day(year) {
        day -= 365 + leap_day(year);
        year += 1;
    }
    (year, day)
}

/// The month that a day of a year is in, and which of its days it is, from 0.
fn month_of(year: u64, mut day: u64) -> (&'static str, u64) {
    for (month, days) in MONTHS {
        let days = if month == "Feb" { days + leap_day(year) } else { days };
        if day < days {
            return (month, day);
        }
        day -= days;
    }
    unreachable!("a year has no more days")
}

/// How many days more than 365 a year has.
fn leap_day(year: u64) -> u64 {
    let leaps = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    u64::from(leaps)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        let check = |days: u64, seconds: u64, expected| {
            let at = Instant::from_hours(24 * days) + Duration::from_secs(seconds);
            assert_eq!(date_time(at), expected);
        };
        check(0, 0, "Mon, 05 Jan 2026 09:00:00 +0000");
        check(0, 14 * 3600 + 3661, "Tue, 06 Jan 2026 00:01:01 +0000");
        check(26, 0, "Sat, 31 Jan 2026 09:00:00 +0000");
        check(27, 0, "Sun, 01 Feb 2026 09:00:00 +0000");
        check(360, 0, "Thu, 31 Dec 2026 09:00:00 +0000");
        check(361, 0, "Fri, 01 Jan 2027 09:00:00 +0000");
        check(785, 0, "Tue, 29 Feb 2028 09:00:00 +0000");
        check(786, 0, "Wed, 01 Mar 2028 09:00:00 +0000");
        check(3650, 0, "Thu, 03 Jan 2036 09:00:00 +0000");
        check(27_083, 0, "Mon, 01 Mar 2100 09:00:00 +0000");
        check(27_082, 0, "Sun, 28 Feb 2100 09:00:00 +0000");
    }
}
