//! Answers become outcomes, outcomes move contacts.

use std::cmp::Reverse;
use std::sync::Arc;

use smtp::Reply;
use smtp::client::{self, Loss, Phase};
use units::Instant;

use super::{Dispatcher, Job};
use crate::classify;
use crate::contact::{Change, ContactEvent, ContactPolicy, ContactStatus};
use crate::ids::{ContactId, MailingId, RecipientId};
use crate::ledger::{Cause, Entry, Fact, Outcome, StandingCause};
use crate::mailing::{Kind, UncertainPolicy};
use crate::recipients::Progress;
use crate::verdict::{Disposition, Evidence, Finding, Scope, Stage};

impl Dispatcher {
    /// A transaction came to its end; `outcomes` has one entry for each recipient, in order.
    ///
    /// # Panics
    /// The number of outcomes is not that of the recipients: a bug of the session.
    pub fn report(&mut self, job: &Job, outcomes: &[client::Outcome], now: Instant) {
        assert_eq!(job.recipients.len(), outcomes.len(), "one outcome each");
        let mut again = Vec::new();
        let named = self.named(job, outcomes);
        let mut latest: Option<(&client::Outcome, Arc<Finding>)> = None;
        for (recipient, outcome) in job.recipients.iter().zip(outcomes) {
            let finding = match (&latest, &named) {
                (_, Some(named)) if is_final_answer(outcome) => Arc::new(named.finding(*recipient)),
                (Some((known, finding)), _) if *known == outcome => Arc::clone(finding),
                (Some(_) | None, _) => Arc::new(found(outcome, job.messages_before)),
            };
            self.conclude(*recipient, &finding, now);
            match finding.verdict.disposition {
                Disposition::SlowDown => self.sites[job.site.index()].pace.slow_down(now),
                Disposition::Done => self.sites[job.site.index()].pace.recover(),
                Disposition::Retry | Disposition::TryAgain | Disposition::GiveUp | Disposition::AskPolicy => {
                }
            }
            if self.recipients.row(*recipient).progress == Progress::Queued {
                again.push(*recipient);
            }
            latest = Some((outcome, finding));
        }
        for recipient in again.into_iter().rev() {
            self.sites[job.site.index()].ready.push_front(recipient);
        }
    }

    /// Whom a refusal at the final dot names, if it names some of several recipients.
    fn named(&self, job: &Job, outcomes: &[client::Outcome]) -> Option<Named> {
        let reply = outcomes.iter().find_map(|outcome| match outcome {
            client::Outcome::Refused { phase: Phase::EndOfData, reply } if reply.code().get() != 421 => {
                Some(reply)
            }
            _ => None,
        })?;
        let concerned = outcomes.iter().filter(|outcome| is_final_answer(outcome)).count();
        let text = reply.text().to_ascii_lowercase();
        let is_named = |recipient: &&RecipientId| mentions(&text, self.address(**recipient).as_str());
        let recipients: Vec<RecipientId> = job.recipients.iter().filter(is_named).copied().collect();
        (concerned > 1 && !recipients.is_empty()).then(|| Named { recipients, reply: Arc::clone(reply) })
    }

    /// Something happens to a contact outside any mailing: it unsubscribes, complains, or is re-activated.
    pub fn contact_event(&mut self, contact: ContactId, event: ContactEvent, now: Instant) {
        let cause = match event {
            ContactEvent::OptOut => StandingCause::OptOut,
            ContactEvent::Complaint => StandingCause::Complaint,
            ContactEvent::Reactivate => StandingCause::Reactivated,
            ContactEvent::HardBounce(_) => StandingCause::HardBounce,
            ContactEvent::SoftBounce(_) => StandingCause::SoftBounce,
            ContactEvent::Delivered => StandingCause::Delivered,
        };
        self.move_contact(contact, None, event, ContactPolicy::Classic, cause, now);
    }

    /// What a finding means for a recipient in flight. Afterwards it is final, deferred, held, or queued again (the
    /// caller puts it back into its queue).
    pub(super) fn conclude(&mut self, recipient: RecipientId, finding: &Arc<Finding>, now: Instant) {
        self.recipients.row_mut(recipient).finding = Some(Arc::clone(finding));
        match finding.verdict.disposition {
            Disposition::SlowDown | Disposition::TryAgain => self.put_back(recipient, finding, now),
            Disposition::Done => self.end_attempt(recipient, finding, Outcome::Delivered, Cause::Answer, now),
            Disposition::GiveUp => {
                self.end_attempt(recipient, finding, Outcome::HardBounced, Cause::Answer, now)
            }
            Disposition::Retry => self.retry(recipient, finding, Cause::PlanExhausted, now),
            Disposition::AskPolicy => match self.running(recipient).mailing.uncertain {
                UncertainPolicy::Resend => self.retry(recipient, finding, Cause::Uncertain, now),
                UncertainPolicy::Hold => self.hold(recipient, finding, now),
                UncertainPolicy::AssumeDelivered => {
                    self.end_attempt(recipient, finding, Outcome::Delivered, Cause::AssumedDelivered, now);
                }
            },
        }
    }

    /// The attempt counts and is the last one.
    fn end_attempt(
        &mut self,
        id: RecipientId,
        finding: &Finding,
        outcome: Outcome,
        cause: Cause,
        now: Instant,
    ) {
        self.count_attempt(id, finding, None, now);
        self.settle(id, outcome, cause, now);
    }

    /// The attempt counts; another follows if the plan has one. `exhausted` is the cause if it has not.
    fn retry(&mut self, recipient: RecipientId, finding: &Finding, exhausted: Cause, now: Instant) {
        if let Some(cause) = self.recipients.row(recipient).stop {
            return self.end_attempt(recipient, finding, Outcome::Cancelled, cause, now);
        }
        let row = self.recipients.row(recipient);
        let plan = &self.running(recipient).mailing.plan;
        let due = plan.next_due(self.start_of(recipient), usize::from(row.attempts) + 1, row.begun_at);
        match due.map(|due| due.max(now)) {
            Some(due) if due < self.window_end(recipient) => {
                self.count_attempt(recipient, finding, Some(due), now);
                self.recipients.row_mut(recipient).progress = Progress::Deferred;
                self.deferred.push(Reverse((due, recipient)));
            }
            Some(_) => self.end_attempt(recipient, finding, Outcome::SoftBounced, Cause::HeldBack, now),
            None => self.end_attempt(recipient, finding, Outcome::SoftBounced, exhausted, now),
        }
    }

    fn hold(&mut self, recipient: RecipientId, finding: &Finding, now: Instant) {
        self.count_attempt(recipient, finding, None, now);
        self.recipients.row_mut(recipient).progress = Progress::Held;
        if let Some(cause) = self.recipients.row(recipient).stop {
            self.withdraw(recipient, cause, now);
        } else if self.window_end(recipient) <= now {
            self.close_window(recipient, now);
        }
    }

    /// The attempt does not count: the recipient keeps its tries and goes back to the head of its queue.
    fn put_back(&mut self, recipient: RecipientId, finding: &Finding, now: Instant) {
        self.note(now, recipient, Fact::Throttled { finding });
        self.recipients.row_mut(recipient).progress = Progress::Queued;
        if let Some(cause) = self.recipients.row(recipient).stop {
            self.withdraw(recipient, cause, now);
        } else if self.window_end(recipient) <= now {
            self.close_window(recipient, now);
        }
    }

    fn count_attempt(
        &mut self,
        recipient: RecipientId,
        finding: &Finding,
        retry_at: Option<Instant>,
        now: Instant,
    ) {
        let row = self.recipients.row_mut(recipient);
        row.attempts += 1;
        let attempt = row.attempts;
        self.note(now, recipient, Fact::AttemptEnded { attempt, finding, retry_at });
    }

    /// Gives a recipient its final outcome, and its contact what follows from it.
    pub(super) fn settle(&mut self, recipient: RecipientId, outcome: Outcome, cause: Cause, now: Instant) {
        let row = self.recipients.row_mut(recipient);
        row.progress = Progress::Final;
        let (contact, mailing, finding) = (row.contact, row.mailing, row.finding.take());
        self.mailings[mailing.index()].metrics.settle(outcome);
        self.note(now, recipient, Fact::Settled { outcome, cause, finding: finding.as_deref() });
        let running = &self.mailings[mailing.index()].mailing;
        if running.kind == Kind::Test {
            return;
        }
        let scope = finding.map_or(Scope::Us, |finding| finding.verdict.scope);
        if let Some((event, reason)) = consequence(outcome, cause, scope) {
            self.move_contact(contact, Some(mailing), event, running.contact_policy, reason, now);
        }
    }

    fn move_contact(
        &mut self,
        contact: ContactId,
        mailing: Option<MailingId>,
        event: ContactEvent,
        policy: ContactPolicy,
        cause: StandingCause,
        now: Instant,
    ) {
        let from = self.contacts[contact.index()].standing;
        let fact = match from.after(event, policy) {
            Change::Unchanged => return,
            Change::Refused => Fact::ReactivationRefused { standing: from },
            Change::To(to) => {
                self.contacts[contact.index()].standing = to;
                Fact::StandingChanged { from, to, cause }
            }
        };
        self.ledger.note(now, Entry { contact, mailing, fact });
        if self.contacts[contact.index()].standing.status != ContactStatus::Active {
            self.withdraw_contact(contact, now);
        }
    }

    /// A contact that leaves Active is not attempted again in any mailing under way.
    fn withdraw_contact(&mut self, contact: ContactId, now: Instant) {
        for index in 0..self.mailings.len() {
            let running = &self.mailings[index];
            if let Some(recipient) = self.recipients.find(running.rows.clone(), contact) {
                self.withdraw(recipient, Cause::ContactLeftActive, now);
            }
        }
    }
}

/// A refusal at the final dot that names some of its recipients.
struct Named {
    recipients: Vec<RecipientId>,
    reply: Arc<Reply>,
}

impl Named {
    fn finding(&self, recipient: RecipientId) -> Finding {
        if self.recipients.contains(&recipient) {
            classify::named(&self.reply)
        } else {
            classify::not_named(&self.reply)
        }
    }
}

/// Whether `text` (in lower case) has this address in it, and not only as a part of a longer one.
fn mentions(text: &str, address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    let is_address = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_+".contains(byte);
    text.match_indices(&address).any(|(start, _)| {
        let end = start + address.len();
        let before = text.as_bytes()[..start].last();
        let after = text
            .as_bytes()
            .get(end)
            .filter(|byte| **byte != b'.' || text.as_bytes().get(end + 1).is_some_and(is_address));
        !before.is_some_and(is_address) && !after.is_some_and(is_address)
    })
}

const fn is_final_answer(outcome: &client::Outcome) -> bool {
    matches!(outcome, client::Outcome::Refused { phase: Phase::EndOfData, .. })
}

/// What a final outcome means for the contact, if anything. What we or a throttling provider held back, and what stayed
/// uncertain, says nothing about it.
const fn consequence(outcome: Outcome, cause: Cause, scope: Scope) -> Option<(ContactEvent, StandingCause)> {
    match (outcome, cause) {
        (Outcome::Delivered, Cause::Answer) => Some((ContactEvent::Delivered, StandingCause::Delivered)),
        (Outcome::HardBounced, _) => Some((ContactEvent::HardBounce(scope), StandingCause::HardBounce)),
        (Outcome::SoftBounced, Cause::PlanExhausted) => {
            Some((ContactEvent::SoftBounce(scope), StandingCause::SoftBounce))
        }
        (Outcome::Delivered | Outcome::SoftBounced | Outcome::Cancelled | Outcome::Dropped, _) => None,
    }
}

/// The finding in what a session reports.
fn found(outcome: &client::Outcome, messages_before: u32) -> Finding {
    match outcome {
        client::Outcome::Accepted(reply) => Finding {
            stage: Stage::EndOfData,
            evidence: Evidence::Reply(Arc::clone(reply)),
            verdict: classify::ACCEPTED,
        },
        client::Outcome::Refused { phase, reply } => {
            let stage = stage(*phase);
            Finding {
                stage,
                evidence: Evidence::Reply(Arc::clone(reply)),
                verdict: classify::reply(stage, reply),
            }
        }
        client::Outcome::Lost { phase, loss } => {
            let stale =
                *phase == Phase::Mail && messages_before > 0 && matches!(loss, Loss::Closed | Loss::Reset);
            Finding {
                stage: stage(*phase),
                evidence: Evidence::Instead(classify::loss(loss)),
                verdict: if stale { classify::STALE } else { classify::LOST },
            }
        }
        client::Outcome::Uncertain { loss } => Finding {
            stage: Stage::EndOfData,
            evidence: Evidence::Instead(classify::loss(loss)),
            verdict: classify::UNCERTAIN,
        },
        client::Outcome::Unsendable(obstacle) => {
            let (verdict, words) = classify::obstacle(obstacle);
            Finding { stage: Stage::Mail, evidence: Evidence::Instead(words), verdict }
        }
    }
}

/// The stage that a phase of a session belongs to.
pub fn stage(phase: Phase) -> Stage {
    match phase {
        Phase::Greeting => Stage::Greeting,
        Phase::Ehlo => Stage::Ehlo,
        Phase::Mail | Phase::Reset | Phase::Quit => Stage::Mail,
        Phase::Rcpt => Stage::Rcpt,
        Phase::Data => Stage::Data,
        Phase::Body => Stage::Body,
        Phase::EndOfData => Stage::EndOfData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_mentioned_only_as_a_whole() {
        let check =
            |text: &str, mentioned: bool| assert_eq!(mentions(text, "Ann@bigbox.test"), mentioned, "{text}");
        check("delivery error: dd this user doesn't have a bigbox.test account (ann@bigbox.test) [0]", true);
        check("no such user ann@bigbox.test.", true);
        check("<ann@bigbox.test>: unknown", true);
        check("no such user joann@bigbox.test", false);
        check("no such user j.ann@bigbox.test", false);
        check("no such user ann@bigbox.test.example", false);
        check("no such user", false);
    }
}
