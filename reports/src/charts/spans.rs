//! The spans of the timeline, shaded behind a chart over time, with their names in a lane above it.

use record::{Nanos, Record, Span};

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, SMALL};
use super::palette::{BAND, MUTED, TEXT};
use super::text;
use crate::wording;

/// The height of a row of the lane.
const ROW: i32 = 34;
/// The most rows.
const ROWS_MAX: usize = 4;
/// The most bands of a span that repeats; then it is one band.
const REPEATS_MAX: u64 = 60;

/// The spans that lie within a chart, each in a row of the lane.
pub(super) struct Lane<'a> {
    rows: Vec<(&'a Span, String)>,
    left_out: usize,
    start: Nanos,
    end: Nanos,
}

impl<'a> Lane<'a> {
    /// Those that are in force at some moment from `start` to `end`.
    pub(super) fn new(record: &'a Record, start: Nanos, end: Nanos) -> Self {
        let within = |span: &&Span| span.from <= end && span.until.is_none_or(|until| until > start);
        let mut rows: Vec<(&Span, String)> =
            record.timeline.iter().filter(within).map(|span| (span, name(span, record))).collect();
        let left_out = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        Self { rows, left_out, start, end }
    }

    /// The height that it takes.
    pub(super) fn height(&self) -> i32 {
        let rows = self.rows.len() + usize::from(self.left_out > 0);
        rows as i32 * ROW
    }

    /// What it shows, in words; empty if it shows nothing.
    pub(super) fn words(&self) -> String {
        let one = |(span, name): &(&Span, String)| {
            let until = span.until.map_or("the end".to_owned(), |until| self.offset(until));
            format!("{name} from {} to {until}", self.offset(span.from))
        };
        let mut all: Vec<String> = self.rows.iter().map(one).collect();
        if self.left_out > 0 {
            all.push(format!("{} more", self.left_out));
        }
        if all.is_empty() { String::new() } else { format!(" In force: {}.", all.join("; ")) }
    }

    /// Draws bands down to `bottom` and the lane above `top`.
    pub(super) fn draw(
        &self,
        canvas: &Canvas<'_>,
        x: Scale,
        [left, right]: [i32; 2],
        [top, bottom]: [i32; 2],
    ) {
        for (span, _) in &self.rows {
            for [from, until] in self.bands(span) {
                let (from, until) = (x.pixel(from), x.pixel(until));
                canvas.shade([(from, top), (until.max(from + 2), bottom)], BAND);
            }
        }
        let first = top - self.height();
        for (index, (span, name)) in (0..).zip(&self.rows) {
            let y = first + index * ROW;
            for [from, until] in self.bands(span) {
                let (from, until) = (x.pixel(from), x.pixel(until));
                canvas.shade([(from, y + 3), (until.max(from + 4), y + ROW - 3)], BAND);
            }
            let begins = x.pixel(self.bands(span).first().map_or(0, |[from, _]| *from)) + 8;
            let room = right - begins;
            let (at, anchor, room) = if room < (right - left) / 3 {
                (right - 8, Anchor::Right, right - left)
            } else {
                (begins, Anchor::Left, room)
            };
            canvas.write((at, y + ROW / 2), anchor, &text::fit(name, SMALL, room), (SMALL, TEXT));
        }
        if self.left_out > 0 {
            let at = (left, top - ROW / 2);
            canvas.write(at, Anchor::Left, &format!("and {} more", self.left_out), (SMALL, MUTED));
        }
    }

    /// When it is in force, after the start of the chart and kept within it.
    fn bands(&self, span: &Span) -> Vec<[Nanos; 2]> {
        let until = span.until.unwrap_or(self.end).min(self.end);
        let within = |from: Nanos, until: Nanos| {
            [from.max(self.start) - self.start, until.clamp(self.start, self.end) - self.start]
        };
        match span.repeat {
            Some(repeat) if (until.saturating_sub(span.from)) / repeat.every.max(1) < REPEATS_MAX => {
                let begins = (0..)
                    .map(|number: u64| span.from.saturating_add(number.saturating_mul(repeat.every.max(1))));
                let bands = begins.take_while(|from| *from < until);
                let ends = |from: Nanos| from.saturating_add(repeat.lasts).min(until);
                bands.filter(|from| ends(*from) > self.start).map(|from| within(from, ends(from))).collect()
            }
            Some(_) | None => vec![within(span.from, until)],
        }
    }

    fn offset(&self, at: Nanos) -> String {
        wording::span(at.clamp(self.start, self.end) - self.start)
    }
}

/// `outage (northmail)`
fn name(span: &Span, record: &Record) -> String {
    let name = if span.name.is_empty() { &span.what } else { &span.name };
    match span.provider {
        Some(provider) => format!("{name} ({})", record.providers[provider as usize].name),
        None => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use record::Repeat;

    use super::*;

    #[test]
    fn a_span_at_the_end_of_all_time_has_an_end() {
        let span = |from, every| Span {
            name: String::new(),
            from,
            until: None,
            repeat: Some(Repeat { every, lasts: Nanos::MAX }),
            provider: None,
            what: String::new(),
        };
        let spans = Lane { rows: Vec::new(), left_out: 0, start: 0, end: Nanos::MAX };
        assert_eq!(spans.bands(&span(Nanos::MAX - 5, 4)).len(), 2);
        assert_eq!(spans.bands(&span(0, Nanos::MAX / 2 + 1)).len(), 2);
    }
}
