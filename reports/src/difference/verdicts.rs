//! Which answers were given, and how often, by provider.
//!
//! The texts of replies are not compared: they hold queue ids and times, so that every seed would differ in all of them.

use std::collections::BTreeMap;

use record::{Phase, Record, VerdictRow};
use serde::Serialize;

/// An answer that was given more or less often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct VerdictChange {
    pub(crate) provider: String,
    pub(crate) phase: Phase,
    pub(crate) code: Option<u16>,
    pub(crate) enhanced: Option<String>,
    pub(crate) class: String,
    pub(crate) category: String,
    pub(crate) rule: String,
    /// One of the texts.
    pub(crate) sample: String,
    /// Attempts that were answered so.
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// What makes an answer another one, in the order shown.
type Key<'a> = (&'a str, Phase, Option<u16>, Option<&'a str>, &'a str, &'a str, &'a str);

/// How often an answer was given in each of the runs.
struct Seen<'a> {
    sample: &'a str,
    before: u64,
    after: u64,
}

/// The answers whose count differs, by provider, phase and code.
pub(super) fn between(before: &Record, after: &Record) -> Vec<VerdictChange> {
    let mut seen = BTreeMap::new();
    count(after, &mut seen, |seen| &mut seen.after);
    count(before, &mut seen, |seen| &mut seen.before);
    let change = |((provider, phase, code, enhanced, class, category, rule), seen): (Key<'_>, Seen<'_>)| {
        (seen.before != seen.after).then(|| VerdictChange {
            provider: provider.to_owned(),
            phase,
            code,
            enhanced: enhanced.map(str::to_owned),
            class: class.to_owned(),
            category: category.to_owned(),
            rule: rule.to_owned(),
            sample: seen.sample.to_owned(),
            before: seen.before,
            after: seen.after,
        })
    };
    seen.into_iter().filter_map(change).collect()
}

fn count<'a>(
    record: &'a Record,
    seen: &mut BTreeMap<Key<'a>, Seen<'a>>,
    side: impl for<'s> Fn(&'s mut Seen<'a>) -> &'s mut u64,
) {
    // Rows are few and lines are many.
    let mut counts = BTreeMap::new();
    for event in &record.events {
        // A settled recipient names the verdict of its last attempt once more.
        if let record::EventKind::AttemptEnded { verdict, .. } | record::EventKind::Uncounted { verdict } =
            event.kind
        {
            *counts.entry((event.provider, verdict)).or_insert(0) += 1;
        }
    }
    for ((provider, verdict), count) in counts {
        let VerdictRow { phase, code, enhanced, text, class, category, rule, .. } =
            &record.verdicts[verdict as usize];
        let provider = record.providers[provider as usize].name.as_str();
        let key =
            (provider, *phase, *code, enhanced.as_deref(), class.as_str(), category.as_str(), rule.as_str());
        let seen = seen.entry(key).or_insert(Seen { sample: text, before: 0, after: 0 });
        *side(seen) += count;
    }
}
