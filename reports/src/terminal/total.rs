//! The last line: all that matters if one reads nothing else.

use crate::look::{Ink, Look};
use crate::page::Page;
use crate::ran::Ran;
use crate::suite::{Case, Standing, Suite};
use crate::wording::{self, counted, plural, wall};

/// The total of a suite, with its line end: `30 scenarios held, ...`, or what did not hold. One line, unless it has too
/// much to say for the width.
pub fn total(suite: &Suite, look: Look) -> String {
    let (findings, warnings) = (findings(suite), warnings(suite));
    let ink = match (findings.is_empty(), warnings.is_empty()) {
        (true, true) => Ink::Good,
        (true, false) => Ink::Caution,
        (false, _) => Ink::Bad,
    };
    let mut page = Page::new(look);
    page.wrapped(&[], ink, &total_words(suite));
    page.into_text()
}

/// The same on one line, however long, and without a line end.
pub(crate) fn total_words(suite: &Suite) -> String {
    let findings = findings(suite);
    let held = findings.is_empty().then(|| held(suite)).flatten();
    findings.into_iter().chain(held).chain(warnings(suite)).collect::<Vec<_>>().join("; ")
}

/// Scenarios that were finished, one way or the other.
fn finished(suite: &Suite) -> u64 {
    suite.cases.len() as u64 - suite.count(Standing::NotReached)
}

/// `None` if the suite was interrupted before anything was finished.
fn held(suite: &Suite) -> Option<String> {
    let finished = finished(suite);
    let text = format!(
        "{} held, {}, {} in {}",
        counted(finished, "scenario"),
        counted(suite.ran().map(Ran::expectations).sum(), "expectation"),
        counted(suite.ran().map(|ran| ran.contacts).sum(), "contact"),
        wall(suite.timing)
    );
    (finished > 0 || suite.cases.is_empty()).then_some(text)
}

/// A bug of ours, if one of the scenarios without a verdict shows one.
fn blame(suite: &Suite) -> &'static str {
    let blames = suite.cases.iter().filter_map(|case| match case {
        Case::Defect(defect) => Some(wording::blame(defect.kind)),
        Case::Ran(_) | Case::Refused(_) | Case::NotReached(_) => None,
    });
    blames.max().unwrap_or_default()
}

/// The gravest first; empty if all that was finished held.
fn findings(suite: &Suite) -> Vec<String> {
    let all = || counted(finished(suite), "scenario");
    let mut findings = Vec::new();
    let broken: u64 = suite.ran().map(|ran| ran.broken_laws().count() as u64).sum();
    if broken > 0 {
        let (laws, scenarios) = (counted(broken, "law"), suite.count(Standing::Unlawful));
        findings.push(format!("broken: {laws}, in {scenarios} of {}, a bug in Bouncelab", all()));
    }
    let defects = suite.defects();
    if defects > 0 {
        findings.push(format!("no verdict: {defects} of {}{}", all(), blame(suite)));
    }
    let refused = suite.count(Standing::Refused);
    if refused > 0 {
        findings.push(format!("not run: {refused} of {}", all()));
    }
    let failed: u64 = suite.ran().map(Ran::expectations_failed).sum();
    if failed > 0 {
        let expectations = counted(suite.ran().map(Ran::expectations).sum(), "expectation");
        let scenarios = suite.ran().filter(|ran| ran.expectations_failed() > 0).count();
        findings.push(format!("failed: {failed} of {expectations}, in {scenarios} of {}", all()));
    }
    findings
}

fn warnings(suite: &Suite) -> Vec<String> {
    let silent = suite.count(Standing::Silent);
    let silent = (silent > 0).then(|| format!("nothing was sent in {silent} {}", plural(silent, "scenario")));
    let interrupted = (suite.count(Standing::NotReached) > 0).then(|| {
        let (all, done) = (suite.cases.len() as u64, finished(suite));
        let were = if all == 1 { "was" } else { "were" };
        format!("interrupted: {done} of {} {were} finished", counted(all, "scenario"))
    });
    silent.into_iter().chain(interrupted).collect()
}
