//! What the sections of a scenario say about each other: everything named must exist, once.
//!
//! Sections that are empty have been reported already; what refers to them is not reported again.

mod directory;

use std::collections::BTreeMap;

use self::directory::{Directory, Names};
use super::audience::MOST_CONTACTS;
use super::names;
use crate::{
    ContactStatus, Deed, Entry, Listed, Mailing, Place, Placed, Problem, Problems, Provider, Scenario,
    Sender, Signing, Span, suggestion,
};

/// Reports everything that refers to nothing, or to more than one thing.
pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let directory = Directory::of(scenario);
    let before = problems.len();
    domains_are_unique(&scenario.providers, problems);
    if problems.len() == before {
        // Hosts that are not written are named after the domain.
        hosts_are_unique(&scenario.providers, problems);
    }
    names_are_unique(scenario, problems);
    for listed in &scenario.audience {
        domain_is_served(listed, &directory, problems);
    }
    statuses_agree(&scenario.audience, problems);
    contacts_are_not_too_many(&scenario.audience, problems);
    for entry in &scenario.timeline {
        match entry {
            Entry::Span(span) => span_names_a_provider(span, &directory, problems),
            Entry::Action(action) => deed_names_somebody(&action.deed, &directory, problems),
        }
    }
    for mailing in &scenario.mailings {
        targets_exist(mailing, &directory, problems);
        key_exists(mailing, &scenario.sender, problems);
    }
}

/// Reports a mailing that is to be signed without a key.
fn key_exists(mailing: &Mailing, sender: &Sender, problems: &mut Problems) {
    if mailing.content.dkim == Signing::Sign && sender.dkim.is_none() {
        let message = format!("`{}` cannot be signed: the sender has no key", mailing.name.value);
        problems.push(
            Problem::at(mailing.name.place, message, "has `dkim: sign`")
                .help("give the sender one, as in `dkim: rsa`, or remove `dkim` from the mailing"),
        );
    }
}

fn domains_are_unique(providers: &[Provider], problems: &mut Problems) {
    let domains = providers.iter().flat_map(|provider| &provider.domains);
    once(domains, problems, |domain| {
        (
            format!("the domain `{domain}` is served twice"),
            "every domain belongs to one provider; remove it from one of them",
        )
    });
}

fn hosts_are_unique(providers: &[Provider], problems: &mut Problems) {
    once(providers.iter().flat_map(Provider::hosts), problems, |host| {
        (
            format!("the host `{host}` is listed twice"),
            "every host belongs to one provider; give one of them another name",
        )
    });
}

fn names_are_unique(scenario: &Scenario, problems: &mut Problems) {
    let spans = scenario.timeline.iter().filter_map(|entry| match entry {
        Entry::Span(span) => span.name.as_ref(),
        Entry::Action(_) => None,
    });
    once(spans, problems, |name| {
        (format!("two spans have the name `{name}`"), "give one of them another name")
    });
    for provider in &scenario.providers {
        once(provider.rules.iter().filter_map(|rule| rule.name.as_ref()), problems, |name| {
            (format!("two rules have the name `{name}`"), "give one of them another name")
        });
    }
    let mailings =
        scenario.mailings.iter().map(|mailing| &mailing.name).filter(|name| !name.value.is_empty());
    once(mailings, problems, |name| {
        (format!("two mailings have the name `{name}`"), "give one of them another name")
    });
}

/// Reports every value that has been there before.
fn once<'a>(
    values: impl Iterator<Item = &'a Placed<String>>,
    problems: &mut Problems,
    wording: impl Fn(&str) -> (String, &'static str),
) {
    let mut first_places: BTreeMap<&str, Place> = BTreeMap::new();
    for Placed { value, place } in values {
        match first_places.get(value.as_str()) {
            None => {
                first_places.insert(value, *place);
            }
            Some(first) => {
                let (message, help) = wording(value);
                // An alias repeats the place of its anchor.
                let problem = if first == place {
                    Problem::at(*place, message, "used more than once")
                } else {
                    Problem::at(*place, message, "again here").also(*first, "first here")
                };
                problems.push(problem.help(help));
            }
        }
    }
}

fn domain_is_served(listed: &Listed, directory: &Directory<'_>, problems: &mut Problems) {
    let (domain, place) = match listed {
        Listed::Domain { domain, .. } => (domain.value.as_str(), domain.place),
        Listed::Contact { address, .. } => match address.value.rsplit_once('@') {
            Some((_, domain)) => (domain, address.place),
            None => return,
        },
    };
    // What is no domain has been reported as such.
    if names::is_domain(domain) && !directory.domains.has(domain) && !directory.providers.is_empty() {
        problems.push(
            Problem::at(place, format!("no provider serves the domain `{domain}`"), "nobody takes its mail")
                .help(suggestion(domain, directory.domains.all(), "the domains")),
        );
    }
}

fn statuses_agree(audience: &[Listed], problems: &mut Problems) {
    let mut first: BTreeMap<&str, (ContactStatus, Place)> = BTreeMap::new();
    for listed in audience {
        let Listed::Contact { address, status, .. } = listed else { continue };
        let (known, place) = *first.entry(&address.value).or_insert((*status, address.place));
        if known != *status {
            problems.push(
                Problem::at(
                    address.place,
                    format!("`{}` has two statuses", address.value),
                    "another status here",
                )
                .also(place, "first here")
                .help("give both lines the same `status`"),
            );
        }
    }
}

fn contacts_are_not_too_many(audience: &[Listed], problems: &mut Problems) {
    let mut total: u64 = 0;
    for listed in audience {
        let (count, place) = match listed {
            Listed::Domain { contacts, .. } => (contacts.value, contacts.place),
            Listed::Contact { address, times, .. } => (u64::from(*times), address.place),
        };
        total = total.saturating_add(count);
        if total > MOST_CONTACTS && total - count <= MOST_CONTACTS {
            problems.push(
                Problem::at(place, "the audience has more than 20_000_000 contacts", "too many with these")
                    .help("use fewer contacts; what holds for a million holds for more"),
            );
        }
    }
}

fn span_names_a_provider(span: &Span, directory: &Directory<'_>, problems: &mut Problems) {
    let Some(name) = &span.provider else { return };
    let Some(provider) = directory.provider(&name.value) else {
        exists(name, "provider", &directory.providers, problems);
        return;
    };
    let domains: Vec<&str> = provider.domains.iter().map(|domain| domain.value.as_str()).collect();
    if let Some(domain) = span.domain.as_ref().filter(|domain| !domains.contains(&domain.value.as_str())) {
        let message = format!("`{}` is not a domain of `{}`", domain.value, name.value);
        problems.push(Problem::at(domain.place, message, "unknown domain").help(suggestion(
            &domain.value,
            &domains,
            "the domains",
        )));
    }
}

fn deed_names_somebody(deed: &Deed, directory: &Directory<'_>, problems: &mut Problems) {
    match deed {
        Deed::OptOut(contact) | Deed::Complaint(contact) | Deed::Reactivate { contact, .. } => {
            is_in_the_audience(contact, directory, problems);
        }
        Deed::Cancel(mailing) => exists(mailing, "mailing", &directory.mailings, problems),
    }
}

fn targets_exist(mailing: &Mailing, directory: &Directory<'_>, problems: &mut Problems) {
    for target in &mailing.to {
        let Placed { value, place } = target;
        if value.contains('@') {
            is_in_the_audience(target, directory, problems);
            continue;
        }
        match directory.has_contacts_of(value) {
            Some(true) => {}
            Some(false) => problems.push(
                Problem::at(
                    *place,
                    format!("nobody in the audience is at `{value}`"),
                    "nobody receives this",
                )
                .help("add contacts there to `audience`, or remove it"),
            ),
            None if directory.providers.is_empty() => {}
            None => {
                let message = format!("`{value}` is neither an address, a domain nor a provider");
                let help = suggestion(value, directory.targets.all(), "the providers and domains");
                problems.push(Problem::at(*place, message, "unknown").help(help));
            }
        }
    }
}

fn is_in_the_audience(address: &Placed<String>, directory: &Directory<'_>, problems: &mut Problems) {
    let Placed { value, place } = address;
    if names::is_address(value) && !directory.lists(value) && !directory.audience_is_empty() {
        problems.push(
            Problem::at(*place, format!("`{value}` is not in the audience"), "not on the list")
                .help(format!("add `- {{ contact: {value} }}` to `audience`")),
        );
    }
}

fn exists(name: &Placed<String>, what: &str, names: &Names<'_>, problems: &mut Problems) {
    let Placed { value, place } = name;
    if !names.has(value) && !names.is_empty() {
        problems.push(
            Problem::at(*place, format!("there is no {what} `{value}`"), "unknown").help(suggestion(
                value,
                names.all(),
                &format!("the {what}s"),
            )),
        );
    }
}
