//! What follows a measure through a run: over the ledger, event by event, or over the receipts, step by step.

use std::fmt::Debug;

use record::Nanos;

use super::evidence::Evidence;
use super::replay::{Replay, Step};

/// Something that holds or does not, at the instant up to which it was followed.
pub(crate) trait Subject: Debug {
    /// What is wanted, in words, without the instant (`600`).
    fn wanted(&self) -> String;

    /// Whether it holds.
    fn holds(&self, replay: &Replay<'_>) -> bool;

    /// What is measured, in words (`598`).
    fn measured(&self, replay: &Replay<'_>) -> String;

    /// What explains that it does not hold.
    fn evidence(&self, replay: &Replay<'_>) -> Evidence;

    /// At the end of the run: why this is about nobody, in words; `None` if it is about somebody.
    fn about_nobody(&self) -> Option<String>;
}

/// A subject of the engine's ledger.
pub(crate) trait Watch: Subject {
    /// Takes in the next event, behind which `replay` stands, and says what that did to the subject.
    fn take(&mut self, step: &Step<'_>, replay: &Replay<'_>) -> Effect;
}

/// A subject of the fleet's receipts. It moves by itself, in steps of ascending instants.
pub(crate) trait Course: Subject {
    /// The instant of the next step; `None` after the last one.
    fn next(&self) -> Option<Nanos>;

    /// Takes the next step, if there is one.
    fn advance(&mut self);
}

/// Whether an event can have changed whether a subject holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It cannot.
    None,
    /// It may.
    Moved,
}

/// How a subject is followed.
#[derive(Debug)]
pub(crate) enum Measure {
    /// Over the ledger.
    Ledger(Box<dyn Watch>),
    /// Over the receipts.
    Receipts(Box<dyn Course>),
}
