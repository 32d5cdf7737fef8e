//! What the engine saw beside what really happened: two truths, side by side.

use record::Happening;

use super::CounterCells;
use crate::figures::{Known, MailingFigures};
use crate::html::tracks::{Cell, Tracks};
use crate::{story, wording};

/// The table, and what is not known.
pub(super) struct Happened {
    pub(super) known: bool,
    pub(super) rows: Vec<Row>,
    /// Deliveries of which nobody knows what became of them; empty if there are none.
    pub(super) not_known: String,
}

/// What happened, and what the engine has heard of it.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) really: Cell,
    /// What the engine counts under the same heading; `None` where it cannot know.
    pub(super) engine: Option<Cell>,
}

/// The table of a mailing.
pub(super) fn happened(figures: &MailingFigures, counters: &CounterCells, tracks: &mut Tracks) -> Happened {
    let rows = figures.happened.named().map(|(what, track)| Row {
        name: story::happening(what).1,
        really: tracks.cell(track),
        engine: match what {
            Happening::BouncedLater => Some(counters.late_bounced),
            Happening::Complained => Some(counters.complained),
            Happening::Unsubscribed => Some(counters.unsubscribed),
            Happening::Inbox
            | Happening::SpamFolder
            | Happening::Lost
            | Happening::Forwarded
            | Happening::AutoReplied
            | Happening::Opened
            | Happening::Clicked => None,
        },
    });
    Happened {
        known: figures.happened.known == Known::Yes,
        rows: rows.into_iter().collect(),
        not_known: match figures.not_known {
            0 => String::new(),
            count => wording::counted(count, "delivery"),
        },
    }
}
