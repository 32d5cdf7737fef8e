//! A quantity in a condition: a count, a share of a whole, or a duration.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use units::{QuantityError, Share, Span, quantity};

use super::{Fault, Piece};

/// A number and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// So many things.
    Count(u64),
    /// So many of the whole.
    Share(Share),
    /// So long.
    Time(Duration),
}

/// Which kinds of quantity something may be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparables {
    /// Whole numbers.
    Counts,
    /// Whole numbers and shares.
    CountsAndShares,
    /// Durations.
    Times,
}

impl Quantity {
    /// Reads one of the `comparables`.
    pub(crate) fn read(piece: Piece<'_>, comparables: Comparables) -> Result<Self, Fault> {
        let refuse = |error: QuantityError| {
            Fault::new(piece, error.to_string(), comparables.expected()).help(error.remedy())
        };
        let is_share = piece.text.ends_with('%');
        match comparables {
            Comparables::Times => quantity::duration(piece.text).map(Self::Time).map_err(refuse),
            Comparables::CountsAndShares if is_share => {
                quantity::share(piece.text).map(Self::Share).map_err(refuse)
            }
            Comparables::Counts if is_share => {
                Err(Fault::new(piece, "a share of nothing in particular", "no share is possible here")
                    .help(comparables.repair()))
            }
            Comparables::Counts | Comparables::CountsAndShares => {
                count(piece.text).map(Self::Count).ok_or_else(|| {
                    let message = format!("`{}` is not a whole number", piece.text);
                    Fault::new(piece, message, comparables.expected()).help(comparables.repair())
                })
            }
        }
    }

    /// How `part` things (or nanoseconds) of `whole` compare with this quantity; a share of nothing is nothing.
    pub(crate) fn order(&self, part: u64, whole: u64) -> Ordering {
        match self {
            Self::Count(count) => part.cmp(count),
            Self::Share(share) => {
                (u128::from(part) * 1_000_000).cmp(&(u128::from(share.millionths()) * u128::from(whole)))
            }
            Self::Time(time) => u128::from(part).cmp(&time.as_nanos()),
        }
    }

    /// How this quantity compares with another one; `None` if they are of different kinds.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Count(one), Self::Count(other)) => Some(one.cmp(other)),
            (Self::Share(one), Self::Share(other)) => Some(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            (Self::Count(_) | Self::Share(_) | Self::Time(_), _) => None,
        }
    }

    /// Whether it is nothing at all.
    pub(crate) const fn is_nothing(&self) -> bool {
        match self {
            Self::Count(count) => *count == 0,
            Self::Share(share) => share.millionths() == 0,
            Self::Time(time) => time.is_zero(),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{share}"),
            Self::Time(time) => f.write_str(&exact(*time)),
        }
    }
}

impl Comparables {
    const fn expected(self) -> &'static str {
        match self {
            Self::Counts => "expected a whole number",
            Self::CountsAndShares => "expected a whole number or a share",
            Self::Times => "expected a duration",
        }
    }

    /// How to write a comparison.
    pub(crate) const fn repair(self) -> &'static str {
        match self {
            Self::Counts => "compare it with a whole number, as in `== 600`, `<= 20` or `in 590..600`",
            Self::CountsAndShares => {
                "compare it with a whole number or a share, as in `== 600`, `>= 99%` or `in 590..600`"
            }
            Self::Times => "compare it with a duration, as in `<= 10m` or `in 59m..61m`",
        }
    }
}

/// A duration to the nanosecond, in the form in which durations are read. [`Span`] is for people and rounds.
pub(crate) fn exact(duration: Duration) -> String {
    let below_a_millisecond = duration.subsec_nanos() % 1_000_000;
    let above = duration.saturating_sub(Duration::from_nanos(below_a_millisecond.into()));
    let (micros, nanos) = (below_a_millisecond / 1000, below_a_millisecond % 1000);
    let below = match format!("{nanos:03}").trim_end_matches('0') {
        "" => format!("{micros}us"),
        fraction => format!("{micros}.{fraction}us"),
    };
    match (above.is_zero(), below_a_millisecond) {
        (_, 0) => Span(above).to_string(),
        (true, _) => below,
        (false, _) => format!("{}{below}", Span(above)),
    }
}

/// A whole number, which may be grouped with underscores.
fn count(text: &str) -> Option<u64> {
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_read_and_written() {
        let check = |text: &str, comparables, canonical: &str| {
            let quantity = Quantity::read(Piece { text, start: 0 }, comparables).expect(text);
            assert_eq!(quantity.to_string(), canonical);
        };
        check("600", Comparables::Counts, "600");
        check("100_000", Comparables::Counts, "100000");
        check("99 %", Comparables::CountsAndShares, "99%");
        check("1h 30m", Comparables::Times, "1h30m");
    }

    #[test]
    fn kinds_are_not_mixed() {
        let refuse = |text: &str, comparables| {
            assert!(Quantity::read(Piece { text, start: 0 }, comparables).is_err(), "{text}");
        };
        refuse("10%", Comparables::Counts);
        refuse("10%", Comparables::Times);
        refuse("10", Comparables::Times);
        refuse("10m", Comparables::CountsAndShares);
        refuse("_10", Comparables::Counts);
        refuse("-1", Comparables::Counts);
        refuse("99999999999999999999", Comparables::Counts);
    }

    proptest! {
        #[test]
        fn an_exact_duration_is_read_back(nanos: u64) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(quantity::duration(&exact(duration)), Ok(duration));
        }
    }
}
