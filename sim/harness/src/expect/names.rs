//! What exists in a scenario, so that an expectation that speaks of something else is found without running anything.
//!
//! Separate from the scenario's model because some of it is known elsewhere: the reason categories belong to the
//! engine's policy, generated addresses and the horizon to the harness.

use std::fmt;

use scenario::{Listed, Scenario};
use units::Instant;

use super::language::{Filter, Meaning};

/// What exists in a scenario.
pub struct Names<'a> {
    /// The providers.
    pub providers: Vec<&'a str>,
    /// The domains that they serve, in lower case.
    pub domains: Vec<ServedDomain<'a>>,
    /// The mailings.
    pub mailings: Vec<MailingName<'a>>,
    /// The reason categories that a verdict can have (`mailbox-full`).
    pub categories: &'a [&'a str],
    /// Whether an address is in the audience.
    pub contact: &'a dyn Fn(&str) -> bool,
    /// The last instant that an expectation may name: the end of the last window or of the timeline.
    pub horizon: Instant,
}

/// A domain that a provider serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedDomain<'a> {
    /// Its name, in lower case.
    pub name: &'a str,
    /// The provider that serves it.
    pub provider: &'a str,
    /// How many contacts of the audience have an address in it.
    pub contacts: u64,
}

/// A mailing and whom it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailingName<'a> {
    /// Its name.
    pub name: &'a str,
    /// Addresses, domains or providers; empty means the whole audience.
    pub to: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// What exists in `scenario`. `categories` are the reason categories of the engine, `contact` says whether an
    /// address is in the audience, and `horizon` is the last instant that an expectation may name.
    pub fn of(
        scenario: &'a Scenario,
        categories: &'a [&'a str],
        contact: &'a dyn Fn(&str) -> bool,
        horizon: Instant,
    ) -> Self {
        let served = |provider: &'a scenario::Provider| {
            provider.domains.iter().map(|domain| ServedDomain {
                name: &domain.value,
                provider: &provider.name.value,
                contacts: scenario.audience.iter().map(|listed| contacts_in(listed, &domain.value)).sum(),
            })
        };
        let mailing = |mailing: &'a scenario::Mailing| MailingName {
            name: &mailing.name.value,
            to: mailing.to.iter().map(|to| to.value.as_str()).collect(),
        };
        Self {
            providers: scenario.providers.iter().map(|provider| provider.name.value.as_str()).collect(),
            domains: scenario.providers.iter().flat_map(served).collect(),
            mailings: scenario.mailings.iter().map(mailing).collect(),
            categories,
            contact,
            horizon,
        }
    }

    /// Whether a contact of the audience passes `filter`, as far as can be known before a run: by provider, domain,
    /// address and the mailing's list, not by what happens to it.
    pub(crate) fn anybody(&self, filter: &Filter) -> bool {
        let address = filter.meanings().find_map(|meaning| match meaning {
            Meaning::Address(address) => Some(address.as_str()),
            _ => None,
        });
        let mut inhabited = self.domains.iter().filter(|domain| domain.contacts > 0);
        inhabited.any(|domain| filter.meanings().all(|meaning| self.may_pass(meaning, domain, address)))
    }

    fn may_pass(&self, meaning: &Meaning, domain: &ServedDomain<'_>, address: Option<&str>) -> bool {
        match meaning {
            Meaning::Provider(provider) => domain.provider == provider,
            Meaning::Domain(name) => domain.name == name,
            Meaning::Address(address) => is_in(address, domain.name),
            Meaning::Mailing(name) => {
                let named = self.mailings.iter().find(|mailing| mailing.name == name);
                named.is_some_and(|mailing| mailing.reaches(domain, address))
            }
            Meaning::Category(_) | Meaning::Outcome(_) | Meaning::Status(_) | Meaning::Reason(_) => true,
        }
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("providers", &self.providers)
            .field("domains", &self.domains)
            .field("mailings", &self.mailings)
            .field("horizon", &self.horizon)
            .finish_non_exhaustive()
    }
}

impl MailingName<'_> {
    /// Whether it goes to `address` or, if none is asked for, to anybody in `domain`.
    fn reaches(&self, domain: &ServedDomain<'_>, address: Option<&str>) -> bool {
        let reached_by = |to: &&str| {
            let goes_to_address = address.map_or_else(|| is_in(to, domain.name), |address| *to == address);
            *to == domain.name || *to == domain.provider || goes_to_address
        };
        self.to.is_empty() || self.to.iter().any(reached_by)
    }
}

fn contacts_in(listed: &Listed, domain: &str) -> u64 {
    match listed {
        Listed::Domain { domain: listed, contacts } if listed.value == domain => contacts.value,
        Listed::Contact { address, .. } if is_in(&address.value, domain) => 1,
        Listed::Domain { .. } | Listed::Contact { .. } => 0,
    }
}

/// Whether `address` is one of `domain`, whatever its case.
pub(crate) fn is_in(address: &str, domain: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(_, after)| after.eq_ignore_ascii_case(domain))
}
