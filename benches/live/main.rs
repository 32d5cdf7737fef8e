//! Real sockets: the engine and the fleet beside Postfix's `smtp-source` and `smtp-sink`, on loopback.
//!
//! Every peer runs once in every round, after a round that is thrown away, and figures are compared within a round only: a
//! machine that is busy for a while is busy for all. Engine and fleet run as processes of their own, as their peers do, which
//! are this very program with an argument. The method and figures of one machine: `docs/performance.md`.
//!
//! `--quick` for a busy machine: fewer and shorter rounds, and wider bounds. Without Postfix's programs the comparison is left
//! out, and said to be.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod compare;
mod lockstep;
mod peers;
mod processes;
mod sender;
mod served;
mod spread;
mod stalls;

use peers::Peers;

/// How much is measured, and how tightly it is held to its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Full,
    /// Short runs, which the start of a process weighs on, on a machine that others use.
    Quick,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(sender::ROLE) => sender::main(&arguments[1..]),
        Some(served::ROLE) => served::main(),
        _ if arguments.iter().any(|argument| argument == "--quick") => measure(Effort::Quick),
        _ => measure(Effort::Full),
    }
}

fn measure(effort: Effort) {
    lockstep::measure(effort);
    stalls::measure(effort);
    match Peers::find() {
        Some(peers) => compare::measure(&peers, effort),
        None => println!(
            "SKIPPED: no smtp-source and smtp-sink here (Debian: postfix), so nothing to compare with"
        ),
    }
}
