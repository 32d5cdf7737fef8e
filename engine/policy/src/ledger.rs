//! The engine's account of what it did and decided.
//!
//! A port: the engine writes, somebody else keeps (memory in simulations, disk in production). Entries are in the
//! order of time; what is written is never changed.

use units::Instant;

use crate::contact::Standing;
use crate::feedback::{Feedback, Stray};
use crate::ids::{ContactId, MailingId, SiteId};
use crate::verdict::Finding;

/// Keeps the account.
pub trait Ledger {
    /// Takes the next entry.
    fn note(&mut self, at: Instant, entry: Entry<'_>);

    /// Something came back to the address, or by the link, `to`, and it is not known whom it is about. Not everybody keeps that.
    fn stray(&mut self, at: Instant, to: &str, why: Stray) {
        let _ = (at, to, why);
    }
}

/// One entry, about one contact.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Whom it is about.
    pub contact: ContactId,
    /// Within which mailing; `None` for what happens to a contact outside any.
    pub mailing: Option<MailingId>,
    /// What happened.
    pub fact: Fact<'a>,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'a> {
    /// The mailing started for this contact.
    Selected,
    /// Left out of the mailing.
    Excluded(ExcludeReason),
    /// An attempt was begun.
    AttemptBegun {
        /// Its number, if it is counted in the end; from 1.
        attempt: u8,
        /// Where; `None` if the destination is not known.
        site: Option<SiteId>,
        /// The connection, as the connector calls it; 0 if none stands.
        connection: u32,
    },
    /// The attempt ended with an outcome of its own and is counted.
    AttemptEnded {
        /// Its number, from 1.
        attempt: u8,
        /// What was found.
        finding: &'a Finding,
        /// When it is tried again; `None` if it is not.
        retry_at: Option<Instant>,
    },
    /// The attempt came to nothing and is not counted.
    Uncounted {
        /// What was found.
        finding: &'a Finding,
    },
    /// The final outcome of the recipient.
    Settled {
        /// Which.
        outcome: Outcome,
        /// What led to it.
        cause: Cause,
        /// The last thing found, if any.
        finding: Option<&'a Finding>,
    },
    /// Something came back about the message.
    Feedback {
        /// What was made of it.
        feedback: Feedback,
        /// What it says, for a bounce.
        finding: Option<&'a Finding>,
    },
    /// The standing of the contact changed.
    StandingChanged {
        /// Before.
        from: Standing,
        /// After.
        to: Standing,
        /// Why.
        cause: StandingCause,
    },
    /// An operator asked for the contact to be re-activated.
    Reactivation {
        /// Who.
        by: &'a str,
        /// Why.
        why: &'a str,
        /// Whether it was refused: only the contact itself can leave Opt-out.
        refused: bool,
    },
    /// Re-activating the contact was refused.
    ReactivationRefused {
        /// Its standing, unchanged.
        standing: Standing,
    },
}

/// Why a contact was left out of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcludeReason {
    /// Its status is Error.
    Error,
    /// Its status is Opt-out.
    OptOut,
    /// It is on the list already.
    Duplicate,
}

/// The final outcome of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted at the end of data.
    Delivered,
    /// Temporary failures to the end.
    SoftBounced,
    /// Refused for good.
    HardBounced,
    /// Given up after an attempt.
    Cancelled,
    /// Never attempted.
    Dropped,
}

/// What led to a final outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// An answer.
    Answer,
    /// The last attempt of the plan failed temporarily.
    PlanExhausted,
    /// The window closed while the recipient was held back.
    HeldBack,
    /// The window closed over an uncertain outcome.
    Uncertain,
    /// The policy counts an uncertain outcome as delivered.
    AssumedDelivered,
    /// The contact left Active.
    ContactLeftActive,
    /// An operator cancelled the mailing.
    MailingCancelled,
}

/// Why the standing of a contact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingCause {
    /// A hard bounce.
    HardBounce,
    /// A soft bounce.
    SoftBounce,
    /// A hard bounce that was reported after the delivery.
    LateHardBounce,
    /// A soft bounce that was reported after the delivery.
    LateSoftBounce,
    /// A delivery.
    Delivered,
    /// The contact unsubscribed.
    OptOut,
    /// The contact complained.
    Complaint,
    /// An operator re-activated it.
    Reactivated,
}
