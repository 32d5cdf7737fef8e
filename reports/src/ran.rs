//! What reports keep of a run that has a record: enough for each of them, and little.
//!
//! The record of a million contacts takes a gigabyte, and a suite may have a hundred of them. So a record is digested as
//! soon as its run has ended, and can be dropped; what is kept grows with what was checked, not with who was mailed.

use record::{Checked, Counters, EventKind, Held, LawVerdict, MailingKind, Nanos, Record, Timing};

use crate::command;
use crate::idle::{self, IdleRule};
use crate::silence::Silence;
use crate::tally::{self, ProviderTally};

/// A scenario that was run and has a record.
#[derive(Debug, Clone)]
pub struct Ran {
    pub(crate) scenario: String,
    pub(crate) about: String,
    pub(crate) file: String,
    pub(crate) seed: u64,
    pub(crate) digest: u64,
    pub(crate) ended: Nanos,
    pub(crate) horizon: Nanos,
    pub(crate) contacts: u64,
    /// Counted attempts of all recipients.
    pub(crate) attempts: u64,
    pub(crate) mailings: Vec<MailingTally>,
    pub(crate) providers: Vec<ProviderTally>,
    pub(crate) checked: Checked,
    /// Rules and spans that never had anything to say.
    pub(crate) idle: Vec<IdleRule>,
    /// If nothing was sent.
    pub(crate) silence: Option<Silence>,
    pub(crate) timing: Timing,
    pub(crate) source: Option<String>,
    pub(crate) record_dir: Option<String>,
    pub(crate) page: Option<String>,
    /// Where its page is, as seen from the page over all scenarios: a path, not a URL.
    pub(crate) link: Option<String>,
}

/// What became of the recipients of one mailing, as the engine counted them.
#[derive(Debug, Clone)]
pub(crate) struct MailingTally {
    pub(crate) name: String,
    pub(crate) kind: MailingKind,
    pub(crate) counters: Counters,
}

impl Ran {
    /// Digests a record. `timing` is how long the run took.
    pub fn of(record: &Record, timing: Timing) -> Self {
        let ended = |kind| matches!(kind, EventKind::AttemptEnded { .. });
        let mailing = |mailing: &record::Mailing| MailingTally {
            name: mailing.name.clone(),
            kind: mailing.kind,
            counters: mailing.counters,
        };
        Self {
            scenario: record.scenario.clone(),
            about: record.about.clone(),
            file: record.file.clone(),
            seed: record.seed,
            digest: record.digest,
            ended: record.ended,
            horizon: record.horizon,
            contacts: record.contacts.len() as u64,
            attempts: record.events.iter().filter(|event| ended(event.kind)).count() as u64,
            mailings: record.mailings.iter().map(mailing).collect(),
            providers: tally::by_provider(record),
            checked: record.checked.clone(),
            idle: idle::of(record),
            silence: Silence::of(record),
            timing,
            source: None,
            record_dir: None,
            page: None,
            link: None,
        }
    }

    /// With the text of the scenario file, of which lines are quoted; without it, an expectation is quoted alone.
    #[must_use]
    pub fn quoting(self, source: &str) -> Self {
        Self { source: Some(source.to_owned()), ..self }
    }

    /// With the directory that the record was written to, as the user would name it. Suggested commands read stories
    /// from there; without it, they run the scenario again.
    #[must_use]
    pub fn kept_in(self, record_dir: String) -> Self {
        Self { record_dir: Some(record_dir), ..self }
    }

    /// With the path of its Response page, as the user would name it. Reports that can link to it do.
    #[must_use]
    pub fn shown_on(self, page: String) -> Self {
        Self { page: Some(page), ..self }
    }

    /// With the way to its page from the page over all scenarios: a path, not a URL.
    #[must_use]
    pub fn linked_by(self, link: String) -> Self {
        Self { link: Some(link), ..self }
    }

    /// How long the run took.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The command that runs the scenario again with its seed, ready for a shell; `None` if its file is not known.
    pub fn again(&self) -> Option<String> {
        command::run_again(self)
    }

    /// The name of the scenario, or its file if it has none.
    pub(crate) fn name(&self) -> &str {
        if self.scenario.is_empty() { &self.file } else { &self.scenario }
    }

    /// The file of the scenario, or its name if the file is not known.
    pub(crate) fn place(&self) -> &str {
        if self.file.is_empty() { &self.scenario } else { &self.file }
    }

    pub(crate) fn expectations(&self) -> u64 {
        self.checked.expectations.len() as u64
    }

    pub(crate) fn expectations_held(&self) -> u64 {
        self.checked.expectations.iter().filter(|verdict| verdict.held == Held::Yes).count() as u64
    }

    pub(crate) fn expectations_failed(&self) -> u64 {
        self.expectations() - self.expectations_held()
    }

    pub(crate) fn broken_laws(&self) -> impl Iterator<Item = &LawVerdict> {
        self.checked.laws.iter().filter(|verdict| !verdict.broken.is_empty())
    }
}
