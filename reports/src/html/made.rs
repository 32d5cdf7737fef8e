//! How a run was made: the providers and what they did, the timeline, and the scenario itself.

use askama::Template;
use record::{Record, RulePlace};

use super::frame::html;
use super::{chart, shown};
use crate::charts;
use crate::figures::Figures;
use crate::wording;

/// Lines of a scenario that are shown.
const LINES_MAX: usize = 3_000;
/// Bytes of a scenario that are shown.
const SOURCE_MAX: usize = 512 * 1024;

struct Provider {
    name: String,
    profile: String,
    help: Option<String>,
    domains: String,
    limits: String,
    rules: Vec<Rule>,
}

struct Rule {
    name: String,
    place: &'static str,
    line: u32,
    fired: String,
}

struct Span {
    name: String,
    what: String,
    when: String,
    provider: String,
}

#[derive(Template)]
#[template(path = "made.html")]
struct Made {
    providers: Vec<Provider>,
    spans: Vec<Span>,
    connections: String,
    strays: usize,
    lines: Vec<(usize, String)>,
    more: usize,
}

/// The view; `source` is the text of the scenario, which may be empty.
pub(super) fn made(record: &Record, figures: &Figures, source: &str) -> String {
    let lines = lines(source);
    html(&Made {
        providers: record.providers.iter().map(provider).collect(),
        spans: record.timeline.iter().map(|one| span(record, one)).collect(),
        connections: chart::figure(&charts::connections(record, figures), None),
        strays: record.strays.len(),
        more: source.lines().count() - lines.len(),
        lines,
    })
}

/// The numbered lines that are shown.
fn lines(source: &str) -> Vec<(usize, String)> {
    let mut left = SOURCE_MAX;
    let numbered = source.lines().enumerate().take(LINES_MAX);
    let shown = numbered.map(|(index, text)| (index + 1, shown::line(text)));
    let fits = |(_, text): &(usize, String)| {
        let rest = left.checked_sub(shown::bytes(text));
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    shown.take_while(fits).collect()
}

fn provider(provider: &record::Provider) -> Provider {
    let limits = &provider.limits;
    let rate = limits.rate.map_or_else(String::new, |rate| {
        let recipients = wording::counted(rate.recipients.into(), "recipient");
        format!(", {recipients} every {}", wording::span(rate.period))
    });
    let (connections, messages, recipients) =
        (limits.connections, limits.messages_per_connection, limits.recipients_per_message);
    Provider {
        name: shown::line(&provider.name),
        profile: other_than(&provider.name, &provider.profile),
        help: provider.help_url.as_deref().and_then(shown::link).map(str::to_owned),
        domains: domains(&provider.domains),
        limits: format!(
            "{} a site, {} a connection, {} a message{rate}",
            wording::counted(connections.into(), "connection"),
            wording::counted(messages.into(), "message"),
            wording::counted(recipients.into(), "recipient"),
        ),
        rules: provider.rules.iter().map(rule).collect(),
    }
}

/// The profile of a provider; nothing if it is called the same.
pub(super) fn other_than(name: &str, profile: &str) -> String {
    if profile == name { String::new() } else { shown::line(profile) }
}

/// The first few of them.
fn domains(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let first: Vec<String> = all.iter().take(SHOWN).map(|domain| shown::line(domain)).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {} more", first.join(", "), wording::number(more as u64)),
    }
}

fn rule(rule: &record::Rule) -> Rule {
    let name = match &rule.name {
        Some(name) => format!("{name} ({})", rule.id),
        None => rule.id.clone(),
    };
    let place = match rule.place {
        RulePlace::Span => "a span of the timeline",
        RulePlace::ConditionalSpan => "a span of the timeline, under a condition",
        RulePlace::Rule => "a rule of the provider",
        RulePlace::Provider => "in force all along",
        RulePlace::Habit => "a habit of the profile",
    };
    Rule { name: shown::line(&name), place, line: rule.line, fired: wording::number(rule.fired) }
}

fn span(record: &Record, span: &record::Span) -> Span {
    let from = wording::span(span.from);
    let until = span.until.map_or_else(|| "the end".to_owned(), wording::span);
    let repeat = span.repeat.map_or_else(String::new, |repeat| {
        format!(", {} of every {}", wording::span(repeat.lasts), wording::span(repeat.every))
    });
    let provider = span.provider.map(|id| shown::line(&record.providers[id as usize].name));
    Span {
        name: shown::line(&span.name),
        what: shown::line(&span.what),
        when: format!("{from} to {until}{repeat}"),
        provider: provider.unwrap_or_else(|| "all".to_owned()),
    }
}
