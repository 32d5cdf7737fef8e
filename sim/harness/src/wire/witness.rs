//! Whoever else hears the conversations of the memory wire, and may say the server's answers in words of its own.
//!
//! When answers come, what becomes of connections and what receipts say is the fake server's, whatever a witness does.

use fleet::Exchange;
use fleet::behaviour::Network;
use smtp::Domain;
use smtp::server::Turn;
use units::Instant;

/// Calls a witness to each connection.
pub(crate) trait Witnesses {
    /// The witness of a connection to `host`, which has this number at its provider, goes over such a network, and is about to be
    /// greeted.
    fn call(&self, host: &Domain, number: u32, network: Network) -> Box<dyn Witness>;
}

/// Hears one connection; it is over when this is dropped.
pub(crate) trait Witness {
    /// The connection stands, and the server says this.
    fn greeted(&mut self, now: Instant, turn: &mut Turn);

    /// The engine wrote `bytes`, which led to these questions and answers, and to this turn.
    fn heard(&mut self, now: Instant, bytes: &[u8], exchanges: &[Exchange], turn: &mut Turn);
}
