//! What can be limited: in which words that is told, and whom it is held against.

use super::Scene;
use super::guard::Subject;
use crate::Roster;
use crate::profile::Situation;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Connections,
    ConnectionsOfAll,
    NewConnections,
    Messages(Whose),
    MessagesPerConnection(Then),
    RecipientsPerMessage,
    MessageSize,
    UnknownRecipients,
    Errors,
}

/// Whose messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Client,
    SenderDomain,
    Recipient,
}

/// What comes of one message too many in a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Refuse,
    Close,
}

impl Measure {
    /// What the provider has words for when it is exceeded.
    pub(super) const fn situation(self) -> Situation {
        match self {
            Self::Connections | Self::ConnectionsOfAll | Self::NewConnections => Situation::ConnectionLimited,
            Self::Messages(Whose::Client | Whose::SenderDomain) => Situation::RateLimited,
            Self::Messages(Whose::Recipient) => Situation::RecipientBusy,
            Self::MessagesPerConnection(_) => Situation::SessionLimited,
            Self::RecipientsPerMessage => Situation::TooManyRecipients,
            Self::MessageSize => Situation::MessageTooLarge,
            Self::UnknownRecipients | Self::Errors => Situation::TooManyErrors,
        }
    }

    /// Whom it is held against in a transaction to this recipient, or before there is one. `None` before it is known.
    pub(super) fn subject(
        self,
        scene: &Scene<'_>,
        recipient: Option<u32>,
        domains: &mut Roster,
    ) -> Option<Subject> {
        match self {
            Self::ConnectionsOfAll => Some(Subject::Everybody),
            Self::Messages(Whose::SenderDomain) => {
                (scene.visit.transaction > 0).then(|| Subject::Domain(domains.enter(scene.sender_domain())))
            }
            Self::Messages(Whose::Recipient) => recipient.map(Subject::Recipient),
            Self::Connections
            | Self::NewConnections
            | Self::Messages(Whose::Client)
            | Self::MessagesPerConnection(_)
            | Self::RecipientsPerMessage
            | Self::MessageSize
            | Self::UnknownRecipients
            | Self::Errors => Some(Subject::Client(scene.client())),
        }
    }
}
