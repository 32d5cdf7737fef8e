//! What is defined is used by a shipped scenario, shown on a page, and lives where it is looked for.

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::Trial;
use scenario::{Habits, Scenario, Source};

use crate::command::bouncelab;
use crate::docs::markdown::section;
use crate::tidy::listed;
use crate::{files, library, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("coverage", "every key is used", every_key_is_used),
        trial("coverage", "every scenario says what it shows", every_scenario_says_what_it_shows),
        trial("coverage", "no two scenarios have one name", no_two_scenarios_have_one_name),
        trial("coverage", "every metric is used", every_metric_is_used),
        trial("coverage", "every profile is used", every_profile_is_used),
        trial("coverage", "every habit is used", every_habit_is_used),
        trial("coverage", "the library has every profile", the_library_has_every_profile),
        trial("coverage", "scenarios are yaml", scenarios_are_yaml),
    ]
}

/// Behaviours, their keys, and the keys of everything else that can be written.
fn every_key_is_used() -> Result<(), String> {
    listed(&library::pages::unused())
}

fn every_scenario_says_what_it_shows() -> Result<(), String> {
    let silent = library::shipped().into_iter().filter(|scenario| scenario.about.is_empty());
    listed(&silent.map(|scenario| format!("{} has no `about`", scenario.file.display())).collect::<Vec<_>>())
}

fn no_two_scenarios_have_one_name() -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let again = library::shipped().into_iter().filter(|scenario| !seen.insert(scenario.name.clone()));
    listed(
        &again.map(|scenario| format!("{}: its name is taken", scenario.file.display())).collect::<Vec<_>>(),
    )
}

fn every_profile_is_used() -> Result<(), String> {
    let names = fleet::profile::library().names();
    unused(
        names.iter().copied(),
        &used(|scenario| scenario.providers.iter().map(|provider| provider.like.value.clone()).collect()),
    )
}

/// Whoever has habits is mailed with them.
fn every_habit_is_used() -> Result<(), String> {
    let with_habits = fleet::library().profiles().filter(|profile| !profile.habits.is_empty());
    let turned_on = |scenario: &Scenario| {
        let providers = scenario.providers.iter().filter(|one| one.habits.value == Habits::AsPublished);
        providers.map(|provider| provider.like.value.clone()).collect()
    };
    unused(with_habits.map(|profile| profile.name.as_str()), &used(turned_on))
}

/// A metric is what an expectation begins with; the page of expectations has a heading for each.
fn every_metric_is_used() -> Result<(), String> {
    let page = section(&bouncelab(["reference", "expectations"]).out, "## Metrics");
    let metrics: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    if metrics.is_empty() {
        return Err("the page of expectations has no metrics".to_owned());
    }
    unused(metrics, &used(|scenario| scenario.expect.iter().map(|text| first_word(&text.value)).collect()))
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn the_library_has_every_profile() -> Result<(), String> {
    let known: BTreeSet<String> = fleet::profile::library().names().into_iter().map(str::to_owned).collect();
    let files: BTreeSet<String> = files::profiles()
        .iter()
        .map(|file| file.file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    listed(&known.symmetric_difference(&files).cloned().collect::<Vec<_>>())
}

/// Another suffix, and a scenario would silently not be run.
fn scenarios_are_yaml() -> Result<(), String> {
    let all = files::below("scenarios", &[]);
    listed(
        &all.iter()
            .filter(|file| !files::has_suffix(file, "yaml"))
            .map(|file| file.display().to_string())
            .collect::<Vec<_>>(),
    )
}

/// What `part` finds in the shipped scenarios.
fn used(part: fn(&Scenario) -> Vec<String>) -> BTreeSet<String> {
    files::scenarios().iter().map(|file| read(file)).flat_map(|scenario| part(&scenario)).collect()
}

fn read(file: &Path) -> Scenario {
    let source = Source::read(file).unwrap_or_else(|problem| panic!("{}", problem.message));
    scenario::load(&source, &harness::vocabulary())
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", file.display()))
}

fn unused<'a>(defined: impl IntoIterator<Item = &'a str>, used: &BTreeSet<String>) -> Result<(), String> {
    let unused = defined.into_iter().filter(|name| !used.contains(*name));
    listed(&unused.map(|name| format!("no shipped scenario uses `{name}`")).collect::<Vec<_>>())
}
