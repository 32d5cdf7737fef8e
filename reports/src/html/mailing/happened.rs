//! What the engine saw beside what really happened: two truths, side by side.

use super::CounterCells;
use crate::figures::{Known, MailingFigures};
use crate::html::tracks::{Cell, Tracks};

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
    let rows = figures.happened.named().map(|(name, track)| Row {
        name: words(name),
        really: tracks.cell(track),
        engine: match name {
            "bounced_later" => Some(counters.late_bounced),
            "complained" => Some(counters.complained),
            "unsubscribed" => Some(counters.unsubscribed),
            _ => None,
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

fn words(name: &'static str) -> &'static str {
    match name {
        "inbox" => "put into the inbox",
        "spam_folder" => "put into the spam folder",
        "lost" => "thrown away, and nobody was told",
        "forwarded" => "sent on to another address",
        "bounced_later" => "not delivered after all; a report was sent",
        "auto_replied" => "answered by a program",
        "opened" => "opened",
        "clicked" => "a link in it was followed",
        "complained" => "called spam",
        "unsubscribed" => "unsubscribed",
        other => other,
    }
}
