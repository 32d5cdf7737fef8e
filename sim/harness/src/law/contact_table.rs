//! Law `contact-table`: the status of a contact moves by the table, for a reason that exists, and whenever there is one.
//!
//! The table stands in [`table`]. The contact policy `classic` moves a contact on every hard bounce and on the
//! third consecutive soft one; `careful` counts only bounces that say something about the address, and by the same table.

mod feedback;
mod table;

use record::{Cause, Event, EventKind, Mailing, MailingKind, Nanos, Outcome, Status, StatusCause, VerdictId};

use self::feedback::Delivery;
use self::table::{Standing, follows_table};
use super::accounts::Life;
use super::findings::Findings;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "contact-table",
    about: "The status and the consecutive soft bounces of a contact change by the table only, for an outcome that it had \
            or something that came back at that instant, and whenever one of these calls for it; test mailings change nothing. Of every re-activation it is \
            kept who asked for it, and why.",
    checks: &[Check::Contact(judge)],
};

fn judge(life: &Life<'_>, findings: &mut Findings<'_>) {
    let status = life.accounts.record.contacts[life.contact as usize].status;
    let mut course =
        Course { life, standing: Standing { status, strikes: 0 }, latest: None, taken_back: None };
    for (index, event) in life.events.iter().enumerate() {
        course.judge(index, event, findings);
    }
}

/// A contact, as far as its life was followed.
struct Course<'a> {
    life: &'a Life<'a>,
    standing: Standing,
    /// Its latest delivery, unless that was taken back, or an operator has re-activated it since.
    latest: Option<Delivery>,
    /// The delivery that was taken back by the last thing that came back, if that counts.
    taken_back: Option<Delivery>,
}

/// The contact policy of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Classic,
    Careful,
}

impl<'a> Course<'a> {
    fn judge(&mut self, index: usize, event: &Event, findings: &mut Findings<'_>) {
        match event.kind {
            EventKind::StatusChanged { from, to, strikes, cause } => {
                let after = Standing { status: to, strikes };
                let change = Change { at: event.at, from, after, cause, mailing: self.mailing_of(event) };
                self.judge_change(&change, findings);
                self.judge_reason(&change, index, findings);
                self.standing = after;
                if matches!(cause, StatusCause::Reactivated | StatusCause::ReactivationRefused) {
                    self.latest = None;
                }
            }
            EventKind::Settled { outcome, cause, verdict } => {
                let wanted = self.consequence(event, outcome, cause, verdict);
                let happened = |wanted| self.at_once(index).any(|other| changes_for(other, wanted));
                self.demand(wanted.is_none_or(happened), event.at, findings, || {
                    format!("ended as {outcome:?}, but its status and count did not change for it")
                });
                self.note_delivery(event, outcome, cause);
            }
            EventKind::Feedback { what, verdict } => {
                self.judge_feedback(index, event, (what, verdict), findings);
            }
            EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::AttemptEnded { .. }
            | EventKind::Uncounted { .. } => {}
        }
    }

    fn note_delivery(&mut self, event: &Event, outcome: Outcome, cause: Cause) {
        let counts = self.mailing_of(event).is_some_and(|mailing| mailing.kind != MailingKind::Test);
        if let (Some(mailing), Outcome::Delivered, Cause::Answer, true) =
            (event.mailing, outcome, cause, counts)
        {
            self.latest = Some(Delivery { mailing, strikes: self.standing.strikes });
        }
    }

    /// Whether a change continues what was before and stands in the table.
    fn judge_change(&self, change: &Change<'_>, findings: &mut Findings<'_>) {
        let Change { at, from, after, cause, mailing } = *change;
        let before = self.standing;
        self.demand(from == before.status, at, findings, || {
            format!("changes from {from:?}, but stands as {:?}", before.status)
        });
        self.demand(follows_table(before, cause, after), at, findings, || {
            format!("{cause:?} leads from {before} to {after}, which is not in the table")
        });
        let test = mailing.is_some_and(|mailing| mailing.kind == MailingKind::Test);
        self.demand(!test, at, findings, || "a test mailing changed its status or count".to_owned());
    }

    /// Whether a change that an outcome leads to comes with that outcome, and with what the policy asks for.
    fn judge_reason(&self, change: &Change<'_>, index: usize, findings: &mut Findings<'_>) {
        let Change { at, cause, mailing, .. } = *change;
        let Some(outcome) = outcome_behind(cause) else {
            self.judge_reader(change, index, findings);
            return self.judge_operator(change, findings);
        };
        let reason = self.at_once(index).find_map(|other| verdict_on(other, outcome));
        self.demand(reason.is_some(), at, findings, || {
            format!("changes for {cause:?} without that outcome at that instant")
        });
        let free = policy_of(mailing) == Policy::Classic || outcome == Outcome::Delivered;
        self.demand(free || self.is_about_address(reason.flatten()), at, findings, || {
            format!("the careful policy changed it for {cause:?} without evidence about its address")
        });
    }

    /// Whether it is kept who asked for a re-activation, and why.
    fn judge_operator(&self, change: &Change<'_>, findings: &mut Findings<'_>) {
        let refused = match change.cause {
            StatusCause::Reactivated => false,
            StatusCause::ReactivationRefused => true,
            _ => return,
        };
        let key = (change.at, self.life.contact);
        let asked = &self.life.accounts.record.reactivations;
        let found = asked.binary_search_by_key(&key, |one| (one.at, one.contact));
        self.demand(found.is_ok_and(|found| asked[found].refused == refused), change.at, findings, || {
            "it is not kept who asked for its re-activation, and what came of it".to_owned()
        });
    }

    /// The change that a final outcome must lead to; `None` if it may do without.
    fn consequence(
        &self,
        event: &Event,
        outcome: Outcome,
        cause: Cause,
        verdict: Option<VerdictId>,
    ) -> Option<StatusCause> {
        let mailing = self.mailing_of(event)?;
        if mailing.kind == MailingKind::Test || self.standing.status != Status::Active {
            return None;
        }
        let counts = policy_of(Some(mailing)) == Policy::Classic || self.is_about_address(verdict);
        match outcome {
            Outcome::HardBounced => counts.then_some(StatusCause::HardBounce),
            Outcome::SoftBounced => is_strike(cause).then_some(StatusCause::SoftBounce).filter(|_| counts),
            Outcome::Delivered => {
                (cause == Cause::Answer && self.standing.strikes > 0).then_some(StatusCause::Delivered)
            }
            Outcome::Cancelled | Outcome::Dropped => None,
        }
    }

    /// The other events of the same mailing and instant as the one at `index`.
    fn at_once(&self, index: usize) -> impl Iterator<Item = &'a Event> {
        let (before, rest) = self.life.events.split_at(index);
        let Event { at, mailing, .. } = rest[0];
        let before = before.iter().rev().take_while(move |other| other.at == at);
        let after = rest[1..].iter().take_while(move |other| other.at == at);
        before.chain(after).filter(move |other| other.mailing == mailing)
    }

    fn mailing_of(&self, event: &Event) -> Option<&'a Mailing> {
        event.mailing.map(|mailing| &self.life.accounts.record.mailings[usize::from(mailing)])
    }

    fn is_about_address(&self, verdict: Option<VerdictId>) -> bool {
        let row = verdict.and_then(|verdict| self.life.accounts.verdict(verdict));
        row.is_some_and(|row| row.scope == "address")
    }

    fn demand(&self, held: bool, at: Nanos, findings: &mut Findings<'_>, found: impl FnOnce() -> String) {
        findings.demand(held, at, Some(self.life.contact), found);
    }
}

/// A change of status or count, as the ledger tells it.
#[derive(Debug, Clone, Copy)]
struct Change<'a> {
    at: Nanos,
    from: Status,
    after: Standing,
    cause: StatusCause,
    mailing: Option<&'a Mailing>,
}

fn policy_of(mailing: Option<&Mailing>) -> Policy {
    match mailing {
        Some(mailing) if mailing.contact_policy == "careful" => Policy::Careful,
        _ => Policy::Classic,
    }
}

/// The outcome that leads to a change; `None` for what happens after one, or outside mailings.
const fn outcome_behind(cause: StatusCause) -> Option<Outcome> {
    match cause {
        StatusCause::HardBounce => Some(Outcome::HardBounced),
        StatusCause::SoftBounce => Some(Outcome::SoftBounced),
        StatusCause::Delivered => Some(Outcome::Delivered),
        StatusCause::LateHardBounce
        | StatusCause::LateSoftBounce
        | StatusCause::OptOut
        | StatusCause::Complaint
        | StatusCause::Reactivated
        | StatusCause::ReactivationRefused => None,
    }
}

/// The verdict behind `event`, if that is the final outcome `wanted` and counts.
fn verdict_on(event: &Event, wanted: Outcome) -> Option<Option<VerdictId>> {
    match event.kind {
        EventKind::Settled { outcome: Outcome::SoftBounced, cause, .. } if !is_strike(cause) => None,
        EventKind::Settled { outcome, verdict, .. } if outcome == wanted => Some(verdict),
        _ => None,
    }
}

/// Whether a soft bounce for this cause counts: being held back and staying uncertain say nothing about a person.
fn is_strike(cause: Cause) -> bool {
    cause == Cause::PlanExhausted
}

fn changes_for(event: &Event, wanted: StatusCause) -> bool {
    matches!(event.kind, EventKind::StatusChanged { cause, .. } if cause == wanted)
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::sample::{self, ANN, AUTUMN, CLEO, DAN, EVE, HOUR, IDA, MAX, PAT, PROOF, SPRING, SUMMER};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn is_change(kind: EventKind) -> bool {
        matches!(kind, EventKind::StatusChanged { .. })
    }

    #[test]
    fn every_outcome_has_its_consequence() {
        check(
            |record| sample::remove(record, SPRING, DAN, is_change),
            "ended as HardBounced, but its status",
        );
        check(
            |record| sample::remove(record, AUTUMN, CLEO, is_change),
            "ended as SoftBounced, but its status",
        );
        check(|record| sample::remove(record, SUMMER, PAT, is_change), "ended as Delivered, but its status");
    }

    #[test]
    fn no_change_without_its_outcome() {
        let bounce = EventKind::StatusChanged {
            from: Status::Active,
            to: Status::Error,
            strikes: 0,
            cause: StatusCause::HardBounce,
        };
        check(
            |record| sample::insert(record, SPRING, ANN, HOUR, bounce),
            "without that outcome at that instant",
        );
        check(|record| sample::insert(record, PROOF, ANN, HOUR, bounce), "a test mailing changed its status");
    }

    #[test]
    fn a_change_continues_what_was_before() {
        let to = |to| {
            move |record: &mut Record| {
                sample::change(record, IDA, |status, strikes| (*status, *strikes) = (to, 0))
            }
        };
        check(to(Status::OptOut), "Reactivated leads from");
        sample::keeps(&LAW, to(Status::Active));
        check(
            |record| sample::change(record, EVE, |status, _| *status = Status::Error),
            "which is not in the table",
        );
        check(
            |record| sample::change(record, MAX, |status, _| *status = Status::Active),
            "which is not in the table",
        );
        check(|record| sample::change(record, CLEO, |_, strikes| *strikes += 1), "which is not in the table");
        check(|record| record.contacts[CLEO as usize].status = Status::OptOut, "but stands as OptOut");
    }

    #[test]
    fn the_third_soft_bounce_in_a_row_leads_to_error_and_no_other() {
        check(
            |record| sample::remove(record, SUMMER, CLEO, is_change),
            "SoftBounce leads from Active with 1 strikes to Error with 3 strikes, which is not in the table",
        );
        check(
            |record| sample::remove(record, SUMMER, PAT, is_change),
            "SoftBounce leads from Active with 1 strikes to Active with 1 strikes, which is not in the table",
        );
    }

    #[test]
    fn the_careful_policy_wants_evidence_about_the_address() {
        let careful = |record: &mut Record| {
            record.mailings.iter_mut().for_each(|mailing| mailing.contact_policy = "careful".to_owned());
        };
        sample::keeps(&LAW, careful);
        let about_source = |record: &mut Record| {
            careful(record);
            record.verdicts.iter_mut().for_each(|row| row.scope = "source".to_owned());
        };
        check(
            about_source,
            "the careful policy changed it for HardBounce without evidence about its address",
        );
        check(
            about_source,
            "the careful policy changed it for SoftBounce without evidence about its address",
        );
        let first_strike_alone = |record: &mut Record| {
            about_source(record);
            let is_about_cleo = |event: &Event| event.contact == CLEO && event.mailing == Some(SPRING);
            record.events.retain(is_about_cleo);
        };
        check(first_strike_alone, "changed it for SoftBounce without evidence about its address");
    }

    #[test]
    fn the_careful_policy_counts_what_is_about_the_address() {
        let without = |mailing| {
            move |record: &mut Record| {
                record.mailings.iter_mut().for_each(|mailing| mailing.contact_policy = "careful".to_owned());
                sample::remove(record, mailing, CLEO, is_change);
            }
        };
        check(without(AUTUMN), "ended as SoftBounced, but its status");
        check(
            |record| {
                record.mailings.iter_mut().for_each(|mailing| mailing.contact_policy = "careful".to_owned());
                if let EventKind::StatusChanged { to, .. } = sample::first(record, AUTUMN, CLEO, is_change) {
                    *to = Status::Active;
                }
            },
            "SoftBounce leads from Active with 2 strikes to Active with 3 strikes, which is not in the table",
        );
    }

    #[test]
    fn it_is_kept_who_asked_for_a_re_activation() {
        check(|record| record.reactivations.clear(), "it is not kept who asked");
        check(|record| record.reactivations[0].refused = true, "it is not kept who asked");
        check(|record| record.reactivations[1].at += 1, "it is not kept who asked");
    }

    #[test]
    fn being_held_back_is_no_strike() {
        let held_back = |record: &mut Record| {
            if let EventKind::Settled { cause, .. } = sample::settled(record, SPRING, CLEO) {
                *cause = Cause::HeldBack;
            }
        };
        check(held_back, "changes for SoftBounce without that outcome at that instant");
    }
}
