//! Which scenarios are meant.

use std::os::unix::fs::symlink;

use bouncelab::Exit;

use crate::place::Place;

/// Runs `paths` and compares the names of the scenarios that were run.
fn check(place: &Place, paths: &[&str], wanted: &[&str]) {
    let said = place.bouncelab(&[&["run"], paths].concat());
    assert_eq!(said.exit, Exit::Held, "{}", said.err);
    assert_eq!(said.scenarios(), wanted);
    let checked = place.bouncelab(&[&["check"], paths].concat());
    assert!(checked.out.starts_with(&format!("{} scenario", wanted.len())), "{}", checked.out);
}

#[test]
fn a_folder_is_searched_to_the_bottom() {
    let place = Place::new("a_folder_is_searched_to_the_bottom");
    place.write_scenario("all/b/two.yml", "Two");
    place.write_scenario("all/a.yaml", "One");
    place.write_scenario("all/b/c/three.yaml", "Three");
    place.write("all/b/notes.txt", "no scenario");
    place.write("all/providers/x.yaml", "no scenario");
    check(&place, &["@all"], &["One", "Three", "Two"]);
}

#[test]
fn a_scenario_named_twice_is_run_once() {
    let place = Place::new("a_scenario_named_twice_is_run_once");
    place.write_scenario("all/a.yaml", "One");
    place.write_scenario("all/b.yaml", "Two");
    symlink("a.yaml", place.path("all/c.yaml")).unwrap();
    check(&place, &["@all/b.yaml", "@all", "@all/../all/a.yaml"], &["Two", "One"]);
}

#[test]
fn links_are_followed_but_not_round_in_a_circle() {
    let place = Place::new("links_are_followed_but_not_round_in_a_circle");
    place.write_scenario("all/a/one.yaml", "One");
    place.write_scenario("elsewhere/two.yaml", "Two");
    place.write_scenario("three.yaml", "Three");
    symlink("..", place.path("all/a/up")).unwrap();
    symlink("../..", place.path("all/a/further-up")).unwrap();
    symlink("../../elsewhere", place.path("all/a/z-side")).unwrap();
    symlink("../all", place.path("elsewhere/back")).unwrap();
    symlink("nowhere", place.path("all/dangling")).unwrap();
    check(&place, &["@all"], &["One", "Two"]);
    let told = place.bouncelab(&["explain", "@all", "--contact", "c000001@northmail.test"]);
    assert_eq!(told.exit, Exit::NothingMatched);
}

#[test]
fn a_link_to_nowhere_is_an_invalid_scenario() {
    let place = Place::new("a_link_to_nowhere_is_an_invalid_scenario");
    symlink("nowhere", place.path("dangling.yaml")).unwrap();
    assert_eq!(place.bouncelab(&["run", "@"]).exit, Exit::Invalid);
}
