//! A hash map with a fixed hasher, for look-ups only.
//!
//! Separate because the standard `HashMap` is a disallowed type here: its order differs from process to process.
//! The order of a [`Table`] is the same everywhere, but still arbitrary: iterate a `BTreeMap` or a sorted `Vec`
//! wherever order can reach a decision or an output.

#[expect(clippy::disallowed_types, reason = "the one place that gives the map its fixed hasher")]
/// A map whose hasher has no random state. Never iterate it where order matters.
pub type Table<K, V> = std::collections::HashMap<K, V, rustc_hash::FxBuildHasher>;
