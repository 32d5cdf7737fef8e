//! Law `two-accounts`: the engine's ledger and the fleet's receipts tell the same story.
//!
//! For each recipient, every receipt must fall into an attempt that was under way and say what the engine wrote down for
//! it, and every attempt that a server decided must have its receipt; which go together, `correspondence` says. Apart from
//! that, deliveries are counted once more without looking at the order of things.

use record::{Answer, Arrival, Cause, Event, EventKind, Nanos, Outcome, VerdictId};

use super::accounts::{Accounts, Story};
use super::correspondence::Wanted;
use super::findings::{Findings, clock};
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "two-accounts",
    about: "The engine's ledger and the fleet's receipts agree, recipient by recipient and answer by answer; what was \
            accepted is the mailing's message byte for byte; and nothing is delivered twice, except where a reply was lost.",
    checks: &[Check::Record(accuse_strays), Check::Recipient(judge)],
};

/// Reports the receipts that belong to no recipient of any mailing.
fn accuse_strays(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    let receipts = &accounts.record.receipts;
    let name = |names: &[String], id: u32| names.get(id as usize).cloned().unwrap_or_default();
    for stray in accounts.strays() {
        findings.demand(false, stray.at, None, || {
            let from = name(&receipts.senders, stray.sender);
            let to = name(&receipts.recipients, stray.recipient);
            format!("a server saw mail from `{from}` for `{to}`, but there is no such mailing or contact")
        });
    }
}

fn judge(story: &Story<'_>, findings: &mut Findings<'_>) {
    for receipt in story.receipts {
        judge_receipt(story, receipt, findings);
    }
    compare(story, findings);
    count_deliveries(story, findings);
}

/// Judges what can be said about a receipt alone: the place and the message.
fn judge_receipt(story: &Story<'_>, receipt: &Arrival, findings: &mut Findings<'_>) {
    let home = story.accounts.record.contacts[story.contact as usize].provider;
    findings.demand_of(story, receipt.provider == home, receipt.at, || {
        format!("went to provider {}, but provider {home} serves it", receipt.provider)
    });
    let (Answer::Accepted { body_hash, body_bytes } | Answer::AcceptedReplyLost { body_hash, body_bytes }) =
        receipt.answer
    else {
        return;
    };
    let sent = story.accounts.record.message(story.id, story.contact);
    let same = (body_hash, body_bytes) == (sent.hash, sent.bytes);
    findings.demand_of(story, same, receipt.at, || {
        format!(
            "a server received {body_bytes} bytes with hash {body_hash:016x}, but the message has {} bytes with hash \
             {:016x}",
            sent.bytes, sent.hash
        )
    });
}

/// Lays attempts and receipts side by side, both in the order of time.
fn compare(story: &Story<'_>, findings: &mut Findings<'_>) {
    let mut receipts = story.receipts.iter().peekable();
    for attempt in attempts(story) {
        while let Some(early) = receipts.next_if(|receipt| receipt.at < attempt.begun) {
            findings.demand_of(story, false, early.at, || unexpected(early));
        }
        let receipt = receipts.next_if(|receipt| attempt.takes(receipt));
        let agree =
            receipt.map_or(attempt.wanted.may_lack(), |receipt| attempt.agrees(receipt, story.accounts));
        findings.demand_of(story, agree, attempt.begun, || disagreement(&attempt, receipt));
    }
    for late in receipts {
        findings.demand_of(story, false, late.at, || unexpected(late));
    }
}

/// An attempt, by the ledger.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    /// The connection it was made on; 0 for none.
    connection: u32,
    begun: Nanos,
    /// The last instant of it; the end of time if it never ended.
    ended: Nanos,
    /// When the next one began; the end of time if none did.
    next: Nanos,
    wanted: Wanted,
}

fn attempts(story: &Story<'_>) -> impl Iterator<Item = Attempt> {
    let is_begin = |event: &Event| matches!(event.kind, EventKind::AttemptBegun { .. });
    let begun = story.events.iter().enumerate().filter_map(|(index, event)| match event.kind {
        EventKind::AttemptBegun { connection, .. } => Some((index, event, connection)),
        _ => None,
    });
    begun.map(move |(index, event, connection)| {
        let rest = &story.events[index + 1..];
        let next = rest.iter().position(is_begin).unwrap_or(rest.len());
        let end = rest[..next].iter().find_map(|event| Some((event.at, end_of_attempt(event)?)));
        let row = end.and_then(|(_, verdict)| story.accounts.verdict(verdict).map(|row| (verdict, row)));
        Attempt {
            connection,
            begun: event.at,
            ended: end.map_or(Nanos::MAX, |(at, _)| at),
            next: rest.get(next).map_or(Nanos::MAX, |event| event.at),
            wanted: row.map_or(Wanted::Anything, |(verdict, row)| {
                Wanted::of(story.accounts.class(verdict), row.phase, row.code)
            }),
        }
    })
}

const fn end_of_attempt(event: &Event) -> Option<VerdictId> {
    match event.kind {
        EventKind::AttemptEnded { verdict, .. } | EventKind::Uncounted { verdict } => Some(verdict),
        EventKind::Selected
        | EventKind::Excluded(_)
        | EventKind::AttemptBegun { .. }
        | EventKind::Settled { .. }
        | EventKind::Feedback { .. }
        | EventKind::StatusChanged { .. } => None,
    }
}

impl Attempt {
    fn agrees(&self, receipt: &Arrival, accounts: &Accounts<'_>) -> bool {
        let cut_off =
            || accounts.connection(receipt).is_some_and(|connection| connection.closed <= self.ended);
        let fits = self.wanted.allows(receipt.answer) || (self.wanted.may_miss(receipt.answer) && cut_off());
        fits && receipt.connection == self.connection
    }

    /// Whether `receipt` belongs to this attempt. Only the end of a connection may become known to the server after the
    /// engine gave the attempt up.
    fn takes(&self, receipt: &Arrival) -> bool {
        let during = receipt.at <= self.ended;
        let afterwards = receipt.answer == Answer::Unfinished && receipt.at < self.next;
        // At the instant of both an end and a begin, a receipt that does not fit the one is left to the other.
        let fits_next_only =
            receipt.at == self.next && self.wanted.may_lack() && !self.wanted.allows(receipt.answer);
        (during || afterwards) && !fits_next_only
    }
}

fn unexpected(receipt: &Arrival) -> String {
    format!("the server's {} at {} belongs to no attempt of the ledger", written(receipt), clock(receipt.at))
}

fn disagreement(attempt: &Attempt, receipt: Option<&Arrival>) -> String {
    let (began, ledger) = (clock(attempt.begun), attempt.wanted);
    match receipt {
        Some(receipt) => {
            let Arrival { connection: theirs, .. } = receipt;
            let ours = attempt.connection;
            format!(
                "the attempt of {began} ended as {ledger:?} on connection {ours}, but the server has {} on connection \
                 {theirs}",
                written(receipt)
            )
        }
        None => format!("the attempt of {began} ended as {ledger:?}, but no server has a receipt for it"),
    }
}

fn written(receipt: &Arrival) -> String {
    match receipt.answer {
        Answer::Accepted { .. } => "acceptance".to_owned(),
        Answer::AcceptedReplyLost { .. } => "acceptance with the reply lost".to_owned(),
        Answer::Refused { phase, code } => format!("refusal with {code} at {phase:?}"),
        Answer::Unfinished => "unfinished transaction".to_owned(),
    }
}

/// Counts the accepted copies, without regard to which attempt brought them.
fn count_deliveries(story: &Story<'_>, findings: &mut Findings<'_>) {
    let Some((at, outcome, cause)) = story.events.iter().rev().find_map(final_outcome) else { return };
    let count = |wanted: fn(&Answer) -> bool| story.receipts.iter().filter(|one| wanted(&one.answer)).count();
    let confirmed = count(|answer| matches!(answer, Answer::Accepted { .. }));
    let copies = confirmed + count(|answer| matches!(answer, Answer::AcceptedReplyLost { .. }));
    let delivered = outcome == Outcome::Delivered;
    let by_answer = delivered && cause == Cause::Answer;
    findings.demand_of(story, confirmed == 0 || delivered, at, || {
        format!("the server accepted the message and said so, but it ended as {outcome:?}")
    });
    findings.demand_of(story, !by_answer || confirmed > 0, at, || {
        "is counted as delivered, but no server accepted the message and said so".to_owned()
    });
    let uncertain = attempts(story).filter(|attempt| attempt.wanted == Wanted::Uncertain).count();
    let most = usize::from(by_answer) + uncertain;
    findings.demand_of(story, copies <= most, at, || {
        format!("the server accepted {copies} copies, at most {most} are accounted for")
    });
}

const fn final_outcome(event: &Event) -> Option<(Nanos, Outcome, Cause)> {
    match event.kind {
        EventKind::Settled { outcome, cause, .. } => Some((event.at, outcome, cause)),
        EventKind::Selected
        | EventKind::Excluded(_)
        | EventKind::AttemptBegun { .. }
        | EventKind::AttemptEnded { .. }
        | EventKind::Uncounted { .. }
        | EventKind::Feedback { .. }
        | EventKind::StatusChanged { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use record::{Phase, Record};

    use super::*;
    use crate::law::sample::{self, ANN, BOB, CLEO, DAN, GUS, HAL, IDA, LEA, MILLI, NED, SPRING, SUMMER};

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    /// Changes the first receipt for a recipient.
    fn receipt(record: &mut Record, contact: u32) -> &mut Arrival {
        sample::receipts(record, SPRING, contact).next().expect("a receipt")
    }

    fn answer(contact: u32, answer: Answer) -> impl FnOnce(&mut Record) {
        move |record| receipt(record, contact).answer = answer
    }

    const ACCEPTED: Answer = Answer::Accepted { body_hash: 0xB0D1, body_bytes: 4096 };
    const REPLY_LOST: Answer = Answer::AcceptedReplyLost { body_hash: 0xB0D1, body_bytes: 4096 };

    #[test]
    fn every_answer_is_written_down_as_it_was() {
        let refused = |phase, code| Answer::Refused { phase, code };
        check(answer(DAN, refused(Phase::Rcpt, 551)), "but the server has refusal with 551 at Rcpt");
        check(
            answer(DAN, refused(Phase::EndOfData, 550)),
            "but the server has refusal with 550 at EndOfData",
        );
        check(answer(DAN, ACCEPTED), "but the server has acceptance");
        check(answer(ANN, refused(Phase::EndOfData, 554)), "but the server has refusal with 554");
        check(answer(ANN, REPLY_LOST), "but the server has acceptance with the reply lost");
        check(answer(LEA, REPLY_LOST), "but the server has acceptance with the reply lost");
        check(answer(HAL, refused(Phase::EndOfData, 451)), "but the server has refusal with 451");
        check(answer(BOB, Answer::Unfinished), "but the server has unfinished transaction");
    }

    #[test]
    fn a_server_may_not_have_learnt_of_the_recipient() {
        sample::keeps(&LAW, |record| receipt(record, GUS).answer = Answer::Unfinished);
        sample::keeps(&LAW, |record| {
            let is_throttle =
                |arrival: &Arrival| arrival.answer == Answer::Refused { phase: Phase::Rcpt, code: 421 };
            record.receipts.arrivals.retain(|arrival| !is_throttle(arrival));
        });
        sample::keeps(&LAW, |record| {
            // With PIPELINING the server may have read RCPT behind the MAIL that it refused.
            let begun = |event: &Event| match event.kind {
                EventKind::AttemptBegun { connection, .. }
                    if (event.contact, event.mailing) == (NED, Some(SPRING)) =>
                {
                    Some(connection)
                }
                _ => None,
            };
            let connection = record.events.iter().find_map(begun).expect("an attempt");
            let mut arrival = *sample::receipts(record, SPRING, NED).next().expect("a receipt");
            arrival.at = 60 * MILLI;
            arrival.connection = connection;
            arrival.answer = Answer::Refused { phase: Phase::Mail, code: 450 };
            record.receipts.arrivals.push(arrival);
            sample::sort(record);
        });
        check(|record| sample::lose_receipts(record, SPRING, DAN), "but no server has a receipt for it");
        check(|record| sample::lose_receipts(record, SPRING, LEA), "but no server has a receipt for it");
        check(|record| sample::lose_receipts(record, SPRING, HAL), "but no server has a receipt for it");
    }

    #[test]
    fn both_name_the_same_connection() {
        check(
            |record| receipt(record, LEA).connection += 1,
            "on connection 7, but the server has unfinished transaction on connection 8",
        );
    }

    #[test]
    fn a_refusal_is_missed_only_when_the_connection_ended() {
        let refused = answer(LEA, Answer::Refused { phase: Phase::EndOfData, code: 552 });
        let cut = |record: &mut Record| {
            let Arrival { provider, connection, .. } = *receipt(record, LEA);
            let mut connections = record.receipts.connections.iter_mut();
            let carrying = connections.find(|one| (one.provider, one.number) == (provider, connection));
            carrying.expect("a connection").closed = 100 * MILLI;
        };
        sample::keeps(&LAW, |record| {
            answer(LEA, Answer::Refused { phase: Phase::EndOfData, code: 552 })(record);
            cut(record);
        });
        check(refused, "but the server has refusal with 552 at EndOfData");
        check(
            |record| {
                answer(LEA, Answer::Refused { phase: Phase::Rcpt, code: 550 })(record);
                cut(record);
            },
            "but the server has refusal with 550 at Rcpt",
        );
    }

    #[test]
    fn an_answer_belongs_to_the_attempt_under_way() {
        check(|record| receipt(record, DAN).at = 200 * MILLI, "belongs to no attempt of the ledger");
        check(
            |record| {
                sample::shift(record, SPRING, DAN, 1, 50 * MILLI as i64);
                receipt(record, DAN).at = 40 * MILLI;
            },
            "belongs to no attempt of the ledger",
        );
        // A server may learn late that its client has gone.
        sample::keeps(&LAW, |record| receipt(record, LEA).at = 500 * MILLI);
    }

    /// An attempt that no server heard of ends at the instant at which the next one is answered.
    #[test]
    fn an_answer_at_the_instant_of_an_end_and_a_begin_goes_where_it_fits() {
        sample::keeps(&LAW, |record| {
            sample::shift(record, SPRING, NED, 2, -(sample::HOUR as i64) + 100 * MILLI as i64);
            receipt(record, NED).at = 100 * MILLI;
        });
    }

    #[test]
    fn what_was_accepted_is_the_message() {
        let change =
            |contact, body_hash, body_bytes| answer(contact, Answer::Accepted { body_hash, body_bytes });
        check(change(ANN, 0xB0D2, 4096), "but the message has 4096 bytes with hash 000000000000b0d1");
        check(change(ANN, 0xB0D1, 4095), "received 4095 bytes");
        let lost = Answer::AcceptedReplyLost { body_hash: 1, body_bytes: 4096 };
        check(answer(HAL, lost), "received 4096 bytes with hash 0000000000000001");
    }

    #[test]
    fn the_right_server_sees_the_right_names() {
        check(|record| receipt(record, ANN).provider = 1, "went to provider 1, but provider 0 serves it");
        check(|record| receipt(record, ANN).sender = 3, "belongs to no attempt of the ledger");
        check(|record| receipt(record, BOB).sender = 3, "belongs to no attempt of the ledger");
        check(|record| receipt(record, ANN).recipient = DAN, "belongs to no attempt of the ledger");
        check(|record| record.receipts.senders[0].push('x'), "there is no such mailing or contact");
        check(|record| record.receipts.recipients[0].push('x'), "there is no such mailing or contact");
    }

    #[test]
    fn nothing_is_delivered_twice_unless_a_reply_was_lost() {
        let again = |contact: u32| {
            move |record: &mut Record| {
                let again = *sample::receipts(record, SPRING, contact).last().expect("a receipt");
                record.receipts.arrivals.push(again);
                sample::sort(record);
            }
        };
        check(again(ANN), "the server accepted 2 copies, at most 1 are accounted for");
        check(again(HAL), "the server accepted 3 copies, at most 2 are accounted for");
        check(
            |record| sample::lose_receipts(record, SPRING, ANN),
            "but no server accepted the message and said so",
        );
        check(
            answer(CLEO, ACCEPTED),
            "the server accepted the message and said so, but it ended as SoftBounced",
        );
    }

    #[test]
    fn an_excluded_contact_is_not_seen_by_any_server() {
        check(
            |record| {
                let mut arrival = *sample::receipts(record, SUMMER, IDA).next().expect("a receipt");
                arrival.sender = u32::from(SPRING);
                record.receipts.arrivals.push(arrival);
            },
            "belongs to no attempt of the ledger",
        );
    }
}
