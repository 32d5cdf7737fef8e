//! What was said, word for word, in a sample of a run's connections: too much to keep of all, and worth a thousand codes where
//! it is kept.
//!
//! A file of its own beside the receipts, because nothing is judged by it: receipts are complete, dialogues are there to be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Nanos, ProviderId};

/// The words of one connection, as its server heard and said them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// The provider.
    pub provider: ProviderId,
    /// The connection, by its number ([`crate::Connection::number`]).
    pub connection: u32,
    /// The lines, in order; at most [`Dialogue::MAX_LINES`], and [`Dialogue::MAX_BYTES`] of text.
    pub lines: Vec<DialogueLine>,
    /// Whether more was said than is kept.
    pub extent: Extent,
}

impl Dialogue {
    /// How many lines of a connection are kept at most.
    pub const MAX_LINES: usize = 200;
    /// How many bytes of text are kept of a connection at most, in all its lines.
    pub const MAX_BYTES: usize = 16 * 1024;
}

/// Whether all that was said is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// The beginning: there was more than is kept of one connection.
    Cut,
}

/// One line of a dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogueLine {
    /// When it was heard, or had been said, in nanoseconds since the scenario's epoch.
    pub at: Nanos,
    /// Whose line it is.
    pub from: Voice,
    /// What was said, without the end of its line. Control characters are replaced, and secrets by `***`. Foreign input.
    pub text: String,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The engine's.
    Client,
    /// The provider's.
    Server,
    /// Nobody's: it tells what happened and was not said, as `the connection is reset`.
    Note,
}
