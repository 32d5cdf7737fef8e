//! `dialogues.jsonl.zst`: what was said in a sample of the connections, one connection a line.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{self, Lookup, ReadFault};
use crate::{Clock, Dialogue, DialogueLine, Extent, Nanos, Record, Voice};

/// What was said in one connection.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Line<'a> {
    /// The name of the provider.
    #[serde(borrow)]
    provider: Cow<'a, str>,
    /// The number of the connection at its provider, from 1, as in `receipts.jsonl.zst`.
    connection: u32,
    /// Whether all that was said is here.
    extent: Extent,
    /// What was said, in order.
    #[serde(borrow)]
    lines: Vec<Said<'a>>,
}

/// A line of what was said.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Said<'a> {
    /// When, as `hh:mm:ss.mmm` since the scenario's epoch.
    #[serde(skip_deserializing)]
    clock: Clock,
    /// When it was heard, or had been said, in nanoseconds since the scenario's epoch.
    at: Nanos,
    /// Whose line it is.
    from: Voice,
    /// What was said, without the end of its line. Foreign input.
    #[serde(borrow)]
    text: Cow<'a, str>,
}

pub(super) fn write(out: &mut impl Write, record: &Record) -> io::Result<()> {
    record.dialogues.iter().try_for_each(|dialogue| lines::write_line(out, &Line::of(dialogue, record)))
}

pub(super) fn read(source: &mut impl BufRead, most: u64, record: &mut Record) -> Result<u64, ReadFault> {
    let names = record.providers.iter().map(|provider| provider.name.as_str());
    let providers = Lookup::new("provider", names);
    let dialogues = &mut record.dialogues;
    lines::read_lines(source, most, |text| {
        let line: Line<'_> = serde_json::from_slice(text).map_err(|error| lines::problem_of(&error))?;
        dialogues.push(line.dialogue(&providers)?);
        Ok(())
    })
}

impl<'a> Line<'a> {
    fn of(dialogue: &'a Dialogue, record: &'a Record) -> Self {
        let Dialogue { provider, connection, lines, extent } = dialogue;
        let said = |DialogueLine { at, from, text }: &'a DialogueLine| Said {
            clock: Clock(*at),
            at: *at,
            from: *from,
            text: text.into(),
        };
        Self {
            provider: (&record.providers[*provider as usize].name).into(),
            connection: *connection,
            extent: *extent,
            lines: lines.iter().map(said).collect(),
        }
    }

    fn dialogue(self, providers: &Lookup<'_>) -> Result<Dialogue, String> {
        let line = |Said { at, from, text, .. }| DialogueLine { at, from, text: Cow::into_owned(text) };
        Ok(Dialogue {
            provider: providers.index(&self.provider)?,
            connection: self.connection,
            lines: self.lines.into_iter().map(line).collect(),
            extent: self.extent,
        })
    }
}
