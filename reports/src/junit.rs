//! The report for a CI system: JUnit XML, as the readers in use want it.
//!
//! A scenario is a test suite, an expectation or a law is a test case. What readers are known to stumble over is kept to:
//! counts everywhere (Bitbucket), no name twice (GitLab ignores the second), no dot in a class name but between folders
//! (Jenkins), the sentence in `message` and again in the body (Buildkite ignores one, GitHub actions the other), `failure`
//! for what was judged, `error` only for what came to no verdict, an interruption included. Times of single cases
//! do not exist: a scenario is run once and judged as a whole. GitLab links what `[[ATTACHMENT|path]]` names in the
//! `system-out` of a case, and only of one that failed.

mod names;

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use record::Timing;

use crate::finding::{Finding, Kind};
use crate::foreign::clean;
use crate::ran::Ran;
use crate::silence::Silence;
use crate::suite::{Case, Suite};
use crate::wording;
use names::Names;

/// The XML document.
pub fn render(suite: &Suite) -> String {
    let mut report = Report::new("bouncelab");
    report.set_time(duration(suite.timing));
    let mut names = Names::default();
    for case in &suite.cases {
        report.add_test_suite(match case {
            Case::Ran(ran) => ran_suite(ran, &mut names),
            Case::Refused(refused) => suite_of_one(&Finding::of_refused(refused), &mut names),
            Case::Defect(defect) => {
                let mut suite = suite_of_one(&Finding::of_defect(defect), &mut names);
                suite.add_property(Property::new("seed", defect.seed.to_string()));
                suite
            }
            Case::NotReached(missed) => suite_of_one(&Finding::of_missed(missed), &mut names),
        });
    }
    // Writing XML into memory has nothing that could fail.
    let text = report.to_string().expect("a report in memory can be written");
    // The schema knows no such count of the whole, and nothing of ours is ever skipped.
    text.replacen(" skipped=\"0\"", "", 1)
}

fn duration(timing: Timing) -> Duration {
    Duration::from_nanos(timing.wall)
}

fn ran_suite(ran: &Ran, names: &mut Names) -> TestSuite {
    let file = ran.place();
    let mut suite = TestSuite::new(names::suite_name(file));
    suite.set_time(duration(ran.timing));
    for (name, value) in properties(ran) {
        suite.add_property(Property::new(name, clean(&value).as_ref()));
    }
    let mut add = |name: &str, line: u32, finding: Option<Finding<'_>>| {
        let mut case = test_case(names, file, name, line, finding.as_ref());
        if let (Some(_), Some(page)) = (&finding, &ran.page) {
            case.set_system_out(format!("[[ATTACHMENT|{}]]", clean(page)));
        }
        suite.add_test_case(case);
    };
    for verdict in &ran.checked.expectations {
        add(&verdict.text, verdict.line, Finding::of_expectation(ran, verdict));
    }
    for verdict in &ran.checked.laws {
        add(&format!("law: {}", verdict.law), 1, Finding::of_law(ran, verdict));
    }
    if let Some(Silence { seen, probably, try_this }) = &ran.silence {
        suite.set_system_out(format!(
            "warning: nothing was sent: {seen}\nprobably: {probably}\ntry: {try_this}"
        ));
    }
    suite
}

/// What a reader may want to group or search by.
fn properties(ran: &Ran) -> Vec<(&'static str, String)> {
    let mut all = vec![("scenario", ran.name().to_owned()), ("seed", ran.seed.to_string())];
    all.push(("digest", wording::digest(ran.digest)));
    all.push(("contacts", ran.contacts.to_string()));
    all.push(("attempts", ran.attempts.to_string()));
    all.extend(ran.record_dir.iter().map(|folder| ("record", folder.clone())));
    all
}

/// Where there is no verdict on anything in particular.
fn suite_of_one(finding: &Finding<'_>, names: &mut Names) -> TestSuite {
    let mut suite = TestSuite::new(names::suite_name(finding.file));
    suite.add_test_case(test_case(names, finding.file, &finding.name, finding.line, Some(finding)));
    suite
}

fn test_case(
    names: &mut Names,
    file: &str,
    name: &str,
    line: u32,
    finding: Option<&Finding<'_>>,
) -> TestCase {
    let class = names::class_name(file);
    let status = finding.map_or_else(TestCaseStatus::success, non_success);
    let mut case = TestCase::new(names.unique(&class, &clean(name)), status);
    case.set_classname(class);
    case.extra.insert("file".into(), clean(file).as_ref().into());
    case.extra.insert("line".into(), line.to_string().into());
    case
}

/// A status whose body begins with its message, then says what to do next, and ends with the command that repeats it.
fn non_success(finding: &Finding<'_>) -> TestCaseStatus {
    let kind = match finding.kind {
        Kind::Expectation | Kind::Law => NonSuccessKind::Failure,
        Kind::Invalid | Kind::Defect(_) | Kind::Interrupted => NonSuccessKind::Error,
    };
    let sentence = clean(&finding.sentence).into_owned();
    let mut lines = vec![sentence.clone()];
    lines.extend(finding.look.iter().map(|command| format!("next: {command}")));
    lines.extend(body(finding));
    lines.extend(finding.again.iter().map(|command| format!("again: {command}")));
    let lines: Vec<_> = lines.iter().map(|line| clean(line)).collect();
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(finding.kind.word()).set_message(sentence).set_description(lines.join("\n"));
    status
}

/// What is known of it beside the sentence.
fn body(finding: &Finding<'_>) -> Vec<String> {
    match finding.kind {
        Kind::Expectation => {
            let mut body = vec![finding.place(), finding.name.clone().into_owned()];
            body.extend(finding.details.iter().map(|note| format!("why: {note}")));
            body.extend((!finding.who.is_empty()).then(|| format!("who: {}", finding.who.join(", "))));
            body
        }
        Kind::Law => {
            let mut body = vec![finding.wanted.to_owned()];
            body.extend(finding.details.iter().cloned());
            body
        }
        Kind::Invalid | Kind::Defect(_) | Kind::Interrupted => finding.details.clone(),
    }
}
