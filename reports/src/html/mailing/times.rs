//! How long deliveries took and how many attempts outcomes, in places that follow the slider.

use crate::figures::{Attempts, Durations, Track};
use crate::html::tracks::{Cell, Duration, Tracks};

/// How long deliveries took.
pub(super) struct Times {
    pub(super) median: Duration,
    pub(super) p95: Duration,
    pub(super) p99: Duration,
    pub(super) longest: Duration,
}

impl Times {
    /// Of so many deliveries, as of each moment.
    pub(super) fn of(over: &[(u16, Durations)], delivered: Cell, tracks: &mut Tracks) -> Self {
        let mut place = |duration: fn(&Durations) -> u64| {
            let millis = over.iter().map(|(moment, durations)| (*moment, duration(durations) / 1_000_000));
            tracks.duration(&Track::of(millis), delivered)
        };
        Self {
            median: place(|durations| durations.median),
            p95: place(|durations| durations.p95),
            p99: place(|durations| durations.p99),
            longest: place(|durations| durations.longest),
        }
    }
}

/// Who was final after how many attempts.
pub(super) struct AttemptsRow {
    pub(super) attempts: usize,
    pub(super) delivered: Cell,
    pub(super) soft_bounced: Cell,
    pub(super) hard_bounced: Cell,
}

/// A row for each number of attempts that anybody took.
pub(super) fn attempts(all: &Attempts, tracks: &mut Tracks) -> Vec<AttemptsRow> {
    let mut cell = |histogram: &[Track], attempts: usize| match histogram.get(attempts) {
        Some(track) => tracks.cell(track),
        None => tracks.cell(&Track::default()),
    };
    let mut row = |attempts| AttemptsRow {
        attempts,
        delivered: cell(&all.delivered, attempts),
        soft_bounced: cell(&all.soft_bounced, attempts),
        hard_bounced: cell(&all.hard_bounced, attempts),
    };
    let rows = (0..=all.most()).map(&mut row);
    rows.filter(|row| row.delivered.most + row.soft_bounced.most + row.hard_bounced.most > 0).collect()
}
