//! Drawing in whole pixels on plotters' SVG backend, and what it does not write: role, title, description, and dashes.
//!
//! Everything is drawn at double size, because the backend knows whole pixels only.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, IntoTextStyle};

use super::palette::{COLOURS, Colour, TEXT};
use super::{Chart, Table};
use crate::foreign;

/// The width of every drawing.
pub(super) const WIDTH: i32 = Chart::WIDTH as i32 * 2;
/// The size of text.
pub(super) const SIZE: i32 = 24;
/// The size of text that stands back.
pub(super) const SMALL: i32 = 21;
/// The width of a line that is a figure.
const LINE: u32 = 5;

/// A point of the drawing.
pub(super) type Point = (i32, i32);

/// Where a text stands in relation to its point; its middle is always at the height of the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

/// What is drawn on.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// What a chart says beside the drawing. May have foreign text in it: it is made harmless when the chart is drawn.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) table: Table,
}

/// A chart, drawn by `paint` on an empty canvas of this height.
pub(super) fn draw(height: i32, words: Words, paint: impl FnOnce(&Canvas<'_>)) -> Chart {
    let mut svg = String::new();
    {
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area };
        paint(&canvas);
        canvas.area.present().expect(INTO_A_STRING);
    }
    let Words { title, description, table } = words.cleaned();
    Chart { svg: finished(&svg, height, &title, &description), title, description, table }
}

impl Words {
    fn cleaned(self) -> Self {
        let clean = |text: &String| foreign::clean(text).into_owned();
        let Table { caption, header, rows } = &self.table;
        Self {
            title: clean(&self.title),
            description: clean(&self.description),
            table: Table {
                caption: clean(caption),
                header: header.iter().map(clean).collect(),
                rows: rows.iter().map(|row| row.iter().map(clean).collect()).collect(),
            },
        }
    }
}

const INTO_A_STRING: &str = "a string takes everything that is drawn";

impl Canvas<'_> {
    /// A box, filled, between two opposite corners.
    pub(super) fn block(&self, corners: [Point; 2], colour: Colour) {
        self.put(&Rectangle::new(corners, colour.rgb().filled()));
    }

    /// An area, filled and see-through.
    pub(super) fn area(&self, outline: Vec<Point>, colour: Colour) {
        self.put(&Polygon::new(outline, colour.rgb().mix(0.16).filled()));
    }

    /// A box that can be seen through.
    pub(super) fn shade(&self, corners: [Point; 2], colour: Colour) {
        self.put(&Rectangle::new(corners, colour.rgb().mix(0.16).filled()));
    }

    /// A thin line.
    pub(super) fn rule(&self, from: Point, to: Point, colour: Colour) {
        self.thin(vec![from, to], colour);
    }

    /// A line that is a figure; dashed as its colour says.
    pub(super) fn line(&self, points: Vec<Point>, colour: Colour) {
        self.put(&PathElement::new(points, colour.rgb().stroke_width(LINE)));
    }

    /// A thin line through points.
    pub(super) fn thin(&self, points: Vec<Point>, colour: Colour) {
        self.put(&PathElement::new(points, colour.rgb().stroke_width(2)));
    }

    /// A dot.
    pub(super) fn dot(&self, at: Point, colour: Colour) {
        self.put(&Circle::new(at, 9, colour.rgb().filled()));
    }

    /// A text in the normal size.
    pub(super) fn text(&self, at: Point, anchor: Anchor, text: &str) {
        self.write(at, anchor, text, (SIZE, TEXT));
    }

    /// A text in this size and colour.
    pub(super) fn write(&self, at: Point, anchor: Anchor, text: &str, (size, colour): (i32, Colour)) {
        let position = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        // The backend divides by this.
        let font = ("sans-serif", f64::from(size) * 1.24).into_font();
        let style =
            font.color(&colour.rgb()).into_text_style(&self.area).pos(Pos::new(position, VPos::Center));
        self.put(&Text::new(text, at, style));
    }

    fn put<'b, E>(&self, element: &'b E)
    where
        for<'c> E: Drawable<SVGBackend<'c>>,
        &'b E: PointCollection<'b, Point>,
    {
        self.area.draw(element).expect(INTO_A_STRING);
    }
}

/// The SVG with what the backend does not write.
fn finished(svg: &str, height: i32, title: &str, description: &str) -> String {
    let body = svg.split_once('\n').map_or("", |(_, body)| body);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{}\" height=\"{}\" role=\"img\">\n\
         <title>{}</title>\n<desc>{}</desc>\n",
        WIDTH / 2,
        height / 2,
        escaped(title),
        escaped(description)
    );
    for line in body.lines() {
        text.push_str(&dashed(line));
        text.push('\n');
    }
    text
}

/// A line of the SVG; dashed if it draws a figure in a colour that has dashes.
fn dashed(line: &str) -> String {
    let is_figure = line.starts_with("<polyline") && line.contains(&format!("stroke-width=\"{LINE}\""));
    let dashes = |colour: &&Colour| {
        !colour.dashes.is_empty() && line.contains(&format!("stroke=\"{}\"", colour.light_hex()))
    };
    match COLOURS.iter().find(dashes) {
        Some(colour) if is_figure => {
            line.replacen("<polyline", &format!("<polyline stroke-dasharray=\"{}\"", colour.dashes), 1)
        }
        _ => line.to_owned(),
    }
}

/// Text for the inside of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
