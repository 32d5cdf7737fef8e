//! The reports for machines: JUnit XML and JSON.

use std::collections::BTreeSet;

use quick_junit::Report;
use reports::{Case, Suite, json, junit};
use serde_json::Value;

use crate::golden::check;
use crate::sample::{INVALID, SOURCE, held, ran, record, silent, suite, unlawful};

fn check_all(look_at: impl Fn(&Suite<'_>)) {
    let (failed, good, unlawful, silent) = (record(), held("x", 1), unlawful(), silent());
    let mut suite =
        suite([ran(&failed, Some(SOURCE)), ran(&good, None), ran(&unlawful, None), ran(&silent, None)]);
    suite.cases.push(Case::Refused(INVALID));
    look_at(&suite);
}

#[test]
fn the_xml_is_as_its_readers_want_it() {
    check_all(|suite| check("suite.xml", &junit::render(suite)));
}

#[test]
fn the_xml_can_be_read_and_its_counts_are_right() {
    check_all(|suite| {
        let report = Report::deserialize_from_str(&junit::render(suite)).unwrap();
        assert_eq!((report.tests, report.failures, report.errors, report.skipped), (25, 2, 1, 0));
        let cases: Vec<_> = report.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
        assert_eq!(cases.len(), report.tests);
        let names: BTreeSet<_> = cases.iter().map(|case| (&case.classname, &case.name)).collect();
        assert_eq!(names.len(), cases.len(), "a name occurs twice");
        for suite in &report.test_suites {
            assert_eq!(suite.tests, suite.test_cases.len());
        }
    });
}

#[test]
fn a_scenario_without_expectations_still_has_its_laws() {
    let mut record = record();
    record.checked.expectations.clear();
    let report = Report::deserialize_from_str(&junit::render(&suite([ran(&record, None)]))).unwrap();
    let names: Vec<_> = report.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["law: conservation", "law: accounts"]);
}

#[test]
fn colours_of_a_problem_do_not_reach_the_xml() {
    let mut invalid = INVALID;
    invalid.problem = "\u{1b}[1;31merror\u{1b}[0m: unknown key ]]> \u{202e}";
    let suite = Suite { cases: vec![Case::Refused(invalid)], ..Suite::default() };
    let xml = junit::render(&suite);
    assert!(xml.contains("message=\"error: unknown key ]]&gt; \u{fffd}\""), "{xml}");
}

#[test]
fn the_json_says_it_all_in_one_document() {
    check_all(|suite| check("suite.json", &json::render(suite)));
}

#[test]
fn every_field_of_the_json_is_documented() {
    const DOCUMENT: &str = include_str!("../../../docs/record-format.md");
    check_all(|suite| {
        let summary = json::render(suite);
        let keys = summary.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"));
        let undocumented: Vec<_> =
            keys.map(|(key, _)| key).filter(|key| !DOCUMENT.contains(&format!("`{key}`"))).collect();
        assert!(undocumented.is_empty(), "{undocumented:?}");
    });
}

#[test]
fn the_counters_of_the_providers_add_up_to_those_of_the_mailings() {
    let record = record();
    let document: Value = serde_json::from_str(&json::render(&suite([ran(&record, None)]))).unwrap();
    let run = &document["scenarios"][0]["run"];
    let sum = |table: &str, counter: &str| -> u64 {
        run[table].as_array().unwrap().iter().map(|row| row["counters"][counter].as_u64().unwrap()).sum()
    };
    for counter in ["selected", "excluded", "sent", "delivered", "soft_bounced", "hard_bounced", "cancelled"]
    {
        assert_eq!(sum("providers", counter), sum("mailings", counter), "{counter}");
    }
}
