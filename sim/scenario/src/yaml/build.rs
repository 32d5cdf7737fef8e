//! Puts a tree together from the events of the parser.
//!
//! A stack of open collections, no recursion: the depth of a hostile file costs nothing. What is wrong but can be read
//! past (a duplicate key) is collected; what cannot (a bomb) ends the reading.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::ScalarStyle;

use super::{MAX_DEPTH, MAX_VALUES};
use crate::{Kind, Node, Place, Placed, Problem, Problems, Source};

/// The tree so far.
pub(super) struct Builder<'s> {
    source: &'s Source,
    open: Vec<Collection>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Node>,
    values: usize,
    problems: Problems,
}

struct Collection {
    place: Place,
    bracketed: bool,
    anchor: usize,
    contents: Contents,
}

enum Contents {
    List(Vec<Node>),
    Map(OpenMap),
}

#[derive(Default)]
struct OpenMap {
    entries: Vec<(Placed<String>, Node)>,
    key: Option<Key>,
    merged: Vec<Node>,
}

enum Key {
    Name(Placed<String>),
    Merge,
}

/// A node that aliases may stand for, with what it costs to repeat it.
struct Anchored {
    node: Node,
    values: usize,
    depth: usize,
}

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self {
            source,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            values: 0,
            problems: Problems::new(),
        }
    }

    /// The tree, unless something was wrong on the way.
    pub(super) fn finish(self) -> Result<Node, Problems> {
        if self.problems.is_empty() {
            return Ok(self.root.unwrap_or_else(|| empty(Place::default())));
        }
        Err(self.problems)
    }

    /// What was wrong on the way and what has ended it.
    pub(super) fn fail(mut self, last: Problem) -> Problems {
        self.problems.push(last);
        self.problems
    }

    /// The bracket that is open where the parser stands.
    pub(super) fn innermost_bracket(&self) -> Option<Place> {
        self.open.iter().rfind(|collection| collection.bracketed).map(|collection| collection.place)
    }

    pub(super) fn scalar(
        &mut self,
        place: Place,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
    ) -> Result<(), Problem> {
        self.spend(1, place)?;
        // The parser writes a value that is not there as `~`.
        let missing = style == ScalarStyle::Plain && place.start == place.end;
        let text = if missing { String::new() } else { text.to_owned() };
        let kind = Kind::Scalar { text, quoted: style != ScalarStyle::Plain };
        self.complete(Node { place, kind }, anchor);
        Ok(())
    }

    pub(super) fn open_list(&mut self, place: Place, bracketed: bool, anchor: usize) -> Result<(), Problem> {
        self.open(Collection { place, bracketed, anchor, contents: Contents::List(Vec::new()) })
    }

    pub(super) fn open_map(&mut self, place: Place, bracketed: bool, anchor: usize) -> Result<(), Problem> {
        self.open(Collection { place, bracketed, anchor, contents: Contents::Map(OpenMap::default()) })
    }

    fn open(&mut self, collection: Collection) -> Result<(), Problem> {
        self.spend(1, collection.place)?;
        self.open.push(collection);
        Ok(())
    }

    /// Completes the innermost collection; `bracket` is the closing one, if it has any.
    pub(super) fn close(&mut self, bracket: Place) {
        let Some(Collection { place, bracketed, anchor, contents }) = self.open.pop() else { return };
        let end = if bracketed { bracket.end } else { contents.end().unwrap_or(place.end) };
        let kind = match contents {
            Contents::List(items) => Kind::List(items),
            Contents::Map(map) => Kind::Map(map.complete(&mut self.problems)),
        };
        self.complete(Node { place: Place { start: place.start, end }, kind }, anchor);
    }

    /// Repeats the node that the alias stands for. Its places stay those of the anchor: there is what would have to be
    /// changed.
    pub(super) fn alias(&mut self, place: Place, anchor: usize) -> Result<(), Problem> {
        let Some(Anchored { node, values, depth }) = self.anchors.get(&anchor) else {
            self.problems.push(within_itself(place, self.source.slice(place)));
            self.add(empty(place));
            return Ok(());
        };
        if self.open.len() + depth > MAX_DEPTH {
            return Err(super::syntax::too_deep(place));
        }
        let (node, values) = (node.clone(), *values);
        self.spend(values, place)?;
        self.add(node);
        Ok(())
    }

    pub(super) fn unknown_alias(&mut self, place: Place, name: &str) {
        self.problems.push(
            Problem::at(place, format!("nothing before this is marked `&{name}`"), "stands for it").help(
                format!(
                    "put a text that starts with `*` in quotes, or mark what it stands for with `&{name}`"
                ),
            ),
        );
        self.add(empty(place));
    }

    /// Reports the tag that starts at `start`.
    pub(super) fn refuse_tag(&mut self, start: usize) {
        let rest = self.source.text().get(start..).unwrap_or_default();
        let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        let place = Place { start, end };
        self.problems.push(
            Problem::at(
                place,
                format!("the tag `{}` has no meaning here", self.source.slice(place)),
                "a tag",
            )
            .help("remove it, or put a text that starts with `!` in quotes"),
        );
    }

    fn complete(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let (values, depth) = size(&node);
            self.anchors.insert(anchor, Anchored { node: node.clone(), values, depth });
        }
        self.add(node);
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut().map(|collection| &mut collection.contents) {
            None => self.root = Some(node),
            Some(Contents::List(items)) => items.push(node),
            Some(Contents::Map(map)) => match map.key.take() {
                None => map.key = Some(key(node, &mut self.problems)),
                Some(Key::Name(name)) => map.entries.push((name, node)),
                Some(Key::Merge) => map.merged.push(node),
            },
        }
    }

    fn spend(&mut self, values: usize, place: Place) -> Result<(), Problem> {
        self.values += values;
        if self.values <= MAX_VALUES {
            return Ok(());
        }
        Err(Problem::at(place, "the file holds more than 200_000 values", "the limit is reached here")
            .help("every alias (`*name`) counts as much as what it stands for; use fewer, or split the file"))
    }
}

impl Contents {
    fn end(&self) -> Option<usize> {
        match self {
            Self::List(items) => items.last().map(|node| node.place.end),
            Self::Map(map) => {
                let merged = map.merged.iter().map(|node| node.place.end);
                map.entries.iter().map(|(key, node)| node.place.end.max(key.place.end)).chain(merged).max()
            }
        }
    }
}

impl OpenMap {
    fn complete(self, problems: &mut Problems) -> Vec<(Placed<String>, Node)> {
        let mut entries = self.entries;
        refuse_duplicates(&entries, problems);
        let mut known: BTreeSet<String> = entries.iter().map(|(key, _)| key.value.clone()).collect();
        for node in self.merged {
            for (key, value) in to_merge(node, problems) {
                if known.insert(key.value.clone()) {
                    entries.push((key, value));
                }
            }
        }
        entries
    }
}

fn refuse_duplicates(entries: &[(Placed<String>, Node)], problems: &mut Problems) {
    let mut first_places = BTreeMap::new();
    for (Placed { value, place }, _) in entries {
        let first = *first_places.entry(value.as_str()).or_insert(*place);
        if first != *place {
            problems.push(
                Problem::at(*place, format!("`{value}` is written twice"), "again here")
                    .also(first, "first here")
                    .help("keep one of them"),
            );
        }
    }
}

/// What `<<` brings into a map: the entries of a map, or those of a list of maps, of which earlier ones win.
fn to_merge(node: Node, problems: &mut Problems) -> Vec<(Placed<String>, Node)> {
    let place = node.place;
    match node.kind {
        Kind::Map(entries) => entries,
        Kind::List(items) if items.iter().all(|item| matches!(item.kind, Kind::Map(_))) => {
            items.into_iter().flat_map(|item| to_merge(item, problems)).collect()
        }
        Kind::List(_) | Kind::Scalar { .. } => {
            problems.push(
                Problem::at(place, "`<<` takes a map or a list of maps", "neither")
                    .help("write `<<: *name`, where a map is marked `&name`"),
            );
            Vec::new()
        }
    }
}

fn key(node: Node, problems: &mut Problems) -> Key {
    let Node { place, kind } = node;
    match kind {
        Kind::Scalar { text, quoted: false } if text == "<<" => Key::Merge,
        Kind::Scalar { text, quoted } => {
            if text.is_empty() && !quoted {
                problems.push(
                    Problem::at(place, "a key is missing", "nothing stands before the `:`")
                        .help("write `key: value`, or put a text that contains `:` in quotes"),
                );
            }
            Key::Name(Placed { value: text, place })
        }
        Kind::List(_) | Kind::Map(_) => {
            problems.push(
                Problem::at(place, "a key must be a single word", "a list or a map")
                    .help("put a text that starts with `[` or `{` in quotes"),
            );
            Key::Name(Placed { value: String::new(), place })
        }
    }
}

fn within_itself(place: Place, alias: &str) -> Problem {
    Problem::at(place, format!("`{alias}` stands for something that contains it"), "within itself")
        .help("write out what is meant here")
}

fn empty(place: Place) -> Node {
    Node { place, kind: Kind::Scalar { text: String::new(), quoted: false } }
}

/// How many values a node holds and how deep it is nested. The depth of the recursion is bounded by [`MAX_DEPTH`].
fn size(node: &Node) -> (usize, usize) {
    let of_all = |nodes: &mut dyn Iterator<Item = &Node>| {
        nodes.map(size).fold((1, 1), |(values, depth), (more, below)| (values + more, depth.max(below + 1)))
    };
    match &node.kind {
        Kind::Scalar { .. } => (1, 0),
        Kind::List(items) => of_all(&mut items.iter()),
        Kind::Map(entries) => of_all(&mut entries.iter().map(|(_, node)| node)),
    }
}
