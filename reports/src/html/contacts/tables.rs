//! The words of the domain as tables for the script: the same words as in the terminal, by the numbers that stories use.

use record::{Cause, ExcludeReason, Feedback, Happening, Outcome, Record, Status};

use crate::html::data::{self, Object};
use crate::html::shown;
use crate::story;
use crate::wording;

const STATUSES: [Status; 3] = [Status::Active, Status::Error, Status::OptOut];
const REASONS: [ExcludeReason; 3] = [ExcludeReason::Error, ExcludeReason::OptOut, ExcludeReason::Duplicate];
const OUTCOMES: [Outcome; 5] =
    [Outcome::Delivered, Outcome::SoftBounced, Outcome::HardBounced, Outcome::Cancelled, Outcome::Dropped];
const CAUSES: [Cause; 7] = [
    Cause::Answer,
    Cause::PlanExhausted,
    Cause::HeldBack,
    Cause::Uncertain,
    Cause::AssumedDelivered,
    Cause::ContactLeftActive,
    Cause::MailingCancelled,
];
const HAPPENINGS: [Happening; 10] = [
    Happening::Inbox,
    Happening::SpamFolder,
    Happening::Lost,
    Happening::Forwarded,
    Happening::BouncedLater,
    Happening::AutoReplied,
    Happening::Opened,
    Happening::Clicked,
    Happening::Complained,
    Happening::Unsubscribed,
];

/// Writes them, and the other tables of the record that stories point into.
pub(super) fn write(record: &Record, object: &mut Object<'_>) {
    object.strings("statuses", STATUSES.map(wording::status));
    object.strings("reasons", REASONS.map(wording::excluded));
    object.strings("outcomes", OUTCOMES.map(wording::outcome));
    object.strings("causes", CAUSES.map(wording::cause));
    object.strings("feedback", Feedback::ALL.map(wording::feedback));
    let happening = HAPPENINGS.map(story::happening);
    object.strings("happenings", happening.map(|(ink, words)| format!("{}{words}", ink.letter())));
    data::list(object.entry("mailings"), &record.mailings, mailing);
    data::list(object.entry("providers"), &record.providers, provider);
    data::list(object.entry("spans"), &record.timeline, span);
    data::list(object.entry("reactivations"), &record.reactivations, |out, one| {
        let mut object = Object::new(out);
        object.number("contact", one.contact);
        object.number("at", one.at / MILLI);
        object.string("by", &shown::line(&one.by));
        object.string("why", &shown::line(&one.why));
        object.end();
    });
}

const MILLI: u64 = 1_000_000;

fn mailing(out: &mut String, mailing: &record::Mailing) {
    let mut object = Object::new(out);
    object.string("name", &shown::line(&mailing.name));
    object.string("kind", wording::kind(mailing.kind));
    object.number("start", mailing.start / MILLI);
    object.end();
}

fn provider(out: &mut String, provider: &record::Provider) {
    let mut object = Object::new(out);
    object.string("name", &shown::line(&provider.name));
    object.string("profile", &shown::line(&provider.profile));
    object.string("help", provider.help_url.as_deref().and_then(shown::link).unwrap_or_default());
    object.end();
}

fn span(out: &mut String, span: &record::Span) {
    let words = match (span.name.as_str(), span.what.as_str()) {
        ("", what) => what.to_owned(),
        (name, "") => name.to_owned(),
        (name, what) => format!("{name}: {what}"),
    };
    let mut object = Object::new(out);
    object.string("words", &shown::line(&words));
    object.number("from", span.from / MILLI);
    if let Some(until) = span.until {
        object.number("until", until / MILLI);
    }
    if let Some(repeat) = span.repeat {
        object.number("every", repeat.every / MILLI);
        object.number("lasts", repeat.lasts / MILLI);
    }
    if let Some(provider) = span.provider {
        object.number("provider", provider);
    }
    object.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_the_order_of_the_numbers() {
        fn check<T: Copy>(all: &[T], number: fn(T) -> usize) {
            assert!(all.iter().enumerate().all(|(index, one)| number(*one) == index));
        }
        check(&STATUSES, |one| one as usize);
        check(&REASONS, |one| one as usize);
        check(&OUTCOMES, |one| one as usize);
        check(&CAUSES, |one| one as usize);
        check(&Feedback::ALL, |one| one as usize);
        check(&HAPPENINGS, |one| one as usize);
    }
}
