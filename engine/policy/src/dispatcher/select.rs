//! A mailing starts for its recipients, recipients come due, windows close.

use std::cmp::Reverse;

use units::Instant;

use super::{Cancelled, Dispatcher, Item};
use crate::contact::ContactStatus;
use crate::ids::{MailingId, RecipientId};
use crate::ledger::{Cause, Entry, ExcludeReason, Fact, Outcome};
use crate::recipients::{Begun, Progress};

impl Dispatcher {
    /// Does everything that is due at `now`: closes windows, starts mailings, puts recipients into their queues, looks at
    /// sites that asked for a pause.
    pub fn advance(&mut self, now: Instant) {
        while let Some(Reverse((due, item))) = self.agenda.peek().copied()
            && due <= now
        {
            self.agenda.pop();
            match item {
                Item::Close(mailing) => self.close_windows(mailing, now),
                Item::Join(mailing) => self.join(mailing, now),
            }
        }
        while let Some(Reverse((due, recipient))) = self.deferred.peek().copied()
            && due <= now
        {
            self.deferred.pop();
            let row = self.recipients.row_mut(recipient);
            if row.progress == Progress::Deferred {
                row.progress = Progress::Queued;
                self.enqueue(recipient, now);
            }
        }
        while let Some(Reverse((at, site))) = self.site_wakes.peek().copied()
            && at <= now
        {
            self.site_wakes.pop();
            self.sites[site.index()].wake_at = None;
            self.serve(site, now);
        }
        self.serve_touched(now);
    }

    /// When [`Dispatcher::advance`] will have something to do next, as far as is known now.
    pub fn next_wake(&self) -> Option<Instant> {
        let agenda = self.agenda.peek().map(|Reverse((at, _))| *at);
        let deferred = self.deferred.peek().map(|Reverse((due, _))| *due);
        let sites = self.site_wakes.peek().map(|Reverse((at, _))| *at);
        [agenda, deferred, sites].into_iter().flatten().min()
    }

    /// An operator cancels a mailing: who is not final is dropped (never attempted) or cancelled; what is in flight
    /// is let finish, but not tried again.
    pub fn cancel(&mut self, mailing: MailingId, now: Instant) {
        self.mailings[mailing.index()].cancelled = Cancelled::Yes;
        for row in self.mailings[mailing.index()].rows.clone() {
            self.withdraw(RecipientId::from_index(row), Cause::MailingCancelled, now);
        }
    }

    /// Selects everybody for whom the mailing starts at or before `now`.
    fn join(&mut self, mailing: MailingId, now: Instant) {
        let running = &mut self.mailings[mailing.index()];
        let is_first = running.next_to_join == running.rows.start;
        while let Some(line) = running.duplicates.front().copied()
            && running.joins(line.position) <= now
        {
            running.duplicates.pop_front();
            running.metrics.exclude(ExcludeReason::Duplicate);
            let fact = Fact::Excluded(ExcludeReason::Duplicate);
            self.ledger.note(now, Entry { contact: line.contact, mailing: Some(mailing), fact });
        }
        while let Some(recipient) = self.next_to_join(mailing, now) {
            self.mailings[mailing.index()].next_to_join += 1;
            let contact = self.recipients.row(recipient).contact;
            match self.contacts[contact.index()].standing.status {
                ContactStatus::Active => self.select(recipient, now),
                ContactStatus::Error => self.exclude(recipient, ExcludeReason::Error, now),
                ContactStatus::OptOut => self.exclude(recipient, ExcludeReason::OptOut, now),
            }
        }
        let running = &self.mailings[mailing.index()];
        if let Some(next) = running.next_join(&self.recipients) {
            self.agenda.push(Reverse((next, Item::Join(mailing))));
        }
        if is_first && running.next_to_join > running.rows.start {
            let closes = self.window_end(RecipientId::from_index(running.rows.start));
            self.agenda.push(Reverse((closes, Item::Close(mailing))));
        }
    }

    fn next_to_join(&self, mailing: MailingId, now: Instant) -> Option<RecipientId> {
        let running = &self.mailings[mailing.index()];
        let recipient = RecipientId::from_index(running.next_to_join);
        (running.next_to_join < running.rows.end && self.start_of(recipient) <= now).then_some(recipient)
    }

    fn select(&mut self, recipient: RecipientId, now: Instant) {
        let mailing = self.recipients.row(recipient).mailing;
        self.mailings[mailing.index()].metrics.select();
        self.note(now, recipient, Fact::Selected);
        self.recipients.row_mut(recipient).progress = Progress::Queued;
        if self.mailings[mailing.index()].cancelled == Cancelled::Yes {
            self.withdraw(recipient, Cause::MailingCancelled, now);
        } else {
            self.enqueue(recipient, now);
        }
    }

    fn exclude(&mut self, recipient: RecipientId, reason: ExcludeReason, now: Instant) {
        let row = self.recipients.row_mut(recipient);
        row.progress = Progress::Final;
        self.mailings[row.mailing.index()].metrics.exclude(reason);
        self.note(now, recipient, Fact::Excluded(reason));
    }

    /// Gives everybody whose window closes at or before `now` a final outcome. Who is in flight is left alone: the
    /// shell interrupts it at this moment, and its outcome becomes final when it comes in.
    fn close_windows(&mut self, mailing: MailingId, now: Instant) {
        loop {
            let running = &self.mailings[mailing.index()];
            if running.next_to_close >= running.rows.end {
                return;
            }
            let recipient = RecipientId::from_index(running.next_to_close);
            let closes = self.window_end(recipient);
            if closes > now {
                return self.agenda.push(Reverse((closes, Item::Close(mailing))));
            }
            self.mailings[mailing.index()].next_to_close += 1;
            self.close_window(recipient, now);
        }
    }

    /// The window of one recipient has closed.
    pub(super) fn close_window(&mut self, recipient: RecipientId, now: Instant) {
        let row = self.recipients.row(recipient);
        match (row.progress, row.begun) {
            (Progress::NotJoined | Progress::Final | Progress::InFlight, _) => {}
            (Progress::Held, _) => self.settle(recipient, Outcome::SoftBounced, Cause::Uncertain, now),
            (Progress::Queued | Progress::Deferred, Begun::No) => {
                self.settle(recipient, Outcome::Dropped, Cause::HeldBack, now);
            }
            (Progress::Queued | Progress::Deferred, Begun::Yes) => {
                self.settle(recipient, Outcome::SoftBounced, Cause::HeldBack, now);
            }
        }
    }

    /// Takes a recipient out that must not be attempted (again). In flight, it is let finish.
    pub(super) fn withdraw(&mut self, recipient: RecipientId, cause: Cause, now: Instant) {
        let row = self.recipients.row_mut(recipient);
        match (row.progress, row.begun) {
            (Progress::NotJoined | Progress::Final, _) => {}
            (Progress::InFlight, _) => row.stop = row.stop.or(Some(cause)),
            (Progress::Queued | Progress::Deferred | Progress::Held, Begun::No) => {
                self.settle(recipient, Outcome::Dropped, cause, now);
            }
            (Progress::Queued | Progress::Deferred | Progress::Held, Begun::Yes) => {
                self.settle(recipient, Outcome::Cancelled, cause, now);
            }
        }
    }
}
