//! The record as laws look at it: contact by contact, and recipient by recipient.
//!
//! Both accounts are laid out once for all laws: a ledger may have many millions of lines, and looking them up again for
//! every law would cost more than judging them. Lines whose indices point nowhere are left out here; the law
//! `well-formed` reports them.

use std::cell::OnceCell;

use record::{Arrival, Connection, ContactId, Event, Mailing, MailingId, Record, VerdictId, VerdictRow};

use super::class::Class;
use super::connections::Connections;
use super::grouping::Grouping;
use super::held_back::Obstacles;
use super::names::Names;
use super::sites::Sites;

/// A record, sorted by contact.
pub(super) struct Accounts<'r> {
    pub(super) record: &'r Record,
    names: Names,
    events_of_contact: Grouping,
    arrivals_of_contact: Grouping,
    connections: Connections<'r>,
    pub(super) sites: Sites<'r>,
    classes: Vec<Option<Class>>,
    /// Made when somebody asks for it.
    obstacles: OnceCell<Obstacles>,
}

/// What a law may look at, one after the other.
pub(super) enum Sight<'a> {
    /// All of the record.
    Record(&'a Accounts<'a>),
    /// A contact. It is shown before its recipients.
    Contact(Life<'a>),
    /// A contact in one mailing.
    Recipient(Story<'a>),
}

/// What happened to one contact, in all mailings and outside.
#[derive(Clone, Copy)]
pub(super) struct Life<'a> {
    pub(super) accounts: &'a Accounts<'a>,
    pub(super) contact: ContactId,
    /// In the order of the ledger.
    pub(super) events: &'a [Event],
}

/// What happened to one contact in one mailing, by both accounts. One of the two may be silent, not both.
#[derive(Clone, Copy)]
pub(super) struct Story<'a> {
    pub(super) accounts: &'a Accounts<'a>,
    pub(super) contact: ContactId,
    /// The index of the mailing.
    pub(super) id: MailingId,
    pub(super) mailing: &'a Mailing,
    /// In the order of the ledger.
    pub(super) events: &'a [Event],
    /// In the order of the receipts.
    pub(super) receipts: &'a [Arrival],
}

impl<'r> Accounts<'r> {
    pub(super) fn new(record: &'r Record) -> Self {
        let names = Names::new(record);
        let (contacts, events, arrivals) = (record.contacts.len(), &record.events, &record.receipts.arrivals);
        Self {
            record,
            events_of_contact: Grouping::new(events.len(), contacts, |position| {
                points_somewhere(record, &events[position]).then_some(events[position].contact)
            }),
            arrivals_of_contact: Grouping::new(arrivals.len(), contacts, |position| {
                names.contact(&arrivals[position])
            }),
            names,
            connections: Connections::new(record),
            sites: Sites::new(record),
            classes: record.verdicts.iter().map(Class::of).collect(),
            obstacles: OnceCell::new(),
        }
    }

    /// Shows the whole record, then every contact, and each mailing that either account has it in.
    pub(super) fn show(&self, mut see: impl FnMut(Sight<'_>)) {
        see(Sight::Record(self));
        let mut desk = Desk::default();
        for contact in 0..self.record.contacts.len() as ContactId {
            self.lay_out(contact, &mut desk);
            see(Sight::Contact(Life { accounts: self, contact, events: &desk.events }));
            desk.sort_by_mailing(&self.names);
            self.show_recipients(contact, &desk, &mut see);
        }
    }

    fn lay_out(&self, contact: ContactId, desk: &mut Desk) {
        let events = self.events_of_contact.group(contact as usize).iter();
        let arrivals = self.arrivals_of_contact.group(contact as usize).iter();
        desk.events.clear();
        desk.events.extend(events.map(|position| self.record.events[*position as usize]));
        desk.arrivals.clear();
        desk.arrivals.extend(arrivals.map(|position| self.record.receipts.arrivals[*position as usize]));
    }

    /// Shows the recipients on a desk that is sorted by mailing.
    fn show_recipients(&self, contact: ContactId, desk: &Desk, see: &mut impl FnMut(Sight<'_>)) {
        let mut events = skip_while(&desk.events, |event| event.mailing.is_none());
        let mut receipts = skip_while(&desk.arrivals, |arrival| self.names.mailing(arrival).is_none());
        loop {
            let of_event = events.first().and_then(|event| event.mailing);
            let of_receipt = receipts.first().and_then(|receipt| self.names.mailing(receipt));
            let Some(id) = of_event.into_iter().chain(of_receipt).min() else { return };
            let later_events = skip_while(events, |event| event.mailing == Some(id));
            let later_receipts = skip_while(receipts, |receipt| self.names.mailing(receipt) == Some(id));
            see(Sight::Recipient(Story {
                accounts: self,
                contact,
                id,
                mailing: &self.record.mailings[usize::from(id)],
                events: &events[..events.len() - later_events.len()],
                receipts: &receipts[..receipts.len() - later_receipts.len()],
            }));
            (events, receipts) = (later_events, later_receipts);
        }
    }

    /// The receipts whose sender or recipient is unknown.
    pub(super) fn strays(&self) -> impl Iterator<Item = &'r Arrival> {
        let arrivals = self.record.receipts.arrivals.iter();
        arrivals
            .filter(|arrival| self.names.contact(arrival).is_none() || self.names.mailing(arrival).is_none())
    }

    /// The connection that a receipt names, if there is one.
    pub(super) fn connection(&self, arrival: &Arrival) -> Option<&'r Connection> {
        self.connections.carrying(arrival)
    }

    /// What can hold recipients back.
    pub(super) fn obstacles(&self) -> &Obstacles {
        self.obstacles.get_or_init(|| Obstacles::new(self))
    }

    /// How many contacts have the same address as another, or mailings the same return path.
    pub(super) const fn ambiguous_names(&self) -> usize {
        self.names.ambiguous()
    }

    /// The class of a verdict; `None` if there is no such verdict, or it has no known class.
    pub(super) fn class(&self, verdict: VerdictId) -> Option<Class> {
        self.classes.get(verdict as usize).copied().flatten()
    }

    /// The row of a verdict, if there is such a verdict.
    pub(super) fn verdict(&self, verdict: VerdictId) -> Option<&'r VerdictRow> {
        self.record.verdicts.get(verdict as usize)
    }
}

/// Whether contact, provider and mailing of `event` are in their tables.
pub(super) fn points_somewhere(record: &Record, event: &Event) -> bool {
    (event.contact as usize) < record.contacts.len()
        && (event.provider as usize) < record.providers.len()
        && event.mailing.is_none_or(|mailing| usize::from(mailing) < record.mailings.len())
}

/// Where the lines about one contact are laid out; cleared and filled again for the next.
#[derive(Default)]
struct Desk {
    events: Vec<Event>,
    arrivals: Vec<Arrival>,
}

impl Desk {
    /// Brings the lines of each mailing together, each in their order. What belongs to none comes first.
    fn sort_by_mailing(&mut self, names: &Names) {
        self.events.sort_by_key(|event| event.mailing);
        self.arrivals.sort_by_key(|arrival| names.mailing(arrival));
    }
}

fn skip_while<T>(items: &[T], unwanted: impl Fn(&T) -> bool) -> &[T] {
    let skipped = items.iter().take_while(|item| unwanted(item)).count();
    &items[skipped..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample::{self, ANN, IDA, PROOF, SPRING, SUMMER};

    /// How many events and receipts each recipient of `contact` is shown with.
    fn recipients(record: &Record, wanted: ContactId) -> Vec<(String, usize, usize)> {
        let mut shown = Vec::new();
        Accounts::new(record).show(|sight| {
            if let Sight::Recipient(Story { contact, mailing, events, receipts, .. }) = sight
                && contact == wanted
            {
                shown.push((mailing.name.clone(), events.len(), receipts.len()));
            }
        });
        shown
    }

    #[test]
    fn every_line_is_shown_once_and_in_order() {
        let record = sample::lawful();
        let (mut in_life, mut in_mailing, mut arrived) = (0, 0, 0);
        Accounts::new(&record).show(|sight| match sight {
            Sight::Record(accounts) => assert_eq!(accounts.strays().count(), 0),
            Sight::Contact(life) => {
                in_life += life.events.len();
                assert!(life.events.iter().all(|event| event.contact == life.contact));
                assert!(life.events.is_sorted_by_key(|event| event.at));
            }
            Sight::Recipient(story) => {
                in_mailing += story.events.len();
                arrived += story.receipts.len();
                assert!(story.events.iter().all(|event| event.contact == story.contact));
                assert!(story.events.is_sorted_by_key(|event| event.at));
                assert!(story.receipts.is_sorted_by_key(|receipt| receipt.at));
            }
        });
        assert_eq!(in_life, record.events.len());
        assert_eq!(in_mailing, record.events.iter().filter(|event| event.mailing.is_some()).count());
        assert_eq!(arrived, record.receipts.arrivals.len());
    }

    #[test]
    fn a_contact_is_a_recipient_of_each_of_its_mailings() {
        let mut record = sample::lawful();
        let check = |record: &Record, contact, expected: &[(&str, usize, usize)]| {
            let shown = recipients(record, contact);
            let shown: Vec<_> =
                shown.iter().map(|(name, events, arrived)| (name.as_str(), *events, *arrived)).collect();
            assert_eq!(shown, expected);
        };
        check(&record, ANN, &[("spring-sale", 4, 1), ("proof", 4, 1)]);
        check(&record, IDA, &[("spring-sale", 1, 0), ("summer-sale", 4, 1)]);
        // Known to the servers only.
        sample::remove(&mut record, PROOF, ANN, |_| true);
        check(&record, ANN, &[("spring-sale", 4, 1), ("proof", 0, 1)]);
        sample::remove(&mut record, SPRING, ANN, |_| true);
        check(&record, ANN, &[("spring-sale", 0, 1), ("proof", 0, 1)]);
        sample::lose_receipts(&mut record, SUMMER, IDA);
        check(&record, IDA, &[("spring-sale", 1, 0), ("summer-sale", 4, 0)]);
    }

    #[test]
    fn lines_that_point_nowhere_are_left_out() {
        let mut record = sample::lawful();
        let before = record.events.len();
        record.events[0].contact = u32::MAX;
        record.events[1].mailing = Some(u16::MAX);
        record.events[2].provider = u32::MAX;
        let mut shown = 0;
        Accounts::new(&record).show(|sight| {
            if let Sight::Contact(life) = sight {
                shown += life.events.len();
            }
        });
        assert_eq!(shown, before - 3);
    }
}
