//! One wording for one thing in every report: numbers, durations, and the words of the domain.

use record::files::DefectKind;
use record::{
    Cause, Clock, ExcludeReason, Feedback, MailingKind, Nanos, Outcome, Phase, Status, StatusCause, Timing,
};

const SECOND: Nanos = 1_000_000_000;

/// A number with its thousands apart: `512 340`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun: `1 contact`, `512 340 contacts`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{} {}", number(count), plural(count, noun))
}

/// The noun alone, in the number that fits: `delivery`, `deliveries`; `reply`, `replies`; `day`, `days`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        Some(_) | None => format!("{noun}s"),
    }
}

/// A share in tenths of a per cent, rounded down, so that 100 % is all and 0 % is nobody: `98.2 %`, `98 %`, `< 0.1 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    match (part, tenths) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "< 0.1 %".to_owned(),
        (_, tenths) if tenths % 10 == 0 => format!("{} %", tenths / 10),
        (_, tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A duration of the simulation the way scenarios write it: `29h30m`, `12s`, `132ms`. The part below a second is left
/// out from a second on, and that below a millisecond always.
pub(crate) fn span(nanos: Nanos) -> String {
    let seconds = nanos / SECOND;
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    match (text.is_empty(), nanos / 1_000_000) {
        (false, _) => text,
        (true, 0) if nanos > 0 => "less than 1ms".to_owned(),
        (true, 0) => "0h".to_owned(),
        (true, millis) => format!("{millis}ms"),
    }
}

/// Real time, roughly: `0.3ms`, `12ms`, `0.4s`, `2m05s`.
pub(crate) fn wall(timing: Timing) -> String {
    let micros = timing.wall / 1000;
    let millis = micros / 1000;
    match millis {
        0..10 => format!("{millis}.{}ms", micros / 100 % 10),
        10..100 => format!("{millis}ms"),
        100..59_950 => {
            let tenths = (millis + 50) / 100;
            format!("{}.{}s", tenths / 10, tenths % 10)
        }
        _ => {
            let seconds = (millis + 500) / 1000;
            format!("{}m{:02}s", seconds / 60, seconds % 60)
        }
    }
}

/// A moment within a time line: `+29:30:00.050`.
pub(crate) fn offset(nanos: Nanos) -> String {
    format!("+{}", Clock(nanos))
}

/// A digest: 16 hexadecimal digits.
pub(crate) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Error => "error",
        Status::OptOut => "opt_out",
    }
}

pub(crate) fn kind(kind: MailingKind) -> &'static str {
    match kind {
        MailingKind::Regular => "regular",
        MailingKind::Automated => "automated",
        MailingKind::Test => "test",
    }
}

pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::SoftBounced => "soft bounced",
        Outcome::HardBounced => "hard bounced",
        Outcome::Cancelled => "cancelled",
        Outcome::Dropped => "dropped",
    }
}

pub(crate) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Answer => "by the answer of the server",
        Cause::PlanExhausted => "the last attempt of the plan failed temporarily",
        Cause::HeldBack => "the window closed while our own limits, or a provider's throttling, held it back",
        Cause::Uncertain => "the window closed over an uncertain outcome",
        Cause::AssumedDelivered => "an uncertain outcome that the mailing's policy counts as delivered",
        Cause::ContactLeftActive => "the contact left active first",
        Cause::MailingCancelled => "an operator cancelled the mailing",
    }
}

pub(crate) fn excluded(reason: ExcludeReason) -> &'static str {
    match reason {
        ExcludeReason::Error => "its status is error",
        ExcludeReason::OptOut => "its status is opt_out",
        ExcludeReason::Duplicate => "the address is on the list already",
    }
}

/// What came back about a message.
pub(crate) const fn feedback(what: Feedback) -> &'static str {
    match what {
        Feedback::LateSoftBounce => "a report that the message bounced after it was delivered: soft",
        Feedback::LateHardBounce => "a report that the message bounced after it was delivered: hard",
        Feedback::Complaint => "a complaint about spam",
        Feedback::Unsubscribe => "the recipient unsubscribed",
        Feedback::Delayed => "a report that the message is still under way: ignored",
        Feedback::Arrived => "a report that the message has arrived or was passed on: ignored",
        Feedback::AutoReply => "an automatic answer: ignored",
        Feedback::NoComplaint => "a report about mail that is no complaint: ignored",
        Feedback::AboutAReport => "a report about a report: ignored",
        Feedback::Unreadable => "a message without a report in it that can be read: ignored",
        Feedback::NotDelivered => "a report of a bounce, but nothing was delivered: ignored",
        Feedback::Repeated => "the same once more: ignored",
    }
}

pub(crate) fn status_cause(cause: StatusCause) -> &'static str {
    match cause {
        StatusCause::HardBounce => "hard bounce",
        StatusCause::SoftBounce => "soft bounce",
        StatusCause::LateHardBounce => "hard bounce reported after the delivery",
        StatusCause::LateSoftBounce => "soft bounce reported after the delivery",
        StatusCause::Delivered => "delivered",
        StatusCause::OptOut => "unsubscribed",
        StatusCause::Complaint => "complained about spam",
        StatusCause::Reactivated => "re-activated by an operator",
        StatusCause::ReactivationRefused => "re-activation refused: only the contact can opt in again",
    }
}

/// What left a scenario without a verdict.
pub(crate) fn defect(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::Deadlock => "deadlock",
        DefectKind::InternalError => "internal error",
        DefectKind::NotReproducible => "not reproducible",
        DefectKind::Stalled => "stalled",
        DefectKind::TimeLimit => "time limit",
        DefectKind::NoSockets => "no sockets",
        DefectKind::NoReferee => "no referee",
        DefectKind::BeyondReferee => "beyond the referee",
        DefectKind::Disagreement => "disagreement",
    }
}

/// What to think of a scenario without a verdict.
pub(crate) fn defect_note(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::Deadlock | DefectKind::InternalError | DefectKind::NotReproducible => OUR_BUG,
        DefectKind::Stalled => {
            "if the machine was not overloaded, this is a bug in Bouncelab; please report it with these lines"
        }
        DefectKind::TimeLimit => {
            "give it longer with --time-limit; on the wire `live`, real time passes, on the others only work takes time"
        }
        DefectKind::NoSockets => {
            "see how many files a process may open (ulimit -n), and what else uses ports"
        }
        DefectKind::NoReferee => {
            "`cargo build --manifest-path sim/referee/Cargo.toml` builds it; if it was there and went away, try again"
        }
        DefectKind::BeyondReferee => {
            "nothing is wrong with the scenario: run it without --server mailin, which cannot do all that the fleet can"
        }
        DefectKind::Disagreement => {
            "either the engine said it wrong, or the fleet or mailin read it wrong; please report it with these lines"
        }
    }
}

/// Whose fault it is that a scenario has no verdict, as far as that is certain.
pub(crate) fn blame(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::Deadlock | DefectKind::InternalError | DefectKind::NotReproducible => {
            ", a bug in Bouncelab"
        }
        DefectKind::Stalled
        | DefectKind::TimeLimit
        | DefectKind::NoSockets
        | DefectKind::NoReferee
        | DefectKind::BeyondReferee
        | DefectKind::Disagreement => "",
    }
}

/// What to think of a broken law.
pub(crate) const OUR_BUG: &str =
    "this is a bug in Bouncelab, not in the scenario; please report it with these lines";

pub(crate) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Dns => "DNS",
        Phase::Connect => "connect",
        Phase::Greeting => "greeting",
        Phase::Ehlo => "EHLO",
        Phase::Mail => "MAIL",
        Phase::Rcpt => "RCPT",
        Phase::Data => "DATA",
        Phase::Body => "body",
        Phase::EndOfData => "end of data",
        Phase::Report => "report",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_all_or_nothing_only_if_it_is() {
        let check = |part, whole, text| assert_eq!(percent(part, whole), text);
        check(0, 0, "0 %");
        check(1, 100_000, "< 0.1 %");
        check(1, 3, "33.3 %");
        check(99_999, 100_000, "99.9 %");
        check(5, 5, "100 %");
    }

    #[test]
    fn thousands_stand_apart() {
        let check = |count, text: &str| assert_eq!(number(count), text);
        check(0, "0");
        check(999, "999");
        check(1_000, "1 000");
        check(512_340, "512 340");
        check(u64::MAX, "18 446 744 073 709 551 615");
    }

    #[test]
    fn a_noun_agrees_with_its_number() {
        assert_eq!(counted(1, "contact"), "1 contact");
        assert_eq!(counted(0, "contact"), "0 contacts");
        assert_eq!([1, 2].map(|count| counted(count, "delivery")), ["1 delivery", "2 deliveries"]);
        assert_eq!(counted(2, "day"), "2 days");
    }

    #[test]
    fn a_span_reads_like_a_scenario() {
        let check = |nanos, text: &str| assert_eq!(span(nanos), text);
        check(0, "0h");
        check(132_400_000, "132ms");
        check(SECOND + 1, "1s");
        check((29 * 3600 + 30 * 60) * SECOND, "29h30m");
        check(366 * 3600 * SECOND, "366h");
    }

    #[test]
    fn real_time_is_rounded_to_what_matters() {
        let check = |millis: u64, text: &str| assert_eq!(wall(Timing { wall: millis * 1_000_000 }), text);
        assert_eq!(wall(Timing { wall: 290_000 }), "0.2ms");
        check(0, "0.0ms");
        check(9, "9.0ms");
        check(10, "10ms");
        check(99, "99ms");
        check(100, "0.1s");
        check(4_249, "4.2s");
        check(59_949, "59.9s");
        check(59_950, "1m00s");
        check(125_400, "2m05s");
    }
}
