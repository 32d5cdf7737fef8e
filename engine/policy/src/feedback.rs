//! What comes back after a message was accepted: late reports, complaints, and readers who leave.
//!
//! Separate from `classify`, which is about what a server says while it is talked to: here somebody writes to us, later, and
//! anybody can. So *whom* it is about is decided by who made the return path or the link (a token that only we can make), and
//! only *what* it says is taken from the text. The octets are read elsewhere; here is what is left of them, and what it means.
//!
//! RFC 3464 (delivery reports), RFC 3834 (automatic answers), RFC 5965 (complaints), RFC 8058 (leaving with one click).

use std::sync::Arc;

use smtp::{Address, Domain, EnhancedStatusCode, Reply, ReplyClass};
use verdicts::RuleBook;

use crate::classify::Reader;
use crate::verdict::{Category, Class, Disposition, Evidence, Finding, Scope, Stage, Verdict};

/// What a message says that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A report on a delivery, with what it says of each recipient; at least one.
    Status(Vec<RecipientStatus>),
    /// Somebody complains about spam.
    Complaint(Complaint),
    /// What anybody may write: nothing to act upon, unless it came to an address for leaving (RFC 2369 3.2).
    Letter {
        /// Its subject; may be empty.
        subject: String,
    },
    /// Nothing to act upon.
    Nothing(Ignored),
}

/// A complaint. Who sent it in is often struck out, so that nothing but our own return path can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Complaint {
    /// Return paths of the message complained about, as the complaint has them; most trusted first.
    // RFC 5965 3.2: Original-Mail-From; RFC 5321 4.4: Return-Path of the message
    pub return_paths: Vec<Address>,
}

/// What a report says of one recipient (RFC 3464 2.3). Foreign input: any of it may be missing or untrue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientStatus {
    /// How the recipient is called, first as we called it; empty if the report does not say.
    pub recipients: Vec<Address>,
    /// What was done.
    pub action: Reported,
    /// The status, of any class.
    pub status: Option<EnhancedStatusCode>,
    /// The words of the server that refused it, mostly its reply; may be empty.
    pub diagnostic: String,
    /// The server that said so.
    pub remote: Option<Domain>,
}

/// What was done with a message for a recipient, from good to bad.
// RFC 3464 2.3.3: Action
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reported {
    /// Delivered, or passed on to where no reports come from.
    Delivered,
    /// Still being tried.
    Delayed,
    /// Given up.
    Failed,
}

/// What became of something that came back about a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feedback {
    /// After it was accepted, the message was given up for a temporary reason.
    LateSoftBounce,
    /// After it was accepted, the message was refused for good.
    LateHardBounce,
    /// The recipient complained.
    Complaint,
    /// The recipient left: with one click, or by writing.
    Unsubscribe,
    /// Nothing follows from it.
    Ignored(Ignored),
}

/// Why nothing follows from something that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// The message is still under way.
    Delayed,
    /// The message has arrived, or was passed on.
    Arrived,
    /// A program answered: an absence, a receipt.
    AutoReply,
    /// A report about mail that is no complaint: somebody does *not* think it is spam, or a signature did not verify.
    NoComplaint,
    /// A report about a report: none of ours, since we never answer mail.
    AboutAReport,
    /// It has no report in it that can be read.
    Unreadable,
    /// A failure is reported of a recipient that nothing was delivered to.
    NotDelivered,
    /// The same was said before.
    Repeated,
}

/// Why it is not known whom something that came back is about. It is counted and never acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stray {
    /// The address or link was not made by us.
    NotOurs,
    /// It looks like one of ours, but its token is not the right one: damaged, or made up.
    Forged,
}

impl Ignored {
    /// Its name in records and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Arrived => "arrived",
            Self::AutoReply => "auto_reply",
            Self::NoComplaint => "no_complaint",
            Self::AboutAReport => "about_a_report",
            Self::Unreadable => "unreadable",
            Self::NotDelivered => "not_delivered",
            Self::Repeated => "repeated",
        }
    }
}

/// What a report says of `address`: the entry that names it. If none does, the report speaks of where the mail was passed on
/// to; then the best that it says counts, because whoever got the message one way has got it.
pub(crate) fn about<'a>(report: &'a [RecipientStatus], address: &Address) -> Option<&'a RecipientStatus> {
    let names = |entry: &&RecipientStatus| {
        entry.recipients.iter().any(|name| name.as_str().eq_ignore_ascii_case(address.as_str()))
    };
    let is_permanent = |entry: &RecipientStatus| entry.status.is_some_and(|status| status.class() == 5);
    let best = |entry: &&RecipientStatus| (entry.action, is_permanent(entry));
    report.iter().filter(names).min_by_key(best).or_else(|| report.iter().min_by_key(best))
}

/// What the failure that `entry` reports means. The words of the server that refused the message are read like any reply; only
/// if there are none, the status speaks. Nothing is tried again, and no site is slowed: that was not our connection.
pub(crate) fn finding(reader: Reader, entry: &RecipientStatus) -> Finding {
    let Some(reply) = reply(entry) else { return without_reason() };
    let stage = match reply.enhanced().map(EnhancedStatusCode::subject) {
        Some(1 | 2) => Stage::Rcpt,
        _ => Stage::EndOfData,
    };
    // After a message was passed on, it is somebody else who refuses it.
    let remote =
        entry.remote.as_ref().and_then(|host| RuleBook::shipped().recognise(Some(host.as_str()), None));
    let read = Reader { provider: remote.or(reader.provider) }.reply(stage, &reply);
    let disposition = match (read.class, read.scope) {
        (Class::Hard, Scope::Address) => Disposition::Suppress,
        _ => Disposition::GiveUp,
    };
    let verdict = Verdict { disposition, wait: None, limit: None, ..read };
    Finding { stage: Stage::Report, evidence: Evidence::Reply(Arc::new(reply)), verdict }
}

/// The refusal that a report passes on, or one made of its status.
fn reply(entry: &RecipientStatus) -> Option<Reply> {
    let refuses = |reply: &Reply| matches!(reply.class(), ReplyClass::Transient | ReplyClass::Permanent);
    let Some(said) = Reply::parse(&entry.diagnostic).filter(refuses) else {
        let status = entry.status?;
        let code = match status.class() {
            4 => 450,
            5 => 550,
            _ => return None,
        };
        return Some(Reply::new(code, Some(status), &entry.diagnostic));
    };
    let agrees = |status: &EnhancedStatusCode| u16::from(status.class()) == said.code().get() / 100;
    Some(match (said.enhanced(), entry.status.filter(agrees)) {
        (None, Some(status)) => Reply::new(said.code().get(), Some(status), &said.text()),
        (Some(_), _) | (None, None) => said,
    })
}

/// A failure that nobody gives a reason for says nothing against anybody.
const fn without_reason() -> Finding {
    Finding {
        stage: Stage::Report,
        evidence: Evidence::Instead("the report gives no reason"),
        verdict: Verdict {
            class: Class::Soft,
            category: Category::Other,
            scope: Scope::Message,
            disposition: Disposition::GiveUp,
            wait: None,
            limit: None,
            rule: "report without a reason",
            reason: "the report says that the message was not delivered, but not why",
            help_url: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(names: &[&str], action: Reported, status: &str, diagnostic: &str) -> RecipientStatus {
        RecipientStatus {
            recipients: names.iter().map(|name| Address::parse(name).unwrap()).collect(),
            action,
            status: EnhancedStatusCode::parse(status),
            diagnostic: diagnostic.to_owned(),
            remote: None,
        }
    }

    #[test]
    fn the_entry_that_names_the_recipient_speaks_of_it() {
        let ann = Address::parse("ann@bigbox.test").unwrap();
        let failed = |names: &[&str], status| entry(names, Reported::Failed, status, "");
        let passed_on = entry(&["bob@other.test"], Reported::Delivered, "2.0.0", "");
        let report = [failed(&["bob@other.test"], "4.2.2"), failed(&["Ann@BigBox.test"], "5.1.1")];
        assert_eq!(about(&report, &ann), Some(&report[1]), "named");
        let report = [failed(&["bob@other.test"], "5.1.1"), passed_on];
        assert_eq!(about(&report, &ann), Some(&report[1]), "the best counts");
        let report = [failed(&[], "5.1.1"), failed(&[], "4.2.2")];
        assert_eq!(about(&report, &ann), Some(&report[1]), "the softer one counts");
        assert_eq!(about(&[], &ann), None);
    }

    #[test]
    fn a_failure_is_read_by_its_words_before_its_status() {
        let check = |status: &str, diagnostic: &str, expected: (Class, Category, Scope)| {
            let found = finding(Reader::default(), &entry(&[], Reported::Failed, status, diagnostic)).verdict;
            assert_eq!((found.class, found.category, found.scope), expected, "{status} {diagnostic}");
        };
        let unknown = (Class::Hard, Category::UnknownUser, Scope::Address);
        check("5.1.1", "550 5.1.1 no such user", unknown);
        check("5.1.1", "", unknown);
        check("5.0.0", "550 User unknown", unknown);
        check("5.1.1", "unknown user: \"ann\"", unknown);
        let full = (Class::Soft, Category::MailboxFull, Scope::Address);
        check("5.2.2", "552 5.2.2 Mailbox full", full);
        check("5.5.0", "452 4.2.2 Mailbox full", full);
        check("", "", (Class::Soft, Category::Other, Scope::Message));
        check("2.0.0", "250 2.0.0 Ok", (Class::Soft, Category::Other, Scope::Message));
    }
}
