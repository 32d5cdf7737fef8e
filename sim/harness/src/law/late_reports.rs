//! Law `late-reports`: what comes back after a delivery is counted for what it is, once, and never rewrites the outcome.
//!
//! That an outcome is not given twice is the matter of `one-final-outcome`, what follows for contacts that of `contact-table`, and
//! that the counters are those of the ledger that of `conservation`.

use record::{Event, EventKind, Feedback, Outcome, Phase, VerdictId};

use super::accounts::Story;
use super::class::Class;
use super::findings::Findings;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "late-reports",
    about: "A late bounce is of a recipient that was delivered, and has the class of its reason; a bounce, a complaint and an \
            unsubscription of a recipient count once each; and what was said before or is about somebody who was not \
            delivered is told as that.",
    checks: &[Check::Recipient(judge)],
};

/// What was said of a recipient so far.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    delivered: bool,
    bounced: bool,
    complained: bool,
    unsubscribed: bool,
}

fn judge(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut heard = Heard::default();
    for event in story.events {
        match event.kind {
            EventKind::Settled { outcome, .. } => heard.delivered = outcome == Outcome::Delivered,
            EventKind::Feedback { what, verdict } => {
                let fault = heard.fault(what);
                findings.demand_of(story, fault.is_none(), event.at, || fault.unwrap_or_default().to_owned());
                judge_reason(story, event, what, verdict, findings);
                heard.hear(what);
            }
            EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::AttemptEnded { .. }
            | EventKind::Uncounted { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}

impl Heard {
    /// Why `what` cannot be said now, if it cannot.
    const fn fault(self, what: Feedback) -> Option<&'static str> {
        match what {
            Feedback::LateSoftBounce | Feedback::LateHardBounce if !self.delivered => {
                Some("a late bounce of a recipient that was not delivered was counted")
            }
            Feedback::LateSoftBounce | Feedback::LateHardBounce if self.bounced => {
                Some("a second late bounce was counted")
            }
            Feedback::Complaint if self.complained => Some("a second complaint was counted"),
            Feedback::Unsubscribe if self.unsubscribed => Some("a second unsubscription was counted"),
            Feedback::NotDelivered if self.delivered => {
                Some("a late bounce of a recipient that was delivered was ignored")
            }
            Feedback::Repeated if !self.bounced && !self.complained && !self.unsubscribed => {
                Some("something was ignored as said before that was not said before")
            }
            Feedback::LateSoftBounce
            | Feedback::LateHardBounce
            | Feedback::Complaint
            | Feedback::Unsubscribe
            | Feedback::Delayed
            | Feedback::Arrived
            | Feedback::AutoReply
            | Feedback::NoComplaint
            | Feedback::AboutAReport
            | Feedback::Unreadable
            | Feedback::NotDelivered
            | Feedback::Repeated => None,
        }
    }

    const fn hear(&mut self, what: Feedback) {
        self.bounced |= what.is_late_bounce();
        self.complained |= matches!(what, Feedback::Complaint);
        self.unsubscribed |= matches!(what, Feedback::Unsubscribe);
    }
}

/// A bounce names its reason, which comes from a report and has its class; nothing else does.
fn judge_reason(
    story: &Story<'_>,
    event: &Event,
    what: Feedback,
    verdict: Option<VerdictId>,
    findings: &mut Findings<'_>,
) {
    let class = verdict.and_then(|verdict| story.accounts.class(verdict));
    let wanted = match what {
        Feedback::LateHardBounce => Some(Class::Hard),
        Feedback::LateSoftBounce => Some(Class::Soft),
        _ => None,
    };
    let row = verdict.and_then(|verdict| story.accounts.verdict(verdict));
    let is_of_report = row.is_none_or(|row| row.phase == Phase::Report);
    findings.demand_of(story, class == wanted && is_of_report, event.at, || {
        let class = class.map_or_else(|| "none".to_owned(), |class| class.to_string());
        format!("{what:?} does not go with its reason, which is {class}")
    });
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::sample::{self, ANN, DAN, GUS, HOUR, KIM, LATE_FULL, LATE_UNKNOWN, LEA, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn heard(what: Feedback) -> EventKind {
        let verdict = match what {
            Feedback::LateHardBounce => Some(LATE_UNKNOWN),
            Feedback::LateSoftBounce => Some(LATE_FULL),
            _ => None,
        };
        EventKind::Feedback { what, verdict }
    }

    fn late(contact: u32, what: Feedback) -> impl FnOnce(&mut Record) {
        move |record| sample::insert(record, SPRING, contact, 39 * HOUR, heard(what))
    }

    #[test]
    fn only_who_was_delivered_bounces_late() {
        let found = "a late bounce of a recipient that was not delivered was counted";
        check(late(DAN, Feedback::LateHardBounce), found);
        check(late(DAN, Feedback::LateSoftBounce), found);
        check(|record| sample::insert_first(record, SPRING, ANN, 0, heard(Feedback::LateHardBounce)), found);
        sample::keeps(&LAW, late(DAN, Feedback::NotDelivered));
        sample::keeps(&LAW, late(DAN, Feedback::Complaint));
        check(
            late(ANN, Feedback::NotDelivered),
            "a late bounce of a recipient that was delivered was ignored",
        );
    }

    #[test]
    fn the_same_counts_once() {
        check(late(KIM, Feedback::LateSoftBounce), "a second late bounce was counted");
        check(late(GUS, Feedback::Complaint), "a second complaint was counted");
        check(late(LEA, Feedback::Unsubscribe), "a second unsubscription was counted");
        sample::keeps(&LAW, late(KIM, Feedback::Repeated));
        check(late(ANN, Feedback::Repeated), "ignored as said before that was not said before");
    }

    #[test]
    fn a_bounce_has_the_class_of_its_reason() {
        let with = |what, verdict| {
            move |record: &mut Record| {
                let kind = EventKind::Feedback { what, verdict };
                sample::insert(record, SPRING, ANN, 39 * HOUR, kind);
            }
        };
        sample::keeps(&LAW, with(Feedback::LateHardBounce, Some(LATE_UNKNOWN)));
        check(with(Feedback::LateHardBounce, Some(LATE_FULL)), "does not go with its reason, which is soft");
        check(with(Feedback::LateSoftBounce, Some(LATE_UNKNOWN)), "which is hard");
        check(with(Feedback::LateSoftBounce, None), "which is none");
        check(with(Feedback::Delayed, Some(LATE_FULL)), "which is soft");
        check(with(Feedback::LateHardBounce, Some(sample::UNKNOWN_USER)), "LateHardBounce does not go with");
    }
}
