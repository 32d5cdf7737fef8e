//! The columns: what each is called and what stands in it. A column is one line of [`COLUMNS`].

use ::parquet::data_type::ByteArray;
use record::{Record, VerdictRow};

use super::rows::Row;

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) cells: Cells,
}

/// Whether a row may do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// What stands in a column.
pub(super) enum Cells {
    /// UTF-8, each word once in a dictionary.
    Words(fn(&Words, &Row) -> Option<ByteArray>),
    /// A moment: nanoseconds since the epoch of the scenario.
    Moment(fn(&Row) -> Option<u64>),
    /// A 64-bit number, the same in all rows.
    Seed,
    /// A 32-bit number.
    Number(fn(&Words, &Row) -> Option<u32>),
    /// True or false.
    Truth(fn(&Row) -> bool),
}

use Cells::{Moment, Number, Seed, Truth, Words as Text};
use Need::{Optional, Required};

/// All of them, in their order.
pub(super) const COLUMNS: [Column; 21] = [
    column("scenario", Required, Text(|words, _| Some(words.scenario.clone()))),
    column("seed", Required, Seed),
    column("mailing", Required, Text(|words, row| Some(words.mailings[usize::from(row.mailing)].clone()))),
    column("contact", Required, Text(|words, row| Some(words.contacts[row.contact as usize].clone()))),
    column("provider", Required, Text(|words, row| Some(words.providers[row.provider as usize].clone()))),
    column("attempt", Optional, Number(|_, row| row.attempt().map(u32::from))),
    column("counted", Required, Truth(|row| row.counted.is_some())),
    column("begun_at", Optional, Moment(|row| row.begun.map(|begun| begun.at))),
    column("ended_at", Required, Moment(|row| Some(row.ended_at))),
    column("phase", Required, Text(|words, row| Some(words.answer(row).phase.clone()))),
    column("code", Optional, Number(|words, row| words.answer(row).code)),
    column("enhanced", Optional, Text(|words, row| words.answer(row).enhanced.clone())),
    column("class", Required, Text(|words, row| Some(words.answer(row).class.clone()))),
    column("category", Required, Text(|words, row| Some(words.answer(row).category.clone()))),
    column("scope", Required, Text(|words, row| Some(words.answer(row).scope.clone()))),
    column("action", Required, Text(|words, row| Some(words.answer(row).action.clone()))),
    column("rule", Required, Text(|words, row| Some(words.answer(row).rule.clone()))),
    column("reason", Required, Text(|words, row| Some(words.answer(row).reason.clone()))),
    column("text", Required, Text(|words, row| Some(words.answer(row).text.clone()))),
    column("retry_at", Optional, Moment(|row| row.retry_at)),
    column("connection", Optional, Number(|_, row| opened(row))),
];

const fn column(name: &'static str, need: Need, cells: Cells) -> Column {
    Column { name, need, cells }
}

/// The connection, if one could be opened.
fn opened(row: &Row) -> Option<u32> {
    row.begun.map(|begun| begun.connection).filter(|connection| *connection > 0)
}

impl Column {
    /// Its line in the schema.
    pub(super) fn declaration(&self) -> String {
        let need = match self.need {
            Need::Required => "REQUIRED",
            Need::Optional => "OPTIONAL",
        };
        let (kind, meaning) = match self.cells {
            Cells::Words(_) => ("BYTE_ARRAY", " (STRING)"),
            Cells::Moment(_) => ("INT64", ""),
            Cells::Seed => ("INT64", " (INTEGER(64,false))"),
            Cells::Number(_) => ("INT32", " (INTEGER(32,false))"),
            Cells::Truth(_) => ("BOOLEAN", ""),
        };
        format!("{need} {kind} {}{meaning};", self.name)
    }
}

/// Every word that can stand in a row, ready to be shared.
pub(super) struct Words {
    scenario: ByteArray,
    mailings: Vec<ByteArray>,
    contacts: Vec<ByteArray>,
    providers: Vec<ByteArray>,
    answers: Vec<Answer>,
}

/// The words of a verdict.
struct Answer {
    phase: ByteArray,
    code: Option<u32>,
    enhanced: Option<ByteArray>,
    class: ByteArray,
    category: ByteArray,
    scope: ByteArray,
    action: ByteArray,
    rule: ByteArray,
    reason: ByteArray,
    text: ByteArray,
}

impl Words {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            scenario: word(&record.scenario),
            mailings: record.mailings.iter().map(|mailing| word(&mailing.name)).collect(),
            contacts: record.contacts.iter().map(|contact| word(&contact.address)).collect(),
            providers: record.providers.iter().map(|provider| word(&provider.name)).collect(),
            answers: record.verdicts.iter().map(Answer::of).collect(),
        }
    }

    fn answer(&self, row: &Row) -> &Answer {
        &self.answers[row.verdict as usize]
    }
}

impl Answer {
    fn of(row: &VerdictRow) -> Self {
        // The word that stands in the other files of a record.
        let phase = serde_json::to_value(row.phase).expect("a phase is a word");
        Self {
            phase: word(phase.as_str().unwrap_or_default()),
            code: row.code.map(u32::from),
            enhanced: row.enhanced.as_deref().map(word),
            class: word(&row.class),
            category: word(&row.category),
            scope: word(&row.scope),
            action: word(&row.action),
            rule: word(&row.rule),
            reason: word(&row.reason),
            text: word(&row.text),
        }
    }
}

fn word(text: &str) -> ByteArray {
    ByteArray::from(text)
}
