//! Why a line is no command, and what to answer.
//!
//! A file of its own because the codes of replies are a table to be read beside the RFCs.
//!
//! RFC 5321 4.2.4, 4.2.5 (500 to 504); RFC 3463 3 (enhanced codes); RFC 6531 3.5; RFC 4954 4 and 6.

use std::fmt;

use crate::{AddressError, DsnError, EnhancedStatusCode, ReplyCode};

/// Why a line is no command that a server can carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandFault {
    /// The first word is no command, or the line has a control character or is not UTF-8.
    Unknown,
    /// A command of the standard or of an extension that this crate does not have.
    NotImplemented,
    /// The arguments are missing, too many, or malformed.
    Arguments,
    /// The arguments of BDAT are, so that nobody knows how much of what follows is content.
    ChunkSize,
    /// A parameter about delivery reports is malformed.
    Dsn(DsnError),
    /// AUTH names a mechanism that this crate does not have.
    Mechanism,
    /// What came with AUTH is no base64.
    Base64,
    /// The address in MAIL is malformed.
    Sender(AddressError),
    /// The address in RCPT is malformed.
    Recipient(AddressError),
}

impl CommandFault {
    /// The code of the reply to give: 500, 501, 502, 504 or 553.
    // RFC 5321 4.2.4: 500 is for what is not recognised, 502 for what is recognised and not implemented
    // RFC 6531 3.5: 553 with X.6.7 refuses an address that is not ASCII
    pub fn reply_code(self) -> ReplyCode {
        ReplyCode::fixed(match self {
            Self::Unknown => 500,
            Self::NotImplemented => 502,
            Self::Sender(AddressError::NotAscii) | Self::Recipient(AddressError::NotAscii) => 553,
            // RFC 4954 4: 504 for a mechanism that is not known, 501 for what is no base64
            Self::Mechanism => 504,
            Self::Arguments
            | Self::ChunkSize
            | Self::Dsn(_)
            | Self::Base64
            | Self::Sender(_)
            | Self::Recipient(_) => 501,
        })
    }

    /// The enhanced status code of the reply to give.
    // RFC 3463 3.6, 3.2: X.5.1 invalid command, X.5.4 invalid arguments, X.1.7 and X.1.3 bad syntax of an address
    pub fn enhanced(self) -> EnhancedStatusCode {
        let (subject, detail) = match self {
            Self::Unknown | Self::NotImplemented => (5, 1),
            Self::Arguments | Self::ChunkSize | Self::Dsn(_) | Self::Mechanism => (5, 4),
            Self::Base64 => (5, 2),
            Self::Sender(AddressError::NotAscii) | Self::Recipient(AddressError::NotAscii) => (6, 7),
            Self::Sender(_) => (1, 7),
            Self::Recipient(_) => (1, 3),
        };
        EnhancedStatusCode::fixed(5, subject, detail)
    }
}

impl fmt::Display for CommandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("command not recognized"),
            Self::NotImplemented => f.write_str("command not implemented"),
            Self::Arguments => f.write_str("syntax error in arguments"),
            Self::ChunkSize => f.write_str("BDAT must have a size, and LAST or nothing after it"),
            Self::Dsn(error) => error.fmt(f),
            Self::Mechanism => f.write_str("unknown authentication mechanism"),
            Self::Base64 => f.write_str("cannot decode base64"),
            Self::Sender(error) => write!(f, "bad sender address: {error}"),
            Self::Recipient(error) => write!(f, "bad recipient address: {error}"),
        }
    }
}

impl std::error::Error for CommandFault {}
