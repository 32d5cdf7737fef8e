//! Which rule gives an answer its meaning.
//!
//! In this order, the first that applies decides:
//! 1. the exceptions that mislead most often (`exceptions`);
//! 2. the enhanced status code (RFC 3463, RFC 5248 registry), as far as its number names a reason;
//! 3. the basic code together with the stage it was given at (RFC 5321 4.2).
//!
//! This is the reading by number. It does not know providers: the same number is read alike everywhere.

mod exceptions;
mod numbers;

use std::sync::Arc;

use smtp::client::{Loss, Obstacle};
use smtp::{EnhancedStatusCode, Reply, ReplyClass};

use exceptions::exception;
use numbers::{basic, enhanced};

use crate::verdict::{Category, Class, Disposition, Evidence, Finding, Scope, Stage, Verdict};

/// What a reply means that was given at `stage`.
pub fn reply(stage: Stage, reply: &Reply) -> Verdict {
    if matches!(reply.code().class(), ReplyClass::Positive) {
        return ACCEPTED;
    }
    let meaning = exception(stage, reply)
        .or_else(|| reply.enhanced().and_then(|code| enhanced(code, stage)))
        .unwrap_or_else(|| basic(reply.code().get(), stage))
        .seen_at(stage);
    let class = meaning.class.unwrap_or_else(|| class_of(reply));
    let about_one = matches!(meaning.scope, Scope::Address | Scope::Recipient);
    let Meaning { category, scope, rule, .. } = meaning;
    if stage >= Stage::Mail && reply.code().get() == 421 && !about_one {
        return Verdict { category, ..THROTTLED };
    }
    let disposition = match class {
        Class::Soft if stage >= Stage::Mail && is_throttling(category, scope) => Disposition::SlowDown,
        Class::Hard => Disposition::GiveUp,
        Class::Soft | Class::Delivered | Class::Uncertain => Disposition::Retry,
    };
    Verdict { class, category, scope, disposition, rule }
}

/// A 421 in a transaction of several recipients: the server closes the connection (RFC 5321 3.8), and with whom it was
/// displeased is not known.
pub fn closing(stage: Stage, refusal: &Arc<Reply>) -> Finding {
    let verdict = Verdict { category: reply(stage, refusal).category, ..THROTTLED };
    Finding { stage, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// One recipient more than the server takes in a message: it comes along with the next (RFC 5321 4.5.3.1.10).
pub fn surplus(refusal: &Arc<Reply>) -> Finding {
    let verdict = Verdict {
        class: Class::Soft,
        category: Category::TooManyRecipients,
        scope: Scope::Message,
        disposition: Disposition::TryAgain,
        rule: "more recipients than it takes",
    };
    Finding { stage: Stage::Rcpt, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// Whether a refusal at RCPT may say that a message has too many recipients: by its number or words, also with 5yz, or as 452
/// without any other reason.
pub fn is_surplus(refusal: &Reply) -> bool {
    match exception(Stage::Rcpt, refusal) {
        Some(meaning) => meaning.category == Category::TooManyRecipients,
        None => match refusal.enhanced() {
            Some(code) => (code.subject(), code.detail()) == (5, 3),
            None => refusal.code().get() == 452,
        },
    }
}

/// The server asks to be left in peace and closes the connection.
const THROTTLED: Verdict = Verdict {
    class: Class::Soft,
    category: Category::TemporaryOutage,
    scope: Scope::Connection,
    disposition: Disposition::SlowDown,
    rule: "throttled 421",
};

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

/// Whether a refusal at the final dot may be about single recipients: its enhanced code, if any, speaks of an address or
/// a mailbox.
pub fn may_name(refusal: &Reply) -> bool {
    refusal.enhanced().is_none_or(|code| matches!(code.subject(), 1 | 2))
}

/// The answer to the final dot names this recipient, one of several: it is about this one. With one answer for all of them
/// (RFC 5321 4.1.1.4), that is how a server that checks mailboxes only then tells whom it means.
pub fn named(refusal: &Arc<Reply>) -> Finding {
    let verdict = reply(Stage::EndOfData, refusal);
    let is_dead = verdict.class == Class::Hard && verdict.category != Category::MailboxDisabled;
    let category = if is_dead { Category::UnknownUser } else { verdict.category };
    let verdict = Verdict { category, scope: Scope::Address, rule: "names the recipient", ..verdict };
    Finding { stage: Stage::EndOfData, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

/// The answer to the final dot is about an address, but does not say about which of several: they are tried again in smaller
/// messages, until it is clear.
pub fn one_of_several(refusal: &Arc<Reply>) -> Finding {
    let mut finding = not_named(refusal);
    finding.verdict.rule = "about one of several";
    finding
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

impl Meaning {
    /// Before RCPT no recipient is known: an answer in the words of an address is about the sender's.
    fn seen_at(self, stage: Stage) -> Self {
        let about_one = matches!(self.scope, Scope::Address | Scope::Recipient);
        if about_one && stage < Stage::Rcpt {
            return Self {
                category: Category::Other,
                scope: Scope::Source,
                rule: "about the sender",
                ..self
            };
        }
        self
    }
}

const fn meaning(category: Category, scope: Scope, rule: &'static str) -> Meaning {
    Meaning { class: None, category, scope, rule }
}

/// Outages and limits pass, whatever the code says.
const fn soft(category: Category, scope: Scope, rule: &'static str) -> Meaning {
    Meaning { class: Some(Class::Soft), category, scope, rule }
}

/// The class that the codes claim. Where the enhanced code contradicts the basic one, the milder counts: a later attempt
/// costs little, a lost contact much.
fn class_of(reply: &Reply) -> Class {
    let enhanced = reply.enhanced().map_or(5, EnhancedStatusCode::class);
    let is_permanent = matches!(reply.code().class(), ReplyClass::Permanent) && enhanced == 5;
    if is_permanent { Class::Hard } else { Class::Soft }
}

/// A temporary answer that slows us down instead of saying something about the recipient: too much mail from this source,
/// or too many connections.
const fn is_throttling(category: Category, scope: Scope) -> bool {
    let about_us = matches!(scope, Scope::Source | Scope::Connection);
    about_us && matches!(category, Category::RateLimited | Category::ConnectionLimited)
}
