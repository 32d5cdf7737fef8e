//! Figures, the CSV made of them, and the charts drawn from them.

use proptest::prelude::*;
use record::{Cause, Counters, Event, EventKind, ExcludeReason, Feedback, Nanos, Outcome, Record};
use reports::charts::Measurement;
use reports::figures::{Figures, Known, Series, Track, values};
use reports::{charts, csv, html};

use crate::crowd::{Size, crowd};
use crate::golden::check;
use crate::sample::{HOUR, MINUTE, delivered_at_once, record, silent};

#[test]
fn metrics_over_time() {
    let record = record();
    check("metrics.csv", &csv::render(&record, &Figures::of(&record)));
}

#[test]
fn figures_of_the_sample() {
    let record = record();
    let figures = Figures::of(&record);
    let json: Vec<_> =
        figures.mailings.iter().map(|mailing| serde_json::to_string_pretty(mailing).unwrap()).collect();
    check("figures.json", &(json.join("\n") + "\n"));
}

#[test]
fn the_last_moment_is_what_the_engine_counted() {
    let record = record();
    let figures = Figures::of(&record);
    for (mailing, found) in record.mailings.iter().zip(&figures.mailings) {
        assert_eq!(found.total.last(), mailing.counters, "{}", mailing.name);
    }
    assert_eq!(figures.counters().selected, 5);
}

#[test]
fn the_sample_was_answered_with_a_few_codes() {
    let record = record();
    let spring = &Figures::of(&record).mailings[0];
    let seen: u64 = spring.codes.iter().map(|code| code.seen.last()).sum();
    let answers =
        |event: &&Event| matches!(event.kind, EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. });
    assert_eq!(seen, record.events.iter().filter(answers).count() as u64);
    let busy = &spring.codes[0];
    assert_eq!((busy.code, busy.seen.last(), busy.class.as_str()), (Some(421), 40, "throttle"));
    assert_eq!((busy.first / MINUTE, busy.last / MINUTE), (0, 39));
}

#[test]
fn what_happened_is_known_of_providers_with_a_fate() {
    let record = record();
    let spring = &Figures::of(&record).mailings[0];
    assert_eq!(spring.happened.inbox.last(), 1);
    assert_eq!(spring.not_known.last(), 1, "bob's, at northmail");
    let known: Vec<Known> = spring.providers.iter().map(|provider| provider.happened.known).collect();
    assert_eq!(known, [Known::No, Known::Yes]);
    assert_eq!(spring.happened.clicked.at(spring.moments.index(6 * HOUR)), 0);
    assert_eq!(spring.happened.clicked.at(spring.moments.index(8 * HOUR)), 1);
}

#[test]
fn a_delivery_at_once_is_no_reason() {
    let record = delivered_at_once();
    let spring = &Figures::of(&record).mailings[0];
    assert_eq!((spring.total.last().delivered, spring.reasons.as_slice()), (1, [].as_slice()));
    let page = html::response(&record, &html::About::default());
    assert_eq!(page.matches("Nobody bounced, and nobody had to wait.").count(), record.mailings.len());
    assert!(!page.contains("not-stated"));
}

#[test]
fn a_provider_may_be_called_all() {
    let mut record = record();
    record.providers[0].name = "all".into();
    let text = csv::render(&record, &Figures::of(&record));
    let rows = |provider: &str| text.matches(&format!("\nspring-sale,{provider},")).count();
    assert_eq!((rows(""), rows("all"), rows("bigbox")), (6, 6, 6));
}

/// What a recipient lives through: minutes between its events.
#[derive(Debug, Clone)]
enum Life {
    Excluded,
    Dropped(u64),
    Tried { minutes: Vec<u64>, outcome: Option<Outcome>, late: Option<Feedback> },
}

fn life() -> impl Strategy<Value = Life> {
    let outcome = prop_oneof![
        Just(None),
        Just(Some(Outcome::Delivered)),
        Just(Some(Outcome::SoftBounced)),
        Just(Some(Outcome::HardBounced)),
        Just(Some(Outcome::Cancelled)),
    ];
    let late = prop_oneof![Just(None), Just(Some(Feedback::LateHardBounce)), Just(Some(Feedback::Complaint))];
    let minutes = proptest::collection::vec(0..600_u64, 1..5);
    prop_oneof![
        Just(Life::Excluded),
        (0..1800_u64).prop_map(Life::Dropped),
        (minutes, outcome, late).prop_map(|(minutes, outcome, late)| Life::Tried { minutes, outcome, late }),
    ]
}

/// The sample with other lives in its first mailing, and the counters that the engine would have come to.
fn living(lives: &[Life]) -> Record {
    let mut record = record();
    let contact = record.contacts[0].clone();
    record.contacts = vec![contact; lives.len()];
    record.events.clear();
    for (contact, life) in (0..).zip(lives) {
        let provider = contact % 2;
        record.contacts[contact as usize].provider = provider;
        let events = events(life).into_iter();
        record.events.extend(events.map(|(at, kind)| Event {
            at,
            provider,
            contact,
            mailing: Some(0),
            kind,
        }));
    }
    record.events.sort_by_key(|event| event.at);
    record
}

fn events(life: &Life) -> Vec<(Nanos, EventKind)> {
    let settled = |outcome| EventKind::Settled { outcome, cause: Cause::Answer, verdict: Some(1) };
    match life {
        Life::Excluded => vec![(0, EventKind::Excluded(ExcludeReason::Error))],
        Life::Dropped(minute) => vec![(0, EventKind::Selected), (minute * MINUTE, settled(Outcome::Dropped))],
        Life::Tried { minutes, outcome, late } => {
            let mut events = vec![(0, EventKind::Selected)];
            let mut at = 0;
            for (attempt, minute) in (1..).zip(minutes) {
                at += minute * MINUTE;
                events.push((at, EventKind::AttemptBegun { attempt, connection: 0 }));
                events.push((at, EventKind::AttemptEnded { attempt, verdict: 1, retry_at: None }));
            }
            events.extend(outcome.map(|outcome| (at, settled(outcome))));
            if *outcome == Some(Outcome::Delivered) {
                let feedback = |what| (at + HOUR, EventKind::Feedback { what, verdict: None });
                events.extend(late.map(feedback));
            }
            events
        }
    }
}

/// Where somebody stands is counted once, whatever the moment.
fn balanced(at: &Counters) -> bool {
    at.selected == at.pending + at.dropped + at.sent
        && at.sent == at.in_progress + at.delivered + at.soft_bounced + at.hard_bounced + at.cancelled
        && at.late_bounced == at.late_soft_bounced + at.late_hard_bounced
        && at.late_bounced <= at.delivered
}

fn sum<'a>(all: impl Iterator<Item = &'a Series>, moment: u16) -> Vec<u64> {
    all.fold(vec![0; 16], |sum, series| {
        sum.into_iter().zip(values(&series.at(moment))).map(|(sum, one)| sum + one).collect()
    })
}

proptest! {
    #[test]
    fn identities_hold_at_every_moment(lives in proptest::collection::vec(life(), 1..40)) {
        let record = living(&lives);
        let figures = Figures::of(&record);
        let mailing = &figures.mailings[0];
        for moment in 0..mailing.moments.len() as u16 {
            let total = mailing.total.at(moment);
            prop_assert!(balanced(&total), "{total:?}");
            let by_provider = sum(mailing.providers.iter().map(|provider| &provider.series), moment);
            prop_assert_eq!(by_provider, values(&total));
            let reasons = |count: fn(&reports::figures::ReasonCounts) -> u64| -> u64 {
                mailing.reasons.iter().map(|reason| count(&reason.at(moment))).sum()
            };
            prop_assert_eq!(reasons(|reason| reason.soft_bounced), total.soft_bounced);
            prop_assert_eq!(reasons(|reason| reason.hard_bounced), total.hard_bounced);
            prop_assert_eq!(reasons(|reason| reason.deferred), total.in_progress);
            prop_assert_eq!(reasons(|reason| reason.late_bounced), total.late_bounced);
            for reason in &mailing.reasons {
                let concerned = reason.concerned.values().map(|track| track.at(moment)).sum::<u64>();
                prop_assert_eq!(concerned, reason.at(moment).sum());
            }
            let known = mailing.time_to_deliver.iter().rfind(|(known, _)| *known <= moment);
            prop_assert_eq!(known.map_or(0, |(_, durations)| durations.count), total.delivered);
            let after = |histogram: &[Track]| histogram.iter().map(|track| track.at(moment)).sum::<u64>();
            prop_assert_eq!(after(&mailing.attempts.delivered), total.delivered);
            prop_assert_eq!(after(&mailing.attempts.hard_bounced), total.hard_bounced);
            let excluded = mailing.excluded.iter().map(|(_, track)| track.at(moment)).sum::<u64>();
            prop_assert_eq!(excluded, total.excluded);
            // What the customer saw at that instant, counted the slow way.
            let at = mailing.moments.start + mailing.moments.offsets[usize::from(moment)];
            let until = |event: &&Event| event.at <= at;
            let delivered = |event: &Event| matches!(event.kind, EventKind::Settled { outcome: Outcome::Delivered, .. });
            let slowly = record.events.iter().filter(until).filter(|event| delivered(event)).count();
            prop_assert_eq!(total.delivered, slowly as u64);
        }
        prop_assert_eq!(figures.total.last(), mailing.total.last());
    }
}

#[test]
fn charts_of_the_sample() {
    let record = record();
    let figures = Figures::of(&record);
    let charts = [
        ("delivery.svg", charts::delivery(&record, &figures, 0)),
        ("providers.svg", charts::providers(&record, &figures, 0)),
        ("reasons.svg", charts::reasons(&record, &figures, 0)),
        ("attempts.svg", charts::attempts(&record, &figures, 0)),
        ("connections.svg", charts::connections(&record, &figures)),
    ];
    for (name, chart) in charts {
        check(name, &chart.svg);
    }
}

#[test]
fn charts_of_a_crowd() {
    let record = crowd(Size { providers: 40, contacts: 2_000, reasons: 30, length: 21 * 24 * HOUR });
    let figures = Figures::of(&record);
    let charts = [
        ("crowd-delivery.svg", charts::delivery(&record, &figures, 0)),
        ("crowd-providers.svg", charts::providers(&record, &figures, 0)),
        ("crowd-reasons.svg", charts::reasons(&record, &figures, 0)),
        ("crowd-connections.svg", charts::connections(&record, &figures)),
    ];
    for (name, chart) in charts {
        assert!(!chart.svg.contains("<b>") && !chart.svg.contains("<i>"), "{name}");
        check(name, &chart.svg);
    }
}

#[test]
fn charts_of_nothing() {
    let record = silent();
    let figures = Figures::of(&record);
    let all = [
        charts::delivery(&record, &figures, 0),
        charts::providers(&record, &figures, 0),
        charts::reasons(&record, &figures, 0),
        charts::attempts(&record, &figures, 0),
    ];
    let drawn: String = all.iter().map(|chart| format!("{}\n{}", chart.description, chart.svg)).collect();
    check("nothing.svg.txt", &drawn);
}

#[test]
fn throughput_over_versions() {
    let measured = |number: u64| Measurement {
        version: format!("0.{number}.0"),
        label: ["rules are found by what they are limited to", "<b>reports</b>", "ramps"]
            [number as usize % 3]
            .into(),
        bench: "mixed_fleet".into(),
        samples: (0..5).map(|run| 280_000 + number * 4_000 + run * run * 3_000).collect(),
        machine: "2 cores".into(),
    };
    let few: Vec<Measurement> = (1..=6).map(measured).collect();
    check("throughput.svg", &charts::throughput(&few).alone());
    let one = charts::throughput(&few[..1]);
    assert_eq!(one.table.rows.len(), 1);
    let many: Vec<Measurement> = (1..=40).map(measured).collect();
    assert_eq!(charts::throughput(&many).table.rows.len(), 16, "the latest ones");
    assert!(charts::throughput(&[]).svg.contains("nothing was measured"));
}
