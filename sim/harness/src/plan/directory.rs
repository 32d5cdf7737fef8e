//! The providers of a scenario and their domains by name.

use scenario::Scenario;
use units::Table;

/// Looks up providers and domains. Both are numbered in the order of the file, domains over all providers.
pub(super) struct Directory<'a> {
    providers: Table<&'a str, usize>,
    domains: Table<&'a str, usize>,
    /// Whose each domain is.
    owners: Vec<u32>,
}

impl<'a> Directory<'a> {
    pub(super) fn of(scenario: &'a Scenario) -> Self {
        let mut directory =
            Self { providers: Table::default(), domains: Table::default(), owners: Vec::new() };
        for (provider, number) in scenario.providers.iter().zip(0..) {
            directory.providers.insert(&provider.name.value, directory.providers.len());
            for domain in &provider.domains {
                directory.domains.insert(&domain.value, directory.owners.len());
                directory.owners.push(number);
            }
        }
        directory
    }

    /// The number of the provider with this name.
    pub(super) fn provider(&self, name: &str) -> Option<usize> {
        self.providers.get(name).copied()
    }

    /// The number of a domain, which is written in lower case.
    pub(super) fn domain(&self, name: &str) -> Option<usize> {
        self.domains.get(name).copied()
    }

    /// The provider that serves the domain with this number.
    pub(super) fn owner(&self, domain: usize) -> u32 {
        self.owners[domain]
    }

    /// How many providers there are.
    pub(super) fn providers(&self) -> usize {
        self.providers.len()
    }

    /// How many domains there are.
    pub(super) fn domains(&self) -> usize {
        self.owners.len()
    }
}
