//! Who runs a mail server, and how to recognise it.
//!
//! By the name of the MX host, because domains move between platforms; by the domain only where the host says nothing.
//! What a provider's replies mean is told by its rules.

use serde::Deserialize;

/// The number of a provider within its [`RuleBook`](crate::RuleBook).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub(crate) u16);

impl ProviderId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A provider of mailboxes, a filter in front of them, or a server program.
#[derive(Debug)]
pub struct Provider {
    /// Its name in scenarios and on the command line (`gmail`).
    pub id: &'static str,
    /// Its name for people (`Gmail`).
    pub name: String,
    /// What kind it is.
    pub kind: ProviderKind,
    /// Domains whose mailboxes it runs; empty for filters, programs and hosts of other people's domains.
    pub domains: Vec<String>,
    /// Patterns of the names of its MX hosts: `*` stands for any characters, case does not matter.
    pub mx_patterns: Vec<String>,
    /// How well those patterns are known.
    pub mx_basis: String,
    /// Where its error codes are explained; `None` where no such page is known.
    pub help: Option<Help>,
    /// The provider whose platform it runs on, and whose rules hold for it as well.
    pub runs_on: Option<ProviderId>,
    /// Limits that it publishes or that others use towards it, each with its origin in the words.
    pub limits: Vec<String>,
    /// Where all this is known from.
    pub sources: Vec<String>,
    /// What else is worth knowing; may be empty.
    pub note: String,
}

/// A page that explains a provider's error codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// Its address.
    pub url: String,
    /// Who runs it.
    pub owner: PageOwner,
}

/// Who runs a help page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOwner {
    /// The provider itself.
    Provider,
    /// Somebody else.
    ThirdParty,
}

/// What kind of provider it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// Mailboxes for anybody.
    Consumer,
    /// Mailboxes for the domains of companies.
    Business,
    /// A filter or a list that stands before the mailboxes of others.
    Filter,
    /// A server program that anybody may run.
    Software,
}

impl ProviderKind {
    /// Its name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consumer => "consumer",
            Self::Business => "business",
            Self::Filter => "filter",
            Self::Software => "software",
        }
    }
}

/// How many characters of `host` the best of `patterns` names: the more, the surer. `None` if none matches.
pub(crate) fn likeness(patterns: &[String], host: &str) -> Option<usize> {
    patterns
        .iter()
        .filter(|pattern| matches(pattern, host))
        .map(|pattern| pattern.bytes().filter(|byte| *byte != b'*').count())
        .max()
}

/// Whether a shell glob matches the whole of `name`: pieces between `*` must follow each other.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.trim_end_matches('.').to_ascii_lowercase());
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(start) = name.find(piece) else { return false };
        name = &name[start + piece.len()..];
    }
    name.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        let check = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        };
        check("mx.test", "MX.test.", true);
        check("mx.test", "amx.test", false);
        check("*.yahoodns.net", "mta5.am0.yahoodns.net", true);
        check("*.yahoodns.net", "yahoodns.net", false);
        check("mx-*.mail.*.test", "mx-1.mail.eu.test", true);
        check("mx-*.mail.*.test", "mx-1.eu.test", false);
        check("a*a", "a", false);
        check("*", "anything", true);
    }

    #[test]
    fn the_longest_pattern_is_the_surest() {
        let patterns = ["*.test".to_owned(), "*.mx.test".to_owned()];
        assert_eq!(likeness(&patterns, "a.mx.test"), Some(8));
        assert_eq!(likeness(&patterns, "a.example"), None);
    }
}
