//! How people write quantities: `29h30m`, `10%`, `100/min`, `2 MiB`.
//!
//! One grammar for all four, and one style of error: every number needs its unit, and the error says how to write it.
//! Reading goes both ways: what [`crate::Span`], [`Share`], [`Rate`] and [`ByteSize`] print is read back unchanged.

use std::fmt;
use std::time::Duration;

use crate::{ByteSize, Rate, Share};

/// Why a quantity could not be read. The text is a lower-case fragment that names the value and says how to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError {
    found: String,
    problem: &'static str,
    remedy: String,
}

impl QuantityError {
    fn new(found: &str, problem: &'static str, remedy: impl Into<String>) -> Self {
        Self { found: found.to_owned(), problem, remedy: remedy.into() }
    }

    /// How to write it instead (`write 5m, 30h or 29h30m`).
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.found, self.problem)
    }
}

impl std::error::Error for QuantityError {}

const DURATION_UNITS: [(&str, u64); 6] = [
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];
const DURATION_REMEDY: &str = "write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m";

/// Reads a duration: one or more numbers with a unit, largest unit first by habit but in any order (`1d 6h`, `29h30m`,
/// `1.5s`). Units: `us ms s m h d`.
///
/// # Errors
/// No unit, an unknown unit, or more than 584 years.
pub fn duration(text: &str) -> Result<Duration, QuantityError> {
    let fail = |problem| QuantityError::new(text, problem, DURATION_REMEDY);
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(fail("is not a duration"));
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_number(rest).ok_or_else(|| fail("is not a duration"))?;
        let after = after.trim_start();
        let unit_length = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        if unit.is_empty() {
            return Err(fail("has no unit"));
        }
        let nanos_per_unit = DURATION_UNITS
            .iter()
            .find_map(|(name, nanos)| (*name == unit).then_some(*nanos))
            .ok_or_else(|| fail("has an unknown unit"))?;
        let nanos = scaled(number, nanos_per_unit).ok_or_else(|| fail("is too long"))?;
        total = total.checked_add(nanos).ok_or_else(|| fail("is too long"))?;
        rest = after.trim_start();
    }
    Ok(Duration::from_nanos(total))
}

/// Reads a share: `10%`, `2.5 %`. At most four decimals.
///
/// # Errors
/// No `%`, not a number, or more than 100 %.
pub fn share(text: &str) -> Result<Share, QuantityError> {
    let fail = |problem| QuantityError::new(text, problem, "write a share with its unit, as in 10% or 2.5%");
    let number = text.trim().strip_suffix('%').ok_or_else(|| fail("has no unit"))?.trim_end();
    let millionths = whole_number(number)
        .and_then(|number| scaled(number, 10_000))
        .ok_or_else(|| fail("is not a share"))?;
    u32::try_from(millionths)
        .ok()
        .and_then(Share::from_millionths)
        .ok_or_else(|| fail("is more than the whole"))
}

/// Reads a rate: `100/min`, `5/s`, `1000/h`, `10/5m`.
///
/// # Errors
/// No `/`, not a whole number, zero, or an unknown period.
pub fn rate(text: &str) -> Result<Rate, QuantityError> {
    let fail =
        |problem| QuantityError::new(text, problem, "write a count per period, as in 100/min, 5/s or 1000/h");
    let (count, period) = text.split_once('/').ok_or_else(|| fail("has no period"))?;
    let count = count.trim().parse().map_err(|_| fail("does not start with a whole number"))?;
    let period = match period.trim() {
        "s" => Duration::from_secs(1),
        "m" | "min" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        "d" => Duration::from_secs(86_400),
        other => duration(other).map_err(|_| fail("has an unknown period"))?,
    };
    Rate::new(count, period).ok_or_else(|| fail("allows nothing"))
}

/// Reads a size: `500 B`, `20 KiB`, `2 MiB`, `10 MB`. Binary units are 1024-based, decimal ones (`kB`, `MB`, `GB`) 1000-based.
///
/// # Errors
/// No unit, an unknown unit, not a number, or more than 16 EiB.
pub fn byte_size(text: &str) -> Result<ByteSize, QuantityError> {
    const UNITS: [(&str, u64); 7] = [
        ("B", 1),
        ("kB", 1000),
        ("KiB", 1 << 10),
        ("MB", 1_000_000),
        ("MiB", 1 << 20),
        ("GB", 1_000_000_000),
        ("GiB", 1 << 30),
    ];
    let fail = |problem| {
        QuantityError::new(text, problem, "write a number with a unit, as in 500 B, 20 KiB or 2 MiB")
    };
    let (number, unit) = split_number(text.trim()).ok_or_else(|| fail("is not a size"))?;
    let unit = match unit.trim() {
        "" => return Err(fail("has no unit")),
        unit => UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| fail("has an unknown unit"))?.1,
    };
    scaled(number, unit).map(ByteSize).ok_or_else(|| fail("is too large"))
}

/// A decimal number, digits before and after the point.
type Decimal<'a> = (&'a str, &'a str);

fn split_number(text: &str) -> Option<(Decimal<'_>, &str)> {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    (!whole.is_empty()).then_some(((whole, fraction), rest))
}

fn whole_number(text: &str) -> Option<Decimal<'_>> {
    split_number(text).and_then(|(number, rest)| rest.is_empty().then_some(number))
}

/// `number` times `unit`, in integers; `None` if it overflows. Decimals beyond the twelfth are dropped.
fn scaled((whole, fraction): Decimal<'_>, unit: u64) -> Option<u64> {
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let fraction = &fraction[..fraction.len().min(12)];
    let numerator = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? };
    let part = numerator * u128::from(unit) / 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    whole.checked_add(u64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Span;

    fn check<T: PartialEq + fmt::Debug>(
        read: impl Fn(&str) -> Result<T, QuantityError>,
        text: &str,
        want: &T,
    ) {
        assert_eq!(read(text).as_ref(), Ok(want), "{text}");
    }

    fn refuse<T: fmt::Debug>(read: impl Fn(&str) -> Result<T, QuantityError>, text: &str, message: &str) {
        assert_eq!(read(text).expect_err(text).to_string(), message);
    }

    #[test]
    fn durations() {
        check(duration, "5m", &Duration::from_secs(300));
        check(duration, "29h30m", &Duration::from_secs(106_200));
        check(duration, "1d 6h", &Duration::from_secs(108_000));
        check(duration, "1.5s", &Duration::from_millis(1500));
        check(duration, "0h", &Duration::ZERO);
        refuse(duration, "5", "`5` has no unit");
        refuse(duration, "5 fortnights", "`5 fortnights` has an unknown unit");
        refuse(duration, "5M", "`5M` has an unknown unit");
        refuse(duration, "-5m", "`-5m` is not a duration");
        refuse(duration, "", "`` is not a duration");
        refuse(duration, "99999999999999d", "`99999999999999d` is too long");
    }

    #[test]
    fn shares() {
        check(share, "10%", &Share::from_millionths(100_000).expect("within the whole"));
        check(share, "2.5 %", &Share::from_millionths(25_000).expect("within the whole"));
        refuse(share, "10", "`10` has no unit");
        refuse(share, "101%", "`101%` is more than the whole");
        refuse(share, "ten%", "`ten%` is not a share");
    }

    #[test]
    fn rates_and_sizes() {
        check(rate, "100/min", &Rate::new(100, Duration::from_secs(60)).expect("not nothing"));
        check(rate, "10/5m", &Rate::new(10, Duration::from_secs(300)).expect("not nothing"));
        refuse(rate, "100", "`100` has no period");
        refuse(rate, "0/s", "`0/s` allows nothing");
        check(byte_size, "20 KiB", &ByteSize(20_480));
        check(byte_size, "2MiB", &ByteSize(2_097_152));
        refuse(byte_size, "20", "`20` has no unit");
        refuse(byte_size, "20 kib", "`20 kib` has an unknown unit");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC*") {
            let _ = (duration(&text), share(&text), rate(&text), byte_size(&text));
        }

        #[test]
        fn what_is_written_is_read_back(millis in 0_u64..1_000_000_000_000, millionths in 0_u32..=1_000_000, bytes: u64) {
            let span = Duration::from_millis(millis);
            prop_assert_eq!(duration(&Span(span).to_string()), Ok(span));
            let part = Share::from_millionths(millionths).expect("within the whole");
            prop_assert_eq!(share(&part.to_string()), Ok(part));
            prop_assert_eq!(byte_size(&ByteSize(bytes).to_string()), Ok(ByteSize(bytes)));
        }
    }
}
