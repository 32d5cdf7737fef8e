//! The status of a contact and the table of its changes.
//!
//! Separate from the dispatcher because the table is binding: the whole state x event matrix is kept as a golden file,
//! so that a changed transition shows in review.

use crate::verdict::Scope;

/// Whether a contact may be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactStatus {
    /// May be mailed.
    Active,
    /// Bounced; an operator can re-activate it.
    Error,
    /// Said no; only the contact itself can opt in again.
    OptOut,
}

/// The status together with the count that can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: ContactStatus,
    /// Soft bounces in consecutive mailings, 0 to [`STRIKES_TO_ERROR`].
    pub strikes: u8,
}

/// Consecutive mailings with a soft bounce that move a contact to Error.
pub const STRIKES_TO_ERROR: u8 = 3;

/// Something that happens to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactEvent {
    /// A mailing ended in a hard bounce; the scope says what the refusal was about.
    HardBounce(Scope),
    /// A mailing ended in a soft bounce; the scope says what the last answer was about.
    SoftBounce(Scope),
    /// A mailing whose delivery was the latest ended in a soft bounce after all; the scope says what the report was about.
    LateSoftBounce {
        /// What the report was about.
        scope: Scope,
        /// The strikes before that delivery, which it set to 0.
        before: u8,
    },
    /// A mailing was delivered.
    Delivered,
    /// The contact unsubscribed.
    OptOut,
    /// The contact complained about spam.
    Complaint,
    /// An operator re-activates the contact.
    Reactivate,
}

/// When a contact moves to Error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContactPolicy {
    /// On every hard bounce, and on the third consecutive soft one.
    #[default]
    Classic,
    /// As `Classic`, but only on evidence about the address: a content or reputation block says nothing about a person.
    Careful,
}

impl ContactPolicy {
    /// Its name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Careful => "careful",
        }
    }

    const fn counts(self, scope: Scope) -> bool {
        match self {
            Self::Classic => true,
            Self::Careful => matches!(scope, Scope::Address),
        }
    }
}

/// What became of a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Unchanged,
    /// This.
    To(Standing),
    /// It was asked for something that is not allowed (re-activating an Opt-out).
    Refused,
}

impl Standing {
    /// A contact without history.
    pub const fn new(status: ContactStatus) -> Self {
        Self { status, strikes: 0 }
    }

    /// What `event` makes of this standing under `policy`.
    pub const fn after(self, event: ContactEvent, policy: ContactPolicy) -> Change {
        use ContactStatus::{Active, Error, OptOut};
        match (self.status, event) {
            (Active, ContactEvent::HardBounce(scope)) if policy.counts(scope) => {
                Change::To(Self { status: Error, strikes: self.strikes })
            }
            (Active, ContactEvent::SoftBounce(scope)) if policy.counts(scope) => Change::To(self.struck()),
            (Active, ContactEvent::LateSoftBounce { scope, before }) if policy.counts(scope) => {
                let strikes = self.strikes + before;
                let strikes = if strikes < STRIKES_TO_ERROR { strikes } else { STRIKES_TO_ERROR - 1 };
                Change::To(Self { status: Active, strikes }.struck())
            }
            (Active, ContactEvent::Delivered) if self.strikes > 0 => Change::To(Self::new(Active)),
            (Active | Error, ContactEvent::OptOut | ContactEvent::Complaint) => {
                Change::To(Self { status: OptOut, strikes: self.strikes })
            }
            (Error, ContactEvent::Reactivate) => Change::To(Self::new(Active)),
            (OptOut, ContactEvent::Reactivate) => Change::Refused,
            (Active, ContactEvent::Reactivate | ContactEvent::Delivered)
            | (
                Active,
                ContactEvent::HardBounce(_)
                | ContactEvent::SoftBounce(_)
                | ContactEvent::LateSoftBounce { .. },
            )
            | (
                Error | OptOut,
                ContactEvent::HardBounce(_)
                | ContactEvent::SoftBounce(_)
                | ContactEvent::LateSoftBounce { .. }
                | ContactEvent::Delivered,
            )
            | (OptOut, ContactEvent::OptOut | ContactEvent::Complaint) => Change::Unchanged,
        }
    }

    const fn struck(self) -> Self {
        let strikes = self.strikes + 1;
        let status = if strikes >= STRIKES_TO_ERROR { ContactStatus::Error } else { ContactStatus::Active };
        Self { status, strikes }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn standings() -> Vec<Standing> {
        use ContactStatus::{Active, Error, OptOut};
        let each = |status, strikes| Standing { status, strikes };
        vec![
            each(Active, 0),
            each(Active, 1),
            each(Active, 2),
            each(Error, 0),
            each(Error, 3),
            each(OptOut, 0),
        ]
    }

    fn events() -> Vec<ContactEvent> {
        use ContactEvent::{
            Complaint, Delivered, HardBounce, LateSoftBounce, OptOut, Reactivate, SoftBounce,
        };
        vec![
            HardBounce(Scope::Address),
            HardBounce(Scope::Message),
            SoftBounce(Scope::Address),
            SoftBounce(Scope::Site),
            LateSoftBounce { scope: Scope::Address, before: 1 },
            LateSoftBounce { scope: Scope::Site, before: 2 },
            Delivered,
            OptOut,
            Complaint,
            Reactivate,
        ]
    }

    fn matrix() -> String {
        let mut text = String::from("# policy | status strikes | event | becomes\n");
        for policy in [ContactPolicy::Classic, ContactPolicy::Careful] {
            for standing in standings() {
                for event in events() {
                    let becomes = match standing.after(event, policy) {
                        Change::Unchanged => "unchanged".to_owned(),
                        Change::Refused => "refused".to_owned(),
                        Change::To(to) => format!("{:?} {}", to.status, to.strikes),
                    };
                    let (status, strikes) = (standing.status, standing.strikes);
                    writeln!(text, "{} | {status:?} {strikes} | {event:?} | {becomes}", policy.name())
                        .expect("writing to a string");
                }
            }
        }
        text
    }

    /// To accept a changed table, replace the golden file by what this prints.
    #[test]
    fn the_whole_table_is_the_golden_one() {
        let golden = include_str!("../tests/contact-matrix.txt");
        let actual = matrix();
        assert!(actual == golden, "the table of contact statuses changed:\n{actual}");
    }

    proptest! {
        #[test]
        fn nobody_leaves_opt_out_and_only_an_operator_leaves_error(
            picks in prop::collection::vec(0_usize..10, 0..40),
            careful: bool,
        ) {
            let policy = if careful { ContactPolicy::Careful } else { ContactPolicy::Classic };
            let mut standing = Standing::new(ContactStatus::Active);
            for pick in picks {
                let event = events()[pick];
                if let Change::To(next) = standing.after(event, policy) {
                    prop_assert!(standing.status != ContactStatus::OptOut);
                    prop_assert!(
                        standing.status != ContactStatus::Error
                            || next.status == ContactStatus::OptOut
                            || event == ContactEvent::Reactivate
                    );
                    prop_assert!(next.strikes <= STRIKES_TO_ERROR);
                    standing = next;
                }
            }
        }
    }
}
