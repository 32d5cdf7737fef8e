//! What the scenario expects and what must always hold, with verdicts: what failed comes first.

use std::collections::BTreeMap;

use askama::Template;
use record::{ExpectationVerdict, Held, LawVerdict, Record};

use super::frame::html;
use super::{About, Live, shown};
use crate::idle;
use crate::wording;

/// Violations of a law that are shown; the record has more.
const BROKEN_MAX: usize = 20;

/// A contact that a verdict names, and its number in the record.
struct Person {
    address: String,
    id: Option<usize>,
}

struct Expectation {
    held: bool,
    text: String,
    line: u32,
    wanted: String,
    measured: String,
    notes: Vec<String>,
    people: Vec<Person>,
}

struct Law {
    name: String,
    about: String,
    checks: String,
    broken: Vec<Broken>,
    more: u64,
}

struct Broken {
    at: String,
    person: Option<Person>,
    what: String,
}

#[derive(Template)]
#[template(path = "checks.html")]
struct Checks {
    running: bool,
    failed: u64,
    expectations: Vec<Expectation>,
    laws: Vec<Law>,
    our_bug: &'static str,
    idle: Vec<(u32, String)>,
    quoted: bool,
}

/// The view.
pub(super) fn checks(record: &Record, about: &About<'_>, source: &str) -> String {
    let people = People::of(record);
    let (failed, held): (Vec<_>, Vec<_>) =
        record.checked.expectations.iter().partition(|verdict| verdict.held == Held::No);
    let (broken, lawful): (Vec<_>, Vec<_>) =
        record.checked.laws.iter().partition(|law| !law.broken.is_empty());
    html(&Checks {
        running: about.live == Live::Running && failed.len() + held.len() == 0,
        failed: failed.len() as u64,
        expectations: failed.iter().chain(&held).map(|verdict| people.expectation(verdict)).collect(),
        laws: broken.iter().chain(&lawful).map(|law| people.law(law)).collect(),
        our_bug: wording::OUR_BUG,
        idle: idle::of(record).iter().map(|rule| (rule.line, shown::line(&rule.name))).collect(),
        quoted: !source.is_empty(),
    })
}

/// How the run stood against what is expected, in a line.
pub(super) struct Standing {
    pub(super) class: &'static str,
    pub(super) words: String,
}

/// The line, for views that are about something else. It is about the whole run: expectations are not of one mailing.
pub(super) fn standing(record: &Record) -> Standing {
    let checked = &record.checked;
    let failed = checked.expectations.iter().filter(|verdict| verdict.held == Held::No).count() as u64;
    let broken = checked.laws.iter().filter(|law| !law.broken.is_empty()).count() as u64;
    let all = checked.expectations.len() as u64;
    let (class, words) = match (all, failed) {
        (0, _) => ("caution", "no expectation was judged".to_owned()),
        (1, 0) => ("good", "the expectation held".to_owned()),
        (_, 0) => ("good", format!("all {} held", wording::counted(all, "expectation"))),
        _ => {
            ("bad", format!("{} of {} failed", wording::number(failed), wording::counted(all, "expectation")))
        }
    };
    match broken {
        0 => Standing { class, words },
        _ => Standing {
            class: "bad",
            words: format!("{words}, and {} broken", wording::counted(broken, "law")),
        },
    }
}

/// The contacts that verdicts name.
struct People<'a>(BTreeMap<&'a str, usize>);

impl<'a> People<'a> {
    fn of(record: &'a Record) -> Self {
        let expected = record.checked.expectations.iter().flat_map(|verdict| &verdict.contacts);
        let broken = record.checked.laws.iter().flat_map(|law| &law.broken).map(|broken| &broken.contact);
        let mut people: BTreeMap<&str, usize> =
            expected.chain(broken).map(|address| (address.as_str(), usize::MAX)).collect();
        if !people.is_empty() {
            for (id, contact) in record.contacts.iter().enumerate() {
                if let Some(known) = people.get_mut(contact.address.as_str()) {
                    *known = id.min(*known);
                }
            }
        }
        Self(people)
    }

    fn person(&self, address: &str) -> Person {
        let id = self.0.get(address).copied().filter(|id| *id != usize::MAX);
        Person { address: shown::line(address), id }
    }

    fn expectation(&self, verdict: &ExpectationVerdict) -> Expectation {
        Expectation {
            held: verdict.held == Held::Yes,
            text: shown::line(&verdict.text),
            line: verdict.line,
            wanted: shown::line(&verdict.wanted),
            measured: shown::line(&verdict.measured),
            notes: verdict.notes.iter().map(|note| shown::text(note)).collect(),
            people: verdict.contacts.iter().map(|address| self.person(address)).collect(),
        }
    }

    fn law(&self, law: &LawVerdict) -> Law {
        let broken = law.broken.iter().take(BROKEN_MAX).map(|broken| Broken {
            at: wording::offset(broken.at),
            person: (!broken.contact.is_empty()).then(|| self.person(&broken.contact)),
            what: shown::text(&broken.what),
        });
        Law {
            name: shown::line(&law.law),
            about: shown::text(&law.about),
            checks: wording::number(law.checks),
            broken: broken.collect(),
            more: law.broken.len().saturating_sub(BROKEN_MAX) as u64,
        }
    }
}
