//! The blocks of the report: failed expectations, broken laws, nothing sent, scenarios without a verdict.

use record::{Broken, Clock, ExpectationVerdict, Held, LawVerdict};

use super::excerpt::{self, Gutter};
use crate::command;
use crate::layout::{left, width};
use crate::look::Ink;
use crate::page::{Page, Piece};
use crate::ran::Ran;
use crate::silence::Silence;
use crate::suite::{Defect, Refused};
use crate::wording;

/// Violations of a law that are shown; the rest is in the record.
const VIOLATIONS_SHOWN: usize = 5;
/// A law keeps no more violations than this (see [`record::LawVerdict::broken`]).
const VIOLATIONS_KEPT: usize = 100;

pub(super) fn failed_expectations(page: &mut Page, ran: &Ran) {
    for verdict in ran.checked.expectations.iter().filter(|verdict| verdict.held == Held::No) {
        failed_expectation(page, ran, verdict);
    }
}

fn failed_expectation(page: &mut Page, ran: &Ran, verdict: &ExpectationVerdict) {
    let look = verdict.contacts.first().and_then(|contact| command::explain(ran, contact));
    let again = title(page, "FAILED", &verdict.text, look, command::run_again(ran));
    let gutter = excerpt::write(page, ran.place(), ran.source.as_deref(), verdict);
    let mut rows = Rows { page, gutter };
    rows.row("wanted", Ink::Text, &verdict.wanted);
    rows.row("measured", Ink::Bad, &verdict.measured);
    rows.list("why", &verdict.notes);
    rows.row("who", Ink::Text, &verdict.contacts.join(", "));
    rows.command("again", again);
}

pub(super) fn broken_laws(page: &mut Page, ran: &Ran) {
    for verdict in ran.broken_laws() {
        broken_law(page, ran, verdict);
    }
}

fn broken_law(page: &mut Page, ran: &Ran, verdict: &LawVerdict) {
    let mut contacts = verdict.broken.iter().map(|broken| broken.contact.as_str());
    let contact = contacts.find(|contact| !contact.is_empty());
    let look = contact.and_then(|contact| command::explain(ran, contact));
    let what = format!("{} in {}", verdict.law, ran.name());
    let again = title(page, "BROKEN LAW", &what, look, command::run_again(ran));
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.row("law", Ink::Text, &verdict.about);
    rows.list("found", &violations(&verdict.broken));
    let seed = format!("{}, digest {}", ran.seed, wording::digest(ran.digest));
    rows.row("seed", Ink::Text, &seed);
    rows.row("note", Ink::Text, wording::OUR_BUG);
    rows.command("again", again);
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

pub(super) fn nothing_sent(page: &mut Page, ran: &Ran) {
    let Some(Silence { seen, probably, try_this }) = &ran.silence else { return };
    heading(page, (Ink::Caution, "NOTHING SENT"), &format!("in {}", ran.name()));
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.row("seen", Ink::Text, seen);
    rows.row("probably", Ink::Text, probably);
    rows.row("try", Ink::Text, try_this);
    rows.command("again", command::run_again(ran));
}

pub(super) fn idle_rules(page: &mut Page, ran: &Ran) {
    if ran.idle.is_empty() {
        return;
    }
    heading(page, (Ink::Caution, "NEVER HAD ANYTHING TO SAY"), &format!("in {}", ran.name()));
    let lines: Vec<String> =
        ran.idle.iter().map(|rule| format!("{}:{}  {}", ran.place(), rule.line, rule.name)).collect();
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.list("rules", &lines);
    rows.row(
        "probably",
        Ink::Text,
        "a condition never held, a rule before it decided first, or its time had not come",
    );
    rows.row("try", Ink::Text, "compare `when` with the mail that is sent, or remove what is not needed");
}

pub(super) fn refused(page: &mut Page, refused: &Refused) {
    heading(page, (Ink::Bad, "NOT RUN"), &refused.file);
    page.verbatim(&refused.problem);
}

pub(super) fn defect(page: &mut Page, defect: &Defect) {
    let kind = wording::defect(defect.kind).to_uppercase();
    heading(page, (Ink::Bad, &kind), &format!("in {}", defect.scenario));
    page.wrapped(&[(Ink::Dim, &next(&kind))], Ink::Strong, wording::defect_note(defect.kind));
    let mut rows = Rows { page, gutter: Gutter::without_line() };
    rows.row("found", Ink::Bad, &defect.found);
    rows.row("seed", Ink::Text, &defect.seed.to_string());
    rows.command("again", command::show_again(defect));
}

/// The first lines of a block about something bad: what it is, and the command to go on with, which is the story of somebody
/// concerned (`look`), or else the run once more. Answers with the command that is left for later.
fn title(
    page: &mut Page,
    title: &str,
    text: &str,
    look: Option<String>,
    again: Option<String>,
) -> Option<String> {
    heading(page, (Ink::Bad, title), text);
    let (first, again) = if look.is_some() { (look, again) } else { (again, None) };
    if let Some(command) = first {
        page.line(&[(Ink::Dim, &next(title)), (Ink::Strong, &command)]);
    }
    again
}

/// What stands before the second line of a block.
fn next(title: &str) -> String {
    left("next", width(title) + 2)
}

/// The first line of a block: what it is about.
pub(super) fn heading(page: &mut Page, title: Piece<'_>, text: &str) {
    page.gap();
    page.wrapped(&[title, (Ink::Text, "  ")], Ink::Strong, text);
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
