//! Seeded randomness without a stream.
//!
//! A draw is a function of the seed, of what it is for, and of who it is for: no draw shifts another, so that adding
//! a draw in one place, removing a provider, or cutting a world into shards changes nothing elsewhere.
//!
//! The algorithm is fixed for ever, because records depend on it: every word `w` is folded into the state `s` as
//! `s = mix(s + 0x9E3779B97F4A7C15 + mix(w))`, where `mix` is the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast
//! splittable pseudorandom number generators", 2014; constants of Stafford's variant 13). Text is folded as its FNV-1a
//! hash. The test vectors below hold the algorithm in place.

use std::time::Duration;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A point from which numbers are drawn; narrow it with [`Draw::with`] and [`Draw::with_text`], then take a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw(u64);

impl Draw {
    /// All draws of `seed` that are made for the purpose `label`.
    pub const fn new(seed: u64, label: &str) -> Self {
        Self(mix(seed)).with_text(label)
    }

    /// The draws of this kind that belong to the entity or counter `word`.
    pub const fn with(self, word: u64) -> Self {
        Self(mix(self.0.wrapping_add(GOLDEN).wrapping_add(mix(word))))
    }

    /// The draws of this kind that belong to the entity named `text`.
    pub const fn with_text(self, text: &str) -> Self {
        self.with(fnv1a(text.as_bytes()))
    }

    /// The number: any of 2^64, all equally likely.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// A number from 0 to `bound - 1`; 0 when `bound` is 0. The bias is below `bound` / 2^64.
    pub const fn below(self, bound: u64) -> u64 {
        ((self.0 as u128 * bound as u128) >> 64) as u64
    }

    /// A duration from `shortest` to `longest`, both included; `shortest` when the range is empty.
    pub fn between(self, shortest: Duration, longest: Duration) -> Duration {
        let width = u64::try_from(longest.saturating_sub(shortest).as_nanos()).unwrap_or(u64::MAX - 1);
        shortest + Duration::from_nanos(self.below(width.saturating_add(1)))
    }
}

const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of earlier versions are only reproducible as long as these stay.
    #[test]
    fn the_algorithm_is_fixed_for_ever() {
        let vectors = [
            (Draw::new(0, "").number(), 0xE587_D3DF_F9E9_2ED0),
            (Draw::new(7, "latency").number(), 0xF0D5_389F_3C02_BB0A),
            (Draw::new(7, "latency").with(1).number(), 0x9D38_3F96_7C2C_E7A9),
            (Draw::new(7, "mailbox").with_text("ann@bigbox.test").with(3).number(), 0xA02E_5C9A_2E2D_A56A),
        ];
        for (index, (drawn, expected)) in vectors.into_iter().enumerate() {
            assert_eq!(drawn, expected, "vector {index}: {drawn:#018x}");
        }
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let draw = Draw::new(1, "bounds");
        assert_eq!(draw.below(0), 0);
        assert!((0..1000).all(|n| draw.with(n).below(10) < 10));
        assert!((0..10).all(|want| (0..1000).any(|n| draw.with(n).below(10) == want)));
        let (short, long) = (Duration::from_millis(20), Duration::from_millis(80));
        assert!((0..1000).all(|n| (short..=long).contains(&draw.with(n).between(short, long))));
    }
}
