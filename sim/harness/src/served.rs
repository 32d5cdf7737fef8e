//! The record of a fleet that is served to somebody else's mail server: made of the receipts alone.
//!
//! What the client decides is not known, so the ledger is what its servers would have it be: a return path is a mailing, whom
//! it named is a contact, what was refused for good is a hard bounce, what was put off is in progress, because the client may
//! come again. Nothing is judged: there is nobody to judge.
//!
//! - `mailings`: which return paths are one mailing
//! - `ledger`: what happened to each recipient

mod ledger;
mod mailings;

use std::collections::BTreeMap;

use record::{Checked, Host, Limits, Provider, Record, Rule, RulePlace};
use serve::Testimony;

use crate::merge;
use ledger::Ledger;
use mailings::Mailings;

/// What a page of such a record says about where its figures come from.
const ABOUT: &str = "As the servers saw it: each return path is a mailing, and who was refused with 4yz is in progress, \
                     because the client may try again; what it has decided is not known here.";

/// What is being served.
#[derive(Debug, Clone)]
pub struct Served {
    /// Its name.
    pub name: String,
    /// The file of the scenario; empty without one.
    pub file: String,
    /// The text of the scenario; empty without one.
    pub source: String,
    /// The seed of the fleet.
    pub seed: u64,
}

/// The record of what servers have seen so far. Like that of a run under way, it has no digest and nothing in it is judged;
/// the same testimony gives the same record.
pub fn record(served: &Served, testimony: Testimony) -> Record {
    let Testimony { mut receipts, now, providers } = testimony;
    let uses: BTreeMap<u32, Vec<fleet::RuleUse>> = std::mem::take(&mut receipts.rules).into_iter().collect();
    renumber(&mut receipts, &providers);
    let (receipts, dialogues) = merge::receipts(receipts);
    let mut mailings = Mailings::of(&receipts);
    let Ledger { contacts, verdicts, events } = Ledger::of(&receipts, &mut mailings, &providers);
    Record {
        scenario: served.name.clone(),
        about: ABOUT.to_owned(),
        file: served.file.clone(),
        source: served.source.clone(),
        seed: served.seed,
        ended: now.as_nanos(),
        horizon: now.as_nanos(),
        providers: providers.iter().map(|who| provider(who, uses.get(&who.index))).collect(),
        mailings: mailings.into_rows(),
        letters: Vec::new(),
        contacts,
        timeline: Vec::new(),
        reactivations: Vec::new(),
        strays: Vec::new(),
        verdicts,
        events,
        receipts,
        dialogues,
        digest: 0,
        checked: Checked::default(),
    }
}

/// Gives providers the numbers of their places in the record.
fn renumber(receipts: &mut fleet::Receipts, providers: &[fleet::Who]) {
    let places: BTreeMap<u32, u32> = providers.iter().map(|who| who.index).zip(0..).collect();
    let connections = receipts.connections.iter_mut().map(|one| &mut one.provider);
    let arrivals = receipts.arrivals.iter_mut().map(|one| &mut one.provider);
    let sequels = receipts.sequels.iter_mut().map(|one| &mut one.provider);
    let dialogues = receipts.dialogues.iter_mut().map(|one| &mut one.provider);
    for provider in connections.chain(arrivals).chain(sequels).chain(dialogues) {
        *provider = places[&*provider];
    }
}

fn provider(who: &fleet::Who, uses: Option<&Vec<fleet::RuleUse>>) -> Provider {
    let host = |(site, name): (u32, &String)| Host { name: name.clone(), site };
    let rule = |used: &fleet::RuleUse| Rule {
        id: used.id.clone(),
        name: used.name.clone(),
        place: RulePlace::Provider,
        line: 0,
        fired: used.fired,
    };
    Provider {
        name: who.name.clone(),
        profile: who.profile.clone(),
        help_url: merge::help_url(&who.profile),
        domains: who.domains.clone(),
        hosts: (0..).zip(&who.hosts).map(host).collect(),
        // The client's own are not known.
        limits: Limits { connections: 0, messages_per_connection: 0, recipients_per_message: 0, rate: None },
        rules: uses.into_iter().flatten().map(rule).collect(),
    }
}

#[cfg(test)]
mod tests;
