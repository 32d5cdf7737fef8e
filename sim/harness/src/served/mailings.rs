//! Which return paths are one mailing.
//!
//! Each is one of its own, unless its domain has many: then somebody gives every recipient a return path of its own, and all
//! of the domain are one. However many domains there are, there is an end to it.

use std::collections::BTreeMap;

use policy::retry::WINDOW;
use record::{Counters, MailingId, MailingKind, Receipts};
use units::Instant;

/// A domain with more return paths than this is one mailing.
const PATHS_OF_A_DOMAIN: usize = 20;

/// The most mailings; what comes after them is one together.
const MAILINGS: usize = 200;

/// Mailings by first use.
#[derive(Debug)]
pub(super) struct Mailings {
    rows: Vec<record::Mailing>,
    /// By return path.
    of_sender: Vec<MailingId>,
}

impl Mailings {
    pub(super) fn of(receipts: &Receipts) -> Self {
        let mut paths: BTreeMap<&str, usize> = BTreeMap::new();
        for sender in &receipts.senders {
            *paths.entry(domain(sender)).or_default() += 1;
        }
        let name = |sender: &String| match paths.get(domain(sender)) {
            Some(count) if *count > PATHS_OF_A_DOMAIN => format!("*@{}", domain(sender)),
            Some(_) | None => sender.clone(),
        };
        let mut mailings = Self { rows: Vec::new(), of_sender: Vec::with_capacity(receipts.senders.len()) };
        let mut known = BTreeMap::new();
        for path in receipts.senders.iter().map(name) {
            let is_last = mailings.rows.len() + 1 >= MAILINGS;
            let path = if is_last && !known.contains_key(&path) { "*".to_owned() } else { path };
            let next = mailings.rows.len();
            let number = *known.entry(path.clone()).or_insert(next);
            if number == next {
                mailings.rows.push(row(path));
            }
            mailings.of_sender.push(MailingId::try_from(number).expect("there are few"));
        }
        mailings
    }

    /// The mailing of a return path.
    pub(super) fn of_sender(&self, sender: u32) -> MailingId {
        self.of_sender[sender as usize]
    }

    /// What is counted of a mailing.
    pub(super) fn counters(&mut self, mailing: MailingId) -> &mut Counters {
        &mut self.rows[usize::from(mailing)].counters
    }

    /// A recipient of the mailing was first named at this moment.
    pub(super) fn begin(&mut self, mailing: MailingId, at: u64, message_bytes: u64) {
        let row = &mut self.rows[usize::from(mailing)];
        if at < row.start {
            (row.start, row.window_end) = (at, (Instant::from_nanos(at) + WINDOW).as_nanos());
        }
        row.message_bytes = row.message_bytes.max(message_bytes);
    }

    pub(super) fn into_rows(self) -> Vec<record::Mailing> {
        self.rows
    }
}

fn domain(sender: &str) -> &str {
    sender.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn row(path: String) -> record::Mailing {
    let name = match path.as_str() {
        "" => "<> (reports)".to_owned(),
        "*" => "other return paths".to_owned(),
        path => path.to_owned(),
    };
    record::Mailing {
        name,
        kind: MailingKind::Regular,
        sender: path,
        start: u64::MAX,
        window_end: u64::MAX,
        contact_policy: "not known".to_owned(),
        uncertain_policy: "not known".to_owned(),
        attempt_offsets: Vec::new(),
        message_bytes: 0,
        message_hash: 0,
        counters: Counters::default(),
    }
}
