//! An expectation: a line of the file, read and checked.

use std::fmt;

use record::{ExpectationVerdict, Record};
use scenario::{Placed, Problems, Source};

use super::judge::Finding;
use super::language::{Cursor, Fault, Located, When};
use super::metric::Measurement;
use super::sentence::Sentence;
use super::watch::Measure;
use super::{Names, check_all};

/// What a scenario says must be true of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    text: String,
    line: u32,
    column: u32,
    statement: Statement,
}

/// What is said, without where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    claim: Claim,
    when: When,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Claim {
    Metric(Measurement),
    Contact(Sentence),
}

/// Reads an expectation of `source` against what exists in its scenario. `None` if there is something wrong with it,
/// which is then among the `problems`, with its place in the source.
pub fn read(
    text: &Placed<String>,
    source: &Source,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Expectation> {
    let located = Located::new(text, source);
    let (line, column) = source.line_column(located.place(Cursor::of(&text.value).rest().range()));
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match Statement::read(&text.value, names) {
        Ok(statement) => Some(Expectation {
            text: text.value.trim().to_owned(),
            line: number(line),
            column: number(column),
            statement,
        }),
        Err(fault) => {
            problems.push(fault.problem(&located));
            None
        }
    }
}

impl Expectation {
    /// The expectation as the author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of the file, from 1.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The verdict on it. To check several, [`check_all`] goes over the record only once.
    pub fn check(&self, record: &Record) -> ExpectationVerdict {
        check_all(std::slice::from_ref(self), record).swap_remove(0)
    }

    /// At which instants it must hold.
    pub(crate) const fn when(&self) -> When {
        self.statement.when
    }

    /// What is said without when, in the canonical form.
    pub(crate) fn claim(&self) -> String {
        self.statement.claim.to_string()
    }

    /// How to follow it over a record; an error says what the record does not have.
    pub(crate) fn measure(&self, record: &Record) -> Result<Measure, String> {
        match &self.statement.claim {
            Claim::Metric(measurement) => measurement.measure(record),
            Claim::Contact(sentence) => sentence.measure(record),
        }
    }

    /// The verdict that follows from a finding.
    pub(crate) fn verdict(&self, wanted: &str, finding: Finding) -> ExpectationVerdict {
        let Finding { held, measured, evidence } = finding;
        let wanted = match self.statement.when {
            When::End => format!("{wanted} at the end"),
            When::At(instant) => format!("{wanted} at {instant}"),
            When::By(instant) => format!("{wanted} from {instant} on"),
        };
        ExpectationVerdict {
            text: self.text.clone(),
            line: self.line,
            column: self.column,
            held,
            wanted,
            measured,
            notes: evidence.notes,
            contacts: evidence.contacts,
        }
    }
}

/// The canonical form: one blank between words, filters as written, nothing for `at end`. What it prints is read back
/// as the same expectation.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement.fmt(f)
    }
}

impl Statement {
    /// Reads the text of an expectation.
    pub(crate) fn read(text: &str, names: &Names<'_>) -> Result<Self, Fault> {
        let mut cursor = Cursor::of(text);
        let (claim, rest) = match cursor.eat_word(Sentence::WORD) {
            Some(word) => Sentence::read(word, cursor, names).map(|(it, rest)| (Claim::Contact(it), rest))?,
            None => Measurement::read(cursor, names).map(|(it, rest)| (Claim::Metric(it), rest))?,
        };
        let when = When::read(rest, names.horizon)?;
        Ok(Self { claim, when })
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.claim, self.when)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(measurement) => measurement.fmt(f),
            Self::Contact(sentence) => sentence.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use record::Held;

    use crate::expect::sample::{Writer, read_text};

    #[test]
    fn an_expectation_knows_its_place_and_what_was_written() {
        let read = read_text("  contacts==6   at  1h").expect("an expectation");
        assert_eq!((read.text(), read.line()), ("contacts==6   at  1h", 2));
        assert_eq!(read.to_string(), "contacts == 6 at 1h");
        let verdict = read.check(&Writer::new().record());
        assert_eq!((verdict.line, verdict.column, verdict.held), (2, 7, Held::Yes));
        assert_eq!((verdict.text.as_str(), verdict.wanted.as_str()), ("contacts==6   at  1h", "6 at 1h"));
    }

    #[test]
    fn what_a_run_does_not_have_fails() {
        let mut record = Writer::new().record();
        record.providers.remove(0);
        let verdict = read_text("sent(northmail) == 1 by 4h").expect("an expectation").check(&record);
        assert_eq!(
            (verdict.held, verdict.measured.as_str()),
            (Held::No, "this run has no provider `northmail`")
        );
        assert_eq!(verdict.wanted, "sent(northmail) == 1 from 4h on");
    }
}
