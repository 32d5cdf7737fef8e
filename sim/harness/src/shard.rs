//! A scenario, cut into parts that share nothing.
//!
//! All parts are cut in one go over the audience: looking through it again for each would cost providers x contacts. How
//! many parts there are reaches no result.

use policy::ids::ContactId;
use policy::mailing::Listed;

use crate::plan::{Plan, PlannedMailing};

/// The part of a scenario that one world runs: some of the providers, and all that concerns them.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// Its providers, ascending.
    pub(crate) providers: Vec<u32>,
    /// Its contacts, ascending; a contact's place here is its number in the engine of the shard.
    pub(crate) contacts: Vec<u32>,
    /// By mailing: the lines of its list that are about contacts of the shard.
    pub(crate) lists: Vec<Vec<Listed>>,
}

impl Shard {
    /// The number in the engine of the shard of a contact of the plan; `None` if it belongs to another shard.
    pub(crate) fn member(&self, contact: u32) -> Option<ContactId> {
        self.contacts.binary_search(&contact).ok().map(ContactId::from_index)
    }
}

/// Cuts a scenario into at least one part and at most one for each provider.
pub(crate) fn cut(plan: &Plan, parts: u32) -> Vec<Shard> {
    let parts = (parts as usize).clamp(1, plan.providers().max(1));
    let shard_of = |provider: u32| provider as usize % parts;
    let mut shards: Vec<Shard> = (0..parts).map(|_| Shard::default()).collect();
    for (provider, _) in (0..).zip(&plan.providers) {
        shards[shard_of(provider)].providers.push(provider);
    }
    let mut members = Vec::with_capacity(plan.contacts.len());
    for (number, contact) in (0..).zip(&plan.contacts) {
        let contacts = &mut shards[shard_of(contact.provider)].contacts;
        members.push(ContactId::from_index(contacts.len()));
        contacts.push(number);
    }
    for mailing in &plan.mailings {
        cut_list(mailing, &mut shards, |contact| {
            (shard_of(plan.contacts[contact].provider), members[contact])
        });
    }
    shards
}

/// Deals the lines of a list out; `home` is a contact's shard and its number there.
fn cut_list(mailing: &PlannedMailing, shards: &mut [Shard], home: impl Fn(usize) -> (usize, ContactId)) {
    shards.iter_mut().for_each(|shard| shard.lists.push(Vec::new()));
    for (position, contact) in (0..).zip(&mailing.list) {
        let (shard, contact) = home(*contact as usize);
        shards[shard].lists.last_mut().expect("it was pushed above").push(Listed { contact, position });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use scenario::Source;

    use super::*;

    const THREE: &str = "
name: Three
providers: { a: { domains: [a.test, a.example] }, b: , c: }
audience:
  - { domain: a.test, contacts: 3 }
  - { domain: b.test, contacts: 2 }
  - { contact: c000002@a.test, times: 2 }
  - { domain: c.test, contacts: 1 }
  - { domain: a.example, contacts: 2 }
mailings:
  - { name: all }
  - { name: some, to: [c, a.example, c000002@b.test] }
";

    /// The addresses on the list of each mailing, by shard.
    fn lists(parts: u32) -> Vec<Vec<Vec<String>>> {
        let plan = Plan::read(&Source::new("three.yaml", THREE)).expect("a sound scenario");
        let address = |contact: u32| plan.contacts[contact as usize].address.as_str().to_owned();
        let mut seen = BTreeSet::new();
        let shards = cut(&plan, parts);
        for contact in shards.iter().flat_map(|shard| &shard.contacts) {
            assert!(seen.insert(*contact), "{contact} is in two shards");
        }
        assert_eq!(seen.len(), plan.contacts());
        let list = |shard: &Shard, list: &[Listed]| {
            let line = |line: &Listed| {
                let contact = shard.contacts[line.contact.index()];
                assert_eq!(shard.member(contact), Some(line.contact));
                format!("{} {}", line.position, address(contact))
            };
            list.iter().map(line).collect()
        };
        shards.iter().map(|shard| shard.lists.iter().map(|lines| list(shard, lines)).collect()).collect()
    }

    #[test]
    fn every_line_is_in_one_shard_and_keeps_its_place() {
        let whole = lists(1).remove(0);
        assert_eq!(whole[0].len(), 10);
        assert_eq!(whole[0][5], "5 c000002@a.test");
        assert_eq!(
            whole[1],
            ["0 c000002@b.test", "1 c000001@c.test", "2 c000001@a.example", "3 c000002@a.example"]
        );
        for parts in [2, 3, 9] {
            let cut = lists(parts);
            assert_eq!(cut.len(), parts.min(3) as usize);
            for (mailing, whole) in whole.iter().enumerate() {
                let mut lines: Vec<&String> = cut.iter().flat_map(|shard| &shard[mailing]).collect();
                lines.sort();
                let mut whole: Vec<&String> = whole.iter().collect();
                whole.sort();
                assert_eq!(lines, whole, "{parts} parts");
            }
        }
    }
}
