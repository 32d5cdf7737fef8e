//! The server's side of a connection: grammar and protocol order here, every decision asked from a [`Host`].
//!
//! - [`ServerSession`]: bytes in, a [`Turn`] out
//! - [`Host`], [`Answer`]: the questions, and what is said and done
//! - [`ServerConfig`]: what is offered, and the bounds
//!
//! No AUTH, no BDAT: the session does not offer what it cannot do, whatever the configuration says. STARTTLS is answered
//! here; the handshake is done by whoever owns the stream.

mod config;
mod host;
mod line;
mod session;
mod turn;

pub use config::ServerConfig;
pub use host::{Answer, Host, Then};
pub use session::ServerSession;
pub use turn::Turn;
