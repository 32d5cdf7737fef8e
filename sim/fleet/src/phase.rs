//! The points of a dialogue at which a server answers.
//!
//! The fleet's own list, because profiles, scenarios and receipts name phases, and none of them may depend on how the
//! sessions of the grammar are cut.

/// A point at which a server answers (RFC 5321 3.1 to 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The connection is open; the server speaks first.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before the message.
    Data,
    /// The message is complete.
    EndOfData,
}

/// A set of phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phases(u32);

impl Phases {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All of them.
    pub const ALL: Self = Self(u32::MAX);

    /// One of them.
    pub const fn only(phase: Phase) -> Self {
        Self(1 << phase as u32)
    }

    /// These and another one.
    #[must_use]
    pub const fn and(self, phase: Phase) -> Self {
        Self(self.0 | 1 << phase as u32)
    }

    /// Whether it has this one.
    pub const fn has(self, phase: Phase) -> bool {
        self.0 & (1 << phase as u32) != 0
    }

    /// The last phase that it has, in the order of the dialogue; `None` if it has none.
    pub fn last(self) -> Option<Phase> {
        Phase::ALL.into_iter().rev().find(|phase| self.has(*phase))
    }
}

impl Phase {
    /// All of them, in the order of the dialogue.
    pub const ALL: [Self; 6] =
        [Self::Greeting, Self::Ehlo, Self::Mail, Self::Rcpt, Self::Data, Self::EndOfData];

    /// The first of them.
    pub const FIRST: Self = Self::ALL[0];

    /// How scenarios write it.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("greeting", Self::Greeting),
        ("ehlo", Self::Ehlo),
        ("mail", Self::Mail),
        ("rcpt", Self::Rcpt),
        ("data", Self::Data),
        ("end_of_data", Self::EndOfData),
    ];

    /// How profiles write it.
    pub(crate) const IN_PROFILES: &'static [(&'static str, Self)] = &[
        ("connect", Self::Greeting),
        ("ehlo", Self::Ehlo),
        ("mail", Self::Mail),
        ("rcpt", Self::Rcpt),
        ("data", Self::Data),
        ("end-of-data", Self::EndOfData),
    ];

    /// How scenarios and records write it (`end_of_data`).
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, phase)| *phase == self).map_or("", |(word, _)| word)
    }

    /// Its name in profiles, which is that of the published facts (`end-of-data`).
    pub fn name(self) -> &'static str {
        Self::IN_PROFILES.iter().find(|(_, phase)| *phase == self).map_or("", |(name, _)| name)
    }

    /// The command that is answered; empty for the greeting, which answers none.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Greeting => "",
            Self::Ehlo => "EHLO",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data | Self::EndOfData => "DATA",
        }
    }
}
