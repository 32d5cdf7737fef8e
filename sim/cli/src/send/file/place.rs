//! Where a part of a text stands in the file, also if the text has several lines.

use std::ops::Range;

use scenario::{Place, Placed, Source};

/// The place of the octets `range` of a text. In a text of several lines, which the file writes indented, the same words are
/// looked for as often as they come up before.
pub(super) fn of(source: &Source, text: &Placed<String>, range: Range<usize>) -> Place {
    let exact = source.inside(text, range.clone());
    if exact != text.place || range.is_empty() {
        return exact;
    }
    let words = &text.value[range.clone()];
    let before = text.value[..range.start].matches(words).count();
    match source.slice(text.place).match_indices(words).nth(before) {
        Some((at, words)) => {
            let start = text.place.start + at;
            Place { start, end: start + words.len() }
        }
        None => text.place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_of_several_lines_has_a_place() {
        let source = Source::new("m.yaml", "text: |\n  Dear {{a}},\n  and {{a}}\n");
        let tree = scenario::tree(&source).unwrap();
        let node = tree.get("text").unwrap();
        let text = Placed { value: node.text().unwrap().to_owned(), place: node.place };
        let second = text.value.rfind("{{a}}").unwrap();
        let place = of(&source, &text, second..second + 5);
        assert_eq!((source.slice(place), source.line_column(place)), ("{{a}}", (3, 7)));
    }
}
