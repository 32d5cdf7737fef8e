//! The answers that mislead most often, read against their code.

use smtp::Reply;

use super::{Meaning, meaning, soft};
use crate::verdict::{Category, Scope, Stage};

/// A misleading answer: recognised by words or numbers, read against its code.
struct Exception {
    applies: fn(&Seen<'_>) -> bool,
    meaning: Meaning,
}

/// What the exceptions look at.
struct Seen<'a> {
    stage: Stage,
    code: u16,
    /// Subject and detail of the enhanced code.
    detail: Option<(u16, u16)>,
    /// The text in lower case.
    text: &'a str,
}

impl Seen<'_> {
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.text.contains(word))
    }

    /// The enhanced code, if there is one, leaves the reason open.
    const fn is_vague(&self) -> bool {
        matches!(self.detail, None | Some((0, _) | (2, 0)))
    }
}

/// The exceptions that the product's rules name, with what would be mistaken for them; the first that applies decides.
const EXCEPTIONS: [Exception; 10] = [
    // A message that is too large is refused with 552 as well (RFC 1870 6.1).
    Exception {
        applies: |seen| {
            let by_words =
                matches!(seen.code, 523 | 550 | 552 | 554) && seen.is_vague() && seen.says(&SIZE_WORDS);
            matches!(seen.detail, Some((3, 4) | (2, 3))) || by_words
        },
        meaning: meaning(Category::MessageTooLarge, Scope::Message, "message-too-large"),
    },
    // A recipient who gets too much mail is alive.
    Exception {
        applies: |seen| seen.says(&["at a rate that", "too quickly"]),
        meaning: soft(Category::RateLimited, Scope::Recipient, "busy-recipient"),
    },
    // An hourly limit is not a hard bounce even as 550.
    Exception {
        applies: |seen| seen.says(&LIMIT_WORDS),
        meaning: soft(Category::RateLimited, Scope::Source, "limit-per-time"),
    },
    // 552 was the code for it before 452 (RFC 5321 4.5.3.1.10).
    Exception {
        applies: |seen| seen.says(&["too many recipients"]),
        meaning: soft(Category::TooManyRecipients, Scope::Message, "too-many-recipients"),
    },
    // A full mailbox is soft even as 552.
    Exception {
        applies: |seen| {
            let by_code = matches!(seen.code, 422 | 552) && seen.stage >= Stage::Rcpt && seen.is_vague();
            let by_words = !matches!(seen.detail, Some((7, _))) && seen.says(&FULL_MAILBOX_WORDS);
            matches!(seen.detail, Some((2, 2))) || by_code || by_words
        },
        meaning: soft(Category::MailboxFull, Scope::Address, "full-mailbox"),
    },
    // A closed mailbox is told apart from an unknown one by words only.
    Exception {
        applies: |seen| seen.stage >= Stage::Rcpt && seen.says(&CLOSED_MAILBOX_WORDS),
        meaning: meaning(Category::MailboxDisabled, Scope::Address, "closed-mailbox"),
    },
    // 530 asks for credentials (RFC 4954) or for TLS (RFC 3207).
    Exception {
        applies: |seen| seen.code == 530 && seen.says(&["starttls"]),
        meaning: meaning(Category::TlsRequired, Scope::Us, "must issue STARTTLS"),
    },
    // "Relay access denied" is about a route, not about a mailbox.
    Exception {
        applies: |seen| seen.says(&["relay"]) && seen.says(&["denied", "not permitted", "not allowed"]),
        meaning: meaning(Category::RelayingDenied, Scope::Us, "relaying-denied"),
    },
    Exception {
        applies: |seen| seen.stage >= Stage::Data && seen.says(&["virus"]),
        meaning: meaning(Category::Virus, Scope::Message, "virus"),
    },
    // Greylisting has no number of its own.
    Exception {
        applies: |seen| seen.code < 500 && seen.says(&["greylist", "graylist"]),
        meaning: soft(Category::Greylisted, Scope::Source, "greylisted"),
    },
];

const FULL_MAILBOX_WORDS: [&str; 5] =
    ["mailbox full", "full mailbox", "mailbox is full", "over quota", "overquota"];
const CLOSED_MAILBOX_WORDS: [&str; 6] = [
    "mailbox is disabled",
    "account is disabled",
    "disabled recipient",
    "deactivated",
    "inactive email address",
    "account that you tried to reach is inactive",
];
const SIZE_WORDS: [&str; 7] = [
    "message size",
    "message too large",
    "message too big",
    "message is too large",
    "size limit",
    "maximum size",
    "maximum fixed size",
];
const LIMIT_WORDS: [&str; 5] = ["this hour", "per hour", "frequency limited", "rate limit", "rate limited"];

/// What the first exception that applies to a reply makes of it.
pub(super) fn exception(stage: Stage, reply: &Reply) -> Option<Meaning> {
    let text = reply.text().to_ascii_lowercase();
    let detail = reply.enhanced().map(|code| (code.subject(), code.detail()));
    let seen = Seen { stage, code: reply.code().get(), detail, text: &text };
    EXCEPTIONS.into_iter().find(|exception| (exception.applies)(&seen)).map(|exception| exception.meaning)
}
