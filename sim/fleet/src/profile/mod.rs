//! Provider profiles: how a provider words its answers, what its servers offer, and where that is known from.
//!
//! A profile is data (`scenarios/providers/*.yaml`). Who the provider is and how the engine reads its replies is told elsewhere
//! (`engine/verdicts/rules`), because the fakes must not share the brain that they judge. This module gives it types; reading it is done in `read`, finding
//! it in `library`. A profile changes nothing but words, unless a scenario turns its habits on.

mod habit;
mod known_reply;
mod library;
pub(crate) mod read;
mod situation;
mod template;

use std::collections::BTreeMap;

use smtp::Extensions;

pub use habit::Habit;
pub use known_reply::{Frequency, KnownReply, Permanence, PhaseBasis, Provenance, Scope};
pub use library::{GENERIC, Library, library};
pub use read::read_profile;
pub use situation::Situation;
pub use template::{Particulars, Template, UnknownBlank};

/// A provider profile.
#[derive(Debug)]
pub struct Profile {
    /// Its name, as `like:` takes it (`gmail`).
    pub name: String,
    /// What its servers offer in their reply to EHLO, as far as the fake servers speak it.
    pub extensions: Extensions,
    /// How well the extensions are known.
    pub extensions_basis: String,
    /// What it is known to do, if a scenario wants it to; no two are of the same key.
    pub habits: Vec<Habit>,
    /// Every reply that is known of this provider, in the order of the file; no id occurs twice.
    pub replies: Vec<KnownReply>,
    /// What it answers in each situation that it has a reply of its own for: positions in `replies`.
    own: BTreeMap<Situation, usize>,
    /// What answers the others; `None` only for the profile that answers all.
    fallback: Option<&'static Self>,
}

impl Profile {
    /// What this provider answers in a situation: its own reply, or else the generic one.
    pub fn answer(&self, situation: Situation) -> &KnownReply {
        match (self.own.get(&situation), self.fallback) {
            (Some(&index), _) => &self.replies[index],
            (None, Some(fallback)) => fallback.answer(situation),
            (None, None) => unreachable!("the generic profile was read only if it answers every situation"),
        }
    }

    /// Whether the answer is this provider's own, and not the generic one.
    pub fn answers_itself(&self, situation: Situation) -> bool {
        self.own.contains_key(&situation)
    }

    /// The reply of this provider with this id.
    pub fn reply(&self, id: &str) -> Option<&KnownReply> {
        self.replies.iter().find(|reply| reply.id == id)
    }
}
