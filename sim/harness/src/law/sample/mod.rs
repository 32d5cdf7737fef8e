//! A record in which every law holds, made without engine and fleet, and ways to break it. For tests only.
//!
//! [`lawful`] is one small world in which most things happen that can happen to a recipient. Both accounts are written
//! side by side ([`writer`]); tests of laws change a line and look at what is found ([`damage`]).

mod damage;
mod writer;

use record::{
    Cause, ContactId, EventKind, ExcludeReason, Feedback, MailingId, MailingKind, Nanos, Outcome, Record,
    Status, StatusCause,
};

pub(super) use damage::*;
pub(super) use writer::{
    DELIVERED, GREYLISTED, LATE_FULL, LATE_UNKNOWN, LOST, MAILBOX_FULL, SENDER_REFUSED, THROTTLED, UNCERTAIN,
    UNKNOWN_USER, UNREACHABLE,
};

use writer::Sample;

pub(super) const MILLI: Nanos = 1_000_000;
pub(super) const MINUTE: Nanos = 60_000 * MILLI;
pub(super) const HOUR: Nanos = 60 * MINUTE;

pub(super) const SPRING: MailingId = 0;
pub(super) const SUMMER: MailingId = 1;
pub(super) const AUTUMN: MailingId = 2;
/// A test mailing.
pub(super) const PROOF: MailingId = 3;

/// Delivered at once; a hard bounce in the test mailing.
pub(super) const ANN: ContactId = 0;
/// Greylisted, then delivered.
pub(super) const BOB: ContactId = 1;
/// Her mailbox is full: three soft bounces in a row.
pub(super) const CLEO: ContactId = 2;
/// Unknown: a hard bounce.
pub(super) const DAN: ContactId = 3;
/// Opts out after the first of her attempts.
pub(super) const EVE: ContactId = 4;
/// Complains before her first attempt, for which a limit makes her wait.
pub(super) const FAY: ContactId = 5;
/// Throttled with 421, then delivered; he complains.
pub(super) const GUS: ContactId = 6;
/// Accepted with the reply lost, then delivered again.
pub(super) const HAL: ContactId = 7;
/// In Error; re-activated for the summer.
pub(super) const IDA: ContactId = 8;
/// Twice on the list.
pub(super) const JON: ContactId = 9;
/// Unreachable until the last attempt; later it turns out that nobody lives there.
pub(super) const KIM: ContactId = 10;
/// The connection is lost in the middle of the message, then delivered; she unsubscribes.
pub(super) const LEA: ContactId = 11;
/// Opted out; an operator tries in vain to re-activate him.
pub(super) const MAX: ContactId = 12;
/// The sender is refused for a while before he is named, then delivered.
pub(super) const NED: ContactId = 13;
/// A soft bounce, a delivery, a soft bounce.
pub(super) const PAT: ContactId = 14;
/// A soft bounce, and a delivery that turns out to be a soft bounce.
pub(super) const RAY: ContactId = 15;

/// A record of nothing: two providers, nobody to mail.
pub(super) fn empty() -> Record {
    Sample::new().finish()
}

/// A record in which every law holds.
pub(super) fn lawful() -> Record {
    let mut sample = Sample::new();
    audience(&mut sample);
    spring(&mut sample);
    proof(&mut sample);
    summer(&mut sample);
    autumn(&mut sample);
    sample.finish()
}

fn audience(sample: &mut Sample) {
    let north = ["ann", "bob", "eve", "fay", "jon", "kim", "lea", "max", "ray"];
    let names = [
        "ann", "bob", "cleo", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "kim", "lea", "max", "ned",
        "pat", "ray",
    ];
    for name in names {
        sample.contact(name, if north.contains(&name) { 0 } else { 1 });
    }
    sample.record.contacts[IDA as usize].status = Status::Error;
    sample.record.contacts[MAX as usize].status = Status::OptOut;
    sample.record.contacts[JON as usize].listed = 2;
    sample.mailing("spring-sale", MailingKind::Regular, 0);
    sample.mailing("summer-sale", MailingKind::Regular, 40 * HOUR);
    sample.mailing("autumn-sale", MailingKind::Automated, 80 * HOUR);
    sample.mailing("proof", MailingKind::Test, 2 * HOUR);
}

fn spring(sample: &mut Sample) {
    sample.deliver_after(SPRING, ANN, &[]);
    sample.deliver_after(SPRING, BOB, &[GREYLISTED]);
    sample.bounce_softly(SPRING, CLEO, 1);
    sample.select(SPRING, DAN);
    let at = sample.attempt(SPRING, DAN, 0, UNKNOWN_USER);
    sample.settle(SPRING, DAN, at, Outcome::HardBounced, Cause::Answer);
    sample.change(Some(SPRING), DAN, at, (Status::Active, Status::Error, 0), StatusCause::HardBounce);
    sample.select(SPRING, EVE);
    sample.attempt(SPRING, EVE, 0, GREYLISTED);
    sample.change(None, EVE, HOUR / 2, (Status::Active, Status::OptOut, 0), StatusCause::OptOut);
    sample.settle(SPRING, EVE, HOUR / 2, Outcome::Cancelled, Cause::ContactLeftActive);
    sample.select(SPRING, FAY);
    sample.change(None, FAY, MINUTE, (Status::Active, Status::OptOut, 0), StatusCause::Complaint);
    sample.settle(SPRING, FAY, MINUTE, Outcome::Dropped, Cause::ContactLeftActive);
    sample.select(SPRING, GUS);
    sample.attempt(SPRING, GUS, 0, THROTTLED);
    let at = sample.attempt(SPRING, GUS, 5 * MINUTE, DELIVERED);
    sample.settle(SPRING, GUS, at, Outcome::Delivered, Cause::Answer);
    sample.deliver_after(SPRING, HAL, &[UNCERTAIN]);
    sample.event(Some(SPRING), IDA, 0, EventKind::Excluded(ExcludeReason::Error));
    sample.deliver_after(SPRING, JON, &[]);
    sample.event(Some(SPRING), JON, 0, EventKind::Excluded(ExcludeReason::Duplicate));
    sample.deliver_after(SPRING, KIM, &[UNREACHABLE, UNREACHABLE, UNREACHABLE]);
    sample.deliver_after(SPRING, LEA, &[LOST]);
    sample.event(Some(SPRING), MAX, 0, EventKind::Excluded(ExcludeReason::OptOut));
    sample.deliver_after(SPRING, NED, &[SENDER_REFUSED]);
    sample.bounce_softly(SPRING, PAT, 1);
    sample.bounce_softly(SPRING, RAY, 1);
    sample.hear(SPRING, GUS, 3 * HOUR, Feedback::Complaint, (Status::OptOut, 0));
    sample.hear(SPRING, LEA, 4 * HOUR, Feedback::Unsubscribe, (Status::OptOut, 0));
    sample.hear(SPRING, KIM, 31 * HOUR, Feedback::LateHardBounce, (Status::Error, 0));
    let ignored = EventKind::Feedback { what: Feedback::Repeated, verdict: None };
    sample.event(Some(SPRING), KIM, 32 * HOUR, ignored);
}

fn proof(sample: &mut Sample) {
    sample.select(PROOF, ANN);
    let at = sample.attempt(PROOF, ANN, 2 * HOUR, UNKNOWN_USER);
    sample.settle(PROOF, ANN, at, Outcome::HardBounced, Cause::Answer);
}

fn summer(sample: &mut Sample) {
    sample.reactivate(IDA, 35 * HOUR, Status::Error, Status::Active);
    sample.reactivate(MAX, 35 * HOUR, Status::OptOut, Status::OptOut);
    sample.deliver_after(SUMMER, IDA, &[]);
    sample.bounce_softly(SUMMER, CLEO, 2);
    let at = sample.deliver_after(SUMMER, PAT, &[]);
    sample.change(Some(SUMMER), PAT, at, (Status::Active, Status::Active, 0), StatusCause::Delivered);
    let at = sample.deliver_after(SUMMER, RAY, &[]);
    sample.change(Some(SUMMER), RAY, at, (Status::Active, Status::Active, 0), StatusCause::Delivered);
    sample.hear(SUMMER, RAY, 70 * HOUR, Feedback::LateSoftBounce, (Status::Active, 2));
}

fn autumn(sample: &mut Sample) {
    sample.bounce_softly(AUTUMN, CLEO, 3);
    sample.bounce_softly(AUTUMN, PAT, 1);
}
