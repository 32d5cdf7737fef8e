//! The world, as ports: connections, the DNS, and whoever writes the messages.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use policy::route::MailRoute;
use smtp::Domain;
use smtp::client::Trust;
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

/// An open connection. Closing is dropping it. What is to leave together is handed to `poll_write_vectored`: a stream that does
/// not take it all at once costs a packet more, and nothing else.
pub trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// Does the client's part of a TLS handshake; from then on, what is read and written travels inside TLS. Called once at
    /// most, when everything written has left and nothing that can be read is left. The caller limits how long it may
    /// take. `trust` says what certificate the other end must have; the host is the one that was connected to.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`]: its certificate is not the one it must have. [`io::ErrorKind::InvalidData`]: there
    /// was no understanding, or it does not speak TLS; both may say more with [`Why`]. Others: the connection ended. The
    /// stream is of no further use.
    fn secure<'a>(&'a mut self, trust: Trust) -> Later<'a, io::Result<()>>;
}

/// Words for what went wrong, inside an [`io::Error`]; they are those that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why(pub &'static str);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Why {}

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
    /// Nobody could say which addresses the host has.
    LookupFailed,
    /// No way leads to the host.
    NoRoute,
    /// The host is not where connections may go.
    OutOfReach,
    /// This machine could not begin it: the source address is not its own, say, or too much is open.
    Local,
}

impl ConnectError {
    /// Words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refused => "connection refused",
            Self::Reset => "connection reset",
            Self::TimedOut => "connection timed out",
            Self::NoAddress => "the host has no address",
            Self::LookupFailed => "the host's address could not be looked up",
            Self::NoRoute => "no route to the host",
            Self::OutOfReach => "only loopback addresses may be reached",
            Self::Local => "this machine could not open a connection",
        }
    }
}

/// Looks mail exchangers up.
pub trait Resolver {
    /// The mail exchangers of `domain`, and what it demands of connections to them.
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MailRoute>;
}
