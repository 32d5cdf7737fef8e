//! What GitHub Actions is told.

use std::fs;
use std::path::Path;

use bouncelab::{Exit, Streams};

use crate::place::Place;

const FAILING: &str = "\
name: Too much to ask
providers:
  northmail: {}
audience:
  - { domain: northmail.test, contacts: 3 }
mailings:
  - { name: newsletter }
expect:
  - delivered == 4
";

/// The exit code, standard output and standard error of a run of this scenario on GitHub.
fn run_on_github(scenario: &Path, summary: &Path) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["bouncelab".as_ref(), "run".as_ref(), scenario.as_os_str()].map(ToOwned::to_owned);
    let mut streams = Streams::plain(&mut out, &mut err).on_github(Some(summary.to_owned()));
    let exit = bouncelab::main(words, &mut streams);
    drop(streams);
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn a_failure_stands_beside_its_line_and_in_the_summary() {
    let place = Place::new("a_failure_stands_beside_its_line_and_in_the_summary");
    place.write("a.yaml", FAILING);
    place.write("summary.md", "what was there before\n\n");
    let (exit, out, err) = run_on_github(&place.path("a.yaml"), &place.path("summary.md"));
    assert_eq!((exit, err.as_str()), (Exit::Failed, ""));
    let file = place.path("a.yaml").display().to_string();
    let annotation = format!(
        "::error file={file},line=9,col=5,title=Too much to ask%3A delivered == 4::wanted 4 at the end, measured 3%0A"
    );
    assert!(
        out.contains(&format!("\nfailed: 1 of 1 expectation, in 1 of 1 scenario\n{annotation}")),
        "{out}"
    );
    let summary = fs::read_to_string(place.path("summary.md")).unwrap();
    assert!(summary.starts_with("what was there before\n\n## ❌ Bouncelab: failed: 1 of 1"), "{summary}");
}

#[test]
fn an_invalid_scenario_is_annotated_too() {
    let place = Place::new("an_invalid_scenario_is_annotated_too");
    place.write("a.yaml", &FAILING.replace("mailings:", "mailing:"));
    let (exit, out, _) = run_on_github(&place.path("a.yaml"), &place.path("summary.md"));
    assert_eq!(exit, Exit::Invalid);
    let file = place.path("a.yaml").display().to_string();
    assert!(out.starts_with(&format!("::error file={file},line=1,title=")), "{out}");
    let summary = fs::read_to_string(place.path("summary.md")).unwrap();
    assert!(summary.contains("not run: 1 of 1 scenario"), "{summary}");
}

#[test]
fn the_summary_of_a_step_has_an_end_whatever_came_before() {
    let place = Place::new("the_summary_of_a_step_has_an_end");
    place.write("a.yaml", FAILING);
    for (before, room) in [(899_001, 0), (898_000, 2_000), (2_000_000, 0)] {
        place.write("summary.md", &"x".repeat(before));
        let (exit, _, err) = run_on_github(&place.path("a.yaml"), &place.path("summary.md"));
        assert_eq!(exit, Exit::Failed);
        let added = place.read("summary.md").len() - before;
        let full = "the job summary is full: nothing was added to it\n";
        assert_eq!(err, if room == 0 { full } else { "" });
        assert!(added <= room && (added > 0) == (room > 0), "{added} of {room}");
    }
}

#[test]
fn a_summary_that_cannot_be_written_is_told() {
    let place = Place::new("a_summary_that_cannot_be_written_is_told");
    place.write_scenario("a.yaml", "One");
    let (exit, out, err) = run_on_github(&place.path("a.yaml"), &place.path("missing/summary.md"));
    assert_eq!(exit, Exit::Environment);
    assert!(out.contains("1 scenario held"), "{out}");
    assert!(err.starts_with("error: cannot append to the job summary `"), "{err}");
}
