//! The Response page's first view: the mailings in their four groups, as a customer sees them.

use askama::Template;
use record::{MailingKind, Record};

use super::frame::{Live, html};
use super::mailing::Cells;
use super::shown;
use crate::figures::Figures;
use crate::silence::Silence;
use crate::wording;

/// A group of mailings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Automated,
    InProgress,
    Test,
    Sent,
}

impl Group {
    const ALL: [Self; 4] = [Self::Automated, Self::InProgress, Self::Test, Self::Sent];

    /// The group of a mailing at the end.
    const fn of(kind: MailingKind, open: u64) -> Self {
        match (kind, open) {
            (MailingKind::Automated, _) => Self::Automated,
            (MailingKind::Test, _) => Self::Test,
            (MailingKind::Regular, 0) => Self::Sent,
            (MailingKind::Regular, _) => Self::InProgress,
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::InProgress => "in-progress",
            Self::Test => "test",
            Self::Sent => "sent",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::InProgress => "In progress",
            Self::Test => "Test",
            Self::Sent => "Sent",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::Automated => "recipients join over time",
            Self::InProgress => "not everybody has a final outcome yet",
            Self::Test => "a handful of addresses; never changes a contact",
            Self::Sent => "everybody has a final outcome",
        }
    }
}

/// A mailing in a group.
struct Row<'a> {
    index: usize,
    name: String,
    kind: &'static str,
    start: String,
    cells: &'a Cells,
}

struct GroupView<'a> {
    group: Group,
    rows: Vec<Row<'a>>,
}

#[derive(Template)]
#[template(path = "groups.html")]
struct Groups<'a> {
    groups: Vec<GroupView<'a>>,
    last: usize,
    end: String,
    warning: Option<&'a Silence>,
}

/// The view. `cells` are those of the mailings, in their order.
pub(super) fn groups(record: &Record, figures: &Figures, cells: &[Cells], live: Live) -> String {
    let rows = || record.mailings.iter().zip(cells).enumerate();
    let view = |group| GroupView {
        group,
        rows: rows()
            .filter(|(_, (mailing, cells))| Group::of(mailing.kind, cells.open()) == group)
            .map(|(index, (mailing, cells))| row(index, mailing, cells))
            .collect(),
    };
    let silence = match live {
        Live::Finished => Silence::of(record),
        // Something may still be sent, or might have been.
        Live::Running | Live::Stopped => None,
    };
    html(&Groups {
        groups: Group::ALL.into_iter().map(view).collect(),
        last: figures.moments.len() - 1,
        end: wording::span(figures.moments.length()),
        warning: silence.as_ref(),
    })
}

fn row<'a>(index: usize, mailing: &record::Mailing, cells: &'a Cells) -> Row<'a> {
    Row {
        index,
        name: shown::line(&mailing.name),
        kind: wording::kind(mailing.kind),
        start: wording::span(mailing.start),
        cells,
    }
}
