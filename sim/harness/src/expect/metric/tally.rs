//! How those with a number stand to a condition that each of them must meet: what recipients ([`super::each`]) and contacts
//! ([`super::strikes`]) have in common.

use crate::expect::language::Condition;
use crate::expect::replay::Change;

/// How somebody with a number stands to the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The number is as wanted.
    Good,
    /// It is not.
    Bad,
}

impl Class {
    /// Of a number that is no share of anything.
    pub(super) fn of(number: u64, condition: &Condition) -> Self {
        if condition.miss(number, 0).is_none() { Self::Good } else { Self::Bad }
    }
}

/// How many there are of each class.
#[derive(Debug, Default)]
pub(super) struct Tally {
    good: u64,
    bad: u64,
}

impl Tally {
    /// Counts somebody who has been there from the start.
    pub(super) const fn add(&mut self, class: Option<Class>) {
        match class {
            None => {}
            Some(Class::Good) => self.good += 1,
            Some(Class::Bad) => self.bad += 1,
        }
    }

    /// Follows a change; without a class, somebody is not among them.
    pub(super) fn follow(&mut self, change: &Change<Option<Class>>) {
        change.map(|class| *class == Some(Class::Good)).count_in(&mut self.good);
        change.map(|class| *class == Some(Class::Bad)).count_in(&mut self.bad);
    }

    /// Whether there is somebody, and everybody is as wanted.
    pub(super) const fn holds(&self) -> bool {
        self.good > 0 && self.bad == 0
    }

    /// The numbers of those who are not as wanted, or of all if there are none, as in `1..3 for 2 of 3`; `None` if there is
    /// nobody.
    pub(super) fn measured<T: Ord + Copy, N: Iterator<Item = T>>(
        &self,
        numbers: impl FnOnce(Class) -> N,
        shown: impl Fn(T) -> String,
    ) -> Option<String> {
        let all = self.good + self.bad;
        let (class, whom) = match self.bad {
            0 => (Class::Good, format!("all {all}")),
            bad => (Class::Bad, format!("{bad} of {all}")),
        };
        span(numbers(class), shown).map(|span| format!("{span} for {whom}"))
    }
}

/// From the least to the most of these values, as they are shown; `None` if there are none.
fn span<T: Ord + Copy>(values: impl Iterator<Item = T>, shown: impl Fn(T) -> String) -> Option<String> {
    let (least, most) = values.fold(None, |span: Option<(T, T)>, value| {
        Some(span.map_or((value, value), |(least, most)| (least.min(value), most.max(value))))
    })?;
    Some(if least == most { shown(least) } else { format!("{}..{}", shown(least), shown(most)) })
}
