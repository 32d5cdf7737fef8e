//! The record of a mailing that was sent without a fleet: no receipts, and every domain is a provider of its own, because nobody
//! has said who runs it.

use std::collections::BTreeMap;

use ::record::{Checked, Contact, Host, Limits, MailingKind, Provider, Receipts, Record, Status};
use policy::metrics::Metrics;
use policy::retry::WINDOW;
use units::Instant;

use super::{List, ReturnPath, Sending, known};
use crate::digest::digest;
use crate::ledger::{Known, Pages};
use crate::merge;

/// What is known of a mailing before it starts.
#[derive(Debug)]
pub(super) struct Plain {
    record: Record,
}

impl Plain {
    pub(super) fn of(sending: &Sending, list: &List, start: Instant) -> Self {
        let mut domains: BTreeMap<&str, u32> = BTreeMap::new();
        let mut providers = Vec::new();
        let mut contacts: Vec<Contact> = Vec::with_capacity(list.contacts.len());
        for address in &list.contacts {
            let provider = *domains.entry(address.domain()).or_insert_with(|| {
                providers.push(provider(address.domain(), sending));
                u32::try_from(providers.len() - 1).expect("fewer than four billion")
            });
            let address = address.as_str().to_owned();
            contacts.push(Contact { address, provider, listed: 0, status: Status::Active });
        }
        list.lines.iter().for_each(|line| contacts[line.contact.index()].listed += 1);
        let horizon = (start + WINDOW).as_nanos();
        let record = Record {
            scenario: sending.name.clone(),
            about: String::new(),
            file: sending.file.clone(),
            source: String::new(),
            seed: sending.seed,
            ended: 0,
            horizon,
            providers,
            mailings: vec![mailing(sending, start)],
            letters: Vec::new(),
            contacts,
            timeline: Vec::new(),
            reactivations: Vec::new(),
            strays: Vec::new(),
            verdicts: Vec::new(),
            events: Vec::new(),
            receipts: Receipts::default(),
            dialogues: Vec::new(),
            digest: 0,
            checked: Checked::default(),
        };
        Self { record }
    }

    /// The contacts, as the ledger knows them.
    pub(super) fn members(&self) -> Vec<Known> {
        (0..).zip(&self.record.contacts).map(|(number, contact)| known(number, contact.provider)).collect()
    }

    /// The record, once the mailing has ended.
    pub(super) fn record(self, pages: Pages, metrics: &Metrics, ended: Instant) -> Record {
        let mut record = self.record;
        let merge::Ledgers { events, reactivations, strays, verdicts } = merge::ledgers(vec![pages]);
        record.ended = ended.as_nanos();
        record.mailings[0].counters = merge::counters([metrics]);
        record.events = events;
        record.reactivations = reactivations;
        record.strays = strays;
        record.verdicts = verdicts;
        record.digest = digest(&record);
        record
    }
}

fn provider(domain: &str, sending: &Sending) -> Provider {
    Provider {
        name: domain.to_owned(),
        profile: String::new(),
        help_url: None,
        domains: vec![domain.to_owned()],
        hosts: Vec::<Host>::new(),
        limits: Limits {
            connections: sending.limits.connections,
            messages_per_connection: sending.limits.messages_per_connection,
            recipients_per_message: sending.limits.recipients_per_message,
            rate: sending.limits.rate.map(merge::rate),
        },
        rules: Vec::new(),
    }
}

/// The mailing; its messages differ, so that there is neither one size nor one hash.
fn mailing(sending: &Sending, start: Instant) -> ::record::Mailing {
    let offset = |offset: &std::time::Duration| (Instant::ZERO + *offset).as_nanos();
    ::record::Mailing {
        name: sending.name.clone(),
        kind: MailingKind::Regular,
        sender: match &sending.return_path {
            ReturnPath::Shared(address) => address.as_str().to_owned(),
            ReturnPath::Each(paths) => paths.base().as_str().to_owned(),
        },
        start: start.as_nanos(),
        window_end: (start + WINDOW).as_nanos(),
        contact_policy: sending.contact_policy.name().to_owned(),
        uncertain_policy: sending.uncertain.name().to_owned(),
        attempt_offsets: sending.plan.offsets().iter().map(offset).collect(),
        message_bytes: 0,
        message_hash: 0,
        counters: ::record::Counters::default(),
    }
}
