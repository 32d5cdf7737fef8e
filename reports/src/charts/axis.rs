//! From numbers to pixels, and the round numbers that stand at an axis.

use record::Nanos;

use super::canvas::{Anchor, Canvas, Point, SMALL};
use super::palette::{GRID, MUTED};
use crate::wording;

const SECOND: Nanos = 1_000_000_000;
const MINUTE: Nanos = 60 * SECOND;
const HOUR: Nanos = 60 * MINUTE;
const DAY: Nanos = 24 * HOUR;

/// The most steps between the numbers at an axis of time.
const TIME_STEPS_MAX: u64 = 10;

/// The steps between moments at an axis. Longer ones are multiples of a week.
const TIME_STEPS: [Nanos; 19] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
];

/// A range of numbers along a range of pixels. Whole numbers only: exact everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    to: u64,
    start: i32,
    end: i32,
}

impl Scale {
    /// From 0 at pixel `start` to `to` at pixel `end`.
    pub(super) const fn new(to: u64, start: i32, end: i32) -> Self {
        Self { to: if to == 0 { 1 } else { to }, start, end }
    }

    /// The pixel of a number, which is kept within the range.
    pub(super) fn pixel(&self, number: u64) -> i32 {
        let number = i128::from(number.min(self.to));
        let length = i128::from(self.end - self.start);
        let to = i128::from(self.to);
        // Rounded to the nearest pixel; the length may be negative.
        let pixels = (2 * number * length + to * length.signum()) / (2 * to);
        self.start + pixels as i32
    }
}

/// Round numbers from 0 to at least `most`, at most six of them; the last one is the end of the axis.
pub(super) fn counts(most: u64) -> Vec<u64> {
    let rough = most.div_ceil(5).max(1);
    let power = 10_u64.pow(rough.ilog10());
    let steps = [1, 2, 5, 10].map(|digit| digit * power);
    let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    (0..=most.div_ceil(step).max(1)).map(|number| number * step).collect()
}

/// Round moments from 0 to `length` and what is written at them.
pub(super) fn moments(length: Nanos) -> Vec<(Nanos, String)> {
    let fits = |step: &Nanos| length / step <= TIME_STEPS_MAX;
    let step = TIME_STEPS.into_iter().find(fits);
    let step = step.unwrap_or_else(|| (length / TIME_STEPS_MAX).next_multiple_of(7 * DAY));
    let label = |moment: Nanos| match moment {
        0 => "0".to_owned(),
        _ if step >= DAY => format!("{}d", moment / DAY),
        _ => wording::span(moment),
    };
    (0..=length / step).map(|number| (number * step, label(number * step))).collect()
}

/// Draws horizontal lines at round numbers, with the numbers to the left of them.
pub(super) fn draw_counts(canvas: &Canvas<'_>, counts: &[u64], y: Scale, [left, right]: [i32; 2]) {
    for count in counts {
        let at = y.pixel(*count);
        canvas.rule((left, at), (right, at), if *count == 0 { MUTED } else { GRID });
        canvas.write((left - 14, at), Anchor::Right, &wording::number(*count), (SMALL, MUTED));
    }
}

/// Writes moments below an axis, each with a tick.
pub(super) fn draw_moments(canvas: &Canvas<'_>, length: Nanos, x: Scale, bottom: i32) {
    for (moment, label) in moments(length) {
        let at: Point = (x.pixel(moment), bottom);
        canvas.rule(at, (at.0, bottom + 8), MUTED);
        canvas.write((at.0, bottom + 28), Anchor::Middle, &label, (SMALL, MUTED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_round_and_few() {
        let check = |most, last, len| {
            let counts = counts(most);
            assert_eq!((counts.last().copied(), counts.len()), (Some(last), len), "{most}");
        };
        check(0, 1, 2);
        check(1, 1, 2);
        check(3, 3, 4);
        check(10, 10, 6);
        check(1_000, 1_000, 6);
        check(1_001, 1_500, 4);
        check(1_000_000, 1_000_000, 6);
    }

    #[test]
    fn moments_are_round_and_few() {
        let check = |length, last: &str, len| {
            let moments = moments(length);
            let found = moments.last().map(|(_, label)| label.as_str());
            assert_eq!((found, moments.len()), (Some(last), len), "{length}");
        };
        check(0, "0", 1);
        check(2 * MINUTE, "2m", 5);
        check(30 * HOUR, "30h", 11);
        check(21 * DAY, "20d", 11);
        check(1000 * DAY, "945d", 10);
    }

    #[test]
    fn pixels_are_rounded_and_kept_within() {
        let check = |scale: Scale, number, pixel| assert_eq!(scale.pixel(number), pixel);
        let up = Scale::new(3, 100, 0);
        check(up, 0, 100);
        check(up, 1, 67);
        check(up, 2, 33);
        check(up, 9, 0);
        check(Scale::new(u64::MAX, 0, 10), u64::MAX / 2, 5);
        check(Scale::new(0, 7, 10), 0, 7);
    }
}
