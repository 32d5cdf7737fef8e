//! What a run leaves behind: plain, versioned data.
//!
//! A [`Record`] holds two accounts of the same run that were kept independently: the engine's ledger
//! ([`Record::events`]) and the fleet's receipts ([`Record::receipts`]). Laws compare them, expectations are read off
//! them, reports are drawn from them. Nothing here computes; nothing here is a float.
//!
//! Times are nanoseconds since the scenario's epoch. Indices (`u32`, `u16`) point into the tables of the record.

mod checks;
mod clock;
mod dialogues;
mod events;
pub mod files;
mod hex;
mod receipts;
mod run;
mod tables;
mod verdicts;

pub use checks::Checks;
pub use clock::Clock;
pub use dialogues::{Dialogue, DialogueLine, Extent, Voice};
pub use events::{Cause, Event, EventKind, ExcludeReason, Feedback, Outcome, Phase, VerdictRow};
pub use receipts::{Answer, Arrival, Connection, ConnectionEnd, Happening, Receipts, Sequel};
pub use run::{FORMAT_VERSION, Record, Timing};
pub use tables::{
    Contact, Counters, Host, Letter, Limits, Mailing, MailingKind, Provider, Rate, Reactivation, Repeat,
    Rule, RulePlace, Span, Status, StatusCause, Stray, StrayReason,
};
pub use verdicts::{Broken, Checked, ExpectationVerdict, Held, LawVerdict};

/// Index into [`Record::contacts`].
pub type ContactId = u32;
/// Index into [`Record::providers`].
pub type ProviderId = u32;
/// Index into [`Record::mailings`].
pub type MailingId = u16;
/// Index into [`Record::verdicts`].
pub type VerdictId = u32;
/// Nanoseconds since the scenario's epoch.
pub type Nanos = u64;
