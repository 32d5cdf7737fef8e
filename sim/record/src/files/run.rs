//! `run.json`: the whole record but for its long lists and the text of the scenario.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Serializer;

use super::TOOL;
use super::layout::RowPerLine;
use super::lines::{LineFault, problem_of};
use crate::{
    Checked, Clock, Contact, ExpectationVerdict, FORMAT_VERSION, LawVerdict, Letter, Mailing, Nanos,
    Provider, Reactivation, Receipts, Record, Span, Stray, VerdictRow, hex,
};

/// What was read: a record whose long lists and text are still to come, and how long they are.
pub(super) struct RunFile {
    pub(super) record: Record,
    pub(super) lines: LineCounts,
    pub(super) source_bytes: u64,
}

/// How many lines the long lists have.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub(super) struct LineCounts {
    /// Those of `attempts.jsonl.zst`.
    pub(super) attempts: u64,
    /// Those of `receipts.jsonl.zst`.
    pub(super) receipts: u64,
    /// Those of `dialogues.jsonl.zst`.
    pub(super) dialogues: u64,
}

/// Why `run.json` could not be read.
pub(super) enum RunFault {
    Version { found: u32, tool: String },
    Line(LineFault),
    Inconsistent(String),
}

impl From<serde_json::Error> for RunFault {
    fn from(error: serde_json::Error) -> Self {
        Self::Line(LineFault { line: error.line() as u64, problem: problem_of(&error) })
    }
}

/// The part that every version of the format has, and will have.
#[derive(Deserialize)]
struct Head<'a> {
    format: u32,
    #[serde(borrow, default)]
    tool: Cow<'a, str>,
}

/// What a record is of, for those who want no more of it.
#[derive(Deserialize)]
struct Title<'a> {
    #[serde(borrow)]
    file: Cow<'a, str>,
}

/// The path of the scenario's file, which may be empty.
pub(super) fn scenario_file(text: &[u8]) -> Result<String, RunFault> {
    check_version(text)?;
    let title: Title<'_> = serde_json::from_slice(text)?;
    Ok(title.file.into_owned())
}

fn check_version(text: &[u8]) -> Result<(), RunFault> {
    let head: Head<'_> = serde_json::from_slice(text)?;
    if head.format == FORMAT_VERSION {
        return Ok(());
    }
    Err(RunFault::Version { found: head.format, tool: head.tool.into_owned() })
}

/// Who took part in a run, what was sent, and what became of it.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Sheet<'a> {
    /// The version of the format of a record.
    format: u32,
    /// The program that wrote it and its version.
    tool: Cow<'a, str>,
    /// The name of the scenario.
    scenario: Cow<'a, str>,
    /// What it shows, in the author's words; may be empty.
    about: Cow<'a, str>,
    /// The path of its file as it was given; may be empty.
    file: Cow<'a, str>,
    /// The seed in force.
    seed: u64,
    /// A digest of the run: equal digests, equal runs.
    #[serde(with = "hex")]
    #[schemars(with = "hex::Digits")]
    digest: u64,
    /// When every recipient was final and every connection closed, as `hh:mm:ss.mmm` since the epoch.
    #[serde(skip_deserializing)]
    ended_clock: Clock,
    /// The same in nanoseconds.
    ended: Nanos,
    /// The end of the last window or of the timeline, as `hh:mm:ss.mmm` since the epoch.
    #[serde(skip_deserializing)]
    horizon_clock: Clock,
    /// The same in nanoseconds.
    horizon: Nanos,
    /// How many lines the long lists have.
    lines: LineCounts,
    /// The size of `scenario.yaml`; 0 if it is not there.
    source_bytes: u64,
    /// Connections that the fleet still had open when the run ended.
    connections_open_at_the_end: u32,
    /// The verdicts on expectations, in the order of the scenario.
    expectations: Cow<'a, [ExpectationVerdict]>,
    /// The verdicts on laws.
    laws: Cow<'a, [LawVerdict]>,
    /// The mailings, in the order of the scenario.
    mailings: Cow<'a, [Mailing]>,
    /// The providers, in the order of the scenario.
    providers: Cow<'a, [Provider]>,
    /// The spans of the timeline.
    timeline: Cow<'a, [Span]>,
    /// Who asked for which contact to be re-activated, in the order of time.
    reactivations: Cow<'a, [Reactivation]>,
    /// What came back and is about nobody known, in the order of time.
    strays: Cow<'a, [Stray]>,
    /// What the engine made of the answers it got, no row twice.
    verdicts: Cow<'a, [VerdictRow]>,
    /// Return paths that the fleet saw, each once.
    senders: Cow<'a, [String]>,
    /// Recipients that the fleet saw, each once.
    recipients: Cow<'a, [String]>,
    /// The contacts, in the order of the audience, each address once.
    contacts: Cow<'a, [Contact]>,
    /// The messages that were made for one recipient each.
    letters: Cow<'a, [Letter]>,
}

pub(super) fn write(out: &mut impl Write, record: &Record) -> io::Result<()> {
    let receipts = &record.receipts;
    let sheet = Sheet {
        format: FORMAT_VERSION,
        tool: TOOL.into(),
        scenario: (&record.scenario).into(),
        about: (&record.about).into(),
        file: (&record.file).into(),
        seed: record.seed,
        digest: record.digest,
        ended_clock: Clock(record.ended),
        ended: record.ended,
        horizon_clock: Clock(record.horizon),
        horizon: record.horizon,
        lines: LineCounts {
            attempts: record.events.len() as u64,
            receipts: (receipts.connections.len() + receipts.arrivals.len() + receipts.sequels.len()) as u64,
            dialogues: record.dialogues.len() as u64,
        },
        source_bytes: record.source.len() as u64,
        connections_open_at_the_end: receipts.open_at_the_end,
        expectations: (&record.checked.expectations).into(),
        laws: (&record.checked.laws).into(),
        mailings: (&record.mailings).into(),
        providers: (&record.providers).into(),
        timeline: (&record.timeline).into(),
        reactivations: (&record.reactivations).into(),
        strays: (&record.strays).into(),
        verdicts: (&record.verdicts).into(),
        senders: (&receipts.senders).into(),
        recipients: (&receipts.recipients).into(),
        contacts: (&record.contacts).into(),
        letters: (&record.letters).into(),
    };
    sheet.serialize(&mut Serializer::with_formatter(&mut *out, RowPerLine::default()))?;
    out.write_all(b"\n")
}

pub(super) fn read(text: &[u8]) -> Result<RunFile, RunFault> {
    check_version(text)?;
    let sheet: Sheet<'_> = serde_json::from_slice(text)?;
    check_indices(&sheet).map_err(RunFault::Inconsistent)?;
    check_names(&sheet).map_err(RunFault::Inconsistent)?;
    Ok(RunFile { lines: sheet.lines, source_bytes: sheet.source_bytes, record: into_record(sheet) })
}

fn into_record(sheet: Sheet<'_>) -> Record {
    Record {
        scenario: sheet.scenario.into_owned(),
        about: sheet.about.into_owned(),
        file: sheet.file.into_owned(),
        source: String::new(),
        seed: sheet.seed,
        ended: sheet.ended,
        horizon: sheet.horizon,
        providers: sheet.providers.into_owned(),
        mailings: sheet.mailings.into_owned(),
        letters: sheet.letters.into_owned(),
        contacts: sheet.contacts.into_owned(),
        timeline: sheet.timeline.into_owned(),
        reactivations: sheet.reactivations.into_owned(),
        strays: sheet.strays.into_owned(),
        verdicts: sheet.verdicts.into_owned(),
        events: Vec::with_capacity(sheet.lines.attempts.min(PREALLOCATED_LINES) as usize),
        receipts: Receipts {
            connections: Vec::new(),
            arrivals: Vec::new(),
            sequels: Vec::new(),
            senders: sheet.senders.into_owned(),
            recipients: sheet.recipients.into_owned(),
            open_at_the_end: sheet.connections_open_at_the_end,
        },
        dialogues: Vec::new(),
        digest: sheet.digest,
        checked: Checked { expectations: sheet.expectations.into_owned(), laws: sheet.laws.into_owned() },
    }
}

/// A damaged count must not make us ask for all the memory there is.
const PREALLOCATED_LINES: u64 = 1 << 20;

fn check_indices(sheet: &Sheet<'_>) -> Result<(), String> {
    let count = sheet.providers.len();
    let beyond = |provider: u32| provider as usize >= count;
    if let Some(contact) = sheet.contacts.iter().find(|contact| beyond(contact.provider)) {
        let (address, provider) = (&contact.address, contact.provider);
        return Err(format!("contact `{address}` points at provider {provider}, there are {count}"));
    }
    if let Some(span) = sheet.timeline.iter().find(|span| span.provider.is_some_and(beyond)) {
        return Err(format!("span `{}` of the timeline points at a provider that is not there", span.name));
    }
    let contacts = sheet.contacts.len();
    if let Some(letter) = sheet.letters.iter().find(|letter| letter.contact as usize >= contacts) {
        return Err(format!("a message is for contact {}, there are {contacts}", letter.contact));
    }
    match sheet.reactivations.iter().find(|one| one.contact as usize >= contacts) {
        Some(one) => Err(format!("a re-activation points at contact {}, there are {contacts}", one.contact)),
        None => Ok(()),
    }
}

fn check_names(sheet: &Sheet<'_>) -> Result<(), String> {
    unique("provider", sheet.providers.iter().map(|provider| &provider.name))?;
    for provider in &*sheet.providers {
        unique("host", provider.hosts.iter().map(|host| &host.name))?;
    }
    unique("mailing", sheet.mailings.iter().map(|mailing| &mailing.name))?;
    unique("sender", sheet.senders.iter())?;
    unique("recipient", sheet.recipients.iter())?;
    unique("contact", sheet.contacts.iter().map(|contact| &contact.address))
}

fn unique<'a>(noun: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the {noun} `{}` is there twice", pair[0])),
        None => Ok(()),
    }
}
