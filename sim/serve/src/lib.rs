//! The fleet on sockets of its own: listeners, names, certificates, and a control port.
//!
//! - [`attend()`]: one connection, over anything that can be read and written
//! - [`Socket`]: what such a thing must be able to do

mod attend;
mod socket;

pub use attend::{PATIENCE, Terms, attend};
pub use socket::Socket;
