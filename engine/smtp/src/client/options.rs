//! What a client session may choose where the standard leaves a choice.
//!
//! A file of its own because these are decisions of whoever opens the connection: the session carries them out, and has no
//! opinion about them.
//!
//! RFC 2920 (PIPELINING), RFC 3030 (CHUNKING), RFC 3207 (STARTTLS), RFC 7435 (opportunistic security).

use crate::limits::PhaseLimits;

/// How a session behaves. The default is plain text, one thing after the other, with the limits of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether the session runs inside TLS.
    pub starttls: StartTls,
    /// How long each phase may take.
    pub limits: PhaseLimits,
    /// Whether a transaction may be begun while the one before it waits for its answer.
    pub flow: Flow,
    /// How messages are handed over.
    pub transfer: Transfer,
}

/// Whether a transaction may be begun before the one before it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// One after the other.
    #[default]
    Stepwise,
    /// With a server that offers PIPELINING, MAIL, RCPT and DATA of the next one leave together with the message before
    /// them: a round trip a message. One transaction at most is ahead.
    // RFC 2920 3.1: the message is the first thing of a group; what is behind its final dot waits at the server
    Eager,
}

/// How a message is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transfer {
    /// DATA: the server gives the go-ahead for a message that ends with a dot.
    #[default]
    Data,
    /// One BDAT with the whole message where CHUNKING is offered, DATA elsewhere. With PIPELINING it leaves together with MAIL
    /// and RCPT: a round trip a message, and the message is sent in vain if every recipient is refused. If the connection
    /// ends after that, before anything is answered, whether the server has the message is not known.
    // RFC 3030 2 (BDAT), 4.2 (with PIPELINING)
    ChunkIfOffered,
}

/// Whether a session runs inside TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartTls {
    /// It does not, whatever the server offers.
    #[default]
    Never,
    /// It does where the server offers it, whatever the server's certificate. Where STARTTLS is refused (454, say), the
    /// session goes on in plain text. A handshake that was begun and fails ends the session.
    // RFC 7435 3: some protection is better than none, and none is better than no mail
    IfOffered,
    /// It does, from its first message, with a server that is trusted so; or there is no session. STARTTLS is said whether
    /// or not it is offered.
    Always(Trust),
}

/// Whom a TLS handshake may be done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// Whoever answers, with any certificate: it keeps out who only listens.
    Anybody,
    /// Whoever has a valid certificate in the name of the host that was asked for.
    NamedHost,
}

impl StartTls {
    /// Whom the handshake may be done with, if there is one.
    pub(super) const fn trust(self) -> Trust {
        match self {
            Self::Never | Self::IfOffered => Trust::Anybody,
            Self::Always(trust) => trust,
        }
    }
}
