//! How many attempts it took until a recipient was final.

use serde::Serialize;

use super::{State, Track};

/// Recipients by the number of their counted attempts, over the moments of the mailing: at index 2 stand those that took two. Index 0 is for who was only put
/// off by throttling, or whose outcome needed no attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Attempts {
    /// Delivered with the attempt of that number.
    pub delivered: Vec<Track>,
    /// Soft bounced after that many.
    pub soft_bounced: Vec<Track>,
    /// Hard bounced at the attempt of that number.
    pub hard_bounced: Vec<Track>,
}

impl Attempts {
    /// Notes that a recipient has come to `state` with so many attempts.
    pub(super) fn note(&mut self, state: State, attempts: u8, moment: u16) {
        let histogram = match state {
            State::Delivered => &mut self.delivered,
            State::SoftBounced => &mut self.soft_bounced,
            State::HardBounced => &mut self.hard_bounced,
            State::Absent
            | State::Excluded
            | State::Pending
            | State::InProgress
            | State::Cancelled
            | State::Dropped => return,
        };
        let attempts = usize::from(attempts);
        histogram.resize(histogram.len().max(attempts + 1), Track::default());
        histogram[attempts].note(moment, |count| *count += 1);
    }

    /// The most attempts that anybody took.
    pub fn most(&self) -> usize {
        let all = [&self.delivered, &self.soft_bounced, &self.hard_bounced];
        all.into_iter().map(|histogram| histogram.len().saturating_sub(1)).max().unwrap_or(0)
    }
}
