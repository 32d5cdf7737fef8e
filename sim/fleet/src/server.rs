//! A fake server at the other end of one connection: bytes in, bytes and waits out.
//!
//! Puts the session, which knows the protocol, and the conversation, which decides, together, and notices how the
//! connection ends. It does no I/O and knows no clock: whoever carries the bytes tells the time.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use smtp::server::{Answer, ServerConfig, ServerSession, Then, Turn};
use units::Instant;

use crate::behaviour::{Certificate, Visit};
use crate::conversation::{Conversation, Handshake};
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
    /// What it does unasked, and when, if nothing is heard before.
    unasked: Option<(Instant, Answer)>,
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
            unasked: None,
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
        if let Some(at) = self.wakes_at().filter(|at| *at <= now) {
            return self.wake(at);
        }
        if self.heard_at <= now {
            self.conversation.all_heard();
        }
        self.conversation.now = now;
        let turn = receive(&mut self.session, &mut self.conversation);
        self.take(now, turn)
    }

    /// When the server does something unasked, unless it hears something before; nothing if it has no such intention.
    pub fn wakes_at(&self) -> Option<Instant> {
        self.unasked.as_ref().filter(|_| self.state == State::Open).map(|(at, _)| *at)
    }

    /// What the server does unasked now that it is time for it. Empty if it has no such intention.
    pub fn wake(&mut self, now: Instant) -> Turn {
        let Some((_, answer)) = self.unasked.take().filter(|_| self.state == State::Open) else {
            return Turn::default();
        };
        self.conversation.now = now;
        let turn = self.session.speak(&answer);
        self.take(now, turn)
    }

    /// The client begins the TLS handshake; what comes of it. Nothing when no handshake is due, or the connection is
    /// closed.
    pub fn secure(&mut self, now: Instant) -> Option<Handshake> {
        if !self.awaits_handshake() {
            return None;
        }
        let handshake = self.conversation.handshake(now);
        match handshake {
            Handshake::Done { .. } => self.session.secured(),
            Handshake::Broken { then: Then::Continue | Then::Hang, .. } => {}
            Handshake::Broken { after, then: Then::Close | Then::Reset } => {
                self.end(now + after, ConnectionEnd::ServerClosed);
            }
        }
        Some(handshake)
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
        if let Some(at) = self.wakes_at().filter(|at| *at <= now) {
            self.wake(at);
        }
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
            Then::Continue => self.intend(done, &turn),
            Then::Hang => self.unasked = None,
            Then::Close if self.conversation.quits => self.end(done, ConnectionEnd::Quit),
            Then::Close | Then::Reset => self.end(done, ConnectionEnd::ServerClosed),
        }
        turn
    }

    /// Intends what is to be done if the client says nothing after an answer.
    fn intend(&mut self, done: Instant, turn: &Turn) {
        if turn.bytes.is_empty() {
            return;
        }
        let intention = self.session.awaits_command().then(|| self.conversation.idle()).flatten();
        self.unasked = intention.map(|(after, answer)| (done + after, answer));
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
mod phases;
#[cfg(test)]
mod tests;
