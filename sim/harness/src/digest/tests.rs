//! Whatever is changed in a record changes its digest.

use std::collections::BTreeMap;

use record::{
    Cause, Checks, ConnectionEnd, Dialogue, ExcludeReason, Extent, Feedback, Happening, MailingKind, Outcome,
    Phase, RulePlace, Status, StatusCause, StrayReason,
};
use scenario::Source;

use super::*;
use crate::{Options, Plan, run};

const WORLD: &str = "
name: World
about: Something of everything.
providers: { bigbox: { like: gmail, fate: {}, mailboxes: { unknown: [c000001@bigbox.test] } } }
timeline:
  - { name: busy, from: 1h, until: 2h, provider: bigbox, greeting: busy }
  - { at: 3h, reactivate: c000001@bigbox.test, by: support, why: asked }
audience: [{ domain: bigbox.test, contacts: 3 }]
mailings: [{ name: news }, { name: signed, dkim: sign }]
limits: { rate: 100/min }
";

fn world() -> Record {
    let plan = Plan::read(&Source::new("world.yaml", WORLD)).expect("a sound scenario");
    run(&plan, &Options::default()).expect("it comes to its end")
}

/// A change of one field, and where it is.
type Change = (&'static str, fn(&mut Record));

const HEAD: [Change; 6] = [
    ("dialogue", |record| {
        let (provider, connection, extent) = (0, 1, Extent::Whole);
        record.dialogues.insert(0, Dialogue { provider, connection, lines: Vec::new(), extent });
    }),
    ("scenario", |record| record.scenario.push('x')),
    ("about", |record| record.about.push('x')),
    ("seed", |record| record.seed += 1),
    ("ended", |record| record.ended += 1),
    ("horizon", |record| record.horizon += 1),
];

const PROVIDERS: [Change; 16] = [
    ("providers", |record| record.providers.push(record.providers[0].clone())),
    ("name", |record| record.providers[0].name.push('x')),
    ("profile", |record| record.providers[0].profile.push('x')),
    ("help_url", |record| record.providers[0].help_url = None),
    ("domains", |record| record.providers[0].domains.push(String::new())),
    ("host name", |record| record.providers[0].hosts[0].name.push('x')),
    ("host site", |record| record.providers[0].hosts[0].site += 1),
    ("connections", |record| record.providers[0].limits.connections += 1),
    ("messages", |record| record.providers[0].limits.messages_per_connection += 1),
    ("recipients", |record| record.providers[0].limits.recipients_per_message += 1),
    ("rate", |record| record.providers[0].limits.rate = None),
    ("rule", |record| record.providers[0].rules[0].id.push('x')),
    ("rule's name", |record| record.providers[0].rules[0].name = None),
    ("rule's place", |record| record.providers[0].rules[0].place = RulePlace::Rule),
    ("rule's line", |record| record.providers[0].rules[0].line += 1),
    ("fired", |record| record.providers[0].rules[0].fired += 1),
];

const MAILINGS: [Change; 26] = [
    ("name", |record| record.mailings[0].name.push('x')),
    ("kind", |record| record.mailings[0].kind = MailingKind::Test),
    ("sender", |record| record.mailings[0].sender.push('x')),
    ("start", |record| record.mailings[0].start += 1),
    ("window_end", |record| record.mailings[0].window_end += 1),
    ("contact_policy", |record| record.mailings[0].contact_policy.push('x')),
    ("uncertain_policy", |record| record.mailings[0].uncertain_policy.push('x')),
    ("attempt_offsets", |record| record.mailings[0].attempt_offsets[1] += 1),
    ("message_bytes", |record| record.mailings[0].message_bytes += 1),
    ("message_hash", |record| record.mailings[0].message_hash ^= 1),
    ("selected", |record| record.mailings[0].counters.selected += 1),
    ("excluded", |record| record.mailings[0].counters.excluded += 1),
    ("pending", |record| record.mailings[0].counters.pending += 1),
    ("dropped", |record| record.mailings[0].counters.dropped += 1),
    ("sent", |record| record.mailings[0].counters.sent += 1),
    ("in_progress", |record| record.mailings[0].counters.in_progress += 1),
    ("delivered", |record| record.mailings[0].counters.delivered += 1),
    ("soft_bounced", |record| record.mailings[0].counters.soft_bounced += 1),
    ("hard_bounced", |record| record.mailings[0].counters.hard_bounced += 1),
    ("cancelled", |record| record.mailings[0].counters.cancelled += 1),
    ("late_bounced", |record| record.mailings[0].counters.late_bounced += 1),
    ("late_soft_bounced", |record| record.mailings[0].counters.late_soft_bounced += 1),
    ("late_hard_bounced", |record| record.mailings[0].counters.late_hard_bounced += 1),
    ("complained", |record| record.mailings[0].counters.complained += 1),
    ("unsubscribed", |record| record.mailings[0].counters.unsubscribed += 1),
    ("reports_ignored", |record| record.mailings[0].counters.reports_ignored += 1),
];

const TABLES: [Change; 31] = [
    ("letter's mailing", |record| record.letters[0].mailing += 1),
    ("letter's contact", |record| record.letters[0].contact += 1),
    ("letter's bytes", |record| record.letters[0].bytes += 1),
    ("letter's hash", |record| record.letters[0].hash ^= 1),
    ("address", |record| record.contacts[0].address.push('x')),
    ("contact's provider", |record| record.contacts[0].provider += 1),
    ("listed", |record| record.contacts[0].listed += 1),
    ("status", |record| record.contacts[0].status = Status::Error),
    ("span's name", |record| record.timeline[0].name.push('x')),
    ("from", |record| record.timeline[0].from += 1),
    ("until", |record| record.timeline[0].until = None),
    ("repeat", |record| record.timeline[0].repeat = Some(record::Repeat { every: 2, lasts: 1 })),
    ("span's provider", |record| record.timeline[0].provider = None),
    ("what", |record| record.timeline[0].what.push('x')),
    ("reactivated at", |record| record.reactivations[0].at += 1),
    ("reactivated contact", |record| record.reactivations[0].contact += 1),
    ("by", |record| record.reactivations[0].by.push('x')),
    ("why", |record| record.reactivations[0].why.push('x')),
    ("refused", |record| record.reactivations[0].refused ^= true),
    ("phase", |record| record.verdicts[0].phase = Phase::Dns),
    ("code", |record| record.verdicts[0].code = None),
    ("enhanced", |record| record.verdicts[0].enhanced = None),
    ("text", |record| record.verdicts[0].text.push('x')),
    ("class", |record| record.verdicts[0].class.push('x')),
    ("category", |record| record.verdicts[0].category.push('x')),
    ("scope", |record| record.verdicts[0].scope.push('x')),
    ("rule", |record| record.verdicts[0].rule.push('x')),
    ("action", |record| record.verdicts[0].action.push('x')),
    ("wait", |record| record.verdicts[0].wait = Some(7)),
    ("reason", |record| record.verdicts[0].reason.push('x')),
    ("help", |record| record.verdicts[0].help_url = Some("x".into())),
];

fn stray(why: StrayReason) -> Stray {
    Stray { at: 1, to: "b@sender.example".to_owned(), why }
}

/// Every kind of event, in place of the first.
const EVENTS: [Change; 16] = [
    ("stray", |record| record.strays.push(stray(StrayReason::NotOurs))),
    ("forged", |record| record.strays.push(stray(StrayReason::Forged))),
    ("at", |record| record.events[0].at += 1),
    ("provider", |record| record.events[0].provider += 1),
    ("contact", |record| record.events[0].contact += 1),
    ("mailing", |record| record.events[0].mailing = None),
    ("reason", |record| record.events[0].kind = EventKind::Excluded(ExcludeReason::Error)),
    ("other reason", |record| record.events[0].kind = EventKind::Excluded(ExcludeReason::OptOut)),
    ("begun", |record| record.events[0].kind = EventKind::AttemptBegun { attempt: 1, connection: 2 }),
    ("ended", |record| {
        record.events[0].kind = EventKind::AttemptEnded { attempt: 1, verdict: 2, retry_at: None };
    }),
    ("retry", |record| {
        record.events[0].kind = EventKind::AttemptEnded { attempt: 1, verdict: 2, retry_at: Some(0) };
    }),
    ("throttled", |record| record.events[0].kind = EventKind::Uncounted { verdict: 2 }),
    ("settled", |record| {
        record.events[0].kind =
            EventKind::Settled { outcome: Outcome::Dropped, cause: Cause::HeldBack, verdict: None };
    }),
    ("complaint", |record| {
        record.events[0].kind = EventKind::Feedback { what: Feedback::Complaint, verdict: None };
    }),
    ("late bounce", |record| {
        record.events[0].kind = EventKind::Feedback { what: Feedback::LateHardBounce, verdict: Some(0) };
    }),
    ("changed", |record| {
        let (from, to) = (Status::Active, Status::Error);
        let cause = StatusCause::HardBounce;
        record.events[0].kind = EventKind::StatusChanged { from, to, strikes: 1, cause };
    }),
];

const RECEIPTS: [Change; 29] = [
    ("checks", |record| record.receipts.arrivals[0].checks = Checks::of([("spf", "pass")]).unwrap()),
    ("number", |record| record.receipts.connections[0].number += 1),
    ("host", |record| record.receipts.connections[0].host += 1),
    ("opened", |record| record.receipts.connections[0].opened += 1),
    ("closed", |record| record.receipts.connections[0].closed += 1),
    ("messages", |record| record.receipts.connections[0].messages += 1),
    ("end", |record| record.receipts.connections[0].end = ConnectionEnd::StillOpen),
    ("connection's provider", |record| record.receipts.connections[0].provider += 1),
    ("arrived at", |record| record.receipts.arrivals[0].at += 1),
    ("arrival's provider", |record| record.receipts.arrivals[0].provider += 1),
    ("connection", |record| record.receipts.arrivals[0].connection += 1),
    ("sender", |record| record.receipts.arrivals[0].sender += 1),
    ("recipient", |record| record.receipts.arrivals[0].recipient += 1),
    ("unfinished", |record| record.receipts.arrivals[0].answer = Answer::Unfinished),
    ("accepted", |record| {
        record.receipts.arrivals[0].answer = Answer::Accepted { body_hash: 1, body_bytes: 2 };
    }),
    ("reply lost", |record| {
        record.receipts.arrivals[0].answer = Answer::AcceptedReplyLost { body_hash: 1, body_bytes: 2 };
    }),
    ("refused", |record| {
        record.receipts.arrivals[0].answer = Answer::Refused { phase: Phase::Data, code: 2 };
    }),
    ("decided by", |record| record.receipts.arrivals[0].rule = Some(7)),
    ("ended by", |record| record.receipts.connections[0].rule = Some(7)),
    ("happened at", |record| record.receipts.sequels[0].at += 1),
    ("sequel's provider", |record| record.receipts.sequels[0].provider += 1),
    ("sequel's connection", |record| record.receipts.sequels[0].connection += 1),
    ("sequel's sender", |record| record.receipts.sequels[0].sender += 1),
    ("sequel's recipient", |record| record.receipts.sequels[0].recipient += 1),
    ("sequel's hash", |record| record.receipts.sequels[0].body_hash ^= 1),
    ("what happened", |record| record.receipts.sequels[0].what = Happening::Clicked),
    ("senders", |record| record.receipts.senders[0].push('x')),
    ("recipients", |record| record.receipts.recipients[0].push('x')),
    ("open_at_the_end", |record| record.receipts.open_at_the_end += 1),
];

#[test]
fn every_field_reaches_the_digest() {
    let record = world();
    let mut seen = BTreeMap::from([(digest(&record), "nothing")]);
    let changes: [&[Change]; 6] = [&HEAD, &PROVIDERS, &MAILINGS, &TABLES, &EVENTS, &RECEIPTS];
    for (field, change) in changes.into_iter().flatten() {
        let mut changed = record.clone();
        change(&mut changed);
        assert_ne!(changed, record, "{field}");
        let before = seen.insert(digest(&changed), field);
        assert_eq!(before, None, "{field} has the same digest");
    }
}

#[test]
fn file_and_verdicts_do_not() {
    let record = world();
    let mut other = record.clone();
    (other.file, other.digest) = ("elsewhere.yaml".to_owned(), 7);
    other.source.push_str("# a comment");
    other.checked.laws.clear();
    assert_eq!(digest(&other), digest(&record));
}
