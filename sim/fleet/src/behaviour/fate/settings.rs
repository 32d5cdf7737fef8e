//! The settings of `fate`, as they are written.

use std::ops::RangeInclusive;
use std::time::Duration;

use scenario::{Field, Kind, Node, Place, Placed, Problem, Problems, Reader, value};
use smtp::{Address, EnhancedStatusCode, Reply};

use super::super::whom::{Whom, address};
use super::super::wording::Wording;
use super::{BOUNCE_FIELDS, COMPLAINT_FIELDS, PLAIN_FIELDS, TIMED_FIELDS, UNSUBSCRIBE_FIELDS};
use crate::echo::{Means, Quirk, Redaction, Returned};
use crate::profile::{Situation, read};

/// What a report says at most after.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

/// Everything that can be written in `fate`.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) lost: Option<Branch>,
    pub(super) spam_folder: Option<Branch>,
    pub(super) forwarded: Option<Branch>,
    pub(super) bounced_later: Option<(Branch, Bounce)>,
    pub(super) auto_replied: Option<Branch>,
    pub(super) opened: Option<Branch>,
    pub(super) clicked: Option<Branch>,
    pub(super) complained: Option<(Branch, Redaction)>,
    pub(super) unsubscribed: Option<(Branch, Means)>,
}

/// Whom something happens to, and how long after.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) key: &'static str,
    pub(super) place: Place,
    pub(super) whom: Whom,
    pub(super) after: RangeInclusive<Duration>,
}

/// What reports are like.
#[derive(Debug)]
pub(super) struct Bounce {
    pub(super) words: Words,
    pub(super) status: Option<EnhancedStatusCode>,
    pub(super) returned: Returned,
    pub(super) forwarded_to: Option<Address>,
    pub(super) quirks: Vec<Quirk>,
}

/// The refusal that a report passes on.
#[derive(Debug)]
pub(super) enum Words {
    /// One that is known.
    Known(Wording),
    /// That of the scenario.
    Written(Reply),
}

impl Settings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            lost: plain(reader, "lost"),
            spam_folder: plain(reader, "spam_folder"),
            forwarded: plain(reader, "forwarded"),
            bounced_later: reader.optional("bounced_later", bounced_later),
            auto_replied: timed(reader, "auto_replied", 10 * SECOND..=MINUTE),
            opened: timed(reader, "opened", MINUTE..=DAY),
            clicked: timed(reader, "clicked", 5 * SECOND..=5 * MINUTE),
            complained: reader.optional("complained", complained),
            unsubscribed: reader.optional("unsubscribed", unsubscribed),
        }
    }

    /// Where a message can go but into the inbox.
    pub(super) fn places(&self) -> impl Iterator<Item = &Branch> {
        let bounced = self.bounced_later.as_ref().map(|(branch, _)| branch);
        [self.lost.as_ref(), self.spam_folder.as_ref(), self.forwarded.as_ref(), bounced]
            .into_iter()
            .flatten()
    }

    /// What can happen to a message in the inbox.
    pub(super) fn reactions(&self) -> impl Iterator<Item = &Branch> {
        let complained = self.complained.as_ref().map(|(branch, _)| branch);
        let unsubscribed = self.unsubscribed.as_ref().map(|(branch, _)| branch);
        let plain = [self.auto_replied.as_ref(), self.opened.as_ref(), self.clicked.as_ref()];
        plain.into_iter().chain([complained, unsubscribed]).flatten()
    }
}

fn plain(reader: &mut Reader<'_>, key: &'static str) -> Option<Branch> {
    reader.optional(key, |node, problems| branch(key, PLAIN_FIELDS, 0..=0, node, problems, |_| ()).map(first))
}

fn timed(reader: &mut Reader<'_>, key: &'static str, seconds: RangeInclusive<u64>) -> Option<Branch> {
    reader
        .optional(key, |node, problems| branch(key, TIMED_FIELDS, seconds, node, problems, |_| ()).map(first))
}

fn first<T, U>((first, _): (T, U)) -> T {
    first
}

fn complained(node: &Node, problems: &mut Problems) -> Option<(Branch, Redaction)> {
    let more = |reader: &mut Reader<'_>| match reader.optional("redacted", value::truth) {
        Some(true) => Redaction::Redacted,
        Some(false) | None => Redaction::Named,
    };
    let (branch, more) = branch("complained", COMPLAINT_FIELDS, MINUTE..=DAY, node, problems, more)?;
    Some((branch, more.unwrap_or(Redaction::Named)))
}

fn unsubscribed(node: &Node, problems: &mut Problems) -> Option<(Branch, Means)> {
    let more = |reader: &mut Reader<'_>| reader.optional("by", value::one_of(Means::WORDS));
    let (branch, more) = branch("unsubscribed", UNSUBSCRIBE_FIELDS, MINUTE..=DAY, node, problems, more)?;
    Some((branch, more.flatten().unwrap_or(Means::OneClick)))
}

fn bounced_later(node: &Node, problems: &mut Problems) -> Option<(Branch, Bounce)> {
    let (branch, bounce) = branch("bounced_later", BOUNCE_FIELDS, MINUTE..=HOUR, node, problems, bounce)?;
    Some((branch, bounce.unwrap_or_else(Bounce::usual)))
}

/// Reads whom something happens to, and, if it is a map, what stands beside it.
fn branch<T>(
    key: &'static str,
    fields: &'static [Field],
    seconds: RangeInclusive<u64>,
    node: &Node,
    problems: &mut Problems,
    more: impl FnOnce(&mut Reader<'_>) -> T,
) -> Option<(Branch, Option<T>)> {
    let usual = Duration::from_secs(*seconds.start())..=Duration::from_secs(*seconds.end());
    let place = node.place;
    if !matches!(node.kind, Kind::Map(_)) {
        let whom = Whom::read(node, problems)?;
        return Some((Branch { key, place, whom, after: usual }, None));
    }
    let mut reader = Reader::new(&format!("`{key}`"), fields, node, problems)?;
    let whom = Whom::read_keys(&mut reader);
    let is_timed = fields.iter().any(|field| field.name == "after");
    let after = if is_timed { reader.optional("after", after) } else { None };
    let more = more(&mut reader);
    reader.finish();
    Some((Branch { key, place, whom: whom?, after: after.unwrap_or(usual) }, Some(more)))
}

fn after(node: &Node, problems: &mut Problems) -> Option<RangeInclusive<Duration>> {
    let range = value::durations(node, problems)?;
    if *range.end() > LONGEST {
        let problem = Problem::at(node.place, "nothing comes back after more than 30 days", "too late");
        problems.push(problem.help("write a duration up to 30d"));
        return None;
    }
    Some(range)
}

impl Bounce {
    /// What reports are like unless it is said otherwise.
    fn usual() -> Self {
        Self {
            words: Words::Known(Wording::Situation(Situation::UnknownMailbox)),
            status: None,
            returned: Returned::Headers,
            forwarded_to: None,
            quirks: Vec::new(),
        }
    }
}

fn bounce(reader: &mut Reader<'_>) -> Bounce {
    let usual = Bounce::usual();
    let status = reader.optional("status", failure);
    Bounce {
        words: words(reader, status).unwrap_or(usual.words),
        status,
        returned: reader.optional("return", value::one_of(Returned::WORDS)).unwrap_or(usual.returned),
        forwarded_to: reader.optional("forwarded_to", address).map(|placed: Placed<Address>| placed.value),
        quirks: reader.optional("quirks", value::list(value::one_of(Quirk::WORDS))).unwrap_or_default(),
    }
}

/// The status of something that failed (RFC 3463 2: class 4 or 5).
fn failure(node: &Node, problems: &mut Problems) -> Option<EnhancedStatusCode> {
    let status = read::enhanced_code(node, problems)?;
    if status.to_string().starts_with('2') {
        let message = format!("`{status}` says that the message was delivered");
        let problem = Problem::at(node.place, message, "no bounce");
        problems.push(problem.help("write a status of class 4 or 5, as in 5.1.1"));
        return None;
    }
    Some(status)
}

/// What the report passes on, if it is written.
fn words(reader: &mut Reader<'_>, status: Option<EnhancedStatusCode>) -> Option<Words> {
    let diagnostic: Option<String> = reader.optional("diagnostic", value::text);
    if reader.node("use").is_some() {
        for key in ["status", "diagnostic"] {
            if let Some(node) = reader.node(key) {
                let problem = Problem::at(node.place, format!("`use` and `{key}` exclude each other"), "");
                reader
                    .problems()
                    .push(problem.help("`use` brings status and words along; write only one of them"));
            }
        }
        return reader.optional("use", Wording::read).map(Words::Known);
    }
    if diagnostic.is_none() && status.is_none() {
        return None;
    }
    // RFC 3463 2: a status of class 4 belongs to a reply of class 4.
    let code = match status {
        Some(status) if status.to_string().starts_with('4') => 450,
        Some(_) | None => 550,
    };
    Some(Words::Written(Reply::new(code, status, diagnostic.as_deref().unwrap_or("Not delivered"))))
}
