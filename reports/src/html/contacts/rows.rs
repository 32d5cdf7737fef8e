//! The first page of the list of contacts, for readers without a script; with one it is drawn anew from the data.

use record::{EventKind, MailingId, Record, VerdictId};

use super::fate::Fate;
use super::ledger::Ledger;
use crate::html::shown;
use crate::story;
use crate::wording;

/// Contacts on a page of the list; the script has the same number.
const PAGE: usize = 50;

/// A contact in the list.
#[derive(Debug)]
pub(in crate::html) struct Row {
    pub(in crate::html) id: usize,
    pub(in crate::html) address: String,
    pub(in crate::html) provider: String,
    /// `active -> error at 3h (hard bounce, spring-sale)`.
    pub(in crate::html) path: String,
    /// `delivered, complained`.
    pub(in crate::html) outcomes: String,
    pub(in crate::html) strikes: u8,
    pub(in crate::html) attempts: u32,
    /// The answer that was got last, the rule that read it, and the mailing that it was about.
    pub(in crate::html) evidence: String,
}

/// The first of them.
pub(in crate::html) fn rows(ledger: &Ledger<'_>) -> Vec<Row> {
    let shown_first = ledger.record.contacts.len().min(PAGE);
    (0..shown_first).map(|id| row(ledger, id)).collect()
}

fn row(ledger: &Ledger<'_>, id: usize) -> Row {
    let record = ledger.record;
    let contact = &record.contacts[id];
    let events: Vec<_> = ledger.events(id as u32).copied().collect();
    let fate = Fate::of(contact, events.iter());
    let last = events.iter().rev().find_map(|event| match event.kind {
        EventKind::AttemptEnded { verdict, .. } | EventKind::Uncounted { verdict } => {
            Some((verdict, event.mailing))
        }
        EventKind::Selected
        | EventKind::Excluded(_)
        | EventKind::AttemptBegun { .. }
        | EventKind::Settled { .. }
        | EventKind::Feedback { .. }
        | EventKind::StatusChanged { .. } => None,
    });
    Row {
        id,
        address: shown::line(&contact.address),
        provider: shown::line(&record.providers[contact.provider as usize].name),
        path: shown::line(&story::status_path(record, contact, &events)),
        outcomes: fate.words().collect::<Vec<_>>().join(", "),
        strikes: fate.strikes,
        attempts: fate.attempts,
        evidence: last.map_or_else(String::new, |(verdict, mailing)| evidence(record, verdict, mailing)),
    }
}

/// `RCPT 550 5.1.1 No such user (rule enhanced code, spring-sale)`.
fn evidence(record: &Record, verdict: VerdictId, mailing: Option<MailingId>) -> String {
    let row = &record.verdicts[verdict as usize];
    let mailing =
        mailing.map(|id| format!(", {}", record.mailings[usize::from(id)].name)).unwrap_or_default();
    let code = row.code.map(|code| format!(" {code}")).unwrap_or_default();
    let enhanced = row.enhanced.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
    let phase = wording::phase(row.phase);
    shown::line(&format!("{phase}{code}{enhanced} {} (rule {}{mailing})", row.text, row.rule))
}
