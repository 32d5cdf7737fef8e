//! What an answer means: class, reason, scope, and what follows for the delivery.

use std::sync::Arc;
use std::time::Duration;

use smtp::Reply;

pub use crate::disposition::Disposition;

/// The stage of a delivery that an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Looking up the destination.
    Dns,
    /// Opening the connection.
    Connect,
    /// The greeting.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// The DATA command.
    Data,
    /// While the message is transmitted.
    Body,
    /// The reply to the final dot.
    EndOfData,
    /// A report that came after the message was accepted.
    Report,
}

impl Stage {
    /// The stage that the known replies and the command line call by this name of a phase: `connect` is the greeting,
    /// `data` the command.
    pub fn of_phase(name: &str) -> Option<Self> {
        Some(match name {
            "connect" | "greeting" => Self::Greeting,
            "ehlo" => Self::Ehlo,
            "mail" => Self::Mail,
            "rcpt" => Self::Rcpt,
            "data" => Self::Data,
            "body" => Self::Body,
            "end-of-data" | "end_of_data" => Self::EndOfData,
            _ => return None,
        })
    }
}

/// Whether it may pass later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The message was accepted.
    Delivered,
    /// A later attempt may pass.
    Soft,
    /// No later attempt will.
    Hard,
    /// Nobody knows: the connection died between the final dot and the reply.
    Uncertain,
}

impl Class {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Soft => "soft",
            Self::Hard => "hard",
            Self::Uncertain => "uncertain",
        }
    }
}

/// The reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// SPF, DKIM or DMARC did not pass, or credentials are missing.
    Authentication,
    /// The domain does not exist or takes no mail.
    BadDomain,
    /// Too many connections.
    ConnectionLimited,
    /// The DNS of the source is missing or wrong: its reverse DNS, its name, or the sender's domain or address.
    DnsPtr,
    /// The sender domain has a bad reputation.
    DomainReputation,
    /// Strangers are asked to come back later.
    Greylisted,
    /// The source address has a bad reputation or is blocked.
    IpReputation,
    /// The message goes round in circles.
    MailLoop,
    /// The mailbox exists, but is closed.
    MailboxDisabled,
    /// The mailbox is full.
    MailboxFull,
    /// The message is too large.
    MessageTooLarge,
    /// None of the others.
    Other,
    /// The content is not wanted.
    PolicyContent,
    /// Something was wrong with the protocol.
    ProtocolError,
    /// Too much mail per time.
    RateLimited,
    /// The recipient's own rules refuse it.
    RecipientPolicy,
    /// The server does not relay for this domain.
    RelayingDenied,
    /// The sender's account or service is suspended.
    Suspended,
    /// The receiving system does not work just now, or cannot be reached.
    TemporaryOutage,
    /// TLS is demanded.
    TlsRequired,
    /// Too many recipients in one message.
    TooManyRecipients,
    /// There is no such mailbox.
    UnknownUser,
    /// The message carries a virus.
    Virus,
}

impl Category {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 23] = [
        Self::Authentication,
        Self::BadDomain,
        Self::ConnectionLimited,
        Self::DnsPtr,
        Self::DomainReputation,
        Self::Greylisted,
        Self::IpReputation,
        Self::MailLoop,
        Self::MailboxDisabled,
        Self::MailboxFull,
        Self::MessageTooLarge,
        Self::Other,
        Self::PolicyContent,
        Self::ProtocolError,
        Self::RateLimited,
        Self::RecipientPolicy,
        Self::RelayingDenied,
        Self::Suspended,
        Self::TemporaryOutage,
        Self::TlsRequired,
        Self::TooManyRecipients,
        Self::UnknownUser,
        Self::Virus,
    ];

    /// What it means, in a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Authentication => "SPF, DKIM or DMARC did not pass, or credentials are missing.",
            Self::BadDomain => "The domain does not exist or takes no mail.",
            Self::ConnectionLimited => "Too many connections.",
            Self::DnsPtr => {
                "The DNS of the source is missing or wrong: its reverse DNS, its name, or the sender's domain or address."
            }
            Self::DomainReputation => "The sender domain has a bad reputation.",
            Self::Greylisted => "Strangers are asked to come back later.",
            Self::IpReputation => "The source address has a bad reputation or is blocked.",
            Self::MailLoop => "The message goes round in circles.",
            Self::MailboxDisabled => "The mailbox exists, but is closed.",
            Self::MailboxFull => "The mailbox is full.",
            Self::MessageTooLarge => "The message is too large.",
            Self::Other => "None of the others.",
            Self::PolicyContent => "The content is not wanted.",
            Self::ProtocolError => "Something was wrong with the protocol.",
            Self::RateLimited => "Too much mail per time.",
            Self::RecipientPolicy => "The recipient's own rules refuse it.",
            Self::RelayingDenied => "The server does not relay for this domain.",
            Self::Suspended => "The sender's account or service is suspended.",
            Self::TemporaryOutage => "The receiving system does not work just now, or cannot be reached.",
            Self::TlsRequired => "TLS is demanded.",
            Self::TooManyRecipients => "Too many recipients in one message.",
            Self::UnknownUser => "There is no such mailbox.",
            Self::Virus => "The message carries a virus.",
        }
    }

    /// Its name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::BadDomain => "bad-domain",
            Self::ConnectionLimited => "connection-limited",
            Self::DnsPtr => "dns-ptr",
            Self::DomainReputation => "domain-reputation",
            Self::Greylisted => "greylisted",
            Self::IpReputation => "ip-reputation",
            Self::MailLoop => "mail-loop",
            Self::MailboxDisabled => "mailbox-disabled",
            Self::MailboxFull => "mailbox-full",
            Self::MessageTooLarge => "message-too-large",
            Self::Other => "other",
            Self::PolicyContent => "policy-content",
            Self::ProtocolError => "protocol-error",
            Self::RateLimited => "rate-limited",
            Self::RecipientPolicy => "recipient-policy",
            Self::RelayingDenied => "relaying-denied",
            Self::Suspended => "suspended",
            Self::TemporaryOutage => "temporary-outage",
            Self::TlsRequired => "tls-required",
            Self::TooManyRecipients => "too-many-recipients",
            Self::UnknownUser => "unknown-user",
            Self::Virus => "virus",
        }
    }
}

/// What the answer is a statement about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// This address. Only this may lead to its suppression under the careful policy.
    Address,
    /// This recipient, who is alive, but gets too much mail just now.
    Recipient,
    /// This message.
    Message,
    /// Where it came from: source address or sender domain.
    Source,
    /// The receiving system as a whole.
    Site,
    /// This connection.
    Connection,
    /// Ourselves.
    Us,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Address, Self::Recipient, Self::Message, Self::Source, Self::Site, Self::Connection, Self::Us];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Recipient => "recipient",
            Self::Message => "message",
            Self::Source => "source",
            Self::Site => "site",
            Self::Connection => "connection",
            Self::Us => "us",
        }
    }
}

/// The meaning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verdict {
    /// Whether it may pass later.
    pub class: Class,
    /// The reason; [`Category::Other`] for a delivery.
    pub category: Category,
    /// What it is a statement about.
    pub scope: Scope,
    /// What follows.
    pub disposition: Disposition,
    /// How long to wait, for [`Disposition::RetryLater`], [`Disposition::Throttle`] and [`Disposition::Suspend`]: as the text
    /// states it, or as the rule knows it; at most a day.
    pub wait: Option<Duration>,
    /// The limit that the text states, of connections or recipients, where the reply is about one.
    pub limit: Option<u32>,
    /// The rule that decided (`gmail/full`, `unreachable`).
    pub rule: &'static str,
    /// The reason in plain words: a fragment.
    pub reason: &'static str,
    /// The page about the error codes of whoever gave the reply, where that is known.
    pub help_url: Option<&'static str>,
}

impl Verdict {
    /// Whether nothing but the numbers decided.
    pub fn is_by_number(&self) -> bool {
        self.rule.starts_with("generic/n-") || self.rule == "generic/anything"
    }

    /// Whether no words gave a reason: only numbers decided, or what the words say is no reason.
    pub fn has_no_reason(&self) -> bool {
        self.category == Category::Other || self.is_by_number()
    }
}

/// Accepted at the end of data.
pub const ACCEPTED: Verdict = Verdict {
    class: Class::Delivered,
    category: Category::Other,
    scope: Scope::Message,
    disposition: Disposition::Done,
    wait: None,
    limit: None,
    rule: "accepted",
    reason: "the server took the message",
    help_url: None,
};

/// What the verdict was found on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// A reply of the server.
    Reply(Arc<Reply>),
    /// No reply; this happened instead (`connection refused`).
    Instead(&'static str),
}

/// A verdict with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The stage.
    pub stage: Stage,
    /// What was seen.
    pub evidence: Evidence,
    /// What it means.
    pub verdict: Verdict,
}
