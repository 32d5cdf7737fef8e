//! What a provider is known to do, beyond its words: habits, which a scenario may turn on.
//!
//! They are written as scenarios write behaviours and read by the same code, so that a habit is nothing that an author could not
//! write. A file of its own, because a profile is about words, and habits belong to it only because they have the same sources.

use std::collections::BTreeSet;

use scenario::field::{optional, required};
use scenario::{Behaviour, Field, Node, Place, Problem, Problems, Reader, Source, value};

use super::Provenance;
use crate::behaviour::{definitions, read_behaviour};

/// Something that a provider is known to do.
#[derive(Debug, Clone)]
pub struct Habit {
    /// The behaviour, which can be read.
    pub behaviour: Behaviour,
    /// How it is written.
    pub text: String,
    /// What kind of source it is known from.
    pub provenance: Provenance,
    /// The source.
    pub source: String,
    /// What else is worth knowing; may be empty.
    pub note: String,
}

impl Habit {
    /// The key of its behaviour (`greylist`).
    pub fn key(&self) -> &str {
        &self.behaviour.key.value
    }
}

const FIELDS: &[Field] = &[
    required("provenance", "official, rule-set or observed-report", "What kind of source it is known from."),
    required("source", "text", "The source."),
    optional("note", "text", "What else is worth knowing."),
];

/// Reads a list of habits; no two are of the same key, because a provider does each thing in one way.
pub(super) fn habits<'a>(source: &'a Source) -> impl Fn(&Node, &mut Problems) -> Option<Vec<Habit>> + 'a {
    move |node, problems| {
        let read = |node: &Node, problems: &mut Problems| habit(node, source, problems);
        let habits = value::list(value::placed(read))(node, problems)?;
        let mut seen = BTreeSet::new();
        for habit in &habits {
            let key = habit.value.key();
            if !seen.insert(key.to_owned()) {
                let message = format!("there is a habit `{key}` already");
                problems.push(Problem::at(habit.place, message, "").help("put both into one"));
            }
        }
        Some(habits.into_iter().map(|habit| habit.value).collect())
    }
}

fn habit(node: &Node, source: &Source, problems: &mut Problems) -> Option<Habit> {
    let mut reader = Reader::new("a habit", FIELDS, node, problems)?;
    let place = reader.place();
    let provenance = reader.required("provenance", value::one_of(Provenance::NAMES));
    let from = reader.required("source", value::text);
    let note = reader.optional("note", value::text).unwrap_or_default();
    let keys: Vec<&str> = definitions().iter().map(|definition| definition.key).collect();
    let behaviours: Vec<Behaviour> = reader
        .others(&keys)
        .into_iter()
        .map(|(key, settings)| Behaviour { key: key.clone(), settings: settings.clone() })
        .collect();
    reader.finish();
    let [behaviour] = behaviours.as_slice() else {
        let found = format!("a habit has one behaviour, and this has {}", behaviours.len());
        problems
            .push(Problem::at(place, found, "").help("write each as an entry of its own, with its source"));
        return None;
    };
    read_behaviour(behaviour, problems)?;
    let whole = Place { start: behaviour.key.place.start, end: behaviour.settings.place.end };
    let text = source.slice(whole).to_owned();
    Some(Habit { behaviour: behaviour.clone(), text, provenance: provenance?, source: from?, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Habit>, Vec<String>> {
        let source = Source::new("habits.yaml", text);
        let node = scenario::tree(&source).expect(text);
        let mut problems = Problems::new();
        let habits = habits(&source)(&node, &mut problems);
        match habits {
            Some(habits) if problems.is_empty() => Ok(habits),
            _ => Err(problems.into_sorted().into_iter().map(|problem| problem.message).collect()),
        }
    }

    const FROM: &str = "provenance: official, source: 'https://bigbox.example/'";

    #[test]
    fn a_habit_is_a_behaviour_with_a_source() {
        let habits =
            read(&format!("- {{ greylist: {{ wait: 1m }}, {FROM}, note: so it is }}\n")).expect("a habit");
        assert_eq!((habits[0].key(), habits[0].text.as_str()), ("greylist", "greylist: { wait: 1m }"));
        assert_eq!((habits[0].provenance, habits[0].note.as_str()), (Provenance::Official, "so it is"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let refuse = |text: &str, message: &str| {
            let problems = read(text).expect_err(text);
            assert!(problems.iter().any(|problem| problem.contains(message)), "{message}: {problems:?}");
        };
        refuse(&format!("- {{ {FROM} }}"), "a habit has one behaviour, and this has 0");
        refuse(&format!("- {{ greylist: {{}}, latency: 1s, {FROM} }}"), "and this has 2");
        refuse("- { greylist: {}, provenance: official }", "needs `source`");
        refuse(&format!("- {{ greylist: {{ wait: 3d }}, {FROM} }}"), "nobody could pass");
        let twice = format!("- {{ greylist: {{}}, {FROM} }}\n- {{ greylist: {{ wait: 1m }}, {FROM} }}\n");
        refuse(&twice, "there is a habit `greylist` already");
    }
}
