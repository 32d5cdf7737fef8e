//! The harness: runs the complete engine against the fake fleet on virtual time, and judges what happened.
//!
//! - [`clock`]: virtual time
//! - [`wire`]: how the engine reaches the fleet: in memory, or over real sockets
//! - [`Plan`]: a scenario, read and checked, ready to run
//! - [`shard`]: a scenario, cut into parts that share nothing
//! - [`world`]: one shard of a run: engine, fleet, clock
//! - [`run()`]: all shards, on any number of threads, merged into one record
//! - [`Onlooker`]: looking at a run in real time while it is under way
//! - [`served`]: what a fleet has seen of somebody else's mail server
//! - [`sending`]: the engine without a fleet
//! - [`digest()`]: what tells one run from another
//! - [`law`]: what must hold in every run
//! - [`expect`]: what an author expects of this one

pub mod clock;
mod courier;
mod digest;
pub mod expect;
mod keys;
pub mod law;
mod ledger;
mod merge;
mod message;
mod onlooker;
mod plan;
mod progress;
mod run;
pub mod sending;
pub mod served;
mod shard;
#[cfg(test)]
mod small_worlds;
mod watchdog;
mod wire;
mod world;
mod zone;

pub use digest::digest;
pub use onlooker::Onlooker;
pub use plan::{Plan, broken_plan, vocabulary};
pub use progress::Progress;
pub use run::{Options, RunError, Server, run};
pub use wire::Wire;
