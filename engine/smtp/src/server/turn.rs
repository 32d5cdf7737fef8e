//! What a server does in answer to what it received: bytes, a delay, and what happens to the connection.
//!
//! The delay is told, not waited for; nothing here knows what time it is.

use std::time::Duration;

use super::{Answer, Then};
use crate::{Reply, ReplyClass};

// RFC 5321 4.3.2: 421 says that the server closes the connection
const CLOSING: u16 = 421;

/// What a server does in answer to what it received. Empty while no command is complete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turn {
    /// What is said. Nothing is silence, for now or for ever.
    pub bytes: Vec<u8>,
    /// How long the server takes before it says it. The replies to a group of commands leave together, after the sum
    /// of their times (RFC 2920 3.2).
    pub after: Duration,
    /// What happens to the connection afterwards.
    pub then: Then,
}

impl Turn {
    /// Adds what was answered to one command. Comes back with the class of the reply, nothing for silence.
    pub(super) fn add(&mut self, answer: &Answer) -> Option<ReplyClass> {
        self.after = self.after.saturating_add(answer.after);
        self.then = answer.then;
        self.bytes.extend_from_slice(&answer.noise);
        let reply = answer.reply.as_ref()?;
        match &answer.spelled {
            None => reply.encode(&mut self.bytes),
            Some(bytes) => self.bytes.extend_from_slice(bytes),
        }
        self.close_after(reply);
        Some(reply.class())
    }

    /// Adds a reply.
    pub(super) fn say(&mut self, reply: &Reply) {
        reply.encode(&mut self.bytes);
        self.close_after(reply);
    }

    fn close_after(&mut self, reply: &Reply) {
        if reply.code().get() == CLOSING && self.then == Then::Continue {
            self.then = Then::Close;
        }
    }
}
