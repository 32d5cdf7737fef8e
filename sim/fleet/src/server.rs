//! A fake server at the other end of one connection: bytes in, bytes and waits out.
//!
//! Puts the session, which knows the protocol, and the conversation, which decides, together, and notices how the
//! connection ends. It does no I/O and knows no clock: whoever carries the bytes tells the time.

mod minutes;
mod travel;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use smtp::server::{Answer, ServerConfig, ServerSession, Then, Turn};
use units::Instant;

use crate::behaviour::{Certificate, Habits, LineEnds, Network, Visit};
use crate::conversation::{Conversation, Handshake};
use crate::exchange::{Exchange, Notes};
use crate::provider::Provider;
use crate::receipts::ConnectionEnd;
use minutes::Minutes;
use travel::{Arrived, Travel};

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
    unasked: Option<(Instant, Unasked)>,
    travel: Travel,
    /// When the client will have heard of the messages that were accepted last.
    heard_at: Instant,
    minutes: Minutes,
}

/// What a server does without being asked.
#[derive(Debug)]
enum Unasked {
    /// It greets a client that has waited for it.
    Greet,
    Answer(Answer),
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
        let visit = Visit { connection, host, ..Visit::default() };
        let habits = provider.borrow_mut().habits(opened, &visit);
        let config = config(&provider.borrow(), &habits);
        let minutes = Minutes::begin(&mut provider.borrow_mut(), connection);
        Self {
            session: ServerSession::new(config),
            travel: Travel::new(habits.network),
            conversation: Conversation::new(provider, connection, host, opened, habits),
            state: State::Open,
            unasked: None,
            heard_at: Instant::ZERO,
            minutes,
        }
    }

    /// The number of the connection at its provider, as receipts have it.
    pub const fn number(&self) -> u32 {
        self.conversation.connection()
    }

    /// How the connection's bytes travel, as far as whoever carries them has to see to it: in pieces, and how slowly a
    /// close is seen. All else is part of the turns.
    pub const fn network(&self) -> Network {
        self.travel.network
    }

    /// The first turn. Call it once, when the connection is open. Empty if the greeting is held back ([`Self::wakes_at`]).
    pub fn greeting(&mut self, now: Instant) -> Turn {
        if let Some(early_talker) = self.conversation.early_talker() {
            self.unasked = Some((now + early_talker.wait, Unasked::Greet));
            return Turn::default();
        }
        self.greet(now)
    }

    fn greet(&mut self, now: Instant) -> Turn {
        self.conversation.now = now;
        let turn = self.session.greeting(&mut self.conversation);
        self.minutes.speak(&self.conversation, &turn);
        self.take(now, turn)
    }

    /// The server's turn after it received `bytes`, any bytes in any pieces. `now` never goes backwards. Once the
    /// connection is closed, the turn is empty.
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> Turn {
        self.turn(now, bytes, |session, conversation, minutes, bytes| {
            minutes.hear(session, conversation, bytes, |conversation| conversation)
        })
    }

    /// The same, with everything that it was asked and answered about `bytes`, in order.
    pub fn receive_noted(&mut self, now: Instant, bytes: &[u8]) -> (Turn, Vec<Exchange>) {
        let mut exchanges = Vec::new();
        let turn = self.turn(now, bytes, |session, conversation, minutes, bytes| {
            let mut notes = Notes { conversation, exchanges: Vec::new() };
            let turn = minutes.hear(session, &mut notes, bytes, |notes| notes.conversation);
            exchanges = notes.exchanges;
            turn
        });
        (turn, exchanges)
    }

    fn turn(
        &mut self,
        now: Instant,
        bytes: &[u8],
        receive: impl FnOnce(&mut ServerSession, &mut Conversation, &mut Minutes, &[u8]) -> Turn,
    ) -> Turn {
        if self.state != State::Open {
            return Turn::default();
        }
        if let Some(at) = self.wakes_at().filter(|at| *at <= now) {
            return self.wake(at);
        }
        if let Some((_, Unasked::Greet)) = self.unasked {
            return self.refuse_early_talker(now);
        }
        if self.heard_at <= now {
            self.conversation.all_heard();
        }
        self.conversation.now = now;
        let (bytes, arrived) = self.travel.arrive(bytes);
        let heard_before = self.conversation.unheard();
        let turn = receive(&mut self.session, &mut self.conversation, &mut self.minutes, bytes);
        match arrived {
            Arrived::Whole => self.take(now, turn),
            Arrived::Cut => {
                self.conversation.cut_off(heard_before);
                self.minutes.unsay();
                self.take(now, Turn { then: Then::Reset, ..Turn::default() })
            }
        }
    }

    /// The client has not waited for the greeting.
    fn refuse_early_talker(&mut self, now: Instant) -> Turn {
        let mut turn = Turn { then: Then::Close, ..Turn::default() };
        if let Some(early_talker) = self.conversation.early_talker() {
            early_talker.refusal.encode(&mut turn.bytes);
        }
        self.minutes.note(now, "the client speaks before it is greeted");
        self.minutes.speak(&self.conversation, &turn);
        self.take(now, turn)
    }

    /// When the server does something unasked, unless it hears something before; nothing if it has no such intention.
    pub fn wakes_at(&self) -> Option<Instant> {
        self.unasked.as_ref().filter(|_| self.state == State::Open).map(|(at, _)| *at)
    }

    /// What the server does unasked now that it is time for it. Empty if it has no such intention.
    pub fn wake(&mut self, now: Instant) -> Turn {
        match self.unasked.take().filter(|_| self.state == State::Open) {
            None => Turn::default(),
            Some((_, Unasked::Greet)) => self.greet(now),
            Some((_, Unasked::Answer(answer))) => {
                self.conversation.now = now;
                let turn = self.session.speak(&answer);
                self.minutes.speak(&self.conversation, &turn);
                self.take(now, turn)
            }
        }
    }

    /// The client begins the TLS handshake; what comes of it. Nothing when no handshake is due, or the connection is
    /// closed.
    pub fn secure(&mut self, now: Instant) -> Option<Handshake> {
        if !self.awaits_handshake() {
            return None;
        }
        let handshake = self.conversation.handshake(now);
        self.minutes.shake_hands(&self.conversation, &handshake);
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
        self.minutes.speak(&self.conversation, &turn);
        self.minutes.end_turn(now, &turn);
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
            State::Open => {
                self.minutes.note(now, "the client closes the connection");
                self.end(now, ConnectionEnd::ClientClosed);
            }
            State::Closed { at, end } if now < at => self.end(now, end),
            State::Closed { .. } => {}
        }
    }

    /// Notices what a turn does to the connection. What the session answers by itself takes its time like any answer.
    fn take(&mut self, now: Instant, mut turn: Turn) -> Turn {
        if turn.after.is_zero() && !turn.bytes.is_empty() {
            turn.after = self.conversation.delay();
        }
        if turn.then != Then::Continue || !turn.bytes.is_empty() {
            self.travel.leave(&mut turn);
        }
        if self.conversation.line_ends() == LineEnds::Lf {
            let said = std::mem::take(&mut turn.bytes);
            turn.bytes = said.split_inclusive(|byte| *byte == b'\n').flat_map(bare).copied().collect();
        }
        let done = now + turn.after + self.travel.network.spread(turn.bytes.len());
        if self.conversation.has_unheard() && !turn.bytes.is_empty() {
            self.heard_at = self.heard_at.max(done);
        }
        self.minutes.end_turn(done, &turn);
        match turn.then {
            Then::Continue => self.intend(done, &turn),
            Then::Hang => self.unasked = None,
            Then::Close if self.conversation.quits => self.end(self.seen(done), ConnectionEnd::Quit),
            Then::Close => self.end(self.seen(done), ConnectionEnd::ServerClosed),
            Then::Reset => self.end(done, ConnectionEnd::ServerClosed),
        }
        turn
    }

    /// When the client sees that the server has closed.
    fn seen(&self, closed: Instant) -> Instant {
        closed + self.travel.network.slow_close
    }

    /// Intends what is to be done if the client says nothing after an answer.
    fn intend(&mut self, done: Instant, turn: &Turn) {
        if turn.bytes.is_empty() {
            return;
        }
        let intention = self.session.awaits_command().then(|| self.conversation.idle()).flatten();
        self.unasked = intention.map(|(after, answer)| (done + after, Unasked::Answer(answer)));
    }

    fn end(&mut self, at: Instant, end: ConnectionEnd) {
        self.state = State::Closed { at, end };
        self.conversation.end(at, end);
        self.minutes.end(&self.conversation);
    }
}

/// A line with a bare line feed at its end.
fn bare(line: &[u8]) -> impl Iterator<Item = &u8> {
    let (text, end) = match line.strip_suffix(b"\r\n") {
        Some(text) => (text, &b"\n"[..]),
        None => (line, &[][..]),
    };
    text.iter().chain(end)
}

fn config(provider: &Provider, habits: &Habits) -> ServerConfig {
    let tolerance = provider.house.offering.tolerance();
    ServerConfig {
        extensions: habits.extensions,
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
