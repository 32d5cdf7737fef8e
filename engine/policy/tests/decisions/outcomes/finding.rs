//! Everything that an attempt can find.

use std::sync::Arc;

use policy::classify::{self, Reader};
use policy::mailing::UncertainPolicy;
use policy::route::MxAnswer;
use policy::verdict::{Evidence, Finding, Stage};
use smtp::client::{Loss, Obstacle, Outcome, Phase};

use crate::driver::reply;

/// A finding and where it comes from.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    pub(crate) comes: Comes,
    pub(crate) policy: UncertainPolicy,
}

/// Where a finding comes from.
pub(crate) enum Comes {
    /// A transaction over a connection that has carried so many messages before.
    InTransaction { outcome: Outcome, messages: u32 },
    /// Connecting.
    Connecting(Arc<Finding>),
    /// The DNS.
    Dns(MxAnswer),
}

/// All of them, in the order of the table.
pub(crate) fn all() -> Vec<Given> {
    use Phase::{EndOfData, Mail, Rcpt};
    let hold = |name, policy| Given { policy, ..said(name, Outcome::Uncertain { loss: Loss::Closed }) };
    vec![
        said("accepted", accepted()),
        said("soft: 451 4.3.0 at RCPT, about the site", refused(Rcpt, 451, "4.3.0", "lookup failed")),
        said("soft: 452 4.2.2 at RCPT, about the address", refused(Rcpt, 452, "4.2.2", "mailbox full")),
        said(
            "soft: 450 4.2.1 at RCPT, busy recipient",
            refused(Rcpt, 450, "4.2.1", "at a rate that prevents"),
        ),
        said("soft: 451 4.7.1 at RCPT, greylisted", refused(Rcpt, 451, "4.7.1", "greylisted")),
        said("soft: 452 4.5.3 at RCPT, alone", refused(Rcpt, 452, "4.5.3", "too many recipients")),
        said("soft: 451 4.3.0 at the final dot, about the site", refused(EndOfData, 451, "4.3.0", "later")),
        said("throttled: 421 4.7.0 at MAIL", refused(Mail, 421, "4.7.0", "too much mail")),
        said("throttled: 450 4.7.28 at the final dot", refused(EndOfData, 450, "4.7.28", "unusual rate")),
        said("throttled: 421 4.3.2 at RCPT", refused(Rcpt, 421, "4.3.2", "shutting down")),
        said("soft: 421 4.2.2 at RCPT, about the address", refused(Rcpt, 421, "4.2.2", "mailbox full")),
        over_kept("421 at MAIL over a kept connection", refused(Mail, 421, "4.7.0", "too many messages")),
        said("hard: 550 5.1.1 at RCPT, about the address", refused(Rcpt, 550, "5.1.1", "no such user")),
        said("hard: 554 5.7.1 at the final dot, about the message", refused(EndOfData, 554, "5.7.1", "spam")),
        said("hard: 550 5.7.1 at MAIL, about the source", refused(Mail, 550, "5.7.1", "blocked")),
        said("hard: 554 without more at DATA", refused(Phase::Data, 554, "", "no")),
        said("lost before the final dot", Outcome::Lost { phase: Phase::Body, loss: Loss::Closed }),
        over_kept("kept connection closed", Outcome::Lost { phase: Mail, loss: Loss::Closed }),
        said("interrupted", interrupted()),
        hold("uncertain, resend", UncertainPolicy::Resend),
        hold("uncertain, hold", UncertainPolicy::Hold),
        hold("uncertain, assume_delivered", UncertainPolicy::AssumeDelivered),
        said("unsendable: larger than SIZE", Outcome::Unsendable(Obstacle::TooLarge { size: 2, limit: 1 })),
        said("unsendable: 8BITMIME missing", Outcome::Unsendable(Obstacle::EightBit)),
        given("unreachable: connection refused", Comes::Connecting(Arc::new(unreachable()))),
        given("unreachable: 554 5.7.1 as greeting", Comes::Connecting(Arc::new(not_greeted()))),
        given("null MX", Comes::Dns(MxAnswer::Null)),
        given("no such domain", Comes::Dns(MxAnswer::NoSuchDomain)),
        given("DNS failure", Comes::Dns(MxAnswer::Failed)),
        given("MTA-STS admits no host", Comes::Dns(MxAnswer::NotAdmitted)),
    ]
}

const fn given(name: &'static str, comes: Comes) -> Given {
    Given { name, comes, policy: UncertainPolicy::Resend }
}

const fn said(name: &'static str, outcome: Outcome) -> Given {
    given(name, Comes::InTransaction { outcome, messages: 0 })
}

const fn over_kept(name: &'static str, outcome: Outcome) -> Given {
    given(name, Comes::InTransaction { outcome, messages: 1 })
}

pub(crate) fn accepted() -> Outcome {
    Outcome::Accepted(reply(250, "2.0.0", "queued"))
}

pub(crate) fn refused(phase: Phase, code: u16, enhanced: &str, text: &str) -> Outcome {
    Outcome::Refused { phase, reply: reply(code, enhanced, text) }
}

/// The window closed over it.
pub(crate) const fn interrupted() -> Outcome {
    Outcome::Lost { phase: Phase::Rcpt, loss: Loss::Interrupted }
}

const fn unreachable() -> Finding {
    let evidence = Evidence::Instead("connection refused");
    Finding { stage: Stage::Connect, evidence, verdict: classify::UNREACHABLE }
}

fn not_greeted() -> Finding {
    Reader::default().turned_away(Stage::Greeting, &reply(554, "5.7.1", "not you"))
}
