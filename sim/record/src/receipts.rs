//! The fleet's account: what the fake servers saw, kept without knowing anything about the engine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Checks, Nanos, Phase, ProviderId};

/// All receipts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipts {
    /// Connections, ordered by provider and number.
    pub connections: Vec<Connection>,
    /// What became of each recipient of each transaction, ordered by time, provider, connection, then as it happened.
    pub arrivals: Vec<Arrival>,
    /// What happened to accepted messages afterwards, at providers that decide it: ordered by time, provider, connection, then
    /// as it was decided.
    pub sequels: Vec<Sequel>,
    /// Senders (return paths) seen, each once; [`Arrival::sender`] and [`Sequel::sender`] point here.
    pub senders: Vec<String>,
    /// Recipients seen, each once; [`Arrival::recipient`] and [`Sequel::recipient`] point here.
    pub recipients: Vec<String>,
    /// Connections that still were open when the run ended.
    pub open_at_the_end: u32,
}

/// One connection, from the server's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connection {
    /// The provider.
    pub provider: ProviderId,
    /// Number within the provider, from 1, in the order they were accepted.
    pub number: u32,
    /// The host that accepted it: index into [`crate::Provider::hosts`].
    pub host: u32,
    /// Accepted at.
    pub opened: Nanos,
    /// Closed at; the end of the run if it never was.
    pub closed: Nanos,
    /// Transactions in which at least one recipient was named.
    pub messages: u32,
    /// How it ended.
    pub end: ConnectionEnd,
    /// Which of the host's addresses it went to, from 1; 1 where a host has no more.
    pub address: u32,
    /// The rule because of which the server closed it: index into [`crate::Provider::rules`]. `None` if none did.
    pub rule: Option<u32>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionEnd {
    /// QUIT and 221.
    Quit,
    /// The client closed without QUIT.
    ClientClosed,
    /// The server closed (421, or without a word).
    ServerClosed,
    /// It was still open.
    StillOpen,
}

/// What a server answered for one recipient of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When the deciding command or body was complete at the server.
    pub at: Nanos,
    /// The provider.
    pub provider: ProviderId,
    /// The connection's number.
    pub connection: u32,
    /// Index into [`Receipts::senders`].
    pub sender: u32,
    /// Index into [`Receipts::recipients`].
    pub recipient: u32,
    /// What became of it.
    pub answer: Answer,
    /// The rule that decided so: index into [`crate::Provider::rules`]. `None` if none did.
    pub rule: Option<u32>,
    /// What the server found out about the message and who sends it.
    pub checks: Checks,
}

/// What became of a recipient, as the server knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Answer {
    /// The message was accepted and the client was told so.
    Accepted {
        /// Hash of the received bytes, dots unstuffed.
        body_hash: u64,
        /// Their number.
        body_bytes: u64,
    },
    /// The message was accepted, but the reply was lost.
    AcceptedReplyLost {
        /// Hash of the received bytes, dots unstuffed.
        body_hash: u64,
        /// Their number.
        body_bytes: u64,
    },
    /// Refused with this code at this stage (MAIL, RCPT, DATA or the end of data).
    Refused {
        /// The stage.
        phase: Phase,
        /// The basic code.
        code: u16,
    },
    /// The connection ended before anything was decided.
    Unfinished,
}

/// What happened, after 250, to a message for one recipient: what no sender can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequel {
    /// When.
    pub at: Nanos,
    /// The provider.
    pub provider: ProviderId,
    /// The number of the connection that the message came in.
    pub connection: u32,
    /// Index into [`Receipts::senders`].
    pub sender: u32,
    /// Index into [`Receipts::recipients`].
    pub recipient: u32,
    /// Hash of the message, as its arrival has it.
    pub body_hash: u64,
    /// What.
    pub what: Happening,
}

/// What can happen to an accepted message. One of the first five happens to each, the others only to what is in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// It was put into the inbox.
    Inbox,
    /// It was put into the spam folder.
    SpamFolder,
    /// It was thrown away, and nobody was told.
    Lost,
    /// It was sent on to another address.
    Forwarded,
    /// It could not be delivered after all, and a report was sent (RFC 3464).
    BouncedLater,
    /// A program answered it in the recipient's absence (RFC 3834).
    AutoReplied,
    /// The recipient opened it.
    Opened,
    /// The recipient followed a link in it.
    Clicked,
    /// The recipient called it spam, and the provider reported that (RFC 5965).
    Complained,
    /// The recipient unsubscribed from such mail.
    Unsubscribed,
}
