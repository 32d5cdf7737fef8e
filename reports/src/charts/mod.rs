//! Charts: figures drawn as SVG, each with its numbers in a sentence and in a table.
//!
//! Drawn with plotters' SVG backend at double size, laid out here in whole pixels, so that the same record gives the same bytes on
//! every machine. Text is measured by an estimate, never with a font. Colours are fixed and stand for something
//! ([`COLOURS`]); a page recolours them for a dark background with [`css`].

mod attempts;
mod axis;
mod bars;
mod canvas;
mod connections;
mod delivery;
mod palette;
mod providers;
mod reasons;
mod spans;
mod text;
mod throughput;

pub use attempts::attempts;
pub use connections::connections;
pub use delivery::delivery;
pub(crate) use delivery::ends as ends_of_delivery;
pub use palette::{COLOURS, Colour, css};
pub use providers::providers;
pub use reasons::reasons;
pub use throughput::{Measurement, measurements, throughput};

/// A chart and what it says in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The whole `<svg>`, with `role="img"`, `<title>` and `<desc>`; everything foreign in it is escaped. Its text is drawn
    /// for a width of [`Chart::WIDTH`]; it scales.
    pub svg: String,
    /// What it shows. Has names of the record in it, made harmless for terminals but not escaped for HTML.
    pub title: String,
    /// What can be seen in it, in a sentence with the numbers. Not escaped.
    pub description: String,
    /// The numbers that it is drawn from. Not escaped.
    pub table: Table,
}

impl Chart {
    /// The width that a chart is drawn for, in pixels.
    pub const WIDTH: u32 = 800;

    /// The drawing as a file of its own, on white: who shows it may have a dark page around it.
    pub fn alone(&self) -> String {
        let white = "<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>";
        self.svg.replacen("</desc>\n", &format!("</desc>\n{white}\n"), 1)
    }
}

/// The numbers of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is about.
    pub caption: String,
    /// The heads of the columns; the first one is that of the rows' names.
    pub header: Vec<String>,
    /// The rows, as long as the header.
    pub rows: Vec<Vec<String>>,
}

/// The most providers, reasons and the like that a chart shows one by one.
const SHOWN_MAX: usize = 12;
