//! Who has heard what was decided: the client, the behaviours that listen, and whoever takes it down.
//!
//! A file of its own because only what the client has heard of is accepted in both accounts: whoever carries the bytes tells
//! when an answer has arrived, and what was not heard is written down as lost.

use std::cell::RefCell;
use std::rc::Rc;

use super::Conversation;
use crate::behaviour::{Decided, Event};
use crate::provider::Provider;

impl Conversation {
    /// The provider whose server it is.
    pub(crate) const fn provider(&self) -> &Rc<RefCell<Provider>> {
        &self.provider
    }

    /// The rule that had something to say when it was asked last.
    pub(crate) const fn rule(&self) -> Option<u32> {
        self.rule
    }

    /// The octets of the message that have come so far.
    pub(crate) const fn octets(&self) -> u64 {
        self.message.octets
    }

    /// Whether a message was accepted in an answer that the client may not have heard yet.
    pub(crate) fn has_unheard(&self) -> bool {
        !self.unheard.is_empty()
    }

    /// The client has heard everything so far.
    pub(crate) fn all_heard(&mut self) {
        self.unheard.clear();
    }

    /// The client was gone before it could hear that messages were accepted.
    pub(crate) fn not_heard(&mut self) {
        let journal = &mut self.provider.borrow_mut().journal;
        self.unheard.drain(..).for_each(|row| journal.not_heard(row));
    }

    /// How many messages' recipients were accepted that the client may not have heard of.
    pub(crate) const fn unheard(&self) -> usize {
        self.unheard.len()
    }

    /// The client will not hear of those that were accepted last, all but the first so many.
    pub(crate) fn cut_off(&mut self, after: usize) {
        let journal = &mut self.provider.borrow_mut().journal;
        self.unheard.drain(after..).for_each(|row| journal.not_heard(row));
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.provider.borrow_mut().tell(event, self.now, &self.visit);
    }

    /// Tells what became of a recipient, for whoever listens.
    pub(super) fn tell_recipient(&self, recipient: u32, decided: Decided) {
        let provider = &mut *self.provider.borrow_mut();
        if provider.is_heard() {
            let mailbox = provider.mailbox(recipient, self.now, &self.visit);
            let event = Event::Recipient { recipient, mailbox, decided };
            provider.tell(&event, self.now, &self.visit);
        }
    }
}
