//! The figures of one mailing.

use record::{Event, EventKind, ExcludeReason, Mailing, MailingKind, Nanos, ProviderId, Record, Sequel};
use serde::Serialize;

use super::codes::Codes;
use super::happened::known;
use super::reasons::Reasons;
use super::{
    Attempts, Code, Durations, Happened, Known, Moments, Reason, Series, State, Step, Track, count, counting,
};

/// What reports say about one mailing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailingFigures {
    /// Its name. Text of the scenario.
    pub name: String,
    /// Its kind.
    pub kind: MailingKind,
    /// The moments that all series and tracks of the mailing are about: from its start to the last thing that happened in it.
    pub moments: Moments,
    /// Its counters over time, as the customer would have seen them; at the end those of [`Mailing::counters`].
    pub total: Series,
    /// The same for each provider of a contact that the mailing looked at, in the order of providers.
    pub providers: Vec<ProviderFigures>,
    /// Contacts left out, by reason; no reason without any.
    pub excluded: Vec<(ExcludeReason, Track)>,
    /// Why recipients bounced or are deferred; the commonest reason first.
    pub reasons: Vec<Reason>,
    /// The answers that were got, the commonest first; at most [`super::CODES_MAX`].
    pub codes: Vec<Code>,
    /// How many codes more there were.
    pub codes_left_out: u64,
    /// How many attempts it took.
    pub attempts: Attempts,
    /// From the selection of a recipient until it was delivered, as of each moment at which one more was.
    pub time_to_deliver: Vec<(u16, Durations)>,
    /// What really happened to accepted messages, at providers where that is known.
    pub happened: Happened,
    /// Delivered to providers where nothing is known about it.
    pub not_known: Track,
}

/// What reports say about a provider within a mailing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderFigures {
    /// The provider.
    pub provider: ProviderId,
    /// The counters of its recipients over time.
    pub series: Series,
    /// From the selection of a recipient until it was delivered, as of each moment at which one more was.
    pub time_to_deliver: Vec<(u16, Durations)>,
    /// What really happened to accepted messages.
    pub happened: Happened,
}

/// The figures of a mailing, being collected.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    mailing: &'a Mailing,
    moments: Moments,
    total: Series,
    providers: Vec<ProviderSweep>,
    excluded: [Track; 3],
    reasons: Reasons<'a>,
    codes: Codes<'a>,
    attempts: Attempts,
    happened: Happened,
    not_known: Track,
}

#[derive(Debug)]
struct ProviderSweep {
    series: Series,
    delivered_after: Vec<(u16, Nanos)>,
    happened: Happened,
}

/// Nothing collected yet, for each mailing.
pub(super) fn sweeps(record: &Record) -> Vec<Sweep<'_>> {
    let known = known(record);
    let all = Moments::of_mailings(record).into_iter().zip(&record.mailings);
    all.map(|(moments, mailing)| Sweep::new(record, mailing, moments, &known)).collect()
}

impl<'a> Sweep<'a> {
    fn new(record: &'a Record, mailing: &'a Mailing, moments: Moments, known: &[Known]) -> Self {
        let any = if known.contains(&Known::Yes) { Known::Yes } else { Known::No };
        let provider = |known: &Known| ProviderSweep {
            series: Series::default(),
            delivered_after: Vec::new(),
            happened: Happened::new(*known),
        };
        Self {
            mailing,
            moments,
            total: Series::default(),
            providers: known.iter().map(provider).collect(),
            excluded: Default::default(),
            reasons: Reasons::new(record),
            codes: Codes::new(record),
            attempts: Attempts::default(),
            happened: Happened::new(any),
            not_known: Track::default(),
        }
    }

    /// Takes in an event of this mailing.
    pub(super) fn take(&mut self, event: &Event, step: &Step) {
        let moment = self.moments.index(event.at);
        let provider = &mut self.providers[event.provider as usize];
        if counting::changes(event.kind, step) {
            self.total.note(moment, |counters| count(event.kind, step, counters));
            provider.series.note(moment, |counters| count(event.kind, step, counters));
        }
        if let EventKind::Excluded(reason) = event.kind {
            self.excluded[reason as usize].note(moment, |count| *count += 1);
        }
        if let EventKind::Settled { .. } = event.kind {
            self.attempts.note(step.after.state, step.after.attempts, moment);
            if step.after.state == State::Delivered {
                let after = event.at.saturating_sub(step.after.selected);
                provider.delivered_after.push((moment, after));
                if provider.happened.known == Known::No {
                    self.not_known.note(moment, |count| *count += 1);
                }
            }
        }
        self.reasons.take(event, step, moment);
        self.codes.take(event, moment);
    }

    /// Takes in what happened to a message of this mailing.
    pub(super) fn happened(&mut self, sequel: &Sequel) {
        let moment = self.moments.index(sequel.at);
        self.happened.note(sequel.what, moment);
        self.providers[sequel.provider as usize].happened.note(sequel.what, moment);
    }

    pub(super) fn finish(self) -> MailingFigures {
        let all = self.providers.iter().flat_map(|provider| provider.delivered_after.iter().copied());
        let mut all: Vec<(u16, Nanos)> = all.collect();
        all.sort_unstable();
        let time_to_deliver = Durations::over(&all);
        let reasons = [ExcludeReason::Error, ExcludeReason::OptOut, ExcludeReason::Duplicate];
        let providers = (0..).zip(self.providers).filter_map(|(id, provider)| provider.finish(id));
        let providers: Vec<ProviderFigures> = providers.collect();
        let (codes, codes_left_out) = self.codes.finish();
        MailingFigures {
            name: self.mailing.name.clone(),
            kind: self.mailing.kind,
            moments: self.moments,
            total: self.total,
            providers,
            excluded: reasons.into_iter().zip(self.excluded).filter(|(_, track)| track.last() > 0).collect(),
            reasons: self.reasons.finish(),
            codes,
            codes_left_out,
            attempts: self.attempts,
            time_to_deliver,
            happened: self.happened,
            not_known: self.not_known,
        }
    }
}

impl ProviderSweep {
    /// `None` if the mailing had nothing to do with the provider.
    fn finish(self, provider: ProviderId) -> Option<ProviderFigures> {
        let Self { series, delivered_after, happened } = self;
        let time_to_deliver = Durations::over(&delivered_after);
        (!series.changes().is_empty()).then_some(ProviderFigures {
            provider,
            series,
            time_to_deliver,
            happened,
        })
    }
}
