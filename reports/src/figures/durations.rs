//! How long something took, for many: exact percentiles.

use record::Nanos;
use serde::Serialize;

/// How long something took. A percentile is the smallest of the durations that so many per cent are not longer than (nearest
/// rank): one that really occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Durations {
    /// How many there are; if none, the others are 0.
    pub count: u64,
    /// In nanoseconds, like all that follow.
    pub median: Nanos,
    /// 95 % are not longer.
    pub p95: Nanos,
    /// 99 % are not longer.
    pub p99: Nanos,
    /// The longest.
    pub longest: Nanos,
}

impl Durations {
    /// Of these, in any order.
    pub(super) fn of(mut all: Vec<Nanos>) -> Self {
        all.sort_unstable();
        let rank = |percent: usize| {
            all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
        };
        Self { count: all.len() as u64, median: rank(50), p95: rank(95), p99: rank(99), longest: rank(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let check = |all: Vec<Nanos>, found: [Nanos; 4]| {
            let Durations { median, p95, p99, longest, .. } = Durations::of(all);
            assert_eq!([median, p95, p99, longest], found);
        };
        check(vec![], [0; 4]);
        check(vec![7], [7; 4]);
        check(vec![30, 10], [10, 30, 30, 30]);
        check((1..=100).rev().collect(), [50, 95, 99, 100]);
        check((1..=1000).collect(), [500, 950, 990, 1000]);
    }
}
