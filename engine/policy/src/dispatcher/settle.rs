//! Answers become outcomes, outcomes move contacts.

use std::cmp::Reverse;
use std::sync::Arc;

use smtp::client;
use units::Instant;

use super::answers::Shared;
use super::{Delivery, Dispatcher, Job, KnownGood};
use crate::breaker::Answer;
use crate::classify;
use crate::contact::{Change, ContactEvent, ContactPolicy, ContactStatus};
use crate::ids::{ContactId, MailingId, RecipientId, SiteId};
use crate::ledger::{Cause, Entry, Fact, Outcome, StandingCause};
use crate::mailing::{Kind, UncertainPolicy};
use crate::pace::SLOW_DOWN_MAX;
use crate::recipients::Progress;
use crate::verdict::{Category, Class, Disposition, Finding, Scope, Stage};

impl Dispatcher {
    /// A transaction came to its end; `outcomes` has one entry for each recipient, in order.
    ///
    /// # Panics
    /// The number of outcomes is not that of the recipients: a bug of the session.
    pub fn report(&mut self, job: &Job, outcomes: &[client::Outcome], now: Instant) {
        assert_eq!(job.recipients.len(), outcomes.len(), "one outcome each");
        let shared = Shared::of(self, job, outcomes);
        let findings = self.findings(job, outcomes, &shared, now);
        self.watch(job, &findings);
        let mut again = Vec::new();
        let slows = |finding: &Arc<Finding>| finding.verdict.disposition.slows_the_site();
        let is_slowed = findings.iter().any(slows);
        for (recipient, finding) in job.recipients.iter().zip(&findings) {
            self.conclude(*recipient, finding, now);
            if self.recipients.row(*recipient).progress == Progress::Queued {
                again.push(*recipient);
            }
            // Who slows the site down is not overruled by an answer to another recipient.
            if !is_slowed || slows(finding) {
                self.learn(job.site, finding, now);
            }
        }
        let site = &mut self.sites[job.site.index()];
        let is_accepted = findings.iter().any(|finding| finding.verdict.class == Class::Delivered);
        if is_accepted {
            site.tls.accepted(job.carrier.security);
        }
        shared.learn(&mut site.pace, outcomes);
        if outcomes.contains(&client::Outcome::NotBegun) {
            site.pace.not_ahead(now);
        }
        self.queue_again(job, again);
    }

    /// What was found for each recipient of a transaction, with the remedies that there are. Recipients with the same outcome share
    /// a finding.
    fn findings(
        &mut self,
        job: &Job,
        outcomes: &[client::Outcome],
        shared: &Shared,
        now: Instant,
    ) -> Vec<Arc<Finding>> {
        let mut findings: Vec<Arc<Finding>> = Vec::with_capacity(outcomes.len());
        for (index, (recipient, outcome)) in job.recipients.iter().zip(outcomes).enumerate() {
            let is_known = index > 0 && outcomes[index - 1] == *outcome && !shared.tells_apart();
            findings.push(if is_known {
                Arc::clone(&findings[index - 1])
            } else {
                let found = shared.finding(*recipient, outcome);
                Arc::new(self.with_remedy(job, found, now))
            });
        }
        findings
    }

    /// A host that does not serve the recipient sends us to another one of its site, one that demands TLS to a connection inside
    /// TLS, and one that has had enough of a connection to a fresh one. When that has been tried, the answer stands.
    fn with_remedy(&mut self, job: &Job, finding: Finding, now: Instant) -> Finding {
        let site = &mut self.sites[job.site.index()];
        let has_remedy = match finding.verdict.disposition {
            Disposition::OtherMx => {
                site.route.refused(&job.carrier.host, now);
                let has_another = site.route.is_worse_than_another(&job.carrier.host, now);
                if !has_another && !site.route.is_refused_by_all(now) {
                    // The others cannot be reached just now: what they would say is not known.
                    return classify::tried_later(&finding);
                }
                has_another
            }
            // Later in a transaction, it is about a recipient or the message.
            Disposition::UseTls if finding.stage <= Stage::Rcpt => site.tls.demanded(job.carrier.security),
            Disposition::UseTls => false,
            Disposition::Reconnect if !classify::is_unheard(&finding.verdict) => {
                if job.messages_before == 0 {
                    return classify::slowed(&finding);
                }
                if !site.spent.contains(&job.carrier.number) {
                    site.spent.push(job.carrier.number);
                }
                true
            }
            _ => true,
        };
        if has_remedy { finding } else { classify::without_remedy(&finding) }
    }

    /// Lets the circuit breaker of the site see what was found about addresses that were delivered before, before any of them is
    /// suppressed.
    fn watch(&mut self, job: &Job, findings: &[Arc<Finding>]) {
        for (recipient, finding) in job.recipients.iter().zip(findings) {
            let contact = self.recipients.row(*recipient).contact;
            let answer = match finding.verdict {
                verdict if verdict.class == Class::Delivered => Answer::Taken,
                verdict if is_against_address(finding) && verdict.category != Category::MailboxFull => {
                    Answer::Refused
                }
                _ => continue,
            };
            // Who was refused before in this mailing has had its say.
            let before = self.recipients.row(*recipient).finding.as_ref();
            let is_repeated = before.is_some_and(|before| {
                before.verdict.rule == classify::CIRCUIT_BREAKER || is_against_address(before)
            });
            let is_known = self.contacts[contact.index()].known_good == KnownGood::Yes;
            if is_known && !(is_repeated && answer == Answer::Refused) {
                self.sites[job.site.index()].breaker.note(answer);
            }
        }
    }

    /// What one answer says about the pace of its site.
    pub(super) fn learn(&mut self, site: SiteId, finding: &Finding, now: Instant) {
        let entry = &mut self.sites[site.index()];
        let verdict = &finding.verdict;
        match verdict.disposition {
            Disposition::Throttle => {
                entry.pace.slow_down(verdict.wait, now);
                if let (Category::ConnectionLimited, Some(limit)) = (verdict.category, verdict.limit) {
                    entry.pace.cap_connections(limit, now);
                }
            }
            Disposition::Suspend => entry.pace.suspend(verdict.wait.unwrap_or(SLOW_DOWN_MAX), now),
            Disposition::Split => {
                if let Some(limit) = verdict.limit {
                    entry.pace.takes_only(limit as usize);
                }
            }
            Disposition::Done
            | Disposition::Retry
            | Disposition::RetryLater
            | Disposition::GiveUp
            | Disposition::Suppress => entry.pace.recover(),
            Disposition::Reconnect | Disposition::OtherMx | Disposition::UseTls | Disposition::AskPolicy => {}
        }
    }

    /// Puts those whose attempt did not count back to the head of the queue. A recipient that was alone in its message goes
    /// to the end: it may be the one that the server does not like, and the others shall not wait for it.
    fn queue_again(&mut self, job: &Job, again: Vec<RecipientId>) {
        again.iter().for_each(|recipient| self.keep_fresh(job.site, *recipient));
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
        let status = self.contacts[contact.index()].standing.status;
        let refused = status == ContactStatus::OptOut;
        // Whoever is Active already goes on as before.
        if status == ContactStatus::Error {
            self.contacts[contact.index()].latest_delivery = None;
        }
        self.ledger.note(now, entry(Fact::Reactivation { by, why, refused }));
        let event = (ContactEvent::Reactivate, StandingCause::Reactivated);
        self.move_contact(contact, None, event, ContactPolicy::Classic, now);
    }

    /// What a finding means for a recipient in flight. Afterwards it is final, deferred, held, or queued again (the
    /// caller puts it back into its queue).
    pub(super) fn conclude(&mut self, recipient: RecipientId, finding: &Arc<Finding>, now: Instant) {
        let finding = &self.unless_held_back(recipient, finding);
        self.recipients.row_mut(recipient).finding = Some(Arc::clone(finding));
        match finding.verdict.disposition {
            Disposition::Suspend if finding.verdict.class == Class::Hard => {
                self.end_attempt(recipient, finding, Outcome::HardBounced, Cause::Answer, now);
            }
            Disposition::Throttle
            | Disposition::Suspend
            | Disposition::Reconnect
            | Disposition::Split
            | Disposition::OtherMx
            | Disposition::UseTls => self.put_back(recipient, finding, now),
            Disposition::Done => {
                let contact = self.recipients.row(recipient).contact;
                self.contacts[contact.index()].known_good = KnownGood::Yes;
                self.end_attempt(recipient, finding, Outcome::Delivered, Cause::Answer, now);
            }
            Disposition::GiveUp | Disposition::Suppress => {
                self.end_attempt(recipient, finding, Outcome::HardBounced, Cause::Answer, now);
            }
            Disposition::Retry | Disposition::RetryLater => {
                self.retry(recipient, finding, Cause::PlanExhausted, now);
            }
            Disposition::AskPolicy => match self.running(recipient).mailing.uncertain {
                UncertainPolicy::Resend => self.retry(recipient, finding, Cause::Uncertain, now),
                UncertainPolicy::Hold => self.hold(recipient, finding, now),
                UncertainPolicy::AssumeDelivered => {
                    self.end_attempt(recipient, finding, Outcome::Delivered, Cause::AssumedDelivered, now);
                }
            },
        }
    }

    /// The finding, or what it comes to while the circuit breaker of its site is open.
    pub(super) fn unless_held_back(&self, recipient: RecipientId, finding: &Arc<Finding>) -> Arc<Finding> {
        let contact = self.recipients.row(recipient).contact;
        let site = self.domains[self.contacts[contact.index()].domain.index()].site;
        let is_open = site.is_some_and(|site| self.sites[site.index()].breaker.is_open());
        if is_open && is_against_address(finding) {
            return Arc::new(classify::held_back(finding));
        }
        Arc::clone(finding)
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
        let wait = finding.verdict.wait.unwrap_or_default();
        let due = plan.next_due_after(self.start_of(recipient), counted, now, wait);
        if let Some(due) = due.filter(|due| *due < self.window_end(recipient)) {
            self.count_attempt(recipient, finding, Some(due), now);
            self.recipients.row_mut(recipient).progress = Progress::Deferred;
            self.deferred.push(Reverse((due, recipient)));
            return;
        }
        // There are attempts left, but no time for them.
        let is_late = exhausted == Cause::PlanExhausted && counted < plan.offsets().len();
        // What was said to be permanent, though with a 4yz code, has been repeated to the end.
        if finding.verdict.class == Class::Hard && !is_late {
            return self.end_attempt(recipient, finding, Outcome::HardBounced, Cause::Answer, now);
        }
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
        row.ended = Some(outcome);
        let (contact, mailing, finding) = (row.contact, row.mailing, row.finding.take());
        self.mailings[mailing.index()].metrics.settle(outcome, cause);
        self.note(now, recipient, Fact::Settled { outcome, cause, finding: finding.as_deref() });
        let running = &self.mailings[mailing.index()].mailing;
        if running.kind == Kind::Test {
            return;
        }
        if finding.as_ref().is_some_and(|finding| finding.verdict.rule == classify::CIRCUIT_BREAKER) {
            // Refused to the end of the plan: from now on it is no witness against its provider.
            self.contacts[contact.index()].known_good = KnownGood::No;
        }
        let scope = finding.map_or(Scope::Us, |finding| finding.verdict.scope);
        if let Some(event) = consequence(outcome, cause, scope) {
            let policy = running.contact_policy;
            if event.0 == ContactEvent::Delivered {
                let entry = &mut self.contacts[contact.index()];
                let strikes_before = entry.standing.strikes;
                entry.latest_delivery = Some(Delivery { recipient, strikes_before });
            }
            self.move_contact(contact, Some(mailing), event, policy, now);
        }
    }

    pub(super) fn move_contact(
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

/// Whether a finding would suppress the address, now or when it has been repeated to the end.
pub(super) const fn is_against_address(finding: &Finding) -> bool {
    matches!((finding.verdict.class, finding.verdict.scope), (Class::Hard, Scope::Address))
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
