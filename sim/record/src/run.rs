//! One run, whole.

use serde::{Deserialize, Serialize};

use crate::{
    Checked, Contact, ContactId, Dialogue, Event, Letter, Mailing, MailingId, Nanos, Provider, Reactivation,
    Receipts, Span, Stray, VerdictRow,
};

/// The version of the file format. It grows by one when a reader of the old one could misread the new one.
pub const FORMAT_VERSION: u32 = 3;

/// Everything a run leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name of the scenario.
    pub scenario: String,
    /// What it shows, in the author's words; may be empty.
    pub about: String,
    /// The path of its file as the user gave it; may be empty.
    pub file: String,
    /// The text of that file; empty if there is none.
    pub source: String,
    /// The seed in force.
    pub seed: u64,
    /// When the run ended: every recipient final and every connection closed.
    pub ended: Nanos,
    /// The last instant that an expectation may name: the end of the last window or of the timeline.
    pub horizon: Nanos,
    /// The providers, in the order of the scenario.
    pub providers: Vec<Provider>,
    /// The mailings, in the order of the scenario.
    pub mailings: Vec<Mailing>,
    /// The messages that were made for one recipient each, by mailing and contact; none for mailings whose recipients share
    /// a message.
    pub letters: Vec<Letter>,
    /// The contacts, in the order of the audience, each address once.
    pub contacts: Vec<Contact>,
    /// The spans of the timeline.
    pub timeline: Vec<Span>,
    /// Who asked for which contact to be re-activated, and why, in the order of time.
    pub reactivations: Vec<Reactivation>,
    /// What came back and is about nobody known, in order.
    pub strays: Vec<Stray>,
    /// What the engine made of the answers it got; no row twice, in order of first use.
    pub verdicts: Vec<VerdictRow>,
    /// The engine's ledger.
    pub events: Vec<Event>,
    /// The fleet's receipts.
    pub receipts: Receipts,
    /// What was said in a sample of the connections, ordered by provider and number; none of one that is not in the receipts.
    pub dialogues: Vec<Dialogue>,
    /// A 64-bit digest of everything above but `file` and `source`: equal digests, equal runs.
    pub digest: u64,
    /// The verdicts on expectations and laws.
    pub checked: Checked,
}

impl Record {
    /// The mailing whose return path `sender` is: the first one, should several look like it.
    pub fn mailing_from(&self, sender: &str) -> Option<MailingId> {
        (0..).zip(&self.mailings).find(|(_, mailing)| mailing.sends_from(sender)).map(|(id, _)| id)
    }

    /// What a recipient of a mailing is sent, by size and hash: the message made for it, or else the one that all share.
    pub fn message(&self, mailing: MailingId, contact: ContactId) -> Letter {
        let key = |letter: &Letter| (letter.mailing, letter.contact);
        match self.letters.binary_search_by_key(&(mailing, contact), key) {
            Ok(found) => self.letters[found],
            Err(_) => {
                let Mailing { message_bytes: bytes, message_hash: hash, .. } =
                    self.mailings[usize::from(mailing)];
                Letter { mailing, contact, bytes, hash }
            }
        }
    }
}

/// How long a run took on the machine; never part of a record, because it differs from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Real time, in nanoseconds.
    pub wall: u64,
}
