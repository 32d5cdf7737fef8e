//! Hosts that take mail, as `mx` lists them.
//!
//! A file of its own because they are not only those of a provider: a behaviour may bring others.

use super::names;
use crate::skeleton::MX_HOST;
use crate::{Kind, MxHost, Node, Placed, Problem, Problems, Reader, value};

/// Real domains have a handful of mail exchangers, and a sender tries all of them in every attempt.
const MOST_HOSTS: usize = 100;

/// The preferences of hosts that are written without one lie so far apart.
pub(super) const PREFERENCE_STEP: u16 = 10;

/// Hosts in a list, in the order of the list; a host is a name, or a map with its name and its preference.
pub fn mx_hosts(node: &Node, problems: &mut Problems) -> Option<Vec<MxHost>> {
    if let Kind::List(items) = &node.kind
        && let Some(surplus) = items.get(MOST_HOSTS)
    {
        let message = format!("a provider has at most {MOST_HOSTS} hosts, this one has {}", items.len());
        problems.push(Problem::at(surplus.place, message, "the first one too many").help("list fewer hosts"));
        return None;
    }
    let entries = value::list(host)(node, problems)?;
    let preferences = (1..).map(|place: u16| place.saturating_mul(PREFERENCE_STEP));
    let host = |((host, preference), by_place): ((_, Option<u16>), _)| MxHost {
        host,
        preference: preference.unwrap_or(by_place),
    };
    Some(entries.into_iter().zip(preferences).map(host).collect())
}

/// A host, and its preference if that is written.
fn host(node: &Node, problems: &mut Problems) -> Option<(Placed<String>, Option<u16>)> {
    if !matches!(node.kind, Kind::Map(_)) {
        return names::domain(node, problems).map(|host| (host, None));
    }
    let mut reader = Reader::new("a host of `mx`", MX_HOST.fields, node, problems)?;
    let host = reader.required("host", names::domain);
    let preference = reader.optional("preference", value::number(0..=u16::MAX));
    reader.finish();
    host.map(|host| (host, preference))
}
