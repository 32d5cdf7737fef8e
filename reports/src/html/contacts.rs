//! The contacts of a page: who they are, how they fared, and the whole story of each, small enough for a hundred thousand.
//!
//! - [`ledger`]: events and receipts, contact by contact
//! - [`fate`]: what became of a contact over all mailings, for lists and filters
//! - [`choice`]: who is kept when not everybody fits
//! - [`words`]: texts that stories share, each once; [`tables`]: the words of the domain
//! - [`encode`]: a story as a short text, which the page's script reads
//! - [`dialogues`]: what was said in connections, where it was kept
//! - [`columns`]: all of it as JSON
//! - [`rows`]: the first page of the list for readers without a script

mod choice;
mod columns;
mod dialogues;
mod encode;
mod fate;
mod ledger;
mod rows;
mod tables;
mod words;

pub(super) use columns::write;
pub(super) use ledger::Ledger;
pub(super) use rows::{Row, rows};
