//! A number of each recipient, which must be as wanted for every one that passes the filter, and for at least one.

use std::fmt::Debug;

use record::Event;
use units::{Instant, Span};

use super::tally::{Class, Tally};
use super::{Setup, nobody_considered};
use crate::expect::evidence::Evidence;
use crate::expect::language::{Comparables, Condition};
use crate::expect::replay::{Change, Recipient, Replay, Step};
use crate::expect::scope::Scope;
use crate::expect::watch::{Effect, Measure, Subject, Watch};

/// Measures a number of each recipient.
pub(super) trait Yardstick: Debug {
    /// Takes in an event about the recipient with this index.
    fn take(&mut self, event: &Event, index: usize);

    /// The number of a recipient: things, or nanoseconds. `None` if there is none (yet).
    fn value(&self, index: usize, recipient: &Recipient) -> Option<u64>;
}

/// Follows a number of each recipient.
pub(super) fn follow(
    setup: Setup<'_>,
    yardstick: impl Yardstick + 'static,
    comparables: Comparables,
) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    let classes = vec![None; record.mailings.len() * record.contacts.len()];
    let yardstick = Box::new(yardstick);
    let each =
        Each { yardstick, comparables, scope, condition, classes, considered: 0, tally: Tally::default() };
    Measure::Ledger(Box::new(each))
}

/// A number of each recipient being followed.
#[derive(Debug)]
struct Each {
    yardstick: Box<dyn Yardstick>,
    comparables: Comparables,
    scope: Scope,
    condition: Condition,
    /// Of each recipient; `None` if it does not pass the filter, or has no number.
    classes: Vec<Option<Class>>,
    /// Those in scope that a mailing looked at.
    considered: u64,
    tally: Tally,
}

impl Watch for Each {
    fn take(&mut self, step: &Step<'_>, _: &Replay<'_>) -> Effect {
        let Step::Recipient { event, index, change } = step else { return Effect::None };
        if !self.scope.covers(event) {
            return Effect::None;
        }
        self.yardstick.take(event, *index);
        change.map(|recipient| recipient.state.is_considered()).count_in(&mut self.considered);
        let after = self.class(*index, &change.after);
        let class = Change { before: std::mem::replace(&mut self.classes[*index], after), after };
        self.tally.follow(&class);
        if class.before == class.after { Effect::None } else { Effect::Moved }
    }
}

impl Subject for Each {
    fn wanted(&self) -> String {
        format!("{} for each recipient", self.condition.wanted())
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        self.tally.holds()
    }

    fn measured(&self, replay: &Replay<'_>) -> String {
        self.tally
            .measured(|class| self.those(class, replay).map(|(_, value)| value), |value| self.shown(value))
            .unwrap_or_else(|| format!("nobody: no recipient{} has it", self.scope.suffix()))
    }

    fn evidence(&self, replay: &Replay<'_>) -> Evidence {
        let bad = || self.those(Class::Bad, replay);
        let numbers = bad().map(|(index, value)| (replay.mailing_and_contact(index).1, value));
        let mut evidence = Evidence::of_recipients(bad().map(|(index, _)| index), replay);
        evidence.note_numbers(numbers, |value| self.shown(value), replay);
        evidence
    }

    fn about_nobody(&self) -> Option<String> {
        (self.considered == 0).then(|| nobody_considered(&self.scope))
    }
}

impl Each {
    fn class(&self, index: usize, recipient: &Recipient) -> Option<Class> {
        let value = self.yardstick.value(index, recipient).filter(|_| self.scope.fits(recipient));
        value.map(|value| Class::of(value, &self.condition))
    }

    /// The recipients of this class, by their index, and their numbers.
    fn those<'a>(
        &'a self,
        class: Class,
        replay: &'a Replay<'_>,
    ) -> impl Iterator<Item = (usize, u64)> + Clone + 'a {
        let value = |index: usize| self.yardstick.value(index, &replay.recipients()[index]);
        (0..self.classes.len())
            .filter(move |index| self.classes[*index] == Some(class))
            .filter_map(move |index| value(index).map(|value| (index, value)))
    }

    fn shown(&self, value: u64) -> String {
        match self.comparables {
            Comparables::Times => Span(Instant::from_nanos(value).since_epoch()).to_string(),
            Comparables::Counts | Comparables::CountsAndShares => value.to_string(),
        }
    }
}
