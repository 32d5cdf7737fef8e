//! Matchers made of others: `all`, `any`, `not`.

use scenario::field::optional;
use scenario::{Node, Problems};
use units::Draw;

use super::{Asked, Matcher, Spans, Test, When, conditions};
use crate::Phase;

pub(super) const ALL: Matcher = Matcher {
    field: optional("all", "list of conditions", "All of these conditions hold."),
    known_from: Phase::FIRST,
    read: |node, spans, problems| read(Mode::All, node, spans, problems),
};

pub(super) const ANY: Matcher = Matcher {
    field: optional("any", "list of conditions", "At least one of these conditions holds."),
    known_from: Phase::FIRST,
    read: |node, spans, problems| read(Mode::Any, node, spans, problems),
};

pub(super) const NOT: Matcher = Matcher {
    field: optional("not", "condition, or a list of them", "None of these conditions holds."),
    known_from: Phase::FIRST,
    read: |node, spans, problems| read(Mode::None, node, spans, problems),
};

fn read(mode: Mode, node: &Node, spans: &Spans, problems: &mut Problems) -> Option<Box<dyn Test>> {
    let conditions = conditions(node, spans, problems)?;
    Some(Box::new(Combined { mode, conditions }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    All,
    Any,
    None,
}

#[derive(Debug)]
struct Combined {
    mode: Mode,
    conditions: Vec<When>,
}

impl Combined {
    fn answers(&self, asked: Asked<'_>) -> impl Iterator<Item = Option<bool>> {
        self.conditions.iter().map(move |when| when.answer(asked))
    }
}

impl When {
    /// Whether all of its matchers hold; `None` if that depends on one that is not known.
    fn answer(&self, asked: Asked<'_>) -> Option<bool> {
        all(self.tests.iter().map(|test| test.holds(asked)))
    }
}

/// One that fails is enough for "no", one that is not known for "not known".
fn all(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers
        .try_fold(Some(true), |so_far, answer| match answer {
            Some(false) => Err(Some(false)),
            Some(true) => Ok(so_far),
            None => Ok(None),
        })
        .unwrap_or_else(|failed| failed)
}

impl Test for Combined {
    fn holds(&self, asked: Asked<'_>) -> Option<bool> {
        match self.mode {
            Mode::All => all(self.answers(asked)),
            Mode::Any => all(self.answers(asked).map(|answer| answer.map(|held| !held))).map(|none| !none),
            Mode::None => all(self.answers(asked).map(|answer| answer.map(|held| !held))),
        }
    }

    fn prepare(&mut self, draw: Draw) {
        (0..).zip(&mut self.conditions).for_each(|(number, when)| when.prepare(draw.with(number)));
    }

    fn reads_content(&self) -> bool {
        self.conditions.iter().any(When::reads_content)
    }

    fn counts_attempts(&self) -> bool {
        self.conditions.iter().any(When::counts_attempts)
    }

    fn known_from(&self) -> Option<(Phase, &'static str)> {
        let phases = self.conditions.iter().filter_map(When::known_from).map(|known| known.value);
        match self.mode {
            Mode::All => phases.max_by_key(|(phase, _)| *phase),
            // One of them may do.
            Mode::Any | Mode::None => phases.min_by_key(|(phase, _)| *phase),
        }
    }
}
