//! The answers that mislead most often, read against their code.

use smtp::Reply;

use super::Meaning;
use crate::verdict::{Category, Class, Scope, Stage};

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

/// The exceptions that the product's rules name, with what would be mistaken for them.
const EXCEPTIONS: [Exception; 5] = [
    // A message that is too large is refused with 552 as well (RFC 1870 6.1).
    Exception {
        applies: |seen| {
            let by_words = matches!(seen.code, 523 | 552) && seen.is_vague() && seen.says(&SIZE_WORDS);
            matches!(seen.detail, Some((3, 4) | (2, 3))) || by_words
        },
        meaning: Meaning {
            class: None,
            category: Category::MessageTooLarge,
            scope: Scope::Message,
            rule: "message-too-large",
        },
    },
    // A full mailbox is soft even as 552.
    Exception {
        applies: |seen| {
            let by_code = matches!(seen.code, 422 | 552) && seen.stage >= Stage::Rcpt && seen.is_vague();
            let by_words = !matches!(seen.detail, Some((7, _))) && seen.says(&FULL_MAILBOX_WORDS);
            matches!(seen.detail, Some((2, 2))) || by_code || by_words
        },
        meaning: Meaning {
            class: Some(Class::Soft),
            category: Category::MailboxFull,
            scope: Scope::Address,
            rule: "full-mailbox",
        },
    },
    // A recipient who gets too much mail is alive.
    Exception {
        applies: |seen| seen.says(&["at a rate that", "too quickly"]),
        meaning: Meaning {
            class: Some(Class::Soft),
            category: Category::RateLimited,
            scope: Scope::Recipient,
            rule: "busy-recipient",
        },
    },
    // 530 asks for credentials (RFC 4954) or for TLS (RFC 3207); only the words tell.
    Exception {
        applies: |seen| seen.code == 530 && seen.says(&["starttls"]),
        meaning: Meaning {
            class: None,
            category: Category::TlsRequired,
            scope: Scope::Us,
            rule: "must issue STARTTLS",
        },
    },
    // An hourly limit is not a hard bounce even as 550.
    Exception {
        applies: |seen| seen.says(&LIMIT_WORDS),
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
const SIZE_WORDS: [&str; 4] = ["message size", "too large", "too big", "size limit"];
const LIMIT_WORDS: [&str; 5] = ["this hour", "per hour", "frequency limited", "rate limit", "rate limited"];

/// What the first exception that applies to a reply makes of it.
pub(super) fn exception(stage: Stage, reply: &Reply) -> Option<Meaning> {
    let text = reply.text().to_ascii_lowercase();
    let detail = reply.enhanced().map(|code| (code.subject(), code.detail()));
    let seen = Seen { stage, code: reply.code().get(), detail, text: &text };
    EXCEPTIONS.into_iter().find(|exception| (exception.applies)(&seen)).map(|exception| exception.meaning)
}
