//! The counters of each provider, over all mailings, counted anew from the ledger.

use record::{Event, EventKind, Record, VerdictId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::figures::{Playback, Step, count};

/// What became of the recipients of one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ProviderTally {
    /// Its name in the scenario.
    pub(crate) name: String,
    /// The profile of the library that gives it its wording.
    pub(crate) profile: String,
    /// The provider's own page about its error codes; null where no such page is known.
    pub(crate) help_url: Option<String>,
    /// Over all mailings, counted anew from the ledger.
    pub(crate) counters: record::Counters,
    /// Counted attempts.
    pub(crate) attempts: u64,
    /// Attempts that were not counted because the provider slowed us down.
    pub(crate) throttled: u64,
    /// Attempts refused in words against the address that were not believed.
    pub(crate) suppressions_held: u64,
    /// Connections that its fake servers accepted.
    pub(crate) connections: u64,
}

pub(crate) fn by_provider(record: &Record) -> Vec<ProviderTally> {
    let mut tallies: Vec<_> = record.providers.iter().map(ProviderTally::new).collect();
    let mut playback = Playback::new(record);
    for event in &record.events {
        if let Some(step) = playback.apply(event) {
            tallies[event.provider as usize].take(event, &step, record);
        }
    }
    for connection in &record.receipts.connections {
        tallies[connection.provider as usize].connections += 1;
    }
    tallies
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

    fn take(&mut self, event: &Event, step: &Step, record: &Record) {
        let row = |verdict: VerdictId| &record.verdicts[verdict as usize];
        count(event.kind, step, &mut self.counters);
        match event.kind {
            EventKind::AttemptEnded { verdict, .. } => {
                self.attempts += 1;
                self.suppressions_held += u64::from(row(verdict).is_held_suppression());
            }
            // An attempt that is tried again at once is not counted either, but nobody was throttled.
            EventKind::Uncounted { verdict } => {
                self.throttled += u64::from(row(verdict).class == "throttle");
            }
            EventKind::Selected
            | EventKind::Excluded(_)
            | EventKind::AttemptBegun { .. }
            | EventKind::Settled { .. }
            | EventKind::Feedback { .. }
            | EventKind::StatusChanged { .. } => {}
        }
    }
}
