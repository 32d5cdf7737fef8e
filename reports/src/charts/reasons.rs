//! Reasons: why recipients bounced, are deferred, or were not sent to.

use record::{MailingId, Record};

use super::bars::{Bar, Length, Part, chart, shown};
use super::canvas::Words;
use super::palette::{HARD, IN_PROGRESS, LIMIT, OTHER, SOFT};
use super::{Chart, Table};
use crate::figures::{Figures, Reason, ReasonCounts};
use crate::wording;

const PARTS: [Part; 5] = [
    Part { name: "soft bounced", colour: SOFT },
    Part { name: "hard bounced", colour: HARD },
    Part { name: "in progress", colour: IN_PROGRESS },
    Part { name: "cancelled, dropped", colour: OTHER },
    Part { name: "late bounce", colour: LIMIT },
];

/// The reasons of the mailing at its end, the commonest first.
pub fn reasons(_: &Record, figures: &Figures, mailing: MailingId) -> Chart {
    let figures = &figures.mailings[usize::from(mailing)];
    let concerned = |reason: &&Reason| reason.last().sum() > 0;
    let rows: Vec<(&str, [u64; 5])> = figures
        .reasons
        .iter()
        .filter(concerned)
        .map(|reason| (reason.name.as_str(), counts(&reason.last())))
        .collect();
    let bars = rows.iter().map(|(name, counts)| bar((*name).to_owned(), counts.to_vec())).collect();
    let bars = shown(bars, |others, sums| bar(format!("{others} other reasons"), sums));
    chart(words(&figures.name, &rows), &PARTS, &bars, Length::Sum, "nobody bounced or is deferred")
}

const fn counts(at: &ReasonCounts) -> [u64; 5] {
    [at.soft_bounced, at.hard_bounced, at.deferred, at.cancelled + at.dropped, at.late_bounced]
}

fn bar(name: String, counts: Vec<u64>) -> Bar {
    Bar { name, note: wording::number(counts.iter().sum()), counts }
}

fn words(mailing: &str, rows: &[(&str, [u64; 5])]) -> Words {
    let title = format!("Reasons in {}", mailing);
    let one =
        |(name, counts): &(&str, [u64; 5])| format!("{} {}", name, wording::number(counts.iter().sum()));
    let named: Vec<String> = rows.iter().take(5).map(one).collect();
    let row = |(name, counts): &(&str, [u64; 5])| {
        let numbers = counts.iter().map(|count| wording::number(*count));
        std::iter::once((*name).to_owned()).chain(numbers).collect()
    };
    let description = match rows {
        [] => "Nobody bounced or is deferred.".to_owned(),
        _ => format!("Recipients concerned: {}.", named.join(", ")),
    };
    Words {
        description,
        table: Table {
            caption: title.clone(),
            header: std::iter::once("reason").chain(PARTS.map(|part| part.name)).map(str::to_owned).collect(),
            rows: rows.iter().map(row).collect(),
        },
        title,
    }
}
