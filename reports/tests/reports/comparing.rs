//! Two runs side by side, and the page over many: what differs is told, what matters most comes first, and foreign text stays
//! harmless.

use proptest::prelude::*;
use record::files::{DefectKind, RunOptions, ServerKind, WireKind};
use record::{Contact, EventKind, Held, Outcome, Record, Status};
use reports::difference::{self, Difference, ScenarioDifference, Side};
use reports::{Case, Look, Ran, Style, Suite, html, manifest, without_record};

use crate::golden::check;
use crate::hostile::{HOSTILE, poisoned, texts};
use crate::machines::everything;
use crate::pages::{markup, shown};
use crate::sample::{self, FAY, UNKNOWN, defect, not_reached, ran, record, refused};

/// The sample as it would have been with another seed: Fay's mailbox is unknown, Gus is not in the audience, Hal is new.
fn later() -> Record {
    let mut later = record();
    later.seed = 8;
    later.digest ^= 0xff;
    for event in later.events.iter_mut().filter(|event| event.contact == FAY) {
        match &mut event.kind {
            EventKind::Settled { outcome, .. } => *outcome = Outcome::HardBounced,
            EventKind::AttemptEnded { verdict, .. } => *verdict = UNKNOWN,
            _ => {}
        }
    }
    let hal =
        Contact { address: "hal@northmail.test".into(), provider: 0, listed: 1, status: Status::Active };
    later.contacts[sample::GUS as usize] = hal;
    for mailing in later.mailings.iter_mut().filter(|mailing| mailing.counters.delivered > 0) {
        mailing.counters.delivered -= 1;
        mailing.counters.hard_bounced += 1;
    }
    let expectations = &mut later.checked.expectations;
    for verdict in expectations.iter_mut() {
        verdict.held = if verdict.held == Held::Yes { Held::No } else { Held::Yes };
        verdict.measured = format!("{} and one", verdict.measured);
    }
    expectations[0].text.push_str(" # changed");
    later
}

fn between(before: (&Case, Option<&Record>), after: (&Case, Option<&Record>)) -> Option<ScenarioDifference> {
    let side = |(case, record)| Side { case, record };
    ScenarioDifference::between(side(before), side(after))
}

fn of_records(before: &Record, after: &Record) -> Option<ScenarioDifference> {
    between((&ran(before).into(), Some(before)), (&ran(after).into(), Some(after)))
}

/// Only the order of time is another.
fn moved() -> Record {
    let mut moved = record();
    moved.digest ^= 1;
    moved.events[0].at += 1;
    moved
}

fn difference(scenarios: Vec<ScenarioDifference>) -> Difference {
    Difference {
        before: "out/before".into(),
        after: "out/after".into(),
        same: 3,
        scenarios,
        only_before: vec!["scenarios/old.yaml".into()],
        only_after: vec!["scenarios/new.yaml".into(), "scenarios/newer.yaml".into()],
    }
}

/// One of each kind of difference.
fn every_difference() -> Difference {
    let held: Case = ran(&sample::held("x", 1)).into();
    let reached = between((&not_reached(), None), (&held, None));
    let broken =
        between((&held, None), (&defect(DefectKind::Deadlock, "nothing can happen any more", ""), None));
    let scenarios = [of_records(&record(), &moved()), reached, of_records(&record(), &later()), broken];
    difference(scenarios.into_iter().flatten().collect())
}

#[test]
fn what_differs_is_told_with_what_matters_most_first() {
    let every = every_difference();
    check("difference.txt", &difference::text(&every, Look::default()));
    check("difference-narrow.txt", &difference::text(&every, Look { style: Style::Ansi, width: 48 }));
    check("difference.json", &difference::json(&every));
    check("difference.html", &shown(&html::difference(&every)));
}

#[test]
fn what_is_the_same_does_not_differ() {
    assert_eq!(of_records(&record(), &record()), None);
    let elsewhere = Record { file: "elsewhere.yaml".into(), ..record() };
    assert_eq!(of_records(&record(), &elsewhere), None);
    assert_eq!(between((&refused(), None), (&refused(), None)), None);
    let same = Difference { only_before: Vec::new(), only_after: Vec::new(), ..difference(Vec::new()) };
    assert_eq!(difference::text(&same, Look::default()), "the same: 3 scenarios\n");
    assert!(html::difference(&same).contains("Both runs tell the same"));
}

#[test]
fn the_brief_needs_no_records() {
    let (before, after) = (ran(&record()), ran(&later()));
    assert!(difference::brief(&before, &before).is_empty());
    check(
        "difference-brief.txt",
        &difference::brief_text(&difference::brief(&before, &after), Look::default()),
    );
}

#[test]
fn a_difference_looks_the_same_from_the_other_side() {
    let (there, back) = (of_records(&record(), &later()), of_records(&later(), &record()));
    let count = |found: Option<ScenarioDifference>| {
        let json = serde_json::to_value(found.unwrap()).unwrap();
        let lists = ["expectations", "metrics", "verdicts"].map(|key| json[key].as_array().unwrap().len());
        (lists, json["contacts"]["count"].as_u64())
    };
    assert_eq!(count(there), count(back));
}

#[test]
fn the_page_over_many_scenarios_says_first_what_did_not_hold() {
    let link = |case: Case| match case {
        Case::Ran(ran) => Case::from(ran.linked_by("a b/100%/report.html".into())),
        other => other,
    };
    let Suite { cases, timing } = everything();
    let suite = Suite { cases: cases.into_iter().map(link).collect(), timing };
    check("suite.html", &shown(&html::suite(&suite)));
}

#[test]
fn a_manifest_brings_back_what_has_no_record() {
    let options =
        RunOptions { seed: None, filter: None, wire: WireKind::Memory, server: ServerKind::Own, repeat: 1 };
    let suite = everything();
    assert_eq!(manifest(&suite, "out", options.clone()), None, "records that were not kept");
    let kept = |case: Case| match case {
        Case::Ran(ran) => Case::from(ran.kept_in("out/a/b".into())),
        other => other,
    };
    let Suite { cases, timing } = suite;
    let suite = Suite { cases: cases.into_iter().map(kept).collect(), timing };
    let manifest = manifest(&suite, "out", options).unwrap();
    for (case, entry) in suite.cases.iter().zip(&manifest.cases) {
        let back = without_record(entry);
        match case {
            Case::Ran(_) => assert!(matches!(back, Case::NotReached(_))),
            _ => assert_eq!(format!("{back:?}"), format!("{case:?}")),
        }
    }
}

/// A suite and a difference with `text` wherever foreign text can be.
fn hostile(text: &str) -> (Suite, Difference) {
    let poisoned_ran = |record: Record| -> Ran { ran(&record).linked_by(text.to_owned()) };
    let record = poisoned(sample::unlawful(), text);
    let mut other = poisoned(later(), text);
    other.contacts[0].status = Status::Error;
    other.providers[0].name = text.to_owned();
    let cases = [
        Case::from(poisoned_ran(record.clone())),
        defect(DefectKind::InternalError, text, text),
        Case::from(poisoned_ran(other.clone())),
    ];
    let scenario = of_records(&record, &other).unwrap();
    let difference = Difference {
        before: text.to_owned(),
        after: text.to_owned(),
        only_before: vec![text.to_owned()],
        only_after: vec![text.to_owned()],
        ..difference(vec![scenario])
    };
    (sample::suite(cases), difference)
}

fn is_harmless(text: &str) -> bool {
    let acts = |character: char| {
        (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
    };
    !text.chars().any(acts)
}

#[test]
fn foreign_text_is_no_markup() {
    let ((plain_suite, plain), (suite, difference)) = (hostile("x"), hostile(HOSTILE));
    assert_eq!(markup(&html::suite(&suite)), markup(&html::suite(&plain_suite)));
    assert_eq!(markup(&html::difference(&difference)), markup(&html::difference(&plain)));
    check("hostile-difference.txt", &difference::text(&difference, Look::default()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_it_says_foreign_text_stays_text(text in texts()) {
        let ((plain_suite, plain), (suite, difference)) = (hostile("x"), hostile(&format!("x{text}")));
        prop_assert_eq!(markup(&html::suite(&suite)), markup(&html::suite(&plain_suite)));
        prop_assert_eq!(markup(&html::difference(&difference)), markup(&html::difference(&plain)));
        prop_assert!(is_harmless(&shown(&html::difference(&difference))));
        prop_assert!(is_harmless(&shown(&html::suite(&suite))));
        prop_assert!(is_harmless(&difference::text(&difference, Look::default())));
    }
}
