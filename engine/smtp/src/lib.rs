//! The SMTP protocol without I/O: both sides of a connection as values that are fed bytes.
//!
//! Nothing here opens a socket, reads a clock or draws a number. The grammar (addresses, commands, replies, bodies) is
//! shared by both sides; the two sessions know nothing of each other.
//!
//! - [`Address`], [`Domain`], [`ReversePath`], [`ForwardPath`]: who mail is from and for; no CR, LF or NUL can hide in them
//! - [`Charset`]: whether they go beyond ASCII
//! - [`EnhancedStatusCode`]: the codes of RFC 3463 and their registered meaning
//! - [`Reply`], [`ReplyParser`]: what a server says; read from any bytes in any pieces, in bounded memory
//! - [`Extensions`]: what a server offers in its EHLO reply
//! - [`Command`]: what a client says; read generously, written strictly
//! - [`MailParameters`], [`RcptParameters`], [`MailDsn`], [`RcptDsn`]: what is declared and asked with an address
//! - [`Body`], [`Unstuffer`]: message content on the wire, dot-stuffing both ways
//! - [`Security`]: whether a connection runs inside TLS
//! - [`Phase`], [`limits`]: the parts of a dialogue, and every bound with its unit and source
//! - [`client`]: the session of the side that has mail, with one outcome for each recipient
//! - [`server`]: the session of the side that takes mail, with its decisions asked from a [`server::Host`]

mod address;
mod body;
mod charset;
pub mod client;
mod command;
mod dsn;
mod extension;
pub mod limits;
mod phase;
mod reply;
mod security;
pub mod server;
mod status;
mod xtext;

pub use address::{Address, AddressError, Domain, ForwardPath, ReversePath};
pub use body::{Body, Unstuffed, Unstuffer};
pub use charset::Charset;
pub use command::{
    BodyType, Chunk, Command, CommandFault, MailParameters, Mechanism, RcptParameters, Submitter, Text, Word,
};
pub use dsn::{DsnError, MailDsn, Notify, OriginalRecipient, RcptDsn, Return};
pub use extension::{Extensions, Mechanisms, SizeLimit};
pub use phase::Phase;
pub use reply::{Reply, ReplyClass, ReplyCode, ReplyFault, ReplyParser};
pub use security::Security;
pub use status::EnhancedStatusCode;
pub use xtext::Xtext;
