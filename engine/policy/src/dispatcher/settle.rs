//! Answers become outcomes, outcomes move contacts.

use std::cmp::Reverse;
use std::sync::Arc;

use smtp::client;
use units::Instant;

use super::answers::{Shared, found};
use super::{Dispatcher, Job};
use crate::contact::{Change, ContactEvent, ContactPolicy, ContactStatus};
use crate::ids::{ContactId, MailingId, RecipientId};
use crate::ledger::{Cause, Entry, Fact, Outcome, StandingCause};
use crate::mailing::{Kind, UncertainPolicy};
use crate::recipients::Progress;
use crate::verdict::{Disposition, Finding, Scope};

impl Dispatcher {
    /// A transaction came to its end; `outcomes` has one entry for each recipient, in order.
    ///
    /// # Panics
    /// The number of outcomes is not that of the recipients: a bug of the session.
    pub fn report(&mut self, job: &Job, outcomes: &[client::Outcome], now: Instant) {
        assert_eq!(job.recipients.len(), outcomes.len(), "one outcome each");
        let shared = Shared::of(self, job, outcomes);
        let mut again = Vec::new();
        let mut latest: Option<(&client::Outcome, Arc<Finding>)> = None;
        for (recipient, outcome) in job.recipients.iter().zip(outcomes) {
            let finding = match &latest {
                Some((known, finding)) if *known == outcome && !shared.tells_apart() => Arc::clone(finding),
                _ => Arc::new(
                    shared
                        .finding(*recipient, outcome)
                        .unwrap_or_else(|| found(outcome, job.messages_before)),
                ),
            };
            self.conclude(*recipient, &finding, now);
            if self.recipients.row(*recipient).progress == Progress::Queued {
                again.push(*recipient);
            }
            self.learn(job, &finding, now);
            latest = Some((outcome, finding));
        }
        shared.learn(&mut self.sites[job.site.index()].pace, outcomes);
        self.queue_again(job, again);
    }

    /// What one answer says about the pace of its site.
    fn learn(&mut self, job: &Job, finding: &Finding, now: Instant) {
        let pace = &mut self.sites[job.site.index()].pace;
        match finding.verdict.disposition {
            Disposition::SlowDown => pace.slow_down(now),
            Disposition::Done | Disposition::Retry | Disposition::GiveUp => pace.recover(),
            Disposition::TryAgain | Disposition::AskPolicy => {}
        }
    }

    /// Puts those whose attempt did not count back to the head of the queue. A recipient that was alone in its message goes
    /// to the end: it may be the one that the server does not like, and the others shall not wait for it.
    fn queue_again(&mut self, job: &Job, again: Vec<RecipientId>) {
        let ready = &mut self.sites[job.site.index()].ready;
        if job.recipients.len() == 1 {
            ready.extend(again);
        } else {
            again.into_iter().rev().for_each(|recipient| ready.push_front(recipient));
        }
    }

    /// A contact unsubscribes.
    pub fn opt_out(&mut self, contact: ContactId, now: Instant) {
        let event = (ContactEvent::OptOut, StandingCause::OptOut);
        self.move_contact(contact, None, event, ContactPolicy::Classic, now);
    }

    /// A contact complains about spam.
    pub fn complain(&mut self, contact: ContactId, now: Instant) {
        let event = (ContactEvent::Complaint, StandingCause::Complaint);
        self.move_contact(contact, None, event, ContactPolicy::Classic, now);
    }

    /// An operator re-activates a contact; who it is and why are kept, also when it is refused.
    pub fn reactivate(&mut self, contact: ContactId, by: &str, why: &str, now: Instant) {
        let entry = |fact| Entry { contact, mailing: None, fact };
        let refused = self.contacts[contact.index()].standing.status == ContactStatus::OptOut;
        self.ledger.note(now, entry(Fact::Reactivation { by, why, refused }));
        let event = (ContactEvent::Reactivate, StandingCause::Reactivated);
        self.move_contact(contact, None, event, ContactPolicy::Classic, now);
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
        let row = self.recipients.row(recipient);
        if let Some(cause) = row.stop {
            return self.end_attempt(recipient, finding, Outcome::Cancelled, cause, now);
        }
        let plan = &self.running(recipient).mailing.plan;
        let counted = usize::from(row.attempts) + 1;
        let due = plan.next_due(self.start_of(recipient), counted, now);
        if let Some(due) = due.filter(|due| *due < self.window_end(recipient)) {
            self.count_attempt(recipient, finding, Some(due), now);
            self.recipients.row_mut(recipient).progress = Progress::Deferred;
            self.deferred.push(Reverse((due, recipient)));
            return;
        }
        // There are attempts left, but no time for them.
        let is_late = exhausted == Cause::PlanExhausted && counted < plan.offsets().len();
        let cause = if is_late { Cause::HeldBack } else { exhausted };
        self.end_attempt(recipient, finding, Outcome::SoftBounced, cause, now);
    }

    fn hold(&mut self, recipient: RecipientId, finding: &Finding, now: Instant) {
        self.count_attempt(recipient, finding, None, now);
        self.go_on_as(recipient, Progress::Held, now);
    }

    /// The attempt does not count: the recipient keeps its tries and goes back to the head of its queue.
    fn put_back(&mut self, recipient: RecipientId, finding: &Finding, now: Instant) {
        self.note(now, recipient, Fact::Uncounted { finding });
        self.go_on_as(recipient, Progress::Queued, now);
    }

    /// The recipient is not through, unless something ended it while the attempt was under way.
    fn go_on_as(&mut self, recipient: RecipientId, progress: Progress, now: Instant) {
        self.recipients.row_mut(recipient).progress = progress;
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
        self.mailings[mailing.index()].metrics.settle(outcome, cause);
        self.note(now, recipient, Fact::Settled { outcome, cause, finding: finding.as_deref() });
        let running = &self.mailings[mailing.index()].mailing;
        if running.kind == Kind::Test {
            return;
        }
        let scope = finding.map_or(Scope::Us, |finding| finding.verdict.scope);
        if let Some(event) = consequence(outcome, cause, scope) {
            self.move_contact(contact, Some(mailing), event, running.contact_policy, now);
        }
    }

    fn move_contact(
        &mut self,
        contact: ContactId,
        mailing: Option<MailingId>,
        (event, cause): (ContactEvent, StandingCause),
        policy: ContactPolicy,
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
