//! What happened to the messages of one contact after they were accepted: the truth that no sender can see, told at the end of
//! each mailing, beside what the ledger knows.
//!
//! Only providers that decide it have such receipts; without any, nothing is told.

use record::{Contact, Happening, MailingId, Nanos, Record, Sequel};

use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// Tells what happened to the messages of a mailing to one contact, with times that count from `start`.
pub(super) fn tell(page: &mut Page, record: &Record, contact: &Contact, mailing: MailingId, start: Nanos) {
    let sequels = of(record, contact, mailing);
    if sequels.is_empty() {
        return;
    }
    page.gap();
    page.line(&[(Ink::Text, "  what really happened"), (Ink::Dim, ", which no sender can see")]);
    for sequel in sequels {
        let time = format!("  {}  ", wording::offset(sequel.at.saturating_sub(start)));
        let (ink, what) = in_words(sequel.what);
        page.wrapped(&[(Ink::Dim, &time)], ink, what);
    }
}

/// Those of the messages with the return path of the mailing, in order of time.
fn of<'a>(record: &'a Record, contact: &Contact, mailing: MailingId) -> Vec<&'a Sequel> {
    let receipts = &record.receipts;
    let mailing = &record.mailings[usize::from(mailing)];
    let own = |sequel: &&Sequel| {
        sequel.provider == contact.provider
            && receipts.recipients[sequel.recipient as usize].eq_ignore_ascii_case(&contact.address)
            && mailing.sends_from(&receipts.senders[sequel.sender as usize])
    };
    receipts.sequels.iter().filter(own).collect()
}

/// What happened to a message, in words.
pub(crate) const fn in_words(what: Happening) -> (Ink, &'static str) {
    match what {
        Happening::Inbox => (Ink::Good, "put into the inbox"),
        Happening::SpamFolder => (Ink::Caution, "put into the spam folder"),
        Happening::Lost => (Ink::Bad, "thrown away, and nobody was told"),
        Happening::Forwarded => (Ink::Text, "sent on to another address"),
        Happening::BouncedLater => {
            (Ink::Bad, "not delivered after all; a report was sent to the return path")
        }
        Happening::AutoReplied => (Ink::Text, "answered by a program; the recipient is away"),
        Happening::Opened => (Ink::Good, "opened"),
        Happening::Clicked => (Ink::Good, "a link in it was followed"),
        Happening::Complained => (Ink::Bad, "called spam; the return path was told"),
        Happening::Unsubscribed => (Ink::Caution, "unsubscribed"),
    }
}
