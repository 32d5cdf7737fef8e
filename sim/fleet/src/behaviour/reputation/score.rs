//! What a sender has done, and what that is worth: whole numbers only, so that it is the same everywhere.
//!
//! A score is made of shares, not of counts: it says how somebody behaves, and not how much mail it is. A stranger has the
//! score that the scenario gives strangers; the more is seen of it, the less that counts.

use units::Instant;

use super::Rates;

/// A score in thousandths of a point, from 0 to 100 000.
pub(super) type Thousandths = u64;

pub(super) const BEST: Thousandths = 100_000;

/// What can be said for or against a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    UnknownRecipient,
    Trap,
    Complaint,
    VolumeJump,
    AuthFailure,
    Engagement,
}

impl Signal {
    pub(super) const ALL: [Self; 6] = [
        Self::UnknownRecipient,
        Self::Trap,
        Self::Complaint,
        Self::VolumeJump,
        Self::AuthFailure,
        Self::Engagement,
    ];

    /// How scenarios write it, and how many points each per cent of recipients costs unless they say otherwise.
    pub(super) const fn usual(self) -> (&'static str, u64) {
        match self {
            Self::UnknownRecipient => ("unknown_recipient", 2),
            Self::Trap => ("trap", 50),
            Self::Complaint => ("complaint", 100),
            Self::VolumeJump => ("volume_jump", 1),
            Self::AuthFailure => ("auth_failure", 1),
            Self::Engagement => ("engagement", 1),
        }
    }
}

/// What a sender has done, as far as it is not forgotten.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    /// How often it had been halved when something was added last.
    halvings: u64,
    /// Recipients in parts of [`ONE`].
    recipients: u64,
    /// Of how many each was said, in the order of [`Signal::ALL`], in parts of [`ONE`].
    said: [u64; Signal::ALL.len()],
}

/// One recipient: large enough that halving keeps what single recipients have done for a while.
const ONE: u64 = 1 << 20;

impl History {
    /// So many recipients more were sent to.
    pub(super) fn sent(&mut self, recipients: u64, rates: &Rates, now: Instant) {
        self.forget(rates, now);
        self.recipients = self.recipients.saturating_add(recipients.saturating_mul(ONE));
    }

    /// Something was said about the mail to so many recipients.
    pub(super) fn say(&mut self, signal: Signal, recipients: u64, rates: &Rates, now: Instant) {
        self.forget(rates, now);
        let said = &mut self.said[signal as usize];
        *said = said.saturating_add(recipients.saturating_mul(ONE));
    }

    /// The score now.
    pub(super) fn score(&self, rates: &Rates, now: Instant) -> Thousandths {
        self.as_of(rates, now).balance(rates)
    }

    fn balance(&self, rates: &Rates) -> Thousandths {
        let seen = u128::from(self.recipients);
        let trust_after = u128::from(rates.trust_after) * u128::from(ONE);
        let start = u128::from(rates.start);
        let measured = u128::from(self.measured(rates));
        let score = (start * trust_after + measured * seen) / (trust_after + seen).max(1);
        u64::try_from(score).unwrap_or(BEST)
    }

    /// The score of somebody of whom nothing else counts.
    fn measured(&self, rates: &Rates) -> Thousandths {
        let points = |signal: Signal| {
            // One per cent is 10 000 millionths, and one point 1 000 thousandths.
            let millionths =
                u128::from(self.said[signal as usize]) * 1_000_000 / u128::from(self.recipients.max(1));
            u64::try_from(millionths.min(1_000_000)).unwrap_or(1_000_000) * rates.weights[signal as usize]
                / 10
        };
        let (mut lost, mut gained) = (0_u64, 0_u64);
        for signal in Signal::ALL {
            match signal {
                Signal::Engagement => gained += points(signal),
                Signal::UnknownRecipient
                | Signal::Trap
                | Signal::Complaint
                | Signal::VolumeJump
                | Signal::AuthFailure => lost += points(signal),
            }
        }
        (BEST + gained).saturating_sub(lost).min(BEST)
    }

    /// What is left of it now.
    fn as_of(mut self, rates: &Rates, now: Instant) -> Self {
        self.forget(rates, now);
        self
    }

    /// Halves everything once for each half-life that has ended since the last time; they are counted from the start of the
    /// scenario.
    fn forget(&mut self, rates: &Rates, now: Instant) {
        let ended = now.since_epoch().as_nanos() / rates.half_life.as_nanos().max(1);
        let ended = u64::try_from(ended).unwrap_or(u64::MAX);
        let halvings = u32::try_from(ended.saturating_sub(self.halvings)).unwrap_or(u32::MAX);
        self.halvings = self.halvings.max(ended);
        for count in std::iter::once(&mut self.recipients).chain(&mut self.said) {
            *count = count.checked_shr(halvings).unwrap_or(0);
        }
    }
}

/// How much a sender sends each day, counted from the start of the scenario.
#[derive(Debug, Default)]
pub(super) struct Volume {
    day: u64,
    today: u64,
    /// The days before, the last one first, since the first on which something was sent, at most a week.
    before: Vec<u64>,
}

/// How many days make the average.
const WEEK: usize = 7;

impl Volume {
    /// So many recipients more; how many of them are more than is usual.
    pub(super) fn add(&mut self, recipients: u64, rates: &Rates, now: Instant) -> u64 {
        self.turn_to(now.since_epoch().as_secs() / 86_400);
        let days = self.before.len() as u64;
        let average = self.before.iter().sum::<u64>().checked_div(days).unwrap_or(0);
        let usual = average.saturating_mul(u64::from(rates.jump)).max(rates.jump_from);
        self.today = self.today.saturating_add(recipients);
        self.today.saturating_sub(usual).min(recipients)
    }

    fn turn_to(&mut self, day: u64) {
        if self.today == 0 && self.before.is_empty() {
            self.day = day;
        }
        while self.day < day {
            self.before.insert(0, self.today);
            self.before.truncate(WEEK);
            self.today = 0;
            // Days on which nothing was sent, beyond a week, change nothing any more.
            self.day = (self.day + 1).max(day.saturating_sub(WEEK as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates {
        start: 50_000,
        trust_after: 1_000,
        half_life: std::time::Duration::from_secs(86_400),
        weights: [2, 50, 100, 1, 1, 1],
        jump: 3,
        jump_from: 100,
    };

    fn score(sent: u64, said: &[(Signal, u64)]) -> Thousandths {
        let mut history = History::default();
        history.sent(sent, &RATES, Instant::ZERO);
        said.iter().for_each(|(signal, count)| history.say(*signal, *count, &RATES, Instant::ZERO));
        history.score(&RATES, Instant::ZERO)
    }

    #[test]
    fn a_stranger_has_the_score_of_strangers_and_earns_another() {
        assert_eq!(score(0, &[]), 50_000);
        assert_eq!(score(1_000, &[]), 75_000);
        assert_eq!(score(9_000, &[]), 95_000);
        assert_eq!(score(1_000, &[(Signal::UnknownRecipient, 500)]), 25_000);
        assert_eq!(score(9_000, &[(Signal::UnknownRecipient, 4_500)]), 5_000);
    }

    #[test]
    fn each_signal_costs_its_points_for_each_per_cent() {
        // Of so many that the start counts for nothing: three thousandths of complaints cost thirty points.
        let of_many = |signal, count| {
            let score = score(1_000_000_000, &[(signal, count)]);
            (score + 500) / 1_000
        };
        assert_eq!(of_many(Signal::Complaint, 3_000_000), 70);
        assert_eq!(of_many(Signal::UnknownRecipient, 100_000_000), 80);
        assert_eq!(of_many(Signal::Trap, 10_000_000), 50);
        assert_eq!(of_many(Signal::VolumeJump, 500_000_000), 50);
        assert_eq!(of_many(Signal::AuthFailure, 250_000_000), 75);
        assert_eq!(of_many(Signal::Engagement, 250_000_000), 100);
        let both = [(Signal::Complaint, 5_000_000), (Signal::Engagement, 200_000_000)];
        assert_eq!((score(1_000_000_000, &both) + 500) / 1_000, 70);
    }

    #[test]
    fn half_is_forgotten_in_each_half_life() {
        let mut history = History::default();
        history.sent(3_000, &RATES, Instant::ZERO);
        let score = |hours| history.score(&RATES, Instant::from_hours(hours));
        assert_eq!(score(0), 87_500);
        assert_eq!(score(23), 87_500);
        assert_eq!(score(24), 80_000, "1 500 of 2 500");
        assert_eq!(score(24 * 100), 50_000);
    }

    #[test]
    fn a_jump_is_what_is_more_than_some_times_the_average() {
        let mut volume = Volume::default();
        let mut add = |day: u64, recipients| volume.add(recipients, &RATES, Instant::from_hours(24 * day));
        assert_eq!(add(5, 90), 0);
        assert_eq!(add(5, 20), 10, "a stranger may send what is never a jump");
        assert_eq!(add(6, 330), 0, "three times 110");
        assert_eq!(add(6, 1), 1);
        // The average of 110 and 331 is 220.
        assert_eq!(add(7, 661), 1);
        // After a month of silence it is a stranger again.
        assert_eq!(add(40, 101), 1);
    }

    #[test]
    fn nothing_overflows() {
        let mut history = History::default();
        for signal in Signal::ALL {
            history.say(signal, u64::MAX, &RATES, Instant::ZERO);
            history.sent(u64::MAX, &RATES, Instant::ZERO);
        }
        assert!(history.score(&RATES, Instant::MAX) <= BEST);
    }
}
