//! Things that happened so often: contacts left out, attempts that stayed uncertain or were cut short.

use record::{EventKind, Record};
use units::Share;

use super::{Argument, Metric, Setup, WHO_AND_WHY, nobody_considered};
use crate::expect::evidence::{Concerned, Evidence, Reasons};
use crate::expect::language::{Comparables, Condition, FilterKind, Miss};
use crate::expect::replay::{Replay, Step};
use crate::expect::scope::Scope;
use crate::expect::watch::{Effect, Measure, Subject, Watch};

pub(super) const METRICS: &[Metric] = &[
    Metric {
        name: "excluded",
        about: "Contacts left out of the mailing: for their status (`error`, `opt_out`), or as a surplus line of an address \
                that is on the list more than once (`duplicate`, one for each such line).",
        unit: "contacts",
        example: "excluded(error) == 1",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: &[
            FilterKind::Provider,
            FilterKind::Mailing,
            FilterKind::Domain,
            FilterKind::Address,
            FilterKind::Reason,
        ],
        needs: None,
        follow: |setup| follow(setup, |event, _| matches!(event, EventKind::Excluded(_))),
    },
    Metric {
        name: "uncertain",
        about: "Counted attempts whose outcome nobody knows: the connection died between the final dot and the reply.",
        unit: "attempts",
        example: "uncertain(northmail) == 0",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: WHO_AND_WHY,
        needs: None,
        follow: |setup| follow(setup, is_uncertain),
    },
    Metric {
        name: "throttled",
        about: "Attempts that were cut short because the provider slowed us down. They are not counted as attempts.",
        unit: "attempts",
        example: "throttled(northmail, rate-limited) > 0",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: WHO_AND_WHY,
        needs: None,
        follow: |setup| follow(setup, is_throttled),
    },
    Metric {
        name: "suppressions_held",
        about: "Attempts refused in words against the address that were not believed, because the provider suddenly refused \
                many addresses that it took before (the circuit breaker): the address is tried again and not suppressed.",
        unit: "attempts",
        example: "suppressions_held(northmail) == 0",
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: WHO_AND_WHY,
        needs: None,
        follow: |setup| follow(setup, is_held_suppression),
    },
];

fn is_throttled(event: &EventKind, record: &Record) -> bool {
    match event {
        EventKind::Uncounted { verdict } => record.verdicts[*verdict as usize].class == "throttle",
        _ => false,
    }
}

fn is_held_suppression(event: &EventKind, record: &Record) -> bool {
    match event {
        EventKind::AttemptEnded { verdict, .. } => record.verdicts[*verdict as usize].is_held_suppression(),
        _ => false,
    }
}

fn is_uncertain(event: &EventKind, record: &Record) -> bool {
    match event {
        EventKind::AttemptEnded { verdict, .. } => record.verdicts[*verdict as usize].class == "uncertain",
        _ => false,
    }
}

/// Follows how often something happens that `counts`.
pub(super) fn follow(setup: Setup<'_>, counts: fn(&EventKind, &Record) -> bool) -> Measure {
    let Setup { scope, condition, .. } = setup;
    let (reasons, concerned) = (Reasons::default(), Concerned::default());
    Measure::Ledger(Box::new(Count {
        counts,
        scope,
        condition,
        considered: 0,
        selected: 0,
        count: 0,
        reasons,
        concerned,
    }))
}

/// A count of events being followed.
#[derive(Debug)]
struct Count {
    counts: fn(&EventKind, &Record) -> bool,
    scope: Scope,
    condition: Condition,
    /// Recipients in scope that a mailing looked at.
    considered: u64,
    /// Those of them that were selected: the whole that shares are of.
    selected: u64,
    count: u64,
    reasons: Reasons,
    concerned: Concerned,
}

impl Watch for Count {
    fn take(&mut self, step: &Step<'_>, replay: &Replay<'_>) -> Effect {
        let Step::Recipient { event, change, .. } = step else { return Effect::None };
        if !self.scope.covers(event) {
            return Effect::None;
        }
        change.map(|recipient| recipient.state.is_considered()).count_in(&mut self.considered);
        change.map(|recipient| recipient.state.is_selected()).count_in(&mut self.selected);
        let moved = if change.before == change.after { Effect::None } else { Effect::Moved };
        let verdict = event.kind.verdict();
        let passes = self.scope.has_reason(&event.kind) && self.scope.has_category(verdict);
        if !passes || !(self.counts)(&event.kind, replay.record()) {
            return moved;
        }
        self.count += 1;
        self.reasons.note(change.after.state, event.provider, verdict);
        self.concerned.note(event.contact as usize);
        Effect::Moved
    }
}

impl Subject for Count {
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
        match self.condition.miss(self.count, self.selected) {
            Some(Miss::TooMuch) => Evidence {
                notes: self.reasons.commonest(replay.record()),
                contacts: self.concerned.addresses(replay.record()),
            },
            Some(Miss::TooLittle) | None => Evidence::default(),
        }
    }

    fn about_nobody(&self) -> Option<String> {
        (self.considered == 0).then(|| nobody_considered(&self.scope))
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, ExcludeReason, Record};

    use crate::expect::sample::{LOST, REFUSED, SLOW_DOWN, Writer, fails, holds};

    /// Two left out, one of them as a surplus line; one attempt uncertain, two throttled.
    fn run() -> Record {
        let mut run = Writer::new();
        run.select("0h", [0, 3]);
        run.event("0h", 0, 0, EventKind::Excluded(ExcludeReason::Duplicate));
        run.event("0h", 5, 0, EventKind::Excluded(ExcludeReason::Error));
        run.attempt("1h", 0, 1, LOST).attempt("2h", 0, 2, REFUSED);
        for when in ["1h", "2h"] {
            run.event(when, 3, 0, EventKind::AttemptBegun { attempt: 1, connection: 1 });
            run.event(when, 3, 0, EventKind::Uncounted { verdict: SLOW_DOWN });
        }
        run.record()
    }

    #[test]
    fn events_are_counted_by_reason_and_by_category() {
        holds(&run(), "excluded == 2");
        holds(&run(), "excluded(error) == 1 by 0h");
        holds(&run(), "excluded(duplicate, northmail) == 1");
        holds(&run(), "excluded(opt_out) == 0");
        holds(&run(), "uncertain == 1 by 1h");
        holds(&run(), "uncertain(bigbox) == 0");
        holds(&run(), "suppressions_held == 0");
        let mut held = run();
        held.verdicts[REFUSED as usize].rule = "circuit breaker".to_owned();
        holds(&held, "suppressions_held == 1 at 2h");
        holds(&run(), "throttled(rate-limited) == 1 at 1h");
        holds(&run(), "throttled(mailbox-full) == 0");
    }

    #[test]
    fn a_failure_names_the_causes_of_too_many() {
        fails(
            &run(),
            "throttled < 2",
            &[
                "< 2 at the end, but 2",
                "it held from 0h until 2h",
                "2 in_progress at bigbox: 421 slow down",
                "ann@bigbox.test",
            ],
        );
        fails(&run(), "uncertain > 1", &["> 1 at the end, but 1", "it held at no instant"]);
        fails(
            &run(),
            "excluded(bigbox-only, error) == 0",
            &[
                "0 at the end, but nobody: no recipient (bigbox-only, error) was selected or excluded in this run",
            ],
        );
    }
}
