//! What a client session may choose where the standard leaves a choice.
//!
//! A file of its own because these are decisions of whoever opens the connection: the session carries them out, and has no
//! opinion about them.
//!
//! RFC 3207 (STARTTLS), RFC 7435 (opportunistic security).

use crate::limits::PhaseLimits;

/// How a session behaves. The default is plain text, with the limits of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether the session runs inside TLS.
    pub starttls: StartTls,
    /// How long each phase may take.
    pub limits: PhaseLimits,
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
