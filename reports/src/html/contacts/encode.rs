//! A story as a short text: a letter for what happened, then numbers to the base of 36 with points between them.
//!
//! Times are milliseconds since the one before, of the same story. The letters, with what stands behind the time:
//!
//! | letter | what | numbers |
//! | --- | --- | --- |
//! | `M` | a mailing begins to be told (no time) | its index |
//! | `N` | what happened apart from any mailing (no time) | |
//! | `U` | receipts that the ledger does not explain (no time) | |
//! | `S` | selected | |
//! | `X` | left out | why |
//! | `B` | an attempt was begun | its number, the connection |
//! | `E` | it ended and counts | verdict, milliseconds until the retry (none if there is none) |
//! | `T` | it ended and does not count | verdict |
//! | `O` | settled | outcome, cause |
//! | `F` | something came back | what, verdict (none if there is none) |
//! | `C` | the contact changed | before, after, number of the words |
//! | `R` | what a server saw | number of the words, connection |
//! | `Q` | what really happened afterwards | what |

use record::{Arrival, ContactId, Event, EventKind, MailingId, Nanos, Sequel};

use super::ledger::Ledger;
use super::words::Words;
use crate::story::{Chapter, divide};

/// The story of a contact.
pub(super) fn story(ledger: &Ledger<'_>, contact: ContactId, words: &mut Words<'_>) -> String {
    let mut telling = Telling { text: String::new(), now: 0 };
    let mut arrivals: Vec<_> = ledger.arrivals(contact).collect();
    let sequels: Vec<_> = ledger.sequels(contact).collect();
    let events: Vec<Event> = ledger.events(contact).copied().collect();
    for Chapter { mailing, events } in divide(&events) {
        match mailing {
            None => telling.letter('N', []),
            Some(mailing) => telling.letter('M', [mailing.into()]),
        }
        let is_own = |(_, of): &(&Arrival, Option<MailingId>)| mailing.is_some() && *of == mailing;
        let own: Vec<&Arrival> =
            arrivals.extract_if(.., |one| is_own(one)).map(|(arrival, _)| arrival).collect();
        let sent = mailing.map(|mailing| ledger.record.message(mailing, contact));
        let mut own = own.into_iter().peekable();
        for event in &events {
            // What a server saw at the moment when an attempt ended belongs to that attempt.
            let is_before = |arrival: &&Arrival| match event.kind {
                EventKind::AttemptBegun { .. } => arrival.at < event.at,
                _ => arrival.at <= event.at,
            };
            while let Some(arrival) = own.next_if(is_before) {
                telling.arrival(arrival, words.seen(arrival, sent));
            }
            telling.event(event, words);
        }
        own.for_each(|arrival| telling.arrival(arrival, words.seen(arrival, sent)));
        sequels
            .iter()
            .filter(|(_, of)| mailing.is_some() && *of == mailing)
            .for_each(|(one, _)| telling.sequel(one));
    }
    if !arrivals.is_empty() {
        telling.letter('U', []);
        arrivals.iter().for_each(|(arrival, _)| telling.arrival(arrival, words.seen_from(arrival)));
    }
    telling.text
}

struct Telling {
    text: String,
    /// Milliseconds; the time of what was told last.
    now: u64,
}

impl Telling {
    fn event(&mut self, event: &Event, words: &mut Words<'_>) {
        let at = event.at;
        match event.kind {
            EventKind::Selected => self.moment('S', at, []),
            EventKind::Excluded(reason) => self.moment('X', at, [reason as u64]),
            EventKind::AttemptBegun { attempt, connection } => {
                self.moment('B', at, [attempt.into(), connection.into()]);
            }
            EventKind::AttemptEnded { verdict, retry_at, .. } => {
                self.moment('E', at, [words.verdict(verdict).into()]);
                self.optional(retry_at.map(|retry_at| millis(retry_at).saturating_sub(self.now)));
            }
            EventKind::Uncounted { verdict } => self.moment('T', at, [words.verdict(verdict).into()]),
            EventKind::Settled { outcome, cause, .. } => {
                self.moment('O', at, [outcome as u64, cause as u64]);
            }
            EventKind::Feedback { what, verdict } => {
                self.moment('F', at, [what as u64]);
                self.optional(verdict.map(|verdict| words.verdict(verdict).into()));
            }
            EventKind::StatusChanged { from, to, strikes, cause } => {
                let change = words.change(from, to, strikes, cause);
                self.moment('C', at, [from as u64, to as u64, change.into()]);
            }
        }
    }

    fn arrival(&mut self, arrival: &Arrival, seen: u32) {
        self.moment('R', arrival.at, [seen.into(), arrival.connection.into()]);
    }

    fn sequel(&mut self, sequel: &Sequel) {
        self.moment('Q', sequel.at, [sequel.what as u64]);
    }

    /// Times go back where receipts follow events, and where a mailing is told after another; then there is a minus.
    fn moment<const N: usize>(&mut self, letter: char, at: Nanos, numbers: [u64; N]) {
        let at = millis(at);
        self.text.push(letter);
        if at < self.now {
            self.text.push('-');
        }
        base36(&mut self.text, at.abs_diff(self.now));
        self.now = at;
        for number in numbers {
            self.text.push('.');
            base36(&mut self.text, number);
        }
    }

    fn optional(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.text.push('.');
            base36(&mut self.text, number);
        }
    }

    fn letter<const N: usize>(&mut self, letter: char, numbers: [u64; N]) {
        self.text.push(letter);
        numbers.into_iter().for_each(|number| base36(&mut self.text, number));
    }
}

const fn millis(nanos: Nanos) -> u64 {
    nanos / 1_000_000
}

/// Digits, then small letters.
fn base36(out: &mut String, mut number: u64) {
    const DIGITS: [u8; 36] = *b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = [0; 13];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = DIGITS[(number % 36) as usize];
        number /= 36;
        if number == 0 {
            break;
        }
    }
    out.extend(digits[first..].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_to_the_base_of_36() {
        for (number, text) in [(0, "0"), (35, "z"), (36, "10"), (u64::MAX, "3w5e11264sgsf")] {
            let mut out = String::new();
            base36(&mut out, number);
            assert_eq!(out, text);
        }
    }
}
