//! `attempts.jsonl.zst`: the engine's ledger, one event a line.
//!
//! A line can be read on its own: names instead of indices, and the whole answer of the server beside the index of its
//! verdict. Reading goes by `verdict`; `clock`, `retry_clock` and `answer` are for people.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{self, Lookup, ReadFault, required};
use crate::{
    Cause, Clock, Event, EventKind, ExcludeReason, Feedback, MailingId, Nanos, Outcome, Record, Status,
    StatusCause, VerdictId, VerdictRow,
};

/// Something that the engine did or decided. Which of the optional fields are there depends on what it is.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Line<'a> {
    /// When, as `hh:mm:ss.mmm` since the scenario's epoch.
    #[serde(skip_deserializing)]
    clock: Clock,
    /// When, in nanoseconds since the scenario's epoch.
    at: Nanos,
    /// The name of the provider that serves the contact.
    #[serde(borrow)]
    provider: Cow<'a, str>,
    /// The name of the mailing; missing for what happens apart from any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mailing: Option<Cow<'a, str>>,
    /// The address of the contact.
    #[serde(borrow)]
    contact: Cow<'a, str>,
    /// What happened.
    event: Name,
    /// `excluded`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<ExcludeReason>,
    /// `attempt_begun`, `attempt_ended`: which one, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<u8>,
    /// `attempt_begun`: the number of the connection, as in `receipts.jsonl.zst`; 0 if none could be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<u32>,
    /// `settled`: how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// `settled`: what led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// `feedback`: what was made of what came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
    /// `attempt_ended`: when the recipient is tried again, as `hh:mm:ss.mmm`; missing if it is not.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    retry_clock: Option<Clock>,
    /// `attempt_ended`: the same in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_at: Option<Nanos>,
    /// What the engine made of the answer: row of `verdicts` in `run.json`, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictId>,
    /// That row.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    answer: Option<&'a VerdictRow>,
    /// `status_changed`: before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Status>,
    /// `status_changed`: after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<Status>,
    /// `status_changed`: consecutive soft bounces after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strikes: Option<u8>,
    /// `status_changed`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_cause: Option<StatusCause>,
}

/// The kind of an event, as its line names it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventName")]
#[serde(rename_all = "snake_case")]
enum Name {
    /// The mailing started for this contact.
    Selected,
    /// Left out of the mailing.
    Excluded,
    /// An attempt was begun.
    AttemptBegun,
    /// The attempt begun last ended with an outcome of its own and is counted.
    AttemptEnded,
    /// The attempt begun last is not counted: the provider slowed us down, or it is tried again at once.
    NotCounted,
    /// The final outcome of this recipient.
    Settled,
    /// Something came back about the message.
    Feedback,
    /// The contact's status or count of soft bounces changed.
    StatusChanged,
}

pub(super) fn write(out: &mut impl Write, record: &Record) -> io::Result<()> {
    record.events.iter().try_for_each(|event| lines::write_line(out, &Line::of(event, record)))
}

pub(super) fn read(source: &mut impl BufRead, most: u64, record: &mut Record) -> Result<u64, ReadFault> {
    let names = Names {
        providers: Lookup::new("provider", record.providers.iter().map(|provider| provider.name.as_str())),
        mailings: Lookup::new("mailing", record.mailings.iter().map(|mailing| mailing.name.as_str())),
        contacts: Lookup::new("contact", record.contacts.iter().map(|contact| contact.address.as_str())),
        verdicts: record.verdicts.len(),
    };
    let events = &mut record.events;
    lines::read_lines(source, most, |text| {
        let line: Line<'_> = serde_json::from_slice(text).map_err(|error| lines::problem_of(&error))?;
        events.push(line.event(&names)?);
        Ok(())
    })
}

/// What the names of a line are looked up in.
struct Names<'a> {
    providers: Lookup<'a>,
    mailings: Lookup<'a>,
    contacts: Lookup<'a>,
    verdicts: usize,
}

impl<'a> Line<'a> {
    fn of(event: &Event, record: &'a Record) -> Self {
        let bare = Self::bare(event, record);
        let answered = |verdict: VerdictId| Some(&record.verdicts[verdict as usize]);
        match event.kind {
            EventKind::Selected => bare,
            EventKind::Excluded(reason) => Self { reason: Some(reason), ..bare },
            EventKind::AttemptBegun { attempt, connection } => {
                Self { attempt: Some(attempt), connection: Some(connection), ..bare }
            }
            EventKind::AttemptEnded { attempt, verdict, retry_at } => Self {
                attempt: Some(attempt),
                retry_clock: retry_at.map(Clock),
                retry_at,
                verdict: Some(verdict),
                answer: answered(verdict),
                ..bare
            },
            EventKind::Uncounted { verdict } => {
                Self { verdict: Some(verdict), answer: answered(verdict), ..bare }
            }
            EventKind::Settled { outcome, cause, verdict } => Self {
                outcome: Some(outcome),
                cause: Some(cause),
                verdict,
                answer: verdict.and_then(answered),
                ..bare
            },
            EventKind::Feedback { what, verdict } => {
                Self { feedback: Some(what), verdict, answer: verdict.and_then(answered), ..bare }
            }
            EventKind::StatusChanged { from, to, strikes, cause } => Self {
                from: Some(from),
                to: Some(to),
                strikes: Some(strikes),
                status_cause: Some(cause),
                ..bare
            },
        }
    }

    fn bare(event: &Event, record: &'a Record) -> Self {
        Self {
            clock: Clock(event.at),
            at: event.at,
            provider: (&record.providers[event.provider as usize].name).into(),
            mailing: event.mailing.map(|mailing| (&record.mailings[usize::from(mailing)].name).into()),
            contact: (&record.contacts[event.contact as usize].address).into(),
            event: Name::of(event.kind),
            reason: None,
            attempt: None,
            connection: None,
            outcome: None,
            cause: None,
            feedback: None,
            retry_clock: None,
            retry_at: None,
            verdict: None,
            answer: None,
            from: None,
            to: None,
            strikes: None,
            status_cause: None,
        }
    }

    fn event(&self, names: &Names<'_>) -> Result<Event, String> {
        let mailing = self.mailing.as_ref().map(|name| names.mailings.index(name)).transpose()?;
        Ok(Event {
            at: self.at,
            provider: names.providers.index(&self.provider)?,
            contact: names.contacts.index(&self.contact)?,
            mailing: mailing
                .map(MailingId::try_from)
                .transpose()
                .map_err(|_| "too many mailings".to_owned())?,
            kind: self.kind(names.verdicts)?,
        })
    }

    fn kind(&self, verdicts: usize) -> Result<EventKind, String> {
        let verdict = self.verdict.map(|verdict| within(verdict, verdicts)).transpose()?;
        Ok(match self.event {
            Name::Selected => EventKind::Selected,
            Name::Excluded => EventKind::Excluded(required(self.reason, "reason")?),
            Name::AttemptBegun => EventKind::AttemptBegun {
                attempt: required(self.attempt, "attempt")?,
                connection: required(self.connection, "connection")?,
            },
            Name::AttemptEnded => EventKind::AttemptEnded {
                attempt: required(self.attempt, "attempt")?,
                verdict: required(verdict, "verdict")?,
                retry_at: self.retry_at,
            },
            Name::NotCounted => EventKind::Uncounted { verdict: required(verdict, "verdict")? },
            Name::Settled => EventKind::Settled {
                outcome: required(self.outcome, "outcome")?,
                cause: required(self.cause, "cause")?,
                verdict,
            },
            Name::Feedback => EventKind::Feedback { what: required(self.feedback, "feedback")?, verdict },
            Name::StatusChanged => EventKind::StatusChanged {
                from: required(self.from, "from")?,
                to: required(self.to, "to")?,
                strikes: required(self.strikes, "strikes")?,
                cause: required(self.status_cause, "status_cause")?,
            },
        })
    }
}

fn within(verdict: VerdictId, verdicts: usize) -> Result<VerdictId, String> {
    if (verdict as usize) < verdicts {
        Ok(verdict)
    } else {
        Err(format!("verdict {verdict} is not in the tables of run.json, which has {verdicts}"))
    }
}

impl Name {
    fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::Selected => Self::Selected,
            EventKind::Excluded(_) => Self::Excluded,
            EventKind::AttemptBegun { .. } => Self::AttemptBegun,
            EventKind::AttemptEnded { .. } => Self::AttemptEnded,
            EventKind::Uncounted { .. } => Self::NotCounted,
            EventKind::Settled { .. } => Self::Settled,
            EventKind::Feedback { .. } => Self::Feedback,
            EventKind::StatusChanged { .. } => Self::StatusChanged,
        }
    }
}
