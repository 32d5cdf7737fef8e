//! What happens at a provider after it accepted a message: asks the behaviours, writes it down, sends what is to be sent, and
//! tells those that listen when it has happened.
//!
//! Separate from `provider`, because all this concerns nobody who is connected. A fleet knows no clock: what happens later is
//! told late, before the provider is asked the next question, which makes no difference to any answer.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use units::Instant;

use crate::behaviour::{Accepted, Aftermath, Destiny, Event, Received, Visit};
use crate::echo::Outbox;
use crate::provider::Provider;
use crate::receipts::{Happening, Sequel};

/// What is still to happen at a provider, and who carries what it sends.
#[derive(Default)]
pub(crate) struct Afterwards {
    /// Nobody carries anything if `None`.
    pub(crate) outbox: Option<Rc<dyn Outbox>>,
    /// What listeners are told, by when it happens and in which order it was decided. Empty if nobody listens.
    pending: BTreeMap<(Instant, u64), Pending>,
    decided: u64,
}

/// Something that listeners are told when it has happened.
#[derive(Debug)]
struct Pending {
    what: Told,
    recipient: u32,
    sender: u32,
    connection: u32,
    host: usize,
}

#[derive(Debug, Clone, Copy)]
enum Told {
    Complaint,
    Engagement,
}

impl Told {
    const fn of(happening: Happening) -> Option<Self> {
        match happening {
            Happening::Complained => Some(Self::Complaint),
            Happening::Opened | Happening::Clicked => Some(Self::Engagement),
            Happening::Inbox
            | Happening::SpamFolder
            | Happening::Lost
            | Happening::Forwarded
            | Happening::BouncedLater
            | Happening::AutoReplied
            | Happening::Unsubscribed => None,
        }
    }
}

impl Provider {
    /// A message was accepted for everybody in [`Visit::recipients`]: what becomes of it, if any behaviour says so.
    pub(crate) fn accepted(&mut self, message: Received<'_>, now: Instant, visit: &Visit) {
        if !self.rules.decide_fates() {
            return;
        }
        let spam_share = self.spam_share(now, visit);
        // Everybody on their own: conditions about recipients are about this one.
        let mut own = visit.clone();
        for (position, recipient) in visit.recipients.iter().copied().enumerate() {
            own.recipients = vec![recipient];
            own.attempts = visit.attempts.get(position).copied().into_iter().collect();
            let accepted = Accepted { recipient, message, spam_share };
            let (rules, scene) = self.at(now, &own);
            if let Some(destiny) = rules.fate(&accepted, &scene) {
                self.foretell(destiny, &accepted, visit);
            }
        }
    }

    fn foretell(&mut self, destiny: Destiny, accepted: &Accepted<'_>, visit: &Visit) {
        let (provider, recipient, body_hash) = (self.index, accepted.recipient, accepted.message.hash);
        let Visit { connection, sender_number: sender, host, .. } = *visit;
        let is_heard = self.is_heard();
        for (at, what) in destiny.happenings {
            self.journal.foretell(Sequel { at, provider, connection, sender, recipient, body_hash, what });
            if let Some(what) = Told::of(what).filter(|_| is_heard) {
                self.afterwards.decided += 1;
                let pending = Pending { what, recipient, sender, connection, host };
                self.afterwards.pending.insert((at, self.afterwards.decided), pending);
            }
        }
        if let Some(outbox) = &self.afterwards.outbox {
            destiny.echoes.into_iter().for_each(|echo| outbox.send(echo));
        }
    }

    /// Tells those that listen what has happened up to now.
    pub(crate) fn catch_up(&mut self, now: Instant) {
        while let Some(entry) = self.afterwards.pending.first_entry() {
            let (at, _) = *entry.key();
            if now < at {
                return;
            }
            let pending = entry.remove();
            self.tell_late(&pending, at);
        }
    }

    fn tell_late(&mut self, pending: &Pending, at: Instant) {
        let Pending { what, recipient, sender, connection, host } = *pending;
        let name = self.journal.senders.name(sender).to_owned();
        let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
        let visit = Visit { connection, host, sender: name, sender_number: sender, ..Visit::default() };
        let aftermath =
            Aftermath { client: self.identity.client, domain: &domain, recipient: Some(recipient) };
        let event = match what {
            Told::Complaint => Event::Complaint(aftermath),
            Told::Engagement => Event::Engagement(aftermath),
        };
        self.tell(&event, at, &visit);
    }
}

impl fmt::Debug for Afterwards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Afterwards").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}
