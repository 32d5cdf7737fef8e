//! The whole engine against peers that mean harm, over real sockets.
//!
//! - [`attempt`]: one mailing to one recipient, and what its first attempt found
//! - [`peers`]: servers that break the rules, and what is said about them
//! - [`positions`]: a server that goes away after every byte of the dialogue
//! - [`handshakes`]: one that goes away after every byte of its TLS handshake

mod attempt;
mod handshakes;
mod peers;
mod positions;
