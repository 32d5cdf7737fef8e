//! The outcomes of all shards become one record, in an order that does not depend on how many there were.
//!
//! `tables` says who took part, `receipts` joins the fleet's accounts, `dialogues` what was said, `numbering` keeps each name and verdict once.

mod dialogues;
mod numbering;
mod receipts;
mod tables;

use record::{Checked, Event, Reactivation, Record, Stray, VerdictRow};
use units::Instant;

use crate::ledger::{Pages, verdict_row};
use crate::plan::Plan;
use crate::world::{Order, Outcome};
use numbering::Numbering;

pub(crate) use tables::{counters, help_url, rate};

/// The receipts of a single fleet and its dialogues, in the record's order.
pub(crate) fn receipts(whole: fleet::Receipts) -> (record::Receipts, Vec<record::Dialogue>) {
    let mut whole = vec![whole];
    let dialogues = dialogues::merged(&mut whole);
    (receipts::merged(whole), dialogues)
}

/// The record of a run, without digest and judgement.
pub(crate) fn merge(plan: &Plan, order: &Order, outcomes: Vec<Outcome>) -> Record {
    let ended = outcomes.iter().map(|outcome| outcome.ended).max().unwrap_or(Instant::ZERO).as_nanos();
    let mailings = tables::mailings(plan, order, &outcomes);
    let mut letters = Vec::new();
    let mut receipts = Vec::new();
    let mut pages = Vec::new();
    for outcome in outcomes {
        letters.extend(outcome.letters);
        receipts.push(outcome.receipts);
        pages.push(outcome.pages);
    }
    let dialogues = dialogues::merged(&mut receipts);
    letters.sort_by_key(|letter| (letter.mailing, letter.contact));
    let Ledgers { events, reactivations, strays, verdicts } = ledgers(pages);
    Record {
        scenario: plan.name().to_owned(),
        about: plan.scenario.about.clone(),
        file: plan.source.name().to_owned(),
        source: plan.source.text().to_owned(),
        seed: order.seed,
        ended,
        horizon: plan.horizon.as_nanos(),
        providers: tables::providers(plan, receipts::rules(&mut receipts)),
        mailings,
        letters,
        contacts: tables::contacts(plan),
        timeline: tables::timeline(plan),
        reactivations,
        strays,
        verdicts,
        events,
        receipts: receipts::merged(receipts),
        dialogues,
        digest: 0,
        checked: Checked::default(),
    }
}

/// What engines wrote, as the record has it.
#[derive(Debug)]
pub(crate) struct Ledgers {
    pub(crate) events: Vec<Event>,
    pub(crate) reactivations: Vec<Reactivation>,
    pub(crate) strays: Vec<Stray>,
    pub(crate) verdicts: Vec<VerdictRow>,
}

/// The ledgers of all shards, in the record's order, each verdict once.
pub(crate) fn ledgers(pages: Vec<Pages>) -> Ledgers {
    let mut verdicts = Numbering::new();
    let mut events = Vec::with_capacity(pages.iter().map(|pages| pages.events.len()).sum());
    let (mut reactivations, mut strays) = (Vec::new(), Vec::new());
    for mut pages in pages {
        reactivations.extend(pages.reactivations);
        strays.extend(pages.strays);
        let numbers = verdicts.enter(pages.findings.iter().map(verdict_row));
        for verdict in pages.events.iter_mut().filter_map(|event| event.kind.verdict_mut()) {
            *verdict = numbers[*verdict as usize];
        }
        events.extend(pages.events);
    }
    // A provider lives in one shard, so that a stable sort keeps its events as they happened.
    events.sort_by_key(|event| (event.at, event.provider));
    reactivations.sort_by_key(|reactivation| (reactivation.at, reactivation.contact));
    // By all that is known of them: which shard one came to cannot be told.
    strays.sort();
    let verdicts = verdicts.by_first_use(events.iter_mut().filter_map(|event| event.kind.verdict_mut()));
    Ledgers { events, reactivations, strays, verdicts }
}
