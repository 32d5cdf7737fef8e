//! What became of each contact: its last status, and its outcome and attempts in each mailing.

use std::collections::BTreeMap;

use record::{EventKind, ExcludeReason, Outcome, Record, Status};
use serde::Serialize;

/// Changes that are kept of a scenario; the others are counted.
const KEPT: usize = 500;

/// The contacts for which it went otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Contacts {
    /// How many.
    pub(crate) count: u64,
    /// The first of them, in the order of the later run's audience.
    pub(crate) first: Vec<ContactChange>,
}

/// A contact for which it went otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ContactChange {
    pub(crate) address: String,
    /// The last status; `None` if the contact was not there.
    pub(crate) before: Option<Status>,
    pub(crate) after: Option<Status>,
    /// The mailings in which it went otherwise.
    pub(crate) mailings: Vec<MailingChange>,
}

/// A mailing in which it went otherwise for a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MailingChange {
    pub(crate) mailing: String,
    pub(crate) before: Course,
    pub(crate) after: Course,
}

/// How a mailing went for a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Course {
    pub(crate) end: End,
    /// Counted attempts.
    pub(crate) attempts: u8,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// The mailing was not for the contact, or was not there.
    #[default]
    NotMailed,
    /// It was left out.
    Excluded(ExcludeReason),
    /// It was selected, and the run ended before it was final.
    Open,
    /// It is final.
    Final(Outcome),
}

pub(super) fn between(before: &Record, after: &Record) -> Contacts {
    let (old, new) = (Courses::of(before), Courses::of(after));
    let places: BTreeMap<&str, usize> = before
        .contacts
        .iter()
        .enumerate()
        .map(|(place, contact)| (contact.address.as_str(), place))
        .collect();
    let mailings = mailings(before, after);
    let mut contacts = Contacts::default();
    let mut known = vec![Known::No; before.contacts.len()];
    for (place, contact) in after.contacts.iter().enumerate() {
        let was = places.get(contact.address.as_str()).copied();
        if let Some(was) = was {
            known[was] = Known::Yes;
        }
        contacts.add(&contact.address, (&old, was), (&new, Some(place)), &mailings);
    }
    for (place, contact) in before.contacts.iter().enumerate().filter(|(place, _)| known[*place] == Known::No)
    {
        contacts.add(&contact.address, (&old, Some(place)), (&new, None), &mailings);
    }
    contacts
}

/// Whether a contact of the earlier run is in the later one, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

/// A mailing, with its number in each of the runs.
type Mailing<'a> = (&'a str, Option<usize>, Option<usize>);

fn mailings<'a>(before: &'a Record, after: &'a Record) -> Vec<Mailing<'a>> {
    let place = |record: &Record, name: &str| record.mailings.iter().position(|mailing| mailing.name == name);
    let new = after.mailings.iter().map(|mailing| mailing.name.as_str());
    let gone = before.mailings.iter().map(|mailing| mailing.name.as_str());
    let names = new.chain(gone.filter(|name| place(after, name).is_none()));
    names.map(|name| (name, place(before, name), place(after, name))).collect()
}

impl Contacts {
    /// Adds a contact, if it went otherwise for it; each side with its place in the audience.
    fn add(
        &mut self,
        address: &str,
        (old, was): (&Courses, Option<usize>),
        (new, is): (&Courses, Option<usize>),
        mailings: &[Mailing<'_>],
    ) {
        let status = |courses: &Courses, place: Option<usize>| place.map(|place| courses.status[place]);
        let (before, after) = (status(old, was), status(new, is));
        let change = |(name, in_old, in_new): &Mailing<'_>| {
            let (before, after) = (old.get(*in_old, was), new.get(*in_new, is));
            (before != after).then(|| MailingChange { mailing: (*name).to_owned(), before, after })
        };
        let mailings: Vec<_> = mailings.iter().filter_map(change).collect();
        if before == after && mailings.is_empty() {
            return;
        }
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(ContactChange { address: address.to_owned(), before, after, mailings });
        }
    }
}

/// How everything went for everybody.
struct Courses {
    /// By contact.
    status: Vec<Status>,
    /// By mailing and contact.
    courses: Vec<Course>,
}

impl Courses {
    fn of(record: &Record) -> Self {
        let contacts = record.contacts.len();
        let mut all = Self {
            status: record.contacts.iter().map(|contact| contact.status).collect(),
            courses: vec![Course::default(); contacts * record.mailings.len()],
        };
        for event in &record.events {
            let contact = event.contact as usize;
            if let EventKind::StatusChanged { to, .. } = event.kind {
                all.status[contact] = to;
            }
            if let Some(mailing) = event.mailing {
                all.courses[usize::from(mailing) * contacts + contact].hear(event.kind);
            }
        }
        all
    }

    fn get(&self, mailing: Option<usize>, contact: Option<usize>) -> Course {
        match (mailing, contact) {
            (Some(mailing), Some(contact)) => self.courses[mailing * self.status.len() + contact],
            (None, _) | (_, None) => Course::default(),
        }
    }
}

impl Course {
    fn hear(&mut self, kind: EventKind) {
        match kind {
            EventKind::Selected => self.end = End::Open,
            // A surplus line of the list leaves nobody out who was selected.
            EventKind::Excluded(reason) if self.end == End::NotMailed => self.end = End::Excluded(reason),
            EventKind::AttemptEnded { attempt, .. } => self.attempts = attempt,
            EventKind::Settled { outcome, .. } => self.end = End::Final(outcome),
            EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::Uncounted { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}
