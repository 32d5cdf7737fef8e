//! The exit codes: part of the interface, so they never change their meaning.

use std::process::ExitCode;

use reports::{DefectKind, Standing};

/// How a command ended. If several apply, the gravest counts: see [`Exit::graver`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All held.
    Held,
    /// At least one expectation failed, or two runs that were compared differ.
    Failed,
    /// The arguments make no sense, would overwrite one result with another, or ask of a server what it cannot do.
    Usage,
    /// A scenario is invalid and nothing ran, or a line of a file of replies is.
    Invalid,
    /// Nothing matched: no scenario, no contact.
    NothingMatched,
    /// Real time was up before the work was done.
    TimeLimit,
    /// The same seed gave a different result.
    NotReproducible,
    /// A law was broken, a run came to a deadlock, or the referee disagrees: a bug in Bouncelab.
    LawBroken,
    /// Something went wrong inside: a bug in Bouncelab.
    Internal,
    /// The environment did not allow it: something could not be read or written.
    Environment,
    /// Interrupted; what was finished is reported and written.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Held,
        Self::Failed,
        Self::Usage,
        Self::Invalid,
        Self::NothingMatched,
        Self::TimeLimit,
        Self::NotReproducible,
        Self::LawBroken,
        Self::Internal,
        Self::Environment,
        Self::Interrupted,
    ];

    /// The gravest first: bugs of ours, then what kept the command from its work, then what was found.
    const BY_GRAVITY: [Self; 11] = [
        Self::LawBroken,
        Self::Internal,
        Self::NotReproducible,
        Self::Environment,
        Self::TimeLimit,
        Self::Interrupted,
        Self::Usage,
        Self::Invalid,
        Self::NothingMatched,
        Self::Failed,
        Self::Held,
    ];

    /// The graver of two. A bug of Bouncelab is graver than anything else, because then nothing that was found can be
    /// trusted: 8 before 70 before 7. Then comes what kept the command from finishing: 74 before 6 before 130 before 2, 3 and 4.
    /// What it found, 1, comes last.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        let first = Self::BY_GRAVITY.into_iter().find(|exit| [self, other].contains(exit));
        first.unwrap_or(self)
    }

    /// Which one counts, in a sentence for the help.
    pub(crate) fn precedence() -> String {
        let [bad @ .., Self::Held] = Self::BY_GRAVITY else { return String::new() };
        let codes: Vec<_> = bad.iter().map(|exit| exit.code().to_string()).collect();
        format!("If several apply, the first of these counts: {}.", codes.join(", "))
    }

    /// The code that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::NothingMatched => 4,
            Self::TimeLimit => 6,
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
            Self::Failed => "an expectation failed, somebody was not delivered to, or two runs differ",
            Self::Usage => "wrong usage",
            Self::Invalid => "a scenario or mailing is invalid, nothing ran; or a line of replies is",
            Self::NothingMatched => "nothing matched: no scenario, no such contact, or no such provider",
            Self::TimeLimit => "the time limit was reached before the work was done",
            Self::NotReproducible => "the same seed gave a different result",
            Self::LawBroken => "a broken law, a deadlock, or a referee that disagrees: a bug in Bouncelab",
            Self::Internal => "an internal error: a bug in Bouncelab",
            Self::Environment => "the environment: something could not be read or written",
            Self::Interrupted => "interrupted; what was finished is reported and written",
        }
    }
}

/// How a command ends that has nothing else to tell than how one scenario stands.
impl From<Standing> for Exit {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Unlawful | Standing::Defective(DefectKind::Deadlock | DefectKind::Disagreement) => {
                Self::LawBroken
            }
            Standing::Defective(DefectKind::InternalError) => Self::Internal,
            Standing::Defective(DefectKind::NotReproducible) => Self::NotReproducible,
            Standing::Defective(DefectKind::Stalled | DefectKind::TimeLimit) => Self::TimeLimit,
            Standing::Defective(DefectKind::NoSockets | DefectKind::NoReferee) => Self::Environment,
            Standing::Defective(DefectKind::BeyondReferee) => Self::Usage,
            Standing::NotReached => Self::Interrupted,
            Standing::Refused => Self::Invalid,
            Standing::Failed => Self::Failed,
            Standing::Silent | Standing::Held => Self::Held,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_counts() {
        let order = [8, 70, 7, 74, 6, 130, 2, 3, 4, 1, 0];
        assert_eq!(Exit::BY_GRAVITY.map(Exit::code), order);
        for (place, grave) in Exit::BY_GRAVITY.into_iter().enumerate() {
            for light in &Exit::BY_GRAVITY[place..] {
                assert_eq!(grave.graver(*light), grave);
                assert_eq!(light.graver(grave), grave);
            }
        }
    }

    #[test]
    fn every_exit_has_a_place() {
        assert!(Exit::ALL.into_iter().all(|exit| Exit::BY_GRAVITY.contains(&exit)));
        assert!(Exit::ALL.map(Exit::code).is_sorted());
    }
}
