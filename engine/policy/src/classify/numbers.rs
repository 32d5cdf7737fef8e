//! What the numbers mean: enhanced codes (RFC 3463, RFC 5248 registry) and basic codes (RFC 5321 4.2).

use smtp::EnhancedStatusCode;

use super::{Meaning, meaning, soft};
use crate::verdict::{Category, Scope, Stage};

/// The reading of an enhanced code (RFC 3463); `None` where the number names no reason.
pub(super) fn enhanced(code: EnhancedStatusCode, stage: Stage) -> Option<Meaning> {
    use Category as C;
    Some(match (code.subject(), code.detail()) {
        (1, 1 | 6) => meaning(C::UnknownUser, Scope::Address, "enhanced X.1.1"),
        (1, 2 | 10) => meaning(C::BadDomain, Scope::Address, "enhanced X.1.2"),
        (1, 3 | 4) => meaning(C::UnknownUser, Scope::Address, "enhanced X.1.3"),
        (1, 7 | 8) => meaning(C::Authentication, Scope::Source, "enhanced X.1.8"),
        (2, 1) => meaning(C::MailboxDisabled, Scope::Address, "enhanced X.2.1"),
        (3, 1 | 2 | 5) => soft(C::TemporaryOutage, Scope::Site, "enhanced X.3"),
        (4, 6) => meaning(C::MailLoop, Scope::Message, "enhanced X.4.6"),
        (4, _) => soft(C::TemporaryOutage, Scope::Site, "enhanced X.4"),
        (5, 3) => soft(C::TooManyRecipients, Scope::Message, "enhanced X.5.3"),
        (5, 1 | 2 | 4 | 5) => meaning(C::ProtocolError, Scope::Us, "enhanced X.5"),
        (6, _) => meaning(C::PolicyContent, Scope::Message, "enhanced X.6"),
        (7, 13) => meaning(C::MailboxDisabled, Scope::Address, "enhanced X.7.13"),
        (7, 10 | 11) => meaning(C::TlsRequired, Scope::Us, "enhanced X.7.10"),
        (7, 20..=23 | 26) => meaning(C::Authentication, Scope::Source, "enhanced X.7.26"),
        (7, 25) => meaning(C::DnsPtr, Scope::Source, "enhanced X.7.25"),
        (7, 28) => soft(C::RateLimited, Scope::Source, "enhanced X.7.28"),
        // Microsoft's private range 4.7.500 to 4.7.899 throttles the source.
        (7, 500..=899) if code.class() == 4 => meaning(C::RateLimited, Scope::Source, "enhanced 4.7.5xx"),
        (7, _) => security(code.class(), stage),
        _ => return None,
    })
}

/// X.7.z, "security or policy": the most used subject, and the vaguest; the stage tells what was looked at.
fn security(class: u8, stage: Stage) -> Meaning {
    use Category as C;
    match (stage, class) {
        (Stage::Rcpt, 4) => meaning(C::Greylisted, Scope::Source, "enhanced 4.7 at RCPT"),
        (Stage::Rcpt, _) => meaning(C::RecipientPolicy, Scope::Source, "enhanced 5.7 at RCPT"),
        (Stage::Data | Stage::Body | Stage::EndOfData, 4) => {
            meaning(C::RateLimited, Scope::Source, "enhanced 4.7 after DATA")
        }
        (Stage::Data | Stage::Body | Stage::EndOfData, _) => {
            meaning(C::PolicyContent, Scope::Message, "enhanced 5.7 after DATA")
        }
        (Stage::Mail, 4) => meaning(C::RateLimited, Scope::Source, "enhanced 4.7 at MAIL"),
        (Stage::Dns | Stage::Connect | Stage::Greeting | Stage::Ehlo | Stage::Mail, _) => {
            meaning(C::IpReputation, Scope::Source, "enhanced X.7 before RCPT")
        }
    }
}

/// The reading of a basic code at the stage it was given at (RFC 5321 4.2.2, 4.2.3, 4.3.2).
pub(super) fn basic(code: u16, stage: Stage) -> Meaning {
    use Category as C;
    let early = stage < Stage::Rcpt;
    match code {
        421 => meaning(C::TemporaryOutage, Scope::Site, "basic 421"),
        450 if stage == Stage::Rcpt => meaning(C::Greylisted, Scope::Source, "basic 450 at RCPT"),
        400..=499 => meaning(C::TemporaryOutage, Scope::Site, "basic 4yz"),
        500..=504 | 555 => meaning(C::ProtocolError, Scope::Us, "basic 50z"),
        530 | 534 | 535 | 538 => meaning(C::Authentication, Scope::Us, "basic 53z"),
        521 | 556 => meaning(C::BadDomain, Scope::Address, "basic 556"),
        550 | 551 | 553 if stage == Stage::Rcpt => {
            meaning(C::UnknownUser, Scope::Address, "basic 550 at RCPT")
        }
        554 if stage == Stage::Rcpt => meaning(C::RecipientPolicy, Scope::Source, "basic 554 at RCPT"),
        _ if early => meaning(C::IpReputation, Scope::Source, "basic 5yz before RCPT"),
        _ if stage == Stage::Rcpt => meaning(C::Other, Scope::Message, "basic 5yz at RCPT"),
        _ => meaning(C::PolicyContent, Scope::Message, "basic 5yz after RCPT"),
    }
}
