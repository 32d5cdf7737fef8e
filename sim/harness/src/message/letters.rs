//! Messages for one recipient each: signed, with a way to leave, or with a return path of their own.
//!
//! Made by `compose`, as those of `bouncelab send` are. What was made is noted as size and hash, so that what servers received
//! can be compared with it, and no message has to be kept.

use std::sync::{Arc, Mutex, PoisonError};

use compose::{Composer, Draft, Epoch, FieldNames, Fields, Identity, Recipient, Template, Unsubscribe};
use policy::feedback::Stray;
use policy::ids::ContactId;
use policy::mailing::{Letter, Listed, Whom};
use scenario::{DkimFault, ReturnPath, Sender, Signing};
use smtp::{Address, Body, Domain, ReversePath};
use units::{Instant, Table};
use xxhash_rust::xxh3::xxh3_64;

use super::{LINE, ReturnPaths, return_paths, stray};
use crate::keys;

/// What a gateway adds that changes messages.
const FOOTER: &[u8] = b"-- \r\nThis message was looked at on its way.\r\n";

/// Makes the messages of one mailing, for the contacts of one shard. All are dated by its start, so that one that is sent
/// again is the same.
#[derive(Debug)]
pub(crate) struct Letters {
    composer: Composer,
    /// The index of the mailing.
    mailing: u32,
    start: Instant,
    return_path: Way,
    fault: Option<DkimFault>,
    /// The number in the plan of each contact of the shard; ascending.
    contacts: Vec<u32>,
    notes: Notes,
}

/// Where bounces go.
#[derive(Debug)]
enum Way {
    Shared(ReversePath),
    Each(ReturnPaths),
}

/// What was made in a shard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Table<Whose, Made>>>);

/// A mailing and a contact.
type Whose = (u32, u32);

/// Size and hash of a message.
type Made = (u64, u64);

impl Letters {
    /// Those of the mailing with the index `mailing`, to the contacts of a shard, by their numbers in the plan.
    pub(crate) fn new(
        sender: &Sender,
        written: &scenario::Mailing,
        mailing: usize,
        seed: u64,
        contacts: Vec<u32>,
        notes: Notes,
    ) -> Self {
        let mailing = u32::try_from(mailing).expect("a scenario has few mailings");
        let return_path = match written.content.return_path {
            ReturnPath::Shared => {
                Way::Shared(super::sender(sender, mailing as usize + 1, &written.name.value))
            }
            ReturnPath::PerRecipient => Way::Each(ReturnPaths::new(&sender.domain.value, seed)),
        };
        Self {
            composer: composer(sender, written, mailing, seed),
            mailing,
            start: written.start.value,
            return_path,
            fault: sender.dkim.as_ref().and_then(|dkim| dkim.fault),
            contacts,
            notes,
        }
    }

    /// The contact with this number in the plan.
    fn whom(&self, contact: u32) -> Result<Whom, Stray> {
        let found = self.contacts.binary_search(&contact).map_err(|_| Stray::NotOurs)?;
        Ok(Whom::Contact(ContactId::from_index(found)))
    }
}

impl policy::mailing::Composer for Letters {
    fn letter(&self, line: Listed, address: &Address) -> Letter {
        let contact = self.contacts[line.contact.index()];
        let fields = Fields::default();
        let recipient = Recipient { number: contact + 1, address, fields: &fields };
        let mut octets = self.composer.compose(&recipient, self.start).octets;
        if self.fault == Some(DkimFault::BodyChanged) {
            octets.extend_from_slice(FOOTER);
        }
        self.notes.note(self.mailing, contact, &octets);
        let sender = match &self.return_path {
            Way::Shared(sender) => sender.clone(),
            Way::Each(paths) => ReversePath::Address(paths.of(self.mailing, contact)),
        };
        Letter { sender, body: Arc::new(Body::new(&octets)) }
    }

    fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        match &self.return_path {
            Way::Shared(_) => Err(Stray::NotOurs),
            Way::Each(paths) => match paths.whose(path).map_err(stray)? {
                (mailing, contact) if mailing == self.mailing => self.whom(contact),
                _ => Err(Stray::NotOurs),
            },
        }
    }

    fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        let number = self.composer.recipient_of_link(link).map_err(stray)?;
        // People count from one.
        number.checked_sub(1).ok_or(Stray::NotOurs).and_then(|contact| self.whom(contact))
    }
}

impl Notes {
    /// A message was made, perhaps not for the first time.
    fn note(&self, mailing: u32, contact: u32, octets: &[u8]) {
        let made = (octets.len() as u64, xxh3_64(octets));
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = notes.insert((mailing, contact), made);
        assert!(before.is_none_or(|before| before == made), "a message that is made again is the same");
    }

    /// All that were made, in no particular order.
    pub(crate) fn letters(&self) -> Vec<record::Letter> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = |(&(mailing, contact), &(bytes, hash)): (&Whose, &Made)| record::Letter {
            mailing: u16::try_from(mailing).expect("a scenario has few mailings"),
            contact,
            bytes,
            hash,
        };
        notes.iter().map(letter).collect()
    }
}

fn composer(sender: &Sender, written: &scenario::Mailing, mailing: u32, seed: u64) -> Composer {
    let domain = Domain::parse(&sender.domain.value).expect("the domain of a sender");
    let identity = Identity { seed, mailing: mailing + 1, domain };
    let secret = return_paths::secret(seed);
    let mut composer = Composer::new(template(sender, written), identity, Epoch::SCENARIO, secret);
    if let Some(ways) = ways_to_leave(sender, written, mailing) {
        composer = composer.with_unsubscribe(ways);
    }
    if let (Signing::Sign, Some(dkim)) = (written.content.dkim, &sender.dkim) {
        composer = composer.with_signer(keys::signer(dkim));
    }
    composer
}

fn template(sender: &Sender, written: &scenario::Mailing) -> Template {
    let from = super::author(sender, written);
    let subject: String = written.subject.chars().filter(|c| !c.is_control()).collect();
    let draft = Draft {
        from: &from,
        from_name: super::AUTHOR_NAME,
        reply_to: None,
        to_name: "",
        subject: &literal(&subject),
        text: &literal(&text(written)),
        html: None,
        headers: &[],
    };
    Template::read(&draft, &FieldNames::default()).expect("a text without merge fields has no mistakes")
}

/// The text of the message: the author's, and lines that fill it up to its size.
fn text(written: &scenario::Mailing) -> String {
    let size = usize::try_from(written.size.value.0).expect("sizes are bounded");
    let mut text = super::words(written);
    while text.len() + LINE.len() <= size {
        text.push_str(LINE);
    }
    if text.is_empty() {
        text.push_str(LINE);
    }
    text
}

/// A text in which nothing is a merge field.
fn literal(text: &str) -> String {
    text.replace("{{", "\\{{")
}

fn ways_to_leave(sender: &Sender, written: &scenario::Mailing, mailing: u32) -> Option<Unsubscribe> {
    let (domain, number) = (&sender.domain.value, mailing + 1);
    let link = format!("https://{domain}/unsubscribe/{number}/{{{{recipient}}}}/{{{{token}}}}");
    let mailto = format!("mailto:unsubscribe@{domain}?subject={number}-{{{{recipient}}}}-{{{{token}}}}");
    let link = match written.content.unsubscribe {
        scenario::Unsubscribe::None => return None,
        scenario::Unsubscribe::Mailto => None,
        scenario::Unsubscribe::OneClick => Some(link.as_str()),
    };
    Some(Unsubscribe::new(link, Some(&mailto)).expect("links to short domains are short"))
}
