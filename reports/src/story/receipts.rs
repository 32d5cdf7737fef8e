//! What the fleet saw of one contact, laid beside the attempts of the engine.
//!
//! Receipts know senders and recipients, not mailings and attempts: a receipt belongs to the mailing with its return
//! path, and to the attempt that was under way at its time. Nobody has two attempts of a mailing under way at once. The
//! numbers of connections say nothing here: engine and fleet number them each in their own way.

use record::{Answer, Arrival, Contact, Letter, MailingId, Nanos, Phase, Record};

use super::moment::Attempt;
use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// The receipts of one contact that no chapter has taken yet.
pub(super) struct Seen {
    arrivals: Vec<Arrival>,
}

/// The receipts of one contact in one mailing that no attempt has taken yet, in order of time.
#[derive(Default)]
pub(super) struct Receipts {
    arrivals: Vec<Arrival>,
    /// What was sent.
    sent: Option<Letter>,
}

impl Seen {
    pub(super) fn of(record: &Record, contact: &Contact) -> Self {
        let recipients = &record.receipts.recipients;
        let own = |arrival: &&Arrival| {
            arrival.provider == contact.provider
                && recipients[arrival.recipient as usize].eq_ignore_ascii_case(&contact.address)
        };
        Self { arrivals: record.receipts.arrivals.iter().filter(own).copied().collect() }
    }

    /// Takes the receipts with the return path of a mailing.
    pub(super) fn take_of(&mut self, record: &Record, id: MailingId, contact: &Contact) -> Receipts {
        let mailing = &record.mailings[usize::from(id)];
        let own =
            |arrival: &mut Arrival| mailing.sends_from(&record.receipts.senders[arrival.sender as usize]);
        let number = (0..).zip(&record.contacts).find(|(_, one)| one.address == contact.address);
        let sent = number.map(|(number, _)| record.message(id, number));
        Receipts { arrivals: self.arrivals.extract_if(.., own).collect(), sent }
    }

    /// Receipts that belong to no mailing in the ledger of this contact.
    pub(super) fn tell_unexplained(&self, page: &mut Page, record: &Record) {
        if self.arrivals.is_empty() {
            return;
        }
        page.gap();
        page.line(&[(Ink::Bad, "receipts of the fleet that the ledger does not explain")]);
        for arrival in &self.arrivals {
            let sender = &record.receipts.senders[arrival.sender as usize];
            let answer = answer(arrival.answer, None).1;
            let text =
                format!("{}connection {}  from {sender}  {answer}", time(arrival.at), arrival.connection);
            page.line(&[(Ink::Bad, &text)]);
        }
    }
}

impl Receipts {
    /// Tells what the fleet saw of an attempt that ended at `until`.
    pub(super) fn tell_of(&mut self, page: &mut Page, indent: &str, attempt: &Attempt, until: Nanos) {
        let during = attempt.begun..=until;
        for arrival in self.arrivals.extract_if(.., |arrival| during.contains(&arrival.at)) {
            let (ink, text) = answer(arrival.answer, self.sent);
            page.wrapped(&[(Ink::Text, indent), (Ink::Dim, "server: ")], ink, &text);
        }
    }

    /// Leaves out the receipts of attempts that are not told one by one.
    pub(super) fn skip_between(&mut self, from: Nanos, until: Nanos) {
        self.arrivals.retain(|arrival| !(from..=until).contains(&arrival.at));
    }

    /// Receipts that no attempt of the ledger explains: a law will have spoken, too.
    pub(super) fn tell_rest(&self, page: &mut Page, start: Nanos) {
        for arrival in &self.arrivals {
            let at = time(arrival.at.saturating_sub(start));
            let text = format!("{at}server only: connection {}  ", arrival.connection);
            page.wrapped(&[(Ink::Bad, &text)], Ink::Bad, &answer(arrival.answer, self.sent).1);
        }
    }
}

fn time(offset: Nanos) -> String {
    format!("  {}  ", wording::offset(offset))
}

/// What a server knows, in words; of a body also whether it is the one that was sent.
fn answer(answer: Answer, sent: Option<Letter>) -> (Ink, String) {
    match answer {
        Answer::Accepted { body_hash, body_bytes } => {
            let (ink, body) = body(body_hash, body_bytes, sent);
            (ink, format!("accepted, {body}"))
        }
        Answer::AcceptedReplyLost { body_hash, body_bytes } => {
            let (_, body) = body(body_hash, body_bytes, sent);
            (Ink::Caution, format!("accepted, {body}, but the reply was lost"))
        }
        Answer::Refused { phase, code } => (Ink::Text, format!("refused with {code} {}", stage(phase))),
        Answer::Unfinished => (Ink::Text, "the connection ended before anything was decided".to_owned()),
    }
}

fn body(hash: u64, bytes: u64, sent: Option<Letter>) -> (Ink, String) {
    let size = wording::counted(bytes, "byte");
    match sent {
        None => (Ink::Text, size),
        Some(sent) if sent.hash == hash && sent.bytes == bytes => {
            (Ink::Good, format!("{size}, the body as it was sent"))
        }
        Some(sent) => {
            let sent = wording::counted(sent.bytes, "byte");
            (Ink::Bad, format!("{size}, not the body that was sent ({sent})"))
        }
    }
}

fn stage(phase: Phase) -> String {
    match phase {
        Phase::EndOfData => "at the end of data".to_owned(),
        Phase::Dns
        | Phase::Connect
        | Phase::Greeting
        | Phase::Ehlo
        | Phase::Mail
        | Phase::Rcpt
        | Phase::Data
        | Phase::Body => format!("at {}", wording::phase(phase)),
    }
}
