//! What becomes of receipts.

use std::time::Duration;

use fleet::{Answered, Arrival, Findings, Who};
use record::{EventKind, Outcome};
use serve::Testimony;
use units::Instant;

use super::*;

const ACCEPTED: Answered = Answered::Accepted { body_hash: 7, body_bytes: 100 };

/// An arrival a second after the one before: sender, recipient, answer.
type Row = (&'static str, &'static str, Answered);

const fn refused(code: u16) -> Answered {
    Answered::Refused { phase: fleet::Phase::Rcpt, code }
}

fn place(names: &mut Vec<String>, name: &str) -> u32 {
    let known = names.iter().position(|known| known == name);
    let place = known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    u32::try_from(place).expect("few")
}

fn seen(rows: &[Row]) -> Record {
    let mut receipts = fleet::Receipts::default();
    for (second, (sender, recipient, answer)) in (1..).zip(rows) {
        receipts.arrivals.push(Arrival {
            at: Instant::ZERO + Duration::from_secs(second),
            provider: 3,
            connection: 1,
            sender: place(&mut receipts.senders, sender),
            recipient: place(&mut receipts.recipients, recipient),
            answer: *answer,
            rule: None,
            findings: Findings::default(),
        });
    }
    let who = Who {
        index: 3,
        name: "bigbox".to_owned(),
        profile: "gmail".to_owned(),
        domains: vec!["bigbox.test".to_owned()],
        hosts: vec!["mx1.bigbox.test".to_owned()],
    };
    let served = Served { name: "Test".to_owned(), file: String::new(), source: String::new(), seed: 1 };
    record(&served, Testimony { receipts, now: Instant::from_hours(1), providers: vec![who] })
}

/// The names of the mailings, each with: sent, delivered, in progress, hard bounced.
fn figures(record: &Record) -> Vec<(&str, [u64; 4])> {
    record
        .mailings
        .iter()
        .map(|mailing| {
            let counters = mailing.counters;
            let [sent, delivered] = [counters.sent, counters.delivered];
            (mailing.name.as_str(), [sent, delivered, counters.in_progress, counters.hard_bounced])
        })
        .collect()
}

#[test]
fn a_return_path_is_a_mailing_and_the_last_answer_counts() {
    let record = seen(&[
        ("news@a.test", "ann@bigbox.test", refused(450)),
        ("news@a.test", "bob@bigbox.test", refused(550)),
        ("news@a.test", "cleo@bigbox.test", refused(452)),
        ("bills@a.test", "ann@bigbox.test", ACCEPTED),
        ("news@a.test", "ann@bigbox.test", ACCEPTED),
        ("news@a.test", "dan@bigbox.test", Answered::Unfinished),
        ("news@a.test", "eve@bigbox.test", Answered::AcceptedReplyLost { body_hash: 7, body_bytes: 100 }),
    ]);
    assert_eq!(figures(&record), [("news@a.test", [5, 2, 2, 1]), ("bills@a.test", [1, 1, 0, 0])]);
    let starts: Vec<u64> = record.mailings.iter().map(|mailing| mailing.start / 1_000_000_000).collect();
    assert_eq!(starts, [1, 4]);
    assert_eq!(record.contacts.len(), 5);
    assert!(record.contacts.iter().all(|contact| contact.provider == 0));
    assert!(record.events.is_sorted_by_key(|event| event.at));
    let ann = record.events.iter().filter(|event| event.contact == 0 && event.mailing == Some(0));
    let ann: Vec<EventKind> = ann.map(|event| event.kind).collect();
    assert_eq!(ann.len(), 6, "{ann:?}");
    assert!(matches!(ann[0], EventKind::Selected), "{ann:?}");
    assert!(matches!(ann[5], EventKind::Settled { outcome: Outcome::Delivered, .. }), "{ann:?}");
}

#[test]
fn what_comes_after_a_delivery_is_another_message() {
    let record = seen(&[
        ("a@a.test", "ann@bigbox.test", ACCEPTED),
        ("a@a.test", "ann@bigbox.test", refused(550)),
        ("a@a.test", "ann@bigbox.test", ACCEPTED),
    ]);
    assert_eq!(figures(&record), [("a@a.test", [1, 1, 0, 0])]);
    assert_eq!(record.events.len(), 4);
    assert_eq!(record.receipts.arrivals.len(), 3);
}

#[test]
fn many_return_paths_of_a_domain_are_one_mailing() {
    let paths: Vec<String> = (0..100).map(|number| format!("bounce-{number}@list.test")).collect();
    let leaked: Vec<Row> =
        paths.into_iter().map(|path| (&*path.leak(), "ann@bigbox.test", ACCEPTED)).collect();
    let record = seen(&[&[("", "ann@bigbox.test", refused(550))], &leaked[..]].concat());
    assert_eq!(figures(&record), [("<> (reports)", [1, 0, 0, 1]), ("*@list.test", [1, 1, 0, 0])]);
    assert!(record.mailings[1].sends_from("bounce-7@list.test") && !record.mailings[1].sends_from(""));
}

#[test]
fn refusals_are_read_by_their_numbers() {
    let record =
        seen(&[("a@a.test", "ann@bigbox.test", refused(552)), ("a@a.test", "bob@bigbox.test", refused(552))]);
    let [verdict] = &record.verdicts[..] else { panic!("{:?}", record.verdicts) };
    // Read as a full mailbox; that the client is refused for good is counted all the same.
    assert_eq!((verdict.code, verdict.class.as_str()), (Some(552), "soft"));
    assert_eq!(figures(&record), [("a@a.test", [2, 0, 0, 2])]);
    assert_eq!(record.providers[0].help_url.as_deref().map(|url| url.starts_with("https://")), Some(true));
}

#[test]
fn nothing_seen_is_no_mailing() {
    let record = seen(&[]);
    assert!(record.mailings.is_empty() && record.contacts.is_empty() && record.events.is_empty());
    assert_eq!(record.providers.len(), 1);
}
