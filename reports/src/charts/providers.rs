//! Outcome by provider: of the recipients of each, which share stands where.

use record::{Counters, MailingId, Record};

use super::bars::{Bar, Length, Part, chart, shown};
use super::canvas::Words;
use super::palette::{DELIVERED, HARD, IN_PROGRESS, OTHER, PENDING, SOFT};
use super::{Chart, Table};
use crate::figures::{Figures, MailingFigures, ProviderFigures};
use crate::wording;

const PARTS: [Part; 6] = [
    Part { name: "delivered", colour: DELIVERED },
    Part { name: "in progress", colour: IN_PROGRESS },
    Part { name: "soft bounced", colour: SOFT },
    Part { name: "hard bounced", colour: HARD },
    Part { name: "cancelled, dropped", colour: OTHER },
    Part { name: "not begun", colour: PENDING },
];

/// How the mailing stood with each provider at its end; the one with most recipients first.
pub fn providers(record: &Record, figures: &Figures, mailing: MailingId) -> Chart {
    let figures = &figures.mailings[usize::from(mailing)];
    let mut rows: Vec<(&str, [u64; 6])> = figures
        .providers
        .iter()
        .map(|one: &ProviderFigures| {
            (record.providers[one.provider as usize].name.as_str(), counts(&one.series.last()))
        })
        .filter(|(_, counts)| counts.iter().sum::<u64>() > 0)
        .collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<u64>()));
    let bars: Vec<Bar> = rows.iter().map(|(name, counts)| bar((*name).to_owned(), counts.to_vec())).collect();
    let bars = shown(bars, |others, sums| bar(format!("{others} other providers"), sums));
    chart(words(figures, &rows), &PARTS, &bars, Length::Whole, "nobody was selected")
}

const fn counts(at: &Counters) -> [u64; 6] {
    [at.delivered, at.in_progress, at.soft_bounced, at.hard_bounced, at.cancelled + at.dropped, at.pending]
}

fn bar(name: String, counts: Vec<u64>) -> Bar {
    let (delivered, all) = (counts[0], counts.iter().sum());
    Bar { name, note: format!("{} of {}", wording::percent(delivered, all), wording::number(all)), counts }
}

fn words(figures: &MailingFigures, rows: &[(&str, [u64; 6])]) -> Words {
    let title = format!("Outcome of {} by provider", &figures.name);
    let one = |(name, counts): &(&str, [u64; 6])| {
        let all = counts.iter().sum();
        format!("{} {} of {}", name, wording::number(counts[0]), wording::number(all))
    };
    let named: Vec<String> = rows.iter().take(5).map(one).collect();
    let more = rows.len().saturating_sub(named.len());
    let more = if more > 0 {
        format!(", and {} more", wording::counted(more as u64, "provider"))
    } else {
        String::new()
    };
    let row = |(name, counts): &(&str, [u64; 6])| {
        let numbers = counts.iter().map(|count| wording::number(*count));
        std::iter::once((*name).to_owned()).chain(numbers).collect()
    };
    let description = match rows {
        [] => "Nobody was selected.".to_owned(),
        _ => format!("Delivered: {}{more}.", named.join(", ")),
    };
    Words {
        description,
        table: Table {
            caption: title.clone(),
            header: std::iter::once("provider")
                .chain(PARTS.map(|part| part.name))
                .map(str::to_owned)
                .collect(),
            rows: rows.iter().map(row).collect(),
        },
        title,
    }
}
