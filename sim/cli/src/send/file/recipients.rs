//! Whom a mailing goes to: a list in the file, or a CSV file beside it.

use std::path::Path;

use compose::{FieldError, FieldNames, Fields, Template, address_utf8};
use scenario::{Kind, Node, Place, Problem, Problems, Source, value};
use smtp::Address;

use super::{no_address, people};

/// Most problems that are told about the fields of recipients.
const PROBLEMS: usize = 20;

/// A line of the list.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) address: Address,
    pub(crate) fields: Fields,
}

/// All lines of the list, and the fields that they have.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) names: FieldNames,
    pub(super) all: Vec<Person>,
    pub(super) origin: Origin,
}

/// Where the lines stand, to be pointed at.
#[derive(Debug)]
pub(super) enum Origin {
    /// In the mailing file, each at its place.
    Listed(Vec<Place>),
    /// In a CSV file that is named here; each with the number of its line.
    File { named: Place, file: String, lines: Vec<u64> },
}

impl Default for Origin {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// Reads a list, or the CSV file that is named.
pub(super) fn reader<'a>(
    source: &'a Source,
    folder: &'a Path,
) -> impl FnOnce(&Node, &mut Problems) -> Option<People> + 'a {
    move |node, problems| match &node.kind {
        Kind::List(items) if items.is_empty() => {
            problems.push(
                Problem::at(node.place, "there are no recipients", "nothing here")
                    .help("add one, as in `- ann@bigbox.test`"),
            );
            None
        }
        Kind::List(items) => listed(source, items, problems),
        Kind::Scalar { .. } => people::read(&value::text(node, problems)?, folder, node.place, problems),
        Kind::Map(_) => {
            let help = "begin each recipient on a line of its own, with `- `, or name a CSV file";
            problems.push(value::unexpected(node, "a list of recipients", help));
            None
        }
    }
}

/// Reads the lines of a list: addresses, or maps with an address and fields.
fn listed(source: &Source, items: &[Node], problems: &mut Problems) -> Option<People> {
    let before = problems.len();
    let names = names(source, items, problems);
    let person = |item: &Node, problems: &mut Problems| match &item.kind {
        Kind::Map(_) => from_map(item, &names, problems),
        Kind::Scalar { .. } | Kind::List(_) => from_map_or_text(item, problems),
    };
    let all: Vec<Person> = items.iter().filter_map(|item| person(item, problems)).collect();
    let places = items.iter().map(|item| item.place).collect();
    (problems.len() == before).then_some(People { names, all, origin: Origin::Listed(places) })
}

/// The fields of all maps, in the order in which they come up.
fn names(source: &Source, items: &[Node], problems: &mut Problems) -> FieldNames {
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let Kind::Map(entries) = &item.kind else { continue };
        for (key, _) in entries {
            if key.value == "address" || names.contains(&key.value.as_str()) {
                continue;
            }
            match FieldNames::new([key.value.as_str()]) {
                Ok(_) => names.push(&key.value),
                Err(error) => problems.push(
                    Problem::at(key.place, error.to_string(), "not a field")
                        .help(format!("rename `{}`", source.slice(key.place))),
                ),
            }
        }
    }
    FieldNames::new(names).expect("each name was looked at, and is there once")
}

fn from_map(item: &Node, names: &FieldNames, problems: &mut Problems) -> Option<Person> {
    let Some(node) = item.get("address") else {
        problems.push(
            Problem::at(item.place, "a recipient needs `address`", "`address` is missing")
                .help("add `address: <address>`"),
        );
        return None;
    };
    let text = value::text(node, problems)?;
    let address = address_utf8(&text).map_err(|error| problems.push(no_address(node, &text, error))).ok()?;
    let values = names.iter().map(|name| match item.get(name) {
        Some(node) => node.text().ok_or(node),
        None => Ok(""),
    });
    match values.collect::<Result<Vec<&str>, &Node>>() {
        Ok(values) => {
            let tell = |error: FieldError| {
                problems.push(Problem::at(item.place, error.to_string(), "too long"));
            };
            Some(Person { address, fields: Fields::new(values).map_err(tell).ok()? })
        }
        Err(node) => {
            problems.push(value::unexpected(node, "a text", "a field is a single value"));
            None
        }
    }
}

fn from_map_or_text(item: &Node, problems: &mut Problems) -> Option<Person> {
    let text = value::text(item, problems)?;
    match address_utf8(&text) {
        Ok(address) => Some(Person { address, fields: Fields::default() }),
        Err(error) => {
            problems.push(no_address(item, &text, error));
            None
        }
    }
}

impl People {
    /// Reports who lacks a field that the template has no default for.
    pub(super) fn check(&self, template: &Template, problems: &mut Problems) {
        let lacking = self.all.iter().enumerate().filter_map(|(at, person)| {
            let missing = template.missing(&person.fields);
            missing.first().map(|name| self.lacks(at, person, name))
        });
        problems.extend(lacking.take(PROBLEMS).collect::<Vec<_>>());
    }

    fn lacks(&self, at: usize, person: &Person, name: &str) -> Problem {
        let message = format!("{} has no `{name}`", person.address);
        let help = format!("add it, or say in the text what to write instead: `{{{{{name}|friend}}}}`");
        match &self.origin {
            Origin::Listed(places) => Problem::at(places[at], message, "the text needs it").help(help),
            Origin::File { named, file, lines } => {
                let message = format!("`{file}`, line {}: {message}", lines[at]);
                Problem::at(*named, message, "the text needs it").help(help)
            }
        }
    }
}
