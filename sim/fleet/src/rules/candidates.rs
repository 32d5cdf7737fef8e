//! Which rules are worth asking about what: those that cannot have anything to say are left out without being looked at.
//!
//! Separate because this is the fleet's hot spot. Rules are listed by the phases in which they act, and those whose condition
//! names recipients, the beginning of recipients, or domains of senders, by these.

use units::Table;
use xxhash_rust::xxh3::xxh3_64;

use super::Rule;
use crate::behaviour::{Scene, Stage};
use crate::condition::{Only, When};
use crate::{Phase, Phases};

/// The rules of a provider by what they are asked about.
#[derive(Debug)]
pub(super) struct Candidates {
    /// For each phase the rules that are asked in it, whoever it is about.
    always: [Vec<u32>; Phase::ALL.len()],
    /// At RCPT: the rules for single recipients, by their number in the roster.
    by_recipient: Table<u32, Vec<u32>>,
    /// At RCPT: the rules for recipients that begin in one way.
    by_beginning: Vec<(Beginning, u32)>,
    /// For each phase the rules for domains of senders, by the hash of the domain.
    by_sender: [Table<u64, Vec<u32>>; Phase::ALL.len()],
    /// The phases in which any rule is asked.
    phases: Phases,
    /// Those for one question, in order; kept so that it is not allocated anew.
    found: Vec<u32>,
}

/// How a text begins: up to eight letters, in lower case, as a number, and which of its bits count.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    letters: u64,
    mask: u64,
}

impl Beginning {
    fn of(text: &str) -> Self {
        let bytes = &text.as_bytes()[..text.len().min(8)];
        let mut mask = [0; 8];
        mask[..bytes.len()].fill(0xff);
        Self { letters: first_letters(bytes), mask: u64::from_le_bytes(mask) }
    }
}

/// The first eight bytes in lower case, as a number; what is missing is zero.
fn first_letters(text: &[u8]) -> u64 {
    let mut letters = [0; 8];
    let count = text.len().min(8);
    letters[..count].copy_from_slice(&text[..count]);
    letters.make_ascii_lowercase();
    u64::from_le_bytes(letters)
}

impl Candidates {
    /// Lists the rules; `number` gives the numbers of recipients that conditions name.
    pub(super) fn of(rules: &[Rule], mut number: impl FnMut(&str) -> u32) -> Self {
        let mut lists = Self {
            always: std::array::from_fn(|_| Vec::new()),
            by_recipient: Table::default(),
            by_beginning: Vec::new(),
            by_sender: std::array::from_fn(|_| Table::default()),
            phases: Phases::NONE,
            found: Vec::new(),
        };
        for (rule, position) in rules.iter().zip(0..) {
            let only = rule.when.as_ref().and_then(When::only);
            for phase in Phase::ALL.into_iter().filter(|phase| rule.behaviour.phases().has(*phase)) {
                lists.phases = lists.phases.and(phase);
                lists.list(phase, only, position, &mut number);
            }
        }
        lists
    }

    fn list(
        &mut self,
        phase: Phase,
        only: Option<Only<'_>>,
        rule: u32,
        number: &mut impl FnMut(&str) -> u32,
    ) {
        match only {
            Some(Only::Recipients(names)) if phase == Phase::Rcpt => {
                names.iter().for_each(|name| enter(self.by_recipient.entry(number(name)).or_default(), rule));
            }
            Some(Only::Beginning(text)) if phase == Phase::Rcpt => {
                self.by_beginning.push((Beginning::of(text), rule));
            }
            // Before there is a sender, such a condition cannot hold.
            Some(Only::SenderDomains(domains)) => {
                let table = &mut self.by_sender[phase as usize];
                domains
                    .iter()
                    .for_each(|domain| enter(table.entry(xxh3_64(domain.as_bytes())).or_default(), rule));
            }
            Some(Only::Recipients(_) | Only::Beginning(_)) | None => self.always[phase as usize].push(rule),
        }
    }

    /// Whether any rule is asked in this phase.
    pub(super) const fn has(&self, phase: Phase) -> bool {
        self.phases.has(phase)
    }

    /// The rules that may have something to say at this stage, in the order in which they are asked.
    pub(super) fn at(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> &[u32] {
        let phase = stage.phase() as usize;
        let by_sender = &self.by_sender[phase];
        let of_sender = if by_sender.is_empty() { None } else { by_sender.get(&sender_domain(scene)) };
        let recipient = if let Stage::Rcpt { recipient } = stage { Some(*recipient) } else { None };
        let of_recipient = recipient.and_then(|recipient| self.by_recipient.get(&recipient));
        let has_beginnings = recipient.is_some() && !self.by_beginning.is_empty();
        if of_sender.is_none() && of_recipient.is_none() && !has_beginnings {
            return &self.always[phase];
        }
        self.found.clear();
        self.found.extend_from_slice(&self.always[phase]);
        [of_sender, of_recipient].into_iter().flatten().for_each(|list| self.found.extend_from_slice(list));
        if let Some(recipient) = recipient.filter(|_| has_beginnings) {
            let letters = first_letters(scene.roster.name(recipient).as_bytes());
            let fits = |(beginning, _): &&(Beginning, u32)| letters & beginning.mask == beginning.letters;
            self.found.extend(self.by_beginning.iter().filter(fits).map(|(_, rule)| *rule));
        }
        self.found.sort_unstable();
        &self.found
    }
}

/// Enters a rule that may be there already, as the last one.
fn enter(list: &mut Vec<u32>, rule: u32) {
    if list.last() != Some(&rule) {
        list.push(rule);
    }
}

/// The hash of the domain of the return path, which is in lower case.
fn sender_domain(scene: &Scene<'_>) -> u64 {
    let domain = scene.visit.sender.rsplit_once('@').map_or("", |(_, domain)| domain);
    xxh3_64(domain.as_bytes())
}
