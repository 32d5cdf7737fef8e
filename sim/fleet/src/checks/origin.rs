//! Where a connection comes from: whether its address has a name, and its client told one.

use std::net::IpAddr;

use super::{Finding, SenderZone};

/// Whether the address has a name, and one of its names this address: forward-confirmed reverse DNS (RFC 8601 2.7.3).
pub(crate) fn reverse_dns(zone: &SenderZone, client: IpAddr) -> Finding {
    match zone.names_of(client) {
        [] => Finding::None,
        names => Finding::of(names.iter().any(|name| zone.addresses_of(name).contains(&client))),
    }
}

/// Whether the client told a name that has an address.
// RFC 5321 2.3.5: the domain name given in EHLO must be a host name that resolves to an address
pub(crate) fn ehlo_name(zone: &SenderZone, name: &str) -> Finding {
    if !name.trim_end_matches('.').contains('.') || name.starts_with('[') {
        return Finding::Fail;
    }
    if zone.addresses_of(name).is_empty() { Finding::None } else { Finding::Pass }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_point_at_each_other() {
        let address: IpAddr = "192.0.2.10".parse().expect("an address");
        let zone = SenderZone::default();
        assert_eq!(reverse_dns(&zone, address), Finding::Pass);
        assert_eq!(reverse_dns(&zone, "192.0.2.11".parse().expect("an address")), Finding::None);
        let alias = SenderZone::empty().reverse(address, "host.isp.example");
        assert_eq!(reverse_dns(&alias, address), Finding::Fail);
        assert_eq!(reverse_dns(&alias.address("host.isp.example", address), address), Finding::Pass);
    }

    #[test]
    fn a_client_tells_a_name_that_is_known() {
        let zone = SenderZone::default();
        assert_eq!(ehlo_name(&zone, "MTA.sender.example"), Finding::Pass);
        assert_eq!(ehlo_name(&zone, "other.sender.example"), Finding::None);
        for name in ["localhost", "[192.0.2.10]", ""] {
            assert_eq!(ehlo_name(&zone, name), Finding::Fail, "{name}");
        }
    }
}
