//! Commands: what a client says.
//!
//! Written only from typed values, so that no argument can end a line and begin another command. Reading, which is as
//! generous as real servers are, is in `parse`. Which command is allowed when is the business of the sessions.
//!
//! RFC 5321 4.1 (commands), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 3207 (STARTTLS).

mod parse;

use std::fmt;

use crate::{Address, AddressError, Domain, EnhancedStatusCode, ReplyCode, ReversePath};

/// A command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The client's name, and that it understands extensions.
    Ehlo(Word),
    /// The client's name.
    Helo(Word),
    /// Begins a transaction.
    Mail {
        /// Where failures are reported to.
        from: ReversePath,
        /// The declared size of the message, in octets.
        size: Option<u64>,
        /// The declared kind of body.
        body: BodyType,
        /// All other parameters as written, `KEYWORD` or `KEYWORD=value`.
        parameters: Vec<Word>,
    },
    /// Names one recipient.
    Rcpt {
        /// The recipient.
        to: Address,
        /// All parameters as written, `KEYWORD` or `KEYWORD=value`.
        parameters: Vec<Word>,
    },
    /// Asks to send the message.
    Data,
    /// Ends the transaction without a message.
    Rset,
    /// Does nothing.
    Noop,
    /// Ends the session.
    Quit,
    /// Asks whether a mailbox exists.
    Vrfy(Word),
    /// Asks for help.
    Help,
    /// Asks to encrypt the connection.
    StartTls,
}

/// What a client declares about octets above 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyType {
    /// Nothing was declared.
    #[default]
    Unstated,
    /// `BODY=7BIT`: there are none.
    SevenBit,
    /// `BODY=8BITMIME`: there may be some.
    EightBitMime,
}

impl Command {
    /// Reads a command line, with or without its CRLF.
    pub fn parse(line: &[u8]) -> Result<Self, CommandFault> {
        parse::command(line.strip_suffix(b"\r\n").unwrap_or(line))
    }

    /// Appends the command line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ehlo(name) => push(out, &["EHLO ", name.as_str()]),
            Self::Helo(name) => push(out, &["HELO ", name.as_str()]),
            Self::Mail { from, size, body, parameters } => encode_mail(out, from, *size, *body, parameters),
            Self::Rcpt { to, parameters } => {
                push(out, &["RCPT TO:<", to.as_str(), ">"]);
                push_parameters(out, parameters);
            }
            Self::Data => push(out, &["DATA"]),
            Self::Rset => push(out, &["RSET"]),
            Self::Noop => push(out, &["NOOP"]),
            Self::Quit => push(out, &["QUIT"]),
            Self::Vrfy(mailbox) => push(out, &["VRFY ", mailbox.as_str()]),
            Self::Help => push(out, &["HELP"]),
            Self::StartTls => push(out, &["STARTTLS"]),
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn encode_mail(out: &mut Vec<u8>, from: &ReversePath, size: Option<u64>, body: BodyType, more: &[Word]) {
    match from {
        ReversePath::Null => push(out, &["MAIL FROM:<>"]),
        ReversePath::Address(address) => push(out, &["MAIL FROM:<", address.as_str(), ">"]),
    }
    if let Some(octets) = size {
        push(out, &[" SIZE=", &octets.to_string()]);
    }
    match body {
        BodyType::Unstated => {}
        BodyType::SevenBit => push(out, &[" BODY=7BIT"]),
        BodyType::EightBitMime => push(out, &[" BODY=8BITMIME"]),
    }
    push_parameters(out, more);
}

fn push_parameters(out: &mut Vec<u8>, parameters: &[Word]) {
    for parameter in parameters {
        push(out, &[" ", parameter.as_str()]);
    }
}

fn push(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// An argument of a command: at least one character, all of them printable ASCII without spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Box<str>);

impl Word {
    /// The word `text`, or nothing when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Domain> for Word {
    fn from(domain: &Domain) -> Self {
        Self(domain.as_str().into())
    }
}

/// Why a line is no command that a server can carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandFault {
    /// The first word is no command, or the line has a control character or is not UTF-8.
    Unknown,
    /// A command of the standard or of an extension that this crate does not have.
    NotImplemented,
    /// The arguments are missing, too many, or malformed.
    Arguments,
    /// The address in MAIL is malformed.
    Sender(AddressError),
    /// The address in RCPT is malformed.
    Recipient(AddressError),
}

impl CommandFault {
    /// The code of the reply to give: 500, 501, 502 or 553.
    // RFC 5321 4.2.4: 500 is for what is not recognised, 502 for what is recognised and not implemented
    // RFC 6531 3.5: 553 with X.6.7 refuses an address that is not ASCII
    pub fn reply_code(self) -> ReplyCode {
        ReplyCode::fixed(match self {
            Self::Unknown => 500,
            Self::NotImplemented => 502,
            Self::Sender(AddressError::NotAscii) | Self::Recipient(AddressError::NotAscii) => 553,
            Self::Arguments | Self::Sender(_) | Self::Recipient(_) => 501,
        })
    }

    /// The enhanced status code of the reply to give.
    // RFC 3463 3.6, 3.2: X.5.1 invalid command, X.5.4 invalid arguments, X.1.7 and X.1.3 bad syntax of an address
    pub fn enhanced(self) -> EnhancedStatusCode {
        let (subject, detail) = match self {
            Self::Unknown | Self::NotImplemented => (5, 1),
            Self::Arguments => (5, 4),
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
            Self::Sender(error) => write!(f, "bad sender address: {error}"),
            Self::Recipient(error) => write!(f, "bad recipient address: {error}"),
        }
    }
}

impl std::error::Error for CommandFault {}
