//! A place that a user names: `HOST:PORT`.
//!
//! A file of its own because routes, name servers and policy hosts are all named so, and a mistake is told the same way.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use smtp::Domain;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub host: Place,
    /// The port, not 0.
    pub port: u16,
}

/// A host, as somebody names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At these addresses, the preferred one first.
    Addresses(Vec<IpAddr>),
    /// To be looked up.
    Name(Domain),
}

impl Endpoint {
    /// Reads `192.0.2.1:25`, `[2001:db8::1]:25`, `localhost:25` or `mx.example:25`.
    ///
    /// # Errors
    /// It is none of these.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let error = |problem| EndpointError { text: text.to_owned(), problem };
        let (host, port) = text.rsplit_once(':').ok_or_else(|| error(Problem::NoPort))?;
        // `::1` without brackets has colons, but none of them stands before a port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(error(Problem::NoBrackets));
        }
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(|| error(Problem::BadPort))?;
        let host = Place::parse(host).ok_or_else(|| error(Problem::BadHost))?;
        Ok(Self { host, port })
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return inside.parse::<Ipv6Addr>().ok().map(|address| Self::Addresses(vec![address.into()]));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Addresses(vec![address.into()]));
        }
        // RFC 6761 6.3: no name server is asked for it
        if text.eq_ignore_ascii_case("localhost") {
            return Some(Self::Addresses(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]));
        }
        Domain::parse(text).ok().map(Self::Name)
    }
}

impl From<std::net::SocketAddr> for Endpoint {
    fn from(address: std::net::SocketAddr) -> Self {
        Self { host: Place::Addresses(vec![address.ip()]), port: address.port() }
    }
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointError {
    text: String,
    problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    NoPort,
    BadPort,
    NoBrackets,
    BadHost,
}

impl EndpointError {
    /// What to write instead.
    pub const fn remedy(&self) -> &'static str {
        match self.problem {
            Problem::NoPort => "write the host and the port: 127.0.0.1:2525",
            Problem::BadPort => "a port is a number from 1 to 65535",
            Problem::NoBrackets => "write an IPv6 address in brackets: [::1]:2525",
            Problem::BadHost => "write an address or a domain name before the port: 127.0.0.1:2525",
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::NoPort => "has no port",
            Problem::BadPort => "has a port that is none",
            Problem::NoBrackets => "has an IPv6 address without brackets",
            Problem::BadHost => "has a host that is none",
        };
        write!(f, "`{}` {what}", self.text)
    }
}

impl std::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_mistakes_are_told() {
        let check = |text: &str, expected: &str| {
            let read = match Endpoint::parse(text) {
                Ok(Endpoint { host: Place::Addresses(addresses), port }) => format!("{addresses:?} {port}"),
                Ok(Endpoint { host: Place::Name(name), port }) => format!("{name} {port}"),
                Err(error) => error.to_string(),
            };
            assert_eq!(read, expected);
        };
        check("127.0.0.1:25", "[127.0.0.1] 25");
        check("[::1]:2525", "[::1] 2525");
        check("LOCALHOST:25", "[127.0.0.1, ::1] 25");
        check("MX.example:25", "mx.example 25");
        check("mx.example", "`mx.example` has no port");
        check("mx.example:smtp", "`mx.example:smtp` has a port that is none");
        check("mx.example:0", "`mx.example:0` has a port that is none");
        check("mx.example:65536", "`mx.example:65536` has a port that is none");
        check("::1", "`::1` has an IPv6 address without brackets");
        check("[127.0.0.1]:25", "`[127.0.0.1]:25` has a host that is none");
        check("mx example:25", "`mx example:25` has a host that is none");
        check(":25", "`:25` has a host that is none");
        check("", "`` has no port");
    }
}
