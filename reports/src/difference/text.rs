//! A difference for people at a terminal: a block for each scenario that differs, and a line that counts.

use record::Held;

use super::{
    Brief, ContactChange, Difference, ExpectationChange, Finding, MailingChange, MetricChange,
    ScenarioDifference, Stand, VerdictChange, Weight, words,
};
use crate::layout::{left, right, shorten, width};
use crate::look::{Ink, Look};
use crate::page::{Page, Piece};
use crate::wording;

/// Contacts, expectations, and rows of a list that are shown of a scenario.
const SHOWN: usize = 20;
/// Metrics that are shown of a scenario.
const METRICS_SHOWN: usize = 60;
const GAP: &str = "   ";
/// The narrowest that the first column of a table becomes.
const LEAST_COLUMNS: usize = 16;

/// The whole difference.
pub fn render(difference: &Difference, look: Look) -> String {
    let mut page = Page::new(look);
    if !difference.is_empty() {
        page.line(&[(Ink::Dim, "before  "), (Ink::Text, &difference.before)]);
        page.line(&[(Ink::Dim, "after   "), (Ink::Text, &difference.after)]);
    }
    let (moments, grave): (Vec<_>, Vec<_>) =
        difference.ranked().into_iter().partition(|scenario| scenario.weight() == Weight::Moments);
    // A single one is told of in full, whatever it is.
    let alone = difference.scenarios.len() == 1;
    for scenario in grave.iter().chain(moments.iter().filter(|_| alone)) {
        page.gap();
        self::scenario(&mut page, scenario);
    }
    if !alone {
        let files: Vec<_> = moments.iter().map(|scenario| scenario.file.clone()).collect();
        list(&mut page, "ONLY MOMENTS DIFFER", &files);
    }
    list(&mut page, "ONLY BEFORE", &difference.only_before);
    list(&mut page, "ONLY AFTER", &difference.only_after);
    page.gap();
    page.line(&[(total_ink(difference), &words::total(difference))]);
    page.into_text()
}

/// What differs in what was checked and counted, without a heading; empty if nothing does.
pub fn brief(brief: &Brief, look: Look) -> String {
    let mut page = Page::new(look);
    self::changes(&mut page, brief);
    page.into_text()
}

fn total_ink(difference: &Difference) -> Ink {
    if difference.is_empty() { Ink::Good } else { Ink::Strong }
}

fn list(page: &mut Page, heading: &str, files: &[String]) {
    if files.is_empty() {
        return;
    }
    page.gap();
    page.line(&[(Ink::Strong, heading)]);
    for file in files.iter().take(SHOWN) {
        page.line(&[(Ink::Text, "  "), (Ink::Text, file)]);
    }
    more(page, files.len() as u64, files.len().min(SHOWN));
}

fn scenario(page: &mut Page, scenario: &ScenarioDifference) {
    page.line(&[(Ink::Strong, "DIFFERS"), (Ink::Text, "  "), (Ink::Strong, &scenario.name)]);
    page.wrapped(&[(Ink::Dim, "  file      ")], Ink::Text, &scenario.file);
    let ink = if scenario.after.good { Ink::Good } else { Ink::Bad };
    let ink = if scenario.before.standing == scenario.after.standing { Ink::Text } else { ink };
    row(page, "standing", ink, &words::standings(scenario));
    row(page, "seed", Ink::Text, &words::seeds(scenario));
    row(page, "digest", Ink::Dim, &words::digests(scenario));
    row(page, "parted", Ink::Text, &words::parting(scenario));
    if scenario.weight() == Weight::Moments {
        row(page, "note", Ink::Text, words::ONLY_MOMENTS);
    }
    for (name, Stand { found, .. }) in [("before", &scenario.before), ("after", &scenario.after)] {
        row(page, name, Ink::Text, found);
    }
    changes(page, &scenario.brief);
    verdicts(page, &scenario.verdicts);
    contacts(page, scenario);
}

fn row(page: &mut Page, name: &str, ink: Ink, text: &str) {
    if !text.is_empty() {
        page.wrapped(&[(Ink::Dim, &format!("  {}", left(name, 10)))], ink, text);
    }
}

fn changes(page: &mut Page, brief: &Brief) {
    expectations(page, &brief.expectations);
    if !brief.laws.is_empty() {
        heading(page, "laws");
    }
    for law in &brief.laws {
        let (ink, mark) = mark(Some(law.after));
        let words = format!("{}  {}", law.law, words::held_change(Some(law.before), Some(law.after)));
        page.line(&[(Ink::Text, "    "), (ink, mark), (Ink::Text, " "), (ink, &words)]);
    }
    metrics(page, &brief.metrics);
}

fn heading(page: &mut Page, name: &str) {
    page.gap();
    page.line(&[(Ink::Text, "  "), (Ink::Dim, name)]);
}

fn mark(held: Option<Held>) -> (Ink, &'static str) {
    match held {
        Some(Held::Yes) => (Ink::Good, "✓"),
        Some(Held::No) => (Ink::Bad, "✗"),
        None => (Ink::Dim, "–"),
    }
}

fn expectations(page: &mut Page, changes: &[ExpectationChange]) {
    if changes.is_empty() {
        return;
    }
    heading(page, "expectations");
    let all = &changes[..changes.len().min(SHOWN)];
    let second = |change: &ExpectationChange| words::measured_change(change);
    let columns = first_columns(page, all, |change| &change.text, second);
    for change in all {
        let held = |finding: &Option<Finding>| finding.as_ref().map(|finding| finding.held);
        let (before, after) = (held(&change.before), held(&change.after));
        let (ink, mark) = mark(after);
        let ink = if before == after { Ink::Text } else { ink };
        let text = left(&shorten(&change.text, columns), columns);
        page.line(&[
            (Ink::Text, "    "),
            (ink, mark),
            (Ink::Text, " "),
            (Ink::Text, &text),
            (Ink::Text, GAP),
            (ink, &second(change)),
        ]);
    }
    more(page, changes.len() as u64, all.len());
}

/// The columns of the first cell, so that the second has room where there is any.
fn first_columns<T>(
    page: &Page,
    rows: &[T],
    first: impl Fn(&T) -> &str,
    second: impl Fn(&T) -> String,
) -> usize {
    let needed = rows.iter().map(|row| width(&second(row))).max().unwrap_or(0);
    let longest = rows.iter().map(|row| width(first(row))).max().unwrap_or(0);
    let room = page.width().saturating_sub("    ✓ ".chars().count() + GAP.len() + needed);
    longest.min(room.max(LEAST_COLUMNS))
}

fn metrics(page: &mut Page, changes: &[MetricChange]) {
    if changes.is_empty() {
        return;
    }
    heading(page, "metrics");
    let all = &changes[..changes.len().min(METRICS_SHOWN)];
    let widest = |cell: fn(&MetricChange) -> String| all.iter().map(|change| width(&cell(change))).max();
    let whose: fn(&MetricChange) -> String = |change| format!("{} {}", words::by(change.by), change.name);
    let metric: fn(&MetricChange) -> String = |change| change.metric.to_owned();
    let was: fn(&MetricChange) -> String = |change| words::count(change.before);
    let is: fn(&MetricChange) -> String = |change| words::count(change.after);
    let [metric_columns, was_columns, is_columns] = [metric, was, is].map(|cell| widest(cell).unwrap_or(0));
    let taken = 4 + 3 * GAP.len() + metric_columns + was_columns + is_columns + 16;
    let room = page.width().saturating_sub(taken).max(LEAST_COLUMNS);
    let columns = widest(whose).unwrap_or(0).min(room);
    for change in all {
        let numbers = format!("{} → {}", right(&was(change), was_columns), right(&is(change), is_columns));
        page.line(&[
            (Ink::Text, "    "),
            (Ink::Text, &left(&shorten(&whose(change), columns), columns)),
            (Ink::Text, GAP),
            (Ink::Text, &left(&metric(change), metric_columns)),
            (Ink::Text, GAP),
            (Ink::Strong, &numbers),
            (Ink::Text, GAP),
            (Ink::Dim, &words::delta(change.before, change.after)),
        ]);
    }
    more(page, changes.len() as u64, all.len());
}

fn verdicts(page: &mut Page, all: &[VerdictChange]) {
    if all.is_empty() {
        return;
    }
    heading(page, "answers");
    let counts = |change: &VerdictChange| {
        format!("{} → {}", wording::number(change.before), wording::number(change.after))
    };
    let columns = all.iter().take(SHOWN).map(|change| width(&counts(change))).max().unwrap_or(0);
    for change in all.iter().take(SHOWN) {
        let head: [Piece<'_>; 3] =
            [(Ink::Text, "    "), (Ink::Strong, &left(&counts(change), columns)), (Ink::Text, GAP)];
        page.wrapped(&head, Ink::Text, &words::answer(change));
    }
    more(page, all.len() as u64, all.len().min(SHOWN));
}

fn contacts(page: &mut Page, scenario: &ScenarioDifference) {
    let contacts = &scenario.contacts;
    if contacts.count == 0 {
        return;
    }
    heading(page, "contacts");
    for change in contacts.first.iter().take(SHOWN) {
        contact(page, change);
    }
    more(page, contacts.count, contacts.first.len().min(SHOWN));
}

/// On one line if there is one thing to say and it fits.
fn contact(page: &mut Page, ContactChange { address, before, after, mailings }: &ContactChange) {
    let status = (before != after).then(|| (String::new(), words::statuses(*before, *after)));
    let course = |change: &MailingChange| {
        let courses = format!("{} → {}", words::course(change.before), words::course(change.after));
        (format!("{}: ", change.mailing), courses)
    };
    let said: Vec<(String, String)> = status.into_iter().chain(mailings.iter().map(course)).collect();
    if let [(head, words)] = said.as_slice()
        && width(address) + width(head) + width(words) + 6 <= page.width()
    {
        let pieces =
            [(Ink::Strong, address.as_str()), (Ink::Text, "  "), (Ink::Dim, head), (Ink::Text, words)];
        return page.line(&[&[(Ink::Text, "    ")], pieces.as_slice()].concat());
    }
    page.line(&[(Ink::Text, "    "), (Ink::Strong, address)]);
    for (head, words) in &said {
        page.wrapped(&[(Ink::Text, "      "), (Ink::Dim, head)], Ink::Text, words);
    }
}

/// How many there are beside those that were shown.
fn more(page: &mut Page, all: u64, shown: usize) {
    let rest = all.saturating_sub(shown as u64);
    if rest > 0 {
        page.line(&[(Ink::Dim, &format!("    … and {} more", wording::number(rest)))]);
    }
}
