//! The answers that were got: each code of each provider once, with its meaning, how often it was seen, and a sample.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use record::{Event, EventKind, Nanos, Phase, ProviderId, Record, VerdictId, VerdictRow};
use serde::Serialize;

use super::Track;

/// The most codes that are kept of a mailing: the commonest ones.
pub const CODES_MAX: usize = 500;

/// The most characters of a sample that are kept.
const SAMPLE_CHARS: usize = 500;

/// A code of a provider: answers that differ in their wording only are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Who answered.
    pub provider: ProviderId,
    /// The stage at which it was seen first.
    pub phase: Phase,
    /// The basic code; `None` if no reply came.
    pub code: Option<u16>,
    /// The enhanced code, if there was one. Foreign input.
    pub enhanced: Option<String>,
    /// See [`VerdictRow::class`].
    pub class: String,
    /// The reason category; empty for a delivery.
    pub category: String,
    /// What it means, in plain words: a fragment.
    pub meaning: String,
    /// What the engine does about it.
    pub action: String,
    /// The text that was seen first, at most 500 characters. Foreign input.
    pub sample: String,
    /// The provider's page about its codes.
    pub help_url: Option<String>,
    /// How often it was seen so far, over the moments of the mailing: once for each attempt of each recipient.
    pub seen: Track,
    /// When it was seen first, in nanoseconds since the scenario's epoch.
    pub first: Nanos,
    /// When it was seen last.
    pub last: Nanos,
}

/// The codes of a mailing, being collected.
#[derive(Debug)]
pub(super) struct Codes<'a> {
    record: &'a Record,
    codes: Vec<Code>,
    by_key: BTreeMap<Key<'a>, usize>,
    /// The same by verdict, so that most answers need not be compared by text.
    by_verdict: BTreeMap<(ProviderId, VerdictId), usize>,
}

/// What makes two answers the same.
type Key<'a> = (ProviderId, Option<u16>, Option<&'a str>, &'a str, &'a str);

impl<'a> Codes<'a> {
    pub(super) const fn new(record: &'a Record) -> Self {
        Self { record, codes: Vec::new(), by_key: BTreeMap::new(), by_verdict: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, event: &Event, moment: u16) {
        let verdict = match event.kind {
            EventKind::AttemptEnded { verdict, .. } | EventKind::Uncounted { verdict } => Some(verdict),
            EventKind::Feedback { verdict, .. } => verdict,
            // The verdict that settles it is that of an attempt.
            EventKind::Settled { .. }
            | EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::StatusChanged { .. } => None,
        };
        if let Some(verdict) = verdict {
            let index = self.index(event, verdict);
            let code = &mut self.codes[index];
            code.seen.note(moment, |seen| *seen += 1);
            code.last = event.at;
        }
    }

    /// The commonest ones, ordered by how often they were seen, and how many were left out.
    pub(super) fn finish(self) -> (Vec<Code>, u64) {
        let mut codes = self.codes;
        codes.sort_by_key(|code| Reverse(code.seen.last()));
        let left_out = codes.len().saturating_sub(CODES_MAX);
        codes.truncate(CODES_MAX);
        (codes, left_out as u64)
    }

    fn index(&mut self, event: &Event, verdict: VerdictId) -> usize {
        let Self { record, codes, by_key, by_verdict } = self;
        *by_verdict.entry((event.provider, verdict)).or_insert_with(|| {
            let row = &record.verdicts[verdict as usize];
            let key = (
                event.provider,
                row.code,
                row.enhanced.as_deref(),
                row.class.as_str(),
                row.category.as_str(),
            );
            *by_key.entry(key).or_insert_with(|| {
                codes.push(Code::first(record, event, row));
                codes.len() - 1
            })
        })
    }
}

impl Code {
    fn first(record: &Record, event: &Event, row: &VerdictRow) -> Self {
        let of_provider = || record.providers[event.provider as usize].help_url.clone();
        // No page of a provider explains that nobody answered.
        let help_url = row.help_url.clone().or_else(|| row.code.and_then(|_| of_provider()));
        Self {
            provider: event.provider,
            phase: row.phase,
            code: row.code,
            enhanced: row.enhanced.clone(),
            class: row.class.clone(),
            category: row.category.clone(),
            meaning: row.reason.clone(),
            action: row.action.clone(),
            sample: row.text.chars().take(SAMPLE_CHARS).collect(),
            help_url,
            seen: Track::default(),
            first: event.at,
            last: event.at,
        }
    }
}
