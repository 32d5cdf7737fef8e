//! The contacts of a page as JSON: a column for each of their properties, and the stories.

use std::collections::BTreeMap;

use record::{ContactId, Record};

use super::choice;
use super::dialogues;
use super::encode;
use super::fate::{Fate, MARKS, Mark};
use super::ledger::Ledger;
use super::tables;
use super::words::Words;
use crate::html::data::Object;
use crate::html::shown;
use crate::wording;

/// Bytes that contacts and their stories may take in a page: with everything else it stays below 15 MiB.
const BYTES_MAX: usize = 11 * 1024 * 1024;
/// Bytes of a contact's columns beside address and story.
const COLUMNS_BYTES: usize = 24;

/// How many contacts a page has, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) struct Kept {
    pub(in crate::html) kept: u64,
    pub(in crate::html) of: u64,
}

impl Kept {
    /// What a reader is told of it.
    pub(in crate::html) fn words(self) -> String {
        if self.kept == self.of {
            format!("All {} are in this page", wording::counted(self.of, "contact"))
        } else {
            format!(
                "{} of {} are in this page: first whom an expectation names, then those who met with trouble, then an even \
                 sample of the others; the rest is in the record",
                wording::number(self.kept),
                wording::counted(self.of, "contact")
            )
        }
    }
}

/// A contact that is kept.
struct One {
    id: ContactId,
    fate: Fate,
    story: String,
}

/// Writes the contacts, their stories and the words that these share into the data of a page.
pub(in crate::html) fn write(ledger: &Ledger<'_>, object: &mut Object<'_>) -> Kept {
    let record = ledger.record;
    let fates: Vec<Fate> =
        (0..).zip(&record.contacts).map(|(id, contact)| Fate::of(contact, ledger.events(id))).collect();
    let mut words = Words::new(record);
    let mut kept = keep(ledger, &fates, &mut words);
    kept.sort_unstable_by_key(|one| one.id);
    tables::write(record, object);
    object.strings("mark_words", MARKS.map(Mark::words));
    words.write(object);
    dialogues::write(record, object);
    let counted = Kept { kept: kept.len() as u64, of: record.contacts.len() as u64 };
    let mut contacts = Object::new(object.entry("contacts"));
    contacts.string("kept", &counted.words());
    columns(&mut contacts, record, &kept);
    contacts.end();
    counted
}

fn keep(ledger: &Ledger<'_>, fates: &[Fate], words: &mut Words<'_>) -> Vec<One> {
    let mut kept = Vec::new();
    let mut bytes = 0;
    for id in choice::in_order(ledger.record, fates) {
        let story = encode::story(ledger, id, words);
        bytes += shown::bytes(&shown::line(&ledger.record.contacts[id as usize].address))
            + story.len()
            + COLUMNS_BYTES;
        if bytes + words.bytes() > BYTES_MAX {
            break;
        }
        kept.push(One { id, fate: fates[id as usize], story });
    }
    kept
}

fn columns(object: &mut Object<'_>, record: &Record, kept: &[One]) {
    let contact = |one: &One| &record.contacts[one.id as usize];
    let mut domains = Domains::default();
    let names: Vec<(String, u32)> = kept.iter().map(|one| domains.divide(&contact(one).address)).collect();
    let fate = |one: &One| one.fate;
    if kept.len() < record.contacts.len() {
        object.numbers("ids", kept.iter().map(|one| one.id));
    }
    object.strings("domains", &domains.names);
    object.strings("locals", names.iter().map(|(local, _)| local));
    object.numbers("domain", names.iter().map(|(_, domain)| *domain));
    object.numbers("provider", kept.iter().map(|one| contact(one).provider));
    object.string("before", &kept.iter().map(|one| digit(contact(one).status as u8)).collect::<String>());
    object.string("now", &kept.iter().map(|one| digit(fate(one).status as u8)).collect::<String>());
    object.numbers("marks", kept.iter().map(|one| fate(one).marks));
    object.numbers("strikes", kept.iter().map(|one| fate(one).strikes));
    object.numbers("listed", kept.iter().map(|one| contact(one).listed));
    object.strings("stories", kept.iter().map(|one| &one.story));
}

fn digit(number: u8) -> char {
    char::from(b'0' + number)
}

/// The domains of addresses, each once.
#[derive(Default)]
struct Domains {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
}

impl Domains {
    /// An address as what stands before the last `@`, and the number of what stands behind it. An address without one is all
    /// before, and its domain the empty one.
    fn divide(&mut self, address: &str) -> (String, u32) {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        if let Some(number) = self.numbers.get(domain) {
            return (shown::line(local), *number);
        }
        let number = self.names.len() as u32;
        self.names.push(shown::line(domain));
        self.numbers.insert(domain.to_owned(), number);
        (shown::line(local), number)
    }
}
