//! Why recipients bounced or are deferred, and the answers that said so.

use record::Record;

use crate::figures::{Code, MailingFigures, Reason};
use crate::html::shown;
use crate::html::tracks::{Cell, Tracks};
use crate::wording;

/// A reason, and how many stand where because of it.
pub(super) struct ReasonRow {
    pub(super) name: String,
    pub(super) soft_bounced: Cell,
    pub(super) hard_bounced: Cell,
    pub(super) deferred: Cell,
    pub(super) cancelled: Cell,
    pub(super) dropped: Cell,
    pub(super) late_bounced: Cell,
    /// `bigbox 12, northmail 3`, at the end.
    pub(super) providers: String,
}

/// A code of a provider.
pub(super) struct CodeRow {
    pub(super) provider: String,
    /// `RCPT`.
    pub(super) phase: &'static str,
    /// `452 4.2.2`, or `no reply`.
    pub(super) code: String,
    pub(super) class: String,
    /// The colour that goes with the class.
    pub(super) ink: &'static str,
    pub(super) category: String,
    pub(super) meaning: String,
    pub(super) action: String,
    pub(super) sample: String,
    pub(super) help: Option<String>,
    pub(super) seen: Cell,
    pub(super) first: String,
    pub(super) last: String,
}

/// The reasons, the commonest first.
pub(super) fn reasons(record: &Record, figures: &MailingFigures, tracks: &mut Tracks) -> Vec<ReasonRow> {
    figures.reasons.iter().map(|reason| reason_row(record, reason, tracks)).collect()
}

fn reason_row(record: &Record, reason: &Reason, tracks: &mut Tracks) -> ReasonRow {
    let provider = |(id, counts): &(u32, crate::figures::ReasonCounts)| {
        let name = shown::line(&record.providers[*id as usize].name);
        format!("{name} {}", wording::number(counts.sum()))
    };
    ReasonRow {
        name: shown::line(&reason.name),
        soft_bounced: tracks.cell(&reason.soft_bounced),
        hard_bounced: tracks.cell(&reason.hard_bounced),
        deferred: tracks.cell(&reason.deferred),
        cancelled: tracks.cell(&reason.cancelled),
        dropped: tracks.cell(&reason.dropped),
        late_bounced: tracks.cell(&reason.late_bounced),
        providers: reason.providers.iter().map(provider).collect::<Vec<_>>().join(", "),
    }
}

/// The codes, the commonest first.
pub(super) fn codes(record: &Record, figures: &MailingFigures, tracks: &mut Tracks) -> Vec<CodeRow> {
    let start = figures.moments.start;
    figures.codes.iter().map(|code| code_row(record, code, start, tracks)).collect()
}

fn code_row(record: &Record, code: &Code, start: u64, tracks: &mut Tracks) -> CodeRow {
    let enhanced = code.enhanced.as_deref().map(|enhanced| format!(" {enhanced}")).unwrap_or_default();
    let text = code.code.map_or_else(|| "no reply".to_owned(), |code| format!("{code}{enhanced}"));
    let offset = |at: u64| wording::span(at.saturating_sub(start));
    CodeRow {
        provider: shown::line(&record.providers[code.provider as usize].name),
        phase: wording::phase(code.phase),
        code: shown::line(&text),
        class: shown::line(&code.class),
        ink: ink(&code.class),
        category: shown::line(&code.category),
        meaning: shown::line(&code.meaning),
        action: shown::line(&code.action),
        sample: shown::text(&code.sample),
        help: code.help_url.as_deref().and_then(shown::link).map(str::to_owned),
        seen: tracks.cell(&code.seen),
        first: offset(code.first),
        last: offset(code.last),
    }
}

fn ink(class: &str) -> &'static str {
    match class {
        "delivered" => "good",
        "hard" => "bad",
        _ => "caution",
    }
}
