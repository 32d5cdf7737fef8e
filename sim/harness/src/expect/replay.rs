//! The engine's ledger played back: where each recipient and each contact stands after each event.
//!
//! Everything that is measured over time is measured on this one play-back, so that two expectations can not disagree
//! about what a counter is. It judges nothing: that the ledger itself is lawful is for the laws to say.

use record::{Contact, Event, EventKind, Outcome, Record, Status, VerdictId};

/// What became of a recipient so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
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
    /// What became of it so far.
    pub(crate) state: State,
    /// Counted attempts that ended.
    pub(crate) attempts: u8,
    /// The deciding verdict or, as long as there is none, the one found last.
    pub(crate) verdict: Option<VerdictId>,
}

/// A contact, whatever the mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Its status.
    pub(crate) status: Status,
    /// Consecutive soft bounces.
    pub(crate) strikes: u8,
}

/// Before and after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change<T> {
    /// Before it.
    pub(crate) before: T,
    /// After it.
    pub(crate) after: T,
}

/// An event and what it changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// About a recipient.
    Recipient {
        /// The event.
        event: &'a Event,
        /// The recipient's index in the play-back.
        index: usize,
        /// What became of it.
        change: Change<Recipient>,
    },
    /// About a contact.
    Contact {
        /// The event.
        event: &'a Event,
        /// What became of it.
        change: Change<Standing>,
    },
}

/// The play-back, at one instant.
#[derive(Debug)]
pub(crate) struct Replay<'a> {
    record: &'a Record,
    /// Mailing by mailing, in each the contacts in their order.
    recipients: Vec<Recipient>,
    standings: Vec<Standing>,
}

impl<'a> Replay<'a> {
    /// Before the first event.
    pub(crate) fn new(record: &'a Record) -> Self {
        Self {
            record,
            recipients: vec![Recipient::default(); record.mailings.len() * record.contacts.len()],
            standings: record.contacts.iter().map(Standing::at_first).collect(),
        }
    }

    /// The record that is played back.
    pub(crate) const fn record(&self) -> &'a Record {
        self.record
    }

    /// All recipients: every contact in every mailing.
    pub(crate) fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// All contacts.
    pub(crate) fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// The mailing and the contact of a recipient, as indices of the record.
    pub(crate) const fn mailing_and_contact(&self, index: usize) -> (usize, usize) {
        (index / self.record.contacts.len(), index % self.record.contacts.len())
    }

    /// The index of a contact as a recipient of a mailing.
    pub(crate) const fn index(&self, mailing: usize, contact: usize) -> usize {
        mailing * self.record.contacts.len() + contact
    }

    /// Takes in the next event.
    pub(crate) fn apply<'e>(&mut self, event: &'e Event) -> Step<'e> {
        let contact = event.contact as usize;
        match event.mailing {
            Some(mailing) if !matches!(event.kind, EventKind::StatusChanged { .. }) => {
                let index = self.index(usize::from(mailing), contact);
                let recipient = &mut self.recipients[index];
                let change = Change { before: *recipient, after: recipient.after(&event.kind) };
                *recipient = change.after;
                Step::Recipient { event, index, change }
            }
            _ => {
                let standing = &mut self.standings[contact];
                let change = Change { before: *standing, after: standing.after(&event.kind) };
                *standing = change.after;
                Step::Contact { event, change }
            }
        }
    }
}

impl<T> Change<T> {
    /// The change of something that depends on it.
    pub(crate) fn map<U>(&self, of: impl Fn(&T) -> U) -> Change<U> {
        Change { before: of(&self.before), after: of(&self.after) }
    }
}

impl Change<bool> {
    /// Keeps `count`, the number of those for whom it is true, up to date.
    pub(crate) fn count_in(self, count: &mut u64) {
        *count = *count + u64::from(self.after) - u64::from(self.before);
    }
}

impl State {
    /// Its name, as metrics and filters write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Absent => "not on the list",
            Self::Excluded => "excluded",
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Delivered => "delivered",
            Self::SoftBounced => "soft_bounced",
            Self::HardBounced => "hard_bounced",
            Self::Cancelled => "cancelled",
            Self::Dropped => "dropped",
        }
    }

    /// Whether the mailing looked at the contact at all.
    pub(crate) const fn is_considered(self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// `selected = pending + dropped + sent`
    pub(crate) const fn is_selected(self) -> bool {
        matches!(self, Self::Pending | Self::Dropped) || self.is_sent()
    }

    /// `sent = in_progress + delivered + soft_bounced + hard_bounced + cancelled`
    pub(crate) const fn is_sent(self) -> bool {
        matches!(
            self,
            Self::InProgress | Self::Delivered | Self::SoftBounced | Self::HardBounced | Self::Cancelled
        )
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

impl Recipient {
    fn after(self, event: &EventKind) -> Self {
        match (*event, self.state) {
            (EventKind::Selected, State::Absent | State::Excluded) => Self { state: State::Pending, ..self },
            (EventKind::Excluded(_), State::Absent) => Self { state: State::Excluded, ..self },
            (EventKind::AttemptBegun { .. }, State::Pending) => Self { state: State::InProgress, ..self },
            (EventKind::AttemptEnded { attempt, verdict, .. }, _) => {
                Self { attempts: attempt, verdict: Some(verdict), ..self }
            }
            (EventKind::Uncounted { verdict }, _) => Self { verdict: Some(verdict), ..self },
            (EventKind::Settled { outcome, verdict, .. }, _) => {
                Self { state: outcome.into(), verdict: verdict.or(self.verdict), ..self }
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

impl Standing {
    /// Before the run.
    pub(crate) const fn at_first(contact: &Contact) -> Self {
        Self { status: contact.status, strikes: 0 }
    }

    const fn after(self, event: &EventKind) -> Self {
        match *event {
            EventKind::StatusChanged { to, strikes, .. } => Self { status: to, strikes },
            _ => self,
        }
    }
}
