//! What is left in the output folder, and when nothing is run because of it.

use std::fs;

use bouncelab::Exit;

use crate::place::{Place, scenario};

#[test]
fn one_scenario_leaves_its_record_in_the_folder_itself() {
    let place = Place::new("one_scenario_leaves_its_record_in_the_folder_itself");
    place.write_scenario("a.yaml", "One");
    let said = place.bouncelab(&["run", "@a.yaml", "@a.yaml", "--out", "@out"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    assert!(said.out.ends_with("\nwritten to FOLDER/out\n"), "{}", said.out);
    assert!(place.path("out/run.json").is_file());
    let told = place.bouncelab(&["explain", "@out", "--contact", "c000001@northmail.test"]);
    assert!(told.out.contains("settled  delivered"), "{}", told.out);
}

#[test]
fn several_leave_them_where_their_files_are() {
    let place = Place::new("several_leave_them_where_their_files_are");
    place.write_scenario("a/v1.2", "One");
    place.write_scenario("a/v1.3.yaml", "Two");
    let said = place.bouncelab(&["run", "@a/v1.2", "@a/v1.3.yaml", "--out", "@out"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    let inside = place.path("out").join(place.path("a").strip_prefix("/").unwrap());
    assert!(inside.join("v1.2/run.json").is_file() && inside.join("v1.3/run.json").is_file());
    assert!(!place.path("out/run.json").exists());
    let told = place.bouncelab(&["explain", "@out", "--contact", "c000001@northmail.test"]);
    assert_eq!(told.out.matches("settled  delivered").count(), 2, "{}", told.out);
}

#[test]
fn two_records_in_one_folder_are_refused() {
    let check = |name, files: [&str; 2], arguments: [&str; 2], shared: &str| {
        let place = Place::new(name);
        files.iter().for_each(|file| place.write_scenario(file, "Same"));
        let out = place.bouncelab(&["run", arguments[0], arguments[1], "--out", "@out"]);
        assert_eq!((out.exit, out.out.as_str()), (Exit::Usage, ""));
        let [one, other] = arguments.map(|argument| argument.replace('@', "FOLDER/"));
        let first = format!(
            "error: the records of `{one}` and `{other}` would both go into `FOLDER/outFOLDER/{shared}`\n"
        );
        assert!(out.err.starts_with(&first), "{}", out.err);
        assert!(!place.path("out").exists());
        assert_eq!(place.bouncelab(&["run", arguments[0], arguments[1]]).exit, Exit::Held);
    };
    check("suffixes", ["x.yaml", "x.yml"], ["@x.yaml", "@x.yml"], "x");
    check("upwards", ["b/a/x.yaml", "a/x.yaml"], ["@b/a/x.yaml", "@b/../a/x.yaml"], "b/a/x");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused_before_anything_runs() {
    let place = Place::new("a_file_in_the_place_of_the_folder");
    place.write_scenario("a.yaml", "One");
    place.write("taken", "not a folder");
    let said = place.bouncelab(&["run", "@a.yaml", "--out", "@taken"]);
    assert_eq!((said.exit, said.out.as_str()), (Exit::Environment, ""));
    assert_eq!(said.err, "error: `FOLDER/taken` is a file; --out needs a folder, or a name that is free\n");
    let below = place.bouncelab(&["run", "@a.yaml", "--out", "@taken/below"]);
    assert_eq!((below.exit, below.out.as_str()), (Exit::Environment, ""));
    assert!(
        below.err.starts_with("error: cannot write into the folder `FOLDER/taken/below`: "),
        "{}",
        below.err
    );
}

#[test]
fn a_record_that_cannot_be_written_does_not_keep_the_others_from_running() {
    let place = Place::new("a_record_that_cannot_be_written");
    place.write_scenario("a.yaml", "One");
    place.write("b.yaml", &scenario("Two", 4));
    let in_the_way = place.path("out").join(place.path("a").strip_prefix("/").unwrap());
    fs::create_dir_all(in_the_way.parent().unwrap()).unwrap();
    fs::write(&in_the_way, "not a folder").unwrap();
    let said = place.bouncelab(&["run", "@a.yaml", "@b.yaml", "--out", "@out", "--report", "json"]);
    assert_eq!(said.exit, Exit::Environment, "graver than a failed expectation");
    assert!(said.out.contains("failed: 1 of 2 expectations"), "{}", said.out);
    assert!(said.err.starts_with("error: cannot write `FOLDER/out"), "{}", said.err);
    assert!(!said.out.contains("written to"), "{}", said.out);
    let report: String = place.read("out/report.json").split_whitespace().collect();
    assert!(report.contains("\"scenarios\":2,\"scenarios_held\":1"), "{report}");
}

#[test]
fn a_report_that_cannot_be_written_does_not_keep_the_other_from_being_written() {
    let place = Place::new("a_report_that_cannot_be_written");
    place.write_scenario("a.yaml", "One");
    fs::create_dir_all(place.path("out/junit.xml")).unwrap();
    let said = place.bouncelab(&["run", "@a.yaml", "--out", "@out", "--report", "junit,json"]);
    assert_eq!(said.exit, Exit::Environment);
    assert!(said.err.starts_with("error: cannot write `FOLDER/out/junit.xml`: "), "{}", said.err);
    assert!(place.path("out/report.json").is_file());
}

#[test]
fn what_was_refused_is_in_the_reports() {
    let place = Place::new("what_was_refused_is_in_the_reports");
    place.write("all/bad.yaml", "name: Bad\naudience: []\n");
    place.write_scenario("all/good.yaml", "Good");
    let said = place.bouncelab(&["run", "@all", "--out", "@out", "--report", "junit,json"]);
    let where_they_are =
        "written to FOLDER/out\n  junit  FOLDER/out/junit.xml\n  json   FOLDER/out/report.json\n";
    assert_eq!((said.exit, said.out.as_str()), (Exit::Invalid, where_they_are));
    assert!(said.err.ends_with(" in 1 of 2 scenarios; nothing was run\n"), "{}", said.err);
    let junit = place.read("out/junit.xml");
    assert!(junit.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "{junit}");
    assert!(
        junit.contains("name=\"the scenario is valid\"") && junit.contains("type=\"invalid\""),
        "{junit}"
    );
    let json = place.read("out/report.json");
    assert!(json.contains("\"standing\": \"refused\"") && json.contains("\"held\": false"), "{json}");
    assert!(!place.path("out/run.json").exists());
}
