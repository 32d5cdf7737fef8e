//! Law `retry`: when a recipient may be attempted, and how attempts are numbered.
//!
//! Knows the plan of the mailing and what the engine itself promised after each attempt; both must be kept. An attempt
//! may be late (a limit or a throttled destination held it back), never early. That there were enough of them is the
//! matter of `four-attempts`.

use record::{EventKind, Nanos};

use super::accounts::Story;
use super::class::Class;
use super::findings::{Findings, clock};
use super::{Check, Law};

/// The retry window: a mailing is complete at most 30 hours after the recipient's start (product rule "Attempts and the
/// 30-hour window"). Written down here, not taken from the engine, because it judges the engine.
pub(super) const WINDOW: Nanos = 30 * 3600 * 1_000_000_000;

pub(super) const LAW: Law = Law {
    name: "retry",
    about: "No attempt begins before it is due by the plan and by what the engine announced, after a final answer, or at or \
            after the end of the recipient's 30-hour window; counted attempts are numbered from 1 without a gap up to the \
            length of the plan, and throttled ones are not counted.",
    checks: &[Check::Recipient(judge)],
};

fn judge(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut progress = Progress { story, start: 0, begun: 0, counted: 0, next: Next::At(0) };
    for event in story.events {
        match event.kind {
            EventKind::Selected => progress.start(event.at),
            EventKind::AttemptBegun { attempt, .. } => progress.begin(event.at, attempt, findings),
            EventKind::AttemptEnded { attempt, verdict, retry_at } => {
                let class = story.accounts.class(verdict);
                progress.end(event.at, attempt, class, findings);
                progress.announce(event.at, retry_at, findings);
            }
            EventKind::Uncounted { verdict } => {
                let throttled = story.accounts.class(verdict).is_some_and(Class::is_uncounted);
                findings.demand_of(story, throttled, event.at, || {
                    "an attempt with an outcome of its own was not counted".to_owned()
                });
            }
            EventKind::Settled { .. } => progress.next = Next::Never("its final outcome"),
            EventKind::Excluded(_) | EventKind::Feedback { .. } | EventKind::StatusChanged { .. } => {}
        }
    }
}

/// When the next attempt may begin.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// From this instant on.
    At(Nanos),
    /// Not at all, after this.
    Never(&'static str),
}

impl Next {
    const fn allows(self, at: Nanos) -> bool {
        match self {
            Self::At(due) => due <= at,
            Self::Never(_) => false,
        }
    }
}

/// How far a recipient has come in its plan.
struct Progress<'a> {
    story: &'a Story<'a>,
    start: Nanos,
    /// The number of the attempt begun last.
    begun: u8,
    /// Attempts that were counted.
    counted: u8,
    next: Next,
}

impl Progress<'_> {
    const fn start(&mut self, at: Nanos) {
        self.start = at;
        self.next = Next::At(at);
    }

    fn begin(&mut self, at: Nanos, attempt: u8, findings: &mut Findings<'_>) {
        let (story, counted) = (self.story, self.counted);
        findings.demand_of(story, attempt == counted.saturating_add(1), at, || {
            format!("attempt {attempt} began after {counted} counted ones")
        });
        self.begun = attempt;
        let planned = self.planned(attempt);
        findings.demand_of(story, planned.is_some(), at, || {
            format!("attempt {attempt} began, but the plan has {}", story.mailing.attempt_offsets.len())
        });
        findings.demand_of(story, planned.is_none_or(|planned| planned <= at), at, || {
            let planned = clock(planned.unwrap_or_default());
            format!("attempt {attempt} began at {}, planned for {planned}", clock(at))
        });
        findings.demand_of(story, self.next.allows(at), at, || match self.next {
            Next::At(due) => format!("attempt {attempt} began at {}, due at {}", clock(at), clock(due)),
            Next::Never(after) => format!("attempt {attempt} began after {after}"),
        });
        let deadline = self.deadline();
        findings.demand_of(story, at < deadline, at, || {
            format!(
                "attempt {attempt} began at {}, after the window closed at {}",
                clock(at),
                clock(deadline)
            )
        });
    }

    fn end(&mut self, at: Nanos, attempt: u8, class: Option<Class>, findings: &mut Findings<'_>) {
        findings.demand_of(self.story, attempt == self.begun, at, || {
            format!("attempt {attempt} ended, but attempt {} had begun", self.begun)
        });
        findings.demand_of(self.story, !class.is_some_and(Class::is_uncounted), at, || {
            format!("attempt {attempt} was throttled, but counted")
        });
        self.counted = self.counted.saturating_add(1);
        self.next = match class {
            Some(Class::Delivered) => Next::Never("a delivery"),
            Some(Class::Hard) => Next::Never("a permanent answer"),
            Some(Class::Soft | Class::Unconfirmed | Class::Throttle | Class::Again | Class::Uncertain)
            | None => Next::At(at),
        };
    }

    /// Takes the engine at its word for the next attempt, and judges that word even if no attempt follows.
    fn announce(&mut self, at: Nanos, retry_at: Option<Nanos>, findings: &mut Findings<'_>) {
        let is_final = matches!(self.next, Next::Never(_));
        let Some(due) = retry_at else {
            self.next = if is_final { self.next } else { Next::Never("its last attempt") };
            return;
        };
        findings.demand_of(self.story, !is_final, at, || {
            "another attempt was announced after a final answer".to_owned()
        });
        let planned = self.planned(self.counted.saturating_add(1));
        findings.demand_of(self.story, planned.is_some(), at, || {
            let plan = self.story.mailing.attempt_offsets.len();
            format!("an attempt beyond the {plan} of the plan was announced")
        });
        let early = planned.is_some_and(|planned| due < planned);
        findings.demand_of(self.story, !early && due < self.deadline(), at, || {
            format!("the next attempt was announced for {}, outside plan and window", clock(due))
        });
        self.next = if is_final { self.next } else { Next::At(due) };
    }

    /// When the attempt with this number (from 1) is planned; `None` if the plan is shorter.
    fn planned(&self, attempt: u8) -> Option<Nanos> {
        let offset = self.story.mailing.attempt_offsets.get(usize::from(attempt).checked_sub(1)?)?;
        Some(self.start.saturating_add(*offset))
    }

    const fn deadline(&self) -> Nanos {
        self.start.saturating_add(WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::law::sample::{self, ANN, BOB, CLEO, DAN, GUS, HOUR, MINUTE, SPRING};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    fn begun(attempt: u8) -> EventKind {
        EventKind::AttemptBegun { attempt, connection: 1 }
    }

    fn is_begun(kind: EventKind, number: u8) -> bool {
        matches!(kind, EventKind::AttemptBegun { attempt, .. } if attempt == number)
    }

    /// Changes the end of the first counted attempt of a recipient.
    fn change_end(
        record: &mut Record,
        contact: u32,
        change: impl FnOnce(&mut u8, &mut u32, &mut Option<Nanos>),
    ) {
        let end =
            sample::first(record, SPRING, contact, |kind| matches!(kind, EventKind::AttemptEnded { .. }));
        if let EventKind::AttemptEnded { attempt, verdict, retry_at } = end {
            change(attempt, verdict, retry_at);
        }
    }

    #[test]
    fn no_attempt_is_early() {
        check(|record| sample::shift(record, SPRING, BOB, 2, -1), "began at 00:59:59.999, planned for");
        check(
            |record| change_end(record, BOB, |_, _, retry_at| *retry_at = Some(2 * HOUR)),
            "attempt 2 began at 01:00:00.000, due at 02:00:00.000",
        );
        check(
            |record| change_end(record, BOB, |_, _, retry_at| *retry_at = Some(MINUTE)),
            "announced for 00:01:00.000, outside plan and window",
        );
        check(
            |record| change_end(record, BOB, |_, _, retry_at| *retry_at = Some(WINDOW)),
            "announced for 30:00:00.000, outside plan and window",
        );
    }

    #[test]
    fn an_attempt_may_be_late_but_not_after_the_window() {
        sample::keeps(&LAW, |record| sample::shift(record, SPRING, CLEO, 4, 20 * MINUTE as i64));
        check(
            |record| sample::shift(record, SPRING, CLEO, 4, 30 * MINUTE as i64),
            "began at 30:00:00.000, after the window closed at 30:00:00.000",
        );
    }

    #[test]
    fn nothing_follows_a_final_answer() {
        check(|record| sample::insert(record, SPRING, ANN, HOUR, begun(2)), "began after its final outcome");
        check(
            |record| sample::insert_after_attempt(record, SPRING, DAN, begun(2)),
            "began after a permanent answer",
        );
        check(|record| sample::insert_after_attempt(record, SPRING, ANN, begun(2)), "began after a delivery");
        check(
            |record| change_end(record, BOB, |_, _, retry_at| *retry_at = None),
            "began after its last attempt",
        );
        check(
            |record| change_end(record, DAN, |_, _, retry_at| *retry_at = Some(HOUR)),
            "another attempt was announced after a final answer",
        );
    }

    #[test]
    fn attempts_are_numbered_without_a_gap_and_within_the_plan() {
        check(
            |record| *sample::first(record, SPRING, BOB, |kind| is_begun(kind, 2)) = begun(3),
            "attempt 3 began after 1 counted ones",
        );
        check(
            |record| change_end(record, BOB, |attempt, _, _| *attempt += 1),
            "attempt 2 ended, but attempt 1",
        );
        check(|record| record.mailings[0].attempt_offsets.truncate(3), "attempt 4 began, but the plan has 3");
        check(
            |record| record.mailings[0].attempt_offsets.truncate(3),
            "beyond the 3 of the plan was announced",
        );
    }

    #[test]
    fn throttled_attempts_and_only_those_are_not_counted() {
        check(
            |record| change_end(record, BOB, |_, verdict, _| *verdict = sample::THROTTLED),
            "attempt 1 was throttled, but counted",
        );
        check(
            |record| {
                let is_throttled = |kind| matches!(kind, EventKind::Uncounted { .. });
                *sample::first(record, SPRING, GUS, is_throttled) =
                    EventKind::Uncounted { verdict: sample::GREYLISTED };
            },
            "an attempt with an outcome of its own was not counted",
        );
        check(
            |record| *sample::first(record, SPRING, GUS, |kind| is_begun(kind, 1)) = begun(2),
            "attempt 2 began after 0 counted ones",
        );
    }
}
