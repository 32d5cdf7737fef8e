//! What an answer means for the recipients that it was given for.
//!
//! The reading of a single reply is that of the rules ([`verdicts::RuleBook`]). Here is what they cannot know: what it means
//! that there was no reply, what a transaction as a whole tells about one answer, and what the engine itself knows.

use std::sync::Arc;

use smtp::client::{End, Loss, Obstacle, Trust};
use smtp::{Reply, ReplyClass, ReplyFault};
use verdicts::{ProviderId, RuleBook};

use crate::verdict::{Category, Class, Disposition, Evidence, Finding, Scope, Stage, Verdict};

pub use crate::verdict::ACCEPTED;

/// Reads the replies of one site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reader {
    /// Who runs it, if that is known.
    pub provider: Option<ProviderId>,
}

impl Reader {
    /// What a reply means that was given at `stage`.
    pub fn reply(self, stage: Stage, reply: &Reply) -> Verdict {
        RuleBook::shipped().verdict(self.provider, stage, reply)
    }

    /// What it means that a session ended before its first transaction. It is an unreachable host, whatever the code: the next one
    /// is tried.
    pub fn not_greeted(self, end: &End) -> Finding {
        match end {
            End::Refused { phase, reply } => self.turned_away(crate::stage(*phase), reply),
            End::ServerClosing { reply } => self.turned_away(Stage::Greeting, reply),
            End::Failed { phase, loss: ended } => unreachable(crate::stage(*phase), loss(ended)),
            End::Quit => unreachable(Stage::Greeting, "the session ended"),
        }
    }

    /// What a refused greeting or EHLO means. Where it is about us (too many connections, a block), the site is slowed or left in
    /// peace, and nobody's attempt counts; otherwise the host could not be reached, whatever the code. The reason is the reply's.
    pub fn turned_away(self, stage: Stage, refusal: &Arc<Reply>) -> Finding {
        let read = self.reply(stage, refusal);
        let is_about_us = matches!(read.scope, Scope::Source | Scope::Connection);
        let disposition = match read.disposition {
            Disposition::Throttle | Disposition::Suspend if is_about_us => read.disposition,
            Disposition::Reconnect if is_about_us => Disposition::Throttle,
            _ => Disposition::Retry,
        };
        finding(stage, refusal, Verdict { class: Class::Soft, disposition, ..read })
    }

    /// A 421 in a transaction of several recipients: the server closes the connection (RFC 5321 3.8), and with whom it was
    /// displeased is not known.
    pub fn closing(self, stage: Stage, refusal: &Arc<Reply>) -> Finding {
        let read = self.reply(stage, refusal);
        let is_about_all = matches!(read.scope, Scope::Source | Scope::Connection | Scope::Site);
        let verdict = match read.disposition {
            Disposition::Throttle | Disposition::Suspend | Disposition::Reconnect if is_about_all => read,
            _ => Verdict {
                class: Class::Soft,
                scope: Scope::Connection,
                disposition: Disposition::Throttle,
                ..read
            },
        };
        finding(stage, refusal, verdict)
    }

    /// One recipient more than the server takes in a message: it comes along with the next (RFC 5321 4.5.3.1.10).
    pub fn surplus(self, refusal: &Arc<Reply>) -> Finding {
        let verdict = Verdict {
            class: Class::Soft,
            category: Category::TooManyRecipients,
            scope: Scope::Message,
            disposition: Disposition::Split,
            rule: "more recipients than it takes",
            ..self.reply(Stage::Rcpt, refusal)
        };
        finding(Stage::Rcpt, refusal, verdict)
    }

    /// Whether a refusal at RCPT may say that a message has too many recipients: by its words or number, also with 5yz, or as
    /// 452 without any other reason.
    pub fn is_surplus(self, refusal: &Reply) -> bool {
        let read = self.reply(Stage::Rcpt, refusal);
        let has_no_reason = refusal.enhanced().is_none() && read.rule == BARE_452;
        read.category == Category::TooManyRecipients || (refusal.code().get() == 452 && has_no_reason)
    }

    /// Whether a refusal at the final dot may be about single recipients: it speaks of a mailbox; or it gives no reason but that
    /// something does not work, and its enhanced code, if it has one, speaks of an address. One with another reason may name a
    /// recipient for courtesy only.
    pub fn may_name(self, refusal: &Reply) -> bool {
        let read = self.reply(Stage::EndOfData, refusal);
        let by_number = || refusal.enhanced().is_none_or(|code| matches!(code.subject(), 1 | 2));
        match read.scope {
            Scope::Address | Scope::Recipient => true,
            Scope::Site => by_number(),
            Scope::Message | Scope::Source | Scope::Connection | Scope::Us => {
                read.has_no_reason() && by_number()
            }
        }
    }

    /// The answer to the final dot names this recipient, one of several: it is about this one. With one answer for all of them
    /// (RFC 5321 4.1.1.4), that is how a server that checks mailboxes only then tells whom it means.
    pub fn named(self, refusal: &Arc<Reply>) -> Finding {
        let read = self.reply(Stage::EndOfData, refusal);
        let is_about_mailbox = matches!(read.scope, Scope::Address | Scope::Recipient);
        if is_about_mailbox || read.class != Class::Hard {
            return finding(Stage::EndOfData, refusal, Verdict { rule: "names the recipient", ..read });
        }
        let verdict = Verdict {
            category: Category::UnknownUser,
            scope: Scope::Address,
            disposition: Disposition::Suppress,
            rule: "names the recipient",
            reason: "the answer names this recipient, and nothing else that is wrong",
            ..read
        };
        finding(Stage::EndOfData, refusal, verdict)
    }

    /// The answer to the final dot is about an address, but does not say about which of several: they are tried again in smaller
    /// messages, until it is clear.
    pub fn one_of_several(self, refusal: &Arc<Reply>) -> Finding {
        self.again(refusal, Disposition::Split, "about one of several")
    }

    /// The answer to the final dot names others of the transaction: nothing is known of this recipient.
    pub fn not_named(self, refusal: &Arc<Reply>) -> Finding {
        self.again(refusal, Disposition::Split, "names another recipient")
    }

    fn again(self, refusal: &Arc<Reply>, disposition: Disposition, rule: &'static str) -> Finding {
        let read = self.reply(Stage::EndOfData, refusal);
        finding(Stage::EndOfData, refusal, Verdict { class: Class::Soft, disposition, rule, ..read })
    }
}

/// The rule that reads a 452 without words as a full mailbox.
const BARE_452: &str = "generic/n-mailbox-full";

fn finding(stage: Stage, refusal: &Arc<Reply>, verdict: Verdict) -> Finding {
    Finding { stage, evidence: Evidence::Reply(Arc::clone(refusal)), verdict }
}

const fn known(
    class: Class,
    (category, scope): (Category, Scope),
    disposition: Disposition,
    rule: &'static str,
    reason: &'static str,
) -> Verdict {
    Verdict { class, category, scope, disposition, wait: None, limit: None, rule, reason, help_url: None }
}

/// No server of the destination could be reached, or none wanted to talk.
pub const UNREACHABLE: Verdict = known(
    Class::Soft,
    (Category::TemporaryOutage, Scope::Site),
    Disposition::Retry,
    "unreachable",
    "no server of the destination could be reached",
);

/// A host could not be reached, or did not come to a session; `words` say what happened.
pub const fn unreachable(stage: Stage, words: &'static str) -> Finding {
    Finding { stage, evidence: Evidence::Instead(words), verdict: UNREACHABLE }
}

/// What `finding` about a host comes to where mail may only travel inside TLS, with whom is `trust`ed.
pub fn without_tls(finding: &Finding, trust: Trust) -> Finding {
    if finding.verdict.disposition.slows_the_site() {
        return finding.clone();
    }
    let reason = match trust {
        Trust::Anybody => "mail may only travel inside TLS here, and TLS was not to be had",
        Trust::NamedHost => {
            "the domain demands TLS with a valid certificate (MTA-STS), which was not to be had"
        }
    };
    judged(finding, Verdict { rule: "no mail without TLS", reason, ..UNREACHABLE })
}

/// The connection died before anything was decided.
pub const LOST: Verdict = Verdict {
    rule: "connection lost",
    scope: Scope::Connection,
    reason: "the connection died before anything was decided",
    ..UNREACHABLE
};

/// A kept connection turned out to be closed when it was used again.
pub const STALE: Verdict = Verdict {
    rule: "kept connection closed",
    disposition: Disposition::Reconnect,
    reason: "the server had closed a connection that was kept for reuse",
    ..LOST
};

/// The connection ended while the message before this one was under way.
pub const NOT_BEGUN: Verdict = Verdict {
    rule: "not begun",
    reason: "the connection ended before anything of this message was answered or sent",
    ..STALE
};

/// Whether a verdict says that the server has not heard of a message: another connection is all it takes.
pub fn is_unheard(verdict: &Verdict) -> bool {
    verdict.rule == STALE.rule || verdict.rule == NOT_BEGUN.rule
}

/// The connection died between the final dot and the reply.
pub const UNCERTAIN: Verdict = known(
    Class::Uncertain,
    (Category::Other, Scope::Connection),
    Disposition::AskPolicy,
    "reply lost after the final dot",
    "whether the server has the message is not known",
);

/// The DNS says that the domain does not exist, or that it takes no mail (RFC 7505).
pub const BAD_DOMAIN: Verdict = known(
    Class::Hard,
    (Category::BadDomain, Scope::Address),
    Disposition::Suppress,
    "no mail exchanger",
    "the DNS says that the domain does not exist or takes no mail",
);

/// What a lost connection means at `stage`, with words for what happened.
pub fn loss(loss: &Loss) -> &'static str {
    match loss {
        Loss::Closed => "connection closed by the server",
        Loss::Reset => "connection reset",
        Loss::TimedOut => "no answer in time",
        // RFC 3207 4.2: whoever is on the way may put replies before the handshake, to have them believed after it
        Loss::Garbled(ReplyFault::BeforeHandshake) => "something was said between STARTTLS and the handshake",
        Loss::Garbled(_) => "the server's answer was not SMTP",
        Loss::Handshake(words) | Loss::Certificate(words) => words,
        Loss::Interrupted => "the window closed",
    }
}

/// What it means that the message cannot be sent to this server at all, with words for it.
pub fn obstacle(obstacle: &Obstacle) -> (Verdict, &'static str) {
    match obstacle {
        Obstacle::TooLarge { .. } => (
            known(
                Class::Hard,
                (Category::MessageTooLarge, Scope::Message),
                Disposition::GiveUp,
                "larger than the announced SIZE",
                "the message is larger than the server announces to take",
            ),
            "the message is larger than the server takes",
        ),
        Obstacle::EightBit => (
            known(
                Class::Hard,
                (Category::ProtocolError, Scope::Message),
                Disposition::GiveUp,
                "8BITMIME not offered",
                "the message has 8-bit lines, which the server does not take",
            ),
            "the message has 8-bit lines, the server takes 7-bit ones",
        ),
        Obstacle::Utf8 => (
            known(
                Class::Hard,
                (Category::ProtocolError, Scope::Message),
                Disposition::GiveUp,
                "SMTPUTF8 not offered",
                "an address of the message is not ASCII, which the server does not take",
            ),
            "an address is not ASCII, the server takes ASCII only",
        ),
    }
}

/// The rule by which an address is not suppressed although the answer is against it.
pub const CIRCUIT_BREAKER: &str = "circuit breaker";

/// What was found, judged otherwise.
fn judged(finding: &Finding, verdict: Verdict) -> Finding {
    Finding { verdict, ..finding.clone() }
}

/// What `finding` comes to if a fresh connection is refused like a used one: the site is slowed down.
pub fn slowed(finding: &Finding) -> Finding {
    let verdict =
        Verdict { class: Class::Soft, disposition: Disposition::Throttle, limit: None, ..finding.verdict };
    judged(finding, verdict)
}

/// What `finding` becomes while the circuit breaker of its site is open: whatever it says against an address may be the
/// provider's fault.
pub fn held_back(finding: &Finding) -> Finding {
    let verdict = Verdict {
        class: Class::Soft,
        scope: Scope::Site,
        disposition: Disposition::Retry,
        rule: CIRCUIT_BREAKER,
        reason: "the provider suddenly refuses many addresses that it took before: no address is suppressed for it",
        ..finding.verdict
    };
    judged(finding, verdict)
}

/// What `finding` comes to while the way round that it suggests cannot be tried.
pub fn tried_later(finding: &Finding) -> Finding {
    let verdict = Verdict { class: Class::Soft, disposition: Disposition::Retry, ..finding.verdict };
    judged(finding, verdict)
}

/// What `finding` comes to when the way round that it suggests has been tried, or there is none. What is permanent though its
/// code is 4yz has to be repeated to the end.
pub fn without_remedy(finding: &Finding) -> Finding {
    let is_transient = match &finding.evidence {
        Evidence::Reply(reply) => reply.class() == ReplyClass::Transient,
        Evidence::Instead(_) => false,
    };
    let disposition = match (finding.verdict.class, finding.verdict.scope) {
        _ if is_transient => Disposition::Retry,
        (Class::Hard, Scope::Address) => Disposition::Suppress,
        (Class::Hard, _) => Disposition::GiveUp,
        _ => Disposition::Retry,
    };
    judged(finding, Verdict { disposition, ..finding.verdict })
}
