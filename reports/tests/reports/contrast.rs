//! Colours of the pages: text can be read in both themes, and bars and lines be told from their ground (WCAG 2.2, 1.4.3 and
//! 1.4.11).

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../templates/style/base.css");

const GROUNDS: [&str; 3] = ["bg", "surface", "raised"];

/// The colours of the light theme, and those of the dark one.
fn themes() -> [BTreeMap<&'static str, [f64; 3]>; 2] {
    let (light, dark) = STYLE.split_once("(prefers-color-scheme: dark)").unwrap();
    [light, dark].map(|theme| theme.lines().filter_map(colour).collect())
}

/// `--name: #rrggbb;`
fn colour(line: &'static str) -> Option<(&'static str, [f64; 3])> {
    let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
    let part = |at: usize| u8::from_str_radix(&value[at..at + 2], 16).map(f64::from).unwrap();
    Some((name, [part(0), part(2), part(4)]))
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|part| {
        let part = part / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn check(pairs: &[(&str, &str)], least: f64) {
    for theme in themes() {
        for (front, ground) in pairs {
            let found = contrast(theme[front], theme[ground]);
            assert!(found >= least, "{front} on {ground}: {found:.2}, less than {least}");
        }
    }
}

#[test]
fn text_can_be_read() {
    let on_all = |front: &'static str| GROUNDS.map(|ground| (front, ground));
    check(&["text", "muted", "accent"].map(on_all).concat(), 4.5);
    let judged = [["good", "good-bg"], ["bad", "bad-bg"], ["caution", "caution-bg"]];
    let judged = judged.map(|[front, ground]| [(front, ground), (front, "surface"), (front, "raised")]);
    check(&judged.concat(), 4.5);
    // A line of the scenario that a link leads to is marked.
    check(&[("text", "caution-bg"), ("muted", "caution-bg")], 4.5);
}

#[test]
fn bars_can_be_seen() {
    let bars = ["delivered", "in-progress", "soft", "hard", "cancelled", "dropped", "pending"];
    check(&bars.map(|bar| (bar, "surface")), 3.0);
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast([0.0; 3], [255.0; 3]) - 21.0).abs() < 0.001);
    assert!((contrast([119.0; 3], [255.0; 3]) - 4.478).abs() < 0.001);
}
