//! The ledger of one contact, divided into chapters: one a mailing, and one for each stretch apart from any mailing.

use record::{
    Contact, Event, EventKind, Mailing, MailingId, Nanos, Outcome, Reactivation, Record, Status, StatusCause,
};

use super::Words;
use super::attempt::Teller;
use super::moment::{Moment, moments};
use super::receipts::Seen;
use super::sequels;
use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// The events of one mailing, or of a stretch apart from any; in order of time.
pub(crate) struct Chapter {
    pub(crate) mailing: Option<MailingId>,
    pub(crate) events: Vec<Event>,
}

/// Chapters in the order of their first event.
pub(crate) fn divide(events: &[Event]) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for event in events {
        let open = match event.mailing {
            Some(_) => chapters.iter_mut().find(|chapter| chapter.mailing == event.mailing),
            None => chapters.last_mut().filter(|chapter| chapter.mailing.is_none()),
        };
        match open {
            Some(chapter) => chapter.events.push(*event),
            None => chapters.push(Chapter { mailing: event.mailing, events: vec![*event] }),
        }
    }
    chapters
}

impl Chapter {
    pub(super) fn tell(
        &self,
        page: &mut Page,
        record: &Record,
        contact: &Contact,
        seen: &mut Seen,
        words: Words,
    ) {
        let mailing = self.mailing.map(|mailing| &record.mailings[usize::from(mailing)]);
        let start = self.start(mailing);
        match mailing {
            Some(mailing) => heading(page, mailing, start),
            None => page.line(&[
                (Ink::Strong, "apart from any mailing"),
                (Ink::Dim, "   times count from the epoch"),
            ]),
        }
        let mut receipts = self.mailing.map(|id| seen.take_of(record, id, contact)).unwrap_or_default();
        let mut teller = Teller::new(record, contact, start, words);
        for moment in moments(&self.events) {
            match moment {
                Moment::Attempt(attempt) => teller.attempt(page, &attempt, &mut receipts),
                Moment::Repeated(repeated) => teller.repeated(page, &repeated, &mut receipts),
                Moment::Other(event) => other(page, record, start, &event),
            }
        }
        receipts.tell_rest(page, start);
        if let Some(id) = self.mailing {
            sequels::tell(page, record, contact, id, start);
        }
    }

    /// What the times of the chapter count from: the moment the mailing started for this recipient.
    fn start(&self, mailing: Option<&Mailing>) -> Nanos {
        let selected = self.events.iter().find(|event| event.kind == EventKind::Selected);
        match (selected, mailing) {
            (Some(event), _) => event.at,
            (None, Some(mailing)) => mailing.start,
            (None, None) => 0,
        }
    }
}

fn heading(page: &mut Page, mailing: &Mailing, start: Nanos) {
    let kind = format!("   {} mailing", wording::kind(mailing.kind));
    page.line(&[(Ink::Strong, &mailing.name), (Ink::Dim, &kind)]);
    let plan: Vec<_> = mailing.attempt_offsets.iter().map(|offset| wording::span(*offset)).collect();
    let rules = format!(
        "attempts planned at {}; contact policy {}; uncertain outcomes: {}",
        plan.join(", "),
        mailing.contact_policy,
        mailing.uncertain_policy.replace('_', " ")
    );
    page.wrapped(&[(Ink::Text, "  ")], Ink::Dim, &rules);
    if start > 0 {
        page.line(&[(
            Ink::Dim,
            &format!("  times count from its start for this recipient, {}", wording::span(start)),
        )]);
    }
    page.gap();
}

/// An event that is no attempt, in one line.
fn other(page: &mut Page, record: &Record, start: Nanos, event: &Event) {
    let (ink, word, text) = match event.kind {
        EventKind::Selected => (Ink::Text, "selected", String::new()),
        EventKind::Excluded(reason) => (Ink::Caution, "left out", wording::excluded(reason).to_owned()),
        EventKind::Settled { outcome, cause, .. } => {
            let because = match cause {
                record::Cause::Answer => String::new(),
                cause => format!(": {}", wording::cause(cause)),
            };
            (outcome_ink(outcome), "settled", format!("{}{because}", wording::outcome(outcome)))
        }
        EventKind::Feedback { what, .. } => return super::feedback::tell(page, record, start, event, what),
        EventKind::StatusChanged { from, to, strikes, cause } => {
            let ink = if from == to { Ink::Text } else { Ink::Strong };
            let asked = asked(record, event);
            (ink, "contact", format!("{}{asked}", status_change(from, to, strikes, cause)))
        }
        // Told as attempts; alone only in a ledger that a law complains about.
        EventKind::AttemptBegun { .. } | EventKind::AttemptEnded { .. } | EventKind::Uncounted { .. } => {
            (Ink::Bad, "stray", "the end of an attempt that was not begun".to_owned())
        }
    };
    let time = format!("  {}  ", wording::offset(event.at.saturating_sub(start)));
    let word = if text.is_empty() { word.to_owned() } else { format!("{word}  ") };
    page.wrapped(&[(Ink::Dim, &time), (Ink::Text, &word)], ink, &text);
}

fn outcome_ink(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Delivered => Ink::Good,
        Outcome::SoftBounced | Outcome::Cancelled | Outcome::Dropped => Ink::Caution,
        Outcome::HardBounced => Ink::Bad,
    }
}

/// Who asked for a re-activation, and why; nothing for any other event.
fn asked(record: &Record, event: &Event) -> String {
    let own = |one: &&Reactivation| one.contact == event.contact && one.at == event.at;
    let asked = match event.kind {
        EventKind::StatusChanged {
            cause: StatusCause::Reactivated | StatusCause::ReactivationRefused,
            ..
        } => record.reactivations.iter().find(own),
        _ => None,
    };
    asked.map_or_else(String::new, |one| format!("; asked by {}: {}", one.by, one.why))
}

/// What became of a contact, in words.
pub(crate) fn status_change(from: Status, to: Status, strikes: u8, cause: StatusCause) -> String {
    let counted = format!("{} in a row", wording::counted(u64::from(strikes), "soft bounce"));
    let why = match cause {
        StatusCause::SoftBounce => counted,
        StatusCause::LateSoftBounce => format!("{}, {counted}", wording::status_cause(cause)),
        StatusCause::Delivered if from == to => format!("delivered, {counted}"),
        StatusCause::Delivered
        | StatusCause::HardBounce
        | StatusCause::LateHardBounce
        | StatusCause::OptOut
        | StatusCause::Complaint
        | StatusCause::Reactivated
        | StatusCause::ReactivationRefused => wording::status_cause(cause).to_owned(),
    };
    if from == to {
        format!("stays {}: {why}", wording::status(to))
    } else {
        format!("{} -> {}: {why}", wording::status(from), wording::status(to))
    }
}
