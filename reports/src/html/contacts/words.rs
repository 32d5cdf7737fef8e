//! Texts that stories share: what the engine made of answers, and what servers saw. Each once, numbered by first use.
//!
//! Only what the stories that were kept need is in a page: replies with a number of their own in them can be as many as
//! attempts.

use std::collections::BTreeMap;

use record::{Arrival, Letter, Record, Status, StatusCause, VerdictId, VerdictRow};

use crate::html::data::{self, Object};
use crate::html::shown;
use crate::story;
use crate::wording;

/// Bytes that a text costs beside its own.
const OVERHEAD: usize = 8;

/// The shared texts of the stories of a page.
pub(super) struct Words<'a> {
    record: &'a Record,
    /// Numbers within the page, by numbers of the record.
    numbers: BTreeMap<VerdictId, u32>,
    verdicts: Vec<VerdictId>,
    judgements: Numbered,
    seen: Numbered,
    changes: Numbered,
    bytes: usize,
}

/// Texts, numbered in the order of first use.
#[derive(Default)]
struct Numbered {
    numbers: BTreeMap<String, u32>,
    texts: Vec<String>,
}

impl Numbered {
    /// The number of a text, and how many bytes it adds.
    fn number(&mut self, text: String) -> (u32, usize) {
        if let Some(number) = self.numbers.get(&text) {
            return (*number, 0);
        }
        let number = self.texts.len() as u32;
        let bytes = shown::bytes(&text) + OVERHEAD;
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        (number, bytes)
    }
}

impl<'a> Words<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        Self {
            record,
            numbers: BTreeMap::new(),
            verdicts: Vec::new(),
            judgements: Numbered::default(),
            seen: Numbered::default(),
            changes: Numbered::default(),
            bytes: 0,
        }
    }

    /// How many bytes they take, roughly.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of a verdict in this page.
    pub(super) fn verdict(&mut self, id: VerdictId) -> u32 {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = self.verdicts.len() as u32;
        let row = &self.record.verdicts[id as usize];
        let (_, judgement) = self.judgements.number(judgement(row));
        self.bytes += judgement + shown::bytes(&shown::text(&row.text)) + OVERHEAD;
        self.verdicts.push(id);
        self.numbers.insert(id, number);
        number
    }

    /// The number of what a server says about a recipient, in words.
    pub(super) fn seen(&mut self, arrival: &Arrival, sent: Option<Letter>) -> u32 {
        let (ink, text) = story::receipt_told(self.record, arrival, sent);
        let (number, bytes) = self.seen.number(format!("{}{}", ink.letter(), shown::text(&text)));
        self.bytes += bytes;
        number
    }

    /// The same of a receipt that the ledger does not explain.
    pub(super) fn seen_from(&mut self, arrival: &Arrival) -> u32 {
        let (_, text) = story::receipt_told(self.record, arrival, None);
        let sender = &self.record.receipts.senders[arrival.sender as usize];
        let (number, bytes) =
            self.seen.number(format!("b{} (from {})", shown::text(&text), shown::line(sender)));
        self.bytes += bytes;
        number
    }

    /// The number of a change of status, in words.
    pub(super) fn change(&mut self, from: Status, to: Status, strikes: u8, cause: StatusCause) -> u32 {
        let (number, bytes) = self.changes.number(story::status_change(from, to, strikes, cause));
        self.bytes += bytes;
        number
    }

    /// Writes them into the data of a page.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        data::list(object.entry("judgements"), &self.judgements.texts, |out, text| out.push_str(text));
        data::list(object.entry("verdicts"), &self.verdicts, |out, id| {
            let row = &self.record.verdicts[*id as usize];
            let judgement = self.judgements.numbers.get(&judgement(row)).copied().unwrap_or_default();
            data::list(out, [0, 1], |out, column| match column {
                0 => data::number(out, judgement),
                _ => data::string(out, &shown::text(&row.text)),
            });
        });
        object.strings("seen", &self.seen.texts);
        object.strings("changes", &self.changes.texts);
    }
}

/// Everything about a verdict but the text of the reply, as JSON: rows share it.
fn judgement(row: &VerdictRow) -> String {
    let enhanced = row.enhanced.as_deref().unwrap_or_default();
    let wait = row.wait.map(wording::span).unwrap_or_default();
    let help = row.help_url.as_deref().and_then(shown::link).unwrap_or_default();
    let code = row.code.map(|code| code.to_string()).unwrap_or_default();
    let VerdictRow { class, category, scope, action, rule, reason, .. } = row;
    let columns = [
        wording::phase(row.phase),
        &code,
        &shown::line(enhanced),
        &shown::line(class),
        &shown::line(category),
        &shown::line(scope),
        &shown::line(action),
        &wait,
        &shown::line(rule),
        &shown::line(reason),
        help,
    ];
    let mut out = String::new();
    data::list(&mut out, columns, data::string);
    out
}
