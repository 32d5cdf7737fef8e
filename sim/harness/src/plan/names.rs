//! What behaviours say in the DNS, against what the scenario has: whose each host is, and where `dns` may stand.
//!
//! Apart from the crate that reads scenarios, because hosts may come with a behaviour, whose settings it does not know.

use std::collections::BTreeMap;

use fleet::{Behaviour, Dns};
use scenario::{Node, Place, Placed, Problem, Problems, Scenario, suggestion};

use super::conduct::{self, Group};
use super::{Entry, PlannedProvider};

/// Whose the hosts are: the provider, and where it says so.
type Owners<'a> = BTreeMap<String, (usize, Place)>;

/// Reports hosts that are somebody else's, aliases that are names in use, and spans about hosts that do not exist.
pub(super) fn check(scenario: &Scenario, providers: &[PlannedProvider], problems: &mut Problems) {
    let mut owners = Owners::new();
    for (number, provider) in scenario.providers.iter().enumerate() {
        for host in provider.hosts() {
            owners.entry(host.value.clone()).or_insert((number, host.place));
        }
    }
    let mut aliases = Vec::new();
    for (number, planned) in providers.iter().enumerate() {
        // In the order of the file.
        let groups: Vec<Group<'_>> = conduct::groups(scenario, number, &planned.spans).collect();
        for group in groups.into_iter().rev() {
            for written in group.behaviours {
                // What is wrong with it is reported where it is checked.
                let Some(behaviour) = fleet::read_behaviour(written, &mut Problems::new()) else { continue };
                for host in hosts(scenario, number, &group, written, behaviour.as_ref()) {
                    claim(scenario, number, &host, &mut owners, problems);
                }
                let alias = behaviour.dns().and_then(|saying| saying.alias.clone());
                aliases.extend(alias.map(|value| Placed { value, place: written.settings.place }));
            }
        }
    }
    for alias in aliases {
        check_alias(scenario, &alias, &owners, problems);
    }
    for entry in &scenario.timeline {
        if let Entry::Span(span) = entry {
            check_host(scenario, span, &owners, problems);
        }
    }
}

/// The hosts that a behaviour brings.
fn hosts(
    scenario: &Scenario,
    provider: usize,
    group: &Group<'_>,
    written: &scenario::Behaviour,
    behaviour: &dyn Behaviour,
) -> Vec<Placed<String>> {
    if behaviour.dns().and_then(|saying| saying.answer.as_ref()) != Some(&Dns::Implicit) {
        return behaviour.named_hosts().to_vec();
    }
    let domains = &scenario.providers[provider].domains;
    let is_meant = |domain: &&Placed<String>| group.domain.is_none_or(|only| only.value == domain.value);
    let place = written.settings.place;
    domains.iter().filter(is_meant).map(|domain| Placed { value: domain.value.clone(), place }).collect()
}

fn claim(
    scenario: &Scenario,
    provider: usize,
    host: &Placed<String>,
    owners: &mut Owners<'_>,
    problems: &mut Problems,
) {
    let (owner, first) = *owners.entry(host.value.clone()).or_insert((provider, host.place));
    if owner != provider {
        let message =
            format!("the host `{}` is one of `{}`", host.value, scenario.providers[owner].name.value);
        problems.push(
            Problem::at(host.place, message, "somebody else's")
                .also(first, "listed here")
                .help("every host belongs to one provider; give one of them another name"),
        );
    }
}

/// RFC 1034 3.6.2: beside an alias there is no other data.
fn check_alias(scenario: &Scenario, alias: &Placed<String>, owners: &Owners<'_>, problems: &mut Problems) {
    let mut domains = scenario.providers.iter().flat_map(|provider| &provider.domains);
    let first = domains
        .find(|domain| domain.value == alias.value)
        .map(|domain| domain.place)
        .or_else(|| owners.get(&alias.value).map(|(_, place)| *place));
    if let Some(first) = first {
        let message = format!("`{}` is a name of its own", alias.value);
        problems.push(
            Problem::at(alias.place, message, "cannot be what an alias stands for")
                .also(first, "a domain or a host here")
                .help("write a name under `cname` that nothing else has; it gets the records of the domain"),
        );
    }
}

fn check_host(scenario: &Scenario, span: &scenario::Span, owners: &Owners<'_>, problems: &mut Problems) {
    let (Some(host), Some(name)) = (&span.host, &span.provider) else { return };
    let Some(provider) = scenario.providers.iter().position(|provider| provider.name.value == name.value)
    else {
        return;
    };
    let mut hosts: Vec<(Place, &str)> = owners
        .iter()
        .filter(|(_, (owner, _))| *owner == provider)
        .map(|(host, (_, place))| (*place, host.as_str()))
        .collect();
    hosts.sort_by_key(|(place, _)| place.start);
    let hosts: Vec<&str> = hosts.into_iter().map(|(_, host)| host).collect();
    if !hosts.contains(&host.value.as_str()) {
        let message = format!("`{}` is not a host of `{}`", host.value, name.value);
        problems.push(Problem::at(host.place, message, "unknown host").help(suggestion(
            &host.value,
            &hosts,
            "the hosts",
        )));
    }
}

/// Reports what cannot restrict what the DNS says.
pub(super) fn check_place(
    host: Option<&str>,
    when: Option<&Node>,
    written: &scenario::Behaviour,
    problems: &mut Problems,
) {
    let place = written.key.place;
    if host.is_some() {
        let problem = Problem::at(place, "`dns` is about domains, not about a host", "in a span of a host");
        problems.push(problem.help("remove `host`, or write `domain` for one of the provider's domains"));
    }
    if let Some(when) = when {
        let problem = Problem::at(place, "`dns` has no conditions", "asked before anybody connects");
        problems.push(
            problem
                .also(when.place, "nothing is known of this then")
                .help("remove `when`; the times of a span, and its `domain`, say when and about what"),
        );
    }
}
