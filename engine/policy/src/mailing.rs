//! A mailing: what is sent, to whom, from when on, and by which rules.

use std::sync::Arc;

use smtp::{Body, ReversePath};
use units::{Instant, Rate};

use crate::contact::ContactPolicy;
use crate::ids::ContactId;
use crate::retry::RetryPlan;

/// A mailing as it is handed to the engine.
#[derive(Debug, Clone)]
pub struct Mailing {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// When it starts.
    pub start: Instant,
    /// Where delivery reports go. Equal for all recipients, so that they can share a transaction.
    pub sender: ReversePath,
    /// The message, ready for transmission.
    pub body: Arc<Body>,
    /// Whom it goes to, on the list's order; an address that is on the list twice is here twice.
    pub list: Vec<Listed>,
    /// When a recipient is tried.
    pub plan: RetryPlan,
    /// When a contact moves to Error because of it.
    pub contact_policy: ContactPolicy,
    /// What is done with an uncertain outcome.
    pub uncertain: UncertainPolicy,
}

/// A line of a mailing's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The contact.
    pub contact: ContactId,
    /// Its place on the whole list, from 0; for an automated mailing this decides when it joins.
    pub position: u32,
}

/// The kind of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everybody at the start.
    Regular,
    /// Recipients join one by one at this rate.
    Automated(Rate),
    /// A handful of addresses; never changes a contact, never counts as a strike.
    Test,
}

impl Kind {
    /// When the line at `position` of the list joins a mailing that starts at `start`.
    pub fn joins(self, start: Instant, position: u32) -> Instant {
        match self {
            Self::Regular | Self::Test => start,
            Self::Automated(rate) => start + rate.offset_of(u64::from(position)),
        }
    }
}

/// What is done when the connection died between the final dot and the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UncertainPolicy {
    /// Try again when the plan says so; a stable Message-ID makes a duplicate recognisable.
    #[default]
    Resend,
    /// Keep it in progress until the window closes.
    Hold,
    /// Count it as delivered.
    AssumeDelivered,
}

impl UncertainPolicy {
    /// Its name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Hold => "hold",
            Self::AssumeDelivered => "assume_delivered",
        }
    }
}
