//! Laws of the protocol that hold for any input: property tests over the public interface.
//!
//! A law does not know what is right, only what cannot both be so; what is right is told by the dialogues.

mod grammar;
mod joined;
mod server;
mod sessions;
