//! Matchers about the connection: `client`, `ehlo_name`, `host`, `tls`.

use std::net::IpAddr;

use scenario::field::optional;
use scenario::{Node, Problem, Problems, value};
use smtp::Security;

use super::pattern::{Pattern, patterns};
use super::{Asked, Matcher, Test};
use crate::Phase;

pub(super) const CLIENT: Matcher = Matcher {
    field: optional(
        "client",
        "network or list of networks",
        "The address that the connection comes from, or a network that it is in: 192.0.2.10, 192.0.2.0/24, 2001:db8::/32.",
    ),
    known_from: Phase::FIRST,
    read: |node, _, problems| Some(Box::new(Client { networks: value::list(network)(node, problems)? })),
};

pub(super) const EHLO_NAME: Matcher = Matcher {
    field: optional("ehlo_name", "text or list of texts", "What the client calls itself in EHLO or HELO."),
    known_from: Phase::Ehlo,
    read: |node, _, problems| Some(Box::new(EhloName { patterns: patterns(node, problems)? })),
};

pub(super) const HOST: Matcher = Matcher {
    field: optional("host", "text or list of texts", "The MX host that the connection goes to."),
    known_from: Phase::FIRST,
    read: |node, _, problems| Some(Box::new(Host { patterns: patterns(node, problems)? })),
};

pub(super) const TLS: Matcher = Matcher {
    field: optional("tls", "true or false", "Whether the connection is inside TLS."),
    known_from: Phase::FIRST,
    read: |node, _, problems| Some(Box::new(Tls { wanted: value::truth(node, problems)? })),
};

#[derive(Debug)]
struct Client {
    networks: Vec<Network>,
}

impl Test for Client {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        Some(self.networks.iter().any(|network| network.has(scene.identity.client)))
    }
}

/// Addresses with the same leading bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let all = width(address);
        let bits = bits.unwrap_or(all);
        (bits <= all).then_some(Self { address, bits })
    }

    fn has(self, other: IpAddr) -> bool {
        let shift = width(self.address) - self.bits;
        width(self.address) == width(other)
            && number(self.address).checked_shr(shift) == number(other).checked_shr(shift)
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn network(node: &Node, problems: &mut Problems) -> Option<Network> {
    let text = value::text(node, problems)?;
    let network = Network::parse(&text);
    if network.is_none() {
        let message = format!("`{text}` is neither an IP address nor a network");
        problems.push(
            Problem::at(node.place, message, "not a network")
                .help("write an address or a network, as in 192.0.2.10 or 192.0.2.0/24"),
        );
    }
    network
}

#[derive(Debug)]
struct EhloName {
    patterns: Vec<Pattern>,
}

impl Test for EhloName {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        let name = scene.visit.client_name.as_bytes();
        (!name.is_empty()).then(|| self.patterns.iter().any(|pattern| pattern.matches(name)))
    }
}

#[derive(Debug)]
struct Host {
    patterns: Vec<Pattern>,
}

impl Test for Host {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        let host = scene.identity.hosts.get(scene.visit.host)?.as_bytes();
        Some(self.patterns.iter().any(|pattern| pattern.matches(host)))
    }
}

#[derive(Debug)]
struct Tls {
    wanted: bool,
}

impl Test for Tls {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        Some((scene.visit.security == Security::Tls) == self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_what_begins_like_it() {
        let check = |network: &str, address: &str, has: bool| {
            let network = Network::parse(network).expect(network);
            assert_eq!(network.has(address.parse().expect(address)), has, "{network:?} {address}");
        };
        check("192.0.2.10", "192.0.2.10", true);
        check("192.0.2.10", "192.0.2.11", false);
        check("192.0.2.0/24", "192.0.2.200", true);
        check("192.0.2.0/24", "192.0.3.1", false);
        check("0.0.0.0/0", "203.0.113.1", true);
        check("::/0", "192.0.2.1", false);
        check("2001:db8::/32", "2001:db8:1::1", true);
        assert_eq!(Network::parse("192.0.2.0/33"), None);
        assert_eq!(Network::parse("192.0.2/24"), None);
    }
}
