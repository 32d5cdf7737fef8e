//! Connections to mail exchangers: the engine's [`Connector`] over TCP.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::port::{ConnectError, Connector, Later, Opened};
use smtp::Domain;

use crate::dial::Dialer;
use crate::endpoint::Endpoint;
use crate::stream::MailStream;
use crate::tls::Tls;

/// The port of mail exchangers.
// RFC 5321 2.3.4, 4.5.4.2
pub const SMTP_PORT: u16 = 25;

/// Where connections lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To the host that is asked for, at this port of it.
    Hosts {
        /// The port, [`SMTP_PORT`] as a rule.
        port: u16,
    },
    /// All to one place, whichever host is asked for.
    Fixed(Endpoint),
}

/// Opens TCP connections for the engine.
#[derive(Debug)]
pub struct TcpConnector {
    dialer: Dialer,
    route: Route,
    tls: Tls,
}

impl TcpConnector {
    /// A connector that opens connections with `dialer` and secures them with `tls`.
    pub const fn new(dialer: Dialer, route: Route, tls: Tls) -> Self {
        Self { dialer, route, tls }
    }

    async fn open(&self, host: &Domain) -> Result<Opened, ConnectError> {
        let stream = match &self.route {
            Route::Hosts { port } => self.dialer.host(host, *port).await,
            Route::Fixed(endpoint) => self.dialer.endpoint(endpoint).await,
        }?;
        let stream = MailStream::new(stream, host.clone(), self.tls.clone());
        Ok(Opened { stream: Box::new(stream), number: next_number().get() })
    }
}

impl Connector for TcpConnector {
    fn connect<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(self.open(host))
    }
}

/// A number that no other connection of this process has; after four thousand million of them they begin again.
fn next_number() -> NonZeroU32 {
    static LATEST: AtomicU32 = AtomicU32::new(0);
    let mut next = || NonZeroU32::new(LATEST.fetch_add(1, Ordering::Relaxed).wrapping_add(1));
    // 0 is no number; it comes up once in a round.
    next().or_else(&mut next).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_never_given_twice() {
        let first = next_number();
        assert!((0..1000).all(|_| next_number() > first));
    }
}
