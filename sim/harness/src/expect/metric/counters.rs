//! Counters: recipients by what became of them.
//!
//! Each is a set of states, so that the two identities of the domain (`selected = pending + dropped + sent`,
//! `sent = in_progress + delivered + soft_bounced + hard_bounced + cancelled`) cannot but hold at every instant.

use units::Share;

use super::{Argument, Metric, Setup, WHO, WHO_AND_WHY, nobody_considered};
use crate::expect::evidence::Evidence;
use crate::expect::language::{Comparables, Condition, Miss};
use crate::expect::replay::{Recipient, Replay, State, Step};
use crate::expect::scope::Scope;
use crate::expect::watch::{Effect, Measure, Subject, Watch};

pub(super) const METRICS: &[Metric] = &[
    Metric {
        name: "selected",
        about: "Recipients of the mailing: `pending` + `dropped` + `sent`.",
        example: "selected == 1000",
        comparables: Comparables::Counts,
        follow: |setup| follow(setup, State::is_selected),
        ..COUNTER
    },
    Metric {
        name: "pending",
        about: "Recipients no attempt was begun for yet.",
        example: "pending(northmail) == 0 by 5m",
        follow: |setup| follow(setup, |state| state == State::Pending),
        ..COUNTER
    },
    Metric {
        name: "dropped",
        about: "Recipients who were never attempted and never will be: the contact left Active first, the mailing was \
                cancelled first, or the window closed while our own limits held them back.",
        example: "dropped == 0",
        follow: |setup| follow(setup, |state| state == State::Dropped),
        ..COUNTER
    },
    Metric {
        name: "sent",
        about: "Recipients at least one attempt was begun for: `in_progress` + `delivered` + `soft_bounced` + \
                `hard_bounced` + `cancelled`.",
        example: "sent == 1000 by 1h",
        follow: |setup| follow(setup, State::is_sent),
        ..COUNTER
    },
    Metric {
        name: "in_progress",
        about: "Recipients an attempt was begun for who have no final outcome yet.",
        example: "in_progress(northmail) == 600 at 8h",
        filters: WHO_AND_WHY,
        follow: |setup| follow(setup, |state| state == State::InProgress),
        ..COUNTER
    },
    Metric {
        name: "delivered",
        about: "Recipients whose server answered the end of data with 2xx.",
        example: "delivered(northmail) >= 99% by 10h",
        follow: |setup| follow(setup, |state| state == State::Delivered),
        ..COUNTER
    },
    Metric {
        name: "soft_bounced",
        about: "Recipients given up after temporary failures.",
        example: "soft_bounced(mailbox-full, bigbox) == 40",
        filters: WHO_AND_WHY,
        follow: |setup| follow(setup, |state| state == State::SoftBounced),
        ..COUNTER
    },
    Metric {
        name: "hard_bounced",
        about: "Recipients refused for good.",
        example: "hard_bounced(unknown-user) == 8 by 1h",
        filters: WHO_AND_WHY,
        follow: |setup| follow(setup, |state| state == State::HardBounced),
        ..COUNTER
    },
    Metric {
        name: "cancelled",
        about: "Recipients given up after an attempt: by an operator, or because the contact left Active.",
        example: "cancelled(spring-sale) == 0",
        filters: WHO_AND_WHY,
        follow: |setup| follow(setup, |state| state == State::Cancelled),
        ..COUNTER
    },
];

/// What the counters have in common.
const COUNTER: Metric = Metric {
    name: "",
    about: "",
    unit: "recipients",
    example: "",
    comparables: Comparables::CountsAndShares,
    argument: Argument::None,
    filters: WHO,
    needs: None,
    follow: |setup| follow(setup, State::is_selected),
};

fn follow(setup: Setup<'_>, counts: fn(State) -> bool) -> Measure {
    let Setup { scope, condition, .. } = setup;
    Measure::Ledger(Box::new(Counter { counts, scope, condition, considered: 0, selected: 0, count: 0 }))
}

/// A counter being followed.
#[derive(Debug)]
struct Counter {
    counts: fn(State) -> bool,
    scope: Scope,
    condition: Condition,
    /// Those in scope that a mailing looked at.
    considered: u64,
    /// Those in scope that were selected: the whole that shares are of.
    selected: u64,
    /// Those in scope that count.
    count: u64,
}

impl Watch for Counter {
    fn take(&mut self, step: &Step<'_>, _: &Replay<'_>) -> Effect {
        let Step::Recipient { event, change, .. } = step else { return Effect::None };
        if change.before == change.after || !self.scope.covers(event) {
            return Effect::None;
        }
        change.map(|recipient| recipient.state.is_considered()).count_in(&mut self.considered);
        change.map(|recipient| recipient.state.is_selected()).count_in(&mut self.selected);
        change.map(|recipient| self.includes(recipient)).count_in(&mut self.count);
        Effect::Moved
    }
}

impl Subject for Counter {
    fn wanted(&self) -> String {
        self.condition.wanted()
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        let share_of_nobody = self.condition.is_about_shares() && self.selected == 0;
        !share_of_nobody && self.condition.miss(self.count, self.selected).is_none()
    }

    fn measured(&self, _: &Replay<'_>) -> String {
        if self.condition.is_about_shares() {
            let share = Share::ratio(self.count, self.selected);
            return format!("{share} ({} of {})", self.count, self.selected);
        }
        self.count.to_string()
    }

    fn evidence(&self, replay: &Replay<'_>) -> Evidence {
        let too_many = self.condition.miss(self.count, self.selected) == Some(Miss::TooMuch);
        let all_are_there = !too_many && self.count == self.selected;
        let concerned = |recipient: &Recipient| {
            if too_many {
                self.includes(recipient)
            } else if all_are_there {
                recipient.state == State::Excluded
            } else {
                recipient.state.is_selected() && !self.includes(recipient)
            }
        };
        let of_interest = |index: &usize| {
            concerned(&replay.recipients()[*index]) && self.scope.covers_recipient(*index, replay)
        };
        let mut evidence =
            Evidence::of_recipients((0..replay.recipients().len()).filter(of_interest), replay);
        if evidence.contacts.is_empty() {
            evidence.notes.push("nobody else was selected".to_owned());
        }
        evidence
    }

    fn about_nobody(&self) -> Option<String> {
        (self.considered == 0).then(|| nobody_considered(&self.scope))
    }
}

impl Counter {
    fn includes(&self, recipient: &Recipient) -> bool {
        (self.counts)(recipient.state) && self.scope.fits(recipient)
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, ExcludeReason, Outcome, Record};

    use crate::expect::sample::{FULL, OK, REFUSED, UNKNOWN, Writer, fails, holds};

    /// Three at northmail: delivered at once, delivered at 1h, refused all along; two at bigbox: a full and an unknown
    /// mailbox; one left out.
    fn mixed() -> Record {
        let mut run = Writer::new();
        run.event("0h", 5, 0, EventKind::Excluded(ExcludeReason::Error)).select("0h", 0..5);
        run.attempt("1s", 0, 1, OK).settle("1s", 0, Outcome::Delivered, Some(OK));
        run.attempt("2s", 1, 1, REFUSED).attempt("2s", 2, 1, REFUSED).attempt("2s", 3, 1, FULL);
        run.attempt("3s", 4, 1, UNKNOWN).settle("3s", 4, Outcome::HardBounced, Some(UNKNOWN));
        run.attempt("1h", 1, 2, OK).settle("1h", 1, Outcome::Delivered, Some(OK));
        run.settle("30h", 2, Outcome::SoftBounced, Some(REFUSED));
        run.settle("30h", 3, Outcome::SoftBounced, None);
        run.record()
    }

    #[test]
    fn counters_follow_the_ledger() {
        let run = mixed();
        for (text, [now, later, end]) in [
            ("selected", [5, 5, 5]),
            ("pending", [5, 0, 0]),
            ("sent", [0, 5, 5]),
            ("in_progress", [0, 2, 0]),
            ("delivered", [0, 2, 2]),
            ("delivered(northmail)", [0, 2, 2]),
            ("delivered(bigbox)", [0, 0, 0]),
            ("soft_bounced", [0, 0, 2]),
            ("soft_bounced(mailbox-full)", [0, 0, 1]),
            ("soft_bounced(ann@bigbox.test)", [0, 0, 1]),
            ("hard_bounced(unknown-user, bigbox.test)", [0, 1, 1]),
            ("in_progress(temporary-outage)", [0, 1, 0]),
            ("dropped", [0, 0, 0]),
            ("cancelled(spring-sale)", [0, 0, 0]),
        ] {
            holds(&run, &format!("{text} == {now} at 0h"));
            holds(&run, &format!("{text} == {later} at 1h"));
            holds(&run, &format!("{text} == {end}"));
            holds(&run, &format!("{text} == {end} by 30h"));
        }
    }

    #[test]
    fn a_share_is_one_of_the_selected_under_the_same_filter() {
        let run = mixed();
        holds(&run, "delivered(northmail) >= 66.6% by 1h");
        holds(&run, "delivered(northmail) == 67%");
        holds(&run, "soft_bounced(mailbox-full, bigbox) == 50%");
        holds(&run, "soft_bounced in 40%..50%");
        fails(
            &run,
            "soft_bounced(mailbox-full) > 20% at 30h",
            &[
                "> 20% at 30h, but 20% (1 of 5)",
                "it held at no instant",
                "2 delivered at northmail: 250 queued",
                "1 soft_bounced at northmail: connection refused",
                "1 hard_bounced at bigbox: 550 5.1.1 no such user here",
                "c000001@northmail.test",
                "c000002@northmail.test",
                "c000003@northmail.test",
                "bob@bigbox.test",
            ],
        );
    }

    #[test]
    fn too_few_names_those_who_are_elsewhere() {
        fails(
            &mixed(),
            "delivered(northmail) == 3 at 8h",
            &[
                "3 at 8h, but 2",
                "it held at no instant",
                "1 in_progress at northmail: connection refused",
                "c000003@northmail.test",
            ],
        );
        fails(
            &mixed(),
            "selected(bigbox) == 3",
            &["3 at the end, but 2", "it held at no instant", "1 excluded at bigbox", "gone@bigbox.test"],
        );
    }

    #[test]
    fn too_few_of_all_there_are() {
        fails(
            &mixed(),
            "delivered(c000001@northmail.test) == 2",
            &["2 at the end, but 1", "it held at no instant", "nobody else was selected"],
        );
    }

    #[test]
    fn too_many_names_those_who_are_there() {
        fails(
            &mixed(),
            "soft_bounced(bigbox) == 0 by 20h",
            &[
                "0 from 20h on, but 1 at 30h",
                "it held from 0h until 30h",
                "1 soft_bounced at bigbox: 452 4.2.2 mailbox full",
                "ann@bigbox.test",
            ],
        );
        fails(
            &mixed(),
            "in_progress == 0 at 8h",
            &[
                "0 at 8h, but 2",
                "it held from 30h on",
                "1 in_progress at northmail: connection refused",
                "1 in_progress at bigbox: 452 4.2.2 mailbox full",
                "c000003@northmail.test",
                "ann@bigbox.test",
            ],
        );
    }

    #[test]
    fn an_expectation_about_nobody_fails() {
        let nobody = |who: &str| format!("nobody: no recipient{who} was selected or excluded in this run");
        let check = |text: &str, wanted: &str, who: &str| {
            fails(&mixed(), text, &[&format!("{wanted}, but {}", nobody(who))])
        };
        check("delivered(bigbox-only) == 0", "0 at the end", " (bigbox-only)");
        check("hard_bounced(bigbox-only) <= 2% at 4h", "<= 2% at 4h", " (bigbox-only)");
        fails(&Writer::new().record(), "sent >= 0", &[&format!(">= 0 at the end, but {}", nobody(""))]);
        holds(&mixed(), "delivered(gone@bigbox.test) == 0");
    }

    #[test]
    fn a_share_of_nobody_fails() {
        fails(
            &mixed(),
            "delivered(gone@bigbox.test) >= 0%",
            &[
                ">= 0% at the end, but 0% (0 of 0)",
                "it held at no instant",
                "1 excluded at bigbox",
                "gone@bigbox.test",
            ],
        );
    }
}
