//! Who is where: which provider serves a domain, and which addresses are on the list.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Listed, Placed, Provider, Scenario};

/// Look-ups over the names and the audience of a scenario.
pub(super) struct Directory<'a> {
    pub(super) providers: Names<'a>,
    pub(super) domains: Names<'a>,
    /// Providers and domains.
    pub(super) targets: Names<'a>,
    pub(super) mailings: Names<'a>,
    by_name: BTreeMap<&'a str, &'a Provider>,
    generated: BTreeMap<&'a str, u64>,
    listed: BTreeSet<&'a str>,
    /// The domains that somebody in the audience is at.
    populated: BTreeSet<&'a str>,
}

/// Some names, in the order of the file.
pub(super) struct Names<'a> {
    list: Vec<&'a str>,
    set: BTreeSet<&'a str>,
}

impl<'a> Directory<'a> {
    pub(super) fn of(scenario: &'a Scenario) -> Self {
        let providers = || scenario.providers.iter().map(|provider| &provider.name);
        let domains = || scenario.providers.iter().flat_map(|provider| &provider.domains);
        let by_name = scenario.providers.iter().map(|provider| (provider.name.value.as_str(), provider));
        let mut directory = Self {
            providers: Names::of(providers()),
            domains: Names::of(domains()),
            targets: Names::of(providers().chain(domains())),
            mailings: Names::of(scenario.mailings.iter().map(|mailing| &mailing.name)),
            by_name: by_name.collect(),
            generated: BTreeMap::new(),
            listed: BTreeSet::new(),
            populated: BTreeSet::new(),
        };
        scenario.audience.iter().for_each(|listed| directory.add(listed));
        directory
    }

    fn add(&mut self, listed: &'a Listed) {
        match listed {
            Listed::Domain { domain, contacts } => {
                let count = self.generated.entry(&domain.value).or_default();
                *count = count.saturating_add(contacts.value);
                self.populated.insert(&domain.value);
            }
            Listed::Contact { address, .. } => {
                self.listed.insert(&address.value);
                self.populated.extend(address.value.rsplit_once('@').map(|(_, domain)| domain));
            }
        }
    }

    pub(super) fn provider(&self, name: &str) -> Option<&'a Provider> {
        self.by_name.get(name).copied()
    }

    /// Whether `address` is on the list, by itself or as a generated contact.
    pub(super) fn lists(&self, address: &str) -> bool {
        self.listed.contains(address) || self.generates(address).unwrap_or(false)
    }

    fn generates(&self, address: &str) -> Option<bool> {
        let (local, domain) = address.rsplit_once('@')?;
        let number: u64 = local.strip_prefix('c')?.parse().ok()?;
        let count = *self.generated.get(domain)?;
        Some(format!("c{number:06}") == local && (1..=count).contains(&number))
    }

    /// Whether the audience has somebody at a provider or a domain; `None` if `target` is neither.
    pub(super) fn has_contacts_of(&self, target: &str) -> Option<bool> {
        let is_populated = |domain: &str| self.populated.contains(domain);
        match self.provider(target) {
            Some(provider) => Some(provider.domains.iter().any(|domain| is_populated(&domain.value))),
            None => self.domains.has(target).then(|| is_populated(target)),
        }
    }

    pub(super) fn audience_is_empty(&self) -> bool {
        self.populated.is_empty()
    }
}

impl<'a> Names<'a> {
    fn of(names: impl Iterator<Item = &'a Placed<String>>) -> Self {
        let list: Vec<&str> = names.map(|name| name.value.as_str()).filter(|name| !name.is_empty()).collect();
        let set = list.iter().copied().collect();
        Self { list, set }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.set.contains(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn all(&self) -> &[&'a str] {
        &self.list
    }
}
