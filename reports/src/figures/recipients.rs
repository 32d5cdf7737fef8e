//! The ledger played back: where each recipient stands before and after each event.
//!
//! It judges nothing: that a ledger is lawful is for the laws to say.

use record::{Cause, Event, EventKind, Nanos, Outcome, Record, VerdictId};

/// What became of a recipient so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// The mailing has not looked at this contact.
    #[default]
    Absent,
    /// Left out of the mailing.
    Excluded,
    /// Selected; no attempt begun yet.
    Pending,
    /// An attempt was begun; no final outcome yet.
    InProgress,
    /// See [`Outcome::Delivered`].
    Delivered,
    /// See [`Outcome::SoftBounced`].
    SoftBounced,
    /// See [`Outcome::HardBounced`].
    HardBounced,
    /// See [`Outcome::Cancelled`].
    Cancelled,
    /// See [`Outcome::Dropped`].
    Dropped,
}

/// A contact within one mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Recipient {
    pub(crate) state: State,
    /// Counted attempts that ended.
    pub(crate) attempts: u8,
    /// When it was selected.
    pub(crate) selected: Nanos,
    /// The deciding verdict or, as long as there is none, the one found last.
    pub(crate) verdict: Option<VerdictId>,
    /// What led to its final outcome.
    pub(crate) cause: Option<Cause>,
}

/// A recipient before and after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) before: Recipient,
    pub(crate) after: Recipient,
}

/// The play-back, at one instant.
#[derive(Debug)]
pub(crate) struct Playback {
    contacts: usize,
    /// Mailing by mailing, in each the contacts in their order.
    recipients: Vec<Recipient>,
}

impl Playback {
    /// Before the first event.
    pub(crate) fn new(record: &Record) -> Self {
        let contacts = record.contacts.len();
        Self { contacts, recipients: vec![Recipient::default(); record.mailings.len() * contacts] }
    }

    /// Takes in the next event; `None` if it is not about a recipient.
    pub(crate) fn apply(&mut self, event: &Event) -> Option<Step> {
        let index = usize::from(event.mailing?) * self.contacts + event.contact as usize;
        let recipient = &mut self.recipients[index];
        let before = *recipient;
        *recipient = before.after(event);
        Some(Step { before, after: *recipient })
    }
}

impl Recipient {
    fn after(self, event: &Event) -> Self {
        match (event.kind, self.state) {
            (EventKind::Selected, State::Absent | State::Excluded) => {
                Self { state: State::Pending, selected: event.at, ..self }
            }
            (EventKind::Excluded(_), State::Absent) => Self { state: State::Excluded, ..self },
            (EventKind::AttemptBegun { .. }, State::Pending) => Self { state: State::InProgress, ..self },
            (EventKind::AttemptEnded { attempt, verdict, .. }, _) => {
                Self { attempts: attempt, verdict: Some(verdict), ..self }
            }
            (EventKind::Uncounted { verdict }, _) => Self { verdict: Some(verdict), ..self },
            (EventKind::Settled { outcome, cause, verdict }, _) => {
                Self { state: outcome.into(), verdict: verdict.or(self.verdict), cause: Some(cause), ..self }
            }
            // A surplus line of a contact that is selected already, a later attempt, a change of the contact.
            (
                EventKind::Selected
                | EventKind::Excluded(_)
                | EventKind::AttemptBegun { .. }
                | EventKind::Feedback { .. }
                | EventKind::StatusChanged { .. },
                _,
            ) => self,
        }
    }
}

impl From<Outcome> for State {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Delivered => Self::Delivered,
            Outcome::SoftBounced => Self::SoftBounced,
            Outcome::HardBounced => Self::HardBounced,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Dropped => Self::Dropped,
        }
    }
}
