//! Who and what took part: providers, mailings, contacts, spans of the timeline.

use std::collections::BTreeMap;

use policy::metrics::Metrics;
use record::{Counters, RulePlace};
use scenario::{Entry, Mx};
use units::{Instant, Span as Lasting};
use verdicts::RuleBook;

use crate::message::{self, Post};
use crate::plan::{Plan, PlannedContact, PlannedProvider, places};
use crate::world::{self, Order, Outcome};

/// The providers of the plan, with the rules of each as its fleet has used them.
pub(super) fn providers(plan: &Plan, mut used: BTreeMap<u32, Vec<fleet::RuleUse>>) -> Vec<record::Provider> {
    let limits = record::Limits {
        connections: plan.limits.connections,
        messages_per_connection: plan.limits.messages_per_connection,
        recipients_per_message: plan.limits.recipients_per_message,
        rate: plan.limits.rate.map(rate),
    };
    let provider =
        |(number, (provider, planned)): (u32, (&scenario::Provider, &PlannedProvider))| record::Provider {
            name: provider.name.value.clone(),
            profile: planned.profile.name.clone(),
            help_url: help_url(&planned.profile.name),
            domains: provider.domains.iter().map(|domain| domain.value.clone()).collect(),
            hosts: hosts(plan, number),
            limits,
            rules: rules(plan, number, used.remove(&number).unwrap_or_default()),
        };
    (0..).zip(plan.scenario.providers.iter().zip(&plan.providers)).map(provider).collect()
}

/// The rules of a provider, with their places in the scenario.
fn rules(plan: &Plan, provider: u32, used: Vec<fleet::RuleUse>) -> Vec<record::Rule> {
    let rule = |(used, (place, at)): (fleet::RuleUse, (RulePlace, scenario::Place))| record::Rule {
        id: used.id,
        name: used.name,
        place,
        line: u32::try_from(plan.source.line_column(at).0).unwrap_or(u32::MAX),
        fired: used.fired,
    };
    used.into_iter().zip(places(plan, provider as usize)).map(rule).collect()
}

/// The page about the error codes of the provider that a profile imitates. The generic profile speaks as Postfix does.
pub(crate) fn help_url(profile: &str) -> Option<String> {
    let provider = if profile == fleet::library().generic().name { "postfix" } else { profile };
    let rules = RuleBook::shipped();
    rules.help(rules.named(provider)?).map(|help| help.url.clone())
}

pub(crate) fn rate(rate: units::Rate) -> record::Rate {
    record::Rate { recipients: rate.count(), period: (Instant::ZERO + rate.period()).as_nanos() }
}

/// The hosts of a provider, in the order in which the fleet counts them. All domains share the MX hosts, which so are one
/// site; a domain that is its own host is a site of its own, and so is a host that comes later.
fn hosts(plan: &Plan, number: u32) -> Vec<record::Host> {
    let provider = &plan.scenario.providers[number as usize];
    let at_first = u32::try_from(provider.hosts().count()).expect("hosts are few");
    let site_of = |index| match provider.mx {
        Mx::Implicit => index,
        Mx::Hosts(_) | Mx::Null | Mx::NoSuchDomain | Mx::ServerFailure if index < at_first => 0,
        Mx::Hosts(_) => index - at_first + 1,
        Mx::Null | Mx::NoSuchDomain | Mx::ServerFailure => index,
    };
    let host = |(index, name): (u32, String)| record::Host { name, site: site_of(index) };
    (0..).zip(world::hosts(plan, number as usize)).map(host).collect()
}

pub(super) fn mailings(plan: &Plan, order: &Order, outcomes: &[Outcome]) -> Vec<record::Mailing> {
    let mailing = |(number, written): (usize, &scenario::Mailing)| {
        let planned = &plan.mailings[number];
        let (message_bytes, message_hash) = match &order.messages[number] {
            Post::Shared(message) => (message.bytes, message.hash),
            Post::Personal => (0, 0),
        };
        record::Mailing {
            name: written.name.value.clone(),
            kind: match written.kind {
                scenario::MailingKind::Regular => record::MailingKind::Regular,
                scenario::MailingKind::Automated(_) => record::MailingKind::Automated,
                scenario::MailingKind::Test => record::MailingKind::Test,
            },
            sender: message::recorded_sender(&plan.scenario.sender, number + 1, written, order.seed),
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
            message_bytes,
            message_hash,
            counters: counters(outcomes.iter().map(|outcome| &outcome.metrics[number])),
        }
    };
    plan.scenario.mailings.iter().enumerate().map(mailing).collect()
}

/// The sum of what engines counted.
pub(crate) fn counters<'a>(metrics: impl IntoIterator<Item = &'a Metrics>) -> Counters {
    metrics.into_iter().fold(Counters::default(), added)
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
        late_bounced: sum.late_bounced + metrics.late_bounced,
        late_soft_bounced: sum.late_soft_bounced + metrics.late_soft_bounced,
        late_hard_bounced: sum.late_hard_bounced + metrics.late_hard_bounced,
        complained: sum.complained + metrics.complained,
        unsubscribed: sum.unsubscribed + metrics.unsubscribed,
        reports_ignored: sum.reports_ignored + metrics.reports_ignored,
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
    let mut providers = vec![None; plan.scenario.timeline.len()];
    for (number, provider) in (0..).zip(&plan.providers) {
        provider.spans.iter().for_each(|index| providers[*index] = Some(number));
    }
    let span = |span: &scenario::Span, provider| record::Span {
        name: span.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        from: span.from.as_nanos(),
        until: (span.until.value != Instant::MAX).then(|| span.until.value.as_nanos()),
        repeat: span.repeat.map(|repeat| record::Repeat {
            every: (Instant::ZERO + repeat.every).as_nanos(),
            lasts: (Instant::ZERO + repeat.lasts).as_nanos(),
        }),
        provider,
        what: what(plan, span),
    };
    let entry = |(entry, provider): (&Entry, Option<u32>)| match entry {
        Entry::Span(written) => Some(span(written, provider)),
        Entry::Action(_) => None,
    };
    plan.scenario.timeline.iter().zip(providers).filter_map(entry).collect()
}

/// What a span does, in the words of the scenario, and on which host if not on all.
fn what(plan: &Plan, span: &scenario::Span) -> String {
    let behaviour = |written: &scenario::Behaviour| {
        let settings = plan.source.slice(written.settings.place);
        format!("{}: {}", written.key.value, settings.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let behaviours: Vec<String> = span.behaviours.iter().map(behaviour).collect();
    let host = span.host.as_ref().map_or_else(String::new, |host| format!(" on {}", host.value));
    let domain = span.domain.as_ref().map_or_else(String::new, |domain| format!(" for {}", domain.value));
    let repeat = span.repeat.map_or_else(String::new, |repeat| {
        let comma = if behaviours.is_empty() { "" } else { ", " };
        format!("{comma}for {} every {}", Lasting(repeat.lasts), Lasting(repeat.every))
    });
    format!("{}{host}{domain}{repeat}", behaviours.join(", "))
}
