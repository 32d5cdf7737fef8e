//! What became of messages after they were accepted: the fleet's truth, traced back to the mailings by their return paths.

use record::{Happening, MailingId, Record, Sequel};
use serde::Serialize;

use super::Track;

/// What became of accepted messages, over the moments of the mailing. One message to one recipient counts once among the first
/// five; a message that was sent twice counts twice. The others are about messages in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Happened {
    /// Whether it is known at all.
    pub known: Known,
    /// Put into the inbox.
    pub inbox: Track,
    /// Put into the spam folder.
    pub spam_folder: Track,
    /// Thrown away, and nobody was told.
    pub lost: Track,
    /// Sent on to another address.
    pub forwarded: Track,
    /// Accepted and not delivered after all; a report was sent.
    pub bounced_later: Track,
    /// Answered by a program.
    pub auto_replied: Track,
    /// Opened by the recipient.
    pub opened: Track,
    /// The recipient followed a link.
    pub clicked: Track,
    /// The recipient called it spam.
    pub complained: Track,
    /// The recipient unsubscribed.
    pub unsubscribed: Track,
}

/// Whether it is known what became of accepted messages: only providers with a `fate` decide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// The provider has no `fate`, or accepted nothing: nothing is known, and that there is a 0 means nothing.
    #[default]
    No,
    /// It is.
    Yes,
}

impl Happened {
    /// Where nothing has happened yet.
    pub(super) fn new(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    pub(super) fn note(&mut self, what: Happening, moment: u16) {
        let track = match what {
            Happening::Inbox => &mut self.inbox,
            Happening::SpamFolder => &mut self.spam_folder,
            Happening::Lost => &mut self.lost,
            Happening::Forwarded => &mut self.forwarded,
            Happening::BouncedLater => &mut self.bounced_later,
            Happening::AutoReplied => &mut self.auto_replied,
            Happening::Opened => &mut self.opened,
            Happening::Clicked => &mut self.clicked,
            Happening::Complained => &mut self.complained,
            Happening::Unsubscribed => &mut self.unsubscribed,
        };
        track.note(moment, |count| *count += 1);
    }

    /// Each of them, in the order of the declaration.
    pub const fn named(&self) -> [(Happening, &Track); 10] {
        [
            (Happening::Inbox, &self.inbox),
            (Happening::SpamFolder, &self.spam_folder),
            (Happening::Lost, &self.lost),
            (Happening::Forwarded, &self.forwarded),
            (Happening::BouncedLater, &self.bounced_later),
            (Happening::AutoReplied, &self.auto_replied),
            (Happening::Opened, &self.opened),
            (Happening::Clicked, &self.clicked),
            (Happening::Complained, &self.complained),
            (Happening::Unsubscribed, &self.unsubscribed),
        ]
    }
}

/// Whether each provider decides what becomes of messages: it has done so at least once.
pub(super) fn known(record: &Record) -> Vec<Known> {
    let mut known = vec![Known::No; record.providers.len()];
    for sequel in &record.receipts.sequels {
        known[sequel.provider as usize] = Known::Yes;
    }
    known
}

/// What happened, in order, and in which mailing. What cannot be traced to one is left out.
pub(super) fn by_mailing(record: &Record) -> impl Iterator<Item = (MailingId, &Sequel)> {
    let mailing = |sender: &String| record.mailing_from(sender);
    let mailings: Vec<Option<MailingId>> = match record.receipts.sequels.is_empty() {
        true => Vec::new(),
        false => record.receipts.senders.iter().map(mailing).collect(),
    };
    let traced = move |sequel: &'_ Sequel| mailings[sequel.sender as usize];
    record.receipts.sequels.iter().filter_map(move |sequel| Some((traced(sequel)?, sequel)))
}
