//! Test-only: a small scenario and records of it, written by hand, a call per event.
//!
//! Three providers, four mailings, six contacts. A record starts with nothing in its ledger and its receipts; a test
//! writes down what it needs, in the order of time, and checks expectations against it.

use record::{
    Answer, Arrival, Cause, Checked, Checks, Connection, ConnectionEnd, Contact, Counters, Event, EventKind,
    ExpectationVerdict, Happening, Held, Host, Limits, Mailing, MailingId, MailingKind, Nanos, Outcome,
    Phase, Provider, Receipts, Record, Sequel, Status, StatusCause, VerdictId, VerdictRow,
};
use scenario::{Place, Placed, Problem, Problems, Source};
use units::{Instant, quantity};

use super::{Expectation, MailingName, Names, ServedDomain, read};

pub(super) const PROVIDERS: [&str; 3] = ["northmail", "bigbox", "idle"];
pub(super) const MAILINGS: [&str; 4] = ["spring-sale", "summer sale, part 2", "bigbox-only", "idle"];
pub(super) const CONTACTS: [(&str, u32, Status); 6] = [
    ("c000001@northmail.test", 0, Status::Active),
    ("c000002@northmail.test", 0, Status::Active),
    ("c000003@northmail.test", 0, Status::Active),
    ("ann@bigbox.test", 1, Status::Active),
    ("bob@bigbox.test", 1, Status::Active),
    ("gone@bigbox.test", 1, Status::Error),
];
pub(super) const CATEGORIES: [&str; 4] = ["mailbox-full", "rate-limited", "temporary-outage", "unknown-user"];

pub(super) const OK: VerdictId = 0;
pub(super) const REFUSED: VerdictId = 1;
pub(super) const FULL: VerdictId = 2;
pub(super) const UNKNOWN: VerdictId = 3;
pub(super) const SLOW_DOWN: VerdictId = 4;
pub(super) const LOST: VerdictId = 5;

/// Basic code, enhanced code, text, class, category.
type Verdict = (Option<u16>, Option<&'static str>, &'static str, &'static str, &'static str);

const VERDICTS: [Verdict; 6] = [
    (Some(250), None, "queued", "delivered", ""),
    (None, None, "connection refused", "soft", "temporary-outage"),
    (Some(452), Some("4.2.2"), "mailbox\nfull", "soft", "mailbox-full"),
    (Some(550), Some("5.1.1"), "no such user here", "hard", "unknown-user"),
    (Some(421), None, "slow down", "throttle", "rate-limited"),
    (None, None, "connection lost after the final dot", "uncertain", "temporary-outage"),
];

/// The names of the sample scenario, whose horizon is 60 hours.
pub(super) fn with_names<T>(then: impl FnOnce(&Names<'_>) -> T) -> T {
    let is_contact = |address: &str| CONTACTS.iter().any(|(known, ..)| *known == address);
    let domain = |name, provider, contacts| ServedDomain { name, provider, contacts };
    let mailing = |name, to: &[&'static str]| MailingName { name, to: to.to_vec() };
    then(&Names {
        providers: PROVIDERS.to_vec(),
        domains: vec![
            domain("northmail.test", "northmail", 3),
            domain("bigbox.test", "bigbox", 3),
            domain("bigbox.example", "bigbox", 0),
            domain("idle.test", "idle", 0),
        ],
        mailings: vec![
            mailing(MAILINGS[0], &[]),
            mailing(MAILINGS[1], &[]),
            mailing(MAILINGS[2], &["bigbox"]),
            mailing(MAILINGS[3], &["ann@bigbox.test"]),
        ],
        categories: &CATEGORIES,
        contact: &is_contact,
        horizon: Instant::from_hours(60),
    })
}

/// Reads an expectation as it would stand in a file of the sample scenario. An error is shown as its message, the text
/// that is marked with the words beside it, and the help.
pub(super) fn read_text(text: &str) -> Result<Expectation, String> {
    let source = Source::new("sample.yaml", format!("expect:\n  - {text}\n"));
    let placed = Placed { value: text.to_owned(), place: Place { start: 12, end: 12 + text.len() } };
    let mut problems = Problems::new();
    let shown = |problem: Problem| {
        let marked = problem.place.map_or("", |place| source.slice(place));
        let help = problem.help.unwrap_or_default();
        format!("{}\n{marked}: {}\nhelp: {help}", problem.message, problem.label)
    };
    let read = with_names(|names| read(&placed, &source, names, &mut problems));
    read.ok_or_else(|| problems.into_sorted().into_iter().map(shown).collect())
}

/// The verdict on an expectation.
fn verdict(record: &Record, text: &str) -> ExpectationVerdict {
    read_text(text).expect(text).check(record)
}

/// Checks that an expectation holds.
#[track_caller]
pub(super) fn holds(record: &Record, text: &str) {
    let verdict = verdict(record, text);
    assert_eq!(verdict.held, Held::Yes, "{verdict:#?}");
    assert!(verdict.notes.is_empty() && verdict.contacts.is_empty(), "{verdict:#?}");
}

/// Checks that an expectation fails and says `wanted, but measured`, then its notes, then whom it concerns.
#[track_caller]
pub(super) fn fails(record: &Record, text: &str, says: &[&str]) {
    let verdict = verdict(record, text);
    assert_eq!(verdict.held, Held::No, "{verdict:#?}");
    let first = format!("{}, but {}", verdict.wanted, verdict.measured);
    let said: Vec<&str> = [&first]
        .into_iter()
        .chain(&verdict.notes)
        .chain(&verdict.contacts)
        .map(|line| line.as_str())
        .collect();
    assert_eq!(said, says, "{text}");
}

/// The instant that is written like this.
pub(super) fn at(instant: &str) -> Nanos {
    (Instant::ZERO + quantity::duration(instant).expect(instant)).as_nanos()
}

/// Writes a record.
pub(super) struct Writer(Record);

impl Writer {
    /// A record of a run in which nothing happened.
    pub(super) fn new() -> Self {
        Self(Record {
            scenario: "sample".to_owned(),
            about: String::new(),
            file: "sample.yaml".to_owned(),
            source: String::new(),
            seed: 1,
            ended: at("60h"),
            horizon: at("60h"),
            providers: PROVIDERS.map(provider).to_vec(),
            mailings: MAILINGS.iter().enumerate().map(mailing).collect(),
            letters: Vec::new(),
            contacts: CONTACTS.map(contact).to_vec(),
            timeline: Vec::new(),
            reactivations: Vec::new(),
            strays: Vec::new(),
            verdicts: VERDICTS.map(verdict_row).to_vec(),
            events: Vec::new(),
            receipts: Receipts {
                senders: (0..MAILINGS.len()).map(sender).collect(),
                recipients: CONTACTS.map(|(address, ..)| address.to_owned()).to_vec(),
                ..Receipts::default()
            },
            dialogues: Vec::new(),
            digest: 0,
            checked: Checked::default(),
        })
    }

    /// An event of a contact in a mailing.
    pub(super) fn event(
        &mut self,
        when: &str,
        contact: u32,
        mailing: MailingId,
        kind: EventKind,
    ) -> &mut Self {
        self.raw(at(when), contact, Some(mailing), kind)
    }

    /// An event, at any nanosecond.
    pub(super) fn raw(
        &mut self,
        at: Nanos,
        contact: u32,
        mailing: Option<MailingId>,
        kind: EventKind,
    ) -> &mut Self {
        let (_, provider, _) = CONTACTS[contact as usize];
        self.0.events.push(Event { at, provider, contact, mailing, kind });
        self
    }

    /// These contacts are selected for the first mailing.
    pub(super) fn select(&mut self, when: &str, contacts: impl IntoIterator<Item = u32>) -> &mut Self {
        for contact in contacts {
            self.event(when, contact, 0, EventKind::Selected);
        }
        self
    }

    /// A counted attempt of the first mailing begins and ends.
    pub(super) fn attempt(&mut self, when: &str, contact: u32, attempt: u8, verdict: VerdictId) -> &mut Self {
        self.event(when, contact, 0, EventKind::AttemptBegun { attempt, connection: 0 });
        let ended = EventKind::AttemptEnded { attempt, verdict, retry_at: None };
        self.event(when, contact, 0, ended)
    }

    /// A final outcome in the first mailing.
    pub(super) fn settle(
        &mut self,
        when: &str,
        contact: u32,
        outcome: Outcome,
        verdict: Option<VerdictId>,
    ) -> &mut Self {
        self.event(when, contact, 0, EventKind::Settled { outcome, cause: Cause::Answer, verdict })
    }

    /// The status or the strikes of a contact change.
    pub(super) fn status(
        &mut self,
        when: &str,
        contact: u32,
        [from, to]: [Status; 2],
        strikes: u8,
    ) -> &mut Self {
        let kind = EventKind::StatusChanged { from, to, strikes, cause: StatusCause::SoftBounce };
        self.raw(at(when), contact, None, kind)
    }

    /// A connection to a provider.
    pub(super) fn connection(
        &mut self,
        provider: u32,
        opened: &str,
        closed: &str,
        messages: u32,
    ) -> &mut Self {
        let number = self.0.receipts.connections.len() as u32 + 1;
        let (opened, closed, end) = (at(opened), at(closed), ConnectionEnd::Quit);
        self.0.receipts.connections.push(Connection {
            provider,
            number,
            host: 0,
            opened,
            closed,
            messages,
            end,
            address: 1,
            rule: None,
        });
        self
    }

    /// The message of a mailing arrives for a contact.
    pub(super) fn arrival(&mut self, when: &str, contact: u32, mailing: u32, answer: Answer) -> &mut Self {
        let (_, provider, _) = CONTACTS[contact as usize];
        let arrival = Arrival {
            at: at(when),
            provider,
            connection: 1,
            sender: mailing,
            recipient: contact,
            answer,
            rule: None,
            checks: Checks::NONE,
        };
        self.0.receipts.arrivals.push(arrival);
        self
    }

    /// Something happens to the message of a mailing after it was accepted for a contact.
    pub(super) fn sequel(&mut self, when: &str, contact: u32, mailing: u32, what: Happening) -> &mut Self {
        let (_, provider, _) = CONTACTS[contact as usize];
        let sequel = Sequel {
            at: at(when),
            provider,
            connection: 1,
            sender: mailing,
            recipient: contact,
            body_hash: 1,
            what,
        };
        self.0.receipts.sequels.push(sequel);
        self
    }

    /// The record.
    pub(super) fn record(&self) -> Record {
        let mut record = self.0.clone();
        record.events.sort_by_key(|event| event.at);
        record
    }
}

/// A server accepted a message.
pub(super) const ACCEPTED: Answer = Answer::Accepted { body_hash: 1, body_bytes: 1000 };
/// The same, but the reply was lost.
pub(super) const ACCEPTED_REPLY_LOST: Answer = Answer::AcceptedReplyLost { body_hash: 1, body_bytes: 1000 };
/// A server refused a message.
pub(super) const REFUSED_RCPT: Answer = Answer::Refused { phase: Phase::Rcpt, code: 550 };

/// A provider with one host and a domain of its name.
pub(crate) fn provider(name: &str) -> Provider {
    Provider {
        name: name.to_owned(),
        profile: "generic-postfix".to_owned(),
        help_url: None,
        domains: vec![format!("{name}.test")],
        hosts: vec![Host { name: format!("mx1.{name}.test"), site: 0 }],
        limits: Limits {
            connections: 20,
            messages_per_connection: 100,
            recipients_per_message: 50,
            rate: None,
        },
        rules: Vec::new(),
    }
}

fn sender(mailing: usize) -> String {
    format!("m{mailing}@sender.test")
}

fn mailing((index, name): (usize, &&str)) -> Mailing {
    Mailing {
        name: (*name).to_owned(),
        kind: MailingKind::Regular,
        sender: sender(index),
        start: 0,
        window_end: at("30h"),
        contact_policy: "classic".to_owned(),
        uncertain_policy: "resend".to_owned(),
        attempt_offsets: ["0h", "1h", "6h", "29h30m"].map(at).to_vec(),
        message_bytes: 1000,
        message_hash: 1,
        counters: Counters::default(),
    }
}

fn contact((address, provider, status): (&str, u32, Status)) -> Contact {
    Contact { address: address.to_owned(), provider, listed: 1, status }
}

fn verdict_row((code, enhanced, text, class, category): Verdict) -> VerdictRow {
    VerdictRow {
        phase: Phase::Rcpt,
        code,
        enhanced: enhanced.map(str::to_owned),
        text: text.to_owned(),
        class: class.to_owned(),
        category: category.to_owned(),
        scope: "address".to_owned(),
        action: "retry".to_owned(),
        wait: None,
        rule: "sample".to_owned(),
        reason: String::new(),
        help_url: None,
    }
}
