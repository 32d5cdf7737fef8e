//! Delivery over time: how many recipients of a mailing stood where, with the timeline's spans behind.

use record::{Counters, Mailing, MailingId, MailingKind, Nanos, Record};

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Point, SIZE, SMALL, WIDTH, Words, draw};
use super::palette::{Colour, DELIVERED, DROPPED, HARD, IN_PROGRESS, MUTED, OTHER, PENDING, SOFT};
use super::spans::Lane;
use super::{Chart, Table};
use crate::figures::{Figures, MailingFigures, Moments};
use crate::wording;

const LEFT: i32 = 150;
const RIGHT: i32 = WIDTH - 420;
const TOP: i32 = 24;
const PLOT: i32 = 480;
/// Below the plot: moments, and what the axis is.
const BELOW: i32 = 92;
/// From one label to the next.
const LABEL: i32 = 38;
/// Planned attempts are marked if there are not more.
const MARKS_MAX: usize = 20;

/// What a line shows.
struct Line {
    name: &'static str,
    colour: Colour,
    /// Whether it stands there even if it never is more than 0.
    always: Always,
    count: fn(&Counters) -> u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Always {
    Yes,
    No,
}

const LINES: [Line; 7] = [
    Line { name: "delivered", colour: DELIVERED, always: Always::Yes, count: |at| at.delivered },
    Line { name: "in progress", colour: IN_PROGRESS, always: Always::Yes, count: |at| at.in_progress },
    Line { name: "soft bounced", colour: SOFT, always: Always::Yes, count: |at| at.soft_bounced },
    Line { name: "hard bounced", colour: HARD, always: Always::Yes, count: |at| at.hard_bounced },
    Line { name: "not begun", colour: PENDING, always: Always::No, count: |at| at.pending },
    Line { name: "cancelled", colour: OTHER, always: Always::No, count: |at| at.cancelled },
    Line { name: "dropped", colour: DROPPED, always: Always::No, count: |at| at.dropped },
];

/// How many recipients of the mailing stood where, from its start to its end.
pub fn delivery(record: &Record, figures: &Figures, mailing: MailingId) -> Chart {
    let figures = &figures.mailings[usize::from(mailing)];
    let mailing = &record.mailings[usize::from(mailing)];
    let moments = &figures.moments;
    let lane = Lane::new(record, moments.start, moments.start + shown(moments));
    let lines: Vec<&Line> = LINES.iter().filter(|line| line.is_shown(figures)).collect();
    let top = TOP + lane.height();
    let words = words(figures, &lane, &lines);
    draw(top + PLOT + BELOW, words, |canvas| {
        let most = lines.iter().map(|line| line.most(figures)).max().unwrap_or(0);
        let counts = axis::counts(most);
        let x = Scale::new(shown(moments), LEFT, RIGHT);
        let y = Scale::new(counts.last().copied().unwrap_or(1), top + PLOT, top);
        lane.draw(canvas, x, [LEFT, RIGHT], [top, top + PLOT]);
        axis::draw_counts(canvas, &counts, y, [LEFT, RIGHT]);
        axis::draw_moments(canvas, shown(moments), x, top + PLOT);
        let centre = (LEFT.midpoint(RIGHT), top + PLOT + 70);
        canvas.write(centre, Anchor::Middle, "time since the mailing started", (SMALL, MUTED));
        marks(canvas, mailing, shown(moments), x, top);
        for line in lines.iter().rev() {
            line.draw(canvas, figures, x, y);
        }
        labels(canvas, figures, &lines, y, [top, top + PLOT]);
    })
}

/// Where in the drawing of [`delivery`] the first moment of the mailing is, and where the last, from left to right.
pub(crate) fn ends(figures: &MailingFigures) -> [i32; 2] {
    let x = Scale::new(shown(&figures.moments), LEFT, RIGHT);
    [x.pixel(0), x.pixel(figures.moments.length())]
}

/// What the axis of time shows: a little more than there is, so that a last step can be told from the edge.
fn shown(moments: &Moments) -> Nanos {
    moments.length() + moments.length() / 30
}

impl Line {
    fn is_shown(&self, figures: &MailingFigures) -> bool {
        let moves = |moment: u16| moment > 0 && (self.count)(&figures.total.at(moment)) > 0;
        self.always == Always::Yes || (0..figures.moments.len() as u16).any(moves)
    }

    fn most(&self, figures: &MailingFigures) -> u64 {
        figures.total.changes().iter().map(|(_, counters)| (self.count)(counters)).max().unwrap_or(0)
    }

    /// Draws it in steps: a figure is what it was until it changes.
    fn draw(&self, canvas: &Canvas<'_>, figures: &MailingFigures, x: Scale, y: Scale) {
        let track = figures.total.track(self.count);
        let mut height = y.pixel(track.at(0));
        let mut points: Vec<Point> = vec![(x.pixel(0), height)];
        for (moment, number) in track.changes() {
            let at = x.pixel(figures.moments.offsets[usize::from(*moment)]);
            points.push((at, height));
            height = y.pixel(*number);
            points.push((at, height));
        }
        points.push((RIGHT, height));
        points.dedup();
        if self.colour == DELIVERED {
            let mut outline = points.clone();
            outline.extend([(RIGHT, y.pixel(0)), (LEFT, y.pixel(0))]);
            canvas.area(outline, self.colour);
        }
        canvas.line(points, self.colour);
    }
}

/// Writes the names and the last numbers to the right of the lines, in the order in which these end.
fn labels(canvas: &Canvas<'_>, figures: &MailingFigures, lines: &[&Line], y: Scale, [top, bottom]: [i32; 2]) {
    let last = figures.total.last();
    let mut ends: Vec<(u64, &Line)> = lines.iter().map(|line| ((line.count)(&last), *line)).collect();
    ends.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let heights = apart(&ends.iter().map(|(count, _)| y.pixel(*count)).collect::<Vec<_>>(), [top, bottom]);
    for ((count, line), height) in ends.iter().zip(heights) {
        canvas.rule((RIGHT + 6, y.pixel(*count)), (RIGHT + 28, height), MUTED);
        canvas.line(vec![(RIGHT + 32, height), (RIGHT + 74, height)], line.colour);
        let label = format!("{} {}", wording::number(*count), line.name);
        let room = WIDTH - RIGHT - 88;
        canvas.text((RIGHT + 86, height), Anchor::Left, &super::text::fit(&label, SIZE, room));
    }
}

/// Heights, in ascending order, moved so far that labels do not overlap.
fn apart(heights: &[i32], [top, bottom]: [i32; 2]) -> Vec<i32> {
    let mut moved: Vec<i32> = Vec::new();
    for height in heights {
        let free = moved.last().map_or(top, |last| last + LABEL);
        moved.push((*height).max(free));
    }
    let mut free = bottom;
    for height in moved.iter_mut().rev() {
        *height = (*height).min(free);
        free = *height - LABEL;
    }
    moved
}

/// Marks when attempts are planned. Not of an automated mailing, in which that is different for each recipient.
fn marks(canvas: &Canvas<'_>, mailing: &Mailing, length: Nanos, x: Scale, top: i32) {
    if mailing.kind == MailingKind::Automated || mailing.attempt_offsets.len() > MARKS_MAX {
        return;
    }
    let mut free = LEFT;
    for (number, offset) in (1..).zip(&mailing.attempt_offsets) {
        let at = x.pixel(*offset);
        if *offset <= length && number > 1 && at >= free {
            canvas.rule((at, top), (at, top + 30), MUTED);
            let (place, anchor) =
                if at > RIGHT - 140 { (at - 8, Anchor::Right) } else { (at + 8, Anchor::Left) };
            canvas.write((place, top + 16), anchor, &format!("attempt {number}"), (SMALL, MUTED));
            free = at + 140;
        }
    }
}

fn words(figures: &MailingFigures, lane: &Lane<'_>, lines: &[&Line]) -> Words {
    let name = &figures.name;
    let last = figures.total.last();
    let ends: Vec<String> =
        lines.iter().map(|line| format!("{} {}", wording::number((line.count)(&last)), line.name)).collect();
    let title = format!("Delivery of {name} over time");
    Words {
        description: format!(
            "After {}, of {} selected: {}.{}",
            wording::span(figures.moments.length()),
            wording::counted(last.selected, "recipient"),
            ends.join(", "),
            lane.words()
        ),
        table: table(&title, figures, lines),
        title,
    }
}

/// A row for each moment at which something had changed.
fn table(title: &str, figures: &MailingFigures, lines: &[&Line]) -> Table {
    let row = |(moment, counters): &(u16, Counters)| {
        let offset = figures.moments.offsets[usize::from(*moment)];
        let numbers = lines.iter().map(|line| wording::number((line.count)(counters)));
        std::iter::once(wording::span(offset)).chain(numbers).collect()
    };
    Table {
        caption: title.to_owned(),
        header: std::iter::once("after")
            .chain(lines.iter().map(|line| line.name))
            .map(str::to_owned)
            .collect(),
        rows: figures.total.changes().iter().map(row).collect(),
    }
}
