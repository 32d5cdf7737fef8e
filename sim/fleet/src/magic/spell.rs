//! What an address can ask for.
//!
//! Separate from the words, because whoever carries it out or tells of it need not know how it is written.

use std::fmt;
use std::time::Duration;

use smtp::EnhancedStatusCode;
use units::Span;

use crate::{KnownReply, Phase};

/// What becomes of a recipient.
#[derive(Debug, Clone, Copy)]
pub enum Spell {
    /// It is accepted.
    Accept,
    /// It is refused with these codes.
    Refuse {
        /// Where.
        at: Phase,
        /// The basic code, 400 to 599.
        code: u16,
        /// The enhanced code, if there is to be one.
        enhanced: Option<EnhancedStatusCode>,
    },
    /// It is refused in these words.
    Say {
        /// Where.
        at: Phase,
        /// The words.
        reply: &'static KnownReply,
    },
    /// The first tries are refused for now.
    Defer {
        /// How many.
        times: u32,
    },
    /// The first try is refused, and every other one before so much time has passed.
    Greylist {
        /// How much.
        wait: Duration,
    },
    /// It is accepted, and the answer takes this long.
    Slow {
        /// Which answer.
        at: Phase,
        /// How long.
        longer: Duration,
    },
    /// Instead of an answer, something happens to the connection.
    Interrupt {
        /// Instead of which answer.
        at: Phase,
        /// What happens.
        interruption: Interruption,
    },
    /// The message is accepted, and the connection cut before the client hears of it.
    LoseReply,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// It is closed without a word.
    Drop,
    /// It is reset.
    Reset,
    /// The server never says another word.
    Stall,
}

/// What becomes of the recipient, in words: a fragment.
impl fmt::Display for Spell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accepted"),
            Self::Refuse { at, code, enhanced } => {
                write!(f, "refused {} with {code}", place(*at))?;
                enhanced.iter().try_for_each(|enhanced| write!(f, " {enhanced}"))
            }
            Self::Say { at, reply } => {
                write!(f, "refused {} with {}", place(*at), reply.code)?;
                reply.enhanced.iter().try_for_each(|enhanced| write!(f, " {enhanced}"))?;
                write!(f, ": {} ({})", reply.category, reply.id)
            }
            Self::Defer { times: 1 } => f.write_str("the first try is refused for now"),
            Self::Defer { times } => write!(f, "the first {times} tries are refused for now"),
            Self::Greylist { wait } => {
                write!(f, "the first try is refused, and all others before {} have passed", Span(*wait))
            }
            Self::Slow { at, longer } => {
                write!(f, "accepted, and the answer {} takes {}", place(*at), Span(*longer))
            }
            Self::Interrupt { at, interruption } => {
                let what = match interruption {
                    Interruption::Drop => "the connection is closed",
                    Interruption::Reset => "the connection is reset",
                    Interruption::Stall => "the server falls silent",
                };
                write!(f, "{what} instead of an answer {}", place(*at))
            }
            Self::LoseReply => f.write_str("accepted, but the client never hears of it"),
        }
    }
}

fn place(at: Phase) -> &'static str {
    match at {
        Phase::Connect => "before the greeting",
        Phase::Greeting => "at the greeting",
        Phase::Ehlo => "at EHLO",
        Phase::StartTls => "at STARTTLS",
        Phase::TlsHandshake => "in the TLS handshake",
        Phase::Auth => "at AUTH",
        Phase::Mail => "at MAIL",
        Phase::Rcpt => "at RCPT",
        Phase::Data => "at DATA",
        Phase::Body => "in the middle of the message",
        Phase::EndOfData => "after the message",
        Phase::Bdat => "at BDAT",
        Phase::Rset => "at RSET",
        Phase::Noop => "at NOOP",
        Phase::Vrfy => "at VRFY",
        Phase::Quit => "at QUIT",
        Phase::Idle => "while nothing is said",
    }
}

#[cfg(test)]
mod tests {
    use crate::magic::read;

    #[test]
    fn every_spell_can_be_told() {
        let check = |word: &str, expected: &str| {
            assert_eq!(read(word).expect(word).to_string(), expected);
        };
        check("ok", "accepted");
        check("550-5.1.1", "refused at RCPT with 550 5.1.1");
        check("451-at-end", "refused after the message with 451");
        check("gmail-full", "refused at RCPT with 452 4.2.2: mailbox-full (gmail-004)");
        check("defer-1-time", "the first try is refused for now");
        check("defer-2-times", "the first 2 tries are refused for now");
        check("greylist-10m", "the first try is refused, and all others before 10m have passed");
        check("slow-5s-at-data", "accepted, and the answer at DATA takes 5s");
        check("reset", "the connection is reset instead of an answer at RCPT");
        check("lose-reply", "accepted, but the client never hears of it");
    }
}
