//! Law `active-contacts-only`: nobody is mailed who may not be.
//!
//! Takes the changes of status as the ledger tells them; whether they are right is the matter of `contact-table`.
//! Events of one instant count in the order of the ledger.

use record::{Cause, Event, EventKind, ExcludeReason, Status};

use super::accounts::Life;
use super::findings::Findings;
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "active-contacts-only",
    about: "Only Active contacts are selected and attempted; one that leaves Active is not attempted again in a mailing \
            under way, not even after a re-activation; and whoever is left out or given up for a status has it.",
    checks: &[Check::Contact(judge)],
};

fn judge(life: &Life<'_>, findings: &mut Findings<'_>) {
    let status = life.accounts.record.contacts[life.contact as usize].status;
    let mut standing = Standing { status, before_leaving: &[] };
    for (index, event) in life.events.iter().enumerate() {
        let mut demand = |held: bool, found: &str| {
            findings
                .demand(held, event.at, Some(life.contact), || format!("{found} as {:?}", standing.status));
        };
        match event.kind {
            EventKind::Selected => demand(standing.status == Status::Active, "was selected"),
            EventKind::AttemptBegun { .. } => {
                demand(standing.status == Status::Active, "was attempted");
                demand(!standing.has_left(event), "was attempted after it had left Active, now");
            }
            EventKind::Excluded(reason) => demand(
                status_behind(reason).is_none_or(|status| status == standing.status),
                "was left out for another status",
            ),
            EventKind::Settled { cause: Cause::ContactLeftActive, .. } => demand(
                standing.status != Status::Active || standing.has_left(event),
                "was given up for leaving Active, but stands",
            ),
            EventKind::StatusChanged { to, .. } => standing.change(to, &life.events[..index]),
            EventKind::Settled { .. }
            | EventKind::AttemptEnded { .. }
            | EventKind::Uncounted { .. }
            | EventKind::Feedback { .. } => {}
        }
    }
}

/// How a contact stands at some line of the ledger.
struct Standing<'a> {
    status: Status,
    /// What had happened to it when it last left Active; empty if it never did.
    before_leaving: &'a [Event],
}

impl<'a> Standing<'a> {
    fn change(&mut self, to: Status, before: &'a [Event]) {
        if self.status == Status::Active && to != Status::Active {
            self.before_leaving = before;
        }
        self.status = to;
    }

    /// Whether the contact left Active after it was selected for the mailing of `event`.
    fn has_left(&self, event: &Event) -> bool {
        let mut before = self.before_leaving.iter();
        before.any(|earlier| earlier.kind == EventKind::Selected && earlier.mailing == event.mailing)
    }
}

const fn status_behind(reason: ExcludeReason) -> Option<Status> {
    match reason {
        ExcludeReason::Error => Some(Status::Error),
        ExcludeReason::OptOut => Some(Status::OptOut),
        ExcludeReason::Duplicate => None,
    }
}

#[cfg(test)]
mod tests {
    use record::{Record, StatusCause};

    use super::*;
    use crate::law::sample::{self, ANN, BOB, EVE, HOUR, IDA, MAX, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn change(from: Status, to: Status) -> EventKind {
        EventKind::StatusChanged { from, to, strikes: 0, cause: StatusCause::Complaint }
    }

    #[test]
    fn only_active_contacts_are_selected_and_attempted() {
        let begun = EventKind::AttemptBegun { attempt: 1, connection: 1 };
        for (contact, status) in [(IDA, "Error"), (MAX, "OptOut")] {
            check(
                |record| sample::insert(record, SPRING, contact, 1, EventKind::Selected),
                "was selected as",
            );
            check(
                |record| sample::insert(record, SPRING, contact, 1, begun),
                &format!("was attempted as {status}"),
            );
        }
        check(|record| record.contacts[ANN as usize].status = Status::OptOut, "was selected as OptOut");
    }

    #[test]
    fn who_leaves_active_is_not_attempted_again() {
        let begun = EventKind::AttemptBegun { attempt: 2, connection: 1 };
        check(|record| sample::insert(record, SPRING, EVE, HOUR, begun), "was attempted as OptOut");
        check(
            |record| sample::insert(record, SPRING, BOB, HOUR / 2, change(Status::Active, Status::OptOut)),
            "was attempted as OptOut",
        );
        let leave_and_come_back = |record: &mut Record| {
            sample::insert(record, SPRING, BOB, HOUR / 2, change(Status::Active, Status::Error));
            sample::insert(record, SPRING, BOB, HOUR / 2 + 1, change(Status::Error, Status::Active));
        };
        check(leave_and_come_back, "was attempted after it had left Active");
    }

    #[test]
    fn at_one_instant_the_order_of_the_ledger_decides() {
        let at = sample::begun_at(&sample::lawful(), SPRING, BOB, 2);
        let change = change(Status::Active, Status::OptOut);
        check(|record| sample::insert_first(record, SPRING, BOB, at, change), "was attempted as OptOut");
        sample::keeps(&LAW, |record| sample::insert(record, SPRING, BOB, at, change));
    }

    #[test]
    fn who_is_left_out_or_given_up_has_the_status() {
        check(|record| record.contacts[IDA as usize].status = Status::OptOut, "left out for another status");
        check(|record| record.contacts[MAX as usize].status = Status::Error, "left out for another status");
        check(
            |record| {
                record.events.retain(|event| {
                    event.contact != EVE || !matches!(event.kind, EventKind::StatusChanged { .. })
                });
            },
            "was given up for leaving Active, but stands as Active",
        );
    }
}
