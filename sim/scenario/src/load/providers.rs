//! The section `providers`.

use super::hosts::{self, PREFERENCE_STEP};
use super::{names, rules};
use crate::skeleton::PROVIDER;
use crate::{
    Behaviour, Habits, Kind, Mx, MxHost, Node, Place, Placed, Problem, Problems, Provider, Reader,
    Vocabulary, suggestion, value,
};

/// What the replies of a provider are worded by if the author does not say.
const DEFAULT_PROFILE: &str = "generic-postfix";

const HABITS: &[(&str, Habits)] = &[("none", Habits::None), ("as_published", Habits::AsPublished)];

/// Reads the providers, which may have the behaviours of `vocabulary`.
pub(super) fn reader(vocabulary: &Vocabulary) -> impl Fn(&Node, &mut Problems) -> Option<Vec<Provider>> {
    move |node, problems| {
        let Kind::Map(entries) = &node.kind else {
            if node.is_missing() {
                super::refuse_empty(node, "providers", "northmail: {}", problems);
            } else {
                problems.push(value::unexpected(
                    node,
                    "a map of providers",
                    "write `northmail: {}`, a line each",
                ));
            }
            return None;
        };
        if entries.is_empty() {
            super::refuse_empty(node, "providers", "northmail: {}", problems);
        }
        Some(entries.iter().map(|(name, node)| provider(name, node, vocabulary, problems)).collect())
    }
}

fn provider(
    name: &Placed<String>,
    node: &Node,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Provider {
    names::check_name(name, problems);
    let Placed { value: key, place } = name;
    let mut provider = Provider {
        name: name.clone(),
        like: Placed { value: DEFAULT_PROFILE.to_owned(), place: *place },
        habits: Placed { value: Habits::None, place: *place },
        domains: vec![Placed { value: format!("{}.test", key.to_ascii_lowercase()), place: *place }],
        mx: Mx::Hosts(Vec::new()),
        behaviours: Vec::new(),
        rules: Vec::new(),
    };
    if let Some(mut reader) = Reader::new(&format!("the provider `{key}`"), PROVIDER.fields, node, problems) {
        if let Some(like) = reader.optional("like", value::placed(value::text)) {
            provider.like = like;
        }
        if let Some(habits) = reader.optional("habits", value::placed(value::one_of(HABITS))) {
            provider.habits = habits;
        }
        if reader.node("domains").is_some() {
            provider.domains = reader.optional("domains", value::list(names::domain)).unwrap_or_default();
        } else if names::is_name(key) && !names::is_domain(&provider.domains[0].value) {
            reader.problems().push(no_default_domain(key, *place));
        }
        if let Some(mx) = reader.optional("mx", mx) {
            provider.mx = mx;
        }
        provider.rules = reader.optional("rules", rules::reader(vocabulary)).unwrap_or_default();
        provider.behaviours = behaviours(&mut reader, vocabulary);
        reader.finish();
    }
    if let (Mx::Hosts(hosts), Some(first)) = (&mut provider.mx, provider.domains.first())
        && hosts.is_empty()
    {
        let host = Placed { value: format!("mx1.{}", first.value), place: first.place };
        hosts.push(MxHost { host, preference: PREFERENCE_STEP });
    }
    provider
}

/// The entries of a map that are behaviours of `vocabulary`, in the order of the file.
pub(super) fn behaviours(reader: &mut Reader<'_>, vocabulary: &Vocabulary) -> Vec<Behaviour> {
    let entries = reader.others(&vocabulary.keys());
    entries
        .into_iter()
        .map(|(key, settings)| Behaviour { key: key.clone(), settings: settings.clone() })
        .collect()
}

fn no_default_domain(key: &str, place: Place) -> Problem {
    Problem::at(
        place,
        format!("the provider `{key}` needs `domains`"),
        format!("`{key}.test` is not a domain"),
    )
    .help("add `domains: [...]` with what it serves, or write the name with letters, digits and `-` only")
}

fn mx(node: &Node, problems: &mut Problems) -> Option<Mx> {
    const WORDS: [(&str, Mx); 4] = [
        ("implicit", Mx::Implicit),
        ("null_mx", Mx::Null),
        ("no_such_domain", Mx::NoSuchDomain),
        ("server_failure", Mx::ServerFailure),
    ];
    // A single host has a dot, a word has none.
    let Some(text) = node.text().filter(|text| !text.contains('.')) else {
        return hosts::mx_hosts(node, problems).map(Mx::Hosts);
    };
    let known = WORDS.into_iter().find(|(word, _)| *word == text);
    if known.is_none() {
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        let help = suggestion(text, &words, "the words");
        problems.push(value::unexpected(node, "a list of hosts or a word", &help));
    }
    known.map(|(_, mx)| mx)
}
