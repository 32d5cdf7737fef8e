//! The parts of an SMTP dialogue, as the client sees them.
//!
//! A file of its own because limits, outcomes and everybody who classifies a reply speak of phases. What happens in
//! a phase is told by the sessions.

use std::fmt;

/// What the client was doing, or whose reply it was waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Connected, waiting for the server's first reply.
    Greeting,
    /// EHLO, or HELO after EHLO was not understood.
    Ehlo,
    /// STARTTLS, and the handshake that follows it.
    StartTls,
    /// MAIL; also the idle time between two transactions.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, up to the go-ahead (354).
    Data,
    /// The message content is being sent; the final dot has not been sent completely.
    Body,
    /// The final dot has been sent; the reply that decides is being waited for.
    EndOfData,
    /// RSET, or the lone dot that ends a transaction without recipients.
    Reset,
    /// QUIT.
    Quit,
}

impl Phase {
    /// All phases in the order of a dialogue.
    pub const ALL: [Self; 10] = [
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::EndOfData,
        Self::Reset,
        Self::Quit,
    ];

    /// The name in lower case, words joined by `_`: `end_of_data`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::EndOfData => "end_of_data",
            Self::Reset => "reset",
            Self::Quit => "quit",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
