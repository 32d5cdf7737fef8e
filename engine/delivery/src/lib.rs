//! The asynchronous shell: carries the decisions of `policy` out over four ports.
//!
//! - [`clock`]: the time
//! - [`port`]: connections, the DNS, messages for one person
//! - the ledger is a port of `policy` ([`policy::ledger::Ledger`]), because it is the decisions that write it
//! - [`Engine`]: runs mailings until every recipient has its final outcome
//!
//! One task per open connection and one that keeps time; nothing per queued recipient. The shell translates, it never
//! decides: an `if` about mail belongs into `policy`. It is single-threaded (`!Send`): several cores are used by several
//! engines, each with its own share of the destinations.

pub mod clock;
mod connection;
mod engine;
pub mod port;

pub use engine::{CONNECT_LIMIT, Engine, Settings};
