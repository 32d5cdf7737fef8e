//! The circuit breaker of a site: does it suddenly refuse addresses that it took before?
//!
//! A provider whose directory fails answers "no such user" for everybody (Apple's did so in April 2021). Addresses that it has
//! taken mail for are known to exist, so their refusals are evidence against the provider. While they are many, no address of
//! the site is suppressed; each is tried again, and what is still refused at the end is a soft bounce.
//!
//! One for each site, not for each provider, because sites are what is never shared between shards.

/// Answers that are looked at: the latest about addresses that were delivered before.
const WINDOW: u32 = 64;

/// Refusals below which a share says nothing.
pub const REFUSALS_MIN: u32 = 5;

/// The share of refusals, in percent of the answers in the window, from which on suppressions are held back. An ordinary list
/// loses a few percent between two mailings (the value proposed by the project's facts on replies).
pub const REFUSED_PERCENT: u32 = 20;

/// The latest answers about addresses that were delivered before.
#[derive(Debug, Default)]
pub struct Breaker {
    /// One bit an answer, the latest lowest: whether it was a refusal of the address.
    refused: u64,
    answers: u32,
}

impl Breaker {
    /// An address that was delivered before was delivered again, or refused as one that does not exist.
    pub fn note(&mut self, answer: Answer) {
        self.refused = self.refused << 1 | u64::from(answer == Answer::Refused);
        self.answers = (self.answers + 1).min(WINDOW);
    }

    /// Whether suppressions are held back.
    pub const fn is_open(&self) -> bool {
        let refusals = self.refused.count_ones();
        refusals >= REFUSALS_MIN && refusals * 100 >= self.answers * REFUSED_PERCENT
    }
}

/// An answer about an address that was delivered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Taken again.
    Taken,
    /// Refused for good, and the refusal is about the address.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(answers: &[(Answer, usize)]) -> Breaker {
        let mut breaker = Breaker::default();
        for (answer, times) in answers {
            (0..*times).for_each(|_| breaker.note(*answer));
        }
        breaker
    }

    #[test]
    fn it_opens_at_a_share_and_closes_when_the_provider_has_recovered() {
        let check = |answers: &[(Answer, usize)], open: bool| {
            assert_eq!(after(answers).is_open(), open, "{answers:?}");
        };
        check(&[], false);
        check(&[(Answer::Refused, 4)], false);
        check(&[(Answer::Refused, 5)], true);
        check(&[(Answer::Taken, 60), (Answer::Refused, 4)], false);
        check(&[(Answer::Taken, 20), (Answer::Refused, 5)], true);
        check(&[(Answer::Taken, 500), (Answer::Refused, 12)], false);
        check(&[(Answer::Taken, 500), (Answer::Refused, 13)], true);
        check(&[(Answer::Refused, 500), (Answer::Taken, 51)], true);
        check(&[(Answer::Refused, 500), (Answer::Taken, 52)], false);
    }
}
