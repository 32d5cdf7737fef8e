//! What is left of many rounds: the middle one, and how far the others lie from it.

use std::fmt;

/// The median of some figures, and the lowest and the highest of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
}

impl Spread {
    /// Of at least one figure.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let last = figures.len() - 1;
        Self { median: figures[last / 2], lowest: figures[0], highest: figures[last] }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, lowest, highest } = self;
        if *median >= 100.0 {
            write!(f, "{median:.0} [{lowest:.0}..{highest:.0}]")
        } else {
            write!(f, "{median:.2} [{lowest:.2}..{highest:.2}]")
        }
    }
}
