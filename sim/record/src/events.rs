//! The engine's account: what it did and decided, in order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContactId, MailingId, Nanos, ProviderId, Status, StatusCause, VerdictId};

/// One line of the ledger, about one contact. Ordered by time; within one instant by provider, then as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Nanos,
    /// The provider that serves the contact.
    pub provider: ProviderId,
    /// Whom it is about.
    pub contact: ContactId,
    /// Within which mailing; `None` for what happens to a contact outside any (`opt_out`, `reactivate`).
    pub mailing: Option<MailingId>,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The mailing started for this contact (for an automated mailing: it joined).
    Selected,
    /// Left out of the mailing. One event per surplus line for a duplicate.
    Excluded(ExcludeReason),
    /// An attempt was begun: the `attempt`-th counted one, if it is counted in the end (from 1).
    AttemptBegun {
        /// From 1.
        attempt: u8,
        /// The connection, by the number that the fleet knows it by ([`crate::Connection::number`]); 0 if none could be
        /// opened.
        connection: u32,
    },
    /// The attempt begun last ended with an outcome of its own and is counted.
    AttemptEnded {
        /// From 1.
        attempt: u8,
        /// What the engine made of it.
        verdict: VerdictId,
        /// When the recipient is tried again; `None` if it is final, or held.
        retry_at: Option<Nanos>,
    },
    /// The attempt begun last came to nothing and is not counted: the provider slowed us down, or it is tried again at once.
    Uncounted {
        /// What the engine made of it.
        verdict: VerdictId,
    },
    /// The final outcome of this recipient.
    Settled {
        /// Which.
        outcome: Outcome,
        /// What led to it; `None` if no server had a say.
        cause: Cause,
        /// The deciding verdict, if there was one.
        verdict: Option<VerdictId>,
    },
    /// Something came back about the message after it was sent: a report, a complaint, or the reader left.
    Feedback {
        /// What was made of it.
        what: Feedback,
        /// What the engine made of the reason, for a bounce.
        verdict: Option<VerdictId>,
    },
    /// The contact's status or count changed (also when only the count did).
    StatusChanged {
        /// Before.
        from: Status,
        /// After.
        to: Status,
        /// Consecutive soft bounces after it.
        strikes: u8,
        /// Why.
        cause: StatusCause,
    },
}

impl EventKind {
    /// The verdict that the line names.
    pub const fn verdict(mut self) -> Option<VerdictId> {
        match self.verdict_mut() {
            Some(verdict) => Some(*verdict),
            None => None,
        }
    }

    /// The same, to be numbered anew.
    pub const fn verdict_mut(&mut self) -> Option<&mut VerdictId> {
        match self {
            Self::AttemptEnded { verdict, .. } | Self::Uncounted { verdict } => Some(verdict),
            Self::Settled { verdict, .. } | Self::Feedback { verdict, .. } => verdict.as_mut(),
            Self::Selected | Self::Excluded(_) | Self::AttemptBegun { .. } | Self::StatusChanged { .. } => {
                None
            }
        }
    }
}

/// Why a contact was left out of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExcludeReason {
    /// Its status is Error.
    Error,
    /// Its status is Opt-out.
    OptOut,
    /// The same address is on the list already.
    Duplicate,
}

/// How it ended for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The server answered the end of data with 2xx.
    Delivered,
    /// Temporary failures to the end.
    SoftBounced,
    /// Refused for good.
    HardBounced,
    /// Given up after an attempt: by an operator, or because the contact left Active.
    Cancelled,
    /// Never attempted.
    Dropped,
}

/// What led to a final outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The answer of a server, or of the DNS.
    Answer,
    /// The last attempt of the plan failed temporarily.
    PlanExhausted,
    /// The window closed while our own limits, or a provider's throttling, held the recipient back.
    HeldBack,
    /// The window closed over an outcome that stayed uncertain.
    Uncertain,
    /// The policy counts an uncertain outcome as delivered.
    AssumedDelivered,
    /// The contact left Active first.
    ContactLeftActive,
    /// An operator cancelled the mailing.
    MailingCancelled,
}

/// What was made of something that came back. What changes a counter comes first; nothing follows from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// After it was accepted, the message was given up for a temporary reason.
    LateSoftBounce,
    /// After it was accepted, the message was refused for good.
    LateHardBounce,
    /// The recipient complained about spam.
    Complaint,
    /// The recipient left with one click.
    Unsubscribe,
    /// The message is still under way.
    Delayed,
    /// The message has arrived, or was passed on.
    Arrived,
    /// A program answered: an absence, a receipt.
    AutoReply,
    /// A report about mail that is no complaint.
    NoComplaint,
    /// A report about a report.
    AboutAReport,
    /// It has no report in it that can be read.
    Unreadable,
    /// A failure is reported of a recipient that nothing was delivered to.
    NotDelivered,
    /// The same was said before.
    Repeated,
}

impl Feedback {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::LateSoftBounce,
        Self::LateHardBounce,
        Self::Complaint,
        Self::Unsubscribe,
        Self::Delayed,
        Self::Arrived,
        Self::AutoReply,
        Self::NoComplaint,
        Self::AboutAReport,
        Self::Unreadable,
        Self::NotDelivered,
        Self::Repeated,
    ];

    /// Whether it is counted and nothing else.
    pub const fn is_ignored(self) -> bool {
        match self {
            Self::LateSoftBounce | Self::LateHardBounce | Self::Complaint | Self::Unsubscribe => false,
            Self::Delayed
            | Self::Arrived
            | Self::AutoReply
            | Self::NoComplaint
            | Self::AboutAReport
            | Self::Unreadable
            | Self::NotDelivered
            | Self::Repeated => true,
        }
    }

    /// Whether a message that was accepted has bounced after all.
    pub const fn is_late_bounce(self) -> bool {
        matches!(self, Self::LateSoftBounce | Self::LateHardBounce)
    }
}

/// The stage of a delivery that a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Looking up the destination.
    Dns,
    /// Opening the connection.
    Connect,
    /// The greeting (220).
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

/// What the engine made of an answer; attempts share rows of this table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct VerdictRow {
    /// The stage.
    pub phase: Phase,
    /// The basic code; `None` if no reply came (connection refused, timed out, lost).
    pub code: Option<u16>,
    /// The enhanced code (`5.1.1`), if the reply had one.
    pub enhanced: Option<String>,
    /// The text of the reply, lines joined by a newline, or what happened instead (`connection refused`). Control
    /// characters are replaced. Foreign input.
    pub text: String,
    /// `delivered`, `soft`, `hard`, `unconfirmed` (permanent, but tried again until it has been repeated to the end), `throttle` (the
    /// site is slowed down), `again` (tried again at once) or `uncertain`.
    pub class: String,
    /// The reason category (`mailbox-full`); empty for a delivery.
    pub category: String,
    /// What the answer is a statement about (`address`, `message`, `source`, `site`, `connection`, `us`).
    pub scope: String,
    /// What the engine does about it (`retry`, `throttle`, `suppress`).
    pub action: String,
    /// How long it waits before it does, if the answer or the rule says so.
    pub wait: Option<Nanos>,
    /// The rule that decided.
    pub rule: String,
    /// The reason in plain words: a fragment.
    pub reason: String,
    /// The page about the error codes of whoever gave the answer, where that is known.
    pub help_url: Option<String>,
}

impl VerdictRow {
    /// Whether the answer was against the address and not believed, because its site suddenly refused many addresses that it took
    /// before (the circuit breaker).
    pub fn is_held_suppression(&self) -> bool {
        self.rule == "circuit breaker"
    }
}
