//! Events, arrivals and sequels of a record, put beside the contact that they are about.
//!
//! The record has them in the order of time; stories need them by contact. Sorted once, as numbers, without copies.

use std::collections::BTreeMap;

use record::{Arrival, ContactId, Event, MailingId, Record, Sequel};

/// A record, contact by contact.
pub(in crate::html) struct Ledger<'a> {
    pub(super) record: &'a Record,
    events: Groups,
    arrivals: Groups,
    sequels: Groups,
    /// The mailing of each sender of the receipts.
    mailings: Vec<Option<MailingId>>,
}

impl<'a> Ledger<'a> {
    pub(in crate::html) fn of(record: &'a Record) -> Self {
        let receipts = &record.receipts;
        let contacts = record.contacts.len();
        let ids = contacts_of_recipients(record);
        let whose = |provider, recipient: u32| {
            let id: Option<ContactId> = ids[recipient as usize];
            id.filter(|id| record.contacts[*id as usize].provider == provider)
        };
        let arrivals = receipts.arrivals.iter().map(|one| whose(one.provider, one.recipient));
        let sequels = receipts.sequels.iter().map(|one| whose(one.provider, one.recipient));
        Self {
            record,
            events: Groups::of(contacts, record.events.iter().map(|event| Some(event.contact))),
            arrivals: Groups::of(contacts, arrivals),
            sequels: Groups::of(contacts, sequels),
            mailings: receipts.senders.iter().map(|sender| record.mailing_from(sender)).collect(),
        }
    }

    /// The events of a contact, in order of time.
    pub(super) fn events(&self, contact: ContactId) -> impl Iterator<Item = &'a Event> + Clone {
        let record = self.record;
        self.events.of_one(contact).iter().map(|index| &record.events[*index as usize])
    }

    /// What servers answered about a contact and the mailing that it was about, in order of time.
    pub(super) fn arrivals(
        &self,
        contact: ContactId,
    ) -> impl Iterator<Item = (&'a Arrival, Option<MailingId>)> {
        let record = self.record;
        self.arrivals.of_one(contact).iter().map(|index| {
            let arrival = &record.receipts.arrivals[*index as usize];
            (arrival, self.mailings[arrival.sender as usize])
        })
    }

    /// What happened afterwards to the messages of a contact, and the mailing, in order of time.
    pub(super) fn sequels(
        &self,
        contact: ContactId,
    ) -> impl Iterator<Item = (&'a Sequel, Option<MailingId>)> {
        let record = self.record;
        self.sequels.of_one(contact).iter().map(|index| {
            let sequel = &record.receipts.sequels[*index as usize];
            (sequel, self.mailings[sequel.sender as usize])
        })
    }
}

/// The contact that each recipient of the receipts is. Upper and lower case of ASCII do not matter.
fn contacts_of_recipients(record: &Record) -> Vec<Option<ContactId>> {
    let ids: BTreeMap<String, ContactId> =
        (0..).zip(&record.contacts).map(|(id, contact)| (contact.address.to_ascii_lowercase(), id)).collect();
    let recipients = record.receipts.recipients.iter();
    recipients.map(|address| ids.get(&address.to_ascii_lowercase()).copied()).collect()
}

/// Indices of things, by the contact that they are about.
struct Groups {
    /// Where the indices of each contact begin, and at the end where they stop.
    starts: Vec<u32>,
    indices: Vec<u32>,
}

impl Groups {
    /// Groups things by contact; what is about nobody is left out. Within a group the order is kept.
    fn of(contacts: usize, whose: impl Iterator<Item = Option<ContactId>> + Clone) -> Self {
        let mut starts = vec![0; contacts + 1];
        for contact in whose.clone().flatten() {
            starts[contact as usize + 1] += 1;
        }
        for index in 0..contacts {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut indices = vec![0; starts[contacts] as usize];
        for (index, contact) in (0..).zip(whose) {
            let Some(contact) = contact else { continue };
            let place = &mut next[contact as usize];
            indices[*place as usize] = index;
            *place += 1;
        }
        Self { starts, indices }
    }

    fn of_one(&self, contact: ContactId) -> &[u32] {
        let contact = contact as usize;
        &self.indices[self.starts[contact] as usize..self.starts[contact + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_the_order() {
        let whose = [Some(2), Some(0), None, Some(2), Some(2)];
        let groups = Groups::of(3, whose.into_iter());
        assert_eq!(groups.of_one(0), [1]);
        assert!(groups.of_one(1).is_empty());
        assert_eq!(groups.of_one(2), [0, 3, 4]);
    }
}
