//! The decisions of a server, asked from outside.
//!
//! A file of its own because it is all that a host has to know: the session beside it keeps order and grammar, and has
//! no opinion about senders, recipients or messages. RFC 5321 4.3.2 lists the replies that fit each question; RFC 3207 4 those to
//! STARTTLS, RFC 4954 6 those to AUTH. Who must prove who it is before what, is the host's business too (530).

use std::fmt;
use std::time::Duration;

use crate::{Address, EnhancedStatusCode, MailParameters, Mechanism, RcptParameters, Reply, ReversePath};

/// Who decides. Each question is asked only when the protocol allows it.
pub trait Host {
    /// A client has connected.
    fn greet(&mut self) -> Answer;
    /// EHLO, or HELO unless [`Self::helo`] says otherwise. The first line of a positive reply is kept; after EHLO the session
    /// adds the extensions to it, unless the reply is spelled out.
    fn hello(&mut self, name: &str) -> Answer;
    /// HELO; what is asked, and by default passed on to [`Self::hello`].
    fn helo(&mut self, name: &str) -> Answer {
        self.hello(name)
    }
    /// STARTTLS, where it is offered and the connection is not inside TLS already. After a 2yz reply the handshake is due,
    /// and with it the client is a stranger again. A host that was not made for it has no TLS to give.
    // RFC 3207 4: 220 ready, 454 not available for a temporary reason
    fn start_tls(&mut self) -> Answer {
        Answer::say(Reply::new(454, None, "TLS not available"))
    }
    /// AUTH, where it is offered and the client has not proved who it is yet: what it says about itself. A 2yz reply means
    /// that it is believed. A host that was not made for it believes nobody.
    // RFC 4954 4: 235 believed; 6: 535 with 5.7.8 not believed, 454 with 4.7.0 cannot tell for a temporary reason
    fn authenticate(&mut self, credentials: &Credentials<'_>) -> Answer {
        let _ = credentials;
        Answer::say(Reply::new(535, EnhancedStatusCode::new(5, 7, 8), "authentication credentials invalid"))
    }
    /// MAIL, with the declared size in octets.
    fn mail(&mut self, from: &ReversePath, declared_size: Option<u64>) -> Answer;
    /// MAIL, with everything that was declared; what is asked, and by default passed on to [`Self::mail`].
    fn mail_with(&mut self, from: &ReversePath, parameters: &MailParameters) -> Answer {
        self.mail(from, parameters.size)
    }
    /// RCPT, within a transaction. The domain may be an address literal, and there may be more than ASCII if MAIL said so.
    fn rcpt(&mut self, to: &Address) -> Answer;
    /// RCPT, with everything that was asked for the recipient; what is asked, and by default passed on to [`Self::rcpt`].
    fn rcpt_with(&mut self, to: &Address, parameters: &RcptParameters) -> Answer {
        let _ = parameters;
        self.rcpt(to)
    }
    /// The mailbox of whoever looks after this server, for RCPT without a domain. Nothing means that there is none, and such
    /// a recipient is refused.
    // RFC 5321 4.5.1: a server that takes mail MUST have one
    fn postmaster(&self) -> Option<Address> {
        None
    }
    /// RCPT, outside a transaction: answered with 503 already. A client that sends commands in groups names recipients
    /// before it can know that MAIL was refused (RFC 2920 3.1).
    fn rcpt_in_vain(&mut self, to: &Address) {
        let _ = to;
    }
    /// DATA, or the first BDAT of a message, with at least one accepted recipient. A 3yz reply is the go-ahead; to BDAT it is
    /// not said. Any other reply to BDAT is said when the chunk has been passed over, and ends the transaction.
    fn data(&mut self) -> Answer;
    /// The first BDAT of a message; what is asked, and by default passed on to [`Self::data`].
    fn bdat(&mut self) -> Answer {
        self.data()
    }
    /// DATA without an accepted recipient. Nothing means the 554 of the standard; after a 3yz reply a message comes all the same,
    /// which is for nobody.
    // RFC 5321 3.3: 503 or 554; RFC 2920 3.1: a server may take DATA in a group all the same
    fn data_in_vain(&mut self) -> Option<Answer> {
        None
    }
    /// The next piece of the message, unstuffed. It may be the last that is heard of it.
    fn body(&mut self, chunk: &[u8]);
    /// What the server does in the middle of a message, asked after each piece of it. Nothing means that it goes on. After
    /// anything else the connection does not: what is left of the message would be taken for commands.
    fn interrupt(&mut self) -> Option<Answer> {
        None
    }
    /// The message is complete and has `bytes` octets.
    fn end_of_data(&mut self, bytes: u64) -> Answer;
    /// RSET. Nothing means the 250 of the standard; a transaction is forgotten unless the reply is a refusal.
    fn rset(&mut self) -> Option<Answer> {
        None
    }
    /// NOOP. Nothing means the 250 of the standard.
    fn noop(&mut self) -> Option<Answer> {
        None
    }
    /// VRFY. Nothing means the 252 of a server that does not verify.
    // RFC 5321 3.5.3: 250 with the mailbox, 252 cannot verify, 550 no such mailbox
    fn vrfy(&mut self, whom: &str) -> Option<Answer> {
        let _ = whom;
        None
    }
    /// QUIT. The connection closes afterwards whatever the answer says, unless it hangs or resets.
    fn quit(&mut self) -> Answer;
    /// A transaction ended without [`Self::end_of_data`]: by RSET, EHLO or QUIT, because the message is larger than what was
    /// offered or breaks another rule, or because a chunk was refused. Not asked when the connection ends.
    fn reset(&mut self);
}

/// What a client says about itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// How it was said.
    pub mechanism: Mechanism,
    /// On whose behalf the client wants to act, if not its own.
    pub authorization: Option<&'a str>,
    /// Its name; with LOGIN possibly empty.
    pub user: &'a str,
    /// Its password; with LOGIN possibly empty.
    pub password: &'a str,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A reply, when it leaves, and what happens to the connection then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What is said; nothing is silence.
    pub reply: Option<Reply>,
    /// The bytes that stand for the reply, if they are not those of the standard: an odd line end, say, or more than one reply.
    pub spelled: Option<Vec<u8>>,
    /// What is said besides, or instead: any bytes, which are no reply of the protocol. For servers that break the rules.
    pub noise: Vec<u8>,
    /// How long the server takes for it.
    pub after: Duration,
    /// What happens next.
    pub then: Then,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Then {
    /// It goes on.
    #[default]
    Continue,
    /// The server closes it.
    Close,
    /// The server resets it.
    Reset,
    /// It stays open, and the server never says another word.
    Hang,
}

impl Answer {
    /// Says `reply` at once and goes on.
    pub const fn say(reply: Reply) -> Self {
        Self::new(Some(reply), Vec::new(), Then::Continue)
    }

    /// Says nothing; `then` happens.
    pub const fn silence(then: Then) -> Self {
        Self::new(None, Vec::new(), then)
    }

    /// Says `bytes`, which are no reply, at once and goes on.
    pub const fn noise(bytes: Vec<u8>) -> Self {
        Self::new(None, bytes, Then::Continue)
    }

    const fn new(reply: Option<Reply>, noise: Vec<u8>, then: Then) -> Self {
        Self { reply, spelled: None, noise, after: Duration::ZERO, then }
    }

    /// The same answer; its reply is said in these bytes, whatever they are.
    pub fn spelled(self, bytes: Vec<u8>) -> Self {
        Self { spelled: Some(bytes), ..self }
    }

    /// The same answer, `after` later.
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// The same answer, and `then` happens.
    pub fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}
