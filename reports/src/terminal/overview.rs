//! The expectations and counters of a scenario in which an expectation failed: what else held, and where everybody went.

use record::{Counters, ExpectationVerdict, Held};

use super::block;
use crate::layout::{left, right, shorten, width};
use crate::look::Ink;
use crate::page::Page;
use crate::ran::{MailingTally, Ran};
use crate::wording;

/// Expectations that held are context: a few are enough.
const HELD_SHOWN: usize = 5;

/// Writes nothing if all expectations held.
pub(super) fn write(page: &mut Page, ran: &Ran) {
    if ran.expectations_failed() > 0 {
        block::heading(page, (Ink::Strong, "EXPECTATIONS"), ran.name());
        expectations(page, &ran.checked.expectations);
        page.gap();
        mailings(page, &ran.mailings);
    }
}

fn expectations(page: &mut Page, all: &[ExpectationVerdict]) {
    let shown = shown(all);
    let widest =
        |text: fn(&ExpectationVerdict) -> &str| shown.iter().map(|verdict| width(text(verdict))).max();
    let measured = widest(|verdict| &verdict.measured).unwrap_or(0).min(page.width() / 3);
    let room = page.width() - MARK_COLUMNS - GAP.len() - measured;
    let columns = widest(|verdict| &verdict.text).unwrap_or(0).min(room);
    for verdict in &shown {
        expectation(page, verdict, columns);
    }
    match all.len() - shown.len() {
        0 => {}
        1 => page.line(&[(Ink::Dim, "  … 1 more holds")]),
        more => page.line(&[(Ink::Dim, &format!("  … {more} more hold"))]),
    }
}

const MARK_COLUMNS: usize = 4;
const GAP: &str = "   ";

/// All that failed and the first few that held, in the order of the file.
fn shown(all: &[ExpectationVerdict]) -> Vec<&ExpectationVerdict> {
    let mut held = 0;
    let shown = all.iter().filter(|verdict| match verdict.held {
        Held::No => true,
        Held::Yes => {
            held += 1;
            held <= HELD_SHOWN
        }
    });
    shown.collect()
}

fn expectation(page: &mut Page, verdict: &ExpectationVerdict, columns: usize) {
    let (ink, mark, measured_ink) = match verdict.held {
        Held::Yes => (Ink::Good, "✓", Ink::Text),
        Held::No => (Ink::Bad, "✗", Ink::Bad),
    };
    let text = left(&shorten(&verdict.text, columns), columns);
    let measured = shorten(&verdict.measured, page.width() - MARK_COLUMNS - columns - GAP.len());
    page.line(&[
        (Ink::Text, "  "),
        (ink, mark),
        (Ink::Text, " "),
        (Ink::Text, &text),
        (Ink::Text, GAP),
        (measured_ink, &measured),
    ]);
}

/// A counter and its name.
type Counter = (&'static str, fn(&Counters) -> u64);

const COUNTERS: [Counter; 12] = [
    ("sent", |counters| counters.sent),
    ("delivered", |counters| counters.delivered),
    ("soft_bounced", |counters| counters.soft_bounced),
    ("hard_bounced", |counters| counters.hard_bounced),
    ("in_progress", |counters| counters.in_progress),
    ("cancelled", |counters| counters.cancelled),
    ("dropped", |counters| counters.dropped),
    ("excluded", |counters| counters.excluded),
    ("late_bounced", |counters| counters.late_bounced),
    ("complained", |counters| counters.complained),
    ("unsubscribed", |counters| counters.unsubscribed),
    ("reports_ignored", |counters| counters.reports_ignored),
];
/// These are shown even if they are zero everywhere.
const ALWAYS_SHOWN: usize = 2;
const MAILING_COLUMNS: usize = 24;

/// A table with a row a mailing; a sentence each where the table is too wide.
fn mailings(page: &mut Page, mailings: &[MailingTally]) {
    let counted = |counter: &Counter| mailings.iter().any(|mailing| counter.1(&mailing.counters) > 0);
    let (first, rest) = COUNTERS.split_at(ALWAYS_SHOWN);
    let counters: Vec<_> = first.iter().chain(rest.iter().filter(|counter| counted(counter))).collect();
    let names = mailings.iter().map(|mailing| width(&mailing.name)).max().unwrap_or(0);
    let names = names.clamp(width("mailing"), MAILING_COLUMNS);
    let row = |name: &str, cell: &dyn Fn(&Counter) -> String| -> String {
        let cell = |counter| format!("{GAP}{}", right(&cell(counter), counter_columns(counter, mailings)));
        let cells: String = counters.iter().copied().map(cell).collect();
        format!("  {}{cells}", left(&shorten(name, names), names))
    };
    let head = row("mailing", &|counter| counter.0.to_owned());
    if width(&head) > page.width() {
        return mailings.iter().for_each(|mailing| sentence(page, mailing, &counters));
    }
    page.line(&[(Ink::Dim, &head)]);
    for mailing in mailings {
        let number = |counter: &Counter| wording::number(counter.1(&mailing.counters));
        page.line(&[(Ink::Text, &row(&mailing.name, &number))]);
    }
}

fn counter_columns((name, count): &Counter, mailings: &[MailingTally]) -> usize {
    let numbers = mailings.iter().map(|mailing| width(&wording::number(count(&mailing.counters))));
    numbers.fold(width(name), usize::max)
}

fn sentence(page: &mut Page, mailing: &MailingTally, counters: &[&Counter]) {
    let numbers =
        counters.iter().map(|(name, count)| format!("{name} {}", wording::number(count(&mailing.counters))));
    let text = format!("{}: {}", mailing.name, numbers.collect::<Vec<_>>().join(", "));
    page.wrapped(&[(Ink::Text, "  ")], Ink::Text, &text);
}
