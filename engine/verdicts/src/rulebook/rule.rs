//! A rule: when it applies, and what a reply means then.

use std::ops::RangeInclusive;
use std::time::Duration;

use smtp::{EnhancedStatusCode, Reply};

use super::file::{WrittenQuote, WrittenRule};
use super::meaning::{self, ClassRule};
use super::words::{Hits, PIECES_MAX, Phrase, Pieces};
use crate::verdict::{Category, Class, Disposition, Scope, Stage};

/// A rule of the book.
#[derive(Debug)]
pub struct Rule {
    /// Its name with that of its file (`gmail/full`).
    pub id: String,
    /// The reason that it gives.
    pub category: Category,
    /// The reason in plain words: a fragment.
    pub reason: String,
    /// Ids of known replies that it decides.
    pub samples: Vec<String>,
    /// Other replies that it decides.
    pub quotes: Vec<Quote>,
    /// Why a rule for a single known reply is worth having; `None` where it decides more.
    pub only: Option<String>,
    pub(super) class: ClassRule,
    pub(super) scope: Scope,
    pub(super) disposition: Option<Disposition>,
    pub(super) wait: Option<Duration>,
    pub(super) says: Vec<Phrase>,
    also: Vec<Phrase>,
    unless: Vec<Phrase>,
    codes: Vec<RangeInclusive<u16>>,
    enhanced: Vec<EnhancedPattern>,
    stages: Vec<Stage>,
    words: Words,
}

/// What a rule wants of the words besides its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Any,
    /// There must be none.
    None,
}

/// A reply in full, with where it is known from.
#[derive(Debug)]
pub struct Quote {
    /// Where it was given.
    pub stage: Stage,
    /// The reply.
    pub reply: Reply,
    /// The source.
    pub source: String,
}

/// What rules look at besides the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) stage: Stage,
    pub(super) code: u16,
    pub(super) enhanced: Option<EnhancedStatusCode>,
    /// Whether there are no words.
    pub(super) words: Words,
}

impl Rule {
    /// Takes a written rule in; why not, if something is wrong with it.
    pub(super) fn read(file: &str, written: WrittenRule, pieces: &mut Pieces) -> Result<Self, String> {
        let category = named(&written.category, Category::ALL, Category::name, "category")?;
        let usual = meaning::usual(category);
        let class = match written.class.as_deref() {
            None => usual.class,
            Some("hard") => ClassRule::Always(Class::Hard),
            Some("soft") => ClassRule::Always(Class::Soft),
            Some("code") => ClassRule::AsCode,
            Some(other) => return Err(format!("`{other}` is no class: hard, soft or code")),
        };
        let scope = match &written.scope {
            Some(name) => named(name, Scope::ALL, Scope::name, "scope")?,
            None => usual.scope,
        };
        let disposition = match &written.action {
            Some(name) => Some(named(name, Disposition::IN_RULES, Disposition::name, "action")?),
            None => None,
        };
        let wait = written.wait.as_deref().map(units::quantity::duration).transpose();
        let mut phrases = |list: &[String]| -> Result<Vec<Phrase>, String> {
            list.iter().map(|phrase| self::phrase(phrase, pieces)).collect()
        };
        let says = phrases(&written.says)?;
        let also = phrases(&written.also)?;
        if says.is_empty() && !also.is_empty() {
            return Err("`also` needs `says`".to_owned());
        }
        Ok(Self {
            id: format!("{file}/{}", written.name),
            category,
            reason: written.reason.unwrap_or_else(|| usual.reason.to_owned()),
            class,
            scope,
            disposition,
            wait: wait.map_err(|fault| format!("`wait`: {}", fault.remedy()))?,
            unless: phrases(&written.unless)?,
            says,
            also,
            codes: written.codes.iter().map(|code| code_range(code)).collect::<Result<_, _>>()?,
            enhanced: written
                .enhanced
                .iter()
                .map(|code| EnhancedPattern::parse(code))
                .collect::<Result<_, _>>()?,
            stages: written.phase.iter().map(|phase| stages(phase)).collect::<Result<Vec<_>, _>>()?.concat(),
            words: if written.bare { Words::None } else { Words::Any },
            samples: written.samples,
            quotes: written.quotes.into_iter().map(quote).collect::<Result<_, _>>()?,
            only: written.only,
        })
    }

    /// Whether everything holds that the rule asks for besides its own words.
    pub(super) fn admits(&self, numbers: Numbers, hits: &Hits) -> bool {
        let any = |phrases: &[Phrase]| phrases.iter().any(|phrase| hits.contain(phrase));
        (self.words == Words::Any || numbers.words == Words::None)
            && (self.codes.is_empty() || self.codes.iter().any(|range| range.contains(&numbers.code)))
            && (self.stages.is_empty() || self.stages.contains(&numbers.stage))
            && (self.enhanced.is_empty()
                || self.enhanced.iter().any(|pattern| pattern.matches(numbers.enhanced)))
            && (self.also.is_empty() || any(&self.also))
            && !any(&self.unless)
    }
}

fn phrase(text: &str, pieces: &mut Pieces) -> Result<Phrase, String> {
    let phrase = pieces.add(text)?;
    if phrase.pieces() > PIECES_MAX {
        return Err(format!("`{text}` has more than {PIECES_MAX} pieces"));
    }
    Ok(phrase)
}

fn quote(written: WrittenQuote) -> Result<Quote, String> {
    let stage = stages(&written.phase)?[0];
    let reply = Reply::parse(&written.reply)
        .ok_or_else(|| format!("`{}` is no reply: a code of three digits comes first", written.reply))?;
    Ok(Quote { stage, reply, source: written.source })
}

/// The value among `all` that is called `name`.
fn named<T: Copy + 'static>(
    name: &str,
    all: impl IntoIterator<Item = T>,
    name_of: impl Fn(T) -> &'static str,
    what: &str,
) -> Result<T, String> {
    let mut names = Vec::new();
    for value in all {
        if name_of(value) == name {
            return Ok(value);
        }
        names.push(name_of(value));
    }
    Err(format!("`{name}` is no {what}: {}", names.join(", ")))
}

/// The stages of a phase.
fn stages(phase: &str) -> Result<Vec<Stage>, String> {
    match Stage::of_phase(phase) {
        Some(Stage::Greeting) => Ok(vec![Stage::Greeting, Stage::Connect]),
        Some(Stage::Data) => Ok(vec![Stage::Data, Stage::Body]),
        Some(stage) => Ok(vec![stage]),
        None => Err(format!("`{phase}` is no phase: connect, ehlo, mail, rcpt, data or end-of-data")),
    }
}

/// `550`, `55x` or `5xx`.
fn code_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let low = text.replace('x', "0").parse().ok();
    let high = text.replace('x', "9").parse().ok();
    match (low, high) {
        (Some(low), Some(high)) if text.len() == 3 && (400..=599).contains(&low) => Ok(low..=high),
        _ => Err(format!("`{text}` is no code: write 550, 55x or 5xx")),
    }
}

/// Which enhanced codes are meant.
#[derive(Debug)]
enum EnhancedPattern {
    /// No enhanced code.
    None,
    /// `5.1.1`, `x.7.x`, `5.7.500-699`.
    Within { class: Option<u8>, subject: RangeInclusive<u16>, detail: RangeInclusive<u16> },
}

impl EnhancedPattern {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let wrong = || format!("`{text}` is no enhanced code: write 5.1.1, x.7.x, 5.7.500-699 or none");
        let [class, subject, detail] = parts[..] else { return Err(wrong()) };
        let class = match class {
            "x" => None,
            "4" => Some(4),
            "5" => Some(5),
            _ => return Err(wrong()),
        };
        let (subject, detail) = (range(subject).ok_or_else(wrong)?, range(detail).ok_or_else(wrong)?);
        Ok(Self::Within { class, subject, detail })
    }

    fn matches(&self, code: Option<EnhancedStatusCode>) -> bool {
        match (self, code) {
            (Self::None, code) => code.is_none(),
            (Self::Within { .. }, None) => false,
            (Self::Within { class, subject, detail }, Some(code)) => {
                class.is_none_or(|class| class == code.class())
                    && subject.contains(&code.subject())
                    && detail.contains(&code.detail())
            }
        }
    }
}

/// `7`, `500-699`, or `x` for any.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    if text == "x" {
        return Some(0..=999);
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some(low.parse().ok()?..=high.parse().ok()?)
}
