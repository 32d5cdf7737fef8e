//! The points of a dialogue at which a server can answer, or do something else.
//!
//! The fleet's own list, because profiles, scenarios and receipts name phases, and none of them may depend on how the
//! sessions of the grammar are cut.

/// A point at which a server can do something (RFC 5321 3.1 to 3.3, 4.1.1; RFC 3207; RFC 4954; RFC 3030).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The connection is open, and nothing is said yet.
    Connect,
    /// The server speaks first.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// The TLS handshake.
    TlsHandshake,
    /// AUTH, when the client has said who it is.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before the message.
    Data,
    /// In the middle of the message.
    Body,
    /// The message is complete.
    EndOfData,
    /// The first BDAT of a message.
    Bdat,
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// VRFY.
    Vrfy,
    /// QUIT.
    Quit,
    /// The server waits for a command, and none comes.
    Idle,
}

/// A phase, and how it is written.
type Words = &'static [(&'static str, Phase)];
/// A set of phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phases(u32);

impl Phases {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All at which something is said or asked. In the middle of a message, and while nothing is said, only those are
    /// asked that name the phase, because it costs time.
    pub const ALL: Self = Self(!(Self::only(Phase::Body).0 | Self::only(Phase::Idle).0));

    /// Those in which replies that are known are said.
    pub const OF_KNOWN_REPLIES: Self = Self::of(&Phase::OF_KNOWN_REPLIES);

    /// These.
    pub const fn of(phases: &[Phase]) -> Self {
        match phases {
            [] => Self::NONE,
            [first, rest @ ..] => Self::of(rest).and(*first),
        }
    }

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
    pub const ALL: [Self; 17] = [
        Self::Connect,
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::TlsHandshake,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::EndOfData,
        Self::Bdat,
        Self::Rset,
        Self::Noop,
        Self::Vrfy,
        Self::Quit,
        Self::Idle,
    ];

    /// Those at which the known replies of real providers are given.
    pub const OF_KNOWN_REPLIES: [Self; 6] =
        [Self::Greeting, Self::Ehlo, Self::Mail, Self::Rcpt, Self::Data, Self::EndOfData];

    /// The first of them.
    pub const FIRST: Self = Self::ALL[0];

    /// How scenarios write it.
    pub const WORDS: Words = &[
        ("connect", Self::Connect),
        ("greeting", Self::Greeting),
        ("ehlo", Self::Ehlo),
        ("starttls", Self::StartTls),
        ("tls_handshake", Self::TlsHandshake),
        ("auth", Self::Auth),
        ("mail", Self::Mail),
        ("rcpt", Self::Rcpt),
        ("data", Self::Data),
        ("body", Self::Body),
        ("end_of_data", Self::EndOfData),
        ("bdat", Self::Bdat),
        ("rset", Self::Rset),
        ("noop", Self::Noop),
        ("vrfy", Self::Vrfy),
        ("quit", Self::Quit),
        ("idle", Self::Idle),
    ];

    /// How profiles write it.
    pub(crate) const IN_PROFILES: Words = &[
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

    /// Its name in profiles, which is that of the published facts (`end-of-data`); empty if no known reply is given then.
    pub fn name(self) -> &'static str {
        Self::IN_PROFILES.iter().find(|(_, phase)| *phase == self).map_or("", |(name, _)| name)
    }

    /// The command that is answered; empty where none is.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Connect | Self::Greeting | Self::TlsHandshake | Self::Idle => "",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data | Self::Body | Self::EndOfData => "DATA",
            Self::Bdat => "BDAT",
            Self::Rset => "RSET",
            Self::Noop => "NOOP",
            Self::Vrfy => "VRFY",
            Self::Quit => "QUIT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;

    #[test]
    fn every_phase_has_a_word_of_its_own() {
        let words: Vec<&str> = Phase::ALL.into_iter().map(Phase::word).collect();
        assert_eq!(words, Phase::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        assert!(Phase::OF_KNOWN_REPLIES.into_iter().all(|phase| !phase.name().is_empty()));
    }
}
