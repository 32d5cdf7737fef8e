//! The fleet on sockets of its own: listeners, names, certificates, and a control port.
//!
//! Everything runs on one thread, as the fleet does, within a single-threaded tokio runtime that is the caller's; so does the
//! clock.
//!
//! - [`attend()`]: one connection, over anything that can be read and written; [`Socket`]: what such a thing must be able to do
//! - [`Service`], [`Settings`]: a whole fleet, with everything that belongs to it
//! - [`Authority`]: certificates, with every fault that they can have
//! - `listeners`, `names`, `control`: doors, name server, and control port of a service; `hall` is what they share

mod attend;
mod certificates;
mod control;
mod hall;
mod listeners;
mod names;
mod service;
mod socket;

pub use attend::{PATIENCE, Terms, attend};
pub use certificates::{Authority, CertificateError};
pub use control::{Testimony, Witness, only_local};
pub use hall::Blueprint;
pub use listeners::{Addresses, Place};
pub use service::{Names, Route, Service, Settings, StartError};
pub use socket::Socket;
