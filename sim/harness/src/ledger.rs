//! The engine's ledger, kept in memory as rows of the record.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use policy::contact::{ContactStatus, Standing};
use policy::feedback::{Feedback, Ignored, Stray};
use policy::ledger::{Cause, Entry, ExcludeReason, Fact, Ledger, Outcome, StandingCause};
use policy::verdict::{Class, Disposition, Evidence, Finding, Stage};
use record::{Event, EventKind, Phase, Reactivation, Status, StatusCause, VerdictRow};
use units::{Instant, Table};

use crate::progress::Progress;

/// What one shard's engine wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pages {
    /// In the order of writing. Verdicts are numbered within the shard.
    pub(crate) events: Vec<Event>,
    /// The findings, in order of first use.
    pub(crate) findings: Vec<Finding>,
    /// Who asked for which contact to be re-activated.
    pub(crate) reactivations: Vec<Reactivation>,
    /// What came back and is about nobody known.
    pub(crate) strays: Vec<record::Stray>,
}

/// A contact of the shard, as the record knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) contact: record::ContactId,
    pub(crate) provider: record::ProviderId,
}

/// Takes the entries of one engine. Cheap to clone; all clones write the same pages.
#[derive(Clone)]
pub(crate) struct Book(Rc<RefCell<Inner>>);

struct Inner {
    pages: Pages,
    /// Who the engine's contacts are.
    contacts: Vec<Known>,
    numbers: Table<Finding, u32>,
    progress: Arc<Progress>,
}

impl Book {
    /// A book without entries, for an engine whose contacts are `contacts`.
    pub(crate) fn new(contacts: Vec<Known>, progress: Arc<Progress>) -> Self {
        let pages = Pages::default();
        Self(Rc::new(RefCell::new(Inner { pages, contacts, numbers: Table::default(), progress })))
    }

    /// What is written so far.
    pub(crate) fn pages(&self) -> Pages {
        self.0.borrow().pages.clone()
    }

    /// What was written.
    pub(crate) fn into_pages(self) -> Pages {
        std::mem::take(&mut self.0.borrow_mut().pages)
    }
}

/// Characters of an address or link that are kept: any address fits in (RFC 5321 4.5.3.1).
const STRAY_CHARACTERS: usize = 300;

impl Ledger for Book {
    fn note(&mut self, at: Instant, entry: Entry<'_>) {
        let inner = &mut *self.0.borrow_mut();
        let Known { contact, provider } = inner.contacts[entry.contact.index()];
        let at = at.as_nanos();
        if let Fact::Reactivation { by, why, refused } = entry.fact {
            let (by, why) = (by.to_owned(), why.to_owned());
            inner.pages.reactivations.push(Reactivation { at, contact, by, why, refused });
        } else if let Some(kind) = inner.kind(&entry.fact) {
            let mailing = entry.mailing.map(|mailing| mailing.0);
            inner.pages.events.push(Event { at, provider, contact, mailing, kind });
        }
    }

    fn stray(&mut self, at: Instant, to: &str, why: Stray) {
        let to = to.chars().take(STRAY_CHARACTERS).collect();
        let why = match why {
            Stray::NotOurs => record::StrayReason::NotOurs,
            Stray::Forged => record::StrayReason::Forged,
        };
        self.0.borrow_mut().pages.strays.push(record::Stray { at: at.as_nanos(), to, why });
    }
}

impl Inner {
    /// The fact as the record's ledger has it; `None` for what is kept elsewhere.
    fn kind(&mut self, fact: &Fact<'_>) -> Option<EventKind> {
        Some(match *fact {
            Fact::Selected => EventKind::Selected,
            Fact::Excluded(reason) => EventKind::Excluded(exclude_reason(reason)),
            Fact::AttemptBegun { attempt, connection, site: _ } => {
                EventKind::AttemptBegun { attempt, connection }
            }
            Fact::AttemptEnded { attempt, finding, retry_at } => EventKind::AttemptEnded {
                attempt,
                verdict: self.number(finding),
                retry_at: retry_at.map(Instant::as_nanos),
            },
            Fact::Uncounted { finding } => EventKind::Uncounted { verdict: self.number(finding) },
            Fact::Settled { outcome: ended, cause: why, finding } => {
                self.progress.settle(1);
                let verdict = finding.map(|finding| self.number(finding));
                EventKind::Settled { outcome: outcome(ended), cause: cause(why), verdict }
            }
            Fact::Feedback { feedback: heard, finding } => {
                let verdict = finding.map(|finding| self.number(finding));
                EventKind::Feedback { what: feedback(heard), verdict }
            }
            Fact::StandingChanged { from, to, cause } => changed(from, to, standing_cause(cause)),
            Fact::ReactivationRefused { standing } => {
                changed(standing, standing, StatusCause::ReactivationRefused)
            }
            Fact::Reactivation { .. } => return None,
        })
    }

    fn number(&mut self, finding: &Finding) -> u32 {
        if let Some(number) = self.numbers.get(finding) {
            return *number;
        }
        let number = u32::try_from(self.pages.findings.len()).expect("fewer than four billion findings");
        self.pages.findings.push(finding.clone());
        self.numbers.insert(finding.clone(), number);
        number
    }
}

/// A finding as a row of the record.
pub(crate) fn verdict_row(finding: &Finding) -> VerdictRow {
    let verdict = &finding.verdict;
    let (code, enhanced, text) = match &finding.evidence {
        Evidence::Reply(reply) => {
            (Some(reply.code().get()), reply.enhanced().map(|code| code.to_string()), reply.text())
        }
        Evidence::Instead(words) => (None, None, (*words).to_owned()),
    };
    VerdictRow {
        phase: phase(finding.stage),
        code,
        enhanced,
        text,
        class: class(verdict.class, verdict.disposition).to_owned(),
        category: if verdict.class == Class::Delivered { "" } else { verdict.category.name() }.to_owned(),
        scope: verdict.scope.name().to_owned(),
        action: verdict.disposition.name().to_owned(),
        wait: verdict.wait.map(|wait| (Instant::ZERO + wait).as_nanos()),
        rule: verdict.rule.to_owned(),
        reason: verdict.reason.to_owned(),
        help_url: verdict.help_url.map(str::to_owned),
    }
}

fn class(class: Class, disposition: Disposition) -> &'static str {
    match (disposition, class) {
        (Disposition::Throttle, _) | (Disposition::Suspend, Class::Soft) => "throttle",
        (Disposition::Reconnect | Disposition::Split | Disposition::OtherMx | Disposition::UseTls, _) => {
            "again"
        }
        (Disposition::Retry | Disposition::RetryLater, Class::Hard) => "unconfirmed",
        (_, Class::Delivered) => "delivered",
        (_, Class::Soft) => "soft",
        (_, Class::Hard) => "hard",
        (_, Class::Uncertain) => "uncertain",
    }
}

fn changed(from: Standing, to: Standing, cause: StatusCause) -> EventKind {
    EventKind::StatusChanged { from: status(from.status), to: status(to.status), strikes: to.strikes, cause }
}

pub(crate) const fn status(status: ContactStatus) -> Status {
    match status {
        ContactStatus::Active => Status::Active,
        ContactStatus::Error => Status::Error,
        ContactStatus::OptOut => Status::OptOut,
    }
}

const fn exclude_reason(reason: ExcludeReason) -> record::ExcludeReason {
    match reason {
        ExcludeReason::Error => record::ExcludeReason::Error,
        ExcludeReason::OptOut => record::ExcludeReason::OptOut,
        ExcludeReason::Duplicate => record::ExcludeReason::Duplicate,
    }
}

const fn outcome(outcome: Outcome) -> record::Outcome {
    match outcome {
        Outcome::Delivered => record::Outcome::Delivered,
        Outcome::SoftBounced => record::Outcome::SoftBounced,
        Outcome::HardBounced => record::Outcome::HardBounced,
        Outcome::Cancelled => record::Outcome::Cancelled,
        Outcome::Dropped => record::Outcome::Dropped,
    }
}

const fn feedback(feedback: Feedback) -> record::Feedback {
    match feedback {
        Feedback::LateSoftBounce => record::Feedback::LateSoftBounce,
        Feedback::LateHardBounce => record::Feedback::LateHardBounce,
        Feedback::Complaint => record::Feedback::Complaint,
        Feedback::Unsubscribe => record::Feedback::Unsubscribe,
        Feedback::Ignored(why) => match why {
            Ignored::Delayed => record::Feedback::Delayed,
            Ignored::Arrived => record::Feedback::Arrived,
            Ignored::AutoReply => record::Feedback::AutoReply,
            Ignored::NoComplaint => record::Feedback::NoComplaint,
            Ignored::AboutAReport => record::Feedback::AboutAReport,
            Ignored::Unreadable => record::Feedback::Unreadable,
            Ignored::NotDelivered => record::Feedback::NotDelivered,
            Ignored::Repeated => record::Feedback::Repeated,
        },
    }
}

const fn cause(cause: Cause) -> record::Cause {
    match cause {
        Cause::Answer => record::Cause::Answer,
        Cause::PlanExhausted => record::Cause::PlanExhausted,
        Cause::HeldBack => record::Cause::HeldBack,
        Cause::Uncertain => record::Cause::Uncertain,
        Cause::AssumedDelivered => record::Cause::AssumedDelivered,
        Cause::ContactLeftActive => record::Cause::ContactLeftActive,
        Cause::MailingCancelled => record::Cause::MailingCancelled,
    }
}

const fn standing_cause(cause: StandingCause) -> StatusCause {
    match cause {
        StandingCause::HardBounce => StatusCause::HardBounce,
        StandingCause::SoftBounce => StatusCause::SoftBounce,
        StandingCause::LateHardBounce => StatusCause::LateHardBounce,
        StandingCause::LateSoftBounce => StatusCause::LateSoftBounce,
        StandingCause::Delivered => StatusCause::Delivered,
        StandingCause::OptOut => StatusCause::OptOut,
        StandingCause::Complaint => StatusCause::Complaint,
        StandingCause::Reactivated => StatusCause::Reactivated,
    }
}

const fn phase(stage: Stage) -> Phase {
    match stage {
        Stage::Dns => Phase::Dns,
        Stage::Connect => Phase::Connect,
        Stage::Greeting => Phase::Greeting,
        Stage::Ehlo => Phase::Ehlo,
        Stage::Mail => Phase::Mail,
        Stage::Rcpt => Phase::Rcpt,
        Stage::Data => Phase::Data,
        Stage::Body => Phase::Body,
        Stage::EndOfData => Phase::EndOfData,
        Stage::Report => Phase::Report,
    }
}
