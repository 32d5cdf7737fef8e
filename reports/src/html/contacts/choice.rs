//! Who is kept when not everybody fits into a page.
//!
//! First whom the expectations name, then those who met with trouble, then those who were simply delivered. Within a kind
//! they are taken evenly from the whole list, so that a part is a fair sample; the same record always gives the same part.

use std::collections::BTreeSet;

use record::{ContactId, Record};

use super::fate::{Fate, Mark};

/// How much a reader wants to see a contact; the first kind first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Interest {
    /// An expectation or a law names it.
    Named,
    /// It was not delivered, or something came back.
    Trouble,
    /// It was delivered, but not at once; or it was left out.
    Special,
    /// It was delivered at once, or nothing happened to it.
    Plain,
}

/// All contacts, whoever is to be kept first first.
pub(super) fn in_order(record: &Record, fates: &[Fate]) -> Vec<ContactId> {
    let named = named(record);
    let mut order: Vec<_> = (0..)
        .zip(&record.contacts)
        .zip(fates)
        .map(|((id, contact), fate): ((ContactId, _), _)| {
            let interest = match fate {
                _ if named.contains(contact.address.as_str()) => Interest::Named,
                fate if fate.is_only(Mark::Excluded) => Interest::Special,
                fate if fate.is_only(Mark::Untouched) => Interest::Plain,
                fate if !fate.is_only(Mark::Delivered) => Interest::Trouble,
                fate if fate.attempts > 1 => Interest::Special,
                _ => Interest::Plain,
            };
            // Numbers by their bits backwards lie evenly in the list, however many of them are taken.
            (interest, id.reverse_bits(), id)
        })
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(.., id)| id).collect()
}

/// The addresses that verdicts name.
fn named(record: &Record) -> BTreeSet<&str> {
    let checked = &record.checked;
    let expected = checked.expectations.iter().flat_map(|verdict| &verdict.contacts);
    let broken = checked.laws.iter().flat_map(|law| &law.broken).map(|broken| &broken.contact);
    expected.chain(broken).map(String::as_str).collect()
}
