//! Test-only: laws of the language and of the measures, on arbitrary texts and arbitrary runs.

use proptest::prelude::*;
use record::{Cause, Event, EventKind, ExcludeReason, Held, MailingId, Nanos, Outcome, Record};
use units::Instant;

use super::language::{FilterKind, INSTANTS, OPERATORS};
use super::metric;
use super::sample::{CONTACTS, FULL, OK, REFUSED, SLOW_DOWN, UNKNOWN, Writer, at, read_text};
use super::sentence::FORMS;

const COUNTERS: [&str; 9] = [
    "selected",
    "pending",
    "dropped",
    "sent",
    "in_progress",
    "delivered",
    "soft_bounced",
    "hard_bounced",
    "cancelled",
];

/// What the language is made of, for texts that come close to being right.
const PIECES: [&str; 44] = [
    "sent",
    "delivered",
    "soft_bounced",
    "attempts",
    "gap",
    "contacts",
    "excluded",
    "connections",
    "strikes",
    "(",
    ")",
    ",",
    "northmail",
    "bigbox",
    "spring-sale",
    "\"summer sale, part 2\"",
    "mailbox-full",
    "error",
    "active",
    "1",
    "0",
    "600",
    "99%",
    "10m",
    "..",
    "==",
    "<=",
    ">",
    "in",
    "at",
    "by",
    "4h",
    "end",
    "contact",
    "ann@bigbox.test",
    "was",
    "is",
    "not",
    "went",
    "->",
    "has",
    "strikes",
    "idle",
    "mailing:idle",
];

/// Checks that the canonical form of an expectation is read back as the same expectation.
fn canonical_form_is_read_back(text: &str) -> Result<(), TestCaseError> {
    let read = read_text(text).map_err(TestCaseError::fail)?;
    let canonical = read.to_string();
    let again = read_text(&canonical).map_err(TestCaseError::fail)?;
    prop_assert_eq!(again.claim(), read.claim());
    prop_assert_eq!(again.when(), read.when());
    prop_assert_eq!(again.to_string(), canonical);
    Ok(())
}

#[test]
fn every_example_of_the_reference_is_read_and_round_trips() {
    let metrics = metric::all().map(|metric| metric.example);
    let others = FilterKind::ALL.map(FilterKind::example).into_iter().chain(OPERATORS.map(|row| row.example));
    let rest = INSTANTS.map(|(_, _, example)| example).into_iter().chain(FORMS.map(|form| form.example));
    let mut checked = 0;
    for example in metrics.chain(others).chain(rest) {
        canonical_form_is_read_back(example).expect(example);
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

/// What happens to a recipient, in order; each step comes some minutes after the one before.
fn stories() -> impl Strategy<Value = Vec<EventKind>> {
    let begun = |attempt| EventKind::AttemptBegun { attempt, connection: 1 };
    let ended = |attempt, verdict| EventKind::AttemptEnded { attempt, verdict, retry_at: None };
    let settled = |outcome, verdict| EventKind::Settled { outcome, cause: Cause::Answer, verdict };
    let selected = EventKind::Selected;
    let throttled = EventKind::Uncounted { verdict: SLOW_DOWN };
    prop_oneof![
        Just(vec![]),
        Just(vec![EventKind::Excluded(ExcludeReason::Error)]),
        Just(vec![selected]),
        Just(vec![selected, EventKind::Excluded(ExcludeReason::Duplicate), begun(1)]),
        Just(vec![EventKind::Excluded(ExcludeReason::Duplicate), selected]),
        Just(vec![selected, settled(Outcome::Dropped, None)]),
        Just(vec![selected, begun(1), ended(1, OK), settled(Outcome::Delivered, Some(OK))]),
        Just(vec![
            selected,
            begun(1),
            throttled,
            begun(1),
            ended(1, UNKNOWN),
            settled(Outcome::HardBounced, None)
        ]),
        Just(vec![
            selected,
            begun(1),
            ended(1, REFUSED),
            begun(2),
            ended(2, FULL),
            settled(Outcome::SoftBounced, Some(FULL))
        ]),
        Just(vec![
            selected,
            begun(1),
            ended(1, FULL),
            begun(2),
            throttled,
            settled(Outcome::Cancelled, None)
        ]),
    ]
}

/// A run of two mailings in which each contact has a story, or none, in each.
fn runs() -> impl Strategy<Value = Record> {
    let story = (stories(), prop::collection::vec(0_u64..90, 6));
    prop::collection::vec(story, CONTACTS.len() * 2).prop_map(|stories| {
        let mut run = Writer::new();
        for (recipient, (story, minutes)) in stories.into_iter().enumerate() {
            let (mailing, contact) = (recipient / CONTACTS.len(), recipient % CONTACTS.len());
            let mut now = 0;
            for (kind, minutes) in story.into_iter().zip(minutes) {
                now += minutes * at("1m");
                run.raw(now, contact as u32, Some(mailing as MailingId), kind);
            }
        }
        run.record()
    })
}

/// A condition that may or may not hold, and that may be written with an instant behind it.
fn claims() -> impl Strategy<Value = String> {
    let subject = prop::sample::select(vec![
        "sent",
        "pending(northmail)",
        "in_progress",
        "delivered(spring-sale)",
        "soft_bounced(mailbox-full)",
        "excluded",
        "throttled(bigbox)",
        "attempts",
        "attempts(delivered)",
    ]);
    let operator = prop::sample::select(vec!["==", "!=", "<=", ">=", ">"]);
    (subject, operator, 0_u8..4)
        .prop_map(|(subject, operator, number)| format!("{subject} {operator} {number}"))
}

fn held(run: &Record, text: &str) -> bool {
    read_text(text).expect(text).check(run).held == Held::Yes
}

/// What a counter says at an instant; 0 if nobody was there at all.
fn measured(run: &Record, counter: &str, at: Instant) -> u64 {
    let text = format!("{counter} >= 0 at {at}");
    read_text(&text).expect(&text).check(run).measured.parse().unwrap_or(0)
}

/// The same, worked out recipient by recipient from the set of what happened to it.
fn worked_out(run: &Record, counter: &str, until: Nanos) -> usize {
    let recipients =
        (0..2).flat_map(|mailing| (0..CONTACTS.len() as u32).map(move |contact| (mailing, contact)));
    let counts = |(mailing, contact): &(MailingId, u32)| {
        let is_mine = |event: &&Event| {
            event.at <= until && event.contact == *contact && event.mailing == Some(*mailing)
        };
        let story: Vec<EventKind> = run.events.iter().filter(is_mine).map(|event| event.kind).collect();
        let selected = story.contains(&EventKind::Selected);
        let sent = story.iter().any(|kind| matches!(kind, EventKind::AttemptBegun { .. }));
        let outcome = story.iter().find_map(|kind| match kind {
            EventKind::Settled { outcome, .. } => Some(*outcome),
            _ => None,
        });
        match counter {
            "selected" => selected,
            "pending" => selected && !sent && outcome.is_none(),
            "dropped" => outcome == Some(Outcome::Dropped),
            "sent" => sent,
            "in_progress" => sent && outcome.is_none(),
            "delivered" => outcome == Some(Outcome::Delivered),
            "soft_bounced" => outcome == Some(Outcome::SoftBounced),
            "hard_bounced" => outcome == Some(Outcome::HardBounced),
            "cancelled" => outcome == Some(Outcome::Cancelled),
            _ => panic!("{counter}"),
        }
    };
    recipients.filter(counts).count()
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = read_text(&text);
    }

    #[test]
    fn nothing_that_comes_close_makes_the_reader_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12),
        blank in prop::sample::select(vec!["", " ", "\u{a0}", " ü "]),
    ) {
        let text = pieces.join(blank);
        if read_text(&text).is_ok() {
            canonical_form_is_read_back(&text)?;
        }
    }

    #[test]
    fn what_is_printed_is_read_back(
        counter in prop::sample::select(COUNTERS.to_vec()),
        filter in prop::sample::select(vec!["", "(northmail)", "(\"summer sale, part 2\" , bigbox.test)", "( mailing:idle )"]),
        condition in prop::sample::select(vec!["==", "!=", "<=", ">", ">=", "in 0 .."]),
        quantity: u64,
        when in prop::sample::select(vec!["", "at", "by"]),
        nanos in 0..Instant::from_hours(60).as_nanos(),
    ) {
        let when = if when.is_empty() { String::new() } else { format!("{when} {}.{:03}us", nanos / 1000, nanos % 1000) };
        canonical_form_is_read_back(&format!("{counter}{filter}  {condition} {quantity} {when}"))?;
    }

    #[test]
    fn by_means_at_every_instant_from_then_on(run in runs(), claim in claims(), hour in 0_u64..9) {
        let deadline = at(&format!("{hour}h"));
        let later = run.events.iter().map(|event| event.at).filter(|instant| *instant > deadline);
        let mut instants: Vec<Nanos> = [deadline].into_iter().chain(later).collect();
        instants.dedup();
        let at_each = instants.iter().all(|instant| held(&run, &format!("{claim} at {}", Instant::from_nanos(*instant))));
        let by = held(&run, &format!("{claim} by {hour}h"));
        prop_assert_eq!(by, at_each);
        prop_assert!(!by || held(&run, &claim), "what holds by an instant holds at the end");
    }

    #[test]
    fn counters_agree_with_each_other_and_with_the_ledger(run in runs(), minutes in 0_u64..600) {
        let instant = Instant::from_nanos(minutes * at("1m"));
        let count = |counter: &str| measured(&run, counter, instant);
        for counter in COUNTERS {
            prop_assert_eq!(count(counter), worked_out(&run, counter, instant.as_nanos()) as u64, "{}", counter);
            let by_provider = ["northmail", "bigbox"].map(|provider| count(&format!("{counter}({provider})")));
            prop_assert_eq!(by_provider.iter().sum::<u64>(), count(counter));
        }
        prop_assert_eq!(count("selected"), count("pending") + count("dropped") + count("sent"));
        let parts = ["in_progress", "delivered", "soft_bounced", "hard_bounced", "cancelled"].map(count);
        prop_assert_eq!(count("sent"), parts.iter().sum::<u64>());
    }
}
