//! How it is decided what becomes of a message: first where it goes, then what the recipient does with it.
//!
//! Every draw is made from the rule, the recipient's address, and how many messages it got before, so that it depends on
//! nothing that happens to others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use scenario::Placed;
use smtp::{Address, Reply};
use units::{Draw, Table};

use super::super::whom::{Whom, strikes};
use super::super::{Accepted, Destiny, Scene, Setting};
use super::settings::{Bounce, Branch, Settings, Words};
use crate::Phase;
use crate::echo::{self, Occasion, Original, Report};
use crate::receipts::Happening;

/// Decides what becomes of messages.
#[derive(Debug)]
pub(super) struct Tree {
    settings: Settings,
    /// Those who are named in a branch, by its key.
    named: BTreeMap<&'static str, BTreeSet<u32>>,
    draw: Draw,
    /// How many messages each recipient got.
    messages: Table<u32, u64>,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    Inbox,
    SpamFolder,
    Lost,
    Forwarded,
    BouncedLater,
}

/// A message of a recipient, about which is decided.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    accepted: &'a Accepted<'a>,
    scene: &'a Scene<'a>,
    draw: Draw,
}

impl Tree {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, named: BTreeMap::new(), draw: Draw::new(0, ""), messages: Table::default() }
    }

    pub(super) fn named_contacts(&self) -> Vec<&Placed<Address>> {
        self.branches().flat_map(|branch| branch.whom.addresses()).collect()
    }

    fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.settings.places().chain(self.settings.reactions())
    }

    /// Whether anything is sent back that is made of the message.
    pub(super) fn writes_echoes(&self) -> bool {
        let Settings { bounced_later, auto_replied, complained, unsubscribed, .. } = &self.settings;
        bounced_later.is_some() || auto_replied.is_some() || complained.is_some() || unsubscribed.is_some()
    }

    /// Told where it is put: names become numbers, and situations the provider's words.
    pub(super) fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.draw = setting.draw.with(setting.rule);
        let mut named = BTreeMap::new();
        for branch in self.branches() {
            let numbers = branch.whom.addresses().iter();
            let numbers = numbers.map(|address| setting.roster.enter(address.value.as_str())).collect();
            named.insert(branch.key, numbers);
        }
        self.named = named;
    }

    /// What becomes of a message for one recipient.
    pub(super) fn decide(&mut self, accepted: &Accepted<'_>, scene: &Scene<'_>) -> Destiny {
        let number = self.messages.entry(accepted.recipient).or_default();
        *number += 1;
        let draw = self.draw.with_text(scene.roster.name(accepted.recipient)).with(*number);
        let case = Case { accepted, scene, draw };
        let mut destiny = Destiny::default();
        match self.destination(case) {
            Destination::Inbox => {
                destiny.happenings.push((scene.now, Happening::Inbox));
                self.react(case, &mut destiny);
            }
            Destination::SpamFolder => destiny.happenings.push((scene.now, Happening::SpamFolder)),
            Destination::Lost => destiny.happenings.push((scene.now, Happening::Lost)),
            Destination::Forwarded => destiny.happenings.push((scene.now, Happening::Forwarded)),
            Destination::BouncedLater => self.bounce(case, &mut destiny),
        }
        destiny
    }

    fn destination(&self, case: Case<'_>) -> Destination {
        let recipient = case.accepted.recipient;
        let named = self.places().find(|(_, branch)| self.names(branch, recipient));
        if let Some((destination, _)) = named {
            return destination;
        }
        // Whoever is named among the readers is meant to get it.
        if self.settings.reactions().any(|branch| self.names(branch, recipient)) {
            return Destination::Inbox;
        }
        let mut sum = 0;
        let drawn = self.places().find(|(_, branch)| {
            sum += branch.whom.millionths();
            strikes(sum, case.draw.with_text("place"))
        });
        match drawn {
            Some((destination, _)) => destination,
            None if is_distrusted(case) => Destination::SpamFolder,
            None => Destination::Inbox,
        }
    }

    /// Where a message can go but into the inbox, in the order in which shares are taken.
    fn places(&self) -> impl Iterator<Item = (Destination, &Branch)> {
        let Settings { lost, spam_folder, forwarded, bounced_later, .. } = &self.settings;
        let places = [
            (Destination::Lost, lost.as_ref()),
            (Destination::SpamFolder, spam_folder.as_ref()),
            (Destination::Forwarded, forwarded.as_ref()),
            (Destination::BouncedLater, bounced_later.as_ref().map(|(branch, _)| branch)),
        ];
        places.into_iter().filter_map(|(destination, branch)| Some((destination, branch?)))
    }

    fn names(&self, branch: &Branch, recipient: u32) -> bool {
        self.named.get(branch.key).is_some_and(|numbers| numbers.contains(&recipient))
    }

    /// Whether something happens to a message in the inbox, and how long after.
    fn strikes(&self, branch: &Branch, case: Case<'_>) -> Option<Duration> {
        let draw = case.draw.with_text(branch.key);
        let strikes = match &branch.whom {
            Whom::Share(share) => strikes(share.millionths(), draw),
            Whom::Addresses(_) => self.names(branch, case.accepted.recipient),
        };
        strikes.then(|| after(branch, case))
    }

    /// What the recipient does with a message in the inbox.
    fn react(&self, case: Case<'_>, destiny: &mut Destiny) {
        let strikes = |branch: &Option<Branch>| self.strikes(branch.as_ref()?, case);
        let Settings { auto_replied, opened, clicked, complained, unsubscribed, .. } = &self.settings;
        if let Some(after) = strikes(opened) {
            let opened = case.scene.now + after;
            destiny.happenings.push((opened, Happening::Opened));
            if let Some(after) = strikes(clicked) {
                destiny.happenings.push((opened + after, Happening::Clicked));
            }
        }
        // RFC 5321 4.5.5, RFC 3834 2: nothing goes to the null return path.
        let Ok(sender) = Address::parse_utf8(&case.scene.visit.sender) else { return };
        let occasion = case.occasion(&sender);
        if let Some(after) = strikes(auto_replied) {
            destiny.happenings.push((case.scene.now + after, Happening::AutoReplied));
            destiny.echoes.push(echo::absence(&occasion, after));
        }
        if let Some((branch, redaction)) = complained
            && let Some(after) = self.strikes(branch, case)
        {
            destiny.happenings.push((case.scene.now + after, Happening::Complained));
            destiny.echoes.push(echo::complaint(&occasion, after, *redaction));
        }
        if let Some((branch, means)) = unsubscribed
            && let Some(after) = self.strikes(branch, case)
            && let Some(echo) = echo::unsubscribe(&occasion, after, *means)
        {
            destiny.happenings.push((echo.due, Happening::Unsubscribed));
            destiny.echoes.push(echo);
        }
    }

    /// The message is not delivered after all. Without a return path nobody hears of it.
    fn bounce(&self, case: Case<'_>, destiny: &mut Destiny) {
        let Some((branch, bounce)) = &self.settings.bounced_later else { return };
        let Ok(sender) = Address::parse_utf8(&case.scene.visit.sender) else {
            destiny.happenings.push((case.scene.now, Happening::Lost));
            return;
        };
        let report = Report {
            after: after(branch, case),
            refusal: &case.refusal(bounce),
            status: bounce.status.map(|status| status.to_string()),
            returned: bounce.returned,
            forwarded_to: bounce.forwarded_to.as_ref(),
            quirks: &bounce.quirks,
        };
        destiny.echoes = echo::reports(&case.occasion(&sender), &report);
        destiny.happenings.push((case.scene.now + report.after, Happening::BouncedLater));
    }
}

impl<'a> Case<'a> {
    fn occasion<'b>(self, sender: &'b Address) -> Occasion<'b>
    where
        'a: 'b,
    {
        let Scene { now, identity, roster, visit } = *self.scene;
        Occasion {
            identity,
            host: &identity.hosts[visit.host],
            sender,
            recipient: roster.name(self.accepted.recipient),
            original: Original(self.accepted.message.content),
            arrived: now,
            draw: self.draw,
        }
    }

    fn refusal(self, bounce: &Bounce) -> Reply {
        let known = match &bounce.words {
            Words::Written(reply) => return reply.clone(),
            Words::Known(wording) => wording.known(self.scene.identity),
        };
        known.in_words(&self.scene.particulars(Phase::Rcpt, known.scope, Some(self.accepted.recipient)))
    }
}

/// Whether a message is put into the spam folder because of who sends it.
fn is_distrusted(case: Case<'_>) -> bool {
    strikes(case.accepted.spam_share.millionths(), case.draw.with_text("spam share"))
}

/// How long after the message was accepted, or opened, something happens.
fn after(branch: &Branch, case: Case<'_>) -> Duration {
    let draw = case.draw.with_text(branch.key).with_text("after");
    draw.between(*branch.after.start(), *branch.after.end())
}
