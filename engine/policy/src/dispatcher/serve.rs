//! Queues become transactions, and ask for connections to carry them.

use std::cmp::Reverse;
use std::time::Duration;

use smtp::Domain;
use smtp::client::{Security, Transaction};
use units::Instant;

use super::{Action, Dispatcher};
use crate::ids::{MailingId, RecipientId, SiteId};
use crate::ledger::Fact;
use crate::mailing::{Content, Letter, Listed};
use crate::recipients::{Begun, Progress};

/// Recipients whose windows close further apart do not share a transaction.
const WINDOWS_ALIKE: Duration = Duration::from_secs(60);

/// How long a connection is kept open for a recipient that only the rate limit holds back.
const KEPT_OPEN_FOR: Duration = Duration::from_secs(5);

/// What a connection that is ready may do next.
#[derive(Debug)]
pub enum Admission {
    /// Carry this out.
    Send(Job),
    /// Ask again at this moment.
    Wait(Instant),
    /// Nothing: say QUIT.
    Quit,
}

/// A connection that stands, as far as it matters for what it carries.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// What the connector calls it.
    pub number: u32,
    /// The host at its other end.
    pub host: Domain,
    /// Whether it is inside TLS.
    pub security: Security,
}

/// A transaction with the recipients it is for.
#[derive(Debug)]
pub struct Job {
    transaction: Option<Transaction>,
    /// When it must be given up: the first window of its recipients closes.
    pub deadline: Instant,
    pub(super) site: SiteId,
    pub(super) carrier: Carrier,
    pub(super) recipients: Vec<RecipientId>,
    /// Messages carried before it by the same connection.
    pub(super) messages_before: u32,
}

impl Job {
    /// What is to be said.
    ///
    /// # Panics
    /// It was taken before: a bug of the shell.
    pub fn take_transaction(&mut self) -> Transaction {
        self.transaction.take().expect("a transaction is carried once")
    }
}

impl Dispatcher {
    /// What `carrier`, a connection to `site` which has carried `messages` so far, may do next.
    pub fn next_job(&mut self, site: SiteId, carrier: &Carrier, messages: u32, now: Instant) -> Admission {
        self.skip_who_left(site);
        let entry = &mut self.sites[site.index()];
        if let Some(place) = entry.spent.iter().position(|spent| *spent == carrier.number) {
            entry.spent.swap_remove(place);
            return Admission::Quit;
        }
        if !self.may_carry(site, carrier, now) {
            return Admission::Quit;
        }
        if self.has_enough(site, messages) {
            return Admission::Quit;
        }
        let earliest = self.sites[site.index()].pace.earliest();
        if earliest > now {
            return if earliest.since(now) <= KEPT_OPEN_FOR {
                Admission::Wait(earliest)
            } else {
                Admission::Quit
            };
        }
        self.begin_job(site, carrier, messages, Instant::ZERO, now).map_or(Admission::Quit, Admission::Send)
    }

    /// What may be begun while `current` is under way, over the same connection: its commands leave together with that
    /// message, and are answered after it (RFC 2920). Nothing, if [`Self::next_job`] would say that it shall wait or quit, or if
    /// the site shows that it is better to wait for its answer; and nobody whose window closes before `current` has to be given up,
    /// because only then is the connection watched for them. What the answer then says about the pace of the site cannot take
    /// back what has been begun; that goes on, and is one message more than the site wanted.
    pub fn job_ahead(&mut self, current: &Job, now: Instant) -> Option<Job> {
        let (site, carrier, messages) = (current.site, &current.carrier, current.messages_before + 1);
        self.skip_who_left(site);
        let entry = &self.sites[site.index()];
        let may_carry = self.may_carry(site, carrier, now) && !entry.spent.contains(&carrier.number);
        if !may_carry || !entry.pace.allows_ahead(now) || self.has_enough(site, messages) {
            return None;
        }
        self.begin_job(site, carrier, messages, current.deadline, now)
    }

    /// Whether QUIT may leave together with `current`: it is the last message of its connection whatever it is answered with,
    /// and the site has not shown that it is better to wait for its answer.
    pub fn may_quit_ahead(&self, current: &Job, now: Instant) -> bool {
        let pace = &self.sites[current.site.index()].pace;
        current.messages_before + 1 >= pace.limits().messages_per_connection && pace.allows_ahead(now)
    }

    /// Whether mail for the site may go over this connection.
    fn may_carry(&self, site: SiteId, carrier: &Carrier, now: Instant) -> bool {
        let entry = &self.sites[site.index()];
        !entry.route.is_worse_than_another(&carrier.host, now) && entry.tls.suits(carrier.security)
    }

    /// Whether a connection that has carried so many messages has nothing more to carry.
    fn has_enough(&self, site: SiteId, messages: u32) -> bool {
        let entry = &self.sites[site.index()];
        messages >= entry.pace.limits().messages_per_connection || entry.ready.is_empty()
    }

    /// The next message for a site that may be sent one now, for recipients whose windows do not close before `open_until`;
    /// nothing if the next in the queue is none of them.
    fn begin_job(
        &mut self,
        site: SiteId,
        carrier: &Carrier,
        messages: u32,
        open_until: Instant,
        now: Instant,
    ) -> Option<Job> {
        let room = self.sites[site.index()].pace.recipients_now();
        let mut recipients = self.take(site, room, open_until, now);
        let first = recipients.first().copied()?;
        self.keep_apart(site, &mut recipients);
        self.sites[site.index()].pace.spend(recipients.len(), now);
        let Letter { sender, body } = self.letter(first);
        let transaction = Transaction {
            sender,
            body,
            recipients: recipients.iter().map(|recipient| self.address(*recipient)).collect(),
        };
        let deadline =
            recipients.iter().map(|recipient| self.window_end(*recipient)).min().unwrap_or(Instant::MAX);
        for recipient in &recipients {
            self.begin_attempt(*recipient, Some(site), carrier.number, now);
        }
        Some(Job {
            transaction: Some(transaction),
            deadline,
            site,
            carrier: carrier.clone(),
            recipients,
            messages_before: messages,
        })
    }

    /// Leaves only the first in a transaction whose message is for one person; the others go back to the head of the queue.
    fn keep_apart(&mut self, site: SiteId, recipients: &mut Vec<RecipientId>) {
        match &self.running(recipients[0]).mailing.content {
            Content::Shared(_) => {}
            Content::Personal(_) => {
                let ready = &mut self.sites[site.index()].ready;
                recipients.drain(1..).rev().for_each(|recipient| ready.push_front(recipient));
            }
        }
    }

    /// What is sent to a recipient.
    fn letter(&self, recipient: RecipientId) -> Letter {
        let row = self.recipients.row(recipient);
        let line = Listed { contact: row.contact, position: row.position };
        let address = &self.contacts[row.contact.index()].address;
        self.mailings[row.mailing.index()].mailing.content.letter(line, address)
    }

    /// Takes those off the head of a queue who left meanwhile: nobody connects for their sake.
    fn skip_who_left(&mut self, site: SiteId) {
        let ready = &mut self.sites[site.index()].ready;
        while ready.front().is_some_and(|first| self.recipients.row(*first).progress != Progress::Queued) {
            ready.pop_front();
        }
    }

    /// Up to `room` recipients of one mailing whose turn it is, and whose windows close at about the same time and not before
    /// `open_until`: when the first of them closes, the whole transaction is broken off.
    pub(super) fn take(
        &mut self,
        site: SiteId,
        room: usize,
        open_until: Instant,
        now: Instant,
    ) -> Vec<RecipientId> {
        let mut taken = Vec::new();
        let mut mailing: Option<MailingId> = None;
        while taken.len() < room {
            self.skip_who_left(site);
            let Some(recipient) = self.sites[site.index()].ready.front().copied() else { break };
            let row = self.recipients.row(recipient);
            if mailing.is_some_and(|mailing| mailing != row.mailing) {
                break;
            }
            let closes = self.window_end(recipient);
            if closes <= now {
                self.sites[site.index()].ready.pop_front();
                self.close_window(recipient, now);
                continue;
            }
            let alike = |first: &RecipientId| {
                let others = self.window_end(*first);
                closes.max(others).since(closes.min(others)) <= WINDOWS_ALIKE
            };
            if closes < open_until || !taken.first().is_none_or(alike) {
                break;
            }
            mailing = Some(row.mailing);
            self.sites[site.index()].ready.pop_front();
            taken.push(recipient);
        }
        taken
    }

    /// An attempt is begun for a recipient.
    pub(super) fn begin_attempt(
        &mut self,
        recipient: RecipientId,
        site: Option<SiteId>,
        connection: u32,
        now: Instant,
    ) {
        let row = self.recipients.row_mut(recipient);
        row.progress = Progress::InFlight;
        let attempt = row.attempts + 1;
        if row.begun == Begun::No {
            row.begun = Begun::Yes;
            self.mailings[row.mailing.index()].metrics.begin();
        }
        self.note(now, recipient, Fact::AttemptBegun { attempt, site, connection });
    }

    pub(super) fn address(&self, recipient: RecipientId) -> smtp::Address {
        self.contacts[self.recipients.row(recipient).contact.index()].address.clone()
    }

    /// Remembers to look at a site once everything that is due has been queued.
    pub(super) fn touch(&mut self, site: SiteId) {
        if self.touched.last() != Some(&site) {
            self.touched.push(site);
        }
    }

    /// Looks at every site that got work.
    pub(super) fn serve_touched(&mut self, now: Instant) {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().for_each(|site| self.serve(site, now));
    }

    /// Asks for as many connections as the queue of a site is worth now, or arranges to look at it again.
    pub(super) fn serve(&mut self, site: SiteId, now: Instant) {
        self.skip_who_left(site);
        let entry = &mut self.sites[site.index()];
        let wanted = entry.pace.connections_wanted(entry.ready.len(), entry.proven, now);
        if wanted == 0 {
            return;
        }
        let earliest = entry.pace.earliest();
        if earliest > now {
            if entry.wake_at.is_none_or(|at| at > earliest) {
                entry.wake_at = Some(earliest);
                self.site_wakes.push(Reverse((earliest, site)));
            }
            return;
        }
        if entry.open >= wanted || self.must_ask_first(site, now) {
            return;
        }
        let entry = &mut self.sites[site.index()];
        // Some may have left for another site.
        let wanted = entry.pace.connections_wanted(entry.ready.len(), entry.proven, now);
        while entry.open < wanted {
            entry.open += 1;
            self.actions.push_back(Action::Connect(site));
        }
    }
}
