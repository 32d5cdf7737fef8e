//! The tree against a second, independent reader: what both accept must mean the same.
//!
//! `serde_yaml` reads with libyaml and guesses types, so that texts are compared after guessing the type of ours as well.

use proptest::prelude::*;
use scenario::{Kind, Node, Source, tree};
use serde_yaml::Value;

/// What `serde_yaml` makes of a document, anchors and merges resolved; `None` if it does not accept it.
fn other(text: &str) -> Option<Value> {
    let mut value: Value = serde_yaml::from_str(text).ok()?;
    value.apply_merge().ok()?;
    Some(value)
}

/// Why the two differ; `None` if they mean the same.
fn difference(node: &Node, value: &Value) -> Option<String> {
    let differ = || Some(format!("{node:?}\n{value:?}"));
    match (&node.kind, value) {
        (Kind::List(items), Value::Sequence(values)) if items.len() == values.len() => {
            items.iter().zip(values).find_map(|(item, value)| difference(item, value))
        }
        (Kind::Map(entries), Value::Mapping(mapping)) if entries.len() == mapping.len() => {
            entries.iter().find_map(|(key, node)| {
                let found = mapping
                    .iter()
                    .find(|(other, _)| means(&key.value, false, other) || means(&key.value, true, other));
                found.map_or_else(differ, |(_, value)| difference(node, value))
            })
        }
        (Kind::Scalar { text, quoted }, value) if means(text, *quoted, value) => None,
        _ => differ(),
    }
}

fn means(text: &str, quoted: bool, value: &Value) -> bool {
    match value {
        Value::String(other) => other == text,
        Value::Null if text.is_empty() => !quoted,
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            !quoted && serde_yaml::from_str::<Value>(text).is_ok_and(|guessed| guessed == *value)
        }
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => false,
    }
}

/// Compares the two readers; whether both accept the text.
fn check(text: &str) -> bool {
    match (tree(&Source::new("file.yaml", text)), other(text)) {
        (Ok(node), Some(value)) => {
            if let Some(difference) = difference(&node, &value) {
                panic!("the readers differ about\n{text}\n{text:?}\n{difference}");
            }
            true
        }
        _ => false,
    }
}

#[test]
fn samples() {
    let samples = [
        "",
        "# nothing\n",
        "a: 1.10\nb: no\nc: ~\nd:\ne: 0x1\nf: 'it''s'\ng: \"a\\tb\"\n",
        "a: |\n  one\n  two\nb: >-\n  one\n  two\n\n  three\nc: |+\n  one\n\n",
        "a: |\n  no line feed at the end",
        "a: several\n  lines\n  of text # comment\nb: 'several\n\n  lines'\n",
        "- a\n- - b\n  - c\n-\n- {}\n- []\n",
        "a:\n- b\n- c: d\n  e: f\n",
        "{a: {b: [c, {d: e}, [f]]}, g: , h}",
        "a: &x {b: 1}\nc: *x\nd: &y text\ne: [*y, *y]\n",
        "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne:\n  <<: [*x, {f: 4}]\n  b: 5\n",
        "? a\n: b\n? c\n",
        "---\na: b\n...\n",
        "\u{feff}a: b\n",
        "a: b\r\nc:\r\n  - d\r\n",
        "a: 20ms..80ms\nb: 29h30m\nc: 10%\nd: 100/min\ne: 2 MiB\nf: 451 4.7.1 try later\n",
        "- contact ann@bigbox.test is error at 3h\n- sent == 1000 by 1h\n- attempts(delivered, northmail) == 4\n",
        "- \"\\u00fc\\x41\\U0001F600\\\n  joined\"\n- ü\n- 'a # b'\n- a#b\n- a:b\n- -1\n- 1e999\n- .inf\n- 0o7\n- 1_000\n",
    ];
    for text in samples {
        assert!(check(text), "{text}");
    }
}

/// Values of any shape, written by `serde_yaml`.
fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z]{1,8}",
        "[a-z0-9 .:,#%&*!@'\"|>{}\\[\\]~-]{0,12}",
        "[ -~äöü€\n\t]{0,20}",
        Just("no".to_owned()),
        Just("~".to_owned()),
        Just("1.10".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let entries = prop::collection::btree_map("[a-z_]{1,6}|[ -~]{1,6}", inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            entries.prop_map(|entries| Value::Mapping(
                entries.into_iter().map(|(k, v)| (k.into(), v)).collect()
            )),
        ]
    })
}

/// Lines the way people write scenarios, in any order and at any indentation.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("providers:"),
        Just("bigbox: { like: gmail, domains: [bigbox.test] }"),
        Just("bigbox: &big { mailboxes: { full: 10% } }"),
        Just("northmail: *big"),
        Just("third: { <<: *big, like: yahoo }"),
        Just("timeline:"),
        Just("- { from: 0h, until: 9h, provider: northmail, connect: refuse }"),
        Just("- name: outage"),
        Just("from: 0h"),
        Just("- sent == 1000 at end"),
        Just("- contact: ann@bigbox.test"),
        Just("about: >-"),
        Just("some text: more text"),
        Just("some text, more text"),
        Just("'quoted' # comment"),
        Just("# comment"),
        Just("- [0h, 1h, 6h,"),
        Just("29h30m]"),
        Just("-"),
        Just(""),
    ];
    prop::collection::vec((0_usize..4, line), 1..12).prop_map(|lines| {
        lines.iter().map(|(depth, line)| format!("{}{line}\n", "  ".repeat(*depth))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_values(value in values()) {
        let text = serde_yaml::to_string(&value).expect("every value can be written");
        // The writer does not quote `<<`, a key that means something else when it is read.
        prop_assume!(!text.contains("<<"));
        prop_assert!(check(&text), "not accepted by both: {text}");
    }

    #[test]
    fn lines_of_scenarios(text in lines()) {
        check(&text);
    }

    /// Where YAML 1.1 (libyaml) and 1.2 differ is left out: `?` within brackets, signs in the names of anchors, a block
    /// at the left margin, and the line separators of Unicode.
    #[test]
    fn any_text(text in "([abü]|[ \\n]|[:,-]|[\\[\\]{}]|['\"]|[|>]|#){0,24}") {
        check(&format!("key: {text}"));
    }
}
