//! Every scenario and profile means the same to a second YAML reader: same structure, same texts.
//!
//! `serde_yaml` is asked for what our tree says is there, so that it cannot guess types: `1.10` must be `1.10` for it too.

use std::fmt;
use std::path::Path;

use libtest_mimic::Trial;
use scenario::{Kind, Node, Source};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{files, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::scenarios().into_iter().chain(files::profiles());
    files.map(|file| trial("differential", &files::case(&file), move || check(&file))).collect()
}

fn check(file: &Path) -> Result<(), String> {
    let source = Source::read(file).map_err(|problem| problem.message)?;
    let node = scenario::tree(&source).map_err(|problems| format!("{problems:?}"))?;
    let other = serde_yaml::Deserializer::from_str(source.text());
    Expected(&node).deserialize(other).map_err(|error| format!("the readers differ: {error}"))
}

/// Reads what our tree says is there, and complains about anything else.
struct Expected<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Expected<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, other: D) -> Result<(), D::Error> {
        match &self.0.kind {
            Kind::Scalar { .. } => other.deserialize_str(self),
            Kind::List(_) => other.deserialize_seq(self),
            Kind::Map(_) => other.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Expected<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Scalar { text, .. } => write!(f, "the text {text:?}"),
            Kind::List(items) => write!(f, "a list of {}", items.len()),
            Kind::Map(entries) => write!(f, "a map of {}", entries.len()),
        }
    }

    fn visit_str<E: Error>(self, other: &str) -> Result<(), E> {
        match &self.0.kind {
            Kind::Scalar { text, .. } if text == other => Ok(()),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut other: A) -> Result<(), A::Error> {
        let Kind::List(items) = &self.0.kind else { return Err(A::Error::custom("a list")) };
        for (index, item) in items.iter().enumerate() {
            other.next_element_seed(Expected(item))?.ok_or_else(|| A::Error::invalid_length(index, &self))?;
        }
        match other.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::invalid_length(items.len() + 1, &self)),
            None => Ok(()),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut other: A) -> Result<(), A::Error> {
        let Kind::Map(entries) = &self.0.kind else { return Err(A::Error::custom("a map")) };
        let mut seen = 0;
        while let Some(key) = other.next_key::<String>()? {
            let node = self.0.get(&key).ok_or_else(|| A::Error::custom(format!("a key more: {key:?}")))?;
            other.next_value_seed(Expected(node))?;
            seen += 1;
        }
        if seen == entries.len() { Ok(()) } else { Err(A::Error::invalid_length(seen, &self)) }
    }
}
