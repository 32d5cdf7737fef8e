//! The report for a CI system: JUnit XML, as the readers in use want it.
//!
//! A scenario is a test suite, an expectation or a law is a test case. What readers are known to stumble over is kept to:
//! counts everywhere (Bitbucket), no name twice (GitLab ignores the second), no dot in a class name but between folders
//! (Jenkins), the sentence in `message` and again in the body (Buildkite ignores one, GitHub actions the other), `failure`
//! for what was judged, `error` only for what came to no verdict, an interruption included. Times of single cases
//! do not exist: a scenario is run once and judged as a whole.

mod names;

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};
use record::{ExpectationVerdict, Held, LawVerdict, Timing};

use crate::command;
use crate::foreign::{clean, clean_lines};
use crate::ran::Ran;
use crate::silence::Silence;
use crate::suite::{Case, Defect, NotReached, Refused, Suite};
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
            Case::Refused(refused) => refused_suite(refused, &mut names),
            Case::Defect(defect) => defect_suite(defect, &mut names),
            Case::NotReached(missed) => missed_suite(missed, &mut names),
        });
    }
    // Writing XML into memory has nothing that could fail.
    report.to_string().expect("a report in memory can be written")
}

fn duration(timing: Timing) -> Duration {
    Duration::from_nanos(timing.wall)
}

fn ran_suite(ran: &Ran, names: &mut Names) -> TestSuite {
    let file = ran.place();
    let mut suite = TestSuite::new(names::suite_name(file));
    suite.set_time(duration(ran.timing));
    suite.add_property(Property::new("seed", ran.seed.to_string()));
    suite.add_property(Property::new("digest", wording::digest(ran.digest)));
    let mut add = |name: &str, line: u32, status| {
        suite.add_test_case(test_case(names, file, name, line, status));
    };
    for verdict in &ran.checked.expectations {
        add(&verdict.text, verdict.line, expectation_status(ran, file, verdict));
    }
    for verdict in &ran.checked.laws {
        add(&format!("law: {}", verdict.law), 1, law_status(ran, verdict));
    }
    if let Some(Silence { seen, probably, try_this }) = &ran.silence {
        suite.set_system_out(format!(
            "warning: nothing was sent: {seen}\nprobably: {probably}\ntry: {try_this}"
        ));
    }
    suite
}

fn refused_suite(refused: &Refused, names: &mut Names) -> TestSuite {
    // Rendered problems may come in colours: an `XmlString` has lost them.
    let problem = clean_lines(&XmlString::new(&refused.problem));
    let message = problem.lines().find(|line| !line.trim().is_empty()).unwrap_or("the scenario is not valid");
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("invalid").set_message(message).set_description(problem.trim_end());
    suite_of_one(names, &refused.file, "the scenario is valid", refused.line.unwrap_or(1), status)
}

fn defect_suite(defect: &Defect, names: &mut Names) -> TestSuite {
    let kind = wording::defect(defect.kind);
    let mut found = defect.found.lines();
    let blame = wording::blame(defect.kind);
    let sentence = format!("{kind}{blame}: {}", found.next().unwrap_or_default());
    let body: Vec<_> = found.map(str::to_owned).collect();
    let again = command::show_again(defect);
    let status = non_success(NonSuccessKind::Error, &kind.replace(' ', "_"), &sentence, &body, again);
    let mut suite = suite_of_one(names, &defect.file, VERDICT, 1, status);
    suite.add_property(Property::new("seed", defect.seed.to_string()));
    suite
}

fn missed_suite(missed: &NotReached, names: &mut Names) -> TestSuite {
    // Not `skipped`: a suite that was cut short is no success.
    let sentence = "the suite was interrupted before this scenario was finished";
    let status = non_success(NonSuccessKind::Error, "interrupted", sentence, &[], None);
    suite_of_one(names, &missed.file, VERDICT, 1, status)
}

/// The name of the only case where there is no verdict on anything in particular.
const VERDICT: &str = "the run comes to a verdict";

fn suite_of_one(names: &mut Names, file: &str, name: &str, line: u32, status: TestCaseStatus) -> TestSuite {
    let mut suite = TestSuite::new(names::suite_name(file));
    suite.add_test_case(test_case(names, file, name, line, status));
    suite
}

fn test_case(names: &mut Names, file: &str, name: &str, line: u32, status: TestCaseStatus) -> TestCase {
    let class = names::class_name(file);
    let mut case = TestCase::new(names.unique(&class, &clean(name)), status);
    case.set_classname(class);
    case.extra.insert("file".into(), clean(file).as_ref().into());
    case.extra.insert("line".into(), line.to_string().into());
    case
}

fn expectation_status(ran: &Ran, file: &str, verdict: &ExpectationVerdict) -> TestCaseStatus {
    if verdict.held == Held::Yes {
        return TestCaseStatus::success();
    }
    let sentence = format!("wanted {}, measured {}", verdict.wanted, verdict.measured);
    let mut body = vec![format!("{file}:{}:{}", verdict.line, verdict.column), verdict.text.clone()];
    body.extend(verdict.notes.iter().map(|note| format!("why: {note}")));
    if !verdict.contacts.is_empty() {
        body.push(format!("who: {}", verdict.contacts.join(", ")));
    }
    let look = verdict.contacts.first().and_then(|contact| command::explain(ran, contact));
    body.extend(look.map(|command| format!("look: {command}")));
    non_success(NonSuccessKind::Failure, "expectation", &sentence, &body, command::run_again(ran))
}

fn law_status(ran: &Ran, verdict: &LawVerdict) -> TestCaseStatus {
    let Some(first) = verdict.broken.first() else { return TestCaseStatus::success() };
    let sentence = format!("law {} is broken, a bug in Bouncelab: {}", verdict.law, first.what);
    let mut body = vec![verdict.about.clone()];
    body.extend(verdict.broken.iter().map(crate::terminal::violation));
    non_success(NonSuccessKind::Failure, "law", &sentence, &body, command::run_again(ran))
}

/// A status whose body begins with its message and ends with the command that repeats it.
fn non_success(
    kind: NonSuccessKind,
    category: &str,
    sentence: &str,
    body: &[String],
    again: Option<String>,
) -> TestCaseStatus {
    let sentence = clean(sentence).into_owned();
    let lines: Vec<_> = std::iter::once(sentence.clone())
        .chain(body.iter().map(|line| clean(line).into_owned()))
        .chain(again.map(|command| format!("again: {command}")))
        .collect();
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(category).set_message(sentence).set_description(lines.join("\n"));
    status
}
