//! What became of a recipient.
//!
//! Facts only: what was answered and when the connection was lost. Whether to try again, and what a refusal says about
//! the address, is decided by policy.
//!
//! RFC 5321 4.5.4.1 (the sender's duty until it has a reply), RFC 1047 (the doubt after the final dot).

use std::fmt;
use std::sync::Arc;

use crate::{Phase, Reply, ReplyFault};

/// What became of one recipient of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered the final dot with 2yz: it has the message for this recipient.
    Accepted(Arc<Reply>),
    /// The server said no, for now or for good.
    Refused {
        /// Whose reply it was.
        phase: Phase,
        /// The refusal, 4yz or 5yz.
        reply: Arc<Reply>,
    },
    /// The connection ended before the final dot was sent completely: the server cannot have the message.
    Lost {
        /// What was under way.
        phase: Phase,
        /// How it ended.
        loss: Loss,
    },
    /// The connection ended between the final dot and its reply: the server may or may not have the message.
    Uncertain {
        /// How it ended.
        loss: Loss,
    },
    /// The server's offers do not allow this message; nothing was sent.
    Unsendable(Obstacle),
    /// The connection ended while the message before this one was under way. Its commands may have left, but none of
    /// them was answered and nothing of the message was sent: the server cannot have it.
    NotBegun,
}

/// How a connection ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// The server closed the stream.
    Closed,
    /// The stream was reset.
    Reset,
    /// The phase took longer than its limit.
    TimedOut,
    /// The server sent something that is no answer.
    Garbled(ReplyFault),
    /// The TLS handshake came to nothing: the server does not do TLS as we do, or none at all. In words.
    Handshake(&'static str),
    /// The TLS handshake was broken off because the server's certificate is not one that may be trusted. In words.
    Certificate(&'static str),
    /// We gave up.
    Interrupted,
}

/// Why a message cannot be sent to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// The message is larger than the server takes.
    TooLarge {
        /// Octets of the message.
        size: u64,
        /// Octets that the server takes at most.
        limit: u64,
    },
    /// The message has octets above 127 and the server does not offer 8BITMIME.
    EightBit,
    /// An address is not ASCII and the server does not offer SMTPUTF8.
    Utf8,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit } => {
                write!(f, "the message has {size} octets and the server takes at most {limit}")
            }
            Self::EightBit => {
                f.write_str("the message has 8-bit octets and the server does not offer 8BITMIME")
            }
            Self::Utf8 => f.write_str("an address is not ASCII and the server does not offer SMTPUTF8"),
        }
    }
}
