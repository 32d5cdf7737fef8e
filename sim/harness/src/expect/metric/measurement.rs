//! A metric as an author writes it: `METRIC[(FILTER{, FILTER})] OPERATOR QUANTITY`.

use std::fmt;

use record::Record;

use super::{Argument, Metric, Setup, all};
use crate::expect::Names;
use crate::expect::language::{Condition, Cursor, Fault, Filter, Filterable, Piece, When};
use crate::expect::scope::Scope;
use crate::expect::sentence::Sentence;
use crate::expect::watch::Measure;

/// A metric, of whom it is measured, and what is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    metric: &'static Metric,
    /// 0 if the metric has none.
    argument: u8,
    filter: Filter,
    condition: Condition,
}

impl Measurement {
    /// Reads one, and returns what stands after it.
    pub(crate) fn read<'a>(mut cursor: Cursor<'a>, names: &Names<'_>) -> Result<(Self, Piece<'a>), Fault> {
        let name = cursor.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let metric = named(if name.text.is_empty() { cursor.rest() } else { name })?;
        let (argument, filter) = parentheses(&mut cursor, name, metric, names)?;
        if let Some(needed) = metric.needs.filter(|needed| !filter.has(*needed)) {
            let message = format!("`{}` of which {}?", metric.name, needed.name());
            return Err(Fault::new(name, message, format!("expected a {} in parentheses", needed.name()))
                .help(format!("as in `{}`", metric.example)));
        }
        let (condition, rest) = Condition::read(cursor, name, metric.comparables, &When::WORDS)?;
        Ok((Self { metric, argument, filter, condition }, rest))
    }

    /// How to follow it over a record; an error says what the record does not have.
    pub(crate) fn measure(&self, record: &Record) -> Result<Measure, String> {
        let scope = Scope::resolve(&self.filter, record)?;
        let setup = Setup { record, scope, condition: self.condition, argument: self.argument };
        Ok((self.metric.follow)(setup))
    }
}

impl PartialEq for Measurement {
    fn eq(&self, other: &Self) -> bool {
        let Self { metric, argument, filter, condition } = self;
        metric.name == other.metric.name
            && *argument == other.argument
            && *filter == other.filter
            && *condition == other.condition
    }
}

impl Eq for Measurement {}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let argument = match self.metric.argument {
            Argument::None => None,
            Argument::Attempt => Some(self.argument.to_string()),
        };
        let filter = Some(self.filter.to_string()).filter(|_| !self.filter.is_empty());
        let inside: Vec<String> = argument.into_iter().chain(filter).collect();
        f.write_str(self.metric.name)?;
        if !inside.is_empty() {
            write!(f, "({})", inside.join(", "))?;
        }
        write!(f, " {}", self.condition)
    }
}

fn named(word: Piece<'_>) -> Result<&'static Metric, Fault> {
    all().find(|metric| metric.name == word.text).ok_or_else(|| {
        let known: Vec<&str> = all().map(|metric| metric.name).chain([Sentence::WORD]).collect();
        Fault::unknown(word, "metric", &known)
    })
}

/// Reads what stands in parentheses, if there are any.
fn parentheses(
    cursor: &mut Cursor<'_>,
    name: Piece<'_>,
    metric: &Metric,
    names: &Names<'_>,
) -> Result<(u8, Filter), Fault> {
    let (mut argument, mut filter) = (None, Filter::default());
    let mut open = cursor.eat("(");
    while let Some(parenthesis) = open {
        let word = cursor.name(|c| c != ',' && c != ')').ok_or_else(|| unclosed(parenthesis, "\""))?;
        if cursor.eat(")").is_some() {
            open = None;
        } else {
            cursor.eat(",").ok_or_else(|| unclosed(parenthesis, "("))?;
        }
        match metric.argument {
            Argument::Attempt if argument.is_none() => argument = Some(attempt(word, metric)?),
            Argument::None | Argument::Attempt => add(&mut filter, word, metric, names)?,
        }
    }
    match (metric.argument, argument) {
        (Argument::Attempt, None) => Err(missing_attempt(name, metric)),
        (Argument::None | Argument::Attempt, argument) => Ok((argument.unwrap_or(0), filter)),
    }
}

fn add(filter: &mut Filter, word: Piece<'_>, metric: &Metric, names: &Names<'_>) -> Result<(), Fault> {
    let filterable = Filterable { name: metric.name, kinds: metric.filters };
    if word.text.is_empty() {
        let repair = format!("{}; for everybody, leave the parentheses out", filterable.takes());
        return Err(Fault::new(word, "missing filter", "expected a name after this").help(repair));
    }
    filter.add(word, filterable, names)
}

fn attempt(word: Piece<'_>, metric: &Metric) -> Result<u8, Fault> {
    let number = word.text.parse().ok().filter(|number| (1..u8::MAX).contains(number));
    number.ok_or_else(|| missing_attempt(word, metric))
}

fn missing_attempt(place: Piece<'_>, metric: &Metric) -> Fault {
    let message = format!("`{}` after which attempt?", metric.name);
    Fault::new(place, message, "expected the number of an attempt")
        .help(format!("write it first in the parentheses, as in `{}`", metric.example))
}

fn unclosed(open: Piece<'_>, what: &str) -> Fault {
    Fault::new(open, format!("`{what}` is never closed"), "from here on")
        .help("write filters as in `delivered(northmail, spring-sale)`")
}
