//! Rounds that are fed by hand: a file is written, and its change is told.

use std::fs;

use clap::Parser as _;

use super::*;
use crate::args::{Arguments, Command};

/// A folder of scenarios that is watched.
struct Place {
    folder: PathBuf,
}

struct Said {
    exit: Exit,
    out: String,
    err: String,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("bouncelab-watch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("scenarios")).unwrap();
        Self { folder: identity(&folder) }
    }

    /// A scenario of `contacts` contacts that expects three deliveries.
    fn write(&self, file: &str, contacts: u32) {
        let text = format!(
            "name: {file}\nproviders:\n  northmail: {{}}\naudience:\n  - {{ domain: northmail.test, contacts: {contacts} }}\n\
             mailings:\n  - {{ name: newsletter }}\nexpect:\n  - delivered == 3\n"
        );
        self.write_text(file, &text);
    }

    fn write_text(&self, file: &str, text: &str) {
        fs::write(self.file(file), text).unwrap();
    }

    fn file(&self, file: &str) -> PathBuf {
        self.folder.join("scenarios").join(file)
    }

    /// Watches; each of `rounds` changes something, and names the files that are said to have changed.
    fn watched(&self, options: &[&str], rounds: Vec<&dyn Fn() -> Vec<PathBuf>>) -> Said {
        let scenarios = self.folder.join("scenarios");
        let words = ["bouncelab", "run", scenarios.to_str().unwrap(), "--watch"];
        let Command::Run(wanted) = Arguments::parse_from(words.iter().chain(options)).command else {
            panic!("it runs")
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams::plain(&mut out, &mut err);
        let watch = Watch { harness: &harness::run, wanted: &wanted, latest: BTreeMap::new(), outputs: None };
        let changes = rounds.into_iter().map(|round| round().into_iter().collect());
        let exit = watch.go(changes, &mut streams);
        drop(streams);
        let text =
            |bytes| String::from_utf8(bytes).unwrap().replace(&*self.folder.to_string_lossy(), "FOLDER");
        Said { exit, out: text(out), err: text(err) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Said {
    /// What was said in each round.
    fn rounds(&self) -> Vec<&str> {
        self.out.split("waiting for changes; Ctrl-C ends it\n").collect()
    }
}

#[test]
fn what_has_changed_is_run_again_and_compared() {
    let place = Place::new("again");
    place.write("a.yaml", 3);
    place.write("b.yaml", 3);
    let edit = |contacts| {
        let place = &place;
        move || {
            place.write("b.yaml", contacts);
            vec![place.file("b.yaml")]
        }
    };
    let said = place.watched(&[], vec![&edit(4), &edit(3), &edit(3)]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    let rounds = said.rounds();
    let [first, broken, mended, same, ""] = rounds[..] else { panic!("{rounds:#?}") };
    assert!(
        first.contains("✓ a.yaml") && first.contains("✓ b.yaml") && !first.contains("different"),
        "{first}"
    );
    assert!(broken.starts_with("\n──────── FOLDER/scenarios/b.yaml has changed ────────\n\n"), "{broken}");
    assert!(broken.contains("✗ b.yaml") && !broken.contains("a.yaml"), "{broken}");
    for words in ["what is different in FOLDER/scenarios/b.yaml:\n", "delivered == 3", "selected"] {
        assert!(broken.contains(words), "{words:?} is missing in {broken}");
    }
    assert!(mended.contains("✓ b.yaml") && mended.contains("delivered == 3"), "{mended}");
    assert!(same.contains("b.yaml:\nnothing that is checked or counted\n"), "{same}");
}

#[test]
fn an_invalid_scenario_is_shown_and_waited_for() {
    let place = Place::new("invalid");
    place.write("a.yaml", 3);
    place.write("b.yaml", 3);
    let spoil = || {
        place.write_text("b.yaml", "name: B\nproviders: 7\n");
        vec![place.file("b.yaml")]
    };
    let mend = || {
        place.write("b.yaml", 3);
        vec![place.file("b.yaml")]
    };
    let said = place.watched(&[], vec![&spoil, &mend]);
    assert_eq!(said.exit, Exit::Held);
    assert!(said.err.contains("b.yaml:2:") && said.err.ends_with("; not run\n"), "{}", said.err);
    let rounds = said.rounds();
    assert!(!rounds[1].contains('✓') && rounds[1].contains("b.yaml has changed"), "{}", rounds[1]);
    assert!(rounds[2].contains("✓ b.yaml") && !rounds[2].contains("a.yaml"), "{}", rounds[2]);
}

#[test]
fn an_invalid_scenario_that_stays_as_it_is_stays_in_the_reports_and_is_told_once() {
    let place = Place::new("stays");
    place.write("a.yaml", 3);
    place.write_text("b.yaml", "name: B\nproviders: 7\n");
    let edit = || {
        place.write("a.yaml", 3);
        vec![place.file("a.yaml")]
    };
    let out = place.folder.join("out");
    let said = place.watched(&["--report", "json", "--out", out.to_str().unwrap()], vec![&edit, &edit]);
    assert_eq!(said.exit, Exit::Held);
    assert_eq!(said.err.matches("in 1 of 2 scenarios; not run\n").count(), 1, "{}", said.err);
    let report = fs::read_to_string(out.join("report.json")).unwrap();
    assert!(report.contains("a.yaml") && report.contains("b.yaml"), "{report}");
}

#[test]
fn a_new_scenario_is_run_and_a_profile_concerns_all() {
    let place = Place::new("new");
    place.write("a.yaml", 3);
    let add = || {
        place.write("c.yaml", 3);
        vec![place.file("c.yaml")]
    };
    let profile = || vec![place.file("providers/gmail.yaml")];
    let said = place.watched(&[], vec![&add, &profile]);
    let rounds = said.rounds();
    assert!(rounds[1].contains("✓ c.yaml") && !rounds[1].contains("✓ a.yaml"), "{}", rounds[1]);
    assert!(rounds[2].contains("✓ c.yaml") && rounds[2].contains("✓ a.yaml"), "{}", rounds[2]);
}

#[test]
fn reports_are_about_all_scenarios_each_time() {
    let place = Place::new("reports");
    place.write("a.yaml", 3);
    place.write("b.yaml", 3);
    let edit = || {
        place.write("b.yaml", 4);
        vec![place.file("b.yaml")]
    };
    let out = place.folder.join("out");
    let said = place.watched(&["--report", "json", "--out", out.to_str().unwrap()], vec![&edit]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    let report = fs::read_to_string(out.join("report.json")).unwrap();
    assert!(report.contains("a.yaml") && report.contains("b.yaml") && report.contains("failed"), "{report}");
    assert_eq!(said.out.matches("written to FOLDER/out\n").count(), 2);
    assert!(
        said.rounds()[1].contains("with what was not run again: failed: 1 of 2 expectations"),
        "{}",
        said.out
    );
}

#[test]
fn a_scenario_that_is_gone_is_named() {
    let place = Place::new("gone");
    place.write("a.yaml", 3);
    place.write("b.yaml", 4);
    let remove = || {
        fs::remove_file(place.file("b.yaml")).unwrap();
        vec![place.file("b.yaml")]
    };
    let said = place.watched(&[], vec![&remove]);
    assert!(said.rounds()[1].contains("FOLDER/scenarios/b.yaml is gone\n"), "{}", said.out);
}

#[test]
fn nothing_to_watch_ends_at_once() {
    let place = Place::new("nothing");
    let said = place.watched(&[], vec![]);
    assert_eq!(said.exit, Exit::NothingMatched);
    assert!(said.err.contains("no scenario found"), "{}", said.err);
}
