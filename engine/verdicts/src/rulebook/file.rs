//! A file of rules as it is written: who the provider is, and its rules in the order in which they are tried.
//!
//! Shapes only; what they mean is checked where they are taken in (`rule`, and the book itself).

use serde::Deserialize;

use crate::provider::ProviderKind;

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) kind: ProviderKind,
    #[serde(default)]
    pub(super) domains: Vec<String>,
    #[serde(default)]
    pub(super) mx: Vec<String>,
    #[serde(default)]
    pub(super) mx_basis: String,
    pub(super) help: Option<String>,
    #[serde(default)]
    pub(super) help_is_official: bool,
    pub(super) runs_on: Option<String>,
    #[serde(default)]
    pub(super) limits: Vec<String>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) note: String,
    /// Words by which its replies are recognised where nothing else tells who gave them.
    #[serde(default)]
    pub(super) marks: Vec<String>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<WrittenRule>,
}

/// A rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub(super) name: String,
    /// Conditions: all of those given must hold.
    #[serde(default)]
    pub(super) codes: Vec<String>,
    #[serde(default)]
    pub(super) enhanced: Vec<String>,
    #[serde(default)]
    pub(super) phase: Vec<String>,
    /// Only replies without words.
    #[serde(default)]
    pub(super) bare: bool,
    #[serde(default)]
    pub(super) says: Vec<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    #[serde(default)]
    pub(super) unless: Vec<String>,
    /// What it means; what is left out follows from the category.
    pub(super) category: String,
    pub(super) class: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) action: Option<String>,
    pub(super) wait: Option<String>,
    pub(super) reason: Option<String>,
    /// Ids of known replies that it decides.
    #[serde(default)]
    pub(super) samples: Vec<String>,
    /// Replies that it decides and that are known from elsewhere.
    #[serde(default, rename = "quote")]
    pub(super) quotes: Vec<WrittenQuote>,
    /// Why a rule for a single known reply is worth having.
    pub(super) only: Option<String>,
}

/// A reply in full, with where it is known from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenQuote {
    pub(super) phase: String,
    pub(super) reply: String,
    pub(super) source: String,
}
