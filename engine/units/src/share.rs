//! A share of a whole, exact to a ten-thousandth of a per cent.

use std::fmt;

/// A share between 0 % and 100 %, kept in parts per million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(1_000_000);

    /// A share of `millionths`; `None` if that is more than the whole.
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths > 1_000_000 { None } else { Some(Self(millionths)) }
    }

    /// Parts per million.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// This share of `whole` things, to the nearest whole thing (halves go up).
    pub const fn of(self, whole: u64) -> u64 {
        ((whole as u128 * self.0 as u128 + 500_000) / 1_000_000) as u64
    }

    /// What share `part` is of `whole`, rounded down; nothing when `whole` is 0.
    pub fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self::NONE;
        }
        let millionths = u128::from(part) * 1_000_000 / u128::from(whole);
        Self(u32::try_from(millionths.min(1_000_000)).unwrap_or(1_000_000))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{part:04}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_a_count_is_exact() {
        let tenth = Share::from_millionths(100_000).expect("a tenth");
        assert_eq!(tenth.of(400), 40);
        assert_eq!(tenth.of(5), 1);
        assert_eq!(tenth.of(4), 0);
        assert_eq!(Share::ALL.of(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_share_shows_no_more_digits_than_it_has() {
        assert_eq!(Share(25_000).to_string(), "2.5%");
        assert_eq!(Share(1_000_000).to_string(), "100%");
        assert_eq!(Share(1).to_string(), "0.0001%");
    }
}
