//! The rules of a provider: behaviours under conditions.
//!
//! What conditions mean is the fleet's affair: here they are kept as they were written.

use super::{items, providers};
use crate::skeleton::RULE;
use crate::{Node, Place, Problem, Problems, Reader, Rule, Vocabulary, suggestion, value};

/// Reads a list of rules, which may have the behaviours of `vocabulary`.
pub(super) fn reader(vocabulary: &Vocabulary) -> impl Fn(&Node, &mut Problems) -> Option<Vec<Rule>> {
    move |node, problems| {
        let items = items(node, "rules", problems);
        Some(items.iter().filter_map(|item| rule(item, vocabulary, problems)).collect())
    }
}

fn rule(node: &Node, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<Rule> {
    let mut reader = Reader::new("a rule", RULE.fields, node, problems)?;
    let name = reader.optional("name", value::placed(value::text));
    let when = reader.node("when").cloned();
    let behaviours = providers::behaviours(&mut reader, vocabulary);
    let (before, place) = (reader.problems().len(), reader.place());
    reader.finish();
    // An unknown key was meant to be the behaviour, most likely.
    if behaviours.is_empty() && problems.len() == before {
        problems.push(changes_nothing("rule", place, vocabulary));
    }
    Some(Rule { name, when, behaviours })
}

/// The problem that there is no behaviour in a span or a rule.
pub(super) fn changes_nothing(what: &str, place: Place, vocabulary: &Vocabulary) -> Problem {
    Problem::at(place, format!("this {what} changes nothing"), "no behaviour is here").help(suggestion(
        "",
        &vocabulary.keys(),
        "the behaviours",
    ))
}
