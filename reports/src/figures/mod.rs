//! Everything that reports count, in one sweep over the ledger: how it stood at each moment, why, and what really happened.
//!
//! The page, the charts and the CSV draw what stands here and count nothing themselves. No number here is a float;
//! percentiles are exact (nearest rank). The parts:
//!
//! - [`Figures`]: all of it; [`MailingFigures`]: one mailing
//! - [`Moments`]: the instants that are looked at; [`Series`] and [`Track`]: what changed from one to the next
//! - [`Reason`], [`Code`]: why, and in which words
//! - [`Attempts`], [`Durations`]: how many attempts it took, and how long
//! - [`Happened`]: what became of accepted messages, which no sender can see
//! - [`ConnectionUse`]: open connections against the engine's limits

mod attempts;
mod codes;
mod connections;
mod counting;
mod durations;
mod happened;
mod mailing;
mod moments;
mod reasons;
mod recipients;
mod series;

use record::{Counters, EventKind, Record};

pub use attempts::Attempts;
pub use codes::{CODES_MAX, Code};
pub use connections::ConnectionUse;
pub use counting::{COUNTER_NAMES, values};
pub use durations::Durations;
pub use happened::{Happened, Known};
pub use mailing::{MailingFigures, ProviderFigures};
pub use moments::{MOMENTS_MAX, Moments};
pub use reasons::{Reason, ReasonCounts};
pub(crate) use recipients::{Playback, State, Step};
pub use series::{Series, Track};

pub(crate) use counting::count;

/// All figures of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The moments of the whole run, which [`Self::total`] and [`Self::connections`] are about.
    pub moments: Moments,
    /// The counters of all mailings together.
    pub total: Series,
    /// The mailings, in the order of the record.
    pub mailings: Vec<MailingFigures>,
    /// The connections of each provider, in the order of the record.
    pub connections: Vec<ConnectionUse>,
    /// Counted attempts of all recipients.
    pub attempts: u64,
}

impl Figures {
    /// Counts everything in one sweep over the events. Relies on what a record promises: every index points into its
    /// table, and events are in the order of time.
    pub fn of(record: &Record) -> Self {
        let mut total = Series::default();
        let moments = Moments::of_run(record);
        let mut mailings = mailing::sweeps(record);
        let mut playback = Playback::new(record);
        let mut attempts = 0;
        for event in &record.events {
            let step = playback.apply(event);
            attempts += u64::from(matches!(event.kind, EventKind::AttemptEnded { .. }));
            if let Some((mailing, step)) = event.mailing.zip(step) {
                let frame = moments.index(event.at);
                if counting::changes(event.kind, &step) {
                    total.note(frame, |counters| count(event.kind, &step, counters));
                }
                mailings[usize::from(mailing)].take(event, &step);
            }
        }
        for (mailing, sequel) in happened::by_mailing(record) {
            mailings[usize::from(mailing)].happened(sequel);
        }
        Self {
            connections: connections::of(record, &moments),
            moments,
            total,
            mailings: mailings.into_iter().map(mailing::Sweep::finish).collect(),
            attempts,
        }
    }

    /// The counters at the end, all mailings together.
    pub fn counters(&self) -> Counters {
        self.total.last()
    }
}
