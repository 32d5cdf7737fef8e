//! A reply that a provider is known to give, with what it means and where it is known from.
//!
//! The meaning is what is true about the reply, not what its code says: both differ often enough that it is worth
//! testing a sender with them.

use smtp::{EnhancedStatusCode, Reply};

use super::{Particulars, Template};
use crate::Phase;

/// A reply that a provider is known to give.
#[derive(Debug, Clone)]
pub struct KnownReply {
    /// Its identifier, unique among all profiles (`gmail-004`).
    pub id: String,
    /// When it is given.
    pub phase: Phase,
    /// How well the phase is known.
    pub phase_basis: PhaseBasis,
    /// The basic code, 400 to 599.
    pub code: u16,
    /// The enhanced code, if the reply has one.
    pub enhanced: Option<EnhancedStatusCode>,
    /// The text without codes, lines separated by LF, with blanks.
    pub template: Template,
    /// The true reason (`mailbox-full`).
    pub category: String,
    /// What is true about time.
    pub permanence: Permanence,
    /// What it is a statement about.
    pub scope: Scope,
    /// How its code or its words mislead; `None` if they do not.
    pub misleading: Option<String>,
    /// How often it is met: a guess.
    pub frequency: Frequency,
    /// What kind of source it is known from.
    pub provenance: Provenance,
    /// The source.
    pub source: String,
    /// What else is worth knowing; may be empty.
    pub note: String,
    /// The reply itself, if its text has no blanks.
    pub(super) constant: Option<Reply>,
}

impl KnownReply {
    /// Whose reply it is, as the published facts name it: an id is made of that and a number.
    pub fn provider(&self) -> &str {
        self.id.rsplit_once('-').map_or(self.id.as_str(), |(provider, _)| provider)
    }

    /// The reply as it is given in these circumstances.
    pub fn in_words(&self, particulars: &Particulars<'_>) -> Reply {
        match &self.constant {
            Some(reply) => reply.clone(),
            None => Reply::new(self.code, self.enhanced, &self.template.fill(particulars)),
        }
    }
}

/// How well the phase of a reply is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseBasis {
    /// A log or a bounce names the command.
    Reported,
    /// Concluded from what the reply is about: plausible, not a fact.
    Inferred,
}

impl PhaseBasis {
    /// Its names in profiles.
    pub(super) const NAMES: &[(&str, Self)] = &[("reported", Self::Reported), ("inferred", Self::Inferred)];
}

/// What is true for the same message and recipient if nobody repairs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// A later try may pass.
    Temporary,
    /// It will not.
    Permanent,
}

impl Permanence {
    /// Its names in profiles.
    pub(super) const NAMES: &[(&str, Self)] =
        &[("temporary", Self::Temporary), ("permanent", Self::Permanent)];

    /// Its name in profiles.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

/// What a reply is a statement about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The address: only such a reply may lead to not mailing it again.
    Address,
    /// A live recipient that is busy.
    Recipient,
    /// The message.
    Message,
    /// The sending IP address.
    SenderIp,
    /// The sender's domain.
    SenderDomain,
    /// The connection.
    Connection,
    /// The receiving system.
    System,
}

impl Scope {
    /// Its names in profiles.
    pub(super) const NAMES: &[(&str, Self)] = &[
        ("address", Self::Address),
        ("recipient", Self::Recipient),
        ("message", Self::Message),
        ("sender-ip", Self::SenderIp),
        ("sender-domain", Self::SenderDomain),
        ("connection", Self::Connection),
        ("system", Self::System),
    ];

    /// Its name in profiles.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

/// How often a reply is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every sender knows it.
    Common,
    /// Now and then.
    Occasional,
    /// Hardly ever.
    Rare,
}

impl Frequency {
    /// Its names in profiles.
    pub(super) const NAMES: &[(&str, Self)] =
        &[("common", Self::Common), ("occasional", Self::Occasional), ("rare", Self::Rare)];
}

/// What kind of source a reply is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The provider's own page, or the program's own source.
    Official,
    /// Classification or shaping rules of mail software.
    RuleSet,
    /// Logs, bounces, catalogues, copies of provider tables.
    ObservedReport,
}

impl Provenance {
    /// Its names in profiles.
    pub(super) const NAMES: &[(&str, Self)] = &[
        ("official", Self::Official),
        ("rule-set", Self::RuleSet),
        ("observed-report", Self::ObservedReport),
    ];

    /// Its name in profiles.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}
