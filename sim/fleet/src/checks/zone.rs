//! What the DNS of the simulated world knows about the sender.
//!
//! Names are kept in lower case and without the dot at their end. What is not here does not exist.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// What the DNS knows about the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderZone {
    pub(crate) texts: BTreeMap<String, Vec<String>>,
    pub(crate) addresses: BTreeMap<String, Vec<IpAddr>>,
    pub(crate) exchangers: BTreeMap<String, Vec<String>>,
    pub(crate) names: BTreeMap<IpAddr, Vec<String>>,
}

impl SenderZone {
    /// Nothing at all.
    pub const fn empty() -> Self {
        Self {
            texts: BTreeMap::new(),
            addresses: BTreeMap::new(),
            exchangers: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// With a text record.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.texts.entry(name.to_ascii_lowercase()).or_default().push(text.to_owned());
        self
    }

    /// With an address record.
    #[must_use]
    pub fn address(mut self, name: &str, address: IpAddr) -> Self {
        self.addresses.entry(name.to_ascii_lowercase()).or_default().push(address);
        self
    }

    /// With a mail exchanger, less preferred than those before.
    #[must_use]
    pub fn exchanger(mut self, name: &str, host: &str) -> Self {
        self.exchangers.entry(name.to_ascii_lowercase()).or_default().push(host.to_ascii_lowercase());
        self
    }

    /// With a name for an address (PTR).
    #[must_use]
    pub fn reverse(mut self, address: IpAddr, name: &str) -> Self {
        self.names.entry(address).or_default().push(name.to_ascii_lowercase());
        self
    }

    /// The addresses of a name.
    pub(crate) fn addresses_of(&self, name: &str) -> &[IpAddr] {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.addresses.get(&name).map_or(&[], Vec::as_slice)
    }

    /// The names of an address.
    pub(crate) fn names_of(&self, address: IpAddr) -> &[String] {
        self.names.get(&address).map_or(&[], Vec::as_slice)
    }
}

impl Default for SenderZone {
    /// What is right for mail of `sender.example` from `mta.sender.example`, 192.0.2.10, that nobody signs.
    fn default() -> Self {
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
        Self::empty()
            .text("sender.example", "v=spf1 ip4:192.0.2.10 -all")
            .text("_dmarc.sender.example", "v=DMARC1; p=reject")
            .address("mta.sender.example", address)
            .reverse(address, "mta.sender.example")
    }
}
