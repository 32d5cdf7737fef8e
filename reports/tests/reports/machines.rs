//! The reports for machines: JUnit XML and JSON.

use std::collections::BTreeSet;

use quick_junit::Report;
use reports::{Case, Refused, Suite, json, junit};
use serde_json::Value;

use crate::golden::check;
use crate::sample::{SOURCE, defects, held, not_reached, ran, record, refused, silent, suite, unlawful};

/// A suite with everything that can become of a scenario.
pub(crate) fn everything() -> Suite {
    let ran = [ran(&record()).quoting(SOURCE), ran(&held("x", 1)), ran(&unlawful()), ran(&silent())]
        .map(Case::from);
    suite(ran.into_iter().chain([refused()]).chain(defects()).chain([not_reached()]))
}

#[test]
fn the_xml_is_as_its_readers_want_it() {
    check("suite.xml", &junit::render(&everything()));
}

#[test]
fn the_xml_can_be_read_and_its_counts_are_right() {
    let report = Report::deserialize_from_str(&junit::render(&everything())).unwrap();
    assert_eq!((report.tests, report.failures, report.errors, report.skipped), (29, 2, 5, 0));
    let cases: Vec<_> = report.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    assert_eq!(cases.len(), report.tests);
    let names: BTreeSet<_> = cases.iter().map(|case| (&case.classname, &case.name)).collect();
    assert_eq!(names.len(), cases.len(), "a name occurs twice");
    for suite in &report.test_suites {
        assert_eq!(suite.tests, suite.test_cases.len());
    }
}

#[test]
fn a_scenario_without_expectations_still_has_its_laws() {
    let mut record = record();
    record.checked.expectations.clear();
    let report = Report::deserialize_from_str(&junit::render(&suite([ran(&record)]))).unwrap();
    let names: Vec<_> = report.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["law: conservation", "law: two-accounts"]);
}

#[test]
fn what_failed_links_to_its_page() {
    let page = |record| ran(record).shown_on("out/heals/report.html".into());
    let xml = junit::render(&suite([page(&record()), page(&held("x", 1))]));
    assert_eq!(xml.matches("[[ATTACHMENT|out/heals/report.html]]</system-out>").count(), 1, "{xml}");
}

#[test]
fn colours_of_a_problem_do_not_reach_the_xml() {
    let problem = "\u{1b}[1;31merror\u{1b}[0m: unknown key ]]> \u{202e}".into();
    let refused = Refused { file: "scenarios/greylist.yaml".into(), line: Some(6), problem };
    let xml = junit::render(&suite([Case::Refused(refused)]));
    assert!(xml.contains("message=\"error: unknown key ]]&gt; \u{fffd}\""), "{xml}");
}

#[test]
fn the_json_says_it_all_in_one_document() {
    check("suite.json", &json::render(&everything()));
}

#[test]
fn every_field_of_the_json_is_documented() {
    const DOCUMENT: &str = include_str!("../../../docs/record-format.md");
    let summary = json::render(&everything());
    let keys = summary.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"));
    let undocumented: Vec<_> =
        keys.map(|(key, _)| key).filter(|key| !DOCUMENT.contains(&format!("`{key}`"))).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn every_standing_is_documented() {
    const DOCUMENT: &str = include_str!("../../../docs/record-format.md");
    let document: Value = serde_json::from_str(&json::render(&everything())).unwrap();
    for scenario in document["scenarios"].as_array().unwrap() {
        let standing = scenario["standing"].as_str().unwrap();
        assert!(DOCUMENT.contains(&format!("`{standing}`")), "{standing}");
    }
}

#[test]
fn the_counters_of_the_providers_add_up_to_those_of_the_mailings() {
    let record = record();
    let document: Value = serde_json::from_str(&json::render(&suite([ran(&record)]))).unwrap();
    let run = &document["scenarios"][0]["run"];
    let sum = |table: &str, counter: &str| -> u64 {
        run[table].as_array().unwrap().iter().map(|row| row["counters"][counter].as_u64().unwrap()).sum()
    };
    for counter in ["selected", "excluded", "sent", "delivered", "soft_bounced", "hard_bounced", "cancelled"]
    {
        assert_eq!(sum("providers", counter), sum("mailings", counter), "{counter}");
    }
}
