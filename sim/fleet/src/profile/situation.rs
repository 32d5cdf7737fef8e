//! What can happen at a provider that it has words of its own for.
//!
//! Separate because three places meet here: profiles say which reply they give, behaviours say what has happened, and
//! each situation can only be noticed in certain phases of the dialogue.

use crate::Phase;

/// Something that happens at a provider, whatever its words for it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Situation {
    /// There is no such mailbox.
    UnknownMailbox,
    /// The mailbox is over its quota.
    FullMailbox,
    /// The mailbox exists, but takes no mail: suspended, inactive, given up.
    DisabledMailbox,
    /// The provider is out of order and says so instead of greeting.
    OutageGreeting,
    /// The front end works, but something behind it does not.
    TemporaryFailure,
    /// The message looks like spam.
    SpamContent,
    /// The sending address is blocked.
    SpamSource,
    /// The provider wants to see whether the client comes back.
    Greylisted,
    /// Too much mail in too little time.
    RateLimited,
    /// Too many connections of a client at once, or in too little time.
    ConnectionLimited,
    /// Too many messages in one connection.
    SessionLimited,
    /// Too many recipients for one message.
    TooManyRecipients,
    /// The message is larger than the provider takes.
    MessageTooLarge,
    /// The recipient gets too much mail in too little time.
    RecipientBusy,
    /// Too many refusals in one connection.
    TooManyErrors,
    /// The recipient's domain is none of this provider's.
    RelayDenied,
    /// The client sends mail in plain text, and the provider takes none.
    TlsRequired,
    /// SPF does not pass.
    SpfFailed,
    /// No signature verifies.
    DkimFailed,
    /// Neither SPF nor a signature passes.
    Unauthenticated,
    /// The author's domain asks that the message be refused, because it does not vouch for it.
    DmarcFailed,
    /// The author's domain has no DMARC policy.
    NoDmarcRecord,
    /// What SPF and signatures vouch for is not the author's domain.
    NotAligned,
    /// The client's address has no name, or the name another address.
    NoReverseDns,
    /// The name in EHLO is none, or has no address.
    BadEhloName,
    /// The message does not come inside TLS.
    NotEncrypted,
    /// Recipients cannot leave with one click.
    NoOneClick,
    /// The message has not the form of one.
    MalformedMessage,
    /// The message links to where it should not.
    UnwantedLink,
    /// The message carries what it should not.
    UnwantedAttachment,
}

impl Situation {
    /// All of them, in the order of the reference.
    pub const ALL: [Self; 30] = [
        Self::UnknownMailbox,
        Self::FullMailbox,
        Self::DisabledMailbox,
        Self::OutageGreeting,
        Self::TemporaryFailure,
        Self::SpamContent,
        Self::SpamSource,
        Self::Greylisted,
        Self::RateLimited,
        Self::ConnectionLimited,
        Self::SessionLimited,
        Self::TooManyRecipients,
        Self::MessageTooLarge,
        Self::RecipientBusy,
        Self::TooManyErrors,
        Self::RelayDenied,
        Self::TlsRequired,
        Self::SpfFailed,
        Self::DkimFailed,
        Self::Unauthenticated,
        Self::DmarcFailed,
        Self::NoDmarcRecord,
        Self::NotAligned,
        Self::NoReverseDns,
        Self::BadEhloName,
        Self::NotEncrypted,
        Self::NoOneClick,
        Self::MalformedMessage,
        Self::UnwantedLink,
        Self::UnwantedAttachment,
    ];

    /// The key in profiles and scenarios (`full_mailbox`).
    pub const fn key(self) -> &'static str {
        match self {
            Self::UnknownMailbox => "unknown_mailbox",
            Self::FullMailbox => "full_mailbox",
            Self::DisabledMailbox => "disabled_mailbox",
            Self::OutageGreeting => "outage_greeting",
            Self::TemporaryFailure => "temporary_failure",
            Self::SpamContent => "spam_content",
            Self::SpamSource => "spam_source",
            Self::Greylisted => "greylisted",
            Self::RateLimited => "rate_limited",
            Self::ConnectionLimited => "connection_limited",
            Self::SessionLimited => "session_limited",
            Self::TooManyRecipients => "too_many_recipients",
            Self::MessageTooLarge => "message_too_large",
            Self::RecipientBusy => "recipient_busy",
            Self::TooManyErrors => "too_many_errors",
            Self::RelayDenied => "relay_denied",
            Self::TlsRequired => "tls_required",
            Self::SpfFailed => "spf_failed",
            Self::DkimFailed => "dkim_failed",
            Self::Unauthenticated => "unauthenticated",
            Self::DmarcFailed => "dmarc_failed",
            Self::NoDmarcRecord => "no_dmarc_record",
            Self::NotAligned => "not_aligned",
            Self::NoReverseDns => "no_reverse_dns",
            Self::BadEhloName => "bad_ehlo_name",
            Self::NotEncrypted => "not_encrypted",
            Self::NoOneClick => "no_one_click",
            Self::MalformedMessage => "malformed_message",
            Self::UnwantedLink => "unwanted_link",
            Self::UnwantedAttachment => "unwanted_attachment",
        }
    }

    /// The situation with this key.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|situation| situation.key() == key)
    }

    /// The phases in which a server can notice it, and so may answer it.
    pub const fn phases(self) -> &'static [Phase] {
        match self {
            Self::UnknownMailbox | Self::FullMailbox | Self::DisabledMailbox => {
                &[Phase::Rcpt, Phase::Data, Phase::EndOfData]
            }
            Self::OutageGreeting => &[Phase::Greeting],
            Self::SpamContent => &[Phase::EndOfData],
            Self::Greylisted | Self::RelayDenied | Self::TooManyRecipients => &[Phase::Rcpt],
            Self::TlsRequired | Self::SessionLimited => &[Phase::Mail],
            Self::MessageTooLarge => &[Phase::Mail, Phase::EndOfData],
            Self::RecipientBusy => &[Phase::Rcpt, Phase::EndOfData],
            Self::ConnectionLimited => &[Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt],
            Self::SpfFailed | Self::NotEncrypted => {
                &[Phase::Mail, Phase::Rcpt, Phase::Data, Phase::EndOfData]
            }
            Self::BadEhloName => &[Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::EndOfData],
            Self::DkimFailed
            | Self::Unauthenticated
            | Self::DmarcFailed
            | Self::NoDmarcRecord
            | Self::NotAligned
            | Self::NoOneClick
            | Self::MalformedMessage
            | Self::UnwantedLink
            | Self::UnwantedAttachment => &[Phase::EndOfData],
            Self::TemporaryFailure
            | Self::SpamSource
            | Self::RateLimited
            | Self::TooManyErrors
            | Self::NoReverseDns => &Phase::OF_KNOWN_REPLIES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_names_its_situation() {
        for situation in Situation::ALL {
            assert_eq!(Situation::named(situation.key()), Some(situation));
            assert!(!situation.phases().is_empty());
        }
        assert_eq!(Situation::named("full"), None);
    }
}
