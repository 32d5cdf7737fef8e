//! The exit codes: part of the interface, so they never change their meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All held.
    Held,
    /// At least one expectation failed.
    Failed,
    /// The arguments make no sense.
    Usage,
    /// A scenario is invalid; nothing ran.
    Invalid,
    /// Nothing matched: no scenario, no contact.
    NothingMatched,
    /// The same seed gave a different result.
    NotReproducible,
    /// A law was broken: a bug in Bouncelab.
    LawBroken,
    /// Something went wrong inside: a bug in Bouncelab.
    Internal,
    /// The environment did not allow it: a file could not be read or written.
    Environment,
    /// Interrupted; partial results were written.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Held,
        Self::Failed,
        Self::Usage,
        Self::Invalid,
        Self::NothingMatched,
        Self::NotReproducible,
        Self::LawBroken,
        Self::Internal,
        Self::Environment,
        Self::Interrupted,
    ];

    /// The code that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::NothingMatched => 4,
            Self::NotReproducible => 7,
            Self::LawBroken => 8,
            Self::Internal => 70,
            Self::Environment => 74,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for the help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Held => "all held",
            Self::Failed => "an expectation failed",
            Self::Usage => "wrong usage",
            Self::Invalid => "a scenario is invalid, nothing ran",
            Self::NothingMatched => "nothing matched: no scenario, or no such contact",
            Self::NotReproducible => "the same seed gave a different result",
            Self::LawBroken => "a law was broken: a bug in Bouncelab",
            Self::Internal => "an internal error: a bug in Bouncelab",
            Self::Environment => "the environment: a file could not be read or written",
            Self::Interrupted => "interrupted, partial results written",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
