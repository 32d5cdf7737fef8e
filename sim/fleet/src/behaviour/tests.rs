//! What holds for every behaviour, whichever it is.

use std::collections::BTreeSet;

use super::*;
use crate::testing::{behaviours, refuse};

#[test]
fn every_definition_is_whole() {
    let mut keys = BTreeSet::new();
    for definition in definitions() {
        let key = definition.key;
        assert!(keys.insert(key), "{key} occurs twice");
        assert!(definition.about.ends_with('.'), "{key}: not a sentence");
        for field in definition.fields {
            assert!(field.about.ends_with('.'), "{key}.{}: not a sentence", field.name);
            assert!(!(field.required && field.default.is_some()), "{key}.{}: default of a must", field.name);
        }
    }
}

#[test]
fn every_example_is_read_as_what_it_shows() {
    for definition in definitions() {
        let read = behaviours(definition.example).expect(definition.example);
        let keys: Vec<&str> = read.iter().map(|active| active.behaviour.definition().key).collect();
        assert_eq!(keys, [definition.key], "{}", definition.example);
    }
}

#[test]
fn every_field_can_be_misspelt() {
    for definition in definitions().iter().filter(|definition| !definition.fields.is_empty()) {
        let (body, end) = definition.example.split_at(definition.example.len() - 2);
        assert_eq!(end, " }", "{}", definition.example);
        refuse(&format!("{body}, wiat: 5m }}"), "unknown key `wiat`");
    }
}

#[test]
fn an_unknown_behaviour_is_refused() {
    refuse("graylist: { wait: 5m }", "unknown behaviour `graylist`");
}
