//! YAML text to a tree: the only place that knows a YAML crate.
//!
//! It reads the events of `granit-parser`, which is the parser beneath `serde-saphyr`, and not values through serde.
//! Serde has to guess a type for every plain scalar before it hands it over (`1e999` is refused as a number, `1.10` and
//! `no` have to be cut out of the source again), gives collections no end, stops at the first duplicate key without
//! knowing the other one, and words its errors for programmers. Events have the text, both ends of everything, and
//! errors as values that can be worded here.
//!
//! Limits, so that no file can exhaust the machine: [`crate::Source::read`] bounds its size, [`MAX_DEPTH`] its nesting,
//! [`MAX_VALUES`] what its aliases may expand to.

mod build;
mod syntax;

use granit_parser::{Event, Parser, StructureStyle, options};

use self::build::Builder;
use crate::{Node, Place, Problem, Problems, Source};

/// How deep lists and maps may be nested, aliases resolved. Scenarios need less than ten.
const MAX_DEPTH: usize = 64;

/// How many values a file may hold, aliases resolved. A file of the permitted size without aliases that lists its
/// audience one contact a line has less than half of it.
const MAX_VALUES: usize = 200_000;

/// The document in `source` as a tree. A file without content is an empty scalar.
///
/// # Errors
/// Malformed YAML (only the first such place is reported), duplicate keys, keys that are no single value, tags, aliases
/// without anchor or within their own anchor, more than one document, nesting beyond 64 levels, more than 200 000 values.
pub fn tree(source: &Source) -> Result<Node, Problems> {
    let options = options! {
        block_nesting_limit: MAX_DEPTH,
        block_scalar_eof_without_line_feed: true,
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder::new(source);
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(source.text(), options) {
        let read = match event {
            Ok((event, span)) => take(&mut builder, &mut documents, event, &span),
            Err(error) => Err(syntax::problem(&error, source, builder.innermost_bracket())),
        };
        if let Err(problem) = read {
            return Err(builder.fail(problem));
        }
    }
    builder.finish()
}

fn take(
    builder: &mut Builder<'_>,
    documents: &mut usize,
    event: Event<'_>,
    span: &granit_parser::Span,
) -> Result<(), Problem> {
    let place = place_of(span);
    if let (Some(tag), true) = (span.tag_start(), event.is_node()) {
        builder.refuse_tag(tag.byte_offset().unwrap_or(place.start));
    }
    match event {
        Event::DocumentStart(..) => {
            *documents += 1;
            if *documents > 1 { Err(second_document(place)) } else { Ok(()) }
        }
        Event::Scalar(text, style, anchor, _) => builder.scalar(place, &text, style, anchor),
        Event::SequenceStart(style, anchor, _) => {
            builder.open_list(place, style == StructureStyle::Flow, anchor)
        }
        Event::MappingStart(style, anchor, _) => {
            builder.open_map(place, style == StructureStyle::Flow, anchor)
        }
        Event::SequenceEnd | Event::MappingEnd => {
            builder.close(place);
            Ok(())
        }
        Event::Alias(anchor) => builder.alias(place, anchor),
        Event::UnresolvedAlias(name) => {
            builder.unknown_alias(place, &name);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn place_of(span: &granit_parser::Span) -> Place {
    span.byte_range().map(|range| Place { start: range.start, end: range.end }).unwrap_or_default()
}

fn second_document(place: Place) -> Problem {
    Problem::at(place, "the file holds more than one document", "a second one starts here")
        .help("remove the line `---`, or put what follows it into a file of its own")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Kind, Style, render};

    /// Writes a tree on one line: scalars bare or quoted, everything with what stands at its place.
    fn written(node: &Node, source: &Source, out: &mut String) {
        let at = |place| format!("‹{}›", source.slice(place));
        match &node.kind {
            Kind::Scalar { text, quoted: true } => *out += &format!("{text:?}{}", at(node.place)),
            Kind::Scalar { text, quoted: false } => *out += &format!("{text}{}", at(node.place)),
            Kind::List(items) => {
                *out += "[ ";
                for item in items {
                    written(item, source, out);
                    *out += " ";
                }
                *out += &format!("]{}", at(node.place));
            }
            Kind::Map(entries) => {
                *out += "{ ";
                for (key, value) in entries {
                    *out += &format!("{}{}: ", key.value, at(key.place));
                    written(value, source, out);
                    *out += " ";
                }
                *out += &format!("}}{}", at(node.place));
            }
        }
    }

    fn check(text: &str, expected: &str) {
        let source = Source::new("file.yaml", text);
        let shown = match tree(&source) {
            Ok(node) => {
                let mut out = String::new();
                written(&node, &source, &mut out);
                out
            }
            Err(problems) => render(&source, &problems.into_sorted(), Style::Plain),
        };
        assert_eq!(shown.trim_end(), expected.trim_matches('\n').trim_end(), "{text}\n{shown}");
    }

    #[test]
    fn scalars_keep_their_text() {
        check(
            "[1.10, 0x1, no, ~, 1e999]",
            "[ 1.10‹1.10› 0x1‹0x1› no‹no› ~‹~› 1e999‹1e999› ]‹[1.10, 0x1, no, ~, 1e999]›",
        );
        check("['it''s', \"a\\tb\"]", r#"[ "it's"‹'it''s'› "a\tb"‹"a\tb"› ]‹['it''s', "a\tb"]›"#);
        check("a:\nb: |\n  x\n  y", "{ a‹a›: ‹› b‹b›: \"x\\ny\"‹x\n  y› }‹a:\nb: |\n  x\n  y›");
        check("", "‹›");
        check("# nothing\n", "‹›");
    }

    #[test]
    fn collections_know_both_ends() {
        check("a: {b: [1]}", "{ a‹a›: { b‹b›: [ 1‹1› ]‹[1]› }‹{b: [1]}› }‹a: {b: [1]}›");
        check(
            "- x: 1\n  y: ü\n- z\n",
            "[ { x‹x›: 1‹1› y‹y›: ü‹ü› }‹x: 1\n  y: ü› z‹z› ]‹- x: 1\n  y: ü\n- z›",
        );
    }

    #[test]
    fn an_alias_stands_for_its_anchor() {
        check("[&a {b: 1}, *a]", "[ { b‹b›: 1‹1› }‹{b: 1}› { b‹b›: 1‹1› }‹{b: 1}› ]‹[&a {b: 1}, *a]›");
        check(
            "- &a {b: 1, c: 2}\n- {<<: *a, c: 3}\n",
            "[ { b‹b›: 1‹1› c‹c›: 2‹2› }‹{b: 1, c: 2}› { c‹c›: 3‹3› b‹b›: 1‹1› }‹{<<: *a, c: 3}› ]‹- &a {b: 1, c: 2}\n- {<<: *a, c: 3}›",
        );
        check("{<<: [{a: 1}, {a: 2, b: 2}]}", "{ a‹a›: 1‹1› b‹b›: 2‹2› }‹{<<: [{a: 1}, {a: 2, b: 2}]}›");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|[\\n\\t :,&*!\\[\\]{}'\"<|>~#%@-]){0,80}") {
            let source = Source::new("file.yaml", text.as_str());
            if let Err(problems) = tree(&source) {
                prop_assert!(!problems.is_empty());
                render(&source, &problems.into_sorted(), Style::Coloured);
            }
        }
    }
}
