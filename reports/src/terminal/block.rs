//! The blocks of the report: failed expectations, broken laws, nothing sent, scenarios that were not run.

use record::{Broken, Clock, ExpectationVerdict, Held, LawVerdict};

use super::excerpt::{self, Gutter};
use crate::command;
use crate::layout::left;
use crate::look::Ink;
use crate::page::Page;
use crate::silence::Silence;
use crate::suite::{Ran, Refused, scenario_name};
use crate::wording;

/// Violations of a law that are shown; the rest is in the record.
const VIOLATIONS_SHOWN: usize = 5;
/// A law keeps no more violations than this (see [`record::LawVerdict::broken`]).
const VIOLATIONS_KEPT: usize = 100;

pub(super) fn failed_expectations(page: &mut Page, ran: &Ran<'_>) {
    for verdict in ran.record.checked.expectations.iter().filter(|verdict| verdict.held == Held::No) {
        page.gap();
        failed_expectation(page, ran, verdict);
    }
}

fn failed_expectation(page: &mut Page, ran: &Ran<'_>, verdict: &ExpectationVerdict) {
    page.line(&[(Ink::Bad, "FAILED"), (Ink::Text, "  "), (Ink::Strong, &verdict.text)]);
    let file = if ran.record.file.is_empty() { scenario_name(ran.record) } else { &ran.record.file };
    let gutter = excerpt::write(page, file, ran.source, verdict);
    let mut rows = Rows { page, gutter };
    rows.row("wanted", Ink::Text, &verdict.wanted);
    rows.row("measured", Ink::Bad, &verdict.measured);
    rows.list("why", &verdict.notes);
    rows.row("who", Ink::Text, &verdict.contacts.join(", "));
    rows.command("look", verdict.contacts.first().and_then(|contact| command::explain(ran, contact)));
    rows.command("again", command::run_again(ran.record));
}

pub(super) fn broken_laws(page: &mut Page, ran: &Ran<'_>) {
    for verdict in ran.broken_laws() {
        page.gap();
        broken_law(page, ran, verdict);
    }
}

fn broken_law(page: &mut Page, ran: &Ran<'_>, verdict: &LawVerdict) {
    page.line(&[
        (Ink::Bad, "BROKEN LAW"),
        (Ink::Text, "  "),
        (Ink::Strong, &verdict.law),
        (Ink::Text, "  in "),
        (Ink::Text, scenario_name(ran.record)),
    ]);
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.row("law", Ink::Text, &verdict.about);
    rows.list("found", &violations(&verdict.broken));
    let seed = format!("{}, digest {}", ran.record.seed, wording::digest(ran.record.digest));
    rows.row("seed", Ink::Text, &seed);
    rows.row(
        "note",
        Ink::Text,
        "this is a bug in Bouncelab, not in the scenario; please report it with these lines",
    );
    let contact =
        verdict.broken.iter().map(|broken| broken.contact.as_str()).find(|contact| !contact.is_empty());
    rows.command("look", contact.and_then(|contact| command::explain(ran, contact)));
    rows.command("again", command::run_again(ran.record));
}

/// The first violations, a sentence each.
fn violations(broken: &[Broken]) -> Vec<String> {
    let mut sentences: Vec<_> = broken.iter().take(VIOLATIONS_SHOWN).map(violation).collect();
    let more = broken.len().saturating_sub(VIOLATIONS_SHOWN);
    if more > 0 {
        let or_more = if broken.len() >= VIOLATIONS_KEPT { " or more" } else { "" };
        sentences.push(format!("… and {more}{or_more} like it"));
    }
    sentences
}

/// `01:00:00.000 ann@bigbox.test: what was found`.
pub(crate) fn violation(broken: &Broken) -> String {
    let whom = if broken.contact.is_empty() { String::new() } else { format!(" {}", broken.contact) };
    format!("{}{whom}: {}", Clock(broken.at), broken.what)
}

pub(super) fn nothing_sent(page: &mut Page, ran: &Ran<'_>) {
    let Some(silence) = Silence::of(ran.record) else { return };
    page.gap();
    page.line(&[
        (Ink::Caution, "NOTHING SENT"),
        (Ink::Text, "  in "),
        (Ink::Strong, scenario_name(ran.record)),
    ]);
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.row("seen", Ink::Text, &silence.seen);
    rows.row("probably", Ink::Text, silence.probably);
    rows.row("try", Ink::Text, silence.try_this);
    rows.command("again", command::run_again(ran.record));
}

pub(super) fn refused(page: &mut Page, refused: &Refused<'_>) {
    page.gap();
    page.line(&[(Ink::Bad, "NOT RUN"), (Ink::Text, "  "), (Ink::Strong, refused.file)]);
    page.verbatim(refused.problem);
}

/// Labelled rows in the gutter of a block. A row without text is left out.
struct Rows<'a> {
    page: &'a mut Page,
    gutter: Gutter,
}

impl Rows<'_> {
    fn row(&mut self, label: &str, ink: Ink, text: &str) {
        if !text.is_empty() {
            let head = format!("{} = ", self.gutter.blank());
            let label = left(label, LABEL_COLUMNS);
            self.page.wrapped(&[(Ink::Dim, &head), (Ink::Dim, &label)], ink, text);
        }
    }

    /// The label stands before the first text only.
    fn list(&mut self, label: &str, texts: &[String]) {
        for (index, text) in texts.iter().enumerate() {
            if index == 0 {
                self.row(label, Ink::Text, text);
            } else {
                let indent = " ".repeat(self.gutter.columns() + 3 + LABEL_COLUMNS);
                self.page.wrapped(&[(Ink::Text, &indent)], Ink::Text, text);
            }
        }
    }

    /// A command stays in one piece, however wide.
    fn command(&mut self, label: &str, command: Option<String>) {
        if let Some(command) = command {
            let head = format!("{} = ", self.gutter.blank());
            self.page.line(&[
                (Ink::Dim, &head),
                (Ink::Dim, &left(label, LABEL_COLUMNS)),
                (Ink::Text, &command),
            ]);
        }
    }
}

const LABEL_COLUMNS: usize = 10;
