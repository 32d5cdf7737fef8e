//! What comes back after a delivery, and the changes that it must lead to, or may.
//!
//! A late hard bounce is a hard bounce. A late soft one is a strike if the delivery that it takes back is the contact's latest;
//! the count then goes on from where it stood before that delivery.

use record::{Event, EventKind, Feedback, MailingId, MailingKind, Status, StatusCause, VerdictId};

use super::table::STRIKES_TO_ERROR;
use super::{Change, Course, Policy, policy_of};
use crate::law::findings::Findings;

/// The latest delivery to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) mailing: MailingId,
    /// The strikes before it.
    pub(super) strikes: u8,
}

impl Course<'_> {
    /// Judges whether what came back had its consequence.
    pub(super) fn judge_feedback(
        &mut self,
        index: usize,
        event: &Event,
        (what, verdict): (Feedback, Option<VerdictId>),
        findings: &mut Findings<'_>,
    ) {
        self.taken_back = None;
        if self.mailing_of(event).is_none_or(|mailing| mailing.kind == MailingKind::Test) {
            return;
        }
        if what == Feedback::LateSoftBounce {
            self.taken_back = self.latest.take_if(|latest| Some(latest.mailing) == event.mailing);
        }
        let wanted = self.wanted(event, what, verdict);
        let happened = |wanted| self.at_once(index).any(|other| super::changes_for(other, wanted));
        self.demand(wanted.is_none_or(happened), event.at, findings, || {
            format!("{what:?} came back, but its status and count did not change for it")
        });
    }

    /// The change that must follow; `None` if none must.
    fn wanted(&self, event: &Event, what: Feedback, verdict: Option<VerdictId>) -> Option<StatusCause> {
        let policy = policy_of(self.mailing_of(event));
        let counts = policy == Policy::Classic || self.is_about_address(verdict);
        let is_active = self.standing.status == Status::Active;
        let can_leave = self.standing.status != Status::OptOut;
        match what {
            Feedback::LateHardBounce => (is_active && counts).then_some(StatusCause::LateHardBounce),
            Feedback::LateSoftBounce => {
                (is_active && counts && self.taken_back.is_some()).then_some(StatusCause::LateSoftBounce)
            }
            Feedback::Complaint => can_leave.then_some(StatusCause::Complaint),
            Feedback::Unsubscribe => can_leave.then_some(StatusCause::OptOut),
            Feedback::Delayed
            | Feedback::Arrived
            | Feedback::AutoReply
            | Feedback::NoComplaint
            | Feedback::AboutAReport
            | Feedback::Unreadable
            | Feedback::NotDelivered
            | Feedback::Repeated => None,
        }
    }

    /// Judges whether a change that only something that came back leads to comes with it. Nothing of the kind is judged, if it
    /// came from outside of mailings: an operator may do that.
    pub(super) fn judge_reader(&self, change: &Change<'_>, index: usize, findings: &mut Findings<'_>) {
        let Some(wanted) = feedback_behind(change) else { return };
        let reason = self.at_once(index).find_map(|other| match other.kind {
            EventKind::Feedback { what, verdict } if what == wanted => Some(verdict),
            _ => None,
        });
        self.demand(reason.is_some(), change.at, findings, || {
            format!("changes for {:?} without anything that came back at that instant", change.cause)
        });
        let free = policy_of(change.mailing) == Policy::Classic || !wanted.is_late_bounce();
        self.demand(free || self.is_about_address(reason.flatten()), change.at, findings, || {
            format!("the careful policy changed it for {:?} without evidence about its address", change.cause)
        });
        if change.cause == StatusCause::LateSoftBounce {
            let before = self.taken_back.map_or(0, |delivery| delivery.strikes);
            let strikes =
                self.standing.strikes.saturating_add(before).saturating_add(1).min(STRIKES_TO_ERROR);
            self.demand(change.after.strikes == strikes, change.at, findings, || {
                format!("a late soft bounce led to {} strikes and not to {strikes}", change.after.strikes)
            });
        }
    }
}

const fn feedback_behind(change: &Change<'_>) -> Option<Feedback> {
    match (change.cause, change.mailing) {
        (StatusCause::LateHardBounce, _) => Some(Feedback::LateHardBounce),
        (StatusCause::LateSoftBounce, _) => Some(Feedback::LateSoftBounce),
        (StatusCause::Complaint, Some(_)) => Some(Feedback::Complaint),
        (StatusCause::OptOut, Some(_)) => Some(Feedback::Unsubscribe),
        (
            StatusCause::Complaint
            | StatusCause::OptOut
            | StatusCause::HardBounce
            | StatusCause::SoftBounce
            | StatusCause::Delivered
            | StatusCause::Reactivated
            | StatusCause::ReactivationRefused,
            _,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::contact_table::LAW;
    use crate::law::sample::{
        self, ANN, GUS, HOUR, KIM, LATE_FULL, LATE_UNKNOWN, LEA, PROOF, RAY, SPRING, SUMMER,
    };

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn is_change(kind: EventKind) -> bool {
        matches!(kind, EventKind::StatusChanged { cause, .. } if cause != StatusCause::Delivered)
    }

    fn is_feedback(kind: EventKind) -> bool {
        matches!(kind, EventKind::Feedback { .. })
    }

    #[test]
    fn what_comes_back_has_its_consequence() {
        check(|record| sample::remove(record, SPRING, KIM, is_change), "LateHardBounce came back, but its");
        check(|record| sample::remove(record, SUMMER, RAY, is_change), "LateSoftBounce came back, but its");
        check(|record| sample::remove(record, SPRING, GUS, is_change), "Complaint came back, but its");
        check(|record| sample::remove(record, SPRING, LEA, is_change), "Unsubscribe came back, but its");
    }

    #[test]
    fn nothing_changes_without_it() {
        for (mailing, contact) in [(SPRING, KIM), (SUMMER, RAY), (SPRING, GUS), (SPRING, LEA)] {
            check(
                |record| sample::remove(record, mailing, contact, is_feedback),
                "without anything that came back at that instant",
            );
        }
    }

    #[test]
    fn a_test_mailing_changes_nobody() {
        let complaint = EventKind::Feedback { what: Feedback::Complaint, verdict: None };
        sample::keeps(&LAW, |record| sample::insert(record, PROOF, ANN, 3 * HOUR, complaint));
    }

    #[test]
    fn a_late_soft_bounce_goes_on_where_its_delivery_had_stopped() {
        let strikes = |count| {
            move |record: &mut Record| {
                if let EventKind::StatusChanged { strikes, .. } =
                    sample::first(record, SUMMER, RAY, is_change)
                {
                    *strikes = count;
                }
            }
        };
        check(strikes(1), "a late soft bounce led to 1 strikes and not to 2");
        // Another delivery has come since: nothing follows.
        let full = EventKind::Feedback { what: Feedback::LateSoftBounce, verdict: Some(LATE_FULL) };
        sample::keeps(&LAW, |record| sample::insert(record, SPRING, RAY, 75 * HOUR, full));
    }

    #[test]
    fn the_careful_policy_wants_evidence_about_the_address() {
        let careful = |scope: &'static str| {
            move |record: &mut Record| {
                record.mailings.iter_mut().for_each(|mailing| mailing.contact_policy = "careful".to_owned());
                record.verdicts[LATE_UNKNOWN as usize].scope = scope.to_owned();
            }
        };
        sample::keeps(&LAW, careful("address"));
        check(careful("source"), "changed it for LateHardBounce without evidence about its address");
    }
}
