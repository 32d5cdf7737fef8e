//! The first moment at which two ledgers tell different things: whoever looks for a cause begins there.

use record::{Clock, Event, Nanos, Record};
use serde::Serialize;

/// Where two ledgers part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Parting {
    /// When, in nanoseconds since the epoch of the scenario: the earlier of the two lines.
    pub(crate) at: Nanos,
    /// The same moment for people.
    pub(crate) clock: Clock,
    /// Whom that line is about.
    pub(crate) contact: String,
}

/// The first line that is in only one of the ledgers; `None` if there is none.
pub(super) fn between(before: &Record, after: &Record) -> Option<Parting> {
    let longest = before.events.len().max(after.events.len());
    (0..longest).find_map(|index| {
        let (old, new) = (before.events.get(index), after.events.get(index));
        if let (Some(old), Some(new)) = (old, new)
            && is_same((before, *old), (after, *new))
        {
            return None;
        }
        let old = old.map(|event| (event.at, before, event.contact));
        let new = new.map(|event| (event.at, after, event.contact));
        let first = [new, old].into_iter().flatten().min_by_key(|(at, ..)| *at);
        first.map(|(at, record, contact)| Parting {
            at,
            clock: Clock(at),
            contact: record.contacts[contact as usize].address.clone(),
        })
    })
}

/// Whether two lines tell the same, whatever the numbers of rows in the tables.
fn is_same((before, mut old): (&Record, Event), (after, mut new): (&Record, Event)) -> bool {
    let contact = |record: &'_ Record, event: Event| record.contacts[event.contact as usize].address.clone();
    let verdicts = (old.kind.verdict(), new.kind.verdict());
    let rows = match verdicts {
        (Some(old), Some(new)) => before.verdicts[old as usize] == after.verdicts[new as usize],
        (old, new) => old == new,
    };
    for kind in [&mut old.kind, &mut new.kind] {
        if let Some(verdict) = kind.verdict_mut() {
            *verdict = 0;
        }
    }
    let mailing = |record: &Record, event: Event| {
        event.mailing.map(|mailing| record.mailings[usize::from(mailing)].name.clone())
    };
    rows && old.at == new.at
        && old.kind == new.kind
        && contact(before, old) == contact(after, new)
        && mailing(before, old) == mailing(after, new)
}
