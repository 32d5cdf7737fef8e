//! How it is told that something came back about a message: what it was, and for a bounce the reason that it gives.

use record::{Event, Feedback, Nanos, Record, VerdictId};

use super::attempt::{class_ink, code, remark, reply};
use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// Tells that `what` came back at the moment of `event`.
pub(super) fn tell(page: &mut Page, record: &Record, start: Nanos, event: &Event, what: Feedback) {
    let time = format!("  {}  ", wording::offset(event.at.saturating_sub(start)));
    page.wrapped(&[(Ink::Dim, &time), (Ink::Text, "came back  ")], ink(what), wording::feedback(what));
    if let Some(verdict) = event.kind.verdict() {
        reason(page, record, verdict);
    }
}

fn reason(page: &mut Page, record: &Record, verdict: VerdictId) {
    let verdict = &record.verdicts[verdict as usize];
    let judged = format!("{}, {}", verdict.class, verdict.category);
    page.line(&[
        (Ink::Text, super::attempt::INDENT),
        (Ink::Text, wording::phase(verdict.phase)),
        (Ink::Strong, &code(verdict)),
        (Ink::Text, "  "),
        (class_ink(&verdict.class), &judged),
    ]);
    reply(page, &verdict.text);
    if !verdict.reason.is_empty() {
        remark(page, Ink::Text, &verdict.reason);
    }
    remark(page, Ink::Dim, &format!("by rule {}, about the {}", verdict.rule, verdict.scope));
}

const fn ink(what: Feedback) -> Ink {
    match what {
        Feedback::LateHardBounce => Ink::Bad,
        Feedback::LateSoftBounce | Feedback::Complaint | Feedback::Unsubscribe => Ink::Caution,
        Feedback::Delayed
        | Feedback::Arrived
        | Feedback::AutoReply
        | Feedback::NoComplaint
        | Feedback::AboutAReport
        | Feedback::Unreadable
        | Feedback::NotDelivered
        | Feedback::Repeated => Ink::Dim,
    }
}
