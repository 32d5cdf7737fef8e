//! Numbers that stand for numbers: `2`, `1..3`, `>=2`, `<2`, and the same for sizes.

use std::ops::RangeInclusive;

use scenario::{Node, Problem, Problems, value};

/// Reads a range of whole numbers, 1 or more, or a list of them.
pub(super) fn numbers(node: &Node, problems: &mut Problems) -> Option<Vec<RangeInclusive<u64>>> {
    read_list(node, problems, "a number or a range", "2`, `1..3`, `>=2` or `<3", |text| {
        text.replace('_', "").parse().ok().filter(|number| *number >= 1)
    })
}

/// Reads a range of sizes in bytes, or a list of them.
pub(super) fn sizes(node: &Node, problems: &mut Problems) -> Option<Vec<RangeInclusive<u64>>> {
    read_list(node, problems, "a size or a range", ">=100 KiB`, `<1 MiB` or `1 KiB..20 KiB", |text| {
        units::quantity::byte_size(text).ok().map(|size| size.0)
    })
}

fn read_list(
    node: &Node,
    problems: &mut Problems,
    expected: &str,
    examples: &str,
    number: impl Fn(&str) -> Option<u64> + Copy,
) -> Option<Vec<RangeInclusive<u64>>> {
    value::list(|node: &Node, problems: &mut Problems| {
        let text = value::text(node, problems)?;
        let range = range(&text, number);
        if range.is_none() {
            let message = format!("`{text}` is not {expected}");
            problems.push(
                Problem::at(node.place, message, format!("expected {expected}"))
                    .help(format!("write `{examples}`")),
            );
        }
        range
    })(node, problems)
}

fn range(text: &str, number: impl Fn(&str) -> Option<u64>) -> Option<RangeInclusive<u64>> {
    let text = text.trim();
    let from = |rest: &str| number(rest.trim());
    let range = if let Some(rest) = text.strip_prefix(">=") {
        from(rest)?..=u64::MAX
    } else if let Some(rest) = text.strip_prefix("<=") {
        0..=from(rest)?
    } else if let Some(rest) = text.strip_prefix('>') {
        from(rest)?.checked_add(1)?..=u64::MAX
    } else if let Some(rest) = text.strip_prefix('<') {
        0..=from(rest)?.checked_sub(1)?
    } else if let Some((first, last)) = text.split_once("..") {
        from(first)?..=from(last)?
    } else {
        let only = from(text)?;
        only..=only
    };
    (!range.is_empty()).then_some(range)
}

/// Whether one of the ranges has the number.
pub(super) fn has(ranges: &[RangeInclusive<u64>], number: u64) -> bool {
    ranges.iter().any(|range| range.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_written_in_five_ways() {
        let check = |text: &str, expected: Option<RangeInclusive<u64>>| {
            assert_eq!(range(text, |text| text.parse().ok()), expected, "{text}");
        };
        check("2", Some(2..=2));
        check("1..3", Some(1..=3));
        check(">=2", Some(2..=u64::MAX));
        check(">2", Some(3..=u64::MAX));
        check("<= 2", Some(0..=2));
        check("<2", Some(0..=1));
        check("3..1", None);
        check("two", None);
        check("<0", None);
    }
}
