//! What a reply means, read as a deliverability expert reads it.
//!
//! The rules are data: one file a provider and one for everybody (`rules/*.toml`), ordered, the first that applies
//! decides. This crate has the types of a verdict, finds out who runs a server, and applies the rules. It is a crate of its
//! own because it needs a reader of those files and a searcher for many words at once, which the decisions must not reach.
//!
//! Pure: opens nothing, reads no clock. What a transaction as a whole adds to the reading is decided elsewhere.
//!
//! - [`verdict`]: class, category, scope, disposition, and what they were found on
//! - [`Provider`]: who runs a server, and how to recognise it
//! - [`RuleBook`]: all rules, ready to be applied
//! - [`stated`]: durations and limits that a text states

mod disposition;
mod fold;
mod provider;
mod rulebook;
pub mod stated;
pub mod verdict;

pub use provider::{Help, PageOwner, Provider, ProviderId, ProviderKind};
pub use rulebook::{Fault, Quote, Rule, RuleBook};
