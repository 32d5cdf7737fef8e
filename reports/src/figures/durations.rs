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
    /// As of each moment at which one more became known: of all that were known by then. They come in the order of moments.
    pub(super) fn over(known: &[(u16, Nanos)]) -> Vec<(u16, Self)> {
        let mut all = Vec::with_capacity(known.len());
        let at_a_moment = known.chunk_by(|(one, _), (next, _)| one == next);
        let mut over = |new: &[(u16, Nanos)]| {
            all.extend(new.iter().map(|(_, duration)| *duration));
            // Stable, because that is fast if all but the new ones are in order.
            all.sort();
            (new[0].0, Self::of(&all))
        };
        at_a_moment.map(&mut over).collect()
    }

    /// Of these, in ascending order.
    fn of(all: &[Nanos]) -> Self {
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
        let check = |mut all: Vec<Nanos>, found: [Nanos; 4]| {
            all.sort_unstable();
            let Durations { median, p95, p99, longest, .. } = Durations::of(&all);
            assert_eq!([median, p95, p99, longest], found);
        };
        check(vec![], [0; 4]);
        check(vec![7], [7; 4]);
        check(vec![30, 10], [10, 30, 30, 30]);
        check((1..=100).rev().collect(), [50, 95, 99, 100]);
        check((1..=1000).collect(), [500, 950, 990, 1000]);
    }

    #[test]
    fn a_moment_knows_what_was_known_by_then() {
        let over = Durations::over(&[(2, 30), (2, 10), (5, 20)]);
        let found: Vec<_> = over.iter().map(|(moment, one)| (*moment, one.count, one.median)).collect();
        assert_eq!(found, [(2, 2, 10), (5, 3, 20)]);
        assert_eq!(Durations::over(&[]), []);
    }
}
