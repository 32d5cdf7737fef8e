//! The opening of a session: greeting, EHLO or HELO, and STARTTLS, up to the first transaction.
//!
//! A file of its own because nothing of it ever happens again once the session is idle, except that a session that is
//! secured introduces itself twice. The table is in `session`.
//!
//! RFC 5321 3.1, 3.2 (session initiation); RFC 3207 4 (STARTTLS), 4.2 (what is forgotten after it).

use std::sync::Arc;

use super::session::{ClientSession, State};
use super::{End, StartTls};
use crate::{Command, Extensions, Phase, Reply, ReplyClass, Security};

// RFC 3207 4: the one reply to STARTTLS after which the handshake begins
const GO_AHEAD_FOR_TLS: u16 = 220;

impl ClientSession {
    /// Tells that the TLS handshake is done.
    ///
    /// # Panics
    /// When the last [`Step`](super::Step) was not [`Step::Secure`](super::Step::Secure).
    pub fn secured(&mut self) {
        assert!(matches!(self.state, State::Securing), "no handshake is due: {:?}", self.phase());
        self.security = Security::Tls;
        // RFC 3207 4.2: the client MUST discard what it knows of the server, and SHOULD say EHLO again
        self.extensions = Extensions::default();
        self.introduce();
    }

    pub(super) fn greeting_answered(&mut self, reply: Reply) {
        match reply.class() {
            ReplyClass::Positive => self.introduce(),
            ReplyClass::Intermediate => self.unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => {
                self.leave(End::Refused { phase: Phase::Greeting, reply: Arc::new(reply) });
            }
        }
    }

    fn introduce(&mut self) {
        self.outbox.add(&Command::Ehlo((&self.name).into()));
        self.state = State::Ehlo;
    }

    pub(super) fn ehlo_answered(&mut self, reply: Reply) {
        match reply.code().get() {
            200..=299 => {
                self.extensions = Extensions::from_reply(&reply);
                self.introduced();
            }
            // RFC 5321 3.2, 4.3.2: a server that does not know EHLO answers with one of these
            500 | 502 | 504 | 550 => {
                self.outbox.add(&Command::Helo((&self.name).into()));
                self.state = State::Helo;
            }
            _ => self.helo_answered(reply),
        }
    }

    pub(super) fn helo_answered(&mut self, reply: Reply) {
        match reply.class() {
            ReplyClass::Positive => self.introduced(),
            ReplyClass::Intermediate => self.unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => {
                self.leave(End::Refused { phase: Phase::Ehlo, reply: Arc::new(reply) });
            }
        }
    }

    /// The server knows our name: the session is ready, unless it has to be secured first.
    fn introduced(&mut self) {
        let wants_tls = match (self.security, self.options.starttls) {
            (Security::Tls, _) | (Security::Plain, StartTls::Never) => false,
            (Security::Plain, StartTls::IfOffered) => self.extensions.starttls,
            // Also if it was not offered: servers that demand TLS may hide it, and so may somebody on the way.
            (Security::Plain, StartTls::Always(_)) => true,
        };
        if wants_tls {
            self.outbox.add(&Command::StartTls);
            self.state = State::StartTls;
        } else {
            self.state = State::Idle;
        }
    }

    pub(super) fn starttls_answered(&mut self, reply: Reply) {
        match (reply.class(), self.options.starttls) {
            (ReplyClass::Positive, _) if reply.code().get() == GO_AHEAD_FOR_TLS => {
                self.state = State::Securing;
            }
            (ReplyClass::Positive | ReplyClass::Intermediate, _) => self.unexpected(&reply),
            // RFC 3207 4: the client may go on without TLS if its policy is so; the server still knows its name
            (ReplyClass::Transient | ReplyClass::Permanent, StartTls::Never | StartTls::IfOffered) => {
                self.state = State::Idle;
            }
            (ReplyClass::Transient | ReplyClass::Permanent, StartTls::Always(_)) => {
                self.leave(End::Refused { phase: Phase::StartTls, reply: Arc::new(reply) });
            }
        }
    }
}
