//! The world, as ports: connections, the DNS, and whoever writes the messages.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use policy::route::MxAnswer;
use smtp::Domain;
use tokio::io::{AsyncRead, AsyncWrite};

pub use policy::mailing::{Composer, Letter};

/// Something that is answered later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Opens connections.
pub trait Connector {
    /// Opens a connection to the SMTP port of `host`, whose addresses the connector looks up. The caller limits how long
    /// that may take.
    fn connect<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Opened, ConnectError>>;
}

/// A connection that was opened.
pub struct Opened {
    /// What can be read and written.
    pub stream: Box<dyn Stream>,
    /// A number by which it is known in the ledger, and by which its peer may know it too (a local port, say). Not 0.
    pub number: u32,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("number", &self.number).finish_non_exhaustive()
    }
}

/// An open connection. Closing is dropping it.
pub trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// Does the client's part of a TLS handshake; from then on, what is read and written travels inside TLS. Called once at
    /// most, when everything written has left and nothing that can be read is left. The caller limits how long it may
    /// take.
    ///
    /// # Errors
    /// The handshake failed, or the connection ended. The stream is of no further use.
    fn secure<'a>(&'a mut self) -> Later<'a, io::Result<()>>;
}

/// Why no connection was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectError {
    /// The host refused it.
    Refused,
    /// The host took it and reset it at once.
    Reset,
    /// Nobody answered in time.
    TimedOut,
    /// The host has no address.
    NoAddress,
}

impl ConnectError {
    /// Words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refused => "connection refused",
            Self::Reset => "connection reset",
            Self::TimedOut => "connection timed out",
            Self::NoAddress => "the host has no address",
        }
    }
}

/// Looks mail exchangers up.
pub trait Resolver {
    /// The mail exchangers of `domain`.
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MxAnswer>;
}
