//! The fleet's account: what the fake servers saw and answered, kept without knowing anything about the engine.
//!
//! Plain rows, in the fleet's own types: a run's record has rows of the same shape, but the fleet knows no file format.

use units::Instant;

use crate::{Dialogue, Findings, Phase};

/// All receipts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipts {
    /// Connections, ordered by provider and number.
    pub connections: Vec<Connection>,
    /// What became of each recipient of each transaction, ordered by time, provider, connection, then as it happened.
    pub arrivals: Vec<Arrival>,
    /// What happened to accepted messages afterwards, at providers that decide it: ordered by time, provider, connection,
    /// then as it was decided. It may reach beyond the end of the run.
    pub sequels: Vec<Sequel>,
    /// Senders (return paths, empty for the null one) seen; [`Arrival::sender`] and [`Sequel::sender`] point here.
    pub senders: Vec<String>,
    /// Recipients seen; [`Arrival::recipient`] and [`Sequel::recipient`] point here.
    pub recipients: Vec<String>,
    /// Connections that still were open when the run ended.
    pub open_at_the_end: u32,
    /// What was said in a sample of the connections, if that is kept; ordered by provider and number.
    pub dialogues: Vec<Dialogue>,
    /// The rules of each provider, by the provider's index.
    pub rules: Vec<(u32, Vec<RuleUse>)>,
}

/// A rule of a provider, and how often it had something to say. Rules are in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleUse {
    /// Its name in the fleet, as in [`RuleState::id`](crate::RuleState::id).
    pub id: String,
    /// What its author calls the rule or span that it belongs to.
    pub name: Option<String>,
    /// How often.
    pub fired: u64,
}

/// One connection, from the server's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// The provider's index.
    pub provider: u32,
    /// Number within the provider, from 1, in the order they were accepted.
    pub number: u32,
    /// Which host of the provider accepted it: its place among [`Dns::Hosts`](crate::Dns::Hosts), or, without MX records,
    /// that of the domain among the provider's.
    pub host: u32,
    /// Accepted at.
    pub opened: Instant,
    /// Closed at; the end of the run if it never was.
    pub closed: Instant,
    /// Transactions in which at least one recipient was named.
    pub messages: u32,
    /// How it ended.
    pub end: ConnectionEnd,
    /// Which of the host's addresses it goes to, from 1; 1 where a host has no more.
    pub address: u32,
    /// The rule of the provider because of which the server closed it; `None` if none did.
    pub rule: Option<u32>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConnectionEnd {
    /// QUIT and its answer.
    Quit,
    /// The client closed without QUIT.
    ClientClosed,
    /// The server closed: 421, a refused greeting, or without a word.
    ServerClosed,
    /// It was still open.
    StillOpen,
}

/// What became of one recipient of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When the deciding command or body was complete at the server; when the transaction ended, if nothing was decided.
    pub at: Instant,
    /// The provider's index.
    pub provider: u32,
    /// The connection's number.
    pub connection: u32,
    /// Index into [`Receipts::senders`].
    pub sender: u32,
    /// Index into [`Receipts::recipients`].
    pub recipient: u32,
    /// What became of it.
    pub answer: Answered,
    /// The rule of the provider that decided so; `None` if none did.
    pub rule: Option<u32>,
    /// What the provider found out about the message and who sends it.
    pub findings: Findings,
}

/// What became of a recipient, as the server knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The message was accepted and the client was told so.
    Accepted {
        /// The 64-bit XXH3 hash of the received bytes, dots unstuffed.
        body_hash: u64,
        /// Their number.
        body_bytes: u64,
    },
    /// The message was accepted, but the client could not learn it.
    AcceptedReplyLost {
        /// The 64-bit XXH3 hash of the received bytes, dots unstuffed.
        body_hash: u64,
        /// Their number.
        body_bytes: u64,
    },
    /// Refused at MAIL, RCPT, DATA or the end of data.
    Refused {
        /// Where.
        phase: Phase,
        /// The basic code.
        code: u16,
    },
    /// The transaction ended before anything was decided.
    Unfinished,
}

/// What happened, after 250, to a message for one recipient: what no sender can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequel {
    /// When.
    pub at: Instant,
    /// The provider's index.
    pub provider: u32,
    /// The number of the connection that the message came in.
    pub connection: u32,
    /// Index into [`Receipts::senders`].
    pub sender: u32,
    /// Index into [`Receipts::recipients`].
    pub recipient: u32,
    /// The 64-bit XXH3 hash of the message.
    pub body_hash: u64,
    /// What.
    pub what: Happening,
}

/// What can happen to an accepted message. One of the first five happens to each, the others only to what is in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl Happening {
    /// How records write it (`spam_folder`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::SpamFolder => "spam_folder",
            Self::Lost => "lost",
            Self::Forwarded => "forwarded",
            Self::BouncedLater => "bounced_later",
            Self::AutoReplied => "auto_replied",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Complained => "complained",
            Self::Unsubscribed => "unsubscribed",
        }
    }
}
