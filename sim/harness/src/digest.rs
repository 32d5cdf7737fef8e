//! The digest of a record: equal digests, equal runs.
//!
//! XXH3-64 over the fields in a fixed order and encoding: numbers little-endian, texts and lists with their length before
//! them, variants by their place. Two things are left out. The file name: the same scenario under another path is the same
//! run. The verdicts on expectations and laws: they follow from the rest. Every struct is taken apart without `..`, so that
//! a new field cannot be forgotten here.

use record::{
    Answer, Arrival, Connection, Contact, Counters, Event, EventKind, Host, Limits, Mailing, Provider, Rate,
    Reactivation, Receipts, Record, Rule, Span, VerdictRow,
};
use xxhash_rust::xxh3::Xxh3Default;

/// The digest of everything in `record` that describes the run.
pub(crate) fn digest(record: &Record) -> u64 {
    let Record {
        scenario,
        about,
        file: _,
        seed,
        ended,
        horizon,
        providers,
        mailings,
        contacts,
        timeline,
        reactivations,
        verdicts,
        events,
        receipts,
        digest: _,
        checked: _,
    } = record;
    let mut digest = Digest(Xxh3Default::new());
    digest.text(scenario).text(about).numbers(&[*seed, *ended, *horizon]);
    digest.list(providers, Digest::provider).list(mailings, Digest::mailing);
    digest.list(contacts, Digest::contact).list(timeline, Digest::span);
    digest.list(reactivations, Digest::reactivation).list(verdicts, Digest::verdict);
    digest.list(events, Digest::event);
    digest.receipts(receipts);
    digest.0.digest()
}

struct Digest(Xxh3Default);

impl Digest {
    fn numbers(&mut self, numbers: &[u64]) -> &mut Self {
        numbers.iter().for_each(|number| self.0.update(&number.to_le_bytes()));
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.numbers(&[text.len() as u64]);
        self.0.update(text.as_bytes());
        self
    }

    /// Whether something is there, and what it is.
    fn option(&mut self, number: Option<u64>) -> &mut Self {
        self.numbers(&[u64::from(number.is_some()), number.unwrap_or(0)])
    }

    fn optional_text(&mut self, text: Option<&str>) -> &mut Self {
        self.numbers(&[u64::from(text.is_some())]).text(text.unwrap_or(""))
    }

    fn list<T>(&mut self, items: &[T], each: fn(&mut Self, &T)) -> &mut Self {
        self.numbers(&[items.len() as u64]);
        items.iter().for_each(|item| each(self, item));
        self
    }

    fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.list(texts, |digest, text| {
            digest.text(text);
        })
    }

    fn provider(&mut self, provider: &Provider) {
        let Provider { name, profile, help_url, domains, hosts, limits, rules } = provider;
        let Limits { connections, messages_per_connection, recipients_per_message, rate } = limits;
        self.text(name).text(profile).optional_text(help_url.as_deref()).texts(domains);
        self.list(hosts, |digest, Host { name, site }| {
            digest.text(name).numbers(&[u64::from(*site)]);
        });
        self.numbers(&[*connections, *messages_per_connection, *recipients_per_message].map(u64::from));
        let rate = rate.map(|Rate { recipients, period }| [u64::from(recipients), period]);
        self.numbers(&[u64::from(rate.is_some())]).numbers(&rate.unwrap_or_default());
        self.list(rules, |digest, Rule { id, name, fired }| {
            digest.text(id).optional_text(name.as_deref()).numbers(&[*fired]);
        });
    }

    fn mailing(&mut self, mailing: &Mailing) {
        let Mailing {
            name,
            kind,
            sender,
            start,
            window_end,
            contact_policy,
            uncertain_policy,
            attempt_offsets,
            message_bytes,
            message_hash,
            counters,
        } = mailing;
        self.text(name).text(sender).text(contact_policy).text(uncertain_policy);
        self.numbers(&[*kind as u64, *start, *window_end, *message_bytes, *message_hash]);
        self.numbers(&[attempt_offsets.len() as u64]).numbers(attempt_offsets);
        self.counters(counters);
    }

    fn counters(&mut self, counters: &Counters) {
        let Counters {
            selected,
            excluded,
            pending,
            dropped,
            sent,
            in_progress,
            delivered,
            soft_bounced,
            hard_bounced,
            cancelled,
            late_bounced,
            late_soft_bounced,
            late_hard_bounced,
            complained,
            unsubscribed,
            reports_ignored,
        } = counters;
        self.numbers(&[*selected, *excluded, *pending, *dropped, *sent]);
        self.numbers(&[*in_progress, *delivered, *soft_bounced, *hard_bounced, *cancelled]);
        self.numbers(&[*late_bounced, *late_soft_bounced, *late_hard_bounced]);
        self.numbers(&[*complained, *unsubscribed, *reports_ignored]);
    }

    fn contact(&mut self, contact: &Contact) {
        let Contact { address, provider, listed, status } = contact;
        self.text(address).numbers(&[u64::from(*provider), u64::from(*listed), *status as u64]);
    }

    fn span(&mut self, span: &Span) {
        let Span { name, from, until, provider, what } = span;
        self.text(name).text(what).numbers(&[*from]).option(*until).option(provider.map(u64::from));
    }

    fn reactivation(&mut self, reactivation: &Reactivation) {
        let Reactivation { at, contact, by, why, refused } = reactivation;
        self.text(by).text(why).numbers(&[*at, u64::from(*contact), u64::from(*refused)]);
    }

    fn verdict(&mut self, verdict: &VerdictRow) {
        let VerdictRow {
            phase,
            code,
            enhanced,
            text,
            class,
            category,
            scope,
            action,
            wait,
            rule,
            reason,
            help_url,
        } = verdict;
        self.numbers(&[*phase as u64]).option(code.map(u64::from)).optional_text(enhanced.as_deref());
        self.text(text).text(class).text(category).text(scope).text(rule);
        self.text(action).option(*wait).text(reason).optional_text(help_url.as_deref());
    }

    fn event(&mut self, event: &Event) {
        let Event { at, provider, contact, mailing, kind } = *event;
        let mailing = mailing.map_or(u64::MAX, u64::from);
        self.numbers(&[at, u64::from(provider), u64::from(contact), mailing]);
        let fields: [u64; 5] = match kind {
            EventKind::Selected => [1, 0, 0, 0, 0],
            EventKind::Excluded(reason) => [2, reason as u64, 0, 0, 0],
            EventKind::AttemptBegun { attempt, connection } => {
                [3, u64::from(attempt), u64::from(connection), 0, 0]
            }
            EventKind::AttemptEnded { attempt, verdict, retry_at } => [
                4,
                u64::from(attempt),
                u64::from(verdict),
                u64::from(retry_at.is_some()),
                retry_at.unwrap_or(0),
            ],
            EventKind::Uncounted { verdict } => [5, u64::from(verdict), 0, 0, 0],
            EventKind::Settled { outcome, cause, verdict } => {
                let numbered = verdict.map_or(0, |verdict| u64::from(verdict) + 1);
                [6, outcome as u64, cause as u64, numbered, 0]
            }
            EventKind::StatusChanged { from, to, strikes, cause } => {
                [7, from as u64, to as u64, u64::from(strikes), cause as u64]
            }
            EventKind::Feedback { what, verdict } => {
                [8, what as u64, verdict.map_or(0, |verdict| u64::from(verdict) + 1), 0, 0]
            }
        };
        self.numbers(&fields);
    }

    fn receipts(&mut self, receipts: &Receipts) {
        let Receipts { connections, arrivals, senders, recipients, open_at_the_end } = receipts;
        self.list(connections, Self::connection).list(arrivals, Self::arrival);
        self.texts(senders).texts(recipients).numbers(&[u64::from(*open_at_the_end)]);
    }

    fn connection(&mut self, connection: &Connection) {
        let Connection { provider, number, host, opened, closed, messages, end, rule } = *connection;
        self.numbers(&[provider, number, host, messages].map(u64::from));
        self.numbers(&[opened, closed, end as u64]).option(rule.map(u64::from));
    }

    fn arrival(&mut self, arrival: &Arrival) {
        let Arrival { at, provider, connection, sender, recipient, answer, rule } = *arrival;
        self.numbers(&[at]).numbers(&[provider, connection, sender, recipient].map(u64::from));
        let fields = match answer {
            Answer::Accepted { body_hash, body_bytes } => [1, body_hash, body_bytes],
            Answer::AcceptedReplyLost { body_hash, body_bytes } => [2, body_hash, body_bytes],
            Answer::Refused { phase, code } => [3, phase as u64, u64::from(code)],
            Answer::Unfinished => [4, 0, 0],
        };
        self.numbers(&fields).option(rule.map(u64::from));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use record::{
        Cause, ConnectionEnd, ExcludeReason, Feedback, MailingKind, Outcome, Phase, Status, StatusCause,
    };
    use scenario::Source;

    use super::*;
    use crate::{Options, Plan, run};

    const WORLD: &str = "
name: World
about: Something of everything.
providers: { bigbox: { like: gmail, mailboxes: { unknown: [c000001@bigbox.test] } } }
timeline:
  - { name: busy, from: 1h, until: 2h, provider: bigbox, greeting: busy }
  - { at: 3h, reactivate: c000001@bigbox.test, by: support, why: asked }
audience: [{ domain: bigbox.test, contacts: 3 }]
mailings: [{ name: news }]
limits: { rate: 100/min }
";

    fn world() -> Record {
        let plan = Plan::read(&Source::new("world.yaml", WORLD)).expect("a sound scenario");
        run(&plan, &Options::default()).expect("it comes to its end")
    }

    /// A change of one field, and where it is.
    type Change = (&'static str, fn(&mut Record));

    const HEAD: [Change; 5] = [
        ("scenario", |record| record.scenario.push('x')),
        ("about", |record| record.about.push('x')),
        ("seed", |record| record.seed += 1),
        ("ended", |record| record.ended += 1),
        ("horizon", |record| record.horizon += 1),
    ];

    const PROVIDERS: [Change; 11] = [
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

    const TABLES: [Change; 26] = [
        ("address", |record| record.contacts[0].address.push('x')),
        ("contact's provider", |record| record.contacts[0].provider += 1),
        ("listed", |record| record.contacts[0].listed += 1),
        ("status", |record| record.contacts[0].status = Status::Error),
        ("span's name", |record| record.timeline[0].name.push('x')),
        ("from", |record| record.timeline[0].from += 1),
        ("until", |record| record.timeline[0].until = None),
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

    /// Every kind of event, in place of the first.
    const EVENTS: [Change; 14] = [
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

    const RECEIPTS: [Change; 19] = [
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
        other.checked.laws.clear();
        assert_eq!(digest(&other), digest(&record));
    }
}
