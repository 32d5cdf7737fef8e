//! What comes back after a message was accepted, and what follows from it for contacts and counters.
//!
//! A late bounce does not rewrite an outcome: `delivered` stays what the server said, and the bounce is counted beside it.

use std::sync::Arc;

use smtp::Address;
use units::Instant;

use super::{Dispatcher, KnownGood};
use crate::contact::{ContactEvent, ContactPolicy};
use crate::feedback::{self, Complaint, Feedback, Ignored, Notice, RecipientStatus, Reported, Stray};
use crate::ids::{MailingId, RecipientId};
use crate::ledger::{Fact, Outcome, StandingCause};
use crate::mailing::{Content, Kind, Whom};
use crate::verdict::{Class, Finding};

/// What can be said of a recipient, each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    Bounced,
    Complained,
    Unsubscribed,
}

impl Dispatcher {
    /// A message came to `to` that says `notice`. Answers what was made of it, or why it is not known whom it is about.
    ///
    /// # Errors
    /// Neither `to` nor, of a complaint, the return path in it was made by us: nothing follows but that it is counted.
    pub fn receive(&mut self, to: &Address, notice: &Notice, now: Instant) -> Result<Feedback, Stray> {
        if let Notice::Letter { subject } = notice
            && let Ok(heard) = self.leave(&format!("mailto:{to}?subject={subject}"), now)
        {
            return Ok(heard);
        }
        let whose = self.whose(to, notice).inspect_err(|stray| self.note_stray(to.as_str(), *stray, now))?;
        Ok(match notice {
            Notice::Status(report) => self.hear_status(whose, report, now),
            Notice::Complaint(_) => {
                let event = (ContactEvent::Complaint, StandingCause::Complaint);
                self.hear_reader(whose, Feedback::Complaint, Said::Complained, event, now)
            }
            Notice::Letter { .. } => self.ignore(whose, Ignored::Unreadable, now),
            Notice::Nothing(why) => self.ignore(whose, *why, now),
        })
    }

    /// Somebody followed the link by which a recipient leaves (RFC 8058 3.2), or wrote to the address for that (`mailto:`). That is obeyed whatever became of the message: who
    /// has the link has the message.
    ///
    /// # Errors
    /// The link was not made by us: nothing follows but that it is counted.
    pub fn unsubscribe(&mut self, link: &str, now: Instant) -> Result<Feedback, Stray> {
        self.leave(link, now).inspect_err(|stray| self.note_stray(link, *stray, now))
    }

    fn leave(&mut self, link: &str, now: Instant) -> Result<Feedback, Stray> {
        let whose = self.find(|content| content.whose_link(link))?;
        let event = (ContactEvent::OptOut, StandingCause::OptOut);
        Ok(self.hear_reader(whose, Feedback::Unsubscribe, Said::Unsubscribed, event, now))
    }

    /// How often something came back that is not known whom it is about.
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    fn note_stray(&mut self, to: &str, stray: Stray, now: Instant) {
        self.strays += 1;
        self.ledger.stray(now, to, stray);
    }

    /// Whose return path a message came to. Complaints come to one address for all; the message in it has the return path.
    fn whose(&self, to: &Address, notice: &Notice) -> Result<RecipientId, Stray> {
        let inner = match notice {
            Notice::Complaint(Complaint { return_paths }) => return_paths.as_slice(),
            Notice::Status(_) | Notice::Letter { .. } | Notice::Nothing(_) => &[],
        };
        let mut why = Stray::NotOurs;
        for path in std::iter::once(to).chain(inner) {
            match self.find(|content| content.whose_return_path(path)) {
                Ok(recipient) => return Ok(recipient),
                Err(stray) => why = why.max(stray),
            }
        }
        Err(why)
    }

    /// The recipient that one of the mailings recognises.
    fn find(&self, whom: impl Fn(&Content) -> Result<Whom, Stray>) -> Result<RecipientId, Stray> {
        let mut why = Stray::NotOurs;
        for running in &self.mailings {
            let rows = running.rows.clone();
            match whom(&running.mailing.content) {
                Ok(Whom::Line(position)) => return self.recipients.at(rows, position).ok_or(Stray::NotOurs),
                Ok(Whom::Contact(contact)) => {
                    return self.recipients.find(rows, contact).ok_or(Stray::NotOurs);
                }
                Err(stray) => why = why.max(stray),
            }
        }
        Err(why)
    }

    fn hear_status(&mut self, whose: RecipientId, report: &[RecipientStatus], now: Instant) -> Feedback {
        let contact = self.recipients.row(whose).contact;
        match feedback::about(report, &self.contacts[contact.index()].address) {
            None => self.ignore(whose, Ignored::Unreadable, now),
            Some(entry) => match entry.action {
                Reported::Delivered => self.ignore(whose, Ignored::Arrived, now),
                Reported::Delayed => self.ignore(whose, Ignored::Delayed, now),
                Reported::Failed => self.hear_bounce(whose, entry, now),
            },
        }
    }

    /// A message that was accepted has bounced after all.
    fn hear_bounce(&mut self, whose: RecipientId, entry: &RecipientStatus, now: Instant) -> Feedback {
        if self.recipients.row(whose).ended != Some(Outcome::Delivered) {
            return self.ignore(whose, Ignored::NotDelivered, now);
        }
        if !self.heard.insert((whose, Said::Bounced)) {
            return self.ignore(whose, Ignored::Repeated, now);
        }
        let contact = self.recipients.row(whose).contact;
        let site = self.domains[self.contacts[contact.index()].domain.index()].site;
        let reader = site.map(|site| self.sites[site.index()].reader).unwrap_or_default();
        let found = Arc::new(feedback::finding(reader, entry));
        // While a site refuses everybody it knew, its reports are as little evidence as its answers.
        let found = self.unless_held_back(whose, &found);
        let feedback = match found.verdict.class {
            Class::Hard => Feedback::LateHardBounce,
            Class::Soft | Class::Delivered | Class::Uncertain => Feedback::LateSoftBounce,
        };
        self.count(whose, feedback, Some(&found), now);
        self.answer_for_bounce(whose, feedback, &found, now);
        feedback
    }

    /// What a late bounce means for the contact. A hard one is what it would have been at once. A soft one is a strike if the
    /// delivery that it takes back is the contact's latest: the count goes on from where it stood before it. Otherwise another
    /// delivery has broken the row since.
    fn answer_for_bounce(&mut self, whose: RecipientId, feedback: Feedback, found: &Finding, now: Instant) {
        let row = self.recipients.row(whose);
        let (contact, mailing) = (row.contact, row.mailing);
        let running = &self.mailings[mailing.index()].mailing;
        if running.kind == Kind::Test {
            return;
        }
        let policy = running.contact_policy;
        let scope = found.verdict.scope;
        let entry = &mut self.contacts[contact.index()];
        let event = match feedback {
            Feedback::LateHardBounce => {
                if super::settle::is_against_address(found) {
                    entry.known_good = KnownGood::No;
                }
                (ContactEvent::HardBounce(scope), StandingCause::LateHardBounce)
            }
            _ => match entry.latest_delivery.take_if(|latest| latest.recipient == whose) {
                Some(latest) => {
                    let before = latest.strikes_before;
                    (ContactEvent::LateSoftBounce { scope, before }, StandingCause::LateSoftBounce)
                }
                None => return,
            },
        };
        self.move_contact(contact, Some(mailing), event, policy, now);
    }

    /// The recipient itself says that it does not want this: obeyed whatever became of the message, and counted once.
    fn hear_reader(
        &mut self,
        whose: RecipientId,
        feedback: Feedback,
        said: Said,
        event: (ContactEvent, StandingCause),
        now: Instant,
    ) -> Feedback {
        if !self.heard.insert((whose, said)) {
            return self.ignore(whose, Ignored::Repeated, now);
        }
        self.count(whose, feedback, None, now);
        let row = self.recipients.row(whose);
        let (contact, mailing) = (row.contact, row.mailing);
        if self.mailings[mailing.index()].mailing.kind != Kind::Test {
            self.move_contact(contact, Some(mailing), event, ContactPolicy::Classic, now);
        }
        feedback
    }

    fn ignore(&mut self, whose: RecipientId, why: Ignored, now: Instant) -> Feedback {
        let feedback = Feedback::Ignored(why);
        self.count(whose, feedback, None, now);
        feedback
    }

    fn count(&mut self, whose: RecipientId, feedback: Feedback, finding: Option<&Finding>, now: Instant) {
        let mailing: MailingId = self.recipients.row(whose).mailing;
        self.mailings[mailing.index()].metrics.hear(feedback);
        self.note(now, whose, Fact::Feedback { feedback, finding });
    }
}
