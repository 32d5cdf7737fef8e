//! The last line: all that matters if one reads nothing else.

use crate::look::{Ink, Look};
use crate::page::Page;
use crate::suite::{Standing, Suite};
use crate::wording::{counted, plural, wall};

/// The total of a suite, with its line end: `30 scenarios held, ...`, or what did not hold. One line, unless it has too
/// much to say for the width.
pub fn total(suite: &Suite<'_>, look: Look) -> String {
    let mut page = Page::new(look);
    let findings = findings(suite);
    let (ink, text) = match (findings.is_empty(), warning(suite)) {
        (true, None) => (Ink::Good, held(suite)),
        (true, Some(warning)) => (Ink::Caution, format!("{}; {warning}", held(suite))),
        (false, warning) => (Ink::Bad, findings.into_iter().chain(warning).collect::<Vec<_>>().join("; ")),
    };
    page.wrapped(&[], ink, &text);
    page.into_text()
}

fn held(suite: &Suite<'_>) -> String {
    let scenarios = suite.cases.len() as u64;
    let expectations: usize = suite.ran().map(|ran| ran.expectations()).sum();
    let contacts: usize = suite.ran().map(|ran| ran.record.contacts.len()).sum();
    format!(
        "{} held, {}, {} in {}",
        counted(scenarios, "scenario"),
        counted(expectations as u64, "expectation"),
        counted(contacts as u64, "contact"),
        wall(suite.timing)
    )
}

/// The gravest first; empty if all held.
fn findings(suite: &Suite<'_>) -> Vec<String> {
    let broken: usize = suite.ran().map(|ran| ran.broken_laws().count()).sum();
    let in_scenarios = |count| format!("in {count} of {}", counted(suite.cases.len() as u64, "scenario"));
    let mut findings = Vec::new();
    if broken > 0 {
        let scenarios = in_scenarios(suite.count(Standing::Unlawful));
        findings.push(format!("broken: {}, {scenarios}, a bug in Bouncelab", counted(broken as u64, "law")));
    }
    let refused = suite.count(Standing::Refused);
    if refused > 0 {
        findings.push(format!("not run: {refused} of {}", counted(suite.cases.len() as u64, "scenario")));
    }
    let failed: usize = suite.ran().map(|ran| ran.expectations_failed()).sum();
    if failed > 0 {
        let all: usize = suite.ran().map(|ran| ran.expectations()).sum();
        let scenarios = in_scenarios(suite.ran().filter(|ran| ran.expectations_failed() > 0).count());
        findings.push(format!("failed: {failed} of {}, {scenarios}", counted(all as u64, "expectation")));
    }
    findings
}

fn warning(suite: &Suite<'_>) -> Option<String> {
    let silent = suite.count(Standing::Silent) as u64;
    (silent > 0).then(|| format!("nothing was sent in {silent} {}", plural(silent, "scenario")))
}
