//! Horizontal bars in parts, a row each: a name to the left, a number to the right, and what the colours mean above.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, SIZE, SMALL, WIDTH, Words, draw};
use super::palette::{Colour, MUTED, TEXT, TRACK};
use super::{Chart, SHOWN_MAX, text};

const NAME_ROOM: i32 = 380;
const LEFT: i32 = NAME_ROOM + 20;
const RIGHT: i32 = WIDTH - 330;
const ROW: i32 = 50;
const BAR: i32 = 30;
const LEGEND: i32 = 60;
const MARGIN: i32 = 16;

/// What a part of a bar is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
}

/// A bar.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    /// Foreign text, as it is.
    pub(super) name: String,
    /// As many as there are parts.
    pub(super) counts: Vec<u64>,
    /// What stands to the right of it.
    pub(super) note: String,
}

/// How long a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// As long as every other: the parts are shares.
    Whole,
    /// As its sum is.
    Sum,
}

/// The bars that are shown one by one; what remains becomes a single one, made by `rest` of how many they are and their sums.
pub(super) fn shown(mut bars: Vec<Bar>, rest: impl FnOnce(usize, Vec<u64>) -> Bar) -> Vec<Bar> {
    if bars.len() > SHOWN_MAX + 1 {
        let others = bars.split_off(SHOWN_MAX);
        let parts = others.first().map_or(0, |bar| bar.counts.len());
        let sums = (0..parts).map(|part| others.iter().map(|bar| bar.counts[part]).sum()).collect();
        bars.push(rest(others.len(), sums));
    }
    bars
}

/// Draws them. Parts that no bar has are not explained.
pub(super) fn chart(words: Words, parts: &[Part], bars: &[Bar], length: Length, nothing: &str) -> Chart {
    let height = LEGEND + ROW * bars.len().max(1) as i32 + MARGIN;
    draw(height, words, |canvas| {
        if bars.is_empty() {
            canvas.write((WIDTH / 2, height / 2), Anchor::Middle, nothing, (SIZE, MUTED));
            return;
        }
        let is_used = |index: usize| bars.iter().any(|bar| bar.counts[index] > 0);
        legend(
            canvas,
            LEFT,
            parts.iter().enumerate().filter(|(index, _)| is_used(*index)).map(|(_, part)| part),
        );
        let most = bars.iter().map(Bar::sum).max().unwrap_or(0);
        for (row, bar) in (0..).zip(bars) {
            let whole = if length == Length::Whole { bar.sum() } else { most };
            bar.draw(canvas, parts, whole, LEGEND + row * ROW + ROW / 2);
        }
    })
}

/// What the colours mean, in a row that begins at `x`.
pub(super) fn legend<'a>(canvas: &Canvas<'_>, mut x: i32, parts: impl Iterator<Item = &'a Part>) {
    for part in parts {
        canvas.block([(x, 18), (x + 22, 40)], part.colour);
        canvas.write((x + 32, 29), Anchor::Left, part.name, (SMALL, TEXT));
        x += 32 + text::width(part.name, SMALL) + 32;
    }
}

impl Bar {
    pub(super) fn sum(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn draw(&self, canvas: &Canvas<'_>, parts: &[Part], whole: u64, middle: i32) {
        let name = text::fit(&self.name, SIZE, NAME_ROOM);
        canvas.text((LEFT - 16, middle), Anchor::Right, &name);
        let (top, bottom) = (middle - BAR / 2, middle + BAR / 2);
        canvas.block([(LEFT, top), (RIGHT, bottom)], TRACK);
        let scale = Scale::new(whole, LEFT, RIGHT);
        let mut sum = 0;
        let mut x = LEFT;
        for (part, count) in parts.iter().zip(&self.counts) {
            sum += count;
            if *count > 0 {
                // What is there can be seen, however little it is; neighbours are kept apart.
                let end = scale.pixel(sum).max(x + 4).min(RIGHT);
                canvas.block([(x.min(end - 3), top), (end - 1, bottom)], part.colour);
                x = end;
            }
        }
        let room = WIDTH - RIGHT - 20;
        canvas.text((RIGHT + 16, middle), Anchor::Left, &text::fit(&self.note, SIZE, room));
    }
}
