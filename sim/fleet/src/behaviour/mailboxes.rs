//! `mailboxes`: mailboxes that do not exist, are full, or are disabled.
//!
//! Shares are exact, so that an author can reason about counts: of 400 contacts, `full: 10%` are 40. Which ones is
//! drawn from the seed for each address on its own, so that it depends neither on the order of anything nor on other
//! providers.

use std::collections::BTreeMap;

use scenario::field::{optional, with_default};
use scenario::{Definition, Field, Kind, Node, Place, Placed, Problem, Problems, Reader, value};
use smtp::Address;
use units::{Draw, Instant, Share};

use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::profile::Situation;
use crate::{Phase, Phases, Roster};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "mailboxes",
    about: "Some of the provider's mailboxes do not take mail. Each is written as an exact share of the provider's \
            contacts (`10%`; which ones is drawn from the seed), as a list of addresses, or as a map with one of the two \
            and a time. No mailbox is two things at once. The words, and the phase in which they are said, are those \
            of the provider's profile; where that is the end of data, the whole message is refused, as its reply can \
            only be one.",
    kind: "a map",
    fields: &[
        field("unknown", "Mailboxes that do not exist."),
        field("full", "Mailboxes over their quota. `full: { share: 10%, until: 5h }` are emptied at hour 5."),
        field("disabled", "Mailboxes that exist, but were closed."),
    ],
    example: "mailboxes: { unknown: 2%, full: { share: 10%, until: 5h }, disabled: [ann@bigbox.test] }",
};

const fn field(name: &'static str, about: &'static str) -> Field {
    with_default(name, "share, list of addresses, or a map", about, "none")
}

const PART_FIELDS: &[Field] = &[
    optional("share", "share", "Exactly this share of the provider's contacts, to the nearest whole one."),
    optional("addresses", "address or list of addresses", "These."),
    with_default(
        "until",
        "duration",
        "From this moment on, counted from the start of the scenario, they take mail like any other.",
        "for ever",
    ),
];

const CONDITIONS: [(&str, Situation); 3] = [
    ("unknown", Situation::UnknownMailbox),
    ("full", Situation::FullMailbox),
    ("disabled", Situation::DisabledMailbox),
];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let mut groups = Vec::new();
    for (key, situation) in CONDITIONS {
        let part = reader.optional(key, part);
        groups.extend(part.map(|part| Group { key, situation, part }));
    }
    let place = reader.place();
    reader.finish();
    check_shares(&groups, place, problems);
    check_addresses(&groups, problems);
    Some(Box::new(Mailboxes { groups, group_of: Vec::new(), late_phases: Vec::new() }))
}

/// What stands after `unknown`, `full` or `disabled`.
#[derive(Debug)]
struct Part {
    whom: Whom,
    until: Instant,
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

fn part(node: &Node, problems: &mut Problems) -> Option<Part> {
    match &node.kind {
        Kind::Map(_) => {
            let mut reader = Reader::new("such mailboxes", PART_FIELDS, node, problems)?;
            let share = reader.optional("share", value::share);
            let addresses = reader.optional("addresses", value::list(address));
            let until = reader.optional("until", value::instant).unwrap_or(Instant::MAX);
            let written = (reader.node("share").is_some(), reader.node("addresses").is_some());
            if !matches!(written, (true, false) | (false, true)) {
                let problem = Problem::at(node.place, "which mailboxes these are must be said once", "");
                reader.problems().push(problem.help("write either `share` or `addresses`"));
            }
            reader.finish();
            Some(Part { whom: share.map(Whom::Share).or(addresses.map(Whom::Addresses))?, until })
        }
        Kind::Scalar { text, .. } if !text.contains('@') => {
            value::share(node, problems).map(|share| Part { whom: Whom::Share(share), until: Instant::MAX })
        }
        Kind::Scalar { .. } | Kind::List(_) => value::list(address)(node, problems)
            .map(|addresses| Part { whom: Whom::Addresses(addresses), until: Instant::MAX }),
    }
}

fn address(node: &Node, problems: &mut Problems) -> Option<Placed<Address>> {
    let text = value::text(node, problems)?;
    match Address::parse(&text) {
        Ok(value) => Some(Placed { value, place: node.place }),
        Err(error) => {
            let message = format!("`{text}` is not an address: {error}");
            problems
                .push(Problem::at(node.place, message, "").help("write an address as in ann@bigbox.test"));
            None
        }
    }
}

fn check_shares(groups: &[Group], place: scenario::Place, problems: &mut Problems) {
    let shares: Vec<(&str, Share)> = groups
        .iter()
        .filter_map(|group| match group.part.whom {
            Whom::Share(share) => Some((group.key, share)),
            Whom::Addresses(_) => None,
        })
        .collect();
    let sum: u32 = shares.iter().map(|(_, share)| share.millionths()).sum();
    if sum > Share::ALL.millionths() {
        let said: Vec<String> = shares.iter().map(|(key, share)| format!("{key} {share}")).collect();
        problems.push(
            Problem::at(place, format!("more mailboxes than there are: {}", said.join(" and ")), "")
                .help("no mailbox is two things at once, so together they can be 100% at most"),
        );
    }
}

fn check_addresses(groups: &[Group], problems: &mut Problems) {
    let mut named: BTreeMap<&str, (&str, Place)> = BTreeMap::new();
    for group in groups {
        for address in group.part.whom.addresses() {
            if let Some((key, first)) = named.get(address.value.as_str()) {
                let message = format!("`{}` is two things at once", address.value);
                problems.push(
                    Problem::at(address.place, message, group.key)
                        .also(*first, format!("{key} already"))
                        .help("a mailbox is one of unknown, full and disabled; take the address out of the others"),
                );
            } else {
                named.insert(address.value.as_str(), (group.key, address.place));
            }
        }
    }
}

#[derive(Debug)]
struct Mailboxes {
    groups: Vec<Group>,
    /// For each name of the roster, from number 0, the group that it belongs to, counted from 1; 0 for none.
    group_of: Vec<u8>,
    /// The phases after RCPT in which some group is answered.
    late_phases: Vec<Phase>,
}

#[derive(Debug)]
struct Group {
    key: &'static str,
    situation: Situation,
    part: Part,
}

impl Behaviour for Mailboxes {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Rcpt).and(Phase::Data).and(Phase::EndOfData)
    }

    fn named_contacts(&self) -> Vec<&Placed<Address>> {
        self.groups.iter().flat_map(|group| group.part.whom.addresses()).collect()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.list(setting.roster);
        self.draw(setting);
        let phases = self.groups.iter().map(|group| setting.identity.profile.answer(group.situation).phase);
        self.late_phases = phases.filter(|phase| *phase != Phase::Rcpt).collect();
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match stage {
            Stage::Rcpt { recipient } => self.refusal(*recipient, Phase::Rcpt, scene),
            Stage::Data | Stage::EndOfData { .. } if self.late_phases.contains(&stage.phase()) => {
                let mut recipients = scene.visit.recipients.iter();
                recipients.find_map(|recipient| self.refusal(*recipient, stage.phase(), scene))
            }
            _ => None,
        }
    }
}

impl Mailboxes {
    /// What is said about a recipient in this phase, if anything.
    fn refusal(&self, recipient: u32, phase: Phase, scene: &Scene<'_>) -> Option<Act> {
        let position = self.group_of.get(recipient as usize)?.checked_sub(1)?;
        let group = &self.groups[usize::from(position)];
        let answers_at = scene.identity.profile.answer(group.situation).phase;
        let refuses = answers_at == phase && scene.now < group.part.until;
        refuses.then(|| scene.answer(group.situation, Some(recipient)))
    }

    /// Puts the mailboxes that are listed by address into their groups.
    fn list(&mut self, roster: &mut Roster) {
        self.group_of = vec![0; roster.len() as usize];
        for (number, group) in (1..).zip(&self.groups) {
            let Whom::Addresses(addresses) = &group.part.whom else { continue };
            for address in addresses {
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
            let Whom::Share(share) = group.part.whom else { continue };
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::receipts::Answered;
    use crate::testing::{World, behaviours, contact, refuse};

    const PASSED: &str = "220 250 250 250 354 250 221";

    /// Who of the first `contacts` contacts is answered with `code`.
    fn refused(world: &mut World, contacts: u32, code: &str) -> BTreeSet<u32> {
        let outcome = format!("220 250 250 {code} 221");
        (1..=contacts).filter(|number| world.send(Instant::ZERO, &[&contact(*number)]) == outcome).collect()
    }

    #[test]
    fn shares_are_exact_and_disjoint() {
        let check = |contacts, unknown, full| {
            let mut world = World::new("icloud", contacts, "mailboxes: { unknown: 2%, full: 10% }");
            let (gone, over) = (refused(&mut world, contacts, "550"), refused(&mut world, contacts, "552"));
            assert_eq!((gone.len(), over.len()), (unknown, full), "of {contacts}");
            assert!(gone.is_disjoint(&over), "of {contacts}");
        };
        check(400, 8, 40);
        check(25, 1, 3);
        check(4, 0, 0);
        let mut world = World::new("icloud", 101, "mailboxes: { unknown: 50%, full: 50% }");
        let rest =
            (1..=101).filter(|number| world.send(Instant::ZERO, &[&contact(*number)]) == PASSED).count();
        assert_eq!(rest, 0);
    }

    #[test]
    fn who_it_is_depends_on_seed_and_provider_only() {
        let full = |seed, name: &str, yaml: &str| {
            let behaviours = behaviours(yaml).expect(yaml);
            refused(&mut World::with(seed, name, "icloud", 200, behaviours), 200, "552")
        };
        let alone = full(1, "bigbox", "mailboxes: { full: 10% }");
        assert_eq!(alone, full(1, "bigbox", "mailboxes: { full: 10% }"));
        assert_eq!(alone, full(1, "bigbox", "greylist: {}").union(&alone).copied().collect());
        assert_ne!(alone, full(2, "bigbox", "mailboxes: { full: 10% }"));
        assert_ne!(alone, full(1, "smallbox", "mailboxes: { full: 10% }"));
        assert!(alone.is_subset(&full(1, "bigbox", "mailboxes: { full: 20% }")));
    }

    #[test]
    fn addresses_can_be_named() {
        let yaml =
            "mailboxes: { disabled: c000002@BIGBOX.test, unknown: [c000001@bigbox.test, x@bigbox.test] }";
        let mut world = World::new("comcast", 3, yaml);
        let mut check =
            |address: &str, outcome| assert_eq!(world.send(Instant::ZERO, &[address]), outcome, "{address}");
        check("c000001@bigbox.test", "220 250 250 550 221");
        check("x@bigbox.test", "220 250 250 550 221");
        check("c000002@bigbox.test", "220 250 250 550 221");
        check("c000003@bigbox.test", PASSED);
    }

    #[test]
    fn a_full_mailbox_can_be_emptied() {
        let yaml = "mailboxes: { full: { share: 100%, until: 5h } }";
        let mut world = World::new("gmail", 1, yaml);
        assert_eq!(world.send(Instant::from_hours(4), &[&contact(1)]), "220 250 250 452 221");
        assert_eq!(world.send(Instant::from_hours(5), &[&contact(1)]), PASSED);
    }

    #[test]
    fn an_answer_at_the_end_of_data_is_one_for_all() {
        let yaml = "mailboxes: { unknown: [c000002@bigbox.test] }";
        let mut world = World::new("yahoo", 3, yaml);
        let recipients = [contact(1), contact(2), contact(3)];
        let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
        let mut lines = crate::testing::message("news@sender.test", &recipients, "\r\n");
        lines.pop();
        assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &lines), "220 250 250 250 250 250 354 554");
        assert_eq!(
            world.said,
            "554 delivery error: dd This user doesn't have a bigbox.test account (c000002@bigbox.test) [0] - \
             mx1.bigbox.test"
        );
        let refused = Answered::Refused { phase: Phase::EndOfData, code: 554 };
        assert!(world.receipts().arrivals.iter().all(|arrival| arrival.answer == refused));
    }

    #[test]
    fn what_is_wrong_is_told() {
        refuse(
            "mailboxes: { unknown: 60%, full: 50% }",
            "more mailboxes than there are: unknown 60% and full 50%",
        );
        refuse("mailboxes: { unknown: [a@b.test], full: [a@B.test] }", "`a@b.test` is two things at once");
        refuse("mailboxes: { unknown: [ann] }", "`ann` is not an address");
        refuse("mailboxes: { full: { until: 5h } }", "which mailboxes these are must be said once");
        refuse("mailboxes: { full: { share: 5%, addresses: [a@b.test] } }", "must be said once");
        refuse("mailboxes: { full: 10 }", "`10` has no unit");
        refuse("mailboxes: { fall: 10% }", "unknown key `fall`");
    }
}
