//! The referee: mailin-embedded, a server that we did not write, reads the engine's bytes and says the answers.
//!
//! The fake server stays where it is on the memory wire and decides as it does there: answers, waits, receipts. Every
//! connection is a TCP connection to the referee's process, too. What the engine writes goes to both; mailin reads it by
//! itself, and must come to the same questions with the same arguments in the same order, down to the hash of the message. It
//! is told the fake server's answers, and the engine reads what it says, at the virtual instant at which the fake server would
//! have said it. Where the two differ, the run ends and says what each of them took the words for.
//!
//! While an exchange is under way the world waits for it, and time with it: the calls block, each for a bounded time. That
//! needs neither gate nor watchdog, and nothing can happen between a question and its answer, so that the record is the
//! memory wire's. (How the engine reads from sockets that make it wait is tried by the other servers of lockstep.)
//!
//! - `limits`: what mailin cannot say or understand; `census`: a rehearsal in memory, which finds all of that in a run
//! - `attendance`: one connection; `envelope`: what mailin must make of its words
//! - `program`: the process; `questions`: what is said to it

mod attendance;
mod census;
mod envelope;
mod limits;
mod program;
mod questions;

pub(crate) use attendance::Referee;
pub(crate) use census::{Census, Clerk};

use std::path::PathBuf;

/// What is needed to start the referee: one process for each world.
#[derive(Debug)]
pub(crate) struct Summons {
    /// The program.
    pub(crate) program: PathBuf,
    /// The most connections that a world has open at once. mailin needs a thread for each.
    pub(crate) connections: u32,
}
