//! Laws of messages that hold for any recipient: property tests over the public interface, read back by another library.
//!
//! What a message looks like is told by the texts in `tests/messages`.

mod looks;
mod messages;
mod sample;
mod signatures;
mod verifier;
