//! The part of a run that a filter lets through: names resolved to indices of the record.

use record::{Arrival, Event, EventKind, ExcludeReason, MailingId, ProviderId, Record, Status, VerdictId};

use super::language::{Filter, Meaning};
use super::names::is_in;
use super::replay::{Recipient, Replay, Standing, State};

/// What a filter lets through, in one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Scope {
    provider: Option<ProviderId>,
    mailing: Option<MailingId>,
    domain: Option<String>,
    address: Option<String>,
    /// For each contact, whether it passes by domain and address; `None` lets all through.
    people: Option<Vec<bool>>,
    /// For each row of the verdicts, whether it has the category asked for.
    verdicts: Option<Vec<bool>>,
    outcome: Option<State>,
    status: Option<Status>,
    reason: Option<ExcludeReason>,
    /// The filter as written; empty if it lets everything through.
    written: String,
}

impl Scope {
    /// Looks the names of `filter` up in the record of a run.
    ///
    /// # Errors
    /// The record does not have one of the names; the text says which.
    pub(crate) fn resolve(filter: &Filter, record: &Record) -> Result<Self, String> {
        let mut scope = Self { written: filter.to_string(), ..Self::default() };
        filter.meanings().try_for_each(|meaning| scope.narrow(meaning, record))?;
        Ok(scope)
    }

    fn narrow(&mut self, meaning: &Meaning, record: &Record) -> Result<(), String> {
        match meaning {
            Meaning::Provider(name) => self.provider = provider_named(name, record)?.try_into().ok(),
            Meaning::Mailing(name) => self.mailing = mailing_named(name, record)?.try_into().ok(),
            Meaning::Domain(name) => {
                self.keep(record, |address| is_in(address, name));
                self.domain = Some(name.clone());
            }
            Meaning::Address(name) => {
                self.keep(record, |address| address == name);
                self.address = Some(name.clone());
            }
            Meaning::Category(name) => {
                let has_it = |verdict: &record::VerdictRow| verdict.category == *name;
                self.verdicts = Some(record.verdicts.iter().map(has_it).collect());
            }
            Meaning::Outcome(state) => self.outcome = Some(*state),
            Meaning::Status(status) => self.status = Some(*status),
            Meaning::Reason(reason) => self.reason = Some(*reason),
        }
        Ok(())
    }

    fn keep(&mut self, record: &Record, passes: impl Fn(&str) -> bool) {
        let so_far = self.people.take().unwrap_or_else(|| vec![true; record.contacts.len()]);
        let both = |(kept, contact): (bool, &record::Contact)| kept && passes(&contact.address);
        self.people = Some(so_far.into_iter().zip(&record.contacts).map(both).collect());
    }

    /// Whether an event is about somebody who passes by provider, mailing, domain and address.
    pub(crate) fn covers(&self, event: &Event) -> bool {
        self.covers_provider(event.provider)
            && self.mailing.is_none_or(|mailing| Some(mailing) == event.mailing)
            && self.covers_address_of(event.contact as usize)
    }

    /// Whether a recipient, by its index, passes by provider, mailing, domain and address.
    pub(crate) fn covers_recipient(&self, index: usize, replay: &Replay<'_>) -> bool {
        let (mailing, contact) = replay.mailing_and_contact(index);
        self.mailing.is_none_or(|wanted| usize::from(wanted) == mailing)
            && self.covers_contact(contact, replay.record())
    }

    /// Whether a contact passes by provider, domain and address.
    fn covers_contact(&self, contact: usize, record: &Record) -> bool {
        self.covers_provider(record.contacts[contact].provider) && self.covers_address_of(contact)
    }

    fn covers_address_of(&self, contact: usize) -> bool {
        self.people.as_ref().is_none_or(|people| people[contact])
    }

    /// The contacts that pass by provider, domain and address, by their index.
    pub(crate) fn contacts<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = usize> + Clone + 'a {
        (0..record.contacts.len()).filter(|contact| self.covers_contact(*contact, record))
    }

    /// Whether a provider passes.
    pub(crate) fn covers_provider(&self, provider: ProviderId) -> bool {
        self.provider.is_none_or(|wanted| wanted == provider)
    }

    /// Whether a receipt passes by provider, mailing, domain and address. The receipts are the fleet's own account: they
    /// know addresses as text only, and a mailing by its return path.
    pub(crate) fn covers_receipt(&self, arrival: &Arrival, record: &Record) -> bool {
        let address = &record.receipts.recipients[arrival.recipient as usize];
        let sender = &record.receipts.senders[arrival.sender as usize];
        let is_sender = |mailing: MailingId| record.mailings[usize::from(mailing)].sends_from(sender);
        self.covers_provider(arrival.provider)
            && self.mailing.is_none_or(is_sender)
            && self.domain.as_ref().is_none_or(|domain| is_in(address, domain))
            && self.address.as_ref().is_none_or(|wanted| wanted == address)
    }

    /// Whether what became of a recipient passes by outcome and category.
    pub(crate) fn fits(&self, recipient: &Recipient) -> bool {
        self.outcome.is_none_or(|outcome| outcome == recipient.state) && self.has_category(recipient.verdict)
    }

    /// Whether a verdict passes by category.
    pub(crate) fn has_category(&self, verdict: Option<VerdictId>) -> bool {
        let has_it = |verdicts: &Vec<bool>| verdict.is_some_and(|verdict| verdicts[verdict as usize]);
        self.verdicts.as_ref().is_none_or(has_it)
    }

    /// Whether the standing of a contact passes by status.
    pub(crate) fn fits_standing(&self, standing: &Standing) -> bool {
        self.status.is_none_or(|status| status == standing.status)
    }

    /// Whether an event passes by the reason of an exclusion.
    pub(crate) fn has_reason(&self, event: &EventKind) -> bool {
        self.reason.is_none_or(|reason| *event == EventKind::Excluded(reason))
    }

    /// ` (northmail, mailbox-full)`, or nothing if everything passes.
    pub(crate) fn suffix(&self) -> String {
        if self.written.is_empty() { String::new() } else { format!(" ({})", self.written) }
    }
}

/// The mailing with this name, as an index of the record.
///
/// # Errors
/// There is none, as the text says.
pub(crate) fn mailing_named(name: &str, record: &Record) -> Result<usize, String> {
    found(record.mailings.iter().position(|mailing| mailing.name == name), "mailing", name)
}

/// The contact with this address, as an index of the record.
///
/// # Errors
/// There is none, as the text says.
pub(crate) fn contact_named(address: &str, record: &Record) -> Result<usize, String> {
    found(record.contacts.iter().position(|contact| contact.address == address), "contact", address)
}

fn provider_named(name: &str, record: &Record) -> Result<usize, String> {
    found(record.providers.iter().position(|provider| provider.name == name), "provider", name)
}

fn found(index: Option<usize>, what: &str, name: &str) -> Result<usize, String> {
    index.ok_or_else(|| format!("this run has no {what} `{name}`"))
}
