//! What holds for every file, sound or not.

use proptest::prelude::*;
use scenario::{Kind, Node, Problem, Problems, Source, Style, load, render, tree};

use crate::vocabulary;

/// A sound scenario that has every key.
const EVERYTHING: &str = "\
name: Everything
about: \"Every key: once\"
seed: 7
x_usual: &usual { like: gmail, greylist: { wait: 5m } }
providers:
  bigbox: { <<: *usual, domains: [bigbox.test, bigbox.example], mx: [mx1.bigbox.test, mx2.bigbox.test] }
  northmail: { mx: implicit }
timeline:
  - { name: slow, from: 1h, until: 9h, provider: bigbox, host: mx1.bigbox.test, greylist: { wait: 1h } }
  - { at: 2h, opt_out: ann@bigbox.test }
  - { at: 8d, reactivate: bob@northmail.test, by: support, why: asked for it }
  - { at: 3h, cancel: welcome }
audience:
  - { domain: bigbox.test, contacts: 1_000 }
  - { contact: ann@bigbox.test, times: 2 }
  - contact: bob@northmail.test
    status: error
mailings:
  - { name: spring-sale, start: 1h, size: 20 KiB, subject: Sale, to: [bigbox, northmail.test], policy: careful }
  - { name: welcome, kind: automated, joins: 100/min, attempts: [0h, 1h, 6h, 29h30m], uncertain: hold }
  - { name: preview, kind: test, to: ann@bigbox.test }
limits: { connections: 5, messages_per_connection: 10, recipients_per_message: 1, rate: 100/min }
expect:
  - sent == 1000 at end
  - 'contact ann@bigbox.test is opt_out'
";

/// Reads a text in both ways and checks what holds for the outcome.
fn check(text: &str) -> Result<(), TestCaseError> {
    let source = Source::new("file.yaml", text);
    match tree(&source) {
        Ok(node) => places_are_in(&node, &source)?,
        Err(problems) => are_useful(problems, &source)?,
    }
    match load(&source, &vocabulary()) {
        Ok(scenario) => {
            prop_assert!(!scenario.providers.is_empty());
            prop_assert!(!scenario.audience.is_empty());
            prop_assert!(!scenario.mailings.is_empty());
        }
        Err(problems) => are_useful(problems, &source)?,
    }
    Ok(())
}

/// Every node stands at characters of the file.
fn places_are_in(node: &Node, source: &Source) -> Result<(), TestCaseError> {
    let place = node.place;
    prop_assert!(place.start <= place.end && source.text().get(place.start..place.end).is_some(), "{node:?}");
    match &node.kind {
        Kind::Scalar { .. } => Ok(()),
        Kind::List(items) => items.iter().try_for_each(|item| places_are_in(item, source)),
        Kind::Map(entries) => entries.iter().try_for_each(|(key, value)| {
            prop_assert!(source.text().get(key.place.start..key.place.end).is_some(), "{key:?}");
            places_are_in(value, source)
        }),
    }
}

/// Nothing is refused without a reason and a repair, and what is shown cannot harm a terminal.
fn are_useful(problems: Problems, source: &Source) -> Result<(), TestCaseError> {
    prop_assert!(!problems.is_empty());
    let problems = problems.into_sorted();
    for Problem { message, help, place, .. } in &problems {
        prop_assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
        prop_assert!(help.as_ref().is_some_and(|help| !help.is_empty() && !help.ends_with('.')), "{message}");
        prop_assert!(place.is_none_or(|place| place.end <= source.text().len()), "{message}");
    }
    let shown = render(source, &problems, Style::Plain);
    prop_assert!(shown.starts_with("error: "));
    prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    Ok(())
}

#[test]
fn everything_is_sound() {
    let source = Source::new("file.yaml", EVERYTHING);
    let loaded = load(&source, &vocabulary());
    assert!(
        loaded.is_ok(),
        "{}",
        render(&source, &loaded.err().unwrap_or_default().into_sorted(), Style::Plain)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        match Source::from_bytes("file.yaml", &bytes) {
            Ok(source) => check(source.text())?,
            Err(problem) => prop_assert!(problem.help.is_some() && problem.place.is_none()),
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,80}|([a-z]|[\\n\\t :,&*!?\\[\\]{}'\"<|>~#%@-]){0,60}") {
        check(&text)?;
    }

    /// A sound scenario with a slip: something is cut out and something else is put in its place.
    #[test]
    fn any_slip(start in 0..EVERYTHING.len(), length in 0_usize..40, put in "|[a-z0-9_]{1,6}|[\\n\\t :,&*!?\\[\\]{}'\"<|>~#%@-]{1,3}|\\PC{1,3}") {
        let end = (start + length).min(EVERYTHING.len());
        check(&format!("{}{put}{}", &EVERYTHING[..start], &EVERYTHING[end..]))?;
    }

    /// Two lines of a sound scenario change places.
    #[test]
    fn any_order(first in 0_usize..32, second in 0_usize..32) {
        let mut lines: Vec<&str> = EVERYTHING.lines().collect();
        let count = lines.len();
        lines.swap(first % count, second % count);
        check(&lines.join("\n"))?;
    }
}
