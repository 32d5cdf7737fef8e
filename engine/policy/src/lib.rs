//! Every delivery decision, as pure functions and state machines.
//!
//! Told facts and the time, answers with decisions: reads no clock, draws no number (draws are handed in), awaits
//! nothing, opens nothing. Whatever is an `if` about mail stands here; the asynchronous shell only carries out.
//!
//! - [`contact`]: the status of a contact and the table of its changes
//! - [`retry`]: the attempt plan within the 30-hour window
//! - [`verdict`], [`classify`]: what an answer means and which rule says so
//! - [`feedback`]: what comes back after a message was accepted
//! - [`breaker`]: whether a site has lost its mind
//! - [`route`]: which hosts to try for a domain, in which order
//! - [`tls`]: whether mail to a site travels inside TLS
//! - [`pace`]: limits towards a site, and slowing down when it asks for it
//! - [`mailing`], [`metrics`]: what is sent to whom, and how it is counted
//! - [`ledger`]: the account of all of it
//! - [`Dispatcher`]: the front door, which puts the pieces together

pub mod breaker;
pub mod classify;
pub mod contact;
mod dispatcher;
pub mod feedback;
pub mod ids;
pub mod ledger;
pub mod mailing;
pub mod metrics;
pub mod pace;
mod recipients;
pub mod retry;
pub mod route;
mod site;
pub mod tls;

pub use dispatcher::{Action, Admission, Carrier, Detour, Dispatcher, Job, Setup, stage};
pub use recipients::ROW_BYTES;
pub use verdicts::verdict;
