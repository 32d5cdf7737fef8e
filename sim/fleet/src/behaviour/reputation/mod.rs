//! `reputation`: how a provider treats a sender follows from what the sender has done.
//!
//! Kept for the address that mail comes from and for the domain that signs it, each on its own; the worse of both counts. What
//! is seen and said of a sender makes its score ([`score`]); what follows from it (how much is taken, how much of it goes
//! to the spam folder, a block) is how it stands ([`standing`]). Whom what happens is put down to is told in [`account`], and how
//! all this is written in [`read`].

mod account;
mod read;
mod score;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use scenario::Definition;
use scenario::field::{optional, with_default};
use units::{Rate, Share, Table};

use super::wording::Wording;
use super::{
    Act, Aftermath, Behaviour, BehaviourKind, Decided, Event, Identity, Mailbox, Received, Scene, Stage,
};
use crate::profile::Situation;
use crate::{Phase, Phases, Roster};
use score::{Signal, Thousandths};
use standing::Standing;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read: read::reputation };

const DEFINITION: Definition = Definition {
    key: "reputation",
    about: "How the provider treats a sender follows from what the sender has done. It keeps a score from 0 to 100 for the client \
            address, and one for the domain that signs a message (`d=` of its first DKIM signature, or else the domain of the \
            return path); the worse one counts. A stranger starts with `start` points. A sender of whom nothing bad is said \
            has 100; what is said takes points for each per cent of the recipients of whom it is said (`signals`). The more is \
            seen of a sender, the less the start counts. Everything is forgotten by halves. So a new address that sends a little \
            more each day rises from tier to tier, and one that sends to old lists or to people who complain falls.",
    kind: "a map",
    fields: &[
        with_default("of", "client, domain, or a list of both", "Of whom a score is kept.", "both"),
        with_default("start", "number", "The points of a stranger, 0 to 100.", "50"),
        with_default(
            "trust_after",
            "number",
            "After how many recipients what was seen counts as much as the start does.",
            "1_000",
        ),
        with_default(
            "half_life",
            "duration",
            "How long until half of what was seen is forgotten: at each multiple of it since the start of the scenario.",
            "30d",
        ),
        optional(
            "signals",
            "a map",
            "How many points each per cent of the recipients costs: of `unknown_recipient` 2, `trap` 50, `complaint` 100 (so \
             three in a thousand cost 30 points), `volume_jump` 1, `auth_failure` 1. `engagement` wins 1.",
        ),
        with_default(
            "jump",
            "factor",
            "How many times the average of the seven days before is a jump of the volume; each recipient beyond it is one.",
            "3x",
        ),
        with_default("jump_from", "number", "How many recipients a day are never a jump.", "500"),
        optional(
            "tiers",
            "list of maps",
            "What follows from a score: `below: 60` for those below 60 (the lowest tier that is above the score counts), and \
             `messages: 100/d` (a sliding window; a message to five recipients counts five, and those above it are refused in \
             the words for `rate_limited`, or in those that `use` names), `spam: 30%` (how much of what is taken goes to the \
             spam folder, where `fate` decides what becomes of it), or both. Above all tiers, nothing is limited.",
        ),
        optional(
            "block",
            "a map",
            "`below: 10` blocks who falls below 10 points, `for: 24h` at least, and with `delist_after: 6h` until nothing was \
             tried for so long. Everything is refused then in the words for `spam_source`, or in those that `use` names. When it \
             is over, the sender is a stranger again.",
        ),
    ],
    example: "reputation: { tiers: [{ below: 60, messages: 200/d }], block: { below: 10, for: 24h } }",
};

/// Of whom a score is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Client,
    Domain,
}

impl Of {
    const ALL: [Self; 2] = [Self::Client, Self::Domain];
    const WORDS: &'static [(&'static str, Self)] = &[("client", Self::Client), ("domain", Self::Domain)];
}

/// What counts how much.
#[derive(Debug)]
struct Rates {
    /// The score of a stranger.
    start: Thousandths,
    trust_after: u64,
    half_life: Duration,
    /// Points for each per cent, in the order of [`Signal::ALL`].
    weights: [u64; Signal::ALL.len()],
    jump: u32,
    jump_from: u64,
}

/// What follows from the scores below a threshold.
#[derive(Debug)]
struct Tier {
    below: Thousandths,
    messages: Option<Rate>,
    spam: Share,
    words: Wording,
}

#[derive(Debug)]
struct Block {
    below: Thousandths,
    length: Duration,
    delist_after: Duration,
    words: Wording,
}

#[derive(Debug)]
struct Terms {
    rates: Rates,
    /// The lowest first.
    tiers: Vec<Tier>,
    block: Option<Block>,
}

impl Terms {
    /// The largest number of recipients that any tier takes, and the longest period.
    fn longest(&self) -> (usize, Duration) {
        let rates = || self.tiers.iter().filter_map(|tier| tier.messages);
        let count = rates().map(Rate::count).max().unwrap_or(0);
        (count as usize, rates().map(Rate::period).max().unwrap_or_default())
    }
}

#[derive(Debug)]
struct Reputation {
    of: Vec<Of>,
    terms: Terms,
    clients: BTreeMap<IpAddr, Standing>,
    /// By the number of the domain.
    by_domain: Table<u32, Standing>,
    domains: Roster,
    /// The domain that signs for a domain of return paths, as seen last.
    signers: Table<u32, u32>,
    /// The connections that are open.
    sessions: BTreeMap<u32, Session>,
}

/// A connection that is open.
#[derive(Debug, Default)]
struct Session {
    /// For which everything in it is refused.
    refused_for: Option<Refused>,
    /// For which this transaction is refused.
    transaction: Option<Refused>,
    /// The domain whose score the transaction is about, once there is one.
    domain: Option<u32>,
    /// How many recipients of the transaction were taken.
    taken: u64,
    /// How many of them were traps.
    traps: u64,
}

/// Why something is refused.
#[derive(Debug, Clone, Copy)]
struct Refused {
    words: Wording,
    /// The first phase in which that is said.
    from: Phase,
}

impl Behaviour for Reputation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        const PHASES: [Phase; 5] = [Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::EndOfData];
        PHASES.into_iter().fold(Phases::only(Phase::Greeting), Phases::and)
    }

    fn reads_content(&self) -> bool {
        self.of.contains(&Of::Domain)
    }

    fn listens(&self) -> bool {
        true
    }

    fn told(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
        match event {
            Event::Opened => self.opened(scene),
            Event::Closed => {
                self.give_back(scene);
                self.sessions.remove(&scene.visit.connection);
            }
            Event::Mail { .. } => self.announced(scene),
            Event::Recipient { mailbox, decided, .. } => self.named(*mailbox, *decided, scene),
            Event::Message { message, decided } => self.came(message, *decided, scene),
            Event::Complaint(aftermath) => self.hears(Signal::Complaint, aftermath, scene.now),
            Event::Engagement(aftermath) => self.hears(Signal::Engagement, aftermath, scene.now),
            Event::Unauthenticated(aftermath) => self.hears(Signal::AuthFailure, aftermath, scene.now),
            Event::Welcome { .. } | Event::Data { .. } => {}
        }
    }

    fn spam_share(&self, scene: &Scene<'_>) -> Option<Share> {
        self.spam(scene)
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let phase = stage.phase();
        let number = scene.visit.connection;
        let concerned = if let Stage::Rcpt { recipient } = stage { Some(*recipient) } else { None };
        match stage {
            Stage::Mail => {
                self.turn_to_domain(None, scene);
                let refused = self.refuses(scene);
                self.sessions.entry(number).or_default().transaction = refused;
            }
            Stage::Rcpt { .. } => {
                // What is said later is said of the whole message.
                let refused = self.is_full(scene);
                let session = self.sessions.entry(number).or_default();
                match refused.filter(|_| session.transaction.is_none()) {
                    Some(refused) if refused.from <= phase => {
                        return Some(refused.words.say(phase, scene, concerned));
                    }
                    Some(refused) => session.transaction = Some(refused),
                    None => {}
                }
            }
            Stage::EndOfData { message } => {
                self.turn_to_domain(Some(message), scene);
                let blocked = self.is_blocked(scene).map(|refused| Refused { from: phase, ..refused });
                let session = self.sessions.entry(number).or_default();
                session.transaction = session.transaction.or(blocked);
            }
            _ => {}
        }
        let session = self.sessions.get(&number)?;
        let refused = session.refused_for.or(session.transaction)?;
        (refused.from <= phase).then(|| refused.words.say(phase, scene, concerned))
    }
}
