//! A mailing: what is sent, to whom, from when on, and by which rules.

use std::fmt::Debug;
use std::sync::Arc;

use smtp::{Address, Body, ReversePath};
use units::{Instant, Rate};

use crate::contact::ContactPolicy;
use crate::feedback::Stray;
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
    /// What is sent.
    pub content: Content,
    /// Whom it goes to, on the list's order; an address that is on the list twice is here twice.
    pub list: Vec<Listed>,
    /// When a recipient is tried.
    pub plan: RetryPlan,
    /// When a contact moves to Error because of it.
    pub contact_policy: ContactPolicy,
    /// What is done with an uncertain outcome.
    pub uncertain: UncertainPolicy,
}

/// What a mailing sends.
#[derive(Debug, Clone)]
pub enum Content {
    /// The same to everybody, so that recipients can share a transaction.
    Shared(Letter),
    /// To each a message of its own: a transaction has one recipient.
    Personal(Arc<dyn Composer>),
}

/// A message and its return path.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Where delivery reports go.
    pub sender: ReversePath,
    /// The message, ready for transmission.
    pub body: Arc<Body>,
}

/// Makes messages for recipients, each when it is about to be sent, so that no more of them are in memory than are under way.
///
/// A port of the engine, and one that decisions may use: it does nothing but calculate. The same recipient always gets the same
/// message, so that one that is sent again can be recognised.
pub trait Composer: Debug {
    /// The message for a line of the list, whose address is `address`.
    fn letter(&self, line: Listed, address: &Address) -> Letter;

    /// Whose return path `path` is. Who makes return paths for single recipients recognises them, and nobody else's.
    ///
    /// # Errors
    /// It is none of these.
    fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        let _ = path;
        Err(Stray::NotOurs)
    }

    /// Who leaves by `link` (`https:` or `mailto:`), one of those in these messages.
    ///
    /// # Errors
    /// It is none of them.
    fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        let _ = link;
        Err(Stray::NotOurs)
    }
}

/// A recipient of a mailing, as whoever writes its messages knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// The line at this place of the list, from 0.
    Line(u32),
    /// This contact.
    Contact(ContactId),
}

impl Content {
    /// What is sent to a line of the list, whose address is `address`.
    pub(crate) fn letter(&self, line: Listed, address: &Address) -> Letter {
        match self {
            Self::Shared(letter) => letter.clone(),
            Self::Personal(composer) => composer.letter(line, address),
        }
    }

    /// Whose return path `path` is. One that all share says nothing of anybody.
    pub(crate) fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        match self {
            Self::Shared(_) => Err(Stray::NotOurs),
            Self::Personal(composer) => composer.whose_return_path(path),
        }
    }

    /// Who leaves by `link`.
    pub(crate) fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        match self {
            Self::Shared(_) => Err(Stray::NotOurs),
            Self::Personal(composer) => composer.whose_link(link),
        }
    }
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
