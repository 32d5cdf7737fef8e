//! Begin and end of an attempt brought together, and repetitions folded: a provider that throttles for nine hours would
//! otherwise fill the story with one line.

use record::{Event, EventKind, Nanos, VerdictId};

/// A moment of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// An attempt, ended or not.
    Attempt(Attempt),
    /// Throttled attempts that went like the one before.
    Repeated(Repeated),
    /// Anything else.
    Other(Event),
}

/// An attempt from begin to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) number: u8,
    /// 0 if none could be opened.
    pub(super) connection: u32,
    pub(super) begun: Nanos,
    pub(super) ended: Option<Ended>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) at: Nanos,
    pub(super) verdict: VerdictId,
    pub(super) counts: Counts,
}

/// Whether an attempt is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// It had an outcome of its own.
    Counted {
        /// When the recipient is due again.
        retry_at: Option<Nanos>,
    },
    /// It came to nothing: the provider slowed us down, or it is tried again at once.
    Throttled,
}

/// Attempts that were throttled with the same verdict as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repeated {
    pub(super) count: u64,
    /// When the first of them began and the last of them ended.
    pub(super) from: Nanos,
    pub(super) until: Nanos,
}

/// Throttled attempts in a row that are told one by one before folding begins.
const TOLD: usize = 2;

pub(super) fn moments(events: &[Event]) -> Vec<Moment> {
    fold(pair(events))
}

fn pair(events: &[Event]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for event in events {
        let end = |verdict, counts| Some(Ended { at: event.at, verdict, counts });
        let ended = match event.kind {
            EventKind::AttemptBegun { attempt, connection } => {
                moments.push(Moment::Attempt(Attempt {
                    number: attempt,
                    connection,
                    begun: event.at,
                    ended: None,
                }));
                continue;
            }
            EventKind::AttemptEnded { verdict, retry_at, .. } => end(verdict, Counts::Counted { retry_at }),
            EventKind::Uncounted { verdict } => end(verdict, Counts::Throttled),
            EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::Settled { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => None,
        };
        let open = moments.iter_mut().rev().find_map(|moment| match moment {
            Moment::Attempt(attempt) => Some(attempt),
            Moment::Repeated(_) | Moment::Other(_) => None,
        });
        match open {
            Some(attempt) if ended.is_some() && attempt.ended.is_none() => attempt.ended = ended,
            _ => moments.push(Moment::Other(*event)),
        }
    }
    moments
}

fn fold(moments: Vec<Moment>) -> Vec<Moment> {
    let mut folded = Vec::new();
    let mut alike = 0;
    let mut last_verdict = None;
    for moment in moments {
        let verdict = throttled(&moment);
        alike = if verdict.is_some() && verdict.map(|(id, _)| id) == last_verdict { alike + 1 } else { 0 };
        last_verdict = verdict.map(|(id, _)| id);
        match (verdict, moment, folded.last_mut()) {
            (Some((_, ended)), Moment::Attempt(_), Some(Moment::Repeated(repeated))) if alike > TOLD => {
                repeated.count += 1;
                repeated.until = ended;
            }
            (Some((_, ended)), Moment::Attempt(attempt), _) if alike == TOLD => {
                folded.push(Moment::Repeated(Repeated { count: 1, from: attempt.begun, until: ended }));
            }
            (_, moment, _) => folded.push(moment),
        }
    }
    folded
}

/// The verdict and the end of an attempt that was throttled.
fn throttled(moment: &Moment) -> Option<(VerdictId, Nanos)> {
    match moment {
        Moment::Attempt(Attempt {
            ended: Some(Ended { at, verdict, counts: Counts::Throttled }), ..
        }) => Some((*verdict, *at)),
        Moment::Attempt(_) | Moment::Repeated(_) | Moment::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes moments as letters: `1` an attempt by number, `t` throttled, `r3` three folded, `u` unfinished, `o` other.
    fn check(kinds: &[EventKind], told: &str) {
        let events: Vec<_> = kinds
            .iter()
            .zip(1..)
            .map(|(kind, at)| Event { at, provider: 0, contact: 0, mailing: Some(0), kind: *kind })
            .collect();
        let letter = |moment: &Moment| match moment {
            Moment::Attempt(Attempt { ended: None, .. }) => "u".to_owned(),
            Moment::Attempt(attempt) if throttled(moment).is_none() => attempt.number.to_string(),
            Moment::Attempt(_) => "t".to_owned(),
            Moment::Repeated(repeated) => format!("r{}", repeated.count),
            Moment::Other(_) => "o".to_owned(),
        };
        assert_eq!(moments(&events).iter().map(letter).collect::<Vec<_>>().join(" "), told);
    }

    const BEGUN: EventKind = EventKind::AttemptBegun { attempt: 1, connection: 1 };
    const ENDED: EventKind = EventKind::AttemptEnded { attempt: 1, verdict: 0, retry_at: None };
    const SLOWED: EventKind = EventKind::Uncounted { verdict: 0 };

    #[test]
    fn begin_and_end_are_one_moment() {
        check(&[EventKind::Selected, BEGUN, ENDED], "o 1");
        check(&[BEGUN, SLOWED, BEGUN, ENDED], "t 1");
        check(&[BEGUN, BEGUN, ENDED], "u 1");
        check(&[BEGUN], "u");
        check(&[ENDED], "o");
        check(&[BEGUN, ENDED, ENDED], "1 o");
    }

    #[test]
    fn like_after_like_is_folded() {
        let twice = [BEGUN, SLOWED].repeat(2);
        check(&twice, "t t");
        check(&[&twice[..], &[BEGUN, ENDED]].concat(), "t t 1");
        check(&[BEGUN, SLOWED].repeat(5), "t t r3");
        let other = [BEGUN, EventKind::Uncounted { verdict: 1 }];
        check(&[&[BEGUN, SLOWED].repeat(3)[..], &other, &[BEGUN, SLOWED]].concat(), "t t r1 t t");
    }
}
