//! The server's side of a connection: grammar and protocol order here, every decision asked from a [`Host`].
//!
//! - [`ServerSession`]: bytes in, a [`Turn`] out; [`Step`]: what came of each piece of them
//! - [`Host`], [`Answer`]: the questions, and what is said and done; [`Credentials`]: what a client says about itself
//! - [`ServerConfig`], [`Tolerance`]: what is offered, the bounds, and what is put up with
//!
//! STARTTLS is answered here; the handshake is done by whoever owns the stream. Not here: BINARYMIME, which would have to
//! hand on content that is no text.

mod config;
mod content;
mod help;
mod host;
mod line;
mod sasl;
mod session;
mod turn;

pub use config::{ServerConfig, Tolerance};
pub use host::{Answer, Credentials, Host, Then};
pub use session::{Heard, ServerSession, Step};
pub use turn::Turn;
