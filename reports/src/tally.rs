//! The counters of each provider, over all mailings, counted anew from the ledger.

use record::{EventKind, Outcome, Record, VerdictId};
use serde::Serialize;

/// What became of the recipients of one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ProviderTally {
    pub(crate) name: String,
    pub(crate) profile: String,
    pub(crate) help_url: Option<String>,
    pub(crate) counters: record::Counters,
    pub(crate) attempts: u64,
    pub(crate) throttled: u64,
    /// Attempts refused in words against the address that were not believed.
    pub(crate) suppressions_held: u64,
    pub(crate) connections: u64,
}

pub(crate) fn by_provider(record: &Record) -> Vec<ProviderTally> {
    let mut tallies: Vec<_> = record.providers.iter().map(ProviderTally::new).collect();
    let mut progress = vec![Progress::Pending; record.contacts.len() * record.mailings.len()];
    // An attempt that is tried again at once is not counted either, but nobody was throttled.
    let is_throttle = |verdict: VerdictId| record.verdicts[verdict as usize].class == "throttle";
    for event in &record.events {
        let tally = &mut tallies[event.provider as usize];
        if let Some(mailing) = event.mailing {
            let row = usize::from(mailing) * record.contacts.len() + event.contact as usize;
            tally.count(event.kind, &mut progress[row], is_throttle);
            tally.suppressions_held += u64::from(is_held_suppression(event.kind, record));
        }
    }
    for connection in &record.receipts.connections {
        tallies[connection.provider as usize].connections += 1;
    }
    tallies
}

fn is_held_suppression(event: EventKind, record: &Record) -> bool {
    match event {
        EventKind::AttemptEnded { verdict, .. } => record.verdicts[verdict as usize].is_held_suppression(),
        _ => false,
    }
}

/// How far a recipient has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Pending,
    Begun,
}

impl ProviderTally {
    fn new(provider: &record::Provider) -> Self {
        Self {
            name: provider.name.clone(),
            profile: provider.profile.clone(),
            help_url: provider.help_url.clone(),
            counters: record::Counters::default(),
            attempts: 0,
            throttled: 0,
            suppressions_held: 0,
            connections: 0,
        }
    }

    fn count(&mut self, kind: EventKind, progress: &mut Progress, is_throttle: impl Fn(VerdictId) -> bool) {
        let counters = &mut self.counters;
        match kind {
            EventKind::Selected => {
                counters.selected += 1;
                counters.pending += 1;
            }
            EventKind::Excluded(_) => counters.excluded += 1,
            EventKind::AttemptBegun { .. } if *progress == Progress::Pending => {
                *progress = Progress::Begun;
                counters.pending = counters.pending.saturating_sub(1);
                counters.sent += 1;
                counters.in_progress += 1;
            }
            EventKind::AttemptEnded { .. } => self.attempts += 1,
            EventKind::Uncounted { verdict } => self.throttled += u64::from(is_throttle(verdict)),
            EventKind::Settled { outcome, .. } => self.settle(outcome),
            EventKind::Feedback { what, .. } => counters.hear(what),
            EventKind::AttemptBegun { .. } | EventKind::StatusChanged { .. } => {}
        }
    }

    fn settle(&mut self, outcome: Outcome) {
        let counters = &mut self.counters;
        let (from, to) = match outcome {
            Outcome::Delivered => (&mut counters.in_progress, &mut counters.delivered),
            Outcome::SoftBounced => (&mut counters.in_progress, &mut counters.soft_bounced),
            Outcome::HardBounced => (&mut counters.in_progress, &mut counters.hard_bounced),
            Outcome::Cancelled => (&mut counters.in_progress, &mut counters.cancelled),
            Outcome::Dropped => (&mut counters.pending, &mut counters.dropped),
        };
        *from = from.saturating_sub(1);
        *to += 1;
    }
}
