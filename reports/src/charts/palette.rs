//! The colours of charts and what each stands for: Okabe's and Ito's, darkened where they are too pale on white (3:1), and so that
//! soft and hard bounces differ in brightness, too, for eyes that see red and green alike.

use std::fmt::Write;

use plotters::style::RGBColor;

/// A colour and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// What it stands for; part of the name of a CSS variable (`--chart-delivered`).
    pub name: &'static str,
    /// As charts are drawn, on a light background: red, green, blue.
    pub light: [u8; 3],
    /// What it becomes on a dark background.
    pub dark: [u8; 3],
    /// How lines of it are dashed (`stroke-dasharray`), so that they can be told apart without colour; empty: not at all.
    pub dashes: &'static str,
}

/// Accepted by the server.
pub(super) const DELIVERED: Colour = colour("delivered", [0x00, 0x9e, 0x73], [0x3d, 0xd6, 0xa8], "");
/// An attempt was begun, no final outcome yet.
pub(super) const IN_PROGRESS: Colour = colour("in-progress", [0x00, 0x72, 0xb2], [0x56, 0xb4, 0xe9], "14 7");
/// Given up after temporary failures.
pub(super) const SOFT: Colour = colour("soft", [0xb8, 0x78, 0x00], [0xf0, 0xbe, 0x3c], "20 6 4 6");
/// Refused for good.
pub(super) const HARD: Colour = colour("hard", [0xa3, 0x3a, 0x00], [0xf0, 0x78, 0x3c], "7 5");
/// No attempt begun yet.
pub(super) const PENDING: Colour = colour("pending", [0x8c, 0x95, 0x9f], [0x9a, 0xa4, 0xae], "3 6");
/// Dropped.
pub(super) const DROPPED: Colour = colour("dropped", [0x3d, 0x44, 0x4d], [0xc4, 0xcc, 0xd4], "2 5");
/// Cancelled, or cancelled and dropped together.
pub(super) const OTHER: Colour = colour("other", [0x5c, 0x4b, 0x8a], [0xb7, 0xa6, 0xe8], "4 9");
/// Text.
pub(super) const TEXT: Colour = colour("text", [0x1f, 0x23, 0x28], [0xe6, 0xed, 0xf3], "");
/// Text that stands back, and axes.
pub(super) const MUTED: Colour = colour("muted", [0x59, 0x63, 0x6e], [0xa5, 0xaf, 0xba], "");
/// Lines of the grid.
pub(super) const GRID: Colour = colour("grid", [0xdc, 0xe1, 0xe6], [0x33, 0x3b, 0x45], "");
/// Times at which something is in force; see-through, so that it can be seen when several things are.
pub(super) const BAND: Colour = colour("band", [0xd9, 0x96, 0x2a], [0xc9, 0x8f, 0x3a], "");
/// The engine's own limit.
pub(super) const LIMIT: Colour = colour("limit", [0xa3, 0x3a, 0x01], [0xf0, 0x78, 0x3d], "10 6");
/// What lies behind a bar.
pub(super) const TRACK: Colour = colour("track", [0xee, 0xf1, 0xf4], [0x26, 0x2d, 0x36], "");

/// All colours that charts are drawn with.
pub const COLOURS: [Colour; 13] =
    [DELIVERED, IN_PROGRESS, SOFT, HARD, PENDING, DROPPED, OTHER, TEXT, MUTED, GRID, BAND, LIMIT, TRACK];

const fn colour(name: &'static str, light: [u8; 3], dark: [u8; 3], dashes: &'static str) -> Colour {
    Colour { name, light, dark, dashes }
}

impl Colour {
    /// As charts are drawn: `#009E73`.
    pub fn light_hex(&self) -> String {
        hex(self.light)
    }

    /// On a dark background.
    pub fn dark_hex(&self) -> String {
        hex(self.dark)
    }

    pub(super) const fn rgb(&self) -> RGBColor {
        let [red, green, blue] = self.light;
        RGBColor(red, green, blue)
    }
}

/// The rules of CSS with which charts inside an element of class `chart` follow the variables `--chart-NAME`. The variables themselves
/// are the page's to set: [`Colour::light_hex`], [`Colour::dark_hex`].
pub fn css() -> String {
    let mut rules = String::new();
    for colour in COLOURS {
        let (hex, name) = (colour.light_hex(), colour.name);
        let rule = writeln!(
            rules,
            ".chart [fill=\"{hex}\"]{{fill:var(--chart-{name})}}.chart [stroke=\"{hex}\"]{{stroke:var(--chart-{name})}}"
        );
        rule.expect("a string takes everything");
    }
    rules
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2), in millionths.
    fn luminance(colour: [u8; 3]) -> f64 {
        let [red, green, blue] = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn each_colour_stands_for_one_thing() {
        for (index, one) in COLOURS.iter().enumerate() {
            for other in &COLOURS[index + 1..] {
                assert!(one.light != other.light && one.name != other.name, "{} {}", one.name, other.name);
            }
        }
    }

    #[test]
    fn what_matters_can_be_seen_on_light_and_on_dark() {
        const DARK: [u8; 3] = [0x0d, 0x11, 0x17];
        for colour in [DELIVERED, IN_PROGRESS, SOFT, HARD, OTHER, LIMIT] {
            assert!(contrast(colour.light, [255; 3]) >= 3.0, "{}", colour.name);
            assert!(contrast(colour.dark, DARK) >= 3.0, "{}", colour.name);
        }
        for text in [TEXT, MUTED] {
            assert!(
                contrast(text.light, [255; 3]) >= 4.5 && contrast(text.dark, DARK) >= 4.5,
                "{}",
                text.name
            );
        }
        assert!(contrast(SOFT.light, HARD.light) >= 1.5 && contrast(SOFT.dark, HARD.dark) >= 1.5);
    }
}
