//! Conditions: `when` of a rule or a span.
//!
//! A condition is a map of matchers, all of which must hold. Each matcher is one row of the list below: its key, its
//! documentation, and how it is read; what it looks at stands in the file of its kind. A matcher that asks for what is not
//! known yet at a stage of the dialogue (the subject, at RCPT) neither holds nor fails: the rule does not apply, and neither does
//! its opposite.

mod client;
mod count;
mod envelope;
mod extent;
mod logic;
mod message;
mod pattern;
mod time;

use std::cell::OnceCell;
use std::fmt;

use scenario::{Definition, Field, Kind, Node, Placed, Problem, Problems, Reader};
use units::Draw;

use crate::behaviour::{Scene, Stage};
use crate::{Phase, Times};
pub(crate) use message::Fields;

/// All matchers, in the order of the reference.
const MATCHERS: &[Matcher] = &[
    envelope::RECIPIENT,
    envelope::DOMAIN,
    envelope::SENDER,
    envelope::SENDER_DOMAIN,
    client::CLIENT,
    client::EHLO_NAME,
    client::HOST,
    client::TLS,
    message::HEADER,
    message::SUBJECT,
    message::BODY,
    message::SIZE,
    count::ATTEMPT,
    count::MESSAGE,
    count::NTH_RECIPIENT,
    time::DURING,
    time::SHARE,
    logic::ALL,
    logic::ANY,
    logic::NOT,
];

/// A row of the list.
struct Matcher {
    field: Field,
    /// From which phase on there is something to look at.
    known_from: Phase,
    read: fn(&Node, &Spans, &mut Problems) -> Option<Box<dyn Test>>,
}

const FIELDS: [Field; MATCHERS.len()] = {
    let mut fields = [MATCHERS[0].field; MATCHERS.len()];
    let mut index = 0;
    while index < MATCHERS.len() {
        fields[index] = MATCHERS[index].field;
        index += 1;
    }
    fields
};

/// What can stand in `when`.
pub const WHEN: Definition = Definition {
    key: "when",
    about: "Conditions of a rule or a span. All that are written must hold. Texts are compared without regard to case; `*` \
            stands for anything, and a list of texts for any of them. Numbers are written `2`, `1..3`, `>=2` or `<2`. What is \
            not known yet at a phase of the dialogue, such as the subject before the message has come, holds neither as \
            it is written nor with `not`.",
    kind: "map of matchers",
    fields: &FIELDS,
    example: "\
rules:
  - when: { sender_domain: shop.example, not: { recipient: 'vip-*' }, attempt: '1..2', share: 50% }
    reply: { at: rcpt, code: 451, enhanced: 4.7.1, text: Try later }
",
};

/// The named spans of a timeline.
#[derive(Debug, Clone, Default)]
pub struct Spans(Vec<(String, Times)>);

impl Spans {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a time at which the span with this name is in force; a name may have several.
    pub fn add(&mut self, name: &str, times: Times) {
        self.0.push((name.to_owned(), times));
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.dedup();
        names
    }

    fn times(&self, name: &str) -> Vec<Times> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, times)| *times).collect()
    }
}

/// A condition that is ready to be asked.
#[derive(Debug)]
pub struct When {
    tests: Vec<Box<dyn Test>>,
    /// From which phase on it can hold, and what it is that is known only then.
    known_from: Option<Placed<(Phase, &'static str)>>,
}

/// What a matcher looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What the server was asked; `None` where a connection is opened, and about TLS and latency.
    pub(crate) stage: Option<&'a Stage<'a>>,
    pub(crate) scene: &'a Scene<'a>,
    /// Where the header of the message is kept once it has been read, if several look at it.
    pub(crate) header: Option<&'a OnceCell<Fields<'a>>>,
}

impl<'a> Asked<'a> {
    /// Beside the dialogue: where a connection is opened, and about TLS, latency and the like.
    pub(crate) const fn beside(scene: &'a Scene<'a>) -> Self {
        Self { stage: None, scene, header: None }
    }
}

/// What a condition is limited to, as far as that can be told in advance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Only<'a> {
    /// These recipients.
    Recipients(&'a [String]),
    /// Recipients that begin like this, in lower case.
    Beginning(&'a str),
    /// Senders of these domains, in lower case.
    SenderDomains(&'a [String]),
}

/// One matcher with what was written for it.
trait Test: fmt::Debug + Send {
    /// Whether it holds; `None` while that is not known.
    fn holds(&self, asked: Asked<'_>) -> Option<bool>;

    /// Told once, before the first question: what its draws depend on.
    fn prepare(&mut self, draw: Draw) {
        let _ = draw;
    }

    /// Whether it looks at the content of messages.
    fn reads_content(&self) -> bool {
        false
    }

    /// Whether it asks which attempt this is.
    fn counts_attempts(&self) -> bool {
        false
    }

    /// For whom alone it can hold, if that can be told.
    fn only(&self) -> Option<Only<'_>> {
        None
    }

    /// From which phase on it can hold, if that depends on what is written inside it.
    fn known_from(&self) -> Option<(Phase, &'static str)> {
        None
    }
}

/// Reads what is written after `when`, in a timeline with these spans.
pub fn read_when(node: &Node, spans: &Spans, problems: &mut Problems) -> Option<When> {
    let before = problems.len();
    let mut reader = Reader::of(&WHEN, node, problems)?;
    let mut when = When { tests: Vec::new(), known_from: None };
    for matcher in MATCHERS {
        let Some(written) = reader.node(matcher.field.name) else { continue };
        let Some(test) = (matcher.read)(written, spans, reader.problems()) else { continue };
        let known_from = test.known_from().unwrap_or((matcher.known_from, matcher.field.name));
        if when.known_from.as_ref().is_none_or(|latest| latest.value.0 < known_from.0) {
            when.known_from = Some(Placed { value: known_from, place: written.place });
        }
        when.tests.push(test);
    }
    let place = reader.place();
    reader.finish();
    if problems.len() > before {
        return None;
    }
    if when.tests.is_empty() {
        problems.push(
            Problem::at(place, "this condition asks nothing", "no matcher is here")
                .help("write what must hold, as in `when: { recipient: 'vip-*' }`, or leave `when` out"),
        );
        return None;
    }
    Some(when)
}

impl When {
    /// Whether it holds.
    pub(crate) fn holds(&self, asked: Asked<'_>) -> bool {
        self.tests.iter().all(|test| test.holds(asked) == Some(true))
    }

    /// Told once, before the first question: what its draws depend on.
    pub(crate) fn prepare(&mut self, draw: Draw) {
        (0..).zip(&mut self.tests).for_each(|(number, test)| test.prepare(draw.with(number)));
    }

    /// Whether it looks at the content of messages.
    pub(crate) fn reads_content(&self) -> bool {
        self.tests.iter().any(|test| test.reads_content())
    }

    /// Whether it asks which attempt this is.
    pub(crate) fn counts_attempts(&self) -> bool {
        self.tests.iter().any(|test| test.counts_attempts())
    }

    /// For whom alone it can hold, if that can be told: the first matcher that tells is enough.
    pub(crate) fn only(&self) -> Option<Only<'_>> {
        self.tests.iter().find_map(|test| test.only())
    }

    /// The first phase in which it can hold, and which matcher it waits for.
    pub fn known_from(&self) -> Option<&Placed<(Phase, &'static str)>> {
        self.known_from.as_ref()
    }
}

/// The conditions in a map, or in each map of a list.
fn conditions(node: &Node, spans: &Spans, problems: &mut Problems) -> Option<Vec<When>> {
    let nodes = match &node.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Map(_) | Kind::Scalar { .. } => std::slice::from_ref(node),
    };
    let read: Vec<Option<When>> = nodes.iter().map(|node| read_when(node, spans, problems)).collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests;
