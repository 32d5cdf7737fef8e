//! Fake mailbox providers: servers, behaviours, mailboxes, DNS and receipts.
//!
//! A fleet is what an engine under test delivers to. It shares nothing with the engine but the grammar of the protocol
//! (`smtp`) and values (`units`); it knows neither clock nor sockets, draws all chance from a seed, and writes down
//! what it saw.
//!
//! - [`FleetBuilder`], [`ProviderSpec`], [`Active`], [`Pace`]: putting a fleet together
//! - [`Fleet`], [`Dns`], [`Dial`]: looking up domains, dialling hosts
//! - [`Server`], [`Handshake`], [`Exchange`]: the other end of a connection, and what it was asked
//! - [`RuleState`], [`Told`], [`Tally`]: looking at a fleet at work
//! - [`Receipts`] and its rows: what the fleet saw and answered; [`Dialogue`]: word for word, in a sample of connections
//! - [`Echo`], [`Outbox`]: what comes back from providers after they accepted a message
//! - [`definitions`], [`read_behaviour`], [`Behaviour`]: what providers can do, one file each in `behaviour/`
//! - [`WHEN`], [`read_when`], [`When`]: under which conditions, one row each in `condition/`
//! - [`magic`]: addresses that say themselves what becomes of them
//! - [`library`], [`Profile`], [`Situation`], [`KnownReply`]: how providers word it, data in `scenarios/providers/`

mod afterwards;
mod attempts;
pub mod behaviour;
mod builder;
mod checks;
mod condition;
mod control;
mod conversation;
mod courtesies;
pub mod dns;
pub mod echo;
mod exchange;
mod fleet;
mod journal;
pub mod magic;
mod phase;
pub mod profile;
mod provider;
mod receipts;
mod roster;
mod rules;
mod sample;
mod server;
#[cfg(test)]
mod testing;
mod transcript;

pub use behaviour::{Behaviour, Certificate, definitions, read_behaviour};
pub use builder::{Dialogues, FleetBuilder, FleetError, Offering, Pace, ProviderSpec};
pub use checks::{Check, Finding, Findings, SenderZone};
pub use condition::{Spans, WHEN, When, read_when};
pub use control::{Fate, RuleState, Tally, Told, ToldSequel, Who};
pub use conversation::Handshake;
pub use dns::{Dns, Lookup, MxRecord, Saying, StsMode, StsPolicy, Tlsa};
pub use echo::{Echo, EchoKind, Outbox};
pub use exchange::{Asked, Exchange};
pub use fleet::{Dial, Fleet};
pub use phase::{Phase, Phases};
pub use profile::{Habit, KnownReply, Library, Particulars, Profile, Situation, library};
pub use provider::{Active, Switch, Times};
pub use receipts::{Answered, Arrival, Connection, ConnectionEnd, Happening, Receipts, RuleUse, Sequel};
pub use roster::Roster;
pub use server::Server;
pub use transcript::{Dialogue, Extent, Spoken, Voice};
