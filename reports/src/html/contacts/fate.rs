//! What became of a contact over all mailings: its status, its strikes, and the outcomes that it had.

use record::{Contact, Event, EventKind, ExcludeReason, Feedback, Outcome, Status};

use crate::wording;

/// What can be said of a contact after a run; lists are filtered by it. More than one can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Delivered,
    SoftBounced,
    HardBounced,
    Cancelled,
    Dropped,
    /// Selected, and not final yet.
    InProgress,
    /// Left out of a mailing.
    Excluded,
    /// Delivered, and reported as bounced afterwards.
    LateBounced,
    Complained,
    Unsubscribed,
    /// No mailing selected it or left it out.
    Untouched,
}

/// All marks, in the order of their bits.
pub(super) const MARKS: [Mark; 11] = [
    Mark::Delivered,
    Mark::SoftBounced,
    Mark::HardBounced,
    Mark::Cancelled,
    Mark::Dropped,
    Mark::InProgress,
    Mark::Excluded,
    Mark::LateBounced,
    Mark::Complained,
    Mark::Unsubscribed,
    Mark::Untouched,
];

impl Mark {
    /// What it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Delivered => wording::outcome(Outcome::Delivered),
            Self::SoftBounced => wording::outcome(Outcome::SoftBounced),
            Self::HardBounced => wording::outcome(Outcome::HardBounced),
            Self::Cancelled => wording::outcome(Outcome::Cancelled),
            Self::Dropped => wording::outcome(Outcome::Dropped),
            Self::InProgress => "in progress",
            Self::Excluded => "excluded",
            Self::LateBounced => "bounced after delivery",
            Self::Complained => "complained",
            Self::Unsubscribed => "unsubscribed",
            Self::Untouched => "in no mailing",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What became of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) status: Status,
    /// Consecutive soft bounces.
    pub(super) strikes: u8,
    /// A bit for each [`Mark`].
    pub(super) marks: u16,
    /// Attempts counted, in all mailings.
    pub(super) attempts: u32,
}

impl Fate {
    pub(super) fn of<'a>(contact: &Contact, events: impl Iterator<Item = &'a Event>) -> Self {
        let mut fate = Self { status: contact.status, strikes: 0, marks: 0, attempts: 0 };
        let (mut selected, mut settled) = (0, 0);
        let mut selected_in = None;
        for event in events {
            match event.kind {
                EventKind::Selected => {
                    selected += 1;
                    selected_in = event.mailing;
                }
                // It is listed twice, and got the message once: counters tell of the second listing, a contact is one.
                EventKind::Excluded(ExcludeReason::Duplicate) if selected_in == event.mailing => {}
                EventKind::Excluded(_) => fate.mark(Mark::Excluded),
                EventKind::AttemptEnded { .. } => fate.attempts += 1,
                EventKind::Settled { outcome, .. } => {
                    settled += 1;
                    fate.mark(mark_of(outcome));
                }
                EventKind::Feedback { what, .. } => fate.hear(what),
                EventKind::StatusChanged { to, strikes, .. } => {
                    fate.status = to;
                    fate.strikes = strikes;
                }
                EventKind::AttemptBegun { .. } | EventKind::Uncounted { .. } => {}
            }
        }
        if selected > settled {
            fate.mark(Mark::InProgress);
        }
        if fate.marks == 0 {
            fate.mark(Mark::Untouched);
        }
        fate
    }

    /// Whether that and nothing else is to be told of it.
    pub(super) const fn is_only(self, mark: Mark) -> bool {
        self.marks == mark.bit()
    }

    /// All that holds, in words.
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        MARKS.into_iter().filter(move |mark| self.marks & mark.bit() != 0).map(Mark::words)
    }

    fn hear(&mut self, what: Feedback) {
        match what {
            Feedback::LateSoftBounce | Feedback::LateHardBounce => self.mark(Mark::LateBounced),
            Feedback::Complaint => self.mark(Mark::Complained),
            Feedback::Unsubscribe => self.mark(Mark::Unsubscribed),
            Feedback::Delayed
            | Feedback::Arrived
            | Feedback::AutoReply
            | Feedback::NoComplaint
            | Feedback::AboutAReport
            | Feedback::Unreadable
            | Feedback::NotDelivered
            | Feedback::Repeated => {}
        }
    }

    const fn mark(&mut self, mark: Mark) {
        self.marks |= mark.bit();
    }
}

const fn mark_of(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Delivered => Mark::Delivered,
        Outcome::SoftBounced => Mark::SoftBounced,
        Outcome::HardBounced => Mark::HardBounced,
        Outcome::Cancelled => Mark::Cancelled,
        Outcome::Dropped => Mark::Dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_listed_twice_and_got_it_is_not_left_out() {
        let contact = Contact {
            address: "bob@northmail.test".to_owned(),
            provider: 0,
            status: Status::Active,
            listed: 2,
        };
        let event = |mailing, kind| Event { at: 0, provider: 0, contact: 0, mailing: Some(mailing), kind };
        let duplicate = EventKind::Excluded(ExcludeReason::Duplicate);
        let twice = [event(0, EventKind::Selected), event(0, duplicate)];
        assert!(Fate::of(&contact, twice.iter()).is_only(Mark::InProgress));
        let elsewhere = [event(0, EventKind::Selected), event(1, duplicate)];
        assert!(!Fate::of(&contact, elsewhere.iter()).is_only(Mark::InProgress));
    }

    #[test]
    fn every_mark_has_its_bit() {
        for (index, mark) in (0..).zip(MARKS) {
            assert_eq!(mark.bit(), 1 << index);
        }
    }
}
