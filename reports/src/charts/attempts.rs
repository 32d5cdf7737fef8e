//! A histogram: how many attempts it took until recipients were final.

use record::{MailingId, Record};

use super::axis::{self, Scale};
use super::bars::{Part, legend};
use super::canvas::{Anchor, Canvas, SIZE, SMALL, WIDTH, Words, draw};
use super::palette::{DELIVERED, HARD, MUTED, SOFT, TEXT};
use super::{Chart, Table};
use crate::figures::{Attempts, Figures, Track};
use crate::wording;

const LEFT: i32 = 150;
const RIGHT: i32 = WIDTH - 40;
const TOP: i32 = 100;
const BOTTOM: i32 = 480;
const HEIGHT: i32 = 574;
/// Columns are not wider.
const COLUMN_MAX: i32 = 150;
/// The most columns; the last one stands for all that took as many or more.
const COLUMNS_MAX: usize = 24;

const PARTS: [Part; 3] = [
    Part { name: "delivered", colour: DELIVERED },
    Part { name: "soft bounced", colour: SOFT },
    Part { name: "hard bounced", colour: HARD },
];

/// How many recipients of the mailing were final after how many attempts.
pub fn attempts(_: &Record, figures: &Figures, mailing: MailingId) -> Chart {
    let figures = &figures.mailings[usize::from(mailing)];
    let columns = columns(&figures.attempts);
    draw(HEIGHT, words(&figures.name, &columns), |canvas| {
        let sum = |(_, counts): &(String, [u64; 3])| counts.iter().sum::<u64>();
        let most = columns.iter().map(sum).max().unwrap_or(0);
        if most == 0 {
            canvas.write((WIDTH / 2, HEIGHT / 2), Anchor::Middle, "nobody is final", (SIZE, MUTED));
            return;
        }
        legend(canvas, LEFT, PARTS.iter());
        let counts = axis::counts(most);
        let y = Scale::new(counts.last().copied().unwrap_or(1), BOTTOM, TOP);
        axis::draw_counts(canvas, &counts, y, [LEFT, RIGHT]);
        let pitch = (RIGHT - LEFT) / columns.len() as i32;
        for (index, column) in (0..).zip(&columns) {
            let middle = LEFT + index * pitch + pitch / 2;
            draw_column(canvas, column, y, [middle, (pitch * 2 / 3).min(COLUMN_MAX)]);
            if sum(column) > 0 && pitch > 90 {
                let above = (middle, y.pixel(sum(column)) - 20);
                canvas.write(above, Anchor::Middle, &wording::number(sum(column)), (SMALL, TEXT));
            }
        }
        let below = (LEFT.midpoint(RIGHT), BOTTOM + 72);
        canvas.write(below, Anchor::Middle, "attempts until the outcome was final", (SMALL, MUTED));
    })
}

fn draw_column(
    canvas: &Canvas<'_>,
    (name, counts): &(String, [u64; 3]),
    y: Scale,
    [middle, width]: [i32; 2],
) {
    let (left, right) = (middle - width / 2, middle + width / 2);
    let (mut sum, mut bottom) = (0, BOTTOM);
    for (part, count) in PARTS.iter().zip(counts) {
        sum += count;
        if *count > 0 {
            let top = y.pixel(sum).min(bottom - 4);
            canvas.block([(left, top + 1), (right, bottom)], part.colour);
            bottom = top;
        }
    }
    canvas.write((middle, BOTTOM + 28), Anchor::Middle, name, (SMALL, TEXT));
}

/// From one attempt on, or from none if anybody took none.
fn columns(attempts: &Attempts) -> Vec<(String, [u64; 3])> {
    let histograms = [&attempts.delivered, &attempts.soft_bounced, &attempts.hard_bounced];
    let at = |number: usize| histograms.map(|histogram| histogram.get(number).map_or(0, Track::last));
    let from_on = |number: usize| {
        histograms.map(|histogram| histogram.iter().skip(number).map(Track::last).sum::<u64>())
    };
    let first = usize::from(at(0) == [0; 3]);
    let most = attempts.most().max(1);
    let last = most.min(first + COLUMNS_MAX - 1);
    let column = |number: usize| match number {
        _ if number == last && most > last => (format!("{last} or more"), from_on(last)),
        _ => (number.to_string(), at(number)),
    };
    (first..=last).map(column).collect()
}

fn words(mailing: &str, columns: &[(String, [u64; 3])]) -> Words {
    let title = format!("Attempts until final in {}", mailing);
    let one = |(name, counts): &(String, [u64; 3])| {
        let [delivered, soft, hard] = counts.map(wording::number);
        format!("{name}: {delivered} delivered, {soft} soft bounced, {hard} hard bounced")
    };
    let row = |(name, counts): &(String, [u64; 3])| {
        std::iter::once(name.clone()).chain(counts.map(wording::number)).collect()
    };
    Words {
        description: format!("By attempts. {}.", columns.iter().map(one).collect::<Vec<_>>().join("; ")),
        table: Table {
            caption: title.clone(),
            header: std::iter::once("attempts")
                .chain(PARTS.map(|part| part.name))
                .map(str::to_owned)
                .collect(),
            rows: columns.iter().map(row).collect(),
        },
        title,
    }
}
