//! The section `timeline`.

use units::{Instant, Span as Lasting};

use super::{names, providers, rules};
use crate::skeleton::{ACTION, SPAN};
use crate::{
    Action, Deed, Entry, Node, Placed, Problem, Problems, Reader, Repeat, Span, Vocabulary, suggestion, value,
};

/// The keys of which an action has exactly one.
const DEEDS: [&str; 4] = ["opt_out", "complaint", "reactivate", "cancel"];

/// Reads the timeline, whose spans may have the behaviours of `vocabulary`.
pub(super) fn reader(vocabulary: &Vocabulary) -> impl Fn(&Node, &mut Problems) -> Option<Vec<Entry>> {
    move |node, problems| {
        let items = super::items(node, "spans and actions", problems);
        Some(items.iter().filter_map(|item| entry(item, vocabulary, problems)).collect())
    }
}

fn entry(node: &Node, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<Entry> {
    let is_action = node.get("at").is_some() || DEEDS.iter().any(|deed| node.get(deed).is_some());
    if is_action {
        action(node, problems).map(Entry::Action)
    } else {
        span(node, vocabulary, problems).map(Entry::Span)
    }
}

fn span(node: &Node, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<Span> {
    let mut reader = Reader::new("a span of the timeline", SPAN.fields, node, problems)?;
    let name = reader.optional("name", value::placed(value::text));
    let from = reader.optional("from", value::placed(value::instant));
    let until = reader.optional("until", value::placed(value::instant));
    let repeat = repeat(&mut reader);
    let provider = reader.optional("provider", value::placed(value::text));
    let host = reader.optional("host", names::domain);
    let domain = reader.optional("domain", names::domain);
    let when = reader.node("when").cloned();
    let behaviours = providers::behaviours(&mut reader, vocabulary);
    check_order(from.as_ref(), until.as_ref(), reader.problems());
    check_place(&mut reader);
    // A name alone is there for conditions.
    let is_bare =
        name.is_some() && ["provider", "host", "domain", "when"].iter().all(|key| reader.node(key).is_none());
    if reader.node("provider").is_none() && !behaviours.is_empty() {
        reader.needs("provider");
    }
    let (before, place) = (reader.problems().len(), reader.place());
    reader.finish();
    // An unknown key was meant to be the behaviour, most likely.
    if behaviours.is_empty() && !is_bare && problems.len() == before {
        problems.push(rules::changes_nothing("span", place, vocabulary));
    }
    Some(Span {
        name,
        from: from.map_or(Instant::ZERO, |from| from.value),
        until: until.unwrap_or(Placed { value: Instant::MAX, place }),
        repeat,
        provider,
        host,
        domain,
        when,
        behaviours,
    })
}

/// `every` and `for`: both, or neither.
fn repeat(reader: &mut Reader<'_>) -> Option<Repeat> {
    let every = reader.optional("every", value::placed(value::duration));
    let lasts = reader.optional("for", value::placed(value::duration));
    match (reader.node("every"), reader.node("for")) {
        (Some(_), None) => reader.needs("for"),
        (None, Some(_)) => reader.needs("every"),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let (every, lasts) = (every?, lasts?);
    if lasts.value.is_zero() || every.value <= lasts.value {
        let problem = if lasts.value.is_zero() {
            Problem::at(lasts.place, "this span lasts no time at all", "nothing")
        } else {
            Problem::at(
                every.place,
                "this span begins again before it is over",
                format!("not more than {}", Lasting(lasts.value)),
            )
            .also(lasts.place, "lasts so long")
        };
        reader
            .problems()
            .push(problem.help("write an `every` that is longer than `for`, as in every: 6h, for: 30m"));
        return None;
    }
    Some(Repeat { every: every.value, lasts: lasts.value })
}

/// A domain is served by all hosts of its provider.
fn check_place(reader: &mut Reader<'_>) {
    if let (Some(host), Some(domain)) = (reader.node("host"), reader.node("domain")) {
        let problem =
            Problem::at(domain.place, "`host` and `domain` exclude each other", "the second restriction")
                .also(host.place, "the first one");
        reader
            .problems()
            .push(problem.help("write `when: { host: ... }` or `when: { domain: ... }` for one of them"));
    }
    let conditions = reader.node("when").and_then(|when| when.get("domain")).map(|node| node.place);
    if let (Some(domain), Some(again)) = (reader.node("domain"), conditions) {
        let problem =
            Problem::at(again, "the domain is said twice", "again here").also(domain.place, "first here");
        reader.problems().push(problem.help("remove one of them"));
    }
}

fn check_order(from: Option<&Placed<Instant>>, until: Option<&Placed<Instant>>, problems: &mut Problems) {
    let start = from.map_or(Instant::ZERO, |from| from.value);
    let Some(until) = until.filter(|until| until.value <= start) else { return };
    let problem =
        Problem::at(until.place, "this span is over before it begins", format!("not after {start}"))
            .help("write an `until` that is later than `from`; both count from the start of the scenario");
    problems.push(match from {
        Some(from) => problem.also(from.place, "begins here"),
        None => problem,
    });
}

fn action(node: &Node, problems: &mut Problems) -> Option<Action> {
    let mut reader = Reader::new("an action of the timeline", ACTION.fields, node, problems)?;
    let at = reader.required("at", value::placed(value::instant));
    let deed = deed(&mut reader);
    reader.finish();
    Some(Action { at: at?, deed: deed? })
}

fn deed(reader: &mut Reader<'_>) -> Option<Deed> {
    let present: Vec<&str> = DEEDS.into_iter().filter(|deed| reader.node(deed).is_some()).collect();
    let [deed] = present[..] else {
        refuse_number(reader, &present);
        return None;
    };
    if deed != "reactivate" {
        refuse_reasons(reader, deed);
    }
    match deed {
        "opt_out" => reader.required(deed, names::address).map(Deed::OptOut),
        "complaint" => reader.required(deed, names::address).map(Deed::Complaint),
        "cancel" => reader.required(deed, value::placed(value::text)).map(Deed::Cancel),
        _ => reactivate(reader),
    }
}

fn reactivate(reader: &mut Reader<'_>) -> Option<Deed> {
    let contact = reader.required("reactivate", names::address);
    let by = reader.required("by", value::text);
    let why = reader.required("why", value::text);
    Some(Deed::Reactivate { contact: contact?, by: by?, why: why? })
}

fn refuse_number(reader: &mut Reader<'_>, present: &[&str]) {
    let places: Vec<_> = present.iter().filter_map(|deed| reader.node(deed)).map(|node| node.place).collect();
    let problem = match places[..] {
        [first, second, ..] => {
            Problem::at(second, "this action does more than one thing", "the second thing")
                .also(first, "the first thing")
                .help("write a line for each, both with the same `at`")
        }
        [_] | [] => Problem::at(reader.place(), "this action does nothing", "only a time is here")
            .help(suggestion("", &DEEDS, "one of these keys says what is done")),
    };
    reader.problems().push(problem);
}

/// Who and why are asked for re-activations only.
fn refuse_reasons(reader: &mut Reader<'_>, deed: &str) {
    for key in ["by", "why"] {
        if let Some(node) = reader.node(key) {
            reader.problems().push(
                Problem::at(
                    node.place,
                    format!("`{key}` belongs to `reactivate`"),
                    format!("not to `{deed}`"),
                )
                .help("remove it"),
            );
        }
    }
}
