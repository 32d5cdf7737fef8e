//! What comes back from a provider after it accepted a message: reports, complaints, answers of absent people, and
//! unsubscribes.
//!
//! - [`Echo`], [`EchoKind`], [`Outbox`]: what is sent when, and who carries it
//! - `occasion`: what there is to write about
//! - `report`: that a message could not be delivered after all (RFC 3464), with everything that can be odd about it
//! - `complaint`: that somebody called it spam (RFC 5965)
//! - `absence`: that somebody is on holiday (RFC 3834)
//! - `unsubscribe`: that somebody wants no more (RFC 2369, RFC 8058)
//! - `original`: the header of the message that it is about; `paper`: header fields and parts
//!
//! Pure: the same occasion gives the same bytes.

mod absence;
mod complaint;
mod occasion;
mod original;
mod paper;
mod report;
mod unsubscribe;

use std::fmt;

use smtp::Address;
use units::Instant;

pub(crate) use absence::absence;
pub(crate) use complaint::{Redaction, complaint};
pub(crate) use occasion::Occasion;
pub(crate) use original::Original;
pub(crate) use report::{Quirk, Report, Returned, reports};
pub(crate) use unsubscribe::{Means, unsubscribe};

/// Something that comes back from a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// When it leaves; it arrives at the same moment.
    pub due: Instant,
    /// The recipient of the message that it is about.
    pub recipient: String,
    /// What it is.
    pub what: EchoKind,
}

/// What comes back, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EchoKind {
    /// Mail: a report, a complaint or an answer to the return path of a message, or a request to the address of its
    /// List-Unsubscribe field (RFC 2369 3.2).
    Mail {
        /// The address.
        to: Address,
        /// The message, lines ended by CRLF.
        message: Vec<u8>,
    },
    /// A POST request to the link of a List-Unsubscribe field (RFC 8058 3.2).
    OneClick {
        /// The link.
        link: String,
        /// The body of the request.
        body: String,
    },
}

/// Carries what providers send.
pub trait Outbox: fmt::Debug {
    /// Takes something that is to leave at [`Echo::due`], which may be long from now.
    fn send(&self, echo: Echo);
}
