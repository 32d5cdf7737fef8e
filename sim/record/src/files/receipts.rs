//! `receipts.jsonl.zst`: what the fake servers saw. First the connections, then the arrivals, then
//! the sequels, one a line.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{self, Lookup, ReadFault, required};
use crate::{
    Answer, Arrival, Checks, Clock, Connection, ConnectionEnd, Happening, Nanos, Phase, Provider, Record,
    Sequel, hex,
};

/// Something that the fake servers saw.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "receipt", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    #[serde(borrow)]
    Connection(ConnectionLine<'a>),
    #[serde(borrow)]
    Arrival(ArrivalLine<'a>),
    #[serde(borrow)]
    Sequel(SequelLine<'a>),
}

impl Names<'_> {
    fn rule(&self, provider: u32, id: Option<&str>) -> Result<Option<u32>, String> {
        id.map(|id| self.rules[provider as usize].index(id)).transpose()
    }
}

/// A connection, from the server's side.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ConnectionLine<'a> {
    /// The name of the provider.
    #[serde(borrow)]
    provider: Cow<'a, str>,
    /// The number of the connection there, from 1.
    connection: u32,
    /// The host that accepted it.
    #[serde(borrow)]
    host: Cow<'a, str>,
    /// When it was accepted, as `hh:mm:ss.mmm` since the scenario's epoch.
    #[serde(skip_deserializing)]
    opened_clock: Clock,
    /// The same in nanoseconds.
    opened: Nanos,
    /// When it was closed, as `hh:mm:ss.mmm`; the end of the run if it never was.
    #[serde(skip_deserializing)]
    closed_clock: Clock,
    /// The same in nanoseconds.
    closed: Nanos,
    /// Transactions in which at least one recipient was named.
    messages: u32,
    /// How it ended.
    end: ConnectionEnd,
    /// Which of the host's addresses it went to, if that is not the first, from 1.
    #[serde(default = "the_first", skip_serializing_if = "is_the_first")]
    address: u32,
    /// The rule because of which the server closed it: its `id` in the provider's `rules`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    rule: Option<Cow<'a, str>>,
}

/// What became of a recipient of a transaction. Which of the optional fields are there depends on the answer.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ArrivalLine<'a> {
    /// When the deciding command or body was complete, as `hh:mm:ss.mmm` since the scenario's epoch.
    #[serde(skip_deserializing)]
    clock: Clock,
    /// The same in nanoseconds.
    at: Nanos,
    /// The name of the provider.
    #[serde(borrow)]
    provider: Cow<'a, str>,
    /// The number of the connection there, from 1.
    connection: u32,
    /// The return path.
    #[serde(borrow)]
    sender: Cow<'a, str>,
    /// The recipient.
    #[serde(borrow)]
    recipient: Cow<'a, str>,
    /// What became of it.
    answer: AnswerName,
    /// `accepted`, `accepted_reply_lost`: the size of the message, dots unstuffed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_bytes: Option<u64>,
    /// `accepted`, `accepted_reply_lost`: XXH3-64 of the message, dots unstuffed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_hash: Option<Hash>,
    /// `refused`: at which stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    /// `refused`: with which code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    /// The rule that decided it: its `id` in the provider's `rules`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    rule: Option<Cow<'a, str>>,
    /// What the provider found out about the sender and the message: a word for each check that was made.
    #[serde(default, skip_serializing_if = "none_made")]
    checks: Checks,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn none_made(checks: &Checks) -> bool {
    checks.is_empty()
}

/// What happened to an accepted message afterwards, for one recipient.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct SequelLine<'a> {
    /// When, as `hh:mm:ss.mmm` since the scenario's epoch.
    #[serde(skip_deserializing)]
    clock: Clock,
    /// When, in nanoseconds since the scenario's epoch.
    at: Nanos,
    /// The name of the provider.
    #[serde(borrow)]
    provider: Cow<'a, str>,
    /// The number of the connection there, from 1.
    connection: u32,
    /// The return path.
    #[serde(borrow)]
    sender: Cow<'a, str>,
    /// The recipient.
    #[serde(borrow)]
    recipient: Cow<'a, str>,
    /// XXH3-64 of the message, as its arrival has it.
    body_hash: Hash,
    /// What.
    happened: Happening,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
struct Hash(
    #[serde(with = "hex")]
    #[schemars(with = "hex::Digits")]
    u64,
);

/// The kind of an answer, as its line names it.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AnswerName {
    /// The message was accepted and the client was told so.
    Accepted,
    /// The message was accepted, but the reply was lost.
    AcceptedReplyLost,
    /// Refused with a code at a stage.
    Refused,
    /// The connection ended before anything was decided.
    Unfinished,
}

pub(super) fn write(out: &mut impl Write, record: &Record) -> io::Result<()> {
    for connection in &record.receipts.connections {
        lines::write_line(out, &Line::Connection(ConnectionLine::of(connection, record)))?;
    }
    for arrival in &record.receipts.arrivals {
        lines::write_line(out, &Line::Arrival(ArrivalLine::of(arrival, record)))?;
    }
    for sequel in &record.receipts.sequels {
        lines::write_line(out, &Line::Sequel(SequelLine::of(sequel, record)))?;
    }
    Ok(())
}

pub(super) fn read(source: &mut impl BufRead, most: u64, record: &mut Record) -> Result<u64, ReadFault> {
    let receipts = &mut record.receipts;
    let names = Names {
        providers: Lookup::new("provider", record.providers.iter().map(|provider| provider.name.as_str())),
        hosts: record.providers.iter().map(hosts).collect(),
        rules: record.providers.iter().map(rules).collect(),
        senders: Lookup::new("sender", receipts.senders.iter().map(String::as_str)),
        recipients: Lookup::new("recipient", receipts.recipients.iter().map(String::as_str)),
    };
    let (connections, arrivals) = (&mut receipts.connections, &mut receipts.arrivals);
    let sequels = &mut receipts.sequels;
    lines::read_lines(source, most, |text| {
        match serde_json::from_slice(text).map_err(|error| lines::problem_of(&error))? {
            Line::Connection(line) => connections.push(line.connection(&names)?),
            Line::Arrival(line) => arrivals.push(line.arrival(&names)?),
            Line::Sequel(line) => sequels.push(line.sequel(&names)?),
        }
        Ok(())
    })
}

/// What the names of a line are looked up in.
struct Names<'a> {
    providers: Lookup<'a>,
    /// By provider.
    hosts: Vec<Lookup<'a>>,
    /// By provider.
    rules: Vec<Lookup<'a>>,
    senders: Lookup<'a>,
    recipients: Lookup<'a>,
}

fn rules(provider: &Provider) -> Lookup<'_> {
    Lookup::new("rule", provider.rules.iter().map(|rule| rule.id.as_str()))
}

const fn the_first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_the_first(address: &u32) -> bool {
    *address == 1
}

/// The name of a rule.
fn rule(provider: &Provider, number: Option<u32>) -> Option<Cow<'_, str>> {
    number.map(|number| provider.rules[number as usize].id.as_str().into())
}

fn hosts(provider: &Provider) -> Lookup<'_> {
    Lookup::new("host", provider.hosts.iter().map(|host| host.name.as_str()))
}

impl<'a> ConnectionLine<'a> {
    fn of(connection: &Connection, record: &'a Record) -> Self {
        let provider = &record.providers[connection.provider as usize];
        Self {
            provider: (&provider.name).into(),
            connection: connection.number,
            host: (&provider.hosts[connection.host as usize].name).into(),
            opened_clock: Clock(connection.opened),
            opened: connection.opened,
            closed_clock: Clock(connection.closed),
            closed: connection.closed,
            messages: connection.messages,
            end: connection.end,
            address: connection.address,
            rule: rule(provider, connection.rule),
        }
    }

    fn connection(&self, names: &Names<'_>) -> Result<Connection, String> {
        let provider = names.providers.index(&self.provider)?;
        Ok(Connection {
            provider,
            number: self.connection,
            host: names.hosts[provider as usize].index(&self.host)?,
            opened: self.opened,
            closed: self.closed,
            messages: self.messages,
            end: self.end,
            address: self.address,
            rule: names.rule(provider, self.rule.as_deref())?,
        })
    }
}

impl<'a> ArrivalLine<'a> {
    fn of(arrival: &Arrival, record: &'a Record) -> Self {
        let bare = Self {
            clock: Clock(arrival.at),
            at: arrival.at,
            provider: (&record.providers[arrival.provider as usize].name).into(),
            connection: arrival.connection,
            sender: (&record.receipts.senders[arrival.sender as usize]).into(),
            recipient: (&record.receipts.recipients[arrival.recipient as usize]).into(),
            answer: AnswerName::of(arrival.answer),
            body_bytes: None,
            body_hash: None,
            phase: None,
            code: None,
            rule: rule(&record.providers[arrival.provider as usize], arrival.rule),
            checks: arrival.checks,
        };
        match arrival.answer {
            Answer::Accepted { body_hash, body_bytes }
            | Answer::AcceptedReplyLost { body_hash, body_bytes } => {
                Self { body_bytes: Some(body_bytes), body_hash: Some(Hash(body_hash)), ..bare }
            }
            Answer::Refused { phase, code } => Self { phase: Some(phase), code: Some(code), ..bare },
            Answer::Unfinished => bare,
        }
    }

    fn arrival(&self, names: &Names<'_>) -> Result<Arrival, String> {
        let provider = names.providers.index(&self.provider)?;
        Ok(Arrival {
            at: self.at,
            provider,
            connection: self.connection,
            sender: names.senders.index(&self.sender)?,
            recipient: names.recipients.index(&self.recipient)?,
            answer: self.answer()?,
            rule: names.rule(provider, self.rule.as_deref())?,
            checks: self.checks,
        })
    }

    fn answer(&self) -> Result<Answer, String> {
        Ok(match self.answer {
            AnswerName::Accepted => {
                let (body_hash, body_bytes) = self.body()?;
                Answer::Accepted { body_hash, body_bytes }
            }
            AnswerName::AcceptedReplyLost => {
                let (body_hash, body_bytes) = self.body()?;
                Answer::AcceptedReplyLost { body_hash, body_bytes }
            }
            AnswerName::Refused => {
                Answer::Refused { phase: required(self.phase, "phase")?, code: required(self.code, "code")? }
            }
            AnswerName::Unfinished => Answer::Unfinished,
        })
    }

    fn body(&self) -> Result<(u64, u64), String> {
        let Hash(hash) = required(self.body_hash, "body_hash")?;
        Ok((hash, required(self.body_bytes, "body_bytes")?))
    }
}

impl<'a> SequelLine<'a> {
    fn of(sequel: &Sequel, record: &'a Record) -> Self {
        Self {
            clock: Clock(sequel.at),
            at: sequel.at,
            provider: (&record.providers[sequel.provider as usize].name).into(),
            connection: sequel.connection,
            sender: (&record.receipts.senders[sequel.sender as usize]).into(),
            recipient: (&record.receipts.recipients[sequel.recipient as usize]).into(),
            body_hash: Hash(sequel.body_hash),
            happened: sequel.what,
        }
    }

    fn sequel(&self, names: &Names<'_>) -> Result<Sequel, String> {
        let Hash(body_hash) = self.body_hash;
        Ok(Sequel {
            at: self.at,
            provider: names.providers.index(&self.provider)?,
            connection: self.connection,
            sender: names.senders.index(&self.sender)?,
            recipient: names.recipients.index(&self.recipient)?,
            body_hash,
            what: self.happened,
        })
    }
}

impl AnswerName {
    fn of(answer: Answer) -> Self {
        match answer {
            Answer::Accepted { .. } => Self::Accepted,
            Answer::AcceptedReplyLost { .. } => Self::AcceptedReplyLost,
            Answer::Refused { .. } => Self::Refused,
            Answer::Unfinished => Self::Unfinished,
        }
    }
}
