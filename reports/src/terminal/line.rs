//! The line of a scenario, and the columns that the lines of a suite share.

use crate::foreign::clean;
use crate::layout::{left, right, shorten, width};
use crate::look::{Ink, Look};
use crate::page::Page;
use crate::ran::Ran;
use crate::suite::{Case, Standing, Suite};
use crate::wording;

/// The columns of a suite: which there is room for, and how wide they are.
#[derive(Debug, Clone)]
pub struct Columns {
    look: Look,
    name: usize,
    shown: Vec<(Column, usize)>,
}

/// What is known of a scenario before it is run.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The number of its expectations.
    pub expectations: u64,
    /// The number of its contacts.
    pub contacts: u64,
    /// The seed that it will run with.
    pub seed: u64,
}

/// A column after the name, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Expectations that held, of all.
    Held,
    Contacts,
    Attempts,
    Seed,
    /// Simulated time, and real time. The last one, so that it needs no width of its own.
    Span,
}

/// What stands in the columns for one scenario.
struct Cells {
    held: u64,
    /// All of them.
    expectations: u64,
    contacts: u64,
    attempts: u64,
    seed: u64,
    span: String,
}

const COLUMNS: [Column; 5] = [Column::Held, Column::Contacts, Column::Attempts, Column::Seed, Column::Span];
/// These give way, in this order, where the name would get less than [`NAME_COLUMNS`].
const GIVING_WAY: [Column; 4] = [Column::Attempts, Column::Seed, Column::Contacts, Column::Span];
const NAME_COLUMNS: usize = 30;
/// The name never gets less than this.
const LEAST_NAME_COLUMNS: usize = 12;
const GAP: &str = "   ";

/// For lines that are shown before all are known: on average, a contact is seldom attempted more often than this.
const ATTEMPTS_EXPECTED: u64 = 4;
/// Likewise.
const SPAN_EXPECTED: &str = "30h30m in 4.2ms";

impl Columns {
    /// Columns as narrow as the suite allows.
    pub fn fitted(suite: &Suite, look: Look) -> Self {
        Self::holding(&suite.ran().map(Cells::of).collect::<Vec<_>>(), look)
            .with_names(suite.cases.iter().map(Case::name))
    }

    /// Columns for lines that are shown one by one, as the scenarios end.
    pub fn expecting(scenarios: &[Expected<'_>], look: Look) -> Self {
        Self::holding(&scenarios.iter().map(Cells::expected).collect::<Vec<_>>(), look)
            .with_names(scenarios.iter().map(|scenario| scenario.name))
    }

    fn holding(cells: &[Cells], look: Look) -> Self {
        let widest = |column| cells.iter().map(|cells| width(&cells.text(column))).max().unwrap_or(0);
        Self { look, name: 0, shown: COLUMNS.map(|column| (column, widest(column))).into() }
    }

    fn with_names<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(|name| width(&clean(name))).max().unwrap_or(0);
        for column in GIVING_WAY {
            if self.room_for_name() < longest.min(NAME_COLUMNS) {
                self.shown.retain(|(shown, _)| *shown != column);
            }
        }
        self.name = longest.min(self.room_for_name().max(LEAST_NAME_COLUMNS));
        self
    }

    /// What is left for the name when everything else has its place.
    fn room_for_name(&self) -> usize {
        let taken: usize = self.shown.iter().map(|(_, columns)| GAP.len() + columns).sum();
        self.look.width.saturating_sub(width("  ✓ ") + taken)
    }

    /// The line of one scenario, with its line end.
    pub fn line(&self, case: &Case) -> String {
        let (ink, mark) = mark(case.standing());
        let name = left(&shorten(&clean(case.name()), self.name), self.name);
        let cells = match case {
            Case::Ran(ran) => self.cells(ink, &Cells::of(ran)),
            Case::Refused(_) => vec![(ink, self.instead("not run: invalid"))],
            Case::Defect(defect) => vec![(ink, self.instead(wording::defect(defect.kind)))],
            Case::NotReached(_) => vec![(ink, self.instead("interrupted"))],
        };
        let mut pieces = vec![(Ink::Text, "  "), (ink, mark), (Ink::Text, " "), (Ink::Text, &name)];
        for (ink, cell) in &cells {
            pieces.extend([(Ink::Text, GAP), (*ink, cell)]);
        }
        let mut page = Page::new(self.look);
        page.line(&pieces);
        page.into_text()
    }

    /// What stands there instead of all columns.
    fn instead(&self, words: &str) -> String {
        let taken = width("  ✓ ") + self.name + GAP.len();
        shorten(words, self.look.width.saturating_sub(taken).max(1))
    }

    /// Simulated and real time, or only the simulated where both do not fit: a line that is wider than the terminal would be
    /// broken by it.
    fn fitting_span(&self, text: &str) -> String {
        let before = self.shown.iter().filter(|(column, _)| *column != Column::Span);
        let taken: usize = before.map(|(_, columns)| GAP.len() + columns).sum();
        let room = self.look.width.saturating_sub(width("  ✓ ") + self.name + taken + GAP.len());
        match text.split_once(" in ") {
            Some((simulated, _)) if width(text) > room => shorten(simulated, room.max(1)),
            Some(_) | None => text.to_owned(),
        }
    }

    fn cells(&self, standing: Ink, cells: &Cells) -> Vec<(Ink, String)> {
        let cell = |&(column, columns): &(Column, usize)| {
            let text = cells.text(column);
            match column {
                Column::Held if standing == Ink::Good => (Ink::Text, right(&text, columns)),
                Column::Held => (standing, right(&text, columns)),
                Column::Contacts | Column::Attempts => (Ink::Text, right(&text, columns)),
                Column::Seed => (Ink::Dim, left(&text, columns)),
                Column::Span => (Ink::Text, self.fitting_span(&text)),
            }
        };
        self.shown.iter().map(cell).collect()
    }
}

impl Cells {
    fn of(ran: &Ran) -> Self {
        Self {
            held: ran.expectations_held(),
            expectations: ran.expectations(),
            contacts: ran.contacts,
            attempts: ran.attempts,
            seed: ran.seed,
            span: format!("{} in {}", wording::span(ran.horizon), wording::wall(ran.timing)),
        }
    }

    /// The widest that is likely.
    fn expected(scenario: &Expected<'_>) -> Self {
        Self {
            held: scenario.expectations,
            expectations: scenario.expectations,
            contacts: scenario.contacts,
            attempts: scenario.contacts.saturating_mul(ATTEMPTS_EXPECTED),
            seed: scenario.seed,
            span: SPAN_EXPECTED.to_owned(),
        }
    }

    fn text(&self, column: Column) -> String {
        match column {
            Column::Held if self.expectations == 0 => "–".to_owned(),
            Column::Held => format!("{}/{}", self.held, self.expectations),
            Column::Contacts => counted(self.contacts, "contact"),
            Column::Attempts => counted(self.attempts, "attempt"),
            Column::Seed => format!("seed {}", self.seed),
            Column::Span => self.span.clone(),
        }
    }
}

/// Number and noun, the noun as wide as its plural.
fn counted(count: u64, noun: &str) -> String {
    format!("{} {}", wording::number(count), left(&wording::plural(count, noun), width(noun) + 1))
}

/// `✓` held; `✗` an expectation failed; `!` something else wants attention: a bug of ours, nothing sent, not run.
fn mark(standing: Standing) -> (Ink, &'static str) {
    match standing {
        Standing::Held => (Ink::Good, "✓"),
        Standing::Failed => (Ink::Bad, "✗"),
        Standing::Unlawful | Standing::Defective(_) | Standing::Refused => (Ink::Bad, "!"),
        Standing::Silent | Standing::NotReached => (Ink::Caution, "!"),
    }
}
