//! `network`: how the bytes of a connection travel.

use std::time::Duration;

use scenario::field::{optional, with_default};
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use units::quantity;

use super::chance::{Chance, SHARE, TIMES};
use super::habits::{Habits, Network, Pieces};
use super::{Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "network",
    about: "How the bytes of a connection travel that is opened while this is in force: slowly, in pieces, or only so far. What takes \
            too long ends in the time-outs of the client, which start anew with each complete answer only.",
    kind: "a map",
    fields: &[
        optional(
            "bandwidth",
            "size per time",
            "How much travels in a second or a minute, in both directions together: `10 KiB/s`. The time is added to the answers.",
        ),
        with_default(
            "fragment",
            "size",
            "The server's words come in pieces of so many bytes, 1 B to 1 KiB.",
            "1 B with `dribble`, otherwise in one piece",
        ),
        optional("dribble", "duration", "The time from one piece of the server's words to the next: `1s`."),
        optional(
            "cut_after",
            "size",
            "The connection is reset when the client has sent so much, commands and messages together. Who was accepted by then may not \
             have heard of it.",
        ),
        optional(
            "slow_close",
            "duration",
            "How long it takes until the client sees that the server has closed.",
        ),
        with_default(
            SHARE.name,
            SHARE.kind,
            "How many of the connections it concerns, each drawn on its own.",
            "100%",
        ),
        TIMES,
    ],
    example: "network: { bandwidth: 10 KiB/s, dribble: 50ms }",
};

/// The largest piece; clients read more than that at a time.
const LARGEST_PIECE: u64 = 1024;

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let nanos_per_byte = reader.optional("bandwidth", bandwidth);
    let fragment = reader.optional("fragment", fragment);
    let every = reader.optional("dribble", more_than_nothing);
    let cut_after = reader.optional("cut_after", value::byte_size);
    let slow_close = reader.optional("slow_close", more_than_nothing);
    let chance = Chance::read(&mut reader);
    if ["bandwidth", "fragment", "dribble", "cut_after", "slow_close"]
        .iter()
        .all(|key| reader.node(key).is_none())
    {
        let place = reader.place();
        let problem = Problem::at(place, "this network is as fast as any", "says nothing about the network");
        reader
            .problems()
            .push(problem.help("write `bandwidth`, `fragment`, `dribble`, `cut_after` or `slow_close`"));
    }
    reader.finish();
    let pieces = (fragment.is_some() || every.is_some())
        .then(|| Pieces { bytes: fragment.unwrap_or(1), every: every.unwrap_or_default() });
    let network = Network {
        nanos_per_byte: nanos_per_byte.unwrap_or_default(),
        pieces,
        cut_after: cut_after.map(|size| size.0),
        slow_close: slow_close.unwrap_or_default(),
    };
    Some(Box::new(Travel { network, chance }))
}

/// `10 KiB/s`, as nanoseconds per byte.
fn bandwidth(node: &Node, problems: &mut Problems) -> Option<u64> {
    let text = node.text().unwrap_or_default();
    let split = text.split_once('/').map(|(size, time)| (quantity::byte_size(size), time.trim()));
    let period = |time| match time {
        "s" => Some(Duration::from_secs(1)),
        "min" => Some(Duration::from_secs(60)),
        _ => None,
    };
    match split {
        Some((Ok(size), time)) if size.0 > 0 && period(time).is_some() => {
            let nanos = period(time).map_or(0, |period| period.as_nanos());
            u64::try_from(nanos / u128::from(size.0)).ok()
        }
        Some(_) | None => {
            problems.push(value::unexpected(
                node,
                "a size per time",
                "write a size and s or min, as in 10 KiB/s or 1 MB/min",
            ));
            None
        }
    }
}

fn fragment(node: &Node, problems: &mut Problems) -> Option<usize> {
    let size = value::byte_size(node, problems)?.0;
    let fits = (1..=LARGEST_PIECE).contains(&size);
    if !fits {
        problems.push(
            Problem::at(node.place, "a piece has 1 B to 1 KiB", "out of range")
                .help("write 1 B for single bytes"),
        );
    }
    usize::try_from(size).ok().filter(|_| fits)
}

fn more_than_nothing(node: &Node, problems: &mut Problems) -> Option<Duration> {
    let time = value::duration(node, problems)?;
    if time.is_zero() {
        problems.push(
            Problem::at(node.place, "a time of zero changes nothing", "must be more than zero")
                .help("write a longer time, or remove the key"),
        );
    }
    (!time.is_zero()).then_some(time)
}

#[derive(Debug)]
struct Travel {
    network: Network,
    chance: Chance,
}

impl Behaviour for Travel {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
    }

    fn forms_habits(&self) -> bool {
        true
    }

    /// Several add up where they say something else.
    fn habits(&mut self, habits: &Habits, scene: &Scene<'_>) -> Option<Habits> {
        if !self.chance.strikes(&Stage::Connect, scene) {
            return None;
        }
        let (own, others) = (self.network, habits.network);
        let network = Network {
            nanos_per_byte: if own.nanos_per_byte > 0 { own.nanos_per_byte } else { others.nanos_per_byte },
            pieces: own.pieces.or(others.pieces),
            cut_after: own.cut_after.or(others.cut_after),
            slow_close: if own.slow_close.is_zero() { others.slow_close } else { own.slow_close },
        };
        Some(Habits { network, ..habits.clone() })
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::Dial;
    use crate::receipts::Answered;
    use crate::testing::{BODY, World, contact, refuse};

    fn check(yaml: &str, outcome: &str, seconds: std::ops::Range<u64>) {
        let mut world = World::new("generic-postfix", 1, yaml);
        assert_eq!(world.send_body(Instant::ZERO, &[&contact(1)], &BODY.repeat(100)), outcome, "{yaml}");
        let connection = world.receipts().connections[0];
        let took = connection.closed.since(connection.opened).as_secs();
        assert!(seconds.contains(&took), "{yaml}: {took} s");
    }

    const PASSED: &str = "220 250 250 250 354 250 221";

    #[test]
    fn bytes_take_their_time() {
        // 3200 bytes of message and some 400 of commands and answers
        check("network: { bandwidth: 100 B/s }", PASSED, 34..42);
        check("network: { bandwidth: 1 MB/s }", PASSED, 0..2);
        check("network: { fragment: 1 B }", PASSED, 0..2);
    }

    #[test]
    fn a_close_is_seen_late() {
        let world = World::new("generic-postfix", 1, "network: { slow_close: 30s }\ndrop: { at: greeting }");
        let Dial::Connected { after, mut server } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
        else {
            panic!("no connection");
        };
        let opened = Instant::ZERO + after;
        let turn = server.greeting(opened);
        let closed = world.receipts().connections[0].closed;
        assert_eq!(closed, opened + turn.after + server.network().slow_close);
        assert_eq!(closed.since(opened).as_secs(), 30);
    }

    #[test]
    fn a_connection_is_cut_in_the_middle() {
        check("network: { cut_after: 1 KiB }", "220 250 250 250 354 reset", 0..2);
        check("network: { cut_after: 10 KiB }", PASSED, 0..2);
        check("network: { cut_after: 0 B }", "220 reset", 0..2);
        let all = "EHLO out.sender.test MAIL FROM:<news@sender.test> RCPT TO:<c000001@bigbox.test> DATA ."
            .len()
            + 5
            + 4;
        let cut = |more: usize| {
            let mut world = World::new(
                "generic-postfix",
                1,
                &format!("network: {{ cut_after: {} B }}", all + BODY.len() + more),
            );
            let outcome = world.send(Instant::ZERO, &[&contact(1)]);
            let answer = world.receipts().arrivals[0].answer;
            (outcome, matches!(answer, Answered::Accepted { .. } | Answered::AcceptedReplyLost { .. }))
        };
        let (outcome, accepted) = cut(0);
        assert!(accepted && outcome.ends_with("250 reset"), "{outcome}");
    }

    #[test]
    fn what_is_impossible_is_refused() {
        refuse("network: {}", "this network is as fast as any");
        refuse("network: { bandwidth: 10 KiB }", "expected a size per time, found `10 KiB`");
        refuse("network: { bandwidth: 0 B/s }", "expected a size per time");
        refuse("network: { fragment: 2 KiB }", "a piece has 1 B to 1 KiB");
        refuse("network: { dribble: 0s }", "a time of zero changes nothing");
    }
}
