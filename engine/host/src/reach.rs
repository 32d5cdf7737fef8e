//! How far connections may go: nowhere but to this machine, unless somebody says otherwise.
//!
//! A file of its own because it is what stands between a test and the internet: every address that is connected to passes
//! [`Reach::admit`], whoever named it (a route, a resolver, a policy's host).

use std::fmt;
use std::net::IpAddr;

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Those of this machine: 127.0.0.0/8 and ::1.
    #[default]
    LoopbackOnly,
    /// All.
    Anywhere,
}

impl Reach {
    /// The address to connect to, if it may be reached. An IPv4 address in IPv6 clothes is taken for what it is.
    ///
    /// # Errors
    /// It may not be reached.
    pub const fn admit(self, address: IpAddr) -> Result<IpAddr, OutOfReach> {
        // RFC 4291 2.5.5.2: ::ffff:192.0.2.1 goes to 192.0.2.1
        let address = address.to_canonical();
        match self {
            Self::Anywhere => Ok(address),
            Self::LoopbackOnly if address.is_loopback() => Ok(address),
            Self::LoopbackOnly => Err(OutOfReach { address }),
        }
    }
}

/// The address is not on this machine, and only this machine may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfReach {
    /// The address, without IPv6 clothes.
    pub address: IpAddr,
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not on this machine, and only loopback addresses may be reached", self.address)
    }
}

impl std::error::Error for OutOfReach {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_loopback_passes_unless_told_otherwise() {
        let admitted = |reach: Reach, text: &str| reach.admit(text.parse().expect("an address"));
        for (given, admits) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.9.8.7", "127.9.8.7"),
            ("::1", "::1"),
            ("::ffff:127.0.0.2", "127.0.0.2"),
        ] {
            assert_eq!(
                admitted(Reach::LoopbackOnly, given).map(|address| address.to_string()),
                Ok(admits.to_owned())
            );
        }
        let others = [
            "192.0.2.1",
            "0.0.0.0",
            "::",
            "10.0.0.1",
            "2001:db8::1",
            "fe80::1",
            "::ffff:192.0.2.1",
            // Other ways to write an IPv4 address as an IPv6 one: compatible, translated (RFC 6052), 6to4 (RFC 3056).
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "2002:7f00:1::",
        ];
        for other in others {
            assert!(admitted(Reach::LoopbackOnly, other).is_err(), "{other}");
            assert!(admitted(Reach::Anywhere, other).is_ok(), "{other}");
        }
        let refused = admitted(Reach::LoopbackOnly, "::ffff:192.0.2.1").expect_err("it is elsewhere");
        let words = "192.0.2.1 is not on this machine, and only loopback addresses may be reached";
        assert_eq!(refused.to_string(), words);
    }
}
