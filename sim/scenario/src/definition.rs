//! What can be written in a scenario, told once: for reading, for suggestions and for the reference pages.

use crate::Field;

/// Something with a key of its own: a behaviour, or a part of the skeleton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// The key (`greylist`).
    pub key: &'static str,
    /// What it does, in full sentences.
    pub about: &'static str,
    /// What is written after the key (`map`, `refuse, time_out or reset`).
    pub kind: &'static str,
    /// The keys inside, if what is written is a map.
    pub fields: &'static [Field],
    /// A piece of YAML that shows it: for a behaviour what stands in its provider, for a part of the skeleton what stands
    /// in the file.
    pub example: &'static str,
}

/// The behaviours that scenarios may use. Their keys differ from each other and from those of providers and spans.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// All of them, in the order of the reference.
    pub behaviours: Vec<&'static Definition>,
    /// What `when` can be made of: a field for each matcher. `None` if there are no conditions.
    pub when: Option<&'static Definition>,
}

impl Vocabulary {
    /// The behaviour with this key.
    pub fn behaviour(&self, key: &str) -> Option<&'static Definition> {
        self.behaviours.iter().copied().find(|definition| definition.key == key)
    }

    /// The keys of all behaviours.
    pub fn keys(&self) -> Vec<&'static str> {
        self.behaviours.iter().map(|definition| definition.key).collect()
    }
}
