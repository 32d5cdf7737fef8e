//! The story of one recipient: who it is, and per mailing every attempt, reply, wait, verdict and change of status, with
//! what the fake servers saw beside it.
//!
//! - `chapter`: the ledger of one contact, divided by mailing
//! - `moment`: begin and end of an attempt brought together, repetitions folded
//! - `attempt`: how an attempt is told; `dialogue`: what was said in it
//! - `feedback`: what came back after it was delivered
//! - `receipts`: what the fleet saw of it; `sequels`: what happened to it afterwards
//! - `unknown`: the answer if there is no such contact

mod attempt;
mod chapter;
mod dialogue;
mod feedback;
mod moment;
mod receipts;
mod sequels;
mod unknown;

use record::{Contact, ContactId, Event, EventKind, Record};

use crate::layout::left;
use crate::look::{Ink, Look};
use crate::page::Page;
use crate::wording;
use receipts::Seen;

pub(crate) use chapter::{Chapter, divide, status_change};
pub(crate) use receipts::told as receipt_told;
pub(crate) use sequels::in_words as happening;
pub use unknown::NoSuchContact;

/// Tells the story of the contact with that address (upper and lower case do not matter if nobody is called exactly so).
pub fn story(record: &Record, address: &str, look: Look) -> Result<String, NoSuchContact> {
    tell(record, address, look, Words::LeftOut)
}

/// The same, with what was said in each attempt, where the record has kept it.
pub fn story_with_dialogues(record: &Record, address: &str, look: Look) -> Result<String, NoSuchContact> {
    tell(record, address, look, Words::Told)
}

/// Whether what was said in attempts is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Told,
    LeftOut,
}

fn tell(record: &Record, address: &str, look: Look, words: Words) -> Result<String, NoSuchContact> {
    let id = find(record, address).ok_or_else(|| NoSuchContact::new(record, address))?;
    let contact = &record.contacts[id as usize];
    let events: Vec<Event> = record.events.iter().filter(|event| event.contact == id).copied().collect();
    let mut seen = Seen::of(record, contact);
    let mut page = Page::new(look);
    header(&mut page, record, contact, &events);
    let chapters = chapter::divide(&events);
    for chapter in &chapters {
        page.gap();
        chapter.tell(&mut page, record, contact, &mut seen, words);
    }
    if chapters.is_empty() {
        page.gap();
        page.line(&[(Ink::Text, "nothing happened to this contact: no mailing selected it or left it out")]);
    }
    seen.tell_unexplained(&mut page, record);
    Ok(page.into_text())
}

fn find(record: &Record, address: &str) -> Option<ContactId> {
    let by = |same: fn(&str, &str) -> bool| {
        record
            .contacts
            .iter()
            .position(|contact| same(&contact.address, address))
            .map(|index| index as ContactId)
    };
    by(|a, b| a == b).or_else(|| by(|a, b| a.eq_ignore_ascii_case(b)))
}

fn header(page: &mut Page, record: &Record, contact: &Contact, events: &[Event]) {
    let provider = &record.providers[contact.provider as usize];
    let scenario = if record.scenario.is_empty() { &record.file } else { &record.scenario };
    page.line(&[(Ink::Strong, &contact.address)]);
    fact(page, "scenario", &format!("{scenario}, seed {}", record.seed));
    // A provider that is no fake answers like nobody but itself.
    let likeness = if provider.profile.is_empty() { "" } else { ", answers like " };
    fact(page, "provider", &format!("{}{likeness}{}", provider.name, provider.profile));
    if let Some(url) = &provider.help_url {
        // An address that is broken in two is none.
        page.line(&[(Ink::Text, "  "), (Ink::Dim, &left("help", LABEL_COLUMNS)), (Ink::Text, url)]);
    }
    fact(page, "status", &status_path(record, contact, events));
    if contact.listed > 1 {
        fact(page, "listed", &format!("{} times", contact.listed));
    }
}

const LABEL_COLUMNS: usize = 11;

/// A labelled line of the header; none if there is nothing to say.
fn fact(page: &mut Page, label: &str, text: &str) {
    if !text.is_empty() {
        page.wrapped(&[(Ink::Text, "  "), (Ink::Dim, &left(label, LABEL_COLUMNS))], Ink::Text, text);
    }
}

/// `active -> error at 366h (soft bounce, week-3)`.
pub(crate) fn status_path(record: &Record, contact: &Contact, events: &[Event]) -> String {
    let mut path = wording::status(contact.status).to_owned();
    for event in events {
        if let EventKind::StatusChanged { from, to, cause, .. } = event.kind
            && from != to
        {
            let (to, at, cause) =
                (wording::status(to), wording::span(event.at), wording::status_cause(cause));
            let mailing =
                event.mailing.map(|mailing| format!(", {}", record.mailings[usize::from(mailing)].name));
            path.push_str(&format!(" -> {to} at {at} ({cause}{})", mailing.unwrap_or_default()));
        }
    }
    path
}
