//! Whom the servers mean: their names, traced back to mailings and contacts.
//!
//! A receipt names a return path and an address, as a server saw them; the ledger names a mailing and a contact. Which
//! is which is worked out from the names alone, so that the two accounts stay independent. What they say is compared in
//! `two_accounts`.

use record::{Arrival, ContactId, MailingId, Record};
use smtp::Address;
use units::Table;

use crate::message::ReturnPaths;

/// What the names in the receipts stand for, by index.
pub(super) struct Names {
    /// With the contact whose return path it is, if it is that of one.
    mailing_of_sender: Vec<Option<(MailingId, Option<ContactId>)>>,
    contact_of_recipient: Vec<Option<ContactId>>,
    ambiguous: usize,
}

impl Names {
    pub(super) fn new(record: &Record) -> Self {
        let (mailings, contacts) = (&record.mailings, &record.contacts);
        let senders: Table<_, _> = mailings.iter().map(|mailing| mailing.sender.as_str()).zip(0..).collect();
        let addresses: Table<_, _> =
            contacts.iter().map(|contact| contact.address.as_str()).zip(0..).collect();
        Self {
            mailing_of_sender: mailings_of(record, &senders),
            contact_of_recipient: look_up(&record.receipts.recipients, &addresses),
            ambiguous: mailings.len() - senders.len() + contacts.len() - addresses.len(),
        }
    }

    /// How many contacts have the same address as another, or mailings the same return path.
    pub(super) const fn ambiguous(&self) -> usize {
        self.ambiguous
    }

    /// The mailing with the return path of `arrival`, if there is one; none if it is that of another contact.
    pub(super) fn mailing(&self, arrival: &Arrival) -> Option<MailingId> {
        let (mailing, owner) = self.mailing_of_sender.get(arrival.sender as usize).copied().flatten()?;
        owner.is_none_or(|owner| self.contact(arrival) == Some(owner)).then_some(mailing)
    }

    /// The contact with the address in `arrival`, if there is one.
    pub(super) fn contact(&self, arrival: &Arrival) -> Option<ContactId> {
        self.contact_of_recipient.get(arrival.recipient as usize).copied().flatten()
    }
}

/// Whose return paths the senders are. Those of single recipients are read as their maker reads them, token and all.
fn mailings_of(
    record: &Record,
    shared: &Table<&str, MailingId>,
) -> Vec<Option<(MailingId, Option<ContactId>)>> {
    let domain =
        record.mailings.iter().find_map(|mailing| mailing.sender.split_once("*@")).map(|(_, domain)| domain);
    let base = domain.and_then(|domain| Address::parse(&format!("bounces@{domain}")).ok());
    let paths = base.map(|base| ReturnPaths::new(base.domain(), record.seed));
    let of_recipient = |sender: &str| {
        let (mailing, contact) = paths.as_ref()?.whose(&Address::parse(sender).ok()?).ok()?;
        let id = MailingId::try_from(mailing).ok()?;
        let is_known = record.mailings.get(usize::from(id))?.sends_from(sender);
        is_known.then_some((id, Some(contact)))
    };
    let mailing = |sender: &String| match shared.get(sender.as_str()) {
        Some(mailing) => Some((*mailing, None)),
        None => of_recipient(sender),
    };
    record.receipts.senders.iter().map(mailing).collect()
}

fn look_up<Id: Copy>(seen: &[String], known: &Table<&str, Id>) -> Vec<Option<Id>> {
    seen.iter().map(|name| known.get(name.as_str()).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample::{self, BOB, SPRING};

    #[test]
    fn receipts_are_traced_by_return_path_and_address() {
        let mut record = sample::lawful();
        let arrival = *sample::receipts(&mut record, SPRING, BOB).next().expect("a receipt");
        record.receipts.senders.reverse();
        record.receipts.recipients.reverse();
        let sender = record.receipts.senders.len() as u32 - 1 - u32::from(SPRING);
        let recipient = record.receipts.recipients.len() as u32 - 1 - BOB;
        let arrival = Arrival { sender, recipient, ..arrival };
        let names = Names::new(&record);
        assert_eq!((names.mailing(&arrival), names.contact(&arrival)), (Some(SPRING), Some(BOB)));
    }

    #[test]
    fn names_that_stand_for_two_are_counted() {
        let mut record = sample::lawful();
        assert_eq!(Names::new(&record).ambiguous(), 0);
        record.mailings[0].sender = record.mailings[1].sender.clone();
        record.contacts[0].address = record.contacts[1].address.clone();
        assert_eq!(Names::new(&record).ambiguous(), 2);
    }

    #[test]
    fn a_return_path_of_one_recipient_is_of_nobody_else() {
        let mut record = sample::lawful();
        let paths = ReturnPaths::new("sender.example", record.seed);
        record.mailings[0].sender = paths.pattern(0);
        let mut check = |path: String, recipient, expected: Option<MailingId>| {
            record.receipts.senders[0] = path;
            let arrival = Arrival { sender: 0, recipient, ..record.receipts.arrivals[0] };
            assert_eq!(Names::new(&record).mailing(&arrival), expected, "{}", record.receipts.senders[0]);
        };
        let whole = paths.of(0, BOB).as_str().to_owned();
        check(whole.clone(), BOB, Some(0));
        check(whole.clone(), BOB + 1, None);
        check(whole.replace("bounces+1-", "bounces+2-"), BOB, None);
        check(paths.of(1, BOB).as_str().to_owned(), BOB, None);
    }

    #[test]
    fn strangers_are_nobody() {
        let mut record = sample::lawful();
        record.receipts.senders[0] = "stranger@elsewhere.example".to_owned();
        let arrival = Arrival { sender: 0, recipient: u32::MAX, ..record.receipts.arrivals[0] };
        let names = Names::new(&record);
        assert_eq!((names.mailing(&arrival), names.contact(&arrival)), (None, None));
    }
}
