//! Hearing a session: what was read, piece by piece, and what was said to it.
//!
//! A file of its own because nothing of the protocol depends on it: whoever keeps transcripts listens here, where it is known
//! what is a command, what is content, and what is a secret.

use super::{ServerSession, State};
use crate::server::{Host, Then, Turn};

/// What was read in one step, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// What kind of thing was read.
    pub kind: Heard,
    /// The bytes: at most one line of commands, or a piece of one; any piece of content.
    pub bytes: &'a [u8],
    /// What is said to it: replies as they will be sent, or nothing.
    pub said: &'a [u8],
    /// What happens to the connection afterwards.
    pub then: Then,
}

/// What kind of thing a session read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// A command, or a piece of one.
    Command,
    /// Content of a message, or a chunk, whatever becomes of it.
    Content,
    /// An answer to a question of AUTH.
    Secret,
    /// Nothing: it was thrown away.
    Ignored,
}

impl ServerSession {
    /// Does what [`Self::receive`] does, and tells `listen` of every step, with the host as it is after it.
    ///
    /// # Panics
    /// When the greeting has not been asked for.
    pub fn receive_overheard<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        bytes: &[u8],
        mut listen: impl FnMut(&mut H, Step<'_>),
    ) -> Turn {
        let mut turn = Turn::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (before, said_before, kind) = (rest, turn.bytes.len(), self.next_kind());
            self.advance(host, &mut rest, &mut turn);
            let bytes = &before[..before.len() - rest.len()];
            listen(host, Step { kind, bytes, said: &turn.bytes[said_before..], then: turn.then });
        }
        turn
    }

    /// What the next byte belongs to.
    const fn next_kind(&self) -> Heard {
        match self.state {
            State::Handshake | State::Silent => Heard::Ignored,
            _ if self.incoming.is_some() => Heard::Content,
            State::Content => Heard::Content,
            State::Authenticating => Heard::Secret,
            State::Connected
            | State::Rejected
            | State::Greeted
            | State::Idle
            | State::Transaction { .. }
            | State::Chunks => Heard::Command,
        }
    }
}
