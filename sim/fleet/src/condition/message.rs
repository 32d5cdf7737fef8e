//! Matchers about the message: `header`, `subject`, `body`, `size`.
//!
//! They see the message as it was transmitted: nothing is decoded, folded header fields are unfolded, and of a very large
//! message only the beginning is kept.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::RangeInclusive;

use scenario::field::optional;
use scenario::{Kind, Node, Placed, Problems, value};

use super::extent::{has, sizes};
use super::pattern::{Pattern, patterns};
use super::{Asked, Matcher, Test};
use crate::Phase;
use crate::behaviour::{Received, Stage};

pub(super) const HEADER: Matcher = Matcher {
    field: optional(
        "header",
        "map of header fields",
        "Fields of the header and their values: { X-Campaign: 'spring-*' }. `*` matches a field that is there at all.",
    ),
    known_from: Phase::EndOfData,
    read: |node, _, problems| Some(Box::new(Header { fields: fields(node, problems)? })),
};

pub(super) const SUBJECT: Matcher = Matcher {
    field: optional("subject", "text or list of texts", "The subject, as it was transmitted."),
    known_from: Phase::EndOfData,
    read: |node, _, problems| {
        let patterns = patterns(node, problems)?;
        Some(Box::new(Header { fields: vec![("subject".to_owned(), patterns)] }))
    },
};

pub(super) const BODY: Matcher = Matcher {
    field: optional(
        "body",
        "text or list of texts",
        "Something that occurs anywhere in the body, as it was transmitted (the first 1 MiB of the message).",
    ),
    known_from: Phase::EndOfData,
    read: |node, _, problems| Some(Box::new(Body { patterns: patterns(node, problems)? })),
};

pub(super) const SIZE: Matcher = Matcher {
    field: optional(
        "size",
        "size or range of sizes",
        "The size of the message: `>=100 KiB`, `<1 MiB`, `1 KiB..20 KiB`.",
    ),
    known_from: Phase::EndOfData,
    read: |node, _, problems| Some(Box::new(Size { ranges: sizes(node, problems)? })),
};

fn fields(node: &Node, problems: &mut Problems) -> Option<Vec<(String, Vec<Pattern>)>> {
    let entries: &[(Placed<String>, Node)] = match &node.kind {
        Kind::Map(entries) if !entries.is_empty() => entries,
        Kind::Map(_) | Kind::List(_) | Kind::Scalar { .. } => {
            let help = "write `header: { List-Id: '*news*' }`, the field's name first";
            problems.push(value::unexpected(node, "a map of header fields", help));
            return None;
        }
    };
    let read = |(name, node): &(Placed<String>, Node)| {
        Some((name.value.to_ascii_lowercase(), patterns(node, problems)?))
    };
    let read: Vec<Option<_>> = entries.iter().map(read).collect();
    read.into_iter().collect()
}

fn received<'a>(asked: Asked<'a>) -> Option<Received<'a>> {
    match asked.stage {
        Some(Stage::EndOfData { message }) => Some(*message),
        _ => None,
    }
}

#[derive(Debug)]
struct Header {
    fields: Vec<(String, Vec<Pattern>)>,
}

impl Test for Header {
    fn holds(&self, asked: Asked<'_>) -> Option<bool> {
        let content = received(asked)?.content;
        let own = OnceCell::new();
        let fields = asked.header.unwrap_or(&own).get_or_init(|| Fields::of(content));
        Some(self.fields.iter().all(|(name, patterns)| {
            fields.named(name).any(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        }))
    }

    fn reads_content(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Body {
    patterns: Vec<Pattern>,
}

impl Test for Body {
    fn holds(&self, asked: Asked<'_>) -> Option<bool> {
        let (_, body) = parts(received(asked)?.content);
        Some(self.patterns.iter().any(|pattern| pattern.occurs_in(body)))
    }

    fn reads_content(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Size {
    ranges: Vec<RangeInclusive<u64>>,
}

impl Test for Size {
    fn holds(&self, asked: Asked<'_>) -> Option<bool> {
        Some(has(&self.ranges, received(asked)?.bytes))
    }
}

/// The fields of a header that has been read: names, and values without the space around them.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, [u8]>, usize)>);

impl<'a> Fields<'a> {
    fn of(content: &'a [u8]) -> Self {
        let field = |line: Cow<'a, [u8]>| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((line, colon))
        };
        Self(lines(parts(content).0).filter_map(field).collect())
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let is_named = move |(line, colon): &&(Cow<'a, [u8]>, usize)| {
            line[..*colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes())
        };
        self.0.iter().filter(is_named).map(|(line, colon)| line[colon + 1..].trim_ascii())
    }
}

/// Header and body: the first empty line is between them (RFC 5322 2.1).
fn parts(content: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(content, b"\r\n\r\n") {
        Some(at) => (&content[..at], &content[at + 4..]),
        None => (content, b""),
    }
}

/// The fields of a header, unfolded (RFC 5322 2.2.3).
fn lines(header: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            end += memchr::memmem::find(&rest[end..], b"\r\n").unwrap_or(rest.len() - end);
            match rest.get(end + 2) {
                Some(b' ' | b'\t') => end += 2,
                Some(_) | None => break,
            }
        }
        let field = &rest[..end];
        rest = rest.get(end + 2..).unwrap_or_default();
        Some(match memchr::memmem::find(field, b"\r\n") {
            None => field.into(),
            Some(_) => field.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_unfolded() {
        let (header, body) = parts(b"A: 1\r\nB: 2\r\n 3\r\n\t4\r\nC: 5\r\n\r\nD: 6\r\n");
        let fields: Vec<String> =
            lines(header).map(|line| String::from_utf8_lossy(&line).into_owned()).collect();
        assert_eq!(fields, ["A: 1", "B: 2 3\t4", "C: 5"]);
        assert_eq!(body, b"D: 6\r\n");
        assert_eq!(parts(b"A: 1").1, b"");
    }
}
