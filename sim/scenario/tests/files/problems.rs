//! Every kind of problem, as the author sees it.
//!
//! The cases are in `problems/*.txt`. A case begins with `=== ` and its name; the scenario follows, then a line `>>>`,
//! then what is shown, or nothing if there is nothing to complain about. After `=+= ` the sections that the case
//! leaves out are added below it. All mismatches are listed at once; what is shown now is then under `target/tmp`, to be
//! looked at and copied.

use std::fmt::Write;
use std::path::Path;

use scenario::{Reader, Source, Style, load, render};

use crate::{GREYLIST, vocabulary};

/// The sections of a sound scenario.
const SECTIONS: [(&str, &str); 4] = [
    ("name", "name: Test\n"),
    ("providers", "providers:\n  bigbox: {}\n"),
    ("audience", "audience:\n  - { domain: bigbox.test, contacts: 10 }\n"),
    ("mailings", "mailings:\n  - { name: spring-sale }\n"),
];

fn shown(text: &str) -> String {
    let source = Source::new("file.yaml", text);
    match load(&source, &vocabulary()) {
        Ok(_) => String::new(),
        Err(problems) => render(&source, &problems.into_sorted(), Style::Plain),
    }
}

fn completed(text: &str) -> String {
    let missing =
        SECTIONS.iter().filter(|(key, _)| !text.lines().any(|line| line.starts_with(&format!("{key}:"))));
    missing.fold(text.to_owned(), |text, (_, section)| text + section)
}

/// Runs the cases of one file and gives back what it should contain.
fn actual(cases: &str) -> String {
    let mut out = String::new();
    let mut rest = cases;
    while let Some(start) = rest.find("=== ").into_iter().chain(rest.find("=+= ")).min() {
        let case = &rest[start..];
        let end = case[4..]
            .find("\n===")
            .into_iter()
            .chain(case[4..].find("\n=+="))
            .min()
            .map_or(case.len(), |end| end + 5);
        let (title, body) = case[..end].split_once('\n').expect("a case has lines");
        let (text, _) = body.split_once(">>>\n").unwrap_or_else(|| panic!("`{title}` has no line `>>>`"));
        let text_shown = shown(&if title.starts_with("=+=") { completed(text) } else { text.to_owned() });
        let _ = write!(out, "{title}\n{text}>>>\n{text_shown}\n");
        rest = &case[end..];
    }
    out
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/problems").join(name);
    let expected = std::fs::read_to_string(&path).expect(name);
    assert!(expected.contains("\n>>>\n"), "{name} has no cases");
    let actual = actual(&expected);
    if actual.trim_end() != expected.trim_end() {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&copy, &actual).expect("the target directory is writable");
        let lines = actual.lines().zip(expected.lines());
        let differing: Vec<_> =
            lines.filter(|(is, was)| is != was).map(|(is, was)| format!("- {was}\n+ {is}")).collect();
        panic!("{name} differs; compare it with {}\n{}", copy.display(), differing.join("\n"));
    }
}

#[test]
fn malformed_yaml() {
    check("yaml.txt");
}

#[test]
fn the_file_itself() {
    check("file.txt");
}

#[test]
fn providers() {
    check("providers.txt");
}

#[test]
fn timeline() {
    check("timeline.txt");
}

#[test]
fn audience() {
    check("audience.txt");
}

#[test]
fn sender() {
    check("sender.txt");
}

#[test]
fn mailings() {
    check("mailings.txt");
}

/// A problem found later, by whoever knows what a behaviour means, points into the file as well.
#[test]
fn the_settings_of_a_behaviour_keep_their_places() {
    let source = Source::new("file.yaml", completed("providers:\n  bigbox:\n    greylist: { wiat: 5m }\n"));
    let scenario = load(&source, &vocabulary()).expect("the skeleton is sound");
    let behaviour = &scenario.providers[0].behaviours[0];
    let mut problems = scenario::Problems::new();
    let mut reader = Reader::of(&GREYLIST, &behaviour.settings, &mut problems).expect("a map");
    reader.optional("wait", scenario::value::duration);
    reader.finish();
    let place = problems.into_sorted()[0].place.expect("a place");
    assert_eq!((source.slice(place), source.line_column(place)), ("wiat", (3, 17)));
}
