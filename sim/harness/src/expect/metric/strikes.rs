//! Strikes: in how many mailings in a row a contact soft-bounced.

use super::tally::{Class, Tally};
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
    let mut strikes = Strikes { scope, condition, all: 0, tally: Tally::default() };
    for contact in strikes.scope.contacts(record) {
        let class = strikes.class(&Standing::at_first(&record.contacts[contact]));
        strikes.tally.add(class);
        strikes.all += 1;
    }
    Measure::Ledger(Box::new(strikes))
}

/// The strikes of contacts being followed.
#[derive(Debug)]
struct Strikes {
    scope: Scope,
    condition: Condition,
    /// Contacts in scope, whatever their status.
    all: u64,
    /// Those who have the status asked for.
    tally: Tally,
}

impl Watch for Strikes {
    fn take(&mut self, step: &Step<'_>, _: &Replay<'_>) -> Effect {
        let Step::Contact { event, change } = step else { return Effect::None };
        if !self.scope.covers(event) {
            return Effect::None;
        }
        self.tally.follow(&change.map(|standing| self.class(standing)));
        Effect::Moved
    }
}

impl Subject for Strikes {
    fn wanted(&self) -> String {
        format!("{} for each contact", self.condition.wanted())
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        self.tally.holds()
    }

    fn measured(&self, replay: &Replay<'_>) -> String {
        let strikes = |class| self.those(class, replay).map(|(_, strikes)| strikes);
        self.tally
            .measured(strikes, |strikes| strikes.to_string())
            .unwrap_or_else(|| nobody_there(&self.scope))
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
    /// `None` if the contact has another status than the one asked for.
    fn class(&self, standing: &Standing) -> Option<Class> {
        self.scope.fits_standing(standing).then(|| Class::of(standing.strikes.into(), &self.condition))
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
            .filter(move |contact| self.class(standing(*contact)) == Some(class))
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
