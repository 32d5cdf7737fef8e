//! The pages about the library: an index by theme, and a table of everything that can be written with a scenario that uses it.

use std::fmt::Write as _;

use scenario::Definition;

use super::{Shipped, Use, definitions, shipped};

/// The index: a section for each theme, a row for each scenario.
pub(crate) fn index() -> String {
    let scenarios = shipped();
    let mut text = String::from("# Index\n");
    let mut theme = String::new();
    for scenario in &scenarios {
        if scenario.theme() != theme {
            theme = scenario.theme();
            let _ =
                write!(text, "\n## {theme}\n\n| Scenario | What it shows | Behaviours |\n|---|---|---|\n");
        }
        let behaviours: Vec<String> = scenario.behaviours().iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(
            text,
            "| [{}]({}) | {} | {} |",
            cell(&scenario.name),
            link(scenario),
            cell(&scenario.about),
            behaviours.join(", ")
        );
    }
    text
}

/// The feature table: a section for each behaviour and each part of the skeleton, a row for each of its keys.
pub(crate) fn features() -> String {
    let scenarios = shipped();
    let behaviours = fleet::definitions();
    let mut text = String::from("# Features\n");
    for definition in definitions() {
        let _ = write!(text, "\n## `{}`\n\n{}\n\n", definition.key, first_sentence(definition.about));
        text.push_str("| Key | Meaning | Shown by | Scenarios |\n|---|---|---|---:|\n");
        if behaviours.contains(&definition) {
            row(
                &mut text,
                "(itself)",
                definition.kind,
                Use { definition: definition.key, field: None },
                &scenarios,
            );
        }
        for field in definition.fields {
            let key = Use { definition: definition.key, field: Some(field.name) };
            row(&mut text, &format!("`{}`", field.name), first_sentence(field.about), key, &scenarios);
        }
    }
    text
}

/// What no shipped scenario uses.
pub(crate) fn unused() -> Vec<String> {
    let scenarios = shipped();
    let is_unused = |key: &Use| !scenarios.iter().any(|scenario| scenario.uses.contains(key));
    let told = |key: Use| match key.field {
        Some(field) => format!("no shipped scenario uses `{field}` of `{}`", key.definition),
        None => format!("no shipped scenario uses the behaviour `{}`", key.definition),
    };
    definitions().into_iter().flat_map(keys).filter(is_unused).map(told).collect()
}

/// The keys of a definition, and itself if it is a behaviour.
fn keys(definition: &'static Definition) -> Vec<Use> {
    let itself = fleet::definitions().contains(&definition).then_some(None);
    let fields = definition.fields.iter().map(|field| Some(field.name));
    itself.into_iter().chain(fields).map(|field| Use { definition: definition.key, field }).collect()
}

/// A row with the scenario that shows it best: of all that use it, the one that uses least else.
fn row(text: &mut String, key: &str, meaning: &str, wanted: Use, scenarios: &[Shipped]) {
    let users: Vec<&Shipped> = scenarios.iter().filter(|scenario| scenario.uses.contains(&wanted)).collect();
    let shown_by = match users.iter().min_by_key(|scenario| (scenario.uses.len(), &scenario.file)) {
        Some(best) => format!("[{}]({})", cell(&best.name), link(best)),
        None => "**none**".to_owned(),
    };
    let _ = writeln!(text, "| {key} | {} | {shown_by} | {} |", cell(meaning), users.len());
}

/// From the folder of pages to the file.
fn link(scenario: &Shipped) -> String {
    format!("../{}", scenario.file.display())
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first)
}
