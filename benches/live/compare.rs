//! Engine and fleet beside Postfix's programs, all in every round.

use std::net::SocketAddr;
use std::process::Command;

use crate::Effort;
use crate::peers::Peers;
use crate::processes::{self, run};
use crate::sender::{self, CONNECTIONS, Task};
use crate::served;
use crate::spread::Spread;

/// Messages of a connection that is kept: more than there are.
const KEPT: u32 = 1_000_000;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Source,
    Engine,
}

/// Who takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Sink,
    Fleet,
}

/// One of the pairs that are run in every round.
struct Pair {
    from: From,
    to: To,
    /// What is sent; as many messages as a full effort has time for.
    task: Task,
    /// The pair that it is held against: an earlier one, or itself.
    against: usize,
    /// The least rate, in those of the other pair, and the most processor time of the sender.
    bounds: Option<Bounds>,
}

/// What a pair must come to, in parts of what it is held against. Quick runs are short, and on machines that others use: there
/// the rate of a pair in one round was seen 30 % off its median.
struct Bounds {
    rate: [f64; 2],
    processor: Option<[f64; 2]>,
}

const fn task(messages: u32, payload_bytes: usize, messages_per_connection: u32) -> Task {
    Task { messages, payload_bytes, messages_per_connection, connections: CONNECTIONS }
}

const fn rate(full: f64, quick: f64) -> Bounds {
    Bounds { rate: [full, quick], processor: None }
}

const PAIRS: [Pair; 8] = [
    Pair { from: From::Source, to: To::Sink, task: task(40_000, 1024, KEPT), against: 0, bounds: None },
    Pair {
        from: From::Engine,
        to: To::Sink,
        task: task(40_000, 1024, KEPT),
        against: 0,
        bounds: Some(Bounds { rate: [1.5, 1.2], processor: Some([0.6, 0.75]) }),
    },
    Pair {
        from: From::Source,
        to: To::Fleet,
        task: task(40_000, 1024, KEPT),
        against: 0,
        // The source is the limit, whoever takes it: the two were seen to come out from 0.91 to 1.02 of each other.
        bounds: Some(rate(0.85, 0.7)),
    },
    Pair {
        from: From::Engine,
        to: To::Fleet,
        task: task(40_000, 1024, KEPT),
        against: 0,
        bounds: Some(rate(3.0, 2.0)),
    },
    Pair { from: From::Source, to: To::Sink, task: task(20_000, 1024, 1), against: 4, bounds: None },
    Pair {
        from: From::Engine,
        to: To::Sink,
        task: task(20_000, 1024, 1),
        against: 4,
        bounds: Some(rate(1.3, 1.05)),
    },
    Pair { from: From::Source, to: To::Sink, task: task(20_000, 10_240, KEPT), against: 6, bounds: None },
    Pair {
        from: From::Source,
        to: To::Fleet,
        task: task(20_000, 10_240, KEPT),
        against: 6,
        bounds: Some(rate(1.5, 1.15)),
    },
];

/// What a pair did in a round.
#[derive(Debug, Clone, Copy)]
struct Sample {
    messages_per_second: f64,
    /// Processor time of the sender for a message, in microseconds.
    sender_micros: f64,
    /// The same of whoever took it.
    taker_micros: f64,
}

/// Compares, shows the figures, and holds them to their bounds.
pub(crate) fn measure(peers: &Peers, effort: Effort) {
    let (rounds, share) = match effort {
        Effort::Full => (7, 1),
        Effort::Quick => (5, 4),
    };
    let priority =
        if processes::is_urgent_allowed() { "before everything else" } else { "beside everything else" };
    println!(
        "\npeers, {rounds} rounds after one that is thrown away, {CONNECTIONS} connections, run {priority} (chrt)"
    );
    round(peers, share);
    let rounds: Vec<Vec<Sample>> = (0..rounds).map(|_| round(peers, share)).collect();
    println!(
        "  {:<58} {:>28} {:>24} {:>24} {:>20} {:>20}",
        "",
        "messages a second",
        "sender, us a message",
        "taker, us a message",
        "rate, ratio",
        "sender, ratio"
    );
    let missed: Vec<String> =
        PAIRS.iter().enumerate().flat_map(|(number, pair)| show(number, pair, &rounds, effort)).collect();
    assert!(missed.is_empty(), "{}", missed.join("; "));
}

/// Every pair once.
fn round(peers: &Peers, share: u32) -> Vec<Sample> {
    PAIRS.iter().map(|pair| sample(peers, pair, share)).collect()
}

fn sample(peers: &Peers, pair: &Pair, share: u32) -> Sample {
    let task = Task { messages: pair.task.messages / share, ..pair.task };
    let (taker, address) = match pair.to {
        To::Sink => peers.sink(),
        To::Fleet => served::start(),
    };
    let before = taker.processor();
    let (said, cost) = run(&mut command(peers, pair.from, address, task));
    let took = taker.processor() - before;
    if pair.from == From::Engine {
        assert_eq!(sender::seen(&said).delivered, task.messages, "not everything was delivered");
    }
    let messages = f64::from(task.messages);
    let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6 / messages;
    Sample {
        messages_per_second: messages / cost.wall.as_secs_f64(),
        sender_micros: micros(cost.processor),
        taker_micros: micros(took),
    }
}

fn command(peers: &Peers, from: From, to: SocketAddr, task: Task) -> Command {
    match from {
        From::Source => peers.source(to, task),
        From::Engine => sender::command(to, task),
    }
}

/// Shows a pair; what it missed.
fn show(number: usize, pair: &Pair, rounds: &[Vec<Sample>], effort: Effort) -> Vec<String> {
    let of = |figure: fn(&Sample) -> f64| Spread::of(rounds.iter().map(|round| figure(&round[number])));
    let ratio = |figure: fn(&Sample) -> f64| {
        Spread::of(rounds.iter().map(|round| figure(&round[number]) / figure(&round[pair.against])))
    };
    let rate = |sample: &Sample| sample.messages_per_second;
    let sender = |sample: &Sample| sample.sender_micros;
    let (rates, senders) = (ratio(rate), ratio(sender));
    let name = name(pair);
    println!(
        "  {name:<58} {:>28} {:>24} {:>24} {:>20} {:>20}",
        of(rate).to_string(),
        of(sender).to_string(),
        of(|sample| sample.taker_micros).to_string(),
        rates.to_string(),
        senders.to_string()
    );
    let Some(Bounds { rate: least, processor }) = &pair.bounds else { return Vec::new() };
    let chosen = |[full, quick]: [f64; 2]| match effort {
        Effort::Full => full,
        Effort::Quick => quick,
    };
    let (least, most) = (chosen(*least), processor.map_or(f64::INFINITY, chosen));
    let slow = rates.median < least;
    let costly = senders.median > most;
    let slow = slow.then(|| format!("{name}: {:.2} times the rate, at least {least}", rates.median));
    let costly =
        costly.then(|| format!("{name}: {:.2} times the processor time, at most {most}", senders.median));
    slow.into_iter().chain(costly).collect()
}

fn name(pair: &Pair) -> String {
    let from = match pair.from {
        From::Source => "smtp-source",
        From::Engine => "engine",
    };
    let to = match pair.to {
        To::Sink => "smtp-sink",
        To::Fleet => "fleet",
    };
    let sessions = if pair.task.messages_per_connection == 1 { "a connection each" } else { "sessions kept" };
    format!("{from} to {to}, {} KiB, {sessions}", pair.task.payload_bytes / 1024)
}
