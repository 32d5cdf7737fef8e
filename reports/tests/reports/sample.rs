//! A small record with a bit of everything, made by hand: two mailings a week apart, two providers, eight contacts.

use record::{
    Answer, Arrival, Broken, Cause, Checked, Checks, Connection, ConnectionEnd, Contact, Counters, Event,
    EventKind, ExcludeReason, ExpectationVerdict, Happening, Held, Host, LawVerdict, Limits, Mailing,
    MailingKind, Nanos, Outcome, Phase, Provider, Reactivation, Receipts, Record, Sequel, Span, Status,
    StatusCause, Timing, VerdictRow,
};
use reports::{Case, Defect, DefectKind, NotReached, Ran, Refused, Suite};

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

const HELP: &str = "https://support.example/mail/errors";

fn provider(name: &str, profile: &str, help_url: Option<&str>) -> Provider {
    Provider {
        name: name.into(),
        profile: profile.into(),
        help_url: help_url.map(str::to_owned),
        domains: vec![format!("{name}.test")],
        hosts: vec![Host { name: format!("mx1.{name}.test"), site: 0 }],
        limits: Limits {
            connections: 10,
            messages_per_connection: 100,
            recipients_per_message: 50,
            rate: None,
        },
        rules: Vec::new(),
    }
}

fn mailing(name: &str, start: Nanos) -> Mailing {
    let counters = match start {
        0 => Counters {
            selected: 5,
            excluded: 3,
            sent: 5,
            delivered: 2,
            soft_bounced: 1,
            hard_bounced: 1,
            cancelled: 1,
            ..Counters::default()
        },
        _ => Counters { excluded: 1, ..Counters::default() },
    };
    Mailing {
        name: name.into(),
        kind: MailingKind::Regular,
        sender: format!("{name}@sender.example"),
        start,
        window_end: start + 30 * HOUR,
        contact_policy: "classic".into(),
        uncertain_policy: "resend".into(),
        attempt_offsets: vec![0, HOUR, 6 * HOUR, 29 * HOUR + 30 * MINUTE],
        message_bytes: BODY_BYTES,
        message_hash: BODY_HASH,
        counters,
    }
}

fn contacts() -> Vec<Contact> {
    let contact = |(address, provider, status): &(&str, u32, Status)| Contact {
        address: (*address).into(),
        provider: *provider,
        listed: if *address == "eve@northmail.test" { 2 } else { 1 },
        status: *status,
    };
    CONTACTS.iter().map(contact).collect()
}

fn verdicts() -> Vec<VerdictRow> {
    let row =
        |phase, code, enhanced: &str, text: &str, [class, category, scope, rule]: [&str; 4]| VerdictRow {
            phase,
            code,
            enhanced: (!enhanced.is_empty()).then(|| enhanced.to_owned()),
            text: text.into(),
            class: class.into(),
            category: category.into(),
            scope: scope.into(),
            action: "retry".into(),
            wait: None,
            rule: rule.into(),
            reason: "the reason in plain words".into(),
            help_url: (category == "mailbox-full").then(|| "https://support.example/codes".to_owned()),
        };
    let out_of_storage = "The recipient's inbox is out of storage space. Please direct the recipient to\n\
                          https://support.example/mail/?p=OverQuotaTemp 41be03b00d2f7 - gsmtp";
    let unknown = "The email account that you tried to reach does not exist. Please try double-checking the recipient's \
                   email address for typos or unnecessary spaces.";
    vec![
        row(
            Phase::Rcpt,
            Some(452),
            "4.2.2",
            out_of_storage,
            ["soft", "mailbox-full", "address", "enhanced code"],
        ),
        row(Phase::Connect, None, "", "connection refused", ["soft", "unreachable", "site", "no reply"]),
        row(Phase::Rcpt, Some(550), "5.1.1", unknown, ["hard", "unknown-user", "address", "enhanced code"]),
        row(
            Phase::EndOfData,
            Some(250),
            "2.0.0",
            "OK 1767605400 41be03b00d2f7 - gsmtp",
            ["delivered", "", "address", "2xx at the end of data"],
        ),
        row(
            Phase::EndOfData,
            None,
            "",
            "connection closed after the final dot",
            ["uncertain", "lost-reply", "connection", "no reply"],
        ),
        row(
            Phase::Greeting,
            Some(421),
            "4.7.0",
            "Too many connections, try again later",
            ["throttle", "rate-limited", "source", "421"],
        ),
    ]
}

fn expectations() -> Vec<ExpectationVerdict> {
    let verdict = |text: &str, line, held, [wanted, measured]: [&str; 2]| ExpectationVerdict {
        text: text.into(),
        line,
        column: 5,
        held,
        wanted: wanted.into(),
        measured: measured.into(),
        notes: vec![],
        contacts: vec![],
    };
    let failed = ExpectationVerdict {
        notes: vec![
            "2 soft, unreachable: connection refused (northmail), which lasted until the outage of the timeline ended and healed".into(),
            "1 in progress".into(),
        ],
        contacts: vec!["bob@northmail.test".into(), "eve@northmail.test".into()],
        ..verdict("delivered(northmail) == 3 by 30h", 6, Held::No, ["3 by 30h", "1 at 30h"])
    };
    vec![
        verdict("sent == 5 at end", 5, Held::Yes, ["5 at end", "5"]),
        failed,
        verdict("soft_bounced(bigbox) == 1 at end", 7, Held::Yes, ["1 at end", "1"]),
        verdict("contact cleo@bigbox.test is error at end", 8, Held::Yes, ["error at end", "error"]),
    ]
}

fn laws() -> Vec<LawVerdict> {
    let law = |law: &str, about: &str, checks| LawVerdict {
        law: law.into(),
        about: about.into(),
        checks,
        broken: vec![],
    };
    vec![
        law(
            "conservation",
            "at every instant, sent is in_progress + delivered + soft_bounced + hard_bounced + cancelled",
            512,
        ),
        law("two-accounts", "the ledger of the engine equals the receipts of the fleet", 14),
    ]
}

/// The ledger and the receipts, contact by contact.
#[derive(Default)]
struct Story {
    events: Vec<Event>,
    arrivals: Vec<Arrival>,
}

impl Story {
    fn event(&mut self, contact: u32, mailing: Option<u16>, at: Nanos, kind: EventKind) {
        let provider = CONTACTS[contact as usize].1;
        self.events.push(Event { at, provider, contact, mailing, kind });
    }

    fn arrival(&mut self, contact: u32, at: Nanos, connection: u32, answer: Answer) {
        let provider = CONTACTS[contact as usize].1;
        self.arrivals.push(Arrival {
            at,
            provider,
            connection,
            sender: 0,
            recipient: contact,
            answer,
            rule: None,
            checks: Checks::NONE,
        });
    }

    fn attempt(
        &mut self,
        contact: u32,
        at: Nanos,
        attempt: u8,
        connection: u32,
        verdict: u32,
        retry_at: Option<Nanos>,
    ) {
        self.event(contact, Some(0), at, EventKind::AttemptBegun { attempt, connection });
        self.event(
            contact,
            Some(0),
            at + 213 * MILLI,
            EventKind::AttemptEnded { attempt, verdict, retry_at },
        );
        let body = Answer::Accepted { body_hash: BODY_HASH, body_bytes: BODY_BYTES };
        let answer = match verdict {
            FULL => Some(Answer::Refused { phase: Phase::Rcpt, code: 452 }),
            UNKNOWN => Some(Answer::Refused { phase: Phase::Rcpt, code: 550 }),
            OK => Some(body),
            LOST => Some(Answer::AcceptedReplyLost { body_hash: BODY_HASH, body_bytes: BODY_BYTES }),
            _ => None,
        };
        if let Some(answer) = answer {
            self.arrival(contact, at + 180 * MILLI, connection, answer);
        }
    }

    fn settled(&mut self, contact: u32, at: Nanos, outcome: Outcome, cause: Cause, verdict: u32) {
        self.event(contact, Some(0), at, EventKind::Settled { outcome, cause, verdict: Some(verdict) });
    }

    fn status(
        &mut self,
        contact: u32,
        mailing: Option<u16>,
        at: Nanos,
        change: [Status; 2],
        strikes: u8,
        cause: StatusCause,
    ) {
        let [from, to] = change;
        self.event(contact, mailing, at, EventKind::StatusChanged { from, to, strikes, cause });
    }

    /// A full mailbox to the end of the plan.
    fn ann(&mut self) {
        self.event(ANN, Some(0), 0, EventKind::Selected);
        let times =
            [132 * MILLI, HOUR + 40 * MILLI, 6 * HOUR + 33 * MILLI, 29 * HOUR + 30 * MINUTE + 90 * MILLI];
        let due = [Some(HOUR), Some(6 * HOUR), Some(29 * HOUR + 30 * MINUTE), None];
        for (index, (at, retry_at)) in times.into_iter().zip(due).enumerate() {
            self.attempt(ANN, at, index as u8 + 1, 3 + index as u32, FULL, retry_at);
        }
        let end = times[3] + 213 * MILLI;
        self.settled(ANN, end, Outcome::SoftBounced, Cause::PlanExhausted, FULL);
        self.status(ANN, Some(0), end, [Status::Active; 2], 1, StatusCause::SoftBounce);
    }

    /// An outage until hour nine; the third attempt is refused, too; the last one comes late and is delivered.
    fn bob(&mut self) {
        self.event(BOB, Some(0), 0, EventKind::Selected);
        self.attempt(BOB, 20 * MILLI, 1, 0, REFUSED, Some(HOUR));
        self.attempt(BOB, HOUR, 2, 0, REFUSED, Some(6 * HOUR));
        self.attempt(BOB, 6 * HOUR, 3, 0, REFUSED, Some(29 * HOUR + 30 * MINUTE));
        let last = 29 * HOUR + 42 * MINUTE;
        self.attempt(BOB, last, 4, 1, OK, None);
        self.settled(BOB, last + 213 * MILLI, Outcome::Delivered, Cause::Answer, OK);
        self.status(BOB, Some(0), last + 213 * MILLI, [Status::Active; 2], 0, StatusCause::Delivered);
    }

    /// An unknown user, re-activated later; contacts that are left out.
    fn cleo_and_those_left_out(&mut self) {
        self.event(CLEO, Some(0), 0, EventKind::Selected);
        self.attempt(CLEO, 150 * MILLI, 1, 4, UNKNOWN, None);
        self.settled(CLEO, 363 * MILLI, Outcome::HardBounced, Cause::Answer, UNKNOWN);
        self.status(CLEO, Some(0), 363 * MILLI, [Status::Active, Status::Error], 0, StatusCause::HardBounce);
        self.status(CLEO, None, 40 * HOUR, [Status::Error, Status::Active], 0, StatusCause::Reactivated);
        self.status(CLEO, None, 41 * HOUR, [Status::Active, Status::OptOut], 0, StatusCause::Complaint);
        self.event(CLEO, Some(1), WEEK, EventKind::Excluded(ExcludeReason::OptOut));
        self.event(DAN, Some(0), 0, EventKind::Excluded(ExcludeReason::Error));
        self.event(EVE, Some(0), 0, EventKind::Excluded(ExcludeReason::Duplicate));
        self.event(7, Some(0), 0, EventKind::Excluded(ExcludeReason::OptOut));
    }

    /// A reply lost after the final dot, and a delivery after that: the fleet has it twice.
    fn fay(&mut self) {
        self.event(FAY, Some(0), 0, EventKind::Selected);
        self.attempt(FAY, 160 * MILLI, 1, 5, LOST, Some(HOUR));
        self.attempt(FAY, HOUR, 2, 6, OK, None);
        self.settled(FAY, HOUR + 213 * MILLI, Outcome::Delivered, Cause::Answer, OK);
        self.arrival(FAY, 2 * HOUR, 9, Answer::Accepted { body_hash: 1, body_bytes: 20_479 });
    }

    /// Throttled for an hour, then cancelled.
    fn gus(&mut self) {
        self.event(GUS, Some(0), 0, EventKind::Selected);
        for minute in 0..40 {
            let at = minute * MINUTE;
            self.event(
                GUS,
                Some(0),
                at + MILLI,
                EventKind::AttemptBegun { attempt: 1, connection: 7 + minute as u32 },
            );
            self.event(GUS, Some(0), at + 61 * MILLI, EventKind::Uncounted { verdict: BUSY });
        }
        self.settled(GUS, HOUR, Outcome::Cancelled, Cause::MailingCancelled, BUSY);
    }
}
