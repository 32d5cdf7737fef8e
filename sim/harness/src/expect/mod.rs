//! Expectations: what a scenario says must be true of its run, one line each.
//!
//! `delivered(northmail) >= 99% by 4h`, `contact gone@bigbox.test was not attempted`. An expectation is read against
//! the [`Names`] of its scenario, so that every mistake in it is found without running anything; then it is checked
//! against the [`record::Record`] of a run. It knows nothing of the engine or the fleet: it reads their two accounts.
//!
//! - [`read`], [`Expectation`]: a line of the file, and the verdict on it
//! - [`Names`]: what the scenario contains
//! - [`check_all`]: all expectations of a scenario in one pass over the ledger
//! - [`reference()`]: the reference page, written from the definitions
//! - `language`: how the parts of a line are written; `metric`: everything that can be measured, one row each;
//!   `sentence`: what can be said about one contact
//! - `replay`, `scope`: the ledger played back, and the part of it that a filter lets through
//! - `watch`, `judge`, `evidence`, `pass`: following a measure through time to a verdict that explains itself

mod evidence;
mod expectation;
mod judge;
mod language;
#[cfg(test)]
mod laws;
mod metric;
mod names;
mod pass;
mod reference;
#[cfg(test)]
mod refusals;
mod replay;
#[cfg(test)]
pub(crate) mod sample;
mod scope;
mod sentence;
mod watch;

pub use expectation::{Expectation, read};
pub use names::{MailingName, Names, ServedDomain};
pub use pass::check_all;
pub use reference::reference;
