//! What the engine saw beside what really happened: two truths, side by side.

use record::Happening;

use super::CounterCells;
use crate::figures::{Known, MailingFigures};
use crate::html::tracks::{Cell, Tracks};
use crate::story;

/// The table, and what is not known.
pub(super) struct Happened {
    pub(super) known: bool,
    pub(super) rows: Vec<Row>,
    /// Deliveries of which nobody knows what became of them; `None` if there never are any.
    pub(super) not_known: Option<Cell>,
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
    let rows = rows.into_iter().collect();
    let not_known = tracks.cell(&figures.not_known);
    Happened {
        known: figures.happened.known == Known::Yes,
        rows,
        not_known: (not_known.most > 0).then_some(not_known),
    }
}
