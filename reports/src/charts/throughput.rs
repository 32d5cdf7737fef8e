//! Throughput over versions: what a bench measured of each, as a range and its middle.

use serde::{Deserialize, Serialize};

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Point, SIZE, SMALL, WIDTH, Words, draw};
use super::palette::{IN_PROGRESS, MUTED, TEXT};
use super::{Chart, Table, text};
use crate::wording;

/// The most measurements that are shown: the latest.
const SHOWN_MAX: usize = 16;
const LEFT: i32 = 180;
const RIGHT: i32 = WIDTH - 40;
const TOP: i32 = 80;
const BOTTOM: i32 = 480;
const HEIGHT: i32 = 574;

/// What a bench measured of a version: a line of `benches/history.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// The version of the program.
    pub version: String,
    /// What is new about it, in a few words without a date; names the point in the chart.
    pub label: String,
    /// The bench.
    pub bench: String,
    /// Attempts a second of processor time, of each run.
    pub samples: Vec<u64>,
    /// The machine, and how busy it was.
    pub machine: String,
}

/// The measurements in a text with one a line. An error tells the line, from 1, and what is wrong with it.
pub fn measurements(lines: &str) -> Result<Vec<Measurement>, String> {
    let lines = (1..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = |(number, line)| {
        serde_json::from_str(line).map_err(|problem| format!("line {number} is no measurement: {problem}"))
    };
    lines.map(read).collect()
}

/// What one bench measured of each version, in the order of measuring.
pub fn throughput(measurements: &[Measurement]) -> Chart {
    let latest = measurements.len().saturating_sub(SHOWN_MAX);
    let points: Vec<Spread<'_>> = measurements[latest..].iter().map(Spread::of).collect();
    draw(HEIGHT, words(&points), |canvas| {
        let most = points.iter().map(|point| point.high).max().unwrap_or(0);
        if most == 0 {
            canvas.write((WIDTH / 2, HEIGHT / 2), Anchor::Middle, "nothing was measured", (SIZE, MUTED));
            return;
        }
        canvas.write((16, 29), Anchor::Left, "attempts a second of processor time", (SMALL, MUTED));
        let counts = axis::counts(most);
        let y = Scale::new(counts.last().copied().unwrap_or(1), BOTTOM, TOP);
        axis::draw_counts(canvas, &counts, y, [LEFT, RIGHT]);
        let pitch = (RIGHT - LEFT) / points.len() as i32;
        let middles: Vec<i32> =
            (0..).take(points.len()).map(|index| LEFT + index * pitch + pitch / 2).collect();
        let medians: Vec<Point> =
            middles.iter().zip(&points).map(|(x, point)| (*x, y.pixel(point.median))).collect();
        canvas.thin(medians, MUTED);
        for (x, point) in middles.iter().zip(&points) {
            point.draw(canvas, y, *x, pitch);
        }
    })
}

/// A measurement, summed up.
#[derive(Debug)]
struct Spread<'a> {
    measurement: &'a Measurement,
    low: u64,
    median: u64,
    high: u64,
}

impl<'a> Spread<'a> {
    fn of(measurement: &'a Measurement) -> Self {
        let mut samples = measurement.samples.clone();
        samples.sort_unstable();
        let at = |index: usize| samples.get(index).copied().unwrap_or(0);
        let last = samples.len().saturating_sub(1);
        Self { measurement, low: at(0), median: at(last / 2), high: at(last) }
    }

    fn draw(&self, canvas: &Canvas<'_>, y: Scale, x: i32, pitch: i32) {
        canvas.block([(x - 2, y.pixel(self.high)), (x + 2, y.pixel(self.low))], IN_PROGRESS);
        for end in [self.low, self.high] {
            canvas.rule((x - 12, y.pixel(end)), (x + 12, y.pixel(end)), IN_PROGRESS);
        }
        canvas.dot((x, y.pixel(self.median)), IN_PROGRESS);
        if pitch > 110 {
            let above = (x, y.pixel(self.high) - 22);
            canvas.write(above, Anchor::Middle, &wording::number(self.median), (SMALL, TEXT));
        }
        let label = text::fit(&self.measurement.label, SMALL, pitch - 12);
        canvas.write((x, BOTTOM + 28), Anchor::Middle, &label, (SMALL, TEXT));
        let version = text::fit(&self.measurement.version, SMALL, pitch - 12);
        canvas.write((x, BOTTOM + 58), Anchor::Middle, &version, (SMALL, MUTED));
    }

    /// Its name and its numbers, in the order of the table.
    fn row(&self) -> Vec<String> {
        let Measurement { label, version, samples, machine, .. } = self.measurement;
        let [low, median, high] = [self.low, self.median, self.high].map(wording::number);
        let runs = wording::number(samples.len() as u64);
        [label, version, &low, &median, &high, &runs, machine].map(String::clone).to_vec()
    }
}

fn words(points: &[Spread<'_>]) -> Words {
    let title = "Throughput over versions".to_owned();
    let one = |point: &Spread<'_>| {
        let [low, median, high] = [point.low, point.median, point.high].map(wording::number);
        format!("{} {median} ({low} to {high})", &point.measurement.label)
    };
    let named: Vec<String> = points.iter().map(one).collect();
    let header = ["what is new", "version", "lowest", "median", "highest", "runs", "machine"];
    Words {
        description: format!(
            "Attempts a second of processor time, median and range of runs: {}.",
            named.join("; ")
        ),
        table: Table {
            caption: title.clone(),
            header: header.map(str::to_owned).to_vec(),
            rows: points.iter().map(Spread::row).collect(),
        },
        title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_a_line() {
        let one = Measurement {
            version: "0.1.0".to_owned(),
            label: "first".to_owned(),
            bench: "mixed_fleet".to_owned(),
            samples: vec![3, 1, 2, 9],
            machine: "2 cores".to_owned(),
        };
        let line = serde_json::to_string(&one).expect("numbers and text");
        assert_eq!(measurements(&format!("{line}\n\n{line}\n")), Ok(vec![one.clone(), one.clone()]));
        let spread = Spread::of(&one);
        assert_eq!([spread.low, spread.median, spread.high], [1, 2, 9]);
        let problem = measurements("\n{}").expect_err("an empty object");
        assert!(problem.starts_with("line 2 is no measurement"), "{problem}");
    }
}
