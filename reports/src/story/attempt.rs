//! How an attempt is told: when, over which connection, what came back, what the engine made of it, what the fleet saw.

use record::{Contact, Nanos, Record, VerdictRow};

use super::moment::{Attempt, Counts, Ended, Repeated};
use super::receipts::Receipts;
use super::{Words, dialogue};
use crate::layout::shorten;
use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// A reply may be a hundred lines long; the record has it whole.
const REPLY_LINES_SHOWN: usize = 12;
/// Later than this after it was due, an attempt is told to be late.
const LATE: Nanos = 1_000_000_000;
pub(super) const INDENT: &str = "                   ";

/// Tells the attempts of one chapter, in order.
pub(super) struct Teller<'a> {
    record: &'a Record,
    contact: &'a Contact,
    start: Nanos,
    due: Option<Nanos>,
    words: Words,
}

impl<'a> Teller<'a> {
    pub(super) const fn new(record: &'a Record, contact: &'a Contact, start: Nanos, words: Words) -> Self {
        Self { record, contact, start, due: Some(start), words }
    }

    pub(super) fn attempt(&mut self, page: &mut Page, attempt: &Attempt, receipts: &mut Receipts) {
        let late = self.due.map_or(0, |due| attempt.begun.saturating_sub(due));
        match attempt.ended {
            Some(ended) => self.ended(page, attempt, ended),
            None => self.unfinished(page, attempt),
        }
        let until = attempt.ended.map_or(Nanos::MAX, |ended| ended.at);
        receipts.tell_of(page, INDENT, attempt, until);
        self.circumstances(page, attempt.begun, late);
        match self.words {
            Words::Told => {
                let Contact { provider, address, .. } = self.contact;
                dialogue::tell(page, self.record, *provider, attempt, address);
            }
            Words::LeftOut => {}
        }
    }

    pub(super) fn repeated(&self, page: &mut Page, repeated: &Repeated, receipts: &mut Receipts) {
        let until = wording::offset(repeated.until.saturating_sub(self.start));
        let text = format!("… the same {} more, until {until}", wording::counted(repeated.count, "time"));
        page.line(&[(Ink::Text, INDENT), (Ink::Text, &text)]);
        receipts.skip_between(repeated.from, repeated.until);
    }

    fn ended(&mut self, page: &mut Page, attempt: &Attempt, ended: Ended) {
        let verdict = &self.record.verdicts[ended.verdict as usize];
        let judged = if verdict.category.is_empty() {
            verdict.class.clone()
        } else {
            format!("{}, {}", verdict.class, verdict.category)
        };
        let called = match ended.counts {
            Counts::Counted { .. } => format!("attempt {}", attempt.number),
            Counts::Throttled if verdict.class == "again" => "not counted, tried again at once".to_owned(),
            Counts::Throttled => "throttled, not counted".to_owned(),
        };
        let (time, name) = (self.time(attempt.begun), name(&called, attempt));
        let code = code(verdict);
        page.line(&[
            (Ink::Dim, &time),
            (Ink::Text, &name),
            (Ink::Text, wording::phase(verdict.phase)),
            (Ink::Strong, &code),
            (Ink::Text, "  "),
            (class_ink(&verdict.class), &judged),
        ]);
        reply(page, &verdict.text);
        let about =
            if verdict.scope.is_empty() { String::new() } else { format!(", about the {}", verdict.scope) };
        let took = match ended.at.saturating_sub(attempt.begun) {
            0 => String::new(),
            nanos => format!("; took {}", wording::span(nanos)),
        };
        if !verdict.reason.is_empty() && verdict.class != "delivered" {
            remark(page, Ink::Text, &verdict.reason);
        }
        if let Some(url) = self.help(verdict) {
            // An address that is broken in two is none.
            page.line(&[(Ink::Text, INDENT), (Ink::Dim, "see "), (Ink::Text, url)]);
        }
        let wait = verdict.wait.map(|wait| format!(" {}", wording::span(wait))).unwrap_or_default();
        remark(page, Ink::Dim, &format!("{}{wait} by rule {}{about}{took}", verdict.action, verdict.rule));
        if let Counts::Counted { retry_at } = ended.counts {
            self.due = retry_at;
            if let Some(at) = retry_at {
                remark(
                    page,
                    Ink::Text,
                    &format!("again at {}", wording::span(at.saturating_sub(self.start))),
                );
            }
        }
    }

    /// Where the code of an answer is explained: by whoever gave it, or else by the provider that is imitated.
    fn help(&self, verdict: &'a VerdictRow) -> Option<&'a str> {
        verdict.code.filter(|_| verdict.class != "delivered")?;
        let provider = &self.record.providers[self.contact.provider as usize];
        verdict.help_url.as_deref().or(provider.help_url.as_deref())
    }

    fn unfinished(&self, page: &mut Page, attempt: &Attempt) {
        let name = name(&format!("attempt {}", attempt.number), attempt);
        page.line(&[
            (Ink::Dim, &self.time(attempt.begun)),
            (Ink::Text, &name),
            (Ink::Caution, "begun, and no end of it in the ledger"),
        ]);
    }

    fn time(&self, at: Nanos) -> String {
        format!("  {}  ", wording::offset(at.saturating_sub(self.start)))
    }

    /// What explains the attempt from outside: it was late, or something of the timeline was going on.
    fn circumstances(&self, page: &mut Page, begun: Nanos, late: Nanos) {
        if late >= LATE {
            remark(page, Ink::Dim, &format!("begun {} after it was due", wording::span(late)));
        }
        for span in &self.record.timeline {
            let concerns = span.provider.is_none_or(|provider| provider == self.contact.provider);
            if concerns && span.is_on(begun) {
                let words = match (span.name.as_str(), span.what.as_str()) {
                    ("", what) => what.to_owned(),
                    (name, "") => name.to_owned(),
                    (name, what) => format!("{name}: {what}"),
                };
                remark(page, Ink::Dim, &format!("during {words}"));
            }
        }
    }
}

/// `attempt 1  connection 3  `.
fn name(called: &str, attempt: &Attempt) -> String {
    match attempt.connection {
        0 => format!("{called}  no connection  "),
        connection => format!("{called}  connection {connection}  "),
    }
}

/// A line below an attempt.
pub(super) fn remark(page: &mut Page, ink: Ink, text: &str) {
    page.wrapped(&[(Ink::Text, INDENT)], ink, text);
}

/// ` 452 4.2.2`, or nothing.
pub(super) fn code(verdict: &VerdictRow) -> String {
    let code = verdict.code.map(|code| format!(" {code}"));
    let enhanced = verdict.enhanced.as_ref().map(|code| format!(" {}", shorten(code, LONGEST_ENHANCED_CODE)));
    code.into_iter().chain(enhanced).collect()
}

/// `5.999.999` (RFC 3463 2).
const LONGEST_ENHANCED_CODE: usize = 9;

/// The text of a reply, foreign and of any length.
pub(super) fn reply(page: &mut Page, text: &str) {
    let lines: Vec<_> = text.lines().collect();
    for line in lines.iter().take(REPLY_LINES_SHOWN) {
        page.quoted(&[(Ink::Text, INDENT), (Ink::Dim, "│ ")], Ink::Text, line);
    }
    let more = lines.len().saturating_sub(REPLY_LINES_SHOWN) as u64;
    if more > 0 {
        remark(page, Ink::Dim, &format!("… {} more in the record", wording::counted(more, "line")));
    }
}

pub(super) fn class_ink(class: &str) -> Ink {
    match class {
        "delivered" => Ink::Good,
        "hard" => Ink::Bad,
        _ => Ink::Caution,
    }
}
