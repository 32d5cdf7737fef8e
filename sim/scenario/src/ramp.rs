//! Ramps: values that go from one to another while a span lasts.
//!
//! Works for the settings of any behaviour, because a ramp is written in the place of a value and is taken apart before the
//! behaviour is read: into the behaviour as it would have been written for each step. A file of its own because neither the model nor
//! any behaviour knows of it.

use std::time::Duration;

use units::quantity;

use crate::{Behaviour, Kind, Node, Placed, Problem, Problems};

/// In how many equal steps a ramp goes from its first value to its last. Each is in force for a twentieth of the time.
pub const STEPS: u32 = 20;

/// The behaviour at each of [`STEPS`] steps if a value in its settings is a ramp, written `{ from: 80%, to: 0% }`; nothing if none
/// is, or if one makes no sense, which is reported.
pub fn ramp(written: &Behaviour, problems: &mut Problems) -> Option<Vec<Behaviour>> {
    let mut ramps = Vec::new();
    find(&written.settings, &mut ramps);
    if ramps.is_empty() {
        return None;
    }
    let before = problems.len();
    for (from, to) in ramps {
        check(from, to, problems);
    }
    (problems.len() == before).then(|| {
        let at = |step| Behaviour { key: written.key.clone(), settings: at_step(&written.settings, step) };
        (0..STEPS).map(at).collect()
    })
}

/// Both ends, if a node is a ramp.
fn ends(node: &Node) -> Option<(&Node, &Node)> {
    let Kind::Map(entries) = &node.kind else { return None };
    let [_, _] = entries.as_slice() else { return None };
    let ends = (node.get("from")?, node.get("to")?);
    (ends.0.text().is_some() && ends.1.text().is_some()).then_some(ends)
}

fn find<'a>(node: &'a Node, ramps: &mut Vec<(&'a Node, &'a Node)>) {
    match (&node.kind, ends(node)) {
        (_, Some(ends)) => ramps.push(ends),
        (Kind::Map(entries), None) => entries.iter().for_each(|(_, inside)| find(inside, ramps)),
        (Kind::List(items), None) => items.iter().for_each(|inside| find(inside, ramps)),
        (Kind::Scalar { .. }, None) => {}
    }
}

fn check(from: &Node, to: &Node, problems: &mut Problems) {
    const HELP: &str = "write two values of one kind, as in { from: 80%, to: 0% } or { from: 30s, to: 50ms }; two rates have the same period";
    let read = [from, to].map(|end| {
        let value = Value::of(end);
        if value.is_none() {
            let message = format!("`{}` cannot be an end of a ramp", end.text().unwrap_or_default());
            problems.push(Problem::at(end.place, message, "no quantity").help(HELP));
        }
        value
    });
    if let [Some(first), Some(last)] = read
        && Value::between(&first, &last, 0).is_none()
    {
        let problem = Problem::at(to.place, "a ramp cannot lead to another kind of value", "not of one kind");
        problems.push(problem.also(from.place, "it begins here").help(HELP));
    }
}

/// The same with the values of a step in the place of ramps.
fn at_step(node: &Node, step: u32) -> Node {
    let value = ends(node).and_then(|(from, to)| {
        Value::between(&Value::of(from)?, &Value::of(to)?, step).map(|value| value.written())
    });
    let inside = |(key, node): &(Placed<String>, Node)| (key.clone(), at_step(node, step));
    let kind = match (&node.kind, value) {
        (_, Some(text)) => Kind::Scalar { text, quoted: true },
        (Kind::Map(entries), None) => Kind::Map(entries.iter().map(inside).collect()),
        (Kind::List(items), None) => Kind::List(items.iter().map(|item| at_step(item, step)).collect()),
        (scalar @ Kind::Scalar { .. }, None) => scalar.clone(),
    };
    Node { place: node.place, kind }
}

/// A value that lies on a ramp.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// In millionths.
    Share(u64),
    /// A count per this period.
    Rate(u64, Duration),
    /// In microseconds; a range has two.
    Durations(Vec<u64>),
    /// In octets.
    Size(u64),
    Number(u64),
}

impl Value {
    fn of(node: &Node) -> Option<Self> {
        let text = node.text()?;
        if let Ok(share) = quantity::share(text) {
            return Some(Self::Share(share.millionths().into()));
        }
        if let Ok(rate) = quantity::rate(text) {
            return Some(Self::Rate(rate.count().into(), rate.period()));
        }
        let durations: Result<Vec<Duration>, _> = text.split("..").map(quantity::duration).collect();
        if let Ok(durations) = durations {
            let micros = |one: &Duration| u64::try_from(one.as_micros()).ok();
            return durations.iter().map(micros).collect::<Option<_>>().map(Self::Durations);
        }
        if let Ok(size) = quantity::byte_size(text) {
            return Some(Self::Size(size.0));
        }
        text.replace('_', "").parse().ok().map(Self::Number)
    }

    /// The value at a step between two; none if they are not of one kind.
    fn between(first: &Self, last: &Self, step: u32) -> Option<Self> {
        let at = |first: u64, last: u64| part(first, last, step);
        match (first, last) {
            (Self::Share(first), Self::Share(last)) => Some(Self::Share(at(*first, *last))),
            (Self::Rate(first, period), Self::Rate(last, other)) if period == other => {
                Some(Self::Rate(at(*first, *last), *period))
            }
            (Self::Durations(first), Self::Durations(last)) => {
                let all = first.len().max(last.len());
                let one = |ends: &[u64], index: usize| ends.get(index).or(ends.first()).copied();
                let ends = |index| Some(at(one(first, index)?, one(last, index)?));
                (0..all).map(ends).collect::<Option<_>>().map(Self::Durations)
            }
            (Self::Size(first), Self::Size(last)) => Some(Self::Size(at(*first, *last))),
            (Self::Number(first), Self::Number(last)) => Some(Self::Number(at(*first, *last))),
            (
                Self::Share(_) | Self::Rate(..) | Self::Durations(_) | Self::Size(_) | Self::Number(_),
                Self::Share(_) | Self::Rate(..) | Self::Durations(_) | Self::Size(_) | Self::Number(_),
            ) => None,
        }
    }

    /// As an author would have written it.
    fn written(&self) -> String {
        match self {
            Self::Share(millionths) => format!("{}.{:04}%", millionths / 10_000, millionths % 10_000),
            Self::Rate(count, period) => format!("{count}/{}us", period.as_micros()),
            Self::Durations(micros) => {
                let each: Vec<String> = micros.iter().map(|one| format!("{one}us")).collect();
                each.join("..")
            }
            Self::Size(octets) => format!("{octets} B"),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// So far on the way from `first` to `last`, in whole units, rounded towards the first.
fn part(first: u64, last: u64, step: u32) -> u64 {
    let (done, all) = (u128::from(step), u128::from(STEPS - 1));
    let way = u128::from(first.abs_diff(last)) * done / all;
    let way = u64::try_from(way).unwrap_or(u64::MAX);
    if first <= last { first + way } else { first - way }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, Style, render, tree};

    fn steps(yaml: &str) -> Result<Vec<String>, String> {
        let source = Source::new("file.yaml", yaml);
        let Kind::Map(entries) = tree(&source).expect(yaml).kind else { panic!("a map") };
        let (key, settings) = entries.into_iter().next().expect("a key");
        let mut problems = Problems::new();
        let steps = ramp(&Behaviour { key, settings }, &mut problems);
        if !problems.is_empty() {
            return Err(render(&source, &problems.into_sorted(), Style::Plain));
        }
        Ok(steps.unwrap_or_default().iter().map(|step| told(&step.settings)).collect())
    }

    fn told(node: &Node) -> String {
        match &node.kind {
            Kind::Scalar { text, .. } => text.clone(),
            Kind::List(items) => items.iter().map(told).collect::<Vec<_>>().join(", "),
            Kind::Map(entries) => {
                let entry = |(key, node): &(Placed<String>, Node)| format!("{}: {}", key.value, told(node));
                entries.iter().map(entry).collect::<Vec<_>>().join(", ")
            }
        }
    }

    #[test]
    fn a_ramp_begins_with_the_first_value_and_ends_with_the_last() {
        let check = |yaml: &str, first: &str, second: &str, last: &str| {
            let steps = steps(yaml).expect(yaml);
            assert_eq!(steps.len(), 20, "{yaml}");
            let seen = [&steps[0], &steps[1], &steps[19]];
            assert_eq!(seen, [first, second, last], "{yaml}");
        };
        check(
            "reply: { at: mail, share: { from: 95%, to: 0% } }",
            "at: mail, share: 95.0000%",
            "at: mail, share: 90.0000%",
            "at: mail, share: 0.0000%",
        );
        check("latency: { from: 1s, to: 20s }", "1000000us", "2000000us", "20000000us");
        check(
            "latency: { from: 1s..2s, to: 20s }",
            "1000000us..2000000us",
            "2000000us..2947368us",
            "20000000us..20000000us",
        );
        check(
            "limits: [{ rate: { from: 5/min, to: 100/min } }]",
            "rate: 5/60000000us",
            "rate: 10/60000000us",
            "rate: 100/60000000us",
        );
        check(
            "limits: { size: { from: 1 KiB, to: 20 KiB } }",
            "size: 1024 B",
            "size: 2048 B",
            "size: 20480 B",
        );
        check(
            "limits: { connections: { from: 20, to: 1 } }",
            "connections: 20",
            "connections: 19",
            "connections: 1",
        );
    }

    #[test]
    fn what_is_no_ramp_is_left_alone() {
        assert_eq!(steps("reply: { at: mail, share: 5% }"), Ok(Vec::new()));
        assert_eq!(steps("move: { from: 1h, to: 2h, share: 5% }"), Ok(Vec::new()));
    }

    #[test]
    fn both_ends_are_of_one_kind() {
        let check = |yaml: &str, message: &str| {
            let shown = steps(yaml).expect_err(yaml);
            assert!(shown.contains(message), "{shown}");
        };
        check("reply: { share: { from: 5%, to: 1h } }", "another kind of value");
        check("limits: { rate: { from: 5/min, to: 1/h } }", "another kind of value");
        check("reply: { share: { from: all, to: 1% } }", "`all` cannot be an end of a ramp");
    }
}
