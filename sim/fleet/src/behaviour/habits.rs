//! What a server is like all through a connection: what it offers, how it writes, and how its bytes travel.
//!
//! Separate from acts, which are done once: a habit is decided when the connection is opened, and nobody is asked again.

use std::time::Duration;

use smtp::{Extensions, Reply};

/// What a server is like all through a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habits {
    /// What EHLO offers. STARTTLS is not decided here.
    pub extensions: Extensions,
    /// What EHLO is answered with by a server that only knows HELO.
    pub without_ehlo: Option<Reply>,
    /// How it makes sure that the client waits for the greeting.
    pub early_talker: Option<EarlyTalker>,
    /// How it ends the lines of its answers.
    pub line_ends: LineEnds,
    /// What DATA leads to if nobody was accepted.
    pub data_in_vain: DataInVain,
    /// How its bytes travel.
    pub network: Network,
}

/// A check that a client waits for the greeting.
// RFC 5321 3.1, 4.3.1: a client must wait for it; Postfix calls the check postscreen_greet_action
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyTalker {
    /// How long the greeting is held back.
    pub wait: Duration,
    /// What a client is told that speaks before it.
    pub refusal: Reply,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnds {
    /// With CR and LF, as the standard says.
    #[default]
    CrLf,
    /// With LF alone.
    Lf,
}

/// What DATA leads to if nobody was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataInVain {
    /// It is refused.
    #[default]
    Refused,
    /// It is taken, and so is a message that is for nobody.
    Taken,
}

/// How bytes travel between client and server. The default is at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Network {
    /// How long a byte takes, in nanoseconds, one after the other, in both directions.
    pub nanos_per_byte: u64,
    /// In which pieces the server's words come.
    pub pieces: Option<Pieces>,
    /// After how many bytes from the client the connection is reset, before the next one arrives.
    pub cut_after: Option<u64>,
    /// How long it takes until the client sees that the server has closed.
    pub slow_close: Duration,
}

/// Words in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    /// Bytes of a piece; at least one.
    pub bytes: usize,
    /// The time from one piece to the next.
    pub every: Duration,
}

impl Pieces {
    /// The time from the first piece of so many bytes to the last.
    pub fn take(self, bytes: usize) -> Duration {
        let gaps = bytes.div_ceil(self.bytes).saturating_sub(1);
        self.every.saturating_mul(u32::try_from(gaps).unwrap_or(u32::MAX))
    }
}

impl Network {
    /// The time from the first byte of so many to the last that the client can read.
    pub(crate) fn spread(&self, bytes: usize) -> Duration {
        self.pieces.map_or(Duration::ZERO, |pieces| pieces.take(bytes))
    }

    /// How long so many bytes are on their way.
    pub(crate) const fn travel(&self, bytes: usize) -> Duration {
        Duration::from_nanos(self.nanos_per_byte.saturating_mul(bytes as u64))
    }
}
