//! Commands that are about no mail: RSET, NOOP, VRFY and HELP.
//!
//! A file of its own because a host may answer the first three, and need not; what stands here is what is said otherwise.
//!
//! RFC 5321 4.1.1.5 (RSET), 4.1.1.6 (VRFY), 4.1.1.8 (HELP), 4.1.1.9 (NOOP).

use super::ServerSession;
use crate::server::{Answer, Host, Turn, help};
use crate::{Reply, ReplyClass, Text};

impl ServerSession {
    pub(super) fn rset<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        let answer = host.rset();
        let refused = |reply: &Reply| reply.class() != ReplyClass::Positive;
        if !answer.as_ref().is_some_and(|answer| answer.reply.as_ref().is_some_and(refused)) {
            self.forget(host);
        }
        self.say_or(answer, turn, |session, turn| session.say(turn, 250, (2, 0, 0), "Ok"));
    }

    pub(super) fn noop<H: Host + ?Sized>(&self, host: &mut H, turn: &mut Turn) {
        self.say_or(host.noop(), turn, |session, turn| session.say(turn, 250, (2, 0, 0), "Ok"));
    }

    // RFC 5321 3.5.3: a server that does not verify answers 252
    pub(super) fn vrfy<H: Host + ?Sized>(&self, host: &mut H, whom: &Text, turn: &mut Turn) {
        self.say_or(host.vrfy(whom.as_str()), turn, |session, turn| {
            session.say(turn, 252, (2, 0, 0), "cannot verify, but will take messages");
        });
    }

    /// Says what the host has answered, or else what is usual.
    fn say_or(&self, answer: Option<Answer>, turn: &mut Turn, usual: impl FnOnce(&Self, &mut Turn)) {
        match answer {
            None => usual(self, turn),
            Some(answer) => {
                turn.add(&answer);
            }
        }
    }

    // RFC 5321 4.1.1.8: HELP may have an argument and say more about it; 4.2.2: 504 for one that it does not know
    pub(super) fn help(&mut self, topic: Option<&Text>, turn: &mut Turn) {
        let offered = self.config.offer(self.security);
        match topic.map(|topic| help::syntax(&offered, topic.as_str())) {
            None => self.say(turn, 214, (2, 0, 0), &help::overview(&offered)),
            Some(Some(syntax)) => self.say(turn, 214, (2, 0, 0), syntax),
            Some(None) => self.refuse(turn, 504, (5, 4), "no help about that"),
        }
    }
}
