//! Contacts by status, whatever the mailing.

use units::Share;

use super::{Argument, CONTACTS, Metric, Setup, nobody_there};
use crate::expect::evidence::Evidence;
use crate::expect::language::{Comparables, Condition, Miss};
use crate::expect::replay::{Replay, Standing, Step};
use crate::expect::scope::Scope;
use crate::expect::watch::{Effect, Measure, Subject, Watch};

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "contacts",
    about: "Contacts of the audience, each address once, whether they are mailed or not. A share is one of all contacts that \
            pass the filter without the status.",
    unit: "contacts",
    example: "contacts(error, bigbox) <= 3%",
    comparables: Comparables::CountsAndShares,
    argument: Argument::None,
    filters: CONTACTS,
    needs: None,
    follow,
}];

fn follow(setup: Setup<'_>) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    let standings = || scope.contacts(record).map(|contact| Standing::at_first(&record.contacts[contact]));
    let all = standings().count() as u64;
    let count = standings().filter(|standing| scope.fits_standing(standing)).count() as u64;
    Measure::Ledger(Box::new(Contacts { scope, condition, all, count }))
}

/// A count of contacts being followed.
#[derive(Debug)]
struct Contacts {
    scope: Scope,
    condition: Condition,
    /// Those in scope, whatever their status: the whole that shares are of.
    all: u64,
    count: u64,
}

impl Watch for Contacts {
    fn take(&mut self, step: &Step<'_>, _: &Replay<'_>) -> Effect {
        let Step::Contact { event, change } = step else { return Effect::None };
        if !self.scope.covers(event) {
            return Effect::None;
        }
        change.map(|standing| self.scope.fits_standing(standing)).count_in(&mut self.count);
        Effect::Moved
    }
}

impl Subject for Contacts {
    fn wanted(&self) -> String {
        self.condition.wanted()
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        self.condition.miss(self.count, self.all).is_none()
    }

    fn measured(&self, _: &Replay<'_>) -> String {
        if self.condition.is_about_shares() {
            return format!("{} ({} of {})", Share::ratio(self.count, self.all), self.count, self.all);
        }
        self.count.to_string()
    }

    fn evidence(&self, replay: &Replay<'_>) -> Evidence {
        let too_many = self.condition.miss(self.count, self.all) == Some(Miss::TooMuch);
        let concerned = |contact: &usize| self.scope.fits_standing(&replay.standings()[*contact]) == too_many;
        Evidence::of_contacts(self.scope.contacts(replay.record()).filter(concerned), replay)
    }

    fn about_nobody(&self) -> Option<String> {
        (self.all == 0).then(|| nobody_there(&self.scope))
    }
}

#[cfg(test)]
mod tests {
    use record::{Record, Status};

    use crate::expect::sample::{Writer, fails, holds};

    /// Two contacts at bigbox get into Error, one of whom comes back.
    fn run() -> Record {
        let mut run = Writer::new();
        run.status("1h", 3, [Status::Active, Status::Error], 0);
        run.status("1h", 4, [Status::Active, Status::Active], 1);
        run.status("2h", 4, [Status::Active, Status::Error], 3);
        run.status("5h", 3, [Status::Error, Status::Active], 0);
        run.record()
    }

    #[test]
    fn contacts_are_counted_by_status() {
        holds(&run(), "contacts == 6");
        holds(&run(), "contacts(error) == 1 at 0h");
        holds(&run(), "contacts(error) == 3 at 2h");
        holds(&run(), "contacts(error) == 2 by 5h");
        holds(&run(), "contacts(active, northmail) == 100%");
        holds(&run(), "contacts(active, ann@bigbox.test) == 1");
        holds(&run(), "contacts(opt_out) == 0");
    }

    #[test]
    fn a_failure_names_those_with_the_status_or_without() {
        fails(
            &run(),
            "contacts(error, bigbox) <= 50%",
            &[
                "<= 50% at the end, but 66.6666% (2 of 3)",
                "it held from 0h until 1h",
                "bob@bigbox.test",
                "gone@bigbox.test",
            ],
        );
        fails(
            &run(),
            "contacts(active, bigbox.test) == 3 at 2h",
            &[
                "3 at 2h, but 0",
                "it held at no instant",
                "ann@bigbox.test",
                "bob@bigbox.test",
                "gone@bigbox.test",
            ],
        );
    }
}
