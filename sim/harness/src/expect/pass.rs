//! One pass over a record for any number of expectations.
//!
//! The ledger can have millions of events, so it is played back once, and every expectation looks at each event in
//! passing. Those about the receipts are followed on their own.

use record::{ExpectationVerdict, Held, Nanos, Record};

use super::Expectation;
use super::evidence::Evidence;
use super::judge::{Finding, Judge};
use super::replay::{Replay, Step};
use super::watch::{Course, Effect, Measure, Watch};

/// The verdicts on `expectations`, in their order, in one pass over the ledger of `record`.
pub fn check_all(expectations: &[Expectation], record: &Record) -> Vec<ExpectationVerdict> {
    let mut replay = Replay::new(record);
    let mut trials: Vec<Trial> =
        expectations.iter().map(|expectation| Trial::open(expectation, &replay)).collect();
    let mut live: Vec<&mut Live> = trials.iter_mut().filter_map(Trial::as_live).collect();
    if !live.is_empty() {
        play(&mut replay, &mut live);
    }
    let close = |(expectation, trial): (&Expectation, Trial)| trial.close(expectation, &replay);
    expectations.iter().zip(trials).map(close).collect()
}

/// An expectation being checked.
enum Trial {
    /// Over the ledger.
    Live(Live),
    /// Over the receipts.
    Receipts(Box<dyn Course>, Judge),
    /// Not at all: it speaks of something that this run does not have, as the text says.
    Void(String),
}

/// An expectation being checked over the ledger.
struct Live {
    watch: Box<dyn Watch>,
    judge: Judge,
    /// What the events of the present instant did so far.
    effect: Effect,
}

fn play(replay: &mut Replay<'_>, live: &mut [&mut Live]) {
    let record = replay.record();
    for instant in record.events.chunk_by(|one, next| one.at == next.at) {
        let at = instant[0].at;
        live.iter_mut().for_each(|trial| trial.before(at, replay));
        for event in instant {
            let step = replay.apply(event);
            live.iter_mut().for_each(|trial| trial.take(&step, replay));
        }
        live.iter_mut().for_each(|trial| trial.after(at, replay));
    }
}

impl Trial {
    fn open(expectation: &Expectation, replay: &Replay<'_>) -> Self {
        let when = expectation.when();
        match expectation.measure(replay.record()) {
            Ok(Measure::Ledger(watch)) => {
                let judge = Judge::new(when, &*watch, replay);
                Self::Live(Live { watch, judge, effect: Effect::None })
            }
            Ok(Measure::Receipts(course)) => {
                let judge = Judge::new(when, &*course, replay);
                Self::Receipts(course, judge)
            }
            Err(missing) => Self::Void(missing),
        }
    }

    const fn as_live(&mut self) -> Option<&mut Live> {
        match self {
            Self::Live(live) => Some(live),
            Self::Receipts(..) | Self::Void(_) => None,
        }
    }

    fn close(self, expectation: &Expectation, replay: &Replay<'_>) -> ExpectationVerdict {
        match self {
            Self::Live(Live { watch, judge, .. }) => {
                expectation.verdict(&watch.wanted(), judge.close(&*watch, replay))
            }
            Self::Receipts(mut course, mut judge) => {
                follow(&mut *course, &mut judge, replay);
                expectation.verdict(&course.wanted(), judge.close(&*course, replay))
            }
            Self::Void(missing) => {
                let finding = Finding { held: Held::No, measured: missing, evidence: Evidence::default() };
                expectation.verdict(&expectation.claim(), finding)
            }
        }
    }
}

fn follow(course: &mut dyn Course, judge: &mut Judge, replay: &Replay<'_>) {
    while let Some(at) = course.next() {
        judge.before(at, course, replay);
        while course.next() == Some(at) {
            course.advance();
        }
        judge.after(at, course, replay);
    }
}

impl Live {
    fn before(&mut self, at: Nanos, replay: &Replay<'_>) {
        self.judge.before(at, &*self.watch, replay);
    }

    fn take(&mut self, step: &Step<'_>, replay: &Replay<'_>) {
        if self.watch.take(step, replay) == Effect::Moved {
            self.effect = Effect::Moved;
        }
    }

    fn after(&mut self, at: Nanos, replay: &Replay<'_>) {
        if std::mem::replace(&mut self.effect, Effect::None) == Effect::Moved {
            self.judge.after(at, &*self.watch, replay);
        }
    }
}
