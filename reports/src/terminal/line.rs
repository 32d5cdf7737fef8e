//! The line of a scenario, and the columns that the lines of a suite share.

use crate::foreign::clean;
use crate::layout::{left, right, shorten, width};
use crate::look::{Ink, Look};
use crate::page::Page;
use crate::suite::{Case, Ran, Standing, Suite};
use crate::wording;

/// The widths of the columns of a suite.
#[derive(Debug, Clone)]
pub struct Columns {
    look: Look,
    name: usize,
    held: usize,
    contacts: usize,
    attempts: Option<usize>,
    simulated: usize,
    wall: usize,
    seed: Option<usize>,
}

/// What stands in the columns for one scenario.
struct Cells {
    held: String,
    contacts: u64,
    attempts: u64,
    simulated: String,
    wall: String,
    seed: u64,
}

/// Where the name would get less than this, the column of attempts gives way, and then that of the seed.
const NAME_COLUMNS: usize = 32;
/// The name never gets less than this.
const LEAST_NAME_COLUMNS: usize = 12;
const GAP: &str = "   ";

impl Columns {
    /// Columns as narrow as the suite allows.
    pub fn fitted(suite: &Suite<'_>, look: Look) -> Self {
        let cells: Vec<_> = suite.ran().map(Cells::of).collect();
        let widest =
            |cell: fn(&Cells) -> String| cells.iter().map(|cells| width(&cell(cells))).max().unwrap_or(0);
        let columns = Self {
            look,
            name: 0,
            held: widest(|cells| cells.held.clone()),
            contacts: widest(|cells| wording::number(cells.contacts)),
            attempts: Some(widest(|cells| wording::number(cells.attempts))),
            simulated: widest(|cells| cells.simulated.clone()),
            wall: widest(|cells| cells.wall.clone()),
            seed: Some(widest(|cells| cells.seed.to_string())),
        };
        columns.with_names(suite.cases.iter().map(Case::name))
    }

    /// Columns for lines that are shown one by one, while only the names are known. Numbers up to ten million fit.
    pub fn expecting<'a>(names: impl Iterator<Item = &'a str>, look: Look) -> Self {
        let columns = Self {
            look,
            name: 0,
            held: 5,
            contacts: 9,
            attempts: Some(9),
            simulated: 4,
            wall: 5,
            seed: Some(4),
        };
        columns.with_names(names)
    }

    fn with_names<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(|name| width(&clean(name))).max().unwrap_or(0);
        let enough = longest.min(NAME_COLUMNS);
        if self.room_for_name() < enough {
            self.attempts = None;
        }
        if self.room_for_name() < enough {
            self.seed = None;
        }
        self.name = longest.min(self.room_for_name().max(LEAST_NAME_COLUMNS));
        self
    }

    /// What is left for the name when everything else has its place.
    fn room_for_name(&self) -> usize {
        let optional =
            |columns: Option<usize>, word| columns.map_or(0, |columns| GAP.len() + columns + width(word));
        let fixed = width("  ✓ ") + self.held + self.contacts + self.simulated + self.wall;
        let words = 3 * GAP.len() + width(" contacts") + width(" in ");
        let taken = fixed + words + optional(self.attempts, " attempts") + optional(self.seed, "seed ");
        self.look.width.saturating_sub(taken)
    }

    /// The line of one scenario, with its line end.
    pub fn line(&self, case: &Case<'_>) -> String {
        let (ink, mark) = mark(case.standing());
        let mut pieces = vec![
            (Ink::Text, "  ".to_owned()),
            (ink, mark.to_owned()),
            (Ink::Text, format!(" {}", left(&shorten(&clean(case.name()), self.name), self.name))),
        ];
        let cells = match case {
            Case::Refused(_) => vec![(ink, "not run: invalid".to_owned())],
            Case::Ran(ran) => self.cells(ink, &Cells::of(ran)),
        };
        for cell in cells {
            pieces.extend([(Ink::Text, GAP.to_owned()), cell]);
        }
        let mut page = Page::new(self.look);
        page.line(&pieces.iter().map(|(ink, text)| (*ink, text.as_str())).collect::<Vec<_>>());
        page.into_text()
    }

    fn cells(&self, ink: Ink, cells: &Cells) -> Vec<(Ink, String)> {
        let held_ink = if ink == Ink::Good { Ink::Text } else { ink };
        let span =
            format!("{} in {}", right(&cells.simulated, self.simulated), right(&cells.wall, self.wall));
        let attempts = self.attempts.map(|columns| (Ink::Text, counted(cells.attempts, "attempt", columns)));
        let seed = self.seed.map(|_| (Ink::Dim, format!("seed {}", cells.seed)));
        let always = [
            (held_ink, right(&cells.held, self.held)),
            (Ink::Text, counted(cells.contacts, "contact", self.contacts)),
        ];
        always.into_iter().chain(attempts).chain([(Ink::Text, span)]).chain(seed).collect()
    }
}

/// Number and noun, each in its column.
fn counted(count: u64, noun: &str, columns: usize) -> String {
    let nouns = left(&wording::plural(count, noun), width(noun) + 1);
    format!("{} {nouns}", right(&wording::number(count), columns))
}

impl Cells {
    fn of(ran: &Ran<'_>) -> Self {
        let held = match ran.expectations() {
            0 => "–".to_owned(),
            all => format!("{}/{all}", ran.expectations_held()),
        };
        Self {
            held,
            contacts: ran.record.contacts.len() as u64,
            attempts: ran.attempts(),
            simulated: wording::span(ran.record.horizon),
            wall: wording::wall(ran.timing),
            seed: ran.record.seed,
        }
    }
}

/// `✓` held; `✗` an expectation failed; `!` something else wants attention: a broken law, nothing sent, not run.
fn mark(standing: Standing) -> (Ink, &'static str) {
    match standing {
        Standing::Held => (Ink::Good, "✓"),
        Standing::Failed => (Ink::Bad, "✗"),
        Standing::Unlawful | Standing::Refused => (Ink::Bad, "!"),
        Standing::Silent => (Ink::Caution, "!"),
    }
}
