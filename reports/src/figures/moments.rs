//! The instants that reports look at: a grid with a round step, and a few instants more at its beginning and after planned
//! attempts, where most of a mailing happens.

use record::{Mailing, MailingKind, Nanos, Record};
use serde::Serialize;

/// The most moments that a mailing has: its own, and those of the run.
pub const MOMENTS_MAX: usize = 2 * OWN_MAX;

/// The most moments that a grid has.
const OWN_MAX: usize = 121;

/// The most steps of a grid; what remains of [`OWN_MAX`] is for the start, the end, the instants within the first step, and
/// [`EXTRA_MAX`].
const STEPS_MAX: Nanos = 90;

/// The most instants that are looked at because an attempt was planned shortly before.
const EXTRA_MAX: usize = 14;

/// So long after a planned attempt it is looked at what came of it.
const AFTER_AN_ATTEMPT: [Nanos; 2] = [MINUTE, 5 * MINUTE];

const SECOND: Nanos = 1_000_000_000;
const MINUTE: Nanos = 60 * SECOND;
const HOUR: Nanos = 60 * MINUTE;
const DAY: Nanos = 24 * HOUR;

/// The steps that people count in. Longer ones are whole days.
const STEPS: [Nanos; 13] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
];

/// Instants at which figures are given, ascending, at most [`MOMENTS_MAX`]. What a figure says of a moment is how it stood
/// when everything of that very instant had happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moments {
    /// The first one, in nanoseconds since the scenario's epoch. Of a mailing: its start.
    pub start: Nanos,
    /// From one to the next, in nanoseconds: a round number. There are moments in between: in the first step (1 s, 5 s, 15 s,
    /// 1 min ...), and shortly after planned attempts. The last step may be shorter.
    pub step: Nanos,
    /// Each of them, in nanoseconds after the start; the first is 0. The last stands for all that happens later, too.
    pub offsets: Vec<Nanos>,
}

impl Moments {
    /// From `start` to `end`; a single one if `end` is not later.
    pub fn between(start: Nanos, end: Nanos) -> Self {
        Self::looking(start, end, &[])
    }

    /// The same, and shortly after attempts that are planned at these offsets.
    fn looking(start: Nanos, end: Nanos, attempts: &[Nanos]) -> Self {
        let length = end.saturating_sub(start);
        let step = STEPS
            .into_iter()
            .find(|step| length.div_ceil(*step) <= STEPS_MAX)
            .unwrap_or_else(|| length.div_ceil(STEPS_MAX).div_ceil(DAY) * DAY);
        let early = STEPS.into_iter().take_while(|early| *early < step);
        let planned = attempts
            .iter()
            .skip(1)
            .flat_map(|attempt| AFTER_AN_ATTEMPT.map(|after| attempt.saturating_add(after)));
        let grid =
            (1..).map(|number: Nanos| number.saturating_mul(step)).take_while(|offset| *offset < length);
        let between = early.chain(planned.take(EXTRA_MAX)).chain(grid).filter(|offset| *offset < length);
        let mut offsets: Vec<Nanos> = [0, length].into_iter().chain(between).collect();
        offsets.sort_unstable();
        offsets.dedup();
        Self { start, step, offsets }
    }

    /// Of a whole run.
    pub(super) fn of_run(record: &Record) -> Self {
        let last = record.events.last().map_or(0, |event| event.at);
        Self::between(0, last.max(record.ended))
    }

    /// Of each mailing: from its start to the last thing that happened in it. The instants of the run are among them, so that
    /// whoever looks at all mailings at such an instant sees each of them as it stood then.
    pub(super) fn of_mailings(record: &Record) -> Vec<Self> {
        let mut ends: Vec<Nanos> = record.mailings.iter().map(|Mailing { start, .. }| *start).collect();
        for event in &record.events {
            if let Some(mailing) = event.mailing {
                let end: &mut Nanos = &mut ends[usize::from(mailing)];
                *end = event.at.max(*end);
            }
        }
        let looking = |(mailing, end): (&Mailing, Nanos)| match mailing.kind {
            // Who joins later is tried again later: there are no instants that matter to all.
            MailingKind::Automated => Self::between(mailing.start, end),
            MailingKind::Regular | MailingKind::Test => {
                Self::looking(mailing.start, end, &mailing.attempt_offsets)
            }
        };
        let run: Vec<Nanos> = Self::of_run(record).instants().collect();
        record.mailings.iter().zip(ends).map(looking).map(|own| own.with(&run)).collect()
    }

    /// The same, and these instants as far as they lie in between.
    fn with(mut self, instants: &[Nanos]) -> Self {
        let (start, length) = (self.start, self.length());
        let offsets = instants.iter().filter_map(|instant| instant.checked_sub(start));
        self.offsets.extend(offsets.filter(|offset| *offset < length));
        self.offsets.sort_unstable();
        self.offsets.dedup();
        self
    }

    /// How many there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "there always is one")]
    pub const fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The instants themselves, in nanoseconds since the scenario's epoch.
    pub fn instants(&self) -> impl Iterator<Item = Nanos> {
        self.offsets.iter().map(|offset| self.start.saturating_add(*offset))
    }

    /// The end, in nanoseconds after the start.
    pub fn length(&self) -> Nanos {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// The number of the first moment at which something of the instant `at` is known: the last one if it is later than all.
    pub fn index(&self, at: Nanos) -> u16 {
        let offset = at.saturating_sub(self.start);
        let index = self.offsets.partition_point(|moment| *moment < offset).min(self.offsets.len() - 1);
        // There are at most `MOMENTS_MAX`.
        index as u16
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round() {
        let check = |length, step, count| {
            let moments = Moments::between(7, 7 + length);
            assert_eq!((moments.step, moments.len()), (step, count), "{length}");
        };
        check(0, SECOND, 1);
        check(1, SECOND, 2);
        check(2 * MINUTE, 5 * SECOND, 1 + 1 + 24);
        check(30 * HOUR, 30 * MINUTE, 1 + 6 + 60);
        check(21 * DAY, 6 * HOUR, 1 + 9 + 84);
        check(1000 * DAY, 12 * DAY, 1 + 13 + 84);
    }

    #[test]
    fn what_happens_at_a_moment_is_known_then() {
        let moments = Moments::between(10 * SECOND, 13 * SECOND + 1);
        assert_eq!(moments.offsets, [0, SECOND, 2 * SECOND, 3 * SECOND, 3 * SECOND + 1]);
        let retried = Moments::looking(0, 20 * HOUR, &[0, HOUR, 30 * HOUR]);
        assert!(retried.offsets.contains(&(HOUR + MINUTE)), "{retried:?}");
        let check = |at, index| assert_eq!(moments.index(at), index, "{at}");
        check(0, 0);
        check(10 * SECOND, 0);
        check(10 * SECOND + 1, 1);
        check(11 * SECOND, 1);
        check(DAY, 4);
    }

    #[test]
    fn a_mailing_knows_the_instants_of_the_run() {
        let own = Moments::between(7 * SECOND, 9 * SECOND).with(&[0, 7 * SECOND, 8 * SECOND + 1, DAY]);
        assert_eq!(own.offsets, [0, SECOND, SECOND + 1, 2 * SECOND]);
    }

    proptest! {
        #[test]
        fn they_ascend_from_start_to_end(
            start in 0..u64::MAX / 2,
            length in 0..u64::MAX / 2,
            attempts in proptest::collection::vec(0..=u64::MAX, 0..20),
        ) {
            let moments = Moments::looking(start, start + length, &attempts);
            prop_assert!(moments.len() <= OWN_MAX);
            prop_assert_eq!(moments.offsets[0], 0);
            prop_assert_eq!(moments.length(), length);
            prop_assert!(moments.offsets.is_sorted_by(|one, next| one < next));
        }
    }
}
