//! Who and what took part: providers, mailings, contacts, spans of the timeline.

use std::sync::Arc;

use policy::metrics::Metrics;
use record::Counters;
use scenario::{Entry, Mx};
use smtp::Body;
use units::Instant;
use xxhash_rust::xxh3::Xxh3Default;

use crate::message;
use crate::plan::{Plan, PlannedContact};
use crate::world::{self, Outcome};

pub(super) fn providers(plan: &Plan) -> Vec<record::Provider> {
    let limits = &plan.scenario.limits;
    let provider = |(provider, profile): (&scenario::Provider, &&fleet::profile::Profile)| record::Provider {
        name: provider.name.value.clone(),
        profile: profile.name.clone(),
        help_url: profile.help.as_ref().map(|page| page.url.clone()),
        domains: provider.domains.iter().map(|domain| domain.value.clone()).collect(),
        limits: record::Limits {
            // Every domain that is its own mail exchanger is a site of its own.
            connections: match provider.mx {
                Mx::Implicit => {
                    limits.connections.saturating_mul(u32::try_from(provider.domains.len()).unwrap_or(1))
                }
                Mx::Hosts(_) | Mx::Null | Mx::NoSuchDomain | Mx::ServerFailure => limits.connections,
            },
            messages_per_connection: limits.messages_per_connection,
            recipients_per_message: limits.recipients_per_message,
        },
    };
    plan.scenario.providers.iter().zip(&plan.profiles).map(provider).collect()
}

pub(super) fn mailings(plan: &Plan, bodies: &[Arc<Body>], outcomes: &[Outcome]) -> Vec<record::Mailing> {
    let mailing = |(number, written): (usize, &scenario::Mailing)| {
        let planned = &plan.mailings[number];
        record::Mailing {
            name: written.name.value.clone(),
            kind: match written.kind {
                scenario::MailingKind::Regular => record::MailingKind::Regular,
                scenario::MailingKind::Automated(_) => record::MailingKind::Automated,
                scenario::MailingKind::Test => record::MailingKind::Test,
            },
            sender: match message::sender(number + 1, &written.name.value) {
                smtp::ReversePath::Null => String::new(),
                smtp::ReversePath::Address(address) => address.as_str().to_owned(),
            },
            start: written.start.value.as_nanos(),
            window_end: planned.window_end.as_nanos(),
            contact_policy: world::contact_policy(written.policy).name().to_owned(),
            uncertain_policy: world::uncertain_policy(written.uncertain).name().to_owned(),
            attempt_offsets: planned
                .plan
                .offsets()
                .iter()
                .map(|offset| (Instant::ZERO + *offset).as_nanos())
                .collect(),
            message_bytes: bodies[number].len(),
            message_hash: hash(&bodies[number]),
            counters: outcomes
                .iter()
                .map(|outcome| &outcome.metrics[number])
                .fold(Counters::default(), added),
        }
    };
    plan.scenario.mailings.iter().enumerate().map(mailing).collect()
}

/// The hash of the message as it was meant, computed from what is transmitted, independently of the fleet.
fn hash(body: &Body) -> u64 {
    let mut hash = Xxh3Default::new();
    let mut lines = body.wire().split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() {
            hash.update(line.strip_prefix(b".").unwrap_or(line));
        }
    }
    hash.digest()
}

fn added(sum: Counters, metrics: &Metrics) -> Counters {
    Counters {
        selected: sum.selected + metrics.selected,
        excluded: sum.excluded + metrics.excluded,
        pending: sum.pending + metrics.pending,
        dropped: sum.dropped + metrics.dropped,
        sent: sum.sent + metrics.sent,
        in_progress: sum.in_progress + metrics.in_progress,
        delivered: sum.delivered + metrics.delivered,
        soft_bounced: sum.soft_bounced + metrics.soft_bounced,
        hard_bounced: sum.hard_bounced + metrics.hard_bounced,
        cancelled: sum.cancelled + metrics.cancelled,
    }
}

pub(super) fn contacts(plan: &Plan) -> Vec<record::Contact> {
    let contact = |contact: &PlannedContact| record::Contact {
        address: contact.address.as_str().to_owned(),
        provider: contact.provider,
        listed: contact.listed,
        status: match contact.status {
            scenario::ContactStatus::Active => record::Status::Active,
            scenario::ContactStatus::Error => record::Status::Error,
            scenario::ContactStatus::OptOut => record::Status::OptOut,
        },
    };
    plan.contacts.iter().map(contact).collect()
}

pub(super) fn timeline(plan: &Plan) -> Vec<record::Span> {
    let span = |span: &scenario::Span| record::Span {
        name: span.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        from: span.from.as_nanos(),
        until: (span.until.value != Instant::MAX).then(|| span.until.value.as_nanos()),
        provider: plan
            .scenario
            .providers
            .iter()
            .position(|provider| provider.name.value == span.provider.value)
            .map(|number| u32::try_from(number).expect("providers are few")),
        what: span
            .behaviours
            .iter()
            .map(|written| {
                let settings = plan.source.slice(written.settings.place);
                format!(
                    "{}: {}",
                    written.key.value,
                    settings.split_whitespace().collect::<Vec<_>>().join(" ")
                )
            })
            .collect::<Vec<_>>()
            .join(", "),
    };
    let entry = |entry: &Entry| match entry {
        Entry::Span(written) => Some(span(written)),
        Entry::Action(_) => None,
    };
    plan.scenario.timeline.iter().filter_map(entry).collect()
}
