//! A small record with a bit of everything, made by hand: two mailings a week apart, two providers, eight contacts.

mod story;
mod tables;

use record::{
    Broken, Checked, Connection, ConnectionEnd, Counters, EventKind, Happening, Held, Nanos, Reactivation,
    Receipts, Record, Sequel, Span, Status, Timing,
};
use reports::{Case, Defect, DefectKind, NotReached, Ran, Refused, Suite};

use story::Story;
use tables::{HELP, contacts, expectations, laws, mailing, provider, verdicts};

pub(crate) const MILLI: Nanos = 1_000_000;
pub(crate) const SECOND: Nanos = 1000 * MILLI;
pub(crate) const MINUTE: Nanos = 60 * SECOND;
pub(crate) const HOUR: Nanos = 60 * MINUTE;
const WEEK: Nanos = 168 * HOUR;

pub(crate) const NORTHMAIL: u32 = 0;
const BIGBOX: u32 = 1;
const CONTACTS: [(&str, u32, Status); 8] = [
    ("ann@bigbox.test", BIGBOX, Status::Active),
    ("bob@northmail.test", NORTHMAIL, Status::Active),
    ("cleo@bigbox.test", BIGBOX, Status::Active),
    ("dan@bigbox.test", BIGBOX, Status::Error),
    ("eve@northmail.test", NORTHMAIL, Status::Active),
    ("fay@bigbox.test", BIGBOX, Status::Active),
    ("gus@northmail.test", NORTHMAIL, Status::Active),
    ("ida@bigbox.test", BIGBOX, Status::OptOut),
];
pub(crate) const ANN: u32 = 0;
pub(crate) const BOB: u32 = 1;
pub(crate) const CLEO: u32 = 2;
pub(crate) const DAN: u32 = 3;
pub(crate) const EVE: u32 = 4;
pub(crate) const FAY: u32 = 5;
pub(crate) const GUS: u32 = 6;

const FULL: u32 = 0;
const REFUSED: u32 = 1;
pub(crate) const UNKNOWN: u32 = 2;
const OK: u32 = 3;
const LOST: u32 = 4;
const BUSY: u32 = 5;

const BODY_HASH: u64 = 0x00c0_ffee_0000_0001;
const BODY_BYTES: u64 = 20_480;

/// The scenario file that the record pretends to come from.
pub(crate) const SOURCE: &str = "\
name: Outage that heals before the window closes
seed: 7
# the rest is left out
expect:
  - sent == 5 at end
  - delivered(northmail) == 3 by 30h   # all of them, after the outage
  - soft_bounced(bigbox) == 1 at end
  - contact cleo@bigbox.test is error at end
";

/// The record.
pub(crate) fn record() -> Record {
    let mut story = Story::default();
    story.ann();
    story.bob();
    story.cleo_and_those_left_out();
    story.fay();
    story.gus();
    story.events.sort_by_key(|event| event.at);
    Record {
        scenario: "Outage that heals before the window closes".into(),
        about: "Northmail refuses connections for the first nine hours.".into(),
        file: "scenarios/outage/heals.yaml".into(),
        source: String::new(),
        seed: 7,
        ended: WEEK + SECOND,
        horizon: WEEK + 30 * HOUR,
        providers: vec![
            provider("northmail", "generic-postfix", None),
            provider("bigbox", "gmail", Some(HELP)),
        ],
        mailings: vec![mailing("spring-sale", 0), mailing("summer-sale", WEEK)],
        letters: Vec::new(),
        contacts: contacts(),
        timeline: vec![Span {
            name: "outage".into(),
            from: 0,
            until: Some(9 * HOUR),
            repeat: None,
            provider: Some(NORTHMAIL),
            what: "connect: refuse".into(),
        }],
        reactivations: vec![Reactivation {
            at: 40 * HOUR,
            contact: CLEO,
            by: "support".into(),
            why: "has a new mailbox".into(),
            refused: false,
        }],
        strays: Vec::new(),
        verdicts: verdicts(),
        events: story.events,
        receipts: Receipts {
            connections: vec![Connection {
                provider: BIGBOX,
                number: 3,
                host: 0,
                opened: 0,
                closed: SECOND,
                messages: 1,
                end: ConnectionEnd::Quit,
                address: 1,
                rule: None,
            }],
            arrivals: story.arrivals,
            sequels: sequels(),
            senders: vec!["spring-sale@sender.example".into(), "summer-sale@sender.example".into()],
            recipients: CONTACTS.iter().map(|(address, ..)| (*address).to_owned()).collect(),
            open_at_the_end: 0,
        },
        dialogues: Vec::new(),
        digest: 0x0123_4567_89ab_cdef,
        checked: Checked { expectations: expectations(), laws: laws() },
    }
}

/// Everything that can happen to Fay's two messages, which are one and the same.
fn sequels() -> Vec<Sequel> {
    use Happening::*;
    let all = [
        SpamFolder,
        Inbox,
        Lost,
        Forwarded,
        BouncedLater,
        AutoReplied,
        Opened,
        Clicked,
        Complained,
        Unsubscribed,
    ];
    let provider = CONTACTS[FAY as usize].1;
    let sequel = |(hour, what)| Sequel {
        at: hour * HOUR + 200 * MILLI,
        provider,
        connection: 5,
        sender: 0,
        recipient: FAY,
        body_hash: BODY_HASH,
        what,
    };
    (0..).zip(all).map(sequel).collect()
}

/// A record in which everything held.
pub(crate) fn held(name: &str, copies: u32) -> Record {
    let mut record = record();
    record.scenario = name.into();
    record.horizon = 30 * HOUR;
    for verdict in &mut record.checked.expectations {
        verdict.held = Held::Yes;
    }
    let contacts: Vec<_> = (0..copies).flat_map(|_| record.contacts.clone()).collect();
    record.contacts = contacts;
    record
}

/// A record in which a law was broken.
pub(crate) fn unlawful() -> Record {
    let mut record = held("Nine profiles at once", 1);
    let broken = |hour, contact: &str| Broken {
        at: hour * HOUR,
        contact: contact.into(),
        what: "sent is 1 000, but in_progress + delivered + soft_bounced + hard_bounced + cancelled is 999"
            .into(),
    };
    record.file = "scenarios/mixed/nine profiles.yaml".into();
    record.checked.laws[0].broken = (1..8).map(|hour| broken(hour, "ann@bigbox.test")).collect();
    record.checked.laws[0].broken[2].contact.clear();
    record
}

/// A record in which nothing was sent.
pub(crate) fn silent() -> Record {
    let mut record = held("Nobody is active", 1);
    record.file = "scenarios/contacts/nobody.yaml".into();
    record.events.retain(|event| matches!(event.kind, EventKind::Excluded(_)) && event.at == 0);
    record.mailings.truncate(1);
    record.mailings[0].counters = Counters { excluded: 3, ..Counters::default() };
    record
}

/// A record in which only Bob's last attempt was made, and delivered.
pub(crate) fn delivered_at_once() -> Record {
    let mut record = record();
    let attempt = |kind| match kind {
        EventKind::AttemptBegun { attempt, .. } | EventKind::AttemptEnded { attempt, .. } => attempt == 4,
        EventKind::Uncounted { .. } | EventKind::Excluded(_) | EventKind::Feedback { .. } => false,
        EventKind::Selected | EventKind::Settled { .. } | EventKind::StatusChanged { .. } => true,
    };
    record.events.retain(|event| event.contact == BOB && attempt(event.kind));
    record.mailings[0].counters = Counters { selected: 1, sent: 1, delivered: 1, ..Counters::default() };
    record.mailings[1].counters = Counters::default();
    record
}

/// A scenario that was refused.
pub(crate) fn refused() -> Case {
    Case::Refused(Refused {
        file: "scenarios/greylist.yaml".into(),
        line: Some(6),
        problem: "error: unknown key `replay` in greylist\n --> scenarios/greylist.yaml:6:32\n  |\n6 |       - greylist: { wait: 5m, replay: 451 }\n  |                               ^^^^^^ not a key of greylist\n".into(),
    })
}

/// A scenario that came to no verdict in a run with `options`.
pub(crate) fn defect(kind: DefectKind, found: &str, options: &str) -> Case {
    Case::Defect(Defect {
        kind,
        scenario: "Nine profiles at once".into(),
        file: "scenarios/mixed/nine profiles.yaml".into(),
        seed: 7,
        found: found.into(),
        options: options.into(),
    })
}

/// One of each kind.
pub(crate) fn defects() -> [Case; 3] {
    [
        defect(
            DefectKind::Deadlock,
            "nothing can happen any more at 06:00:00.000, and not everybody is final",
            "",
        ),
        defect(DefectKind::InternalError, "assertion failed\n  left: 1\n right: 2", "--shards 3"),
        defect(
            DefectKind::NotReproducible,
            "digest 0123456789abcdef at first, fedcba9876543210 the next time",
            "--repeat 2",
        ),
    ]
}

/// A scenario that the interruption came before.
pub(crate) fn not_reached() -> Case {
    Case::NotReached(NotReached {
        scenario: "Full mailboxes".into(),
        file: "scenarios/mailboxes/full.yaml".into(),
    })
}

/// The record, run in 412 ms.
pub(crate) fn ran(record: &Record) -> Ran {
    Ran::of(record, Timing { wall: 412 * MILLI })
}

/// A suite of such cases.
pub(crate) fn suite(cases: impl IntoIterator<Item = impl Into<Case>>) -> Suite {
    Suite { cases: cases.into_iter().map(Into::into).collect(), timing: Timing { wall: 4_249 * MILLI } }
}
