//! BDAT: a message in chunks, whose length is told beforehand.
//!
//! A file of its own because a chunk follows its command without waiting for an answer: also what is refused has to be read
//! to its end, in every state. The first chunk asks the host what DATA would ask, the last one what the final dot would.
//!
//! RFC 3030 2 (BDAT), 4.2 (in groups of commands).

use super::{ServerSession, State};
use crate::server::content::ContentFault;
use crate::server::{Answer, Host, Then, Turn};
use crate::{Chunk, CommandFault, Reply, ReplyClass};

/// A chunk of which something is still to come.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Octets that have not arrived.
    left: u64,
    size: u64,
    fate: Fate,
}

/// What becomes of a chunk.
#[derive(Debug)]
enum Fate {
    /// It is part of a message.
    Content(Chunk),
    /// It is thrown away, and this is answered.
    Refused(Answer),
}

impl ServerSession {
    pub(super) fn bdat<H: Host + ?Sized>(&mut self, host: &mut H, size: u64, chunk: Chunk, turn: &mut Turn) {
        if !self.config.extensions.chunking {
            return self.not_understood(turn, CommandFault::NotImplemented);
        }
        let refusal = self.refusal_of_chunk(host, size, turn);
        let fate = refusal.map_or(Fate::Content(chunk), Fate::Refused);
        if turn.then == Then::Continue {
            self.incoming = Some(Incoming { left: size, size, fate });
            self.take_chunk(host, &mut &[][..], turn);
        }
    }

    /// Why a chunk cannot be part of a message, if so.
    fn refusal_of_chunk<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        size: u64,
        turn: &mut Turn,
    ) -> Option<Answer> {
        let reply = match self.state {
            State::Transaction { recipients: 0, .. } => self.reply(554, (5, 5, 1), "no valid recipients"),
            State::Transaction { .. } | State::Chunks if self.exceeds(size) => {
                self.forget(host);
                let (code, status, text) = ContentFault::TooLarge.reply();
                self.reply(code, status, text)
            }
            State::Transaction { .. } => return self.begin_chunks(host, turn),
            State::Chunks => return None,
            State::Rejected => self.reply(503, (5, 5, 1), "only QUIT is left"),
            _ => self.reply(503, (5, 5, 1), "say MAIL and RCPT first"),
        };
        Some(Answer::say(reply))
    }

    /// Whether the message would be larger than allowed.
    fn exceeds(&self, size: u64) -> bool {
        self.content.octets().saturating_add(size) > self.config.max_size()
    }

    /// Asks for the go-ahead that the client does not wait for. Comes back with what is said instead.
    fn begin_chunks<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) -> Option<Answer> {
        let answer = host.bdat();
        let class = answer.reply.as_ref().map(Reply::class);
        match (class, answer.then) {
            (Some(ReplyClass::Intermediate), then) => {
                self.state = State::Chunks;
                turn.add(&Answer { reply: None, then, ..answer });
                None
            }
            // The connection ends: there is no stream to be kept in step.
            (_, Then::Close | Then::Reset | Then::Hang) => {
                turn.add(&answer);
                None
            }
            (_, Then::Continue) => {
                self.forget(host);
                Some(answer)
            }
        }
    }

    /// Takes what has arrived of a chunk, possibly nothing of an empty one.
    pub(super) fn take_chunk<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8], turn: &mut Turn) {
        let Some(incoming) = &mut self.incoming else { return };
        let length = rest.len().min(usize::try_from(incoming.left).unwrap_or(usize::MAX));
        let (piece, tail) = rest.split_at(length);
        *rest = tail;
        incoming.left -= length as u64;
        if let (Fate::Content(_), false) = (&incoming.fate, piece.is_empty()) {
            self.content.take(&self.config, piece);
            host.body(piece);
            if self.interrupted(host, turn) {
                *rest = &[];
                return;
            }
        }
        if self.incoming.as_ref().is_some_and(|incoming| incoming.left == 0) {
            self.end_chunk(host, turn);
        }
    }

    fn end_chunk<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        match self.incoming.take() {
            None => {}
            // RFC 3030 2: 250 for each chunk; the reply to the last one is about the message
            Some(Incoming { size, fate: Fate::Content(Chunk::NotLast), .. }) => {
                self.say(turn, 250, (2, 0, 0), &format!("{size} octets received"));
            }
            Some(Incoming { fate: Fate::Content(Chunk::Last), .. }) => self.take_message(host, turn),
            Some(Incoming { fate: Fate::Refused(answer), .. }) => {
                turn.add(&answer);
            }
        }
    }
}
