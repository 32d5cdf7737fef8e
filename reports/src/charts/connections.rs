//! Connection use: a strip for each provider, with the open connections over the run and the engine's limit.

use record::{Nanos, Record};

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Point, SIZE, SMALL, WIDTH, Words, draw};
use super::palette::{GRID, IN_PROGRESS, LIMIT, MUTED, TEXT};
use super::{Chart, SHOWN_MAX, Table, text};
use crate::figures::{ConnectionUse, Figures, Moments};
use crate::wording;

const NAME_ROOM: i32 = 300;
const LEFT: i32 = NAME_ROOM + 20;
const RIGHT: i32 = WIDTH - 330;
const TOP: i32 = 56;
/// From one strip to the next.
const STRIP: i32 = 104;
/// The height of the limit in a strip.
const PLOT: i32 = 74;
const BELOW: i32 = 92;

/// How many connections to each provider were open over the run; the one with most messages' worth of them first.
pub fn connections(record: &Record, figures: &Figures) -> Chart {
    let mut used: Vec<&ConnectionUse> = figures.connections.iter().filter(|one| one.opened > 0).collect();
    used.sort_by_key(|one| std::cmp::Reverse(one.opened));
    let left_out = used.len().saturating_sub(SHOWN_MAX);
    let words = words(record, &used);
    used.truncate(SHOWN_MAX);
    let bottom = TOP + STRIP * used.len().max(1) as i32;
    draw(bottom + BELOW, words, |canvas| {
        if used.is_empty() {
            canvas.write((WIDTH / 2, bottom / 2), Anchor::Middle, "no connection was opened", (SIZE, MUTED));
            return;
        }
        legend(canvas, left_out);
        let x = Scale::new(figures.moments.length(), LEFT, RIGHT);
        for (row, one) in (1..).zip(&used) {
            let name = &record.providers[one.provider as usize].name;
            strip(canvas, one, name, &figures.moments, x, TOP + row * STRIP - 18);
        }
        axis::draw_moments(canvas, figures.moments.length(), x, bottom);
        let below = (LEFT.midpoint(RIGHT), bottom + 70);
        canvas.write(below, Anchor::Middle, "time since the scenario began", (SMALL, MUTED));
    })
}

fn legend(canvas: &Canvas<'_>, left_out: usize) {
    canvas.block([(LEFT, 18), (LEFT + 22, 40)], IN_PROGRESS);
    canvas.write((LEFT + 32, 29), Anchor::Left, "open, at most", (SMALL, TEXT));
    canvas.line(vec![(LEFT + 230, 29), (LEFT + 280, 29)], LIMIT);
    canvas.write((LEFT + 292, 29), Anchor::Left, "the engine's limit", (SMALL, TEXT));
    if left_out > 0 {
        let more = format!("and {} not shown", wording::counted(left_out as u64, "provider"));
        canvas.write((RIGHT + 16, 29), Anchor::Left, &more, (SMALL, MUTED));
    }
}

/// Draws one provider on the base line `bottom`.
fn strip(canvas: &Canvas<'_>, one: &ConnectionUse, name: &str, moments: &Moments, x: Scale, bottom: i32) {
    let most = one.limit.max(one.peak);
    let y = Scale::new(most, bottom, bottom - PLOT);
    canvas.text((LEFT - 16, bottom - PLOT / 2), Anchor::Right, &text::fit(name, SIZE, NAME_ROOM));
    canvas.rule((LEFT, bottom), (RIGHT, bottom), GRID);
    for [from, until, open] in steps(one, moments) {
        if open > 0 {
            let (left, right) = (x.pixel(from), x.pixel(until));
            canvas.block([(left.min(right - 4), y.pixel(open)), (right, bottom)], IN_PROGRESS);
        }
    }
    let limit = y.pixel(one.limit);
    canvas.line(vec![(LEFT, limit), (RIGHT, limit)], LIMIT);
    let at: Point = (RIGHT + 16, bottom - PLOT / 2 - 16);
    let peak = format!("{} of {}", wording::number(one.peak), wording::number(one.limit));
    canvas.text(at, Anchor::Left, &peak);
    let opened = wording::counted(one.opened, "connection");
    canvas.write((at.0, at.1 + 32), Anchor::Left, &text::fit(&opened, SMALL, WIDTH - at.0), (SMALL, MUTED));
}

/// From when until when at most how many were open: what a moment says is about the time since the one before.
fn steps(one: &ConnectionUse, moments: &Moments) -> Vec<[Nanos; 3]> {
    let mut steps: Vec<[Nanos; 3]> = Vec::new();
    let mut before = 0;
    for (moment, until) in (0..).zip(&moments.offsets) {
        let open = one.open.at(moment);
        match steps.last_mut() {
            Some([_, end, same]) if *same == open => *end = *until,
            Some(_) | None => steps.push([before, *until, open]),
        }
        before = *until;
    }
    steps
}

fn words(record: &Record, used: &[&ConnectionUse]) -> Words {
    let title = "Open connections by provider".to_owned();
    let name = |one: &ConnectionUse| record.providers[one.provider as usize].name.clone();
    let most = |one: &&ConnectionUse| format!("{} {} of {}", name(one), one.peak, one.limit);
    let named: Vec<String> = used.iter().take(5).map(most).collect();
    let row = |one: &&ConnectionUse| {
        let numbers = [
            one.peak,
            one.limit,
            one.opened,
            u64::from(one.median_messages()),
            u64::from(one.messages_limit),
        ];
        std::iter::once(name(one)).chain(numbers.map(wording::number)).collect()
    };
    let header = [
        "provider",
        "most open at once",
        "limit of the engine",
        "opened",
        "messages in one, median",
        "limit of messages in one",
    ];
    let description = match used {
        [] => "No connection was opened.".to_owned(),
        _ => format!("Most open at once, of the engine's limit: {}.", named.join(", ")),
    };
    Words {
        description,
        table: Table {
            caption: title.clone(),
            header: header.map(str::to_owned).to_vec(),
            rows: used.iter().map(row).collect(),
        },
        title,
    }
}
