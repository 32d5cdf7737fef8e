//! A YAML document as a tree in which every node knows its place.
//!
//! Scalars stay text: what a text means depends on who asks for it, and is decided there ([`crate::value`]).

use crate::{Place, Placed};

/// A value of the document and where it stands. What an alias stands for has the place of its anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where: brackets and quotes included, key and indicator of a list entry not.
    pub place: Place,
    /// What.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A single value, as text: `1.10` is `1.10` and `no` is `no`. A missing value is the empty, unquoted text.
    Scalar {
        /// The text, without quotes and with escapes resolved.
        text: String,
        /// Whether the author put it in quotes (or wrote it as a block), so that it is meant as text.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file, merged ones last; no key occurs twice.
    Map(Vec<(Placed<String>, Node)>),
}

impl Node {
    /// The value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// The text of a single value; `None` for lists and maps.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether there is only a key and nothing after it.
    pub fn is_missing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, quoted: false } if text.is_empty())
    }

    /// What this is, in the words of a message: `a list`, `a map`, `nothing` (also in quotes) or `a single value`.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Scalar { text, .. } if text.is_empty() => "nothing",
            Kind::Scalar { .. } => "a single value",
        }
    }

    fn entries(&self) -> &[(Placed<String>, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Scalar { .. } | Kind::List(_) => &[],
        }
    }
}
