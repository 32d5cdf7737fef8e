//! `latency`: how long answers take.

use std::ops::RangeInclusive;
use std::time::Duration;

use scenario::{Definition, Node, Problem, Problems, value};

use super::{Behaviour, BehaviourKind};

use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "latency",
    about: "How long each answer takes, the opening of a connection included: drawn for each of them on its own from \
            the range. Answers to pipelined commands leave together, after the sum of their times. Without it, \
            20ms..80ms.",
    kind: "range of durations, or one duration; more than zero",
    fields: &[],
    example: "latency: 200ms..2s",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let range = value::durations(node, problems)?;
    if range.start().is_zero() {
        problems.push(
            Problem::at(node.place, "a latency of zero does not exist", "must be more than zero")
                .help("write 1us or more, as in 1ms..80ms"),
        );
        return None;
    }
    Some(Box::new(Latency { range }))
}

#[derive(Debug)]
struct Latency {
    range: RangeInclusive<Duration>,
}

impl Behaviour for Latency {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn delay(&self) -> Option<RangeInclusive<Duration>> {
        Some(self.range.clone())
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::Dial;
    use crate::testing::{World, refuse};

    /// Whether opening and greeting of a hundred connections take as long as `range` says.
    fn check(yaml: &str, range: RangeInclusive<Duration>) {
        let world = World::new("generic-postfix", 1, yaml);
        let mut delays = Vec::new();
        for _ in 0..100 {
            let Dial::Connected { after, mut server } =
                world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("{yaml}: no connection");
            };
            delays.extend([after, server.greeting(Instant::ZERO + after).after]);
        }
        assert!(delays.iter().all(|delay| range.contains(delay)), "{yaml}: {delays:?}");
        delays.sort_unstable();
        delays.dedup();
        assert_eq!(delays.len() > 100, range.start() < range.end(), "{yaml}: {delays:?}");
    }

    #[test]
    fn answers_take_as_long_as_the_range_says() {
        let millis = Duration::from_millis;
        check("", millis(20)..=millis(80));
        check("latency: 200ms..2s", millis(200)..=millis(2000));
        check("latency: 50ms", millis(50)..=millis(50));
    }

    #[test]
    fn a_latency_is_never_zero() {
        refuse("latency: 0ms", "a latency of zero does not exist");
        refuse("latency: 0s..80ms", "a latency of zero does not exist");
        refuse("latency: 80ms..20ms", "ends before it begins");
    }
}
