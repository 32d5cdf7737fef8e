//! What runs have left behind: reports made again, shards joined, runs compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bouncelab::Exit;

use crate::place::{Place, scenario};

/// Every kind that this build writes.
const ALL: &str = "html,junit,json,md,csv";

/// A place with a run of two scenarios, of which one fails, and one that was not run.
fn place(name: &str) -> Place {
    let place = Place::new(name);
    place.write("all/a.yaml", &scenario("One", 3));
    place.write("all/b.yaml", &scenario("Two", 4));
    let said = place.bouncelab(&["run", "@all", "--out", "@out", "--report", ALL]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Failed, ""));
    place
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

fn is_report(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap();
    name.starts_with("report.") || ["junit.xml", "metrics.csv"].contains(&name)
}

#[test]
fn reports_made_again_have_the_same_bytes() {
    let place = place("reports_made_again");
    let before = files(&place.path("out"));
    let reports: Vec<_> = before.keys().filter(|name| is_report(name)).collect();
    for report in &reports {
        fs::remove_file(place.path("out").join(report)).unwrap();
    }
    assert!(reports.len() >= 4, "{reports:?}");
    let said = place.bouncelab(&["report", "@out", "--report", ALL]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    assert!(said.out.starts_with("failed: 1 of 2 expectations"), "{}", said.out);
    assert_eq!(said_differs(&before, &files(&place.path("out"))), Vec::<String>::new());
}

/// The names of the files that differ.
fn said_differs(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[test]
fn reports_go_elsewhere_and_change_nothing() {
    let place = place("reports_go_elsewhere");
    let before = files(&place.path("out"));
    let said = place.bouncelab(&["report", "@out", "--report", "junit", "--out", "@elsewhere/"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    assert_eq!(files(&place.path("out")), before);
    assert_eq!(files(&place.path("elsewhere")).keys().collect::<Vec<_>>(), ["junit.xml"]);
}

#[test]
fn a_record_alone_is_enough() {
    let place = place("a_record_alone_is_enough");
    fs::remove_file(place.path("out/suite.json")).unwrap();
    let said = place.bouncelab(&["report", "@out", "--report", "json"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    assert!(place.read("out/report.json").contains("\"scenarios\": 2,"));
    let nothing = place.bouncelab(&["report", "@all"]);
    assert_eq!(nothing.exit, Exit::NothingMatched);
    assert!(nothing.err.starts_with("error: no record in FOLDER/all\n"), "{}", nothing.err);
}

#[test]
fn a_suite_within_another_is_part_of_it_whatever_they_are_called() {
    let place = place("a_suite_within_another");
    for inner in ["a", "z"] {
        place.bouncelab(&["run", "@all/a.yaml", "--out", &format!("@runs/out/{inner}/b")]);
    }
    place.write("runs/out/suite.json", &place.read("out/suite.json"));
    for (name, bytes) in files(&place.path("out")) {
        place.write_bytes(&format!("runs/out/{name}"), &bytes);
    }
    let said = place.bouncelab(&["report", "@runs", "--report", "json"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    for inner in ["a", "z"] {
        assert!(!place.path(&format!("runs/out/{inner}/b/report.json")).exists(), "{inner}");
    }
    assert!(place.read("runs/out/report.json").contains("\"scenarios\": 2,"), "{}", said.out);
}

#[test]
fn a_manifest_leads_nobody_out_of_its_folder() {
    let place = place("a_manifest_leads_nobody_out");
    let manifest = place.read("out/suite.json");
    let inside = place.path("all/a");
    let inside = inside.strip_prefix("/").unwrap().to_str().unwrap();
    for outside in ["../out2", "/etc", "", "a/../../b"] {
        place.write("out/suite.json", &manifest.replace(inside, outside));
        let said = place.bouncelab(&["report", "@out"]);
        assert_eq!(said.exit, Exit::Environment);
        let words = format!("contradicts itself: `{outside}` is no folder below this one");
        assert!(said.err.contains(&words), "{}", said.err);
    }
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let place = place("a_manifest_of_another_version");
    let manifest = place.read("out/suite.json");
    place.write("out/suite.json", &manifest.replace("\"format\": 1", "\"format\": 99"));
    let said = place.bouncelab(&["report", "@out"]);
    assert_eq!(said.exit, Exit::Environment);
    assert!(said.err.contains("is in format 99, written by bouncelab "), "{}", said.err);
    place.write("out/suite.json", &manifest[..manifest.len() / 2]);
    let said = place.bouncelab(&["report", "@out"]);
    assert!(said.err.contains("is damaged in line "), "{}", said.err);
}

#[test]
fn a_record_that_is_not_the_listed_one_is_noticed() {
    let place = place("a_record_that_is_not_the_listed_one");
    place.bouncelab(&["run", "@all", "--seed", "5", "--out", "@other"]);
    let inside = place.path("all/a").strip_prefix("/").unwrap().to_owned();
    let (own, other) = (place.path("out").join(&inside), place.path("other").join(&inside));
    for name in files(&other).keys() {
        fs::copy(other.join(name), own.join(name)).unwrap();
    }
    let said = place.bouncelab(&["report", "@out"]);
    assert_eq!(said.exit, Exit::Environment);
    assert!(said.err.contains("is not the one that `suite.json` lists"), "{}", said.err);
}

#[test]
fn a_record_put_together_from_two_runs_is_noticed() {
    let place = Place::new("a_record_put_together");
    let scenario = |latency: &str| scenario("One", 3).replace("{}", &format!("{{ latency: {latency} }}"));
    for (name, latency) in [("one", "1s"), ("two", "2s")] {
        place.write("all/a.yaml", &scenario(latency));
        place.bouncelab(&["run", "@all", "--out", &format!("@{name}")]);
    }
    fs::copy(place.path("two/attempts.jsonl.zst"), place.path("one/attempts.jsonl.zst")).unwrap();
    let said = place.bouncelab(&["report", "@one"]);
    assert_eq!(said.exit, Exit::Environment);
    assert!(said.err.contains("its files are not of one run"), "{}", said.err);
}

#[test]
fn shards_are_joined_to_what_one_run_would_have_left() {
    let place = place("shards_are_joined");
    place.bouncelab(&["run", "@all/b.yaml", "--out", "@shards/1", "--report", "junit"]);
    place.bouncelab(&["run", "@all/a.yaml", "--out", "@shards/2"]);
    let said = place.bouncelab(&["merge", "@shards", "--out", "@joined", "--report", ALL]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Failed, ""));
    assert!(said.out.contains("failed: 1 of 2 expectations"), "{}", said.out);
    let (whole, joined) = (files(&place.path("out")), files(&place.path("joined")));
    assert_eq!(whole.keys().collect::<Vec<_>>(), joined.keys().collect::<Vec<_>>());
    let records = |name: &&String| !is_report(name) && *name != "suite.json";
    for name in whole.keys().filter(records) {
        assert_eq!(whole[name], joined[name], "{name}");
    }
    let again = place.bouncelab(&["merge", "@shards/2", "@shards/1", "--out", "@other", "--report", ALL]);
    assert_eq!(again.exit, Exit::Failed);
    assert_eq!(place.read("joined/suite.json"), place.read("other/suite.json"));
    let full = place.bouncelab(&["merge", "@shards", "--out", "@joined"]);
    assert_eq!(full.exit, Exit::Usage);
    assert!(full.err.contains("is not empty; --out needs a folder that is new or empty"), "{}", full.err);
}

#[test]
fn every_reason_against_joining_is_given_at_once() {
    let place = place("every_reason_against_joining");
    place.bouncelab(&["run", "@all/a.yaml", "--out", "@two", "--seed", "5", "--wire", "lockstep"]);
    fs::create_dir_all(place.path("three")).unwrap();
    fs::copy(place.path("two/run.json"), place.path("three/run.json")).unwrap();
    let manifest = place.read("two/suite.json");
    let tool = format!("bouncelab {}", env!("CARGO_PKG_VERSION"));
    place.write("two/suite.json", &manifest.replace(&tool, "bouncelab 0.0.9"));
    let said = place.bouncelab(&["merge", "@out", "@two", "@three", "--out", "@joined"]);
    assert_eq!((said.exit, said.out.as_str()), (Exit::Usage, ""));
    for reason in [
        "`FOLDER/three` has no suite.json",
        "`FOLDER/two` was written by bouncelab 0.0.9",
        "--seed is not given in `FOLDER/out` and 5 in `FOLDER/two`",
        "--wire is memory in `FOLDER/out` and lockstep in `FOLDER/two`",
        "is in `FOLDER/out` and in `FOLDER/two`, with different digests",
    ] {
        assert!(said.err.contains(reason), "{reason}\n{}", said.err);
    }
    assert!(!place.path("joined").exists());
}

#[test]
fn what_a_foreign_shard_says_of_itself_is_shown_and_not_obeyed() {
    let place = place("what_a_foreign_shard_says");
    let manifest = place.read("out/suite.json");
    let tool = format!("bouncelab {}", env!("CARGO_PKG_VERSION"));
    place.write("out/suite.json", &manifest.replace(&tool, r"x\n::error::y\u001b[2J"));
    let said = place.bouncelab(&["merge", "@out", "--out", "@joined"]);
    assert_eq!(said.exit, Exit::Usage);
    assert!(said.err.contains("was written by x\n∷error::y␛[2J, and this is"), "{}", said.err);
}

#[test]
fn what_one_shard_did_not_come_to_may_be_in_another() {
    let place = place("what_one_shard_did_not_come_to");
    place.bouncelab(&["run", "@all/a.yaml", "--out", "@rest"]);
    let file = place.path("all/a.yaml").display().to_string();
    let not_reached = format!(
        "{{\"format\": 1, \"tool\": \"bouncelab {}\", \"options\": {{\"seed\": null, \"filter\": null, \
         \"wire\": \"memory\", \"server\": \"own\", \"repeat\": 1}}, \"wall_nanos\": 7, \"cases\": [\
         {{\"file\": \"{file}\", \"scenario\": \"One\", \"not_reached\": {{}}}}]}}",
        env!("CARGO_PKG_VERSION")
    );
    place.write("interrupted/suite.json", &not_reached);
    let alone = place.bouncelab(&["merge", "@interrupted", "--out", "@alone"]);
    assert_eq!(alone.exit, Exit::Interrupted);
    assert!(place.read("alone/suite.json").contains("\"not_reached\": {}"));
    for (name, shards) in [("one", ["@interrupted", "@rest"]), ("two", ["@rest", "@interrupted"])] {
        let out = format!("@{name}");
        let whole = place.bouncelab(&["merge", shards[0], shards[1], "--out", &out]);
        assert_eq!((whole.exit, whole.err.as_str()), (Exit::Held, ""));
        assert!(place.path(name).join("run.json").exists());
    }
}

#[test]
fn runs_are_compared() {
    let place = place("runs_are_compared");
    let same = place.bouncelab(&["diff", "@out", "@out"]);
    assert_eq!((same.exit, same.out.as_str()), (Exit::Held, "the same: 2 scenarios\n"));
    place.write("all/a.yaml", &scenario("One", 4));
    place.write("all/c.yaml", &scenario("Three", 3));
    fs::remove_file(place.path("all/b.yaml")).unwrap();
    place.bouncelab(&["run", "@all", "--out", "@later"]);
    let said = place.bouncelab(&["diff", "@out", "@later"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Failed, ""));
    for words in ["ONLY BEFORE\n", "/all/b.yaml\n", "ONLY AFTER\n", "/all/c.yaml\n", "held → failed"] {
        assert!(said.out.contains(words), "{words}\n{}", said.out);
    }
    assert!(said.out.ends_with("1 of 1 scenario differs, 1 only before, 1 only after\n"), "{}", said.out);
    let json = place.bouncelab(&["diff", "@out", "@later", "--format", "json"]);
    assert!(json.out.contains("\"differ\": true"), "{}", json.out);
    let page = place.bouncelab(&["diff", "@out", "@later", "--html", "@difference.html"]);
    assert_eq!((page.exit, page.err.as_str()), (Exit::Failed, ""));
    assert!(place.read("difference.html").starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_record_is_compared_with_that_of_its_scenario_in_a_suite() {
    let place = place("record_and_suite");
    let own = place.path("out").join(place.path("all").strip_prefix("/").unwrap()).join("a");
    let said = place.bouncelab(&["diff", own.to_str().unwrap(), "@out", "--format", "json"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Failed, ""));
    let found: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&found["same"], &found["only_before"]), (&1.into(), &serde_json::json!([])), "{}", said.out);
    assert_eq!(found["only_after"].as_array().unwrap().len(), 1, "{}", said.out);
}

#[test]
fn a_run_leaves_no_report_of_the_run_before_it() {
    let place = place("no_old_report");
    let said = place.bouncelab(&["run", "@all/a.yaml", "--out", "@out", "--report", "html"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    assert!(place.path("out/report.html").exists() && !place.path("out/junit.xml").exists());
}

/// The relative links of a page, as paths.
fn links(page: &str) -> Vec<String> {
    let quoted = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let relative = quoted.filter(|link| !link.starts_with('#') && !link.contains("://"));
    relative.map(unescaped).collect()
}

fn unescaped(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = link.bytes();
    while let Some(byte) = rest.next() {
        let digits: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
        let escaped = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn pages_lead_to_each_other_whatever_files_are_called() {
    let place = Place::new("pages_lead_to_each_other");
    for name in ["a b#1%20.yaml", "ü<b>&'x.yaml", "javascript:alert(1).yaml", "plain.yaml"] {
        place.write(&format!("all/{name}"), &scenario("Two", 3));
    }
    let said = place.bouncelab(&["run", "@all", "--out", "@out", "--report", "html"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    let found = links(&place.read("out/report.html"));
    assert!(found.len() >= 4, "{found:?}");
    for link in found {
        let page = place.path("out").join(&link);
        let back = links(&fs::read_to_string(&page).unwrap());
        let suite = page.parent().unwrap().join(&back[0]);
        assert_eq!(
            fs::canonicalize(suite).unwrap(),
            fs::canonicalize(place.path("out/report.html")).unwrap()
        );
    }
}
