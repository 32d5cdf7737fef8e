//! A chart in a page: the drawing, its name, and its numbers in a table for whoever cannot see it or wants to copy them.

use askama::Template;

use super::frame::html;
use crate::charts::{COLOURS, Chart, css};

/// What a time slider moves across a chart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marker {
    /// Where in the drawing the first moment is, and where the last.
    pub(super) between: [i32; 2],
}

#[derive(Template)]
#[template(path = "chart.html")]
struct Figure<'a> {
    chart: &'a Chart,
    svg: &'a str,
    marker: Option<Marker>,
}

/// The chart as HTML.
pub(super) fn figure(chart: &Chart, marker: Option<Marker>) -> String {
    // The marker is drawn over all that is there.
    let svg = chart.svg.trim_end().strip_suffix("</svg>").unwrap_or(&chart.svg);
    html(&Figure { chart, svg, marker })
}

/// The colours of charts, which a browser cannot change in the drawing itself: in both themes.
pub(super) fn style() -> String {
    let variables = |hex: fn(&crate::charts::Colour) -> String| -> String {
        COLOURS.iter().map(|colour| format!("--chart-{}: {};\n", colour.name, hex(colour))).collect()
    };
    let light = variables(crate::charts::Colour::light_hex);
    let dark = variables(crate::charts::Colour::dark_hex);
    format!(
        ":root {{\n{light}}}\n@media screen and (prefers-color-scheme: dark) {{\n:root {{\n{dark}}}\n}}\n{}",
        css()
    )
}
