//! What a provider found out about a sender and a message: for each check that was made a word.
//!
//! Kept as one number, because every receipt has one; in files it is the words, `spf=pass dkim=fail`.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The checks, by their names in scenarios.
const CHECKS: [&str; 12] = [
    "spf",
    "dkim",
    "spf_or_dkim",
    "dmarc",
    "dmarc_record",
    "alignment",
    "fcrdns",
    "ehlo_name",
    "tls",
    "one_click",
    "message_format",
    "content",
];

/// What can come of one; none of them if it was not made.
const FOUND: [&str; 3] = ["pass", "fail", "none"];

/// What came of each check that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checks(u32);

impl Checks {
    /// No check was made.
    pub const NONE: Self = Self(0);

    /// Those with these names and words; `None` if there is no such name or word.
    pub fn of<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        all.into_iter().try_fold(Self::NONE, |Self(sum), (name, word)| {
            let check = CHECKS.iter().position(|known| *known == name)?;
            let found = FOUND.iter().position(|known| *known == word)?;
            Some(Self(sum & !(3 << (2 * check)) | (u32::try_from(found).ok()? + 1) << (2 * check)))
        })
    }

    /// Names and words, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        (0_u32..).zip(CHECKS).filter_map(move |(check, name)| {
            let found = (self.0 >> (2 * check) & 3) as usize;
            Some((name, *FOUND.get(found.checked_sub(1)?)?))
        })
    }

    /// Whether none was made.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of it in one number, for digests.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.iter().map(|(name, word)| format!("{name}={word}")).collect();
        f.write_str(&words.join(" "))
    }
}

impl Serialize for Checks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words: Option<Vec<_>> = text.split_whitespace().map(|word| word.split_once('=')).collect();
        words
            .and_then(Self::of)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not what checks find")))
    }
}

impl JsonSchema for Checks {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Checks".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let check = format!("({})=({})", CHECKS.join("|"), FOUND.join("|"));
        json_schema!({ "type": "string", "pattern": format!("^({check}( {check})*)?$") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for found in FOUND {
            let all = Checks::of(CHECKS.map(|name| (name, found))).expect("known words");
            assert_eq!(all.iter().count(), CHECKS.len());
            let text = serde_json::to_string(&all).expect("a text");
            assert!(text.starts_with(&format!("\"spf={found} dkim={found}")), "{text}");
            assert_eq!(serde_json::from_str::<Checks>(&text).expect("the same"), all);
        }
        assert_eq!(Checks::of([("spf", "maybe")]), None);
        assert_eq!(Checks::of([("arc", "pass")]), None);
        assert!(serde_json::from_str::<Checks>("\"spf\"").is_err());
        assert!(serde_json::from_str::<Checks>("\"\"").expect("nothing").is_empty());
    }
}
