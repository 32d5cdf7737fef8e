//! Strikes: in how many mailings in a row a contact soft-bounced.

use super::each::span;
use super::{Argument, CONTACTS, Metric, Setup, nobody_there};
use crate::expect::evidence::Evidence;
use crate::expect::language::{Comparables, Condition};
use crate::expect::replay::{Replay, Standing, Step};
use crate::expect::scope::Scope;
use crate::expect::watch::{Effect, Measure, Subject, Watch};

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "strikes",
    about: "The number of consecutive mailings that soft-bounced, of each contact that passes the filter. It must be as wanted \
            for every one of them, and for at least one.",
    unit: "mailings",
    example: "strikes(active, northmail) <= 2",
    comparables: Comparables::Counts,
    argument: Argument::None,
    filters: CONTACTS,
    needs: None,
    follow,
}];

fn follow(setup: Setup<'_>) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    let mut strikes = Strikes { scope, condition, all: 0, good: 0, bad: 0 };
    let standings: Vec<Standing> =
        strikes.scope.contacts(record).map(|contact| Standing::at_first(&record.contacts[contact])).collect();
    let count = |class| standings.iter().filter(|standing| strikes.is(class, standing)).count() as u64;
    (strikes.good, strikes.bad) = (count(Class::Good), count(Class::Bad));
    strikes.all = standings.len() as u64;
    Measure::Ledger(Box::new(strikes))
}

/// The strikes of contacts being followed.
#[derive(Debug)]
struct Strikes {
    scope: Scope,
    condition: Condition,
    /// Contacts in scope, whatever their status.
    all: u64,
    /// How many are [`Class::Good`].
    good: u64,
    /// How many are [`Class::Bad`].
    bad: u64,
}

/// How a contact that has the status asked for stands to the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Its number is as wanted.
    Good,
    /// Its number is not.
    Bad,
}

impl Watch for Strikes {
    fn take(&mut self, step: &Step<'_>, _: &Replay<'_>) -> Effect {
        let Step::Contact { event, change } = step else { return Effect::None };
        if !self.scope.covers(event) {
            return Effect::None;
        }
        change.map(|standing| self.is(Class::Good, standing)).count_in(&mut self.good);
        change.map(|standing| self.is(Class::Bad, standing)).count_in(&mut self.bad);
        Effect::Moved
    }
}

impl Subject for Strikes {
    fn wanted(&self) -> String {
        format!("{} for each contact", self.condition.wanted())
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        self.good > 0 && self.bad == 0
    }

    fn measured(&self, replay: &Replay<'_>) -> String {
        let all = self.good + self.bad;
        let (class, whom) = match self.bad {
            0 => (Class::Good, format!("all {all}")),
            bad => (Class::Bad, format!("{bad} of {all}")),
        };
        let strikes = self.those(class, replay).map(|(_, strikes)| strikes);
        match span(strikes, |strikes| strikes.to_string()) {
            Some(span) => format!("{span} for {whom}"),
            None => nobody_there(&self.scope),
        }
    }

    fn evidence(&self, replay: &Replay<'_>) -> Evidence {
        let bad = || self.those(Class::Bad, replay);
        let mut evidence = Evidence::of_contacts(bad().map(|(contact, _)| contact), replay);
        evidence.note_numbers(bad(), |strikes| strikes.to_string(), replay);
        evidence
    }

    fn about_nobody(&self) -> Option<String> {
        (self.all == 0).then(|| nobody_there(&self.scope))
    }
}

impl Strikes {
    fn is(&self, class: Class, standing: &Standing) -> bool {
        let class_of_it = match self.condition.miss(standing.strikes.into(), 0) {
            None => Class::Good,
            Some(_) => Class::Bad,
        };
        self.scope.fits_standing(standing) && class == class_of_it
    }

    /// The contacts of this class, by their index, and their strikes.
    fn those<'a>(
        &'a self,
        class: Class,
        replay: &'a Replay<'_>,
    ) -> impl Iterator<Item = (usize, u8)> + Clone + 'a {
        let standing = |contact: usize| &replay.standings()[contact];
        self.scope
            .contacts(replay.record())
            .filter(move |contact| self.is(class, standing(*contact)))
            .map(move |contact| (contact, standing(contact).strikes))
    }
}

#[cfg(test)]
mod tests {
    use record::{Record, Status};

    use crate::expect::sample::{Writer, fails, holds};

    fn run() -> Record {
        let mut run = Writer::new();
        run.status("1h", 0, [Status::Active, Status::Active], 1);
        run.status("2h", 0, [Status::Active, Status::Active], 2);
        run.status("3h", 0, [Status::Active, Status::Error], 3);
        run.status("3h", 1, [Status::Active, Status::Active], 1);
        run.record()
    }

    #[test]
    fn every_contact_that_passes_must_have_them() {
        holds(&run(), "strikes == 0 at 0h");
        holds(&run(), "strikes(c000001@northmail.test) == 2 at 2h");
        holds(&run(), "strikes(active, northmail) <= 1");
        holds(&run(), "strikes(error, northmail) == 3");
        fails(
            &run(),
            "strikes(northmail) < 1",
            &[
                "< 1 for each contact at the end, but 1..3 for 2 of 3",
                "it held from 0h until 1h",
                "c000001@northmail.test: 3, c000002@northmail.test: 1",
                "c000001@northmail.test",
                "c000002@northmail.test",
            ],
        );
        fails(
            &run(),
            "strikes(opt_out) == 0",
            &[
                "0 for each contact at the end, but nobody: no contact (opt_out) is there",
                "it held at no instant",
            ],
        );
    }
}
