//! What a conversation decides beside the transaction that is under way: how answers are made of acts, the handshake, and
//! what is said to commands that are about no mail.

use std::time::Duration;

use smtp::server::{Answer, Then};
use smtp::{Reply, Security};
use units::Instant;

use super::Conversation;
use crate::Phase;
use crate::behaviour::{Act, EarlyTalker, LineEnds, Stage};
use crate::courtesies::Courtesies;

/// What comes of a TLS handshake, from the server's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// It is done.
    Done {
        /// How long it takes.
        after: Duration,
    },
    /// It comes to nothing.
    Broken {
        /// How long it takes until then.
        after: Duration,
        /// What happens to the connection: anything but [`Then::Continue`].
        then: Then,
    },
}

impl Conversation {
    /// The answer to what was just asked: what a behaviour did, or else the courtesy.
    pub(super) fn answer(
        &mut self,
        act: Option<Act>,
        courtesy: impl FnOnce(&Courtesies, usize) -> &Reply,
    ) -> Answer {
        if act.is_none() {
            self.rule = None;
        }
        let after = self.delay().saturating_add(std::mem::take(&mut self.longer));
        let longer = match act {
            None | Some(Act::Unasked { .. }) => Duration::ZERO,
            Some(Act::Accept { longer }) => longer,
            Some(act) => return done(act).after(after),
        };
        Answer::say(courtesy(&self.provider.borrow().courtesies, self.visit.host).clone())
            .after(after.saturating_add(longer))
    }

    /// The answer to a command that is about no mail; nothing if it is the usual one.
    pub(super) fn aside(
        &mut self,
        stage: &Stage<'_>,
        courtesy: impl FnOnce(&Courtesies) -> &Reply,
    ) -> Option<Answer> {
        let act = self.ask(stage);
        let is_usual = act.is_none() && self.longer.is_zero();
        (!is_usual).then(|| self.answer(act, |courtesies, _| courtesy(courtesies)))
    }

    /// What happens to a connection that nothing has been said in.
    pub(super) fn before_the_greeting(&mut self) -> Option<Answer> {
        self.ask(&Stage::Connect).map(done)
    }

    /// What the server does if the client says nothing from now on, and when. What takes longer then is the client's affair.
    pub(crate) fn idle(&mut self) -> Option<(Duration, Answer)> {
        if !self.provider.borrow().rules.concern(Phase::Idle) {
            return None;
        }
        match self.ask(&Stage::Idle)? {
            Act::Unasked { after, act } => Some((after, done(*act))),
            Act::Say { .. }
            | Act::Spell { .. }
            | Act::Accept { .. }
            | Act::LoseReply
            | Act::Close
            | Act::Reset
            | Act::Hang
            | Act::Babble { .. } => None,
        }
    }

    /// How a client is refused that does not wait for the greeting.
    pub(crate) const fn early_talker(&self) -> Option<&EarlyTalker> {
        self.habits.early_talker.as_ref()
    }

    /// How the lines of answers end.
    pub(crate) const fn line_ends(&self) -> LineEnds {
        self.habits.line_ends
    }

    /// The client begins the handshake. Inside TLS it is a stranger again (RFC 3207 4.2).
    pub(crate) fn handshake(&mut self, now: Instant) -> Handshake {
        self.now = now;
        let answer = match self.ask(&Stage::TlsHandshake) {
            None => Answer::silence(Then::Continue),
            Some(act) => done(act),
        };
        let after = self.delay().saturating_add(std::mem::take(&mut self.longer));
        match answer.then {
            Then::Continue => {
                self.visit.security = Security::Tls;
                self.visit.client_name.clear();
                self.message.mail_refusal = None;
                Handshake::Done { after }
            }
            then @ (Then::Close | Then::Reset | Then::Hang) => Handshake::Broken { after, then },
        }
    }
}

/// An act as an answer that comes at once; an acceptance is silence that goes on.
fn done(act: Act) -> Answer {
    match act {
        Act::Say { reply, then, .. } => Answer::say(reply).then(then),
        Act::Spell { reply, bytes, then } => Answer::say(reply).spelled(bytes).then(then),
        Act::LoseReply | Act::Close => Answer::silence(Then::Close),
        Act::Reset => Answer::silence(Then::Reset),
        Act::Hang => Answer::silence(Then::Hang),
        Act::Babble { bytes } => Answer::noise(bytes).then(Then::Hang),
        Act::Accept { .. } | Act::Unasked { .. } => Answer::silence(Then::Continue),
    }
}
