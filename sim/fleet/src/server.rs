//! A fake server at the other end of one connection: bytes in, bytes and waits out.
//!
//! Puts the session, which knows the protocol, and the conversation, which decides, together, and notices how the
//! connection ends. It does no I/O and knows no clock: whoever carries the bytes tells the time.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use smtp::server::{ServerConfig, ServerSession, Then, Turn};
use units::Instant;

use crate::behaviour::{Certificate, Visit};
use crate::conversation::Conversation;
use crate::exchange::{Exchange, Notes};
use crate::provider::Provider;
use crate::receipts::ConnectionEnd;

/// How many commands are answered with an error of the protocol before the server hangs up. Far more than real servers
/// stand, because a client that sends its commands in groups gets one for each recipient after every refused MAIL, and
/// when to hang up is for behaviours to say.
const MAX_ERRORS: u32 = 100_000;

/// The server's side of one connection.
pub struct Server {
    session: ServerSession,
    conversation: Conversation,
    state: State,
    /// When the client will have heard of the messages that were accepted last.
    heard_at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Closed, or about to be: when the last turn is done.
    Closed {
        at: Instant,
        end: ConnectionEnd,
    },
}

impl Server {
    pub(crate) fn new(
        provider: Rc<RefCell<Provider>>,
        connection: u32,
        host: usize,
        opened: Instant,
    ) -> Self {
        let config = config(&mut provider.borrow_mut(), connection, host, opened);
        Self {
            session: ServerSession::new(config),
            conversation: Conversation::new(provider, connection, host, opened),
            state: State::Open,
            heard_at: Instant::ZERO,
        }
    }

    /// The number of the connection at its provider, as receipts have it.
    pub const fn number(&self) -> u32 {
        self.conversation.connection()
    }

    /// The first turn. Call it once, when the connection is open.
    pub fn greeting(&mut self, now: Instant) -> Turn {
        self.conversation.now = now;
        let turn = self.session.greeting(&mut self.conversation);
        self.take(now, turn)
    }

    /// The server's turn after it received `bytes`, any bytes in any pieces. `now` never goes backwards. Once the
    /// connection is closed, the turn is empty.
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> Turn {
        self.turn(now, |session, conversation| session.receive(conversation, bytes))
    }

    /// The same, with everything that it was asked and answered about `bytes`, in order.
    pub fn receive_noted(&mut self, now: Instant, bytes: &[u8]) -> (Turn, Vec<Exchange>) {
        let mut exchanges = Vec::new();
        let turn = self.turn(now, |session, conversation| {
            let mut notes = Notes { conversation, exchanges: Vec::new() };
            let turn = session.receive(&mut notes, bytes);
            exchanges = notes.exchanges;
            turn
        });
        (turn, exchanges)
    }

    fn turn(
        &mut self,
        now: Instant,
        receive: impl FnOnce(&mut ServerSession, &mut Conversation) -> Turn,
    ) -> Turn {
        if self.state != State::Open {
            return Turn::default();
        }
        if self.heard_at <= now {
            self.conversation.all_heard();
        }
        self.conversation.now = now;
        let turn = receive(&mut self.session, &mut self.conversation);
        self.take(now, turn)
    }

    /// The client does the TLS handshake, which takes this long. Nothing when no handshake is due, or the connection is
    /// closed.
    pub fn secure(&mut self, now: Instant) -> Option<Duration> {
        self.awaits_handshake().then(|| {
            self.session.secured();
            self.conversation.secured(now)
        })
    }

    /// Whether the client was told to begin the TLS handshake, and has not done so: [`Self::secure`] is due.
    pub fn awaits_handshake(&self) -> bool {
        self.state == State::Open && self.session.awaits_handshake()
    }

    /// What is wrong with the certificate that the server shows in the handshake that is due.
    pub const fn certificate(&self) -> Certificate {
        self.conversation.certificate
    }

    /// The client has said nothing for longer than whoever carries the bytes waits; the server's last turn. Empty if the
    /// connection is closed, or a handshake is due, in which no reply can be said.
    // RFC 5321 4.5.3.2.7 (waiting for a command), 3.8 (421)
    pub fn lose_patience(&mut self, now: Instant) -> Turn {
        if self.state != State::Open {
            return Turn::default();
        }
        self.conversation.now = now;
        let mut turn = Turn { then: Then::Close, ..Turn::default() };
        if !self.session.awaits_handshake() {
            self.conversation.time_out(&mut turn.bytes);
        }
        self.end(now, ConnectionEnd::ServerClosed);
        turn
    }

    /// The client closed the connection, or it broke; possibly before the server's last turn was done. Harmless if it
    /// was closed already.
    pub fn closed(&mut self, now: Instant) {
        if now < self.heard_at {
            self.conversation.not_heard();
        }
        match self.state {
            State::Open => self.end(now, ConnectionEnd::ClientClosed),
            State::Closed { at, end } if now < at => self.end(now, end),
            State::Closed { .. } => {}
        }
    }

    /// Notices what a turn does to the connection. What the session answers by itself takes its time like any answer.
    fn take(&mut self, now: Instant, mut turn: Turn) -> Turn {
        if turn.after.is_zero() && !turn.bytes.is_empty() {
            turn.after = self.conversation.delay();
        }
        let done = now + turn.after;
        if self.conversation.has_unheard() && !turn.bytes.is_empty() {
            self.heard_at = self.heard_at.max(done);
        }
        match turn.then {
            Then::Continue | Then::Hang => {}
            Then::Close if self.conversation.quits => self.end(done, ConnectionEnd::Quit),
            Then::Close | Then::Reset => self.end(done, ConnectionEnd::ServerClosed),
        }
        turn
    }

    fn end(&mut self, at: Instant, end: ConnectionEnd) {
        self.state = State::Closed { at, end };
        self.conversation.end(at, end);
    }
}

fn config(provider: &mut Provider, connection: u32, host: usize, opened: Instant) -> ServerConfig {
    let tolerance = provider.house.offering.tolerance();
    ServerConfig {
        extensions: provider.extensions(opened, &Visit { connection, host, ..Visit::default() }),
        max_errors: MAX_ERRORS,
        bare_line_ends: tolerance,
        long_lines: tolerance,
        ..ServerConfig::default()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("state", &self.state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
