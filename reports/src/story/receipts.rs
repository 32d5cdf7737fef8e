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
    arrivals: Vec<Receipt>,
}

/// The receipts of one contact in one mailing that no attempt has taken yet, in order of time.
#[derive(Default)]
pub(super) struct Receipts {
    arrivals: Vec<Receipt>,
    /// What was sent.
    sent: Option<Letter>,
}

/// What the fleet saw, and the rule that decided it, in words; empty if none did.
struct Receipt {
    arrival: Arrival,
    rule: String,
}

impl Seen {
    pub(super) fn of(record: &Record, contact: &Contact) -> Self {
        let recipients = &record.receipts.recipients;
        let own = |arrival: &&Arrival| {
            arrival.provider == contact.provider
                && recipients[arrival.recipient as usize].eq_ignore_ascii_case(&contact.address)
        };
        let receipt = |arrival: &Arrival| Receipt { arrival: *arrival, rule: rule(record, arrival) };
        Self { arrivals: record.receipts.arrivals.iter().filter(own).map(receipt).collect() }
    }

    /// Takes the receipts with the return path of a mailing.
    pub(super) fn take_of(&mut self, record: &Record, id: MailingId, contact: &Contact) -> Receipts {
        let mailing = &record.mailings[usize::from(id)];
        let own = |receipt: &mut Receipt| {
            mailing.sends_from(&record.receipts.senders[receipt.arrival.sender as usize])
        };
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
        for receipt in &self.arrivals {
            let arrival = receipt.arrival;
            let sender = &record.receipts.senders[arrival.sender as usize];
            let answer = receipt.told(None).1;
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
        for receipt in self.arrivals.extract_if(.., |receipt| during.contains(&receipt.arrival.at)) {
            let (ink, text) = receipt.told(self.sent);
            page.wrapped(&[(Ink::Text, indent), (Ink::Dim, "server: ")], ink, &text);
        }
    }

    /// Leaves out the receipts of attempts that are not told one by one.
    pub(super) fn skip_between(&mut self, from: Nanos, until: Nanos) {
        self.arrivals.retain(|receipt| !(from..=until).contains(&receipt.arrival.at));
    }

    /// Receipts that no attempt of the ledger explains: a law will have spoken, too.
    pub(super) fn tell_rest(&self, page: &mut Page, start: Nanos) {
        for receipt in &self.arrivals {
            let arrival = receipt.arrival;
            let at = time(arrival.at.saturating_sub(start));
            let text = format!("{at}server only: connection {}  ", arrival.connection);
            page.wrapped(&[(Ink::Bad, &text)], Ink::Bad, &receipt.told(self.sent).1);
        }
    }
}

impl Receipt {
    fn told(&self, sent: Option<Letter>) -> (Ink, String) {
        with_rule(&self.arrival, &self.rule, sent)
    }
}

/// What a server saw of a recipient, in words; of a body also whether it is the one that was `sent`.
pub(crate) fn told(record: &Record, arrival: &Arrival, sent: Option<Letter>) -> (Ink, String) {
    with_rule(arrival, &rule(record, arrival), sent)
}

fn with_rule(arrival: &Arrival, rule: &str, sent: Option<Letter>) -> (Ink, String) {
    let (ink, text) = answer(arrival.answer, sent);
    let found = match arrival.checks {
        none if none.is_empty() => String::new(),
        checks => format!(" ({checks})"),
    };
    (ink, format!("{text}{rule}{found}"))
}

/// The rule that decided about an arrival, as its author knows it.
fn rule(record: &Record, arrival: &Arrival) -> String {
    let provider = &record.providers[arrival.provider as usize];
    let rule = arrival.rule.and_then(|rule| provider.rules.get(rule as usize));
    rule.map_or_else(String::new, |rule| match &rule.name {
        Some(name) => format!(", by {name} ({}, line {})", rule.id, rule.line),
        None => format!(", by {} (line {})", rule.id, rule.line),
    })
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
        | Phase::Body
        | Phase::Report => format!("at {}", wording::phase(phase)),
    }
}
