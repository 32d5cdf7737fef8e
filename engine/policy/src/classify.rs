//! Which rule gives an answer its meaning.
//!
//! In this order, the first that applies decides:
//! 1. the exceptions that mislead most often ([`EXCEPTIONS`]);
//! 2. the enhanced status code (RFC 3463, RFC 5248 registry), as far as its number names a reason;
//! 3. the basic code together with the stage it was given at (RFC 5321 4.2).
//!
//! This is the reading by number. It does not know providers: the same number is read alike everywhere.

use std::sync::Arc;

use smtp::client::{Loss, Obstacle};
use smtp::{EnhancedStatusCode, Reply, ReplyClass};

use crate::verdict::{Category, Class, Disposition, Evidence, Finding, Scope, Stage, Verdict};

/// What a reply means that was given at `stage`.
pub fn reply(stage: Stage, reply: &Reply) -> Verdict {
    if matches!(reply.code().class(), ReplyClass::Positive) {
        return ACCEPTED;
    }
    let meaning = exception(reply)
        .or_else(|| reply.enhanced().and_then(|code| enhanced(code, stage)))
        .unwrap_or_else(|| basic(reply.code().get(), stage));
    let class = meaning.class.unwrap_or_else(|| class_of(reply));
    let throttled = stage >= Stage::Mail && is_throttling(reply, stage, class, &meaning);
    Verdict {
        class,
        category: meaning.category,
        scope: if reply.code().get() == 421 && stage >= Stage::Mail {
            Scope::Connection
        } else {
            meaning.scope
        },
        disposition: match class {
            _ if throttled => Disposition::SlowDown,
            Class::Hard => Disposition::GiveUp,
            Class::Soft | Class::Delivered | Class::Uncertain => Disposition::Retry,
        },
        rule: if throttled && reply.code().get() == 421 { "throttled 421" } else { meaning.rule },
    }
}

/// Accepted at the end of data.
pub const ACCEPTED: Verdict = Verdict {
    class: Class::Delivered,
    category: Category::Other,
    scope: Scope::Message,
    disposition: Disposition::Done,
    rule: "accepted",
};

/// No server of the destination could be reached, or none wanted to talk.
pub const UNREACHABLE: Verdict = Verdict {
    class: Class::Soft,
    category: Category::TemporaryOutage,
    scope: Scope::Site,
    disposition: Disposition::Retry,
    rule: "unreachable",
};

/// What a refused greeting or EHLO means: the host could not be reached, whatever the code; the reason is the reply's.
pub fn not_greeted(stage: Stage, refusal: &Arc<Reply>) -> Finding {
    let verdict = Verdict { class: Class::Soft, disposition: Disposition::Retry, ..reply(stage, refusal) };
    Finding { stage, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// The connection died before anything was decided.
pub const LOST: Verdict = Verdict { rule: "connection lost", scope: Scope::Connection, ..UNREACHABLE };

/// A kept connection turned out to be closed when it was used again.
pub const STALE: Verdict =
    Verdict { rule: "kept connection closed", disposition: Disposition::TryAgain, ..LOST };

/// The answer to the final dot names this recipient, one of several: it is about this one. With one answer for all of them
/// (RFC 5321 4.1.1.4), that is how a server that checks mailboxes only then tells whom it means.
pub fn named(refusal: &Arc<Reply>) -> Finding {
    let verdict = reply(Stage::EndOfData, refusal);
    let category = if verdict.class == Class::Hard { Category::UnknownUser } else { verdict.category };
    let verdict = Verdict { category, scope: Scope::Address, rule: "names the recipient", ..verdict };
    Finding { stage: Stage::EndOfData, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// The answer to the final dot names others of the transaction: nothing is known of this recipient.
pub fn not_named(refusal: &Arc<Reply>) -> Finding {
    let disposition = Disposition::TryAgain;
    let verdict = Verdict {
        class: Class::Soft,
        disposition,
        rule: "names another recipient",
        ..reply(Stage::EndOfData, refusal)
    };
    Finding { stage: Stage::EndOfData, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// The connection died between the final dot and the reply.
pub const UNCERTAIN: Verdict = Verdict {
    class: Class::Uncertain,
    category: Category::Other,
    scope: Scope::Connection,
    disposition: Disposition::AskPolicy,
    rule: "reply lost after the final dot",
};

/// The DNS says that the domain does not exist, or that it takes no mail (RFC 7505).
pub const BAD_DOMAIN: Verdict = Verdict {
    class: Class::Hard,
    category: Category::BadDomain,
    scope: Scope::Address,
    disposition: Disposition::GiveUp,
    rule: "no mail exchanger",
};

/// What a lost connection means at `stage`, with words for what happened.
pub fn loss(loss: &Loss) -> &'static str {
    match loss {
        Loss::Closed => "connection closed by the server",
        Loss::Reset => "connection reset",
        Loss::TimedOut => "no answer in time",
        Loss::Garbled(_) => "the server's answer was not SMTP",
        Loss::Interrupted => "the window closed",
    }
}

/// What it means that the message cannot be sent to this server at all, with words for it.
pub fn obstacle(obstacle: &Obstacle) -> (Verdict, &'static str) {
    let refused = Verdict {
        class: Class::Hard,
        category: Category::MessageTooLarge,
        scope: Scope::Message,
        disposition: Disposition::GiveUp,
        rule: "larger than the announced SIZE",
    };
    match obstacle {
        Obstacle::TooLarge { .. } => (refused, "the message is larger than the server takes"),
        Obstacle::EightBit => (
            Verdict { category: Category::ProtocolError, rule: "8BITMIME not offered", ..refused },
            "the message has 8-bit lines, the server takes 7-bit ones",
        ),
    }
}

/// What a rule says; the class is that of the code unless the rule knows better.
struct Meaning {
    class: Option<Class>,
    category: Category,
    scope: Scope,
    rule: &'static str,
}

const fn meaning(category: Category, scope: Scope, rule: &'static str) -> Meaning {
    Meaning { class: None, category, scope, rule }
}

/// A misleading answer: recognised by words or numbers, read against its code.
struct Exception {
    applies: fn(code: u16, detail: Option<(u16, u16)>, text: &str) -> bool,
    meaning: Meaning,
}

/// The exceptions that the product's rules name.
const EXCEPTIONS: [Exception; 3] = [
    // A message that is too large is refused with 552 as well (RFC 1870 6.1); only the enhanced code tells.
    Exception {
        applies: |_, detail, _| matches!(detail, Some((3, 4) | (2, 3))),
        meaning: Meaning {
            class: None,
            category: Category::MessageTooLarge,
            scope: Scope::Message,
            rule: "message-too-large",
        },
    },
    // A full mailbox is soft even as 552.
    Exception {
        applies: |code, detail, text| {
            code == 552
                || code == 422
                || matches!(detail, Some((2, 2)))
                || contains_any(text, &FULL_MAILBOX_WORDS)
        },
        meaning: Meaning {
            class: Some(Class::Soft),
            category: Category::MailboxFull,
            scope: Scope::Address,
            rule: "full-mailbox",
        },
    },
    // An hourly limit is not a hard bounce even as 550.
    Exception {
        applies: |code, _, text| code >= 500 && contains_any(text, &LIMIT_WORDS),
        meaning: Meaning {
            class: Some(Class::Soft),
            category: Category::RateLimited,
            scope: Scope::Source,
            rule: "limit-per-time",
        },
    },
];

const FULL_MAILBOX_WORDS: [&str; 5] =
    ["mailbox full", "full mailbox", "mailbox is full", "over quota", "overquota"];
const LIMIT_WORDS: [&str; 6] =
    ["this hour", "per hour", "frequency limited", "rate limit", "rate limited", "at a rate that"];

fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn exception(reply: &Reply) -> Option<Meaning> {
    let text = reply.text().to_ascii_lowercase();
    let detail = reply.enhanced().map(|code| (code.subject(), code.detail()));
    EXCEPTIONS
        .into_iter()
        .find(|exception| (exception.applies)(reply.code().get(), detail, &text))
        .map(|exception| exception.meaning)
}

/// The class that the code claims: of the enhanced code if there is one, else of the basic code.
fn class_of(reply: &Reply) -> Class {
    match reply.enhanced().map(EnhancedStatusCode::class) {
        Some(5) => Class::Hard,
        Some(_) => Class::Soft,
        None if matches!(reply.code().class(), ReplyClass::Permanent) => Class::Hard,
        None => Class::Soft,
    }
}

/// An answer that slows us down instead of saying something about the recipient: 421 once the session stands
/// (RFC 5321 3.8), and temporary answers about the source at MAIL, where no recipient is known yet.
fn is_throttling(reply: &Reply, stage: Stage, class: Class, meaning: &Meaning) -> bool {
    let about_the_source = matches!(meaning.scope, Scope::Source | Scope::Connection);
    reply.code().get() == 421 || (class == Class::Soft && stage == Stage::Mail && about_the_source)
}

/// The reading of an enhanced code (RFC 3463); `None` where the number names no reason.
fn enhanced(code: EnhancedStatusCode, stage: Stage) -> Option<Meaning> {
    use Category as C;
    Some(match (code.subject(), code.detail()) {
        (1, 1 | 6) => meaning(C::UnknownUser, Scope::Address, "enhanced X.1.1"),
        (1, 2 | 10) => meaning(C::BadDomain, Scope::Address, "enhanced X.1.2"),
        (1, 3 | 4) => meaning(C::UnknownUser, Scope::Address, "enhanced X.1.3"),
        (1, 7 | 8) => meaning(C::Authentication, Scope::Source, "enhanced X.1.8"),
        (2, 1) => meaning(C::MailboxDisabled, Scope::Address, "enhanced X.2.1"),
        (3, 1 | 2 | 5) => meaning(C::TemporaryOutage, Scope::Site, "enhanced X.3"),
        (4, 6) => meaning(C::MailLoop, Scope::Message, "enhanced X.4.6"),
        (4, _) => meaning(C::TemporaryOutage, Scope::Site, "enhanced X.4"),
        (5, 3) => meaning(C::TooManyRecipients, Scope::Message, "enhanced X.5.3"),
        (5, 1 | 2 | 4 | 5) => meaning(C::ProtocolError, Scope::Us, "enhanced X.5"),
        (6, _) => meaning(C::PolicyContent, Scope::Message, "enhanced X.6"),
        (7, 10 | 11) => meaning(C::TlsRequired, Scope::Us, "enhanced X.7.10"),
        (7, 20..=23 | 26) => meaning(C::Authentication, Scope::Source, "enhanced X.7.26"),
        (7, 25) => meaning(C::DnsPtr, Scope::Source, "enhanced X.7.25"),
        (7, 28) => meaning(C::RateLimited, Scope::Source, "enhanced X.7.28"),
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
fn basic(code: u16, stage: Stage) -> Meaning {
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
