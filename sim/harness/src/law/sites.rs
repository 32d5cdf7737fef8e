//! Finds the site that a connection leads to, or that takes the mail of a contact.
//!
//! A site is the set of hosts that take the mail of the same domains. The record says which host belongs to which; limits
//! and pauses hold for each site, so two laws ask.

use record::{Connection, ContactId, Host, Provider, ProviderId, Record};
use units::Table;

/// A site: the provider, and the number of the site within it.
pub(super) type Site = (ProviderId, u32);

/// The sites of a record.
pub(super) struct Sites<'r> {
    record: &'r Record,
    /// The hosts by name, with the numbers of their sites.
    by_name: Table<(ProviderId, &'r str), u32>,
}

impl<'r> Sites<'r> {
    pub(super) fn new(record: &'r Record) -> Self {
        let hosts = |(id, provider): (ProviderId, &'r Provider)| {
            provider.hosts.iter().map(move |Host { name, site }| ((id, name.as_str()), *site))
        };
        Self { record, by_name: (0..).zip(&record.providers).flat_map(hosts).collect() }
    }

    /// The site that `connection` leads to; `None` if its host is unknown.
    pub(super) fn of_connection(&self, connection: &Connection) -> Option<Site> {
        let provider = self.record.providers.get(connection.provider as usize)?;
        let host = provider.hosts.get(connection.host as usize)?;
        Some((connection.provider, host.site))
    }

    /// The site that takes the mail of a contact: its domain, if that is a host itself, else the only one of its provider.
    pub(super) fn of_contact(&self, contact: ContactId) -> Option<Site> {
        let contact = self.record.contacts.get(contact as usize)?;
        let domain = contact.address.rsplit('@').next().unwrap_or_default();
        let own = self.by_name.get(&(contact.provider, domain)).copied();
        Some((contact.provider, own.unwrap_or(0)))
    }

    /// Whether mail may go from one site of a provider to another, because its domains got other hosts: neither are all hosts
    /// one site, nor is each a domain.
    pub(super) fn may_move(&self, provider: ProviderId) -> bool {
        self.record.providers.get(provider as usize).is_some_and(|Provider { hosts, domains, .. }| {
            hosts.iter().any(|host| host.site != 0) && hosts.iter().any(|host| !domains.contains(&host.name))
        })
    }

    /// The hosts of a site.
    pub(super) fn hosts(&self, (provider, site): Site) -> impl Iterator<Item = &'r Host> {
        let provider = self.record.providers.get(provider as usize);
        provider.into_iter().flat_map(|provider| &provider.hosts).filter(move |host| host.site == site)
    }

    /// What a site is called in findings: the provider, or the host if the provider has several sites.
    pub(super) fn name(&self, site: Site) -> String {
        let Some(provider) = self.record.providers.get(site.0 as usize) else { return String::new() };
        let is_only = provider.hosts.iter().all(|host| host.site == site.1);
        match self.hosts(site).next() {
            Some(host) if !is_only => host.name.clone(),
            Some(_) | None => provider.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample::{self, ANN, CLEO};

    #[test]
    fn the_hosts_of_a_provider_are_one_site_or_one_each() {
        let mut record = sample::lawful();
        let host = |name: &str, site| Host { name: name.to_owned(), site };
        record.providers[0].hosts = vec![host("mx1.northmail.test", 0), host("mx2.northmail.test", 0)];
        record.providers[1].hosts = vec![host("smallbox.test", 0), host("bigbox.test", 1)];
        record.providers[1].domains = vec!["smallbox.test".to_owned(), "bigbox.test".to_owned()];
        let sites = Sites::new(&record);
        assert_eq!((sites.of_contact(ANN), sites.of_contact(CLEO)), (Some((0, 0)), Some((1, 1))));
        assert_eq!(sites.of_contact(1000), None);
        assert_eq!((sites.hosts((0, 0)).count(), sites.hosts((1, 1)).count()), (2, 1));
        assert_eq!(
            (sites.name((0, 0)), sites.name((1, 1))),
            ("northmail".to_owned(), "bigbox.test".to_owned())
        );

        assert!(!sites.may_move(0) && !sites.may_move(1));
        let mut moved = record.clone();
        moved.providers[0].hosts[1].site = 1;
        assert!(Sites::new(&moved).may_move(0));

        let mut connection = record.receipts.connections[0];
        (connection.provider, connection.host) = (1, 1);
        assert_eq!(sites.of_connection(&connection), Some((1, 1)));
        connection.host = 2;
        assert_eq!(sites.of_connection(&connection), None);
    }
}
