//! `mailboxes`: mailboxes that do not exist, are full, or are anything else than somebody's who gets mail.
//!
//! Shares are exact, so that an author can reason about counts: of 400 contacts, `full: 10%` are 40. Which ones is
//! drawn from the seed for each address on its own, so that it depends neither on the order of anything nor on other
//! providers. How the groups are written is the part of [`read`], how mailboxes fill that of [`quota`].

mod quota;
mod read;
#[cfg(test)]
mod tests;

use std::time::Duration;

use scenario::field::with_default;
use scenario::{Definition, Field, Placed};
use smtp::{Address, EnhancedStatusCode, Reply};
use units::{Draw, Instant, Share};

use super::{Act, Behaviour, BehaviourKind, Decided, Event, Mailbox, Scene, Setting, Stage};
use crate::profile::Situation;
use crate::{Phase, Phases, Roster};
use quota::Store;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read: read::mailboxes };

const DEFINITION: Definition = Definition {
    key: "mailboxes",
    about: "Some of the provider's mailboxes are not simply somebody's who gets mail. Each kind is written as an exact share of \
            the provider's contacts (`10%`; which ones is drawn from the seed), as a list of addresses, or as a map with one \
            of the two (`share`, `addresses`) and what else belongs to it. In each map, `until: 5h` says that from then on \
            they take mail like any other: an unknown one exists, a disabled one is open again. No mailbox is two things at \
            once. The words, and the phase in which they are said, are those of the provider's profile; where that is the end \
            of data, the whole message is refused, as its reply can only be one.",
    kind: "a map",
    fields: &[
        field("unknown", "Mailboxes that do not exist."),
        field("full", "Mailboxes over their quota. `full: { share: 10%, until: 5h }` are emptied at hour 5."),
        field("disabled", "Mailboxes that exist, but were closed."),
        field(
            "moved",
            "Mailboxes whose owner is elsewhere. `to`, a domain or an address, says where: it is told in a 551 (RFC 5321 3.4); \
             without it, only that they have moved.",
        ),
        field(
            "quota",
            "Mailboxes that fill with what is delivered: `quota: { share: 100%, messages: 20 }`, or `size: 1 MiB`, or both. A \
             full one is over its quota like any of `full`, until it is emptied: `emptied: every 7d`, or once, `emptied: at 5h`. \
             The message that fills it is still taken.",
        ),
        field(
            "trap",
            "Spam traps: mailboxes of nobody that take everything. Who mails to them loses `reputation`.",
        ),
        field(
            "slow",
            "Mailboxes that take their time: `slow: { share: 5%, longer: 90s }`. So much longer takes the answer at the end of \
             data, once for each message, and no behaviour that stands after `mailboxes` has a say then.",
        ),
        with_default(
            "catch_all",
            "true or false",
            "Whether addresses of the provider's domains that belong to no contact take mail; if not, they are unknown.",
            "true",
        ),
    ],
    example: "mailboxes: { unknown: 2%, full: { share: 10%, until: 5h }, disabled: [ann@bigbox.test] }",
};

const fn field(name: &'static str, about: &'static str) -> Field {
    with_default(name, "share, list of addresses, or a map", about, "none")
}

#[derive(Debug)]
struct Mailboxes {
    groups: Vec<Group>,
    others: Others,
    /// For each name of the roster, from number 0, the group that it belongs to, counted from 1; 0 for none.
    group_of: Vec<u8>,
    /// How many of the names are contacts.
    contacts: u32,
    /// The phases in which some group is answered.
    phases: Phases,
}

/// What addresses are that belong to no contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Taken,
    Unknown,
}

/// Mailboxes of one kind.
#[derive(Debug)]
struct Group {
    key: &'static str,
    whom: Whom,
    until: Instant,
    nature: Nature,
}

#[derive(Debug)]
enum Whom {
    Share(Share),
    Addresses(Vec<Placed<Address>>),
}

impl Whom {
    fn addresses(&self) -> &[Placed<Address>] {
        match self {
            Self::Addresses(addresses) => addresses,
            Self::Share(_) => &[],
        }
    }
}

/// What mailboxes of a kind do.
#[derive(Debug)]
enum Nature {
    /// They refuse everything.
    Refuse(Situation),
    /// Their owner is elsewhere.
    Moved(Option<NewHome>),
    /// They fill.
    Fill(Store),
    Trap,
    Slow {
        longer: Duration,
    },
}

/// Where the owner of a mailbox has moved.
#[derive(Debug)]
enum NewHome {
    Address(Address),
    /// The same local part in this domain.
    Domain(String),
}

impl Nature {
    /// The situation that they refuse in, if they do.
    const fn situation(&self) -> Option<Situation> {
        match self {
            Self::Refuse(situation) => Some(*situation),
            Self::Fill(_) => Some(Situation::FullMailbox),
            Self::Moved(_) | Self::Trap | Self::Slow { .. } => None,
        }
    }
}

impl Behaviour for Mailboxes {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn named_contacts(&self) -> Vec<&Placed<Address>> {
        self.groups.iter().flat_map(|group| group.whom.addresses()).collect()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.contacts = setting.contacts;
        self.list(setting.roster);
        self.draw(setting);
        self.phases = self.groups.iter().fold(Phases::only(Phase::Rcpt), |phases, group| {
            let situation = group.nature.situation();
            let said =
                situation.map_or(Phase::Rcpt, |situation| setting.identity.profile.answer(situation).phase);
            let slow = matches!(group.nature, Nature::Slow { .. });
            phases.and(if slow { Phase::EndOfData } else { said })
        });
        if self.others == Others::Unknown {
            let said = setting.identity.profile.answer(Situation::UnknownMailbox).phase;
            self.phases = self.phases.and(said);
        }
    }

    fn phases(&self) -> Phases {
        self.phases
    }

    fn listens(&self) -> bool {
        self.groups.iter().any(|group| matches!(group.nature, Nature::Fill(_)))
    }

    fn told(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
        let Event::Message { message, decided: Decided::Accepted } = event else { return };
        for recipient in &scene.visit.recipients {
            if let Some(Group { nature: Nature::Fill(store), .. }) = self.group_mut(*recipient) {
                store.put(*recipient, message.bytes, scene.now);
            }
        }
    }

    fn mailbox(&self, recipient: u32, scene: &Scene<'_>) -> Option<Mailbox> {
        let group = self.group(recipient, scene.now)?;
        matches!(group.nature, Nature::Trap).then_some(Mailbox::Trap)
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match stage {
            Stage::Rcpt { recipient } => self.refusal(*recipient, Phase::Rcpt, scene),
            Stage::Data | Stage::EndOfData { .. } => {
                let recipients = || scene.visit.recipients.iter().copied();
                let refused =
                    recipients().find_map(|recipient| self.refusal(recipient, stage.phase(), scene));
                refused.or_else(|| {
                    let longer =
                        recipients().filter_map(|recipient| self.longer(recipient, scene.now)).max()?;
                    (stage.phase() == Phase::EndOfData).then_some(Act::Accept { longer })
                })
            }
            _ => None,
        }
    }
}

impl Mailboxes {
    /// What is said about a recipient in this phase, if anything.
    fn refusal(&self, recipient: u32, phase: Phase, scene: &Scene<'_>) -> Option<Act> {
        let refuse = |situation| {
            let said = scene.identity.profile.answer(situation).phase;
            (said == phase).then(|| scene.answer(situation, Some(recipient)))
        };
        let Some(group) = self.group(recipient, scene.now) else {
            let is_other = self.others == Others::Unknown && recipient >= self.contacts;
            return (is_other && is_own(recipient, scene)).then(|| refuse(Situation::UnknownMailbox))?;
        };
        match &group.nature {
            Nature::Refuse(situation) => refuse(*situation),
            Nature::Moved(to) => {
                (phase == Phase::Rcpt).then(|| moved(scene.roster.name(recipient), to.as_ref()))
            }
            Nature::Fill(store) => {
                let is_full = store.is_full(recipient, scene.visit.declared_size, scene.now);
                is_full.then(|| refuse(Situation::FullMailbox))?
            }
            Nature::Trap | Nature::Slow { .. } => None,
        }
    }

    /// How much longer a message to this recipient takes, if it does.
    fn longer(&self, recipient: u32, now: Instant) -> Option<Duration> {
        match self.group(recipient, now)?.nature {
            Nature::Slow { longer } => Some(longer),
            Nature::Refuse(_) | Nature::Moved(_) | Nature::Fill(_) | Nature::Trap => None,
        }
    }

    /// The group that a mailbox belongs to, if it still does.
    fn group(&self, recipient: u32, now: Instant) -> Option<&Group> {
        let position = self.group_of.get(recipient as usize)?.checked_sub(1)?;
        Some(&self.groups[usize::from(position)]).filter(|group| now < group.until)
    }

    fn group_mut(&mut self, recipient: u32) -> Option<&mut Group> {
        let position = self.group_of.get(recipient as usize)?.checked_sub(1)?;
        Some(&mut self.groups[usize::from(position)])
    }

    /// Puts the mailboxes that are listed by address into their groups.
    fn list(&mut self, roster: &mut Roster) {
        self.group_of = vec![0; roster.len() as usize];
        for (number, group) in (1..).zip(&self.groups) {
            for address in group.whom.addresses() {
                let name = roster.enter(address.value.as_str()) as usize;
                self.group_of.resize(self.group_of.len().max(name + 1), 0);
                self.group_of[name] = number;
            }
        }
    }

    /// Draws the mailboxes of the groups that are a share: those whose number is smallest, of the contacts that belong
    /// to no group yet.
    fn draw(&mut self, setting: &Setting<'_>) {
        for (number, group) in (1..).zip(&self.groups) {
            let Whom::Share(share) = group.whom else { continue };
            let wanted = usize::try_from(share.of(u64::from(setting.contacts))).unwrap_or(usize::MAX);
            let draw = setting.draw.with_text(group.key);
            for contact in drawn(draw, wanted, &self.group_of, setting) {
                self.group_of[contact as usize] = number;
            }
        }
    }
}

/// The `wanted` contacts with the smallest numbers among those in no group; all of them if there are no more.
fn drawn(draw: Draw, wanted: usize, group_of: &[u8], setting: &Setting<'_>) -> Vec<u32> {
    let mut free: Vec<(u64, u32)> = (0..setting.contacts)
        .filter(|contact| group_of[*contact as usize] == 0)
        .map(|contact| (draw.with_text(setting.roster.name(contact)).number(), contact))
        .collect();
    if wanted < free.len() {
        free.select_nth_unstable(wanted);
        free.truncate(wanted);
    }
    free.into_iter().map(|(_, contact)| contact).collect()
}

/// Whether an address is in one of the provider's domains.
fn is_own(recipient: u32, scene: &Scene<'_>) -> bool {
    let (_, domain) = scene.roster.name(recipient).rsplit_once('@').unwrap_or_default();
    scene.identity.domains.iter().any(|own| own == domain)
}

/// The refusal of a mailbox whose owner is elsewhere.
// RFC 5321 4.2.3 (551), RFC 3463 3.2 (X.1.6)
fn moved(mailbox: &str, to: Option<&NewHome>) -> Act {
    const MOVED: Option<EnhancedStatusCode> = EnhancedStatusCode::new(5, 1, 6);
    let local_part = mailbox.rsplit_once('@').map_or(mailbox, |(local_part, _)| local_part);
    let reply = match to {
        Some(NewHome::Address(address)) => {
            Reply::new(551, MOVED, &format!("User not local; please try <{}>", address.as_str()))
        }
        Some(NewHome::Domain(domain)) => {
            Reply::new(551, MOVED, &format!("User not local; please try <{local_part}@{domain}>"))
        }
        None => Reply::new(550, MOVED, &format!("<{mailbox}>: Mailbox has moved, no forwarding address")),
    };
    Act::say(reply, Phase::Rcpt)
}
