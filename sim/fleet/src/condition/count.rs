//! Matchers that count: `attempt`, `message`, `nth_recipient`.

use std::ops::RangeInclusive;

use scenario::field::optional;

use super::extent::{has, numbers};
use super::{Asked, Matcher, Test};
use crate::Phase;
use crate::behaviour::Stage;

pub(super) const ATTEMPT: Matcher = Matcher {
    field: optional(
        "attempt",
        "number or range",
        "How many times this provider has been asked to take mail for the recipient from this return path, this time included: \
         `1`, `1..3`, `>=2`. An attempt that never got as far as RCPT is not seen by the provider and does not count. Once \
         the recipients are named, that of any that was accepted.",
    ),
    known_from: Phase::Rcpt,
    read: |node, _, problems| Some(Box::new(Count { what: What::Attempt, ranges: numbers(node, problems)? })),
};

pub(super) const MESSAGE: Matcher = Matcher {
    field: optional(
        "message",
        "number or range",
        "The number of the message within its connection, from 1: `>20`.",
    ),
    known_from: Phase::Mail,
    read: |node, _, problems| Some(Box::new(Count { what: What::Message, ranges: numbers(node, problems)? })),
};

pub(super) const NTH_RECIPIENT: Matcher = Matcher {
    field: optional(
        "nth_recipient",
        "number or range",
        "Which recipient of the message this is, from 1, those that were refused included: `>10`. Once they are named, how \
         many there were.",
    ),
    known_from: Phase::Rcpt,
    read: |node, _, problems| {
        Some(Box::new(Count { what: What::Recipient, ranges: numbers(node, problems)? }))
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Attempt,
    Message,
    Recipient,
}

#[derive(Debug)]
struct Count {
    what: What,
    ranges: Vec<RangeInclusive<u64>>,
}

impl Test for Count {
    fn holds(&self, Asked { stage, scene, .. }: Asked<'_>) -> Option<bool> {
        let visit = scene.visit;
        let has = |number: u32| has(&self.ranges, u64::from(number));
        match self.what {
            What::Attempt if matches!(stage, Some(Stage::Rcpt { .. })) => Some(has(visit.attempt)),
            What::Attempt => (!visit.attempts.is_empty()).then(|| visit.attempts.iter().copied().any(has)),
            What::Message => (visit.transaction > 0).then(|| has(visit.transaction)),
            What::Recipient => (visit.named > 0).then(|| has(visit.named)),
        }
    }

    fn counts_attempts(&self) -> bool {
        self.what == What::Attempt
    }
}
