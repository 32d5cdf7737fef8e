//! Why recipients bounced or are deferred, and the answers that said so.

use record::Record;

use crate::figures::{Code, MailingFigures, Reason};
use crate::html::shown;
use crate::html::tracks::{Cell, Tracks};
use crate::wording;

/// Bytes that the codes of all mailings may take in a page.
const BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a code's row beside its texts.
const ROW_BYTES: usize = 600;

/// A reason, and how many stand where because of it.
pub(super) struct ReasonRow {
    pub(super) name: String,
    pub(super) soft_bounced: Cell,
    pub(super) hard_bounced: Cell,
    pub(super) deferred: Cell,
    pub(super) cancelled: Cell,
    pub(super) dropped: Cell,
    pub(super) late_bounced: Cell,
    /// Everybody concerned, by provider.
    pub(super) providers: Vec<(String, Cell)>,
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
    ReasonRow {
        name: shown::line(&reason.name),
        soft_bounced: tracks.cell(&reason.soft_bounced),
        hard_bounced: tracks.cell(&reason.hard_bounced),
        deferred: tracks.cell(&reason.deferred),
        cancelled: tracks.cell(&reason.cancelled),
        dropped: tracks.cell(&reason.dropped),
        late_bounced: tracks.cell(&reason.late_bounced),
        providers: reason
            .concerned
            .iter()
            .map(|(id, track)| (shown::line(&record.providers[*id as usize].name), tracks.cell(track)))
            .collect(),
    }
}

/// The codes, the commonest first, as many as the mailing's part of [`BYTES_MAX`] holds; and how many are left out.
pub(super) fn codes(record: &Record, figures: &MailingFigures, tracks: &mut Tracks) -> (Vec<CodeRow>, u64) {
    let start = figures.moments.start;
    let mut left = BYTES_MAX / record.mailings.len().max(1);
    let mut rows = Vec::new();
    for code in &figures.codes {
        let row = code_row(record, code, start, tracks);
        match left.checked_sub(row.bytes()) {
            Some(rest) => left = rest,
            None => break,
        }
        rows.push(row);
    }
    let left_out = figures.codes_left_out + (figures.codes.len() - rows.len()) as u64;
    (rows, left_out)
}

impl CodeRow {
    /// How many bytes it takes in the page, roughly.
    fn bytes(&self) -> usize {
        let Self { provider, code, class, category, meaning, action, sample, help, .. } = self;
        let help = help.as_deref().unwrap_or_default();
        let texts = [provider, code, class, category, meaning, action, sample, help];
        ROW_BYTES + texts.map(shown::bytes).iter().sum::<usize>()
    }
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
