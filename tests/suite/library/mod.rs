//! The scenario library as a whole: what each shipped scenario is called, shows and uses.
//!
//! What a scenario uses is found in its text, not in the model that it is read into: a key that stands in a file is used, however
//! the model grows. [`pages`] makes the pages about the library from it.

pub(crate) mod pages;

use std::collections::BTreeSet;
use std::path::PathBuf;

use scenario::{Definition, Kind, Node, Source};

use crate::files;

/// A scenario of the library.
pub(crate) struct Shipped {
    pub(crate) file: PathBuf,
    pub(crate) name: String,
    /// What it shows, in the author's words.
    pub(crate) about: String,
    pub(crate) uses: BTreeSet<Use>,
}

/// A key that a scenario uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// The definition that it belongs to: the key of a behaviour, or of a part of the skeleton.
    pub(crate) definition: &'static str,
    /// The key inside it; `None` for the thing itself.
    pub(crate) field: Option<&'static str>,
}

impl Shipped {
    /// The folder that it stands in (`outage`).
    pub(crate) fn theme(&self) -> String {
        let folder = self.file.parent().and_then(|folder| folder.file_name());
        folder.unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The behaviours that it uses, in the order of the reference.
    pub(crate) fn behaviours(&self) -> Vec<&'static str> {
        let keys = fleet::definitions().iter().map(|definition| definition.key);
        keys.filter(|key| self.uses.contains(&Use { definition: key, field: None })).collect()
    }
}

/// Everything that can be written: the behaviours, the conditions, then the skeleton.
pub(crate) fn definitions() -> Vec<&'static Definition> {
    fleet::definitions().iter().chain([&&fleet::WHEN]).chain(scenario::skeleton()).copied().collect()
}

/// All shipped scenarios, sorted by their paths.
pub(crate) fn shipped() -> Vec<Shipped> {
    files::scenarios().into_iter().filter(|file| files::has_suffix(file, "yaml")).map(read).collect()
}

fn read(file: PathBuf) -> Shipped {
    let source = Source::read(&file).unwrap_or_else(|problem| panic!("{}", problem.message));
    let root = scenario::tree(&source).unwrap_or_else(|problems| panic!("{}: {problems:?}", file.display()));
    let text = |key| root.get(key).and_then(Node::text).unwrap_or_default().trim().to_owned();
    let mut uses = BTreeSet::new();
    for definition in scenario::skeleton() {
        of_skeleton(definition, &root, &mut uses);
    }
    parts(&root, "providers").chain(parts(&root, "timeline")).for_each(|part| of_behaviours(part, &mut uses));
    Shipped { name: text("name"), about: text("about"), uses, file }
}

/// The keys of a part of the skeleton. Its own key names the section that it is for (`timeline: spans`), or the whole file.
fn of_skeleton(definition: &'static Definition, root: &Node, uses: &mut BTreeSet<Use>) {
    let section = definition.key.split(':').next().unwrap_or_default();
    let mut keys = BTreeSet::new();
    match root.get(section) {
        Some(_) => parts(root, section).for_each(|part| keys_below(part, &mut keys)),
        None => keys.extend(entries(root).map(|(key, _)| key)),
    }
    for field in definition.fields.iter().filter(|field| keys.contains(field.name)) {
        uses.insert(Use { definition: definition.key, field: Some(field.name) });
    }
}

/// The entries of a section: of `providers` those that the names stand before, of a list its items.
fn parts<'a>(root: &'a Node, section: &str) -> Box<dyn Iterator<Item = &'a Node> + 'a> {
    match root.get(section) {
        Some(node) if section == "providers" => Box::new(entries(node).map(|(_, provider)| provider)),
        Some(node) => Box::new(items(node).chain(entries(node).next().map(|_| node))),
        None => Box::new(std::iter::empty()),
    }
}

/// All keys at any depth that are not inside a behaviour or a condition.
fn keys_below<'a>(node: &'a Node, keys: &mut BTreeSet<&'a str>) {
    for (key, value) in entries(node) {
        keys.insert(key);
        if behaviour(key).is_none() && key != fleet::WHEN.key {
            keys_below(value, keys);
        }
    }
    items(node).for_each(|item| keys_below(item, keys));
}

/// The behaviours and conditions at any depth, and their keys.
fn of_behaviours(node: &Node, uses: &mut BTreeSet<Use>) {
    for (key, value) in entries(node) {
        match behaviour(key) {
            Some(definition) => of_settings(definition, value, uses),
            None if key == fleet::WHEN.key => of_condition(value, uses),
            None => of_behaviours(value, uses),
        }
    }
    items(node).for_each(|item| of_behaviours(item, uses));
}

/// The matchers of a condition, also those that others are made of (`not: { attempt: 1 }`).
fn of_condition(node: &Node, uses: &mut BTreeSet<Use>) {
    for (key, value) in entries(node) {
        if let Some(field) = fleet::WHEN.fields.iter().find(|field| field.name == key) {
            uses.insert(Use { definition: fleet::WHEN.key, field: Some(field.name) });
        }
        of_condition(value, uses);
    }
    items(node).for_each(|item| of_condition(item, uses));
}

fn of_settings(definition: &'static Definition, settings: &Node, uses: &mut BTreeSet<Use>) {
    uses.insert(Use { definition: definition.key, field: None });
    let own = |key: &str| definition.fields.iter().find(|field| field.name == key);
    for field in entries(settings).filter_map(|(key, _)| own(key)) {
        uses.insert(Use { definition: definition.key, field: Some(field.name) });
    }
    items(settings).for_each(|item| of_settings(definition, item, uses));
}

fn behaviour(key: &str) -> Option<&'static Definition> {
    fleet::definitions().iter().copied().find(|definition| definition.key == key)
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.kind {
        Kind::Map(entries) => entries.as_slice(),
        Kind::Scalar { .. } | Kind::List(_) => &[],
    };
    entries.iter().map(|(key, value)| (key.value.as_str(), value))
}

fn items(node: &Node) -> impl Iterator<Item = &Node> {
    match &node.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Scalar { .. } | Kind::Map(_) => &[],
    }
    .iter()
}
