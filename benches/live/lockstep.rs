//! What real sockets under virtual time cost, beside the memory wire, for the same scenario and the same record.

use std::time::Duration;

use benches::timed;
use harness::{Options, Plan, Wire};
use record::Record;
use scenario::Source;

use crate::Effort;
use crate::spread::Spread;

/// A message for each of so many contacts, over kept connections; a reply to each flight takes its time, which is virtual.
const CONTACTS: u32 = 2000;

/// What the engine says at once, and waits for, of one message: MAIL, RCPT and DATA, then the message (RFC 2920).
const EXCHANGES_OF_A_MESSAGE: usize = 2;

/// The same of a connection: nothing, for the greeting; EHLO; QUIT.
const EXCHANGES_OF_A_CONNECTION: usize = 3;

/// Runs the scenario over both wires, by turns.
pub(crate) fn measure(effort: Effort) {
    let rounds = match effort {
        Effort::Full => 7,
        Effort::Quick => 3,
    };
    let plan = Plan::read(&Source::new("bench.yaml", scenario())).expect("a sound scenario");
    let (mut memory, mut lockstep) = (Vec::new(), Vec::new());
    let (record, _) = run(&plan, Wire::Memory);
    let digest = record.digest;
    for _ in 0..rounds {
        for (wire, walls) in [(Wire::Memory, &mut memory), (Wire::Lockstep, &mut lockstep)] {
            let (record, wall) = run(&plan, wire);
            assert_eq!(record.digest, digest, "the wires differ");
            walls.push(wall);
        }
    }
    let messages: usize = record.receipts.connections.iter().map(|one| one.messages as usize).sum();
    let connections = record.receipts.connections.len();
    let exchanges = messages * EXCHANGES_OF_A_MESSAGE + connections * EXCHANGES_OF_A_CONNECTION;
    println!(
        "lockstep: {messages} messages of 4 KiB over {connections} connections, {exchanges} exchanges, {rounds} rounds"
    );
    for (name, walls) in [("memory", &memory), ("lockstep", &lockstep)] {
        println!(
            "  {name:<10} us a message {}, us an exchange {}",
            each(walls, messages),
            each(walls, exchanges)
        );
    }
    let ratio =
        Spread::of(lockstep.iter().zip(&memory).map(|(one, other)| one.as_secs_f64() / other.as_secs_f64()));
    println!("  lockstep / memory  {ratio}");
}

fn scenario() -> String {
    format!(
        "
name: Bench
providers: {{ bigbox: {{ like: generic-postfix }} }}
audience: [{{ domain: bigbox.test, contacts: {CONTACTS} }}]
mailings: [{{ name: bench }}]
limits: {{ recipients_per_message: 1 }}
"
    )
}

fn run(plan: &Plan, wire: Wire) -> (Record, Duration) {
    let options = Options { wire, ..Options::default() };
    let (record, wall) = timed(|| harness::run(plan, &options).expect("it runs to its end"));
    assert!(record.checked.lawful(), "the run must hold before it is measured");
    (record, wall)
}

fn each(walls: &[Duration], count: usize) -> Spread {
    Spread::of(walls.iter().map(|wall| wall.as_secs_f64() * 1e6 / count as f64))
}
