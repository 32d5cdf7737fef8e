//! One mailing: its figures as the customer would have seen them at any moment, and why they are so.
//!
//! - [`Cells`]: the counters as numbers that follow the slider
//! - [`reasons`], [`happened`], [`times`]: rows of the larger tables

mod happened;
mod reasons;
mod times;

use askama::Template;
use record::{Counters, Mailing, MailingId, Record};

use super::chart::{self, Marker};
use super::frame::html;
use super::tracks::{Cell, Part, Share, Tracks};
use super::{checks, made, shown};
use crate::charts::{self, Chart};
use crate::figures::{Figures, ProviderFigures, Series};
use crate::wording;
use times::{AttemptsRow, Times};

/// The counters of a mailing in a page, and all tracks that its view shows.
pub(super) struct Cells {
    pub(super) counters: CounterCells,
    pub(super) tracks: Tracks,
}

impl Cells {
    /// Recipients without a final outcome at the end.
    pub(super) const fn open(&self) -> u64 {
        self.counters.pending.value + self.counters.in_progress.value
    }
}

/// The counters of a mailing, or of a provider within it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CounterCells {
    pub(super) selected: Cell,
    pub(super) excluded: Cell,
    pub(super) pending: Cell,
    pub(super) dropped: Cell,
    pub(super) sent: Cell,
    pub(super) in_progress: Cell,
    pub(super) delivered: Cell,
    pub(super) soft_bounced: Cell,
    pub(super) hard_bounced: Cell,
    pub(super) cancelled: Cell,
    pub(super) late_bounced: Cell,
    pub(super) complained: Cell,
    pub(super) unsubscribed: Cell,
}

impl CounterCells {
    fn of(series: &Series, tracks: &mut Tracks) -> Self {
        let mut cell = |counter: fn(&Counters) -> u64| tracks.cell(&series.track(counter));
        Self {
            selected: cell(|counters| counters.selected),
            excluded: cell(|counters| counters.excluded),
            pending: cell(|counters| counters.pending),
            dropped: cell(|counters| counters.dropped),
            sent: cell(|counters| counters.sent),
            in_progress: cell(|counters| counters.in_progress),
            delivered: cell(|counters| counters.delivered),
            soft_bounced: cell(|counters| counters.soft_bounced),
            hard_bounced: cell(|counters| counters.hard_bounced),
            cancelled: cell(|counters| counters.cancelled),
            late_bounced: cell(|counters| counters.late_bounced),
            complained: cell(|counters| counters.complained),
            unsubscribed: cell(|counters| counters.unsubscribed),
        }
    }

    /// What became of everybody selected, as parts of a bar.
    pub(super) const fn bar(&self) -> [Part; 7] {
        [
            self.delivered.bar("delivered"),
            self.in_progress.bar("in-progress"),
            self.soft_bounced.bar("soft"),
            self.hard_bounced.bar("hard"),
            self.cancelled.bar("cancelled"),
            self.dropped.bar("dropped"),
            self.pending.bar("pending"),
        ]
    }

    /// Whether anybody ever was cancelled or dropped: most mailings need no columns for them.
    pub(super) const fn has_rest(&self) -> bool {
        self.cancelled.most + self.dropped.most > 0
    }
}

/// A number with its name, and its share of another.
struct Tile {
    name: &'static str,
    class: &'static str,
    cell: Cell,
    share: Option<(Share, &'static str)>,
}

struct ProviderRow {
    name: String,
    profile: String,
    counters: CounterCells,
    times: Times,
}

#[derive(Template)]
#[template(path = "mailing.html")]
struct View {
    index: usize,
    name: String,
    kind: &'static str,
    facts: Vec<(&'static str, String)>,
    last: usize,
    end: String,
    counters: CounterCells,
    tiles: Vec<Tile>,
    providers: Vec<ProviderRow>,
    times: Times,
    reasons: Vec<reasons::ReasonRow>,
    codes: Vec<reasons::CodeRow>,
    codes_left_out: String,
    attempts: Vec<AttemptsRow>,
    happened: happened::Happened,
    excluded: Vec<(&'static str, Cell)>,
    delivery: String,
    by_provider: String,
    by_reason: String,
    by_attempts: String,
    checked: checks::Standing,
}

/// The view of a mailing, and the cells that it shows.
pub(super) fn view(record: &Record, figures: &Figures, index: usize) -> (String, Cells) {
    let (mailing, of) = (&record.mailings[index], &figures.mailings[index]);
    let mut tracks = Tracks::default();
    let counters = CounterCells::of(&of.total, &mut tracks);
    let id = index as MailingId;
    let marker = Marker { between: charts::ends_of_delivery(of) };
    let drawn =
        |draw: fn(&Record, &Figures, MailingId) -> Chart| chart::figure(&draw(record, figures, id), None);
    let providers = of.providers.iter().map(|provider| provider_row(record, provider, &mut tracks)).collect();
    let (codes, codes_left_out) = reasons::codes(record, of, &mut tracks);
    let view = View {
        index,
        name: shown::line(&mailing.name),
        kind: wording::kind(mailing.kind),
        facts: facts(mailing),
        last: of.moments.len() - 1,
        end: wording::span(of.moments.length()),
        counters,
        tiles: tiles(&counters),
        providers,
        times: Times::of(&of.time_to_deliver, counters.delivered, &mut tracks),
        reasons: reasons::reasons(record, of, &mut tracks),
        codes,
        codes_left_out: match codes_left_out {
            0 => String::new(),
            count => wording::counted(count, "rarer code"),
        },
        attempts: times::attempts(&of.attempts, &mut tracks),
        happened: happened::happened(of, &counters, &mut tracks),
        excluded: of
            .excluded
            .iter()
            .map(|(reason, track)| (wording::excluded(*reason), tracks.cell(track)))
            .collect(),
        delivery: chart::figure(&charts::delivery(record, figures, id), Some(marker)),
        by_provider: drawn(charts::providers),
        by_reason: drawn(charts::reasons),
        by_attempts: drawn(charts::attempts),
        checked: checks::standing(record),
    };
    (html(&view), Cells { counters, tracks })
}

fn facts(mailing: &Mailing) -> Vec<(&'static str, String)> {
    let plan: Vec<String> = mailing.attempt_offsets.iter().map(|offset| wording::span(*offset)).collect();
    let window = wording::span(mailing.window_end.saturating_sub(mailing.start));
    let size = match mailing.message_bytes {
        0 => "one for each recipient".to_owned(),
        bytes => wording::counted(bytes, "byte"),
    };
    vec![
        ("started", wording::span(mailing.start)),
        ("window", format!("{window}, to {}", wording::span(mailing.window_end))),
        ("attempts planned", plan.join(", ")),
        ("contact policy", shown::line(&mailing.contact_policy)),
        ("uncertain outcomes", shown::line(&mailing.uncertain_policy.replace('_', " "))),
        ("return path", shown::line(&mailing.sender)),
        ("message", size),
    ]
}

/// The tiles: first what adds up to `sent`, then what is beside it and not always 0.
fn tiles(counters: &CounterCells) -> Vec<Tile> {
    let of_sent = |name, class, cell: Cell| Tile {
        name,
        class,
        cell,
        share: Some((cell.of(counters.sent), "of sent")),
    };
    let alone = |name, class, cell| Tile { name, class, cell, share: None };
    let mut tiles = vec![
        Tile {
            name: "Sent",
            class: "sent",
            cell: counters.sent,
            share: Some((counters.sent.of(counters.selected), "of selected")),
        },
        of_sent("Delivered", "delivered", counters.delivered),
        of_sent("In progress", "in-progress", counters.in_progress),
        of_sent("Soft bounced", "soft", counters.soft_bounced),
        of_sent("Hard bounced", "hard", counters.hard_bounced),
        of_sent("Cancelled", "cancelled", counters.cancelled),
        alone("Selected", "", counters.selected),
        alone("Waiting", "pending", counters.pending),
        alone("Dropped", "dropped", counters.dropped),
        alone("Excluded", "", counters.excluded),
        alone("Bounced late", "hard", counters.late_bounced),
        alone("Complained", "hard", counters.complained),
        alone("Unsubscribed", "soft", counters.unsubscribed),
    ];
    const ALWAYS: [&str; 7] =
        ["Sent", "Delivered", "In progress", "Soft bounced", "Hard bounced", "Selected", "Excluded"];
    tiles.retain(|tile| tile.cell.most > 0 || ALWAYS.contains(&tile.name));
    tiles
}

fn provider_row(record: &Record, figures: &ProviderFigures, tracks: &mut Tracks) -> ProviderRow {
    let provider = &record.providers[figures.provider as usize];
    let counters = CounterCells::of(&figures.series, tracks);
    ProviderRow {
        name: shown::line(&provider.name),
        profile: made::other_than(&provider.name, &provider.profile),
        counters,
        times: Times::of(&figures.time_to_deliver, counters.delivered, tracks),
    }
}
