//! A number of the fleet's receipts that changes in steps.

use record::Nanos;

use crate::expect::evidence::{Evidence, NAMED};
use crate::expect::language::{Condition, Miss};
use crate::expect::replay::Replay;
use crate::expect::watch::{Course, Subject};

/// A number that changes in steps, being followed. It is 0 before the first one.
#[derive(Debug)]
pub(super) struct Series {
    /// Instants, ascending, and the number from then on.
    steps: Vec<(Nanos, u64)>,
    /// How many steps were taken.
    taken: usize,
    condition: Condition,
    /// Whom each step is about; empty if they are not about anybody in particular.
    whom: Vec<String>,
    nobody: Option<String>,
}

impl Series {
    /// From instants, ascending, and the number from then on.
    pub(super) const fn new(steps: Vec<(Nanos, u64)>, condition: Condition) -> Self {
        Self { steps, taken: 0, condition, whom: Vec::new(), nobody: None }
    }

    /// A count that grows by one at each of these instants, in any order.
    pub(super) fn counting(instants: impl Iterator<Item = Nanos>, condition: Condition) -> Self {
        let mut instants: Vec<Nanos> = instants.collect();
        instants.sort_unstable();
        Self::new(instants.into_iter().zip(1..).collect(), condition)
    }

    /// With whom each step is about.
    pub(super) fn about(self, whom: Vec<String>) -> Self {
        Self { whom, ..self }
    }

    /// About nobody, for a reason.
    pub(super) fn about_nobody(self, why: String) -> Self {
        Self { nobody: Some(why), ..self }
    }

    fn value(&self) -> u64 {
        self.steps[..self.taken].last().map_or(0, |(_, value)| *value)
    }
}

impl Course for Series {
    fn next(&self) -> Option<Nanos> {
        self.steps.get(self.taken).map(|(at, _)| *at)
    }

    fn advance(&mut self) {
        self.taken = (self.taken + 1).min(self.steps.len());
    }
}

impl Subject for Series {
    fn wanted(&self) -> String {
        self.condition.wanted()
    }

    fn holds(&self, _: &Replay<'_>) -> bool {
        self.condition.miss(self.value(), 0).is_none()
    }

    fn measured(&self, _: &Replay<'_>) -> String {
        self.value().to_string()
    }

    fn evidence(&self, _: &Replay<'_>) -> Evidence {
        match self.condition.miss(self.value(), 0) {
            Some(Miss::TooMuch) => {
                let contacts = self.whom.iter().take(self.taken.min(NAMED)).cloned().collect();
                Evidence { notes: Vec::new(), contacts }
            }
            Some(Miss::TooLittle) | None => Evidence::default(),
        }
    }

    fn about_nobody(&self) -> Option<String> {
        self.nobody.clone()
    }
}
