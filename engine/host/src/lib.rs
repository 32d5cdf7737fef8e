//! The ports of the engine as the operating system gives them: sockets, TLS, DNS, clock.
//!
//! - [`clock`]: the time
//! - [`reach`], [`endpoint`]: where connections may go, and places that a user names
//! - [`dial`], [`connector`], [`stream`]: TCP connections to mail exchangers
//! - [`tls`]: encryption and whom to trust
//! - [`dns`]: mail exchangers and addresses
//! - [`sts`], [`routes`]: what domains demand of those who deliver to them (MTA-STS)
//!
//! Nothing here decides about mail; the engine behind it does not know that it is real. Single-threaded, like the engine:
//! it needs a current-thread tokio runtime with both drivers.

pub mod clock;
pub mod connector;
pub mod dial;
pub mod dns;
pub mod endpoint;
pub mod reach;
pub mod routes;
pub mod stream;
pub mod sts;
pub mod tls;
