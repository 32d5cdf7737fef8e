//! What a behaviour is told about an accepted message, and what it can decide about it.
//!
//! Separate from `scene`, because here nobody is answered any more: the sender has its 250.

use units::{Instant, Share};

use super::Received;
use crate::echo::Echo;
use crate::receipts::Happening;

/// A message that was accepted, for one of its recipients.
#[derive(Debug, Clone, Copy)]
pub struct Accepted<'a> {
    /// The recipient, by its number in the roster.
    pub recipient: u32,
    /// The message.
    pub message: Received<'a>,
    /// How much of such a sender's mail goes into spam folders instead of inboxes
    /// ([`Behaviour::spam_share`](super::Behaviour::spam_share)).
    pub spam_share: Share,
}

/// What becomes of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destiny {
    /// What happens to it, and when: now or later.
    pub happenings: Vec<(Instant, Happening)>,
    /// What is sent back because of it.
    pub echoes: Vec<Echo>,
}
