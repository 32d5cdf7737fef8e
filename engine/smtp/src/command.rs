//! Commands: what a client says.
//!
//! Written only from typed values, so that no argument can end a line and begin another command. Reading, which is as
//! generous as real servers are, is in `parse`, what follows an address in `parameters`. Which command is allowed when is
//! the business of the sessions.
//!
//! RFC 5321 4.1 (commands), RFC 3030 2 (BDAT), RFC 3207 (STARTTLS), RFC 4954 4 (AUTH).

mod fault;
mod parameters;
mod parse;

pub use fault::CommandFault;
pub use parameters::{BodyType, MailParameters, RcptParameters, Submitter};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::{Domain, ForwardPath, ReversePath};

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
        /// What is declared about the message.
        parameters: MailParameters,
    },
    /// Names one recipient.
    Rcpt {
        /// The recipient.
        to: ForwardPath,
        /// What is asked for it.
        parameters: RcptParameters,
    },
    /// Asks to send the message.
    Data,
    /// A part of the message, which follows the command's line as it is.
    Bdat {
        /// Its length, in octets.
        size: u64,
        /// Whether more is to come.
        chunk: Chunk,
    },
    /// Ends the transaction without a message.
    Rset,
    /// Does nothing. Its argument counts for nothing and is not kept.
    Noop,
    /// Ends the session.
    Quit,
    /// Asks whether a mailbox exists.
    Vrfy(Text),
    /// Asks who is on a list.
    Expn(Text),
    /// Asks for help, possibly about something.
    Help(Option<Text>),
    /// Asks to encrypt the connection.
    StartTls,
    /// Asks to let the client prove who it is.
    Auth {
        /// How.
        mechanism: Mechanism,
        /// The first of its answers, decoded, if it came with the command.
        initial: Option<Box<[u8]>>,
    },
}

/// The place of a chunk in its message.
// RFC 3030 2: bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ]; end-marker = "LAST"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    /// Another one follows.
    NotLast,
    /// The message is complete with it.
    Last,
}

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// User and password at once (RFC 4616).
    Plain,
    /// The user, then the password; never standardised, and understood everywhere.
    Login,
}

impl Mechanism {
    /// Its name as it stands on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }
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
            Self::Mail { from, parameters } => {
                push_reverse_path(out, from);
                parameters.encode(out);
            }
            Self::Rcpt { to, parameters } => {
                push_forward_path(out, to);
                parameters.encode(out);
            }
            Self::Data => push(out, &["DATA"]),
            Self::Bdat { size, chunk: Chunk::NotLast } => push(out, &["BDAT ", &size.to_string()]),
            Self::Bdat { size, chunk: Chunk::Last } => push(out, &["BDAT ", &size.to_string(), " LAST"]),
            Self::Rset => push(out, &["RSET"]),
            Self::Noop => push(out, &["NOOP"]),
            Self::Quit => push(out, &["QUIT"]),
            Self::Vrfy(mailbox) => push(out, &["VRFY ", mailbox.as_str()]),
            Self::Expn(list) => push(out, &["EXPN ", list.as_str()]),
            Self::Help(None) => push(out, &["HELP"]),
            Self::Help(Some(topic)) => push(out, &["HELP ", topic.as_str()]),
            Self::StartTls => push(out, &["STARTTLS"]),
            Self::Auth { mechanism, initial } => push_auth(out, *mechanism, initial.as_deref()),
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn push_reverse_path(out: &mut Vec<u8>, from: &ReversePath) {
    match from {
        ReversePath::Null => push(out, &["MAIL FROM:<>"]),
        ReversePath::Address(address) => push(out, &["MAIL FROM:<", address.as_str(), ">"]),
    }
}

fn push_forward_path(out: &mut Vec<u8>, to: &ForwardPath) {
    match to {
        ForwardPath::Postmaster => push(out, &["RCPT TO:<Postmaster>"]),
        ForwardPath::Address(address) => push(out, &["RCPT TO:<", address.as_str(), ">"]),
    }
}

// RFC 4954 4: "AUTH" SP sasl-mech [SP initial-response]; an empty response is written as "="
fn push_auth(out: &mut Vec<u8>, mechanism: Mechanism, initial: Option<&[u8]>) {
    push(out, &["AUTH ", mechanism.name()]);
    match initial {
        None => {}
        Some([]) => push(out, &[" ="]),
        Some(response) => push(out, &[" ", &BASE64.encode(response)]),
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

/// An argument of a command that goes to the end of the line: at least one character, no control character, and no space at
/// either end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<str>);

impl Text {
    /// The text `text`, or nothing when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = !text.is_empty() && text.trim_matches(' ') == text && !text.chars().any(char::is_control);
        valid.then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
