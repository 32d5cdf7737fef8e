//! Numbers that follow the time slider: each stands in the page as it was at the end, with the number of its track in the data.

use std::fmt;

use crate::figures::Track;
use crate::wording;

/// The tracks of one mailing, as JSON, in the order in which the page names them.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    json: Vec<String>,
}

impl Tracks {
    /// A place in the page that shows this track.
    pub(super) fn cell(&mut self, track: &Track) -> Cell {
        let json = serde_json::to_string(track).expect("numbers can be written");
        let known = self.json.iter().position(|known| *known == json);
        let id = known.unwrap_or(self.json.len());
        if known.is_none() {
            self.json.push(json);
        }
        Cell { id, value: track.last(), most: track.most() }
    }

    /// A place that shows a track of milliseconds: nothing while `count` is 0.
    pub(super) fn duration(&mut self, millis: &Track, count: Cell) -> Duration {
        Duration { millis: self.cell(millis), count }
    }

    /// A list of lists.
    pub(super) fn write(&self, out: &mut String) {
        out.push('[');
        out.push_str(&self.json.join(","));
        out.push(']');
    }
}

/// A place in the page that shows a track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// The number of the track.
    pub(super) id: usize,
    /// How it was at the end.
    pub(super) value: u64,
    /// The highest that it ever was.
    pub(super) most: u64,
}

impl Cell {
    /// Its share of another, in a place that follows the slider as well.
    pub(super) const fn of(self, whole: Self) -> Share {
        Share { part: self, whole }
    }

    /// A part of a bar, which is as wide as its number.
    pub(super) const fn bar(self, class: &'static str) -> Part {
        Part { cell: self, class }
    }
}

/// HTML; nothing in it is foreign.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if self.value == 0 { "n zero" } else { "n" };
        write!(f, "<span class=\"{class}\" data-t=\"{}\">{}</span>", self.id, wording::number(self.value))
    }
}

/// A share in per cent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    part: Cell,
    whole: Cell,
}

/// HTML; nothing in it is foreign.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, whole } = self;
        let text = wording::percent(part.value, whole.value);
        write!(f, "<span class=\"n\" data-t=\"{}\" data-of=\"{}\">{text}</span>", part.id, whole.id)
    }
}

/// How long something took, for so many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Duration {
    millis: Cell,
    count: Cell,
}

/// HTML; nothing in it is foreign.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { millis, count } = self;
        let text = match count.value {
            0 => String::new(),
            _ => wording::span(millis.value * 1_000_000),
        };
        write!(f, "<span class=\"n\" data-d=\"{}\" data-of=\"{}\">{text}</span>", millis.id, count.id)
    }
}

/// A part of a bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    cell: Cell,
    class: &'static str,
}

/// HTML; nothing in it is foreign.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cell: Cell { id, value, .. }, class } = self;
        write!(f, "<i class=\"{class}\" data-w=\"{id}\" style=\"flex-grow:{value}\"></i>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tracks_are_one() {
        let mut tracks = Tracks::default();
        let mut track = Track::default();
        let zero = tracks.cell(&track);
        track.note(2, |number| *number = 7);
        let cells = [tracks.cell(&track), tracks.cell(&track), zero];
        assert_eq!(cells.map(|cell| cell.id), [1, 1, 0]);
        let mut out = String::new();
        tracks.write(&mut out);
        assert_eq!(out, "[[],[2,7]]");
        assert_eq!(cells[0].to_string(), "<span class=\"n\" data-t=\"1\">7</span>");
    }
}
