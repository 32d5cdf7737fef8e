//! A client session: one connection, any number of transactions, one after the other.
//!
//! The table (what a transaction does with a reply is in `exchange`, the way to the first one in `opening`):
//!
//! ```text
//! state      2yz          3yz     4yz, 5yz                        421              lost
//! Greeting   -> Ehlo      fault   -> Leaving                      -> Over          -> Over
//! Ehlo       -> Idle      fault   -> Helo (500 502 504 550),      -> Over          -> Over
//!                                    -> Leaving (all others)
//! Helo       -> Idle      fault   -> Leaving                      -> Over          -> Over
//! StartTls   -> Securing  fault   -> Leaving, or -> Idle          -> Over          -> Over
//!                                    if TLS may be done without
//! Securing   fault        fault   fault                           fault            -> Over
//! Idle       fault        fault   fault                           -> Over          -> Over
//! Exchange   by stage                                             rest refused,    rest lost or uncertain,
//!                                                                 -> Over          -> Over
//! Leaving    -> Over      -> Over -> Over                         -> Over          -> Over
//! ```
//!
//! A session that is to run inside TLS goes from Ehlo or Helo to StartTls, from there through Securing back to Ehlo, and
//! only the second time to Idle. Unless TLS may be done without, no mail is sent in plain text, whatever the server says.
//!
//! A fault is a lost connection: nobody can know what the next reply would answer. No time and no retrying here.
//!
//! RFC 5321 3.8 and 4.1.1.10 (QUIT), 4.2.1 (first digits), 3.8 and 4.3.2 (421 at any time); RFC 3207 4.2 (nothing said
//! before the handshake counts after it).

use std::collections::VecDeque;
use std::sync::Arc;

use super::exchange::{Exchange, Progress};
use super::outbox::Outbox;
use super::{End, Flow, Loss, Options, Outcome, Step, Transaction, Transfer};
use crate::limits;
use crate::{Command, Domain, Extensions, Phase, Reply, ReplyFault, ReplyParser, Security};

// RFC 5321 3.8, 4.3.2: 421 may answer any command, and may come unasked when the server shuts down
const CLOSING: u16 = 421;

/// The client's side of one connection.
///
/// Drive it with [`ClientSession::step`]: do what the step says, tell what happened, ask again.
#[derive(Debug)]
pub struct ClientSession {
    pub(super) name: Domain,
    pub(super) options: Options,
    /// How bytes travel now.
    pub(super) security: Security,
    pub(super) state: State,
    pub(super) outbox: Outbox,
    parser: ReplyParser,
    pub(super) extensions: Extensions,
    /// Complete replies so far.
    replies: u64,
    /// What follows the transaction under way, if its commands are on their way already.
    ahead: Option<Ahead>,
    /// Of finished transactions, not yet told.
    outcomes: VecDeque<Vec<Outcome>>,
}

/// What was begun before its turn.
#[derive(Debug)]
enum Ahead {
    Exchange(Exchange),
    /// Goodbye.
    Quit,
    /// Its outcomes are known, and wait for their turn.
    Decided(Vec<Outcome>),
}

#[derive(Debug)]
pub(super) enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    /// The server waits for the handshake.
    Securing,
    Idle,
    Exchange(Exchange),
    /// QUIT is said; whatever comes, the session ends so.
    Leaving(End),
    Over(End),
}

impl ClientSession {
    /// A session on a fresh connection in plain text, in which we call ourselves `ehlo_name`.
    pub fn new(ehlo_name: Domain, options: Options) -> Self {
        Self {
            name: ehlo_name,
            options,
            security: Security::Plain,
            state: State::Greeting,
            outbox: Outbox::new(),
            parser: ReplyParser::new(),
            extensions: Extensions::default(),
            replies: 0,
            ahead: None,
            outcomes: VecDeque::new(),
        }
    }

    /// How messages that are begun now travel.
    pub const fn security(&self) -> Security {
        self.security
    }

    /// Starts a transaction.
    ///
    /// # Panics
    /// When the last [`Step`] was not [`Step::Ready`], or when the number of recipients is out of range.
    pub fn begin(&mut self, transaction: Transaction) {
        self.assert_ready();
        let next = self.prepare(transaction, self.options.transfer);
        self.go_on_with(next);
    }

    /// Whether the next transaction may be begun now, while a message is about to be written, to leave together with it. If
    /// there is none to begin, or if it is not known yet, writing goes on and the chance has passed.
    pub fn may_begin_ahead(&self) -> bool {
        let may = self.options.flow == Flow::Eager && self.extensions.pipelining && self.ahead.is_none();
        may && matches!(&self.state, State::Exchange(exchange) if exchange.is_about_to_send(&self.outbox))
    }

    /// Starts the next transaction while the one under way is about to be written. Its outcomes are told in their turn. Until
    /// the one before it is over it can be lost only in one way: as [`Outcome::NotBegun`].
    ///
    /// # Panics
    /// When [`Self::may_begin_ahead`] does not say so, or when the number of recipients is out of range.
    pub fn begin_ahead(&mut self, transaction: Transaction) {
        assert!(self.may_begin_ahead(), "nothing may be begun ahead: {:?}", self.phase());
        // A chunk would leave with its group; the outbox holds one message, and that is the one before it.
        self.ahead = Some(self.prepare(transaction, Transfer::Data));
    }

    /// Says goodbye together with the message that is about to be written: the session is over once both are answered.
    ///
    /// # Panics
    /// When [`Self::may_begin_ahead`] does not say so.
    // RFC 2920 3.1: QUIT may be the last command of a group
    pub fn quit_ahead(&mut self) {
        assert!(self.may_begin_ahead(), "nothing may be said ahead: {:?}", self.phase());
        self.outbox.add(&Command::Quit);
        self.ahead = Some(Ahead::Quit);
    }

    fn prepare(&mut self, transaction: Transaction, transfer: Transfer) -> Ahead {
        let recipients = transaction.recipients.len();
        assert!((1..=limits::RECIPIENTS).contains(&recipients), "{recipients} recipients in a transaction");
        match transaction.obstacle(&self.extensions) {
            Some(obstacle) => Ahead::Decided(vec![Outcome::Unsendable(obstacle); recipients]),
            None => Ahead::Exchange(Exchange::new(transaction, &self.extensions, transfer, &mut self.outbox)),
        }
    }

    fn go_on_with(&mut self, next: Ahead) {
        match next {
            Ahead::Exchange(exchange) => self.state = State::Exchange(exchange),
            Ahead::Quit => self.state = State::Leaving(End::Quit),
            Ahead::Decided(outcomes) => self.outcomes.push_back(outcomes),
        }
    }

    /// Says goodbye.
    ///
    /// # Panics
    /// When the last [`Step`] was not [`Step::Ready`].
    pub fn quit(&mut self) {
        self.assert_ready();
        self.leave(End::Quit);
    }

    /// The bytes to write now, in this order and best at once; all empty when there are none.
    pub fn output(&self) -> [&[u8]; 3] {
        self.outbox.parts()
    }

    /// Tells that the first `n` bytes of [`Self::output`] were written.
    ///
    /// # Panics
    /// When `n` is more than that.
    pub fn wrote(&mut self, n: usize) {
        let had_message = self.outbox.has_body();
        self.outbox.wrote(n);
        if let State::Exchange(exchange) = &mut self.state
            && had_message
            && !self.outbox.has_body()
        {
            exchange.message_written();
        }
    }

    /// Tells what arrived from the server: any bytes in any pieces, at any time.
    pub fn received(&mut self, bytes: &[u8]) {
        if !self.is_over() {
            self.parser.feed(bytes);
        }
        while !self.is_over() {
            // RFC 3207 4.2: what was said before the handshake counts for nothing after it (CVE-2011-0411)
            if matches!(self.state, State::Securing) && !self.parser.is_drained() {
                return self.lost(Loss::Garbled(ReplyFault::BeforeHandshake));
            }
            match self.parser.next() {
                Ok(Some(reply)) => self.answer(reply),
                Ok(None) => return,
                Err(fault) => self.lost(Loss::Garbled(fault)),
            }
        }
    }

    /// Tells that the connection ended, or that a limit passed. Harmless when the session is over.
    pub fn lost(&mut self, loss: Loss) {
        let phase = self.phase();
        let end = match std::mem::replace(&mut self.state, State::Idle) {
            State::Leaving(end) | State::Over(end) => end,
            State::Greeting | State::Ehlo | State::Helo | State::StartTls | State::Securing | State::Idle => {
                End::Failed { phase, loss }
            }
            State::Exchange(mut exchange) => {
                exchange.lose_undecided(loss);
                self.outcomes.push_back(exchange.into_outcomes());
                End::Failed { phase, loss }
            }
        };
        self.finish(end);
    }

    /// What the session needs next. Asking twice is harmless, except that [`Step::Done`] is told once.
    pub fn step(&mut self) -> Step {
        if let Some(outcomes) = self.outcomes.pop_front() {
            return Step::Done(outcomes);
        }
        if !self.outbox.is_empty() {
            return Step::Write;
        }
        match &self.state {
            State::Idle => Step::Ready,
            State::Over(end) => Step::Over(end.clone()),
            State::Securing => {
                let limit = self.options.limits.of(Phase::StartTls);
                Step::Secure { trust: self.options.starttls.trust(), limit }
            }
            State::Greeting
            | State::Ehlo
            | State::Helo
            | State::StartTls
            | State::Exchange(_)
            | State::Leaving(_) => {
                let phase = self.phase();
                Step::Read { phase, limit: self.options.limits.of(phase) }
            }
        }
    }

    /// What is under way; Mail when the session is idle, Quit when it is over.
    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Greeting => Phase::Greeting,
            State::Ehlo | State::Helo => Phase::Ehlo,
            State::StartTls | State::Securing => Phase::StartTls,
            State::Idle => Phase::Mail,
            State::Exchange(exchange) => exchange.phase(),
            State::Leaving(_) | State::Over(_) => Phase::Quit,
        }
    }

    /// How many complete replies have been read. A caller that restarts its timer only when this changes is safe from
    /// a server that sends a reply a byte at a time.
    pub const fn replies(&self) -> u64 {
        self.replies
    }

    const fn is_over(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    fn assert_ready(&self) {
        let ready = matches!(self.state, State::Idle) && self.outcomes.is_empty();
        assert!(ready, "not ready: {:?}", self.phase());
    }

    fn answer(&mut self, reply: Reply) {
        self.replies += 1;
        let asked = self.outbox.answered();
        if reply.code().get() == CLOSING {
            return self.server_closes(reply);
        }
        match (&mut self.state, asked) {
            (State::Greeting, _) => self.greeting_answered(reply),
            (State::Ehlo, Some(())) => self.ehlo_answered(reply),
            (State::Helo, Some(())) => self.helo_answered(reply),
            (State::StartTls, Some(())) => self.starttls_answered(reply),
            (State::Exchange(exchange), asked) if asked.is_some() || exchange.phase() == Phase::Body => {
                let answered = exchange.answer(reply, &mut self.outbox);
                self.exchange_answered(answered);
            }
            (
                State::Ehlo
                | State::Helo
                | State::StartTls
                | State::Securing
                | State::Idle
                | State::Exchange(_),
                _,
            ) => self.unexpected(&reply),
            (State::Leaving(end) | State::Over(end), _) => {
                let end = end.clone();
                self.finish(end);
            }
        }
    }

    fn exchange_answered(&mut self, answered: Result<Progress, ReplyFault>) {
        match answered {
            Ok(Progress::Continue) => {}
            Ok(Progress::Complete) => self.collect_outcomes(),
            Ok(Progress::BrokenOff(reply)) => self.server_closes(reply),
            Ok(Progress::ResetRefused(reply)) => {
                self.give_ahead_up();
                self.collect_outcomes();
                self.leave(End::Refused { phase: Phase::Reset, reply: Arc::new(reply) });
            }
            Err(fault) => self.lost(Loss::Garbled(fault)),
        }
    }

    /// The server says that it closes the connection: so for all who wait for an answer.
    fn server_closes(&mut self, reply: Reply) {
        let phase = self.phase();
        let reply = Arc::new(reply);
        if let State::Exchange(exchange) = &mut self.state {
            exchange.refuse_undecided(&reply);
            self.give_ahead_up();
            self.collect_outcomes();
        }
        let end = match &self.state {
            State::Greeting | State::Ehlo | State::Helo | State::StartTls | State::Securing => {
                End::Refused { phase, reply }
            }
            State::Idle | State::Exchange(_) => End::ServerClosing { reply },
            State::Leaving(end) | State::Over(end) => end.clone(),
        };
        self.finish(end);
    }

    pub(super) fn unexpected(&mut self, reply: &Reply) {
        self.lost(Loss::Garbled(ReplyFault::Unexpected(reply.code())));
    }

    /// The transaction is over: its outcomes are to be told, and the session is idle or goes on with the next one.
    fn collect_outcomes(&mut self) {
        if let State::Exchange(exchange) = std::mem::replace(&mut self.state, State::Idle) {
            self.outcomes.push_back(exchange.into_outcomes());
        }
        if let Some(next) = self.ahead.take() {
            self.go_on_with(next);
        }
    }

    /// The connection ends before the turn of what is ahead has come.
    fn give_ahead_up(&mut self) {
        self.ahead = match self.ahead.take() {
            Some(Ahead::Exchange(exchange)) => {
                Some(Ahead::Decided(vec![Outcome::NotBegun; exchange.recipients()]))
            }
            Some(Ahead::Decided(outcomes)) => Some(Ahead::Decided(outcomes)),
            Some(Ahead::Quit) | None => None,
        };
    }

    // RFC 5321 4.1.1.10: the sender MUST NOT close the connection before QUIT, and SHOULD wait for the reply
    pub(super) fn leave(&mut self, end: End) {
        self.outbox.add(&Command::Quit);
        self.state = State::Leaving(end);
    }

    fn finish(&mut self, end: End) {
        self.give_ahead_up();
        self.collect_outcomes();
        self.outbox.clear();
        self.state = State::Over(end);
    }
}
