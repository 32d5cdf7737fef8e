//! Factors as scenarios write them: `2x`.

use scenario::{Node, Problems, value};

/// How many times as much, from 2 to 100.
pub(super) fn factor(node: &Node, problems: &mut Problems) -> Option<u32> {
    let factor = node.text().and_then(|text| text.strip_suffix('x')).and_then(|text| text.parse().ok());
    let factor = factor.filter(|factor| (2..=100).contains(factor));
    if factor.is_none() {
        problems.push(value::unexpected(node, "a factor", "write how many times as much, from 2x to 100x"));
    }
    factor
}
