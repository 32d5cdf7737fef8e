//! How mailboxes are written: kinds, each with whom it concerns and what else belongs to it.

use std::collections::BTreeMap;
use std::time::Duration;

use scenario::field::{optional, required, with_default};
use scenario::{Field, Kind, Node, Place, Problem, Problems, Reader, value};
use smtp::Address;
use units::{Instant, Share};

use super::super::whom::address;
use super::quota::{Emptied, Quota, Store};
use super::{Behaviour, DEFINITION, Group, Mailboxes, Nature, NewHome, Others, Whom};
use crate::profile::Situation;
use crate::{Phase, Phases};

const SHARE: Field =
    optional("share", "share", "Exactly this share of the provider's contacts, to the nearest whole one.");
const ADDRESSES: Field = optional("addresses", "address or list of addresses", "These.");
const UNTIL: Field = with_default(
    "until",
    "duration",
    "From this moment on, counted from the start of the scenario, they take mail like any other.",
    "for ever",
);

const FIELDS: &[Field] = &[SHARE, ADDRESSES, UNTIL];
const MOVED_FIELDS: &[Field] =
    &[SHARE, ADDRESSES, UNTIL, optional("to", "domain or address", "Where mail for them should go.")];
const SLOW_FIELDS: &[Field] =
    &[SHARE, ADDRESSES, UNTIL, required("longer", "duration", "How much longer the end of data takes.")];
const QUOTA_FIELDS: &[Field] = &[
    SHARE,
    ADDRESSES,
    UNTIL,
    optional("messages", "number", "How many messages fill one."),
    optional("size", "size", "How many bytes fill one."),
    with_default("emptied", "every and a duration, or at and a duration", "When they are emptied.", "never"),
];

/// A kind of mailboxes: its keys, and what it makes of those of its own.
struct Sort {
    key: &'static str,
    fields: &'static [Field],
    nature: fn(&mut Reader<'_>) -> Option<Nature>,
}

/// In the order in which shares are drawn, which must not change.
const SORTS: [Sort; 7] = [
    Sort { key: "unknown", fields: FIELDS, nature: |_| Some(Nature::Refuse(Situation::UnknownMailbox)) },
    Sort { key: "full", fields: FIELDS, nature: |_| Some(Nature::Refuse(Situation::FullMailbox)) },
    Sort { key: "disabled", fields: FIELDS, nature: |_| Some(Nature::Refuse(Situation::DisabledMailbox)) },
    Sort {
        key: "moved",
        fields: MOVED_FIELDS,
        nature: |reader| Some(Nature::Moved(reader.optional("to", new_home))),
    },
    Sort { key: "quota", fields: QUOTA_FIELDS, nature: |reader| store(reader).map(Nature::Fill) },
    Sort { key: "trap", fields: FIELDS, nature: |_| Some(Nature::Trap) },
    Sort {
        key: "slow",
        fields: SLOW_FIELDS,
        nature: |reader| reader.required("longer", value::duration).map(|longer| Nature::Slow { longer }),
    },
];

/// Reads what stands after `mailboxes`.
pub(super) fn mailboxes(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let mut groups = Vec::new();
    for sort in &SORTS {
        groups.extend(reader.optional(sort.key, |node, problems| group(sort, node, problems)));
    }
    let others = match reader.optional("catch_all", value::truth) {
        Some(false) => Others::Unknown,
        Some(true) | None => Others::Taken,
    };
    let place = reader.place();
    reader.finish();
    check_shares(&groups, place, problems);
    check_addresses(&groups, problems);
    let phases = Phases::only(Phase::Rcpt).and(Phase::Data).and(Phase::EndOfData);
    Some(Box::new(Mailboxes { groups, others, group_of: Vec::new(), contacts: 0, phases }))
}

/// What stands after a kind. What is no map says only whom it concerns.
fn group(sort: &Sort, node: &Node, problems: &mut Problems) -> Option<Group> {
    let key = sort.key;
    match &node.kind {
        Kind::Map(_) => {
            let mut reader = Reader::new("such mailboxes", sort.fields, node, problems)?;
            let share = reader.optional("share", value::share);
            let addresses = reader.optional("addresses", value::list(address));
            let until = reader.optional("until", value::instant).unwrap_or(Instant::MAX);
            let nature = (sort.nature)(&mut reader);
            let written = (reader.node("share").is_some(), reader.node("addresses").is_some());
            if !matches!(written, (true, false) | (false, true)) {
                let problem = Problem::at(node.place, "which mailboxes these are must be said once", "");
                reader.problems().push(problem.help("write either `share` or `addresses`"));
            }
            reader.finish();
            let whom = share.map(Whom::Share).or(addresses.map(Whom::Addresses));
            Some(Group { key, whom: whom?, until, nature: nature? })
        }
        Kind::Scalar { text, .. } if !text.contains('@') => {
            let whom = value::share(node, problems).map(Whom::Share);
            bare(sort, node, whom?, problems)
        }
        Kind::Scalar { .. } | Kind::List(_) => {
            let whom = value::list(address)(node, problems).map(Whom::Addresses);
            bare(sort, node, whom?, problems)
        }
    }
}

/// A kind of which only is said whom it concerns, which is not enough for some.
fn bare(sort: &Sort, node: &Node, whom: Whom, problems: &mut Problems) -> Option<Group> {
    let nothing = Node { place: node.place, kind: Kind::Map(Vec::new()) };
    let mut reader = Reader::new(&format!("`{}`", sort.key), sort.fields, &nothing, problems)?;
    let nature = (sort.nature)(&mut reader)?;
    Some(Group { key: sort.key, whom, until: Instant::MAX, nature })
}

fn new_home(node: &Node, problems: &mut Problems) -> Option<NewHome> {
    let text = value::text(node, problems)?;
    if text.contains('@') {
        return address(node, problems).map(|address| NewHome::Address(address.value));
    }
    // A domain is what makes a local part an address.
    match Address::parse(&format!("ann@{text}")) {
        Ok(address) => {
            address.as_str().rsplit_once('@').map(|(_, domain)| NewHome::Domain(domain.to_owned()))
        }
        Err(error) => {
            let message = format!("`{text}` is not a domain: {error}");
            problems.push(
                Problem::at(node.place, message, "").help("write a domain or an address, as in newbox.test"),
            );
            None
        }
    }
}

fn store(reader: &mut Reader<'_>) -> Option<Store> {
    let messages = reader.optional("messages", value::number(1..=1_000_000_000_u64));
    let bytes = reader.optional("size", value::byte_size).map(|size| size.0);
    let emptied = reader.optional("emptied", emptied).unwrap_or(Emptied::Never);
    if reader.node("messages").is_none() && reader.node("size").is_none() {
        let place = reader.place();
        let problem = Problem::at(place, "a quota needs `messages` or `size`", "nothing fills these");
        reader
            .problems()
            .push(problem.help("write how much fills one, as in quota: { share: 100%, messages: 20 }"));
        return None;
    }
    let quota = Quota { messages: messages.unwrap_or(u64::MAX), bytes: bytes.unwrap_or(u64::MAX) };
    Some(Store::new(quota, emptied))
}

/// `every 7d`, or `at 5h`.
fn emptied(node: &Node, problems: &mut Problems) -> Option<Emptied> {
    let text = node.text().unwrap_or_default();
    let of = |rest: &str| Node {
        place: node.place,
        kind: Kind::Scalar { text: rest.trim().to_owned(), quoted: false },
    };
    match text.split_once(' ') {
        Some(("every", rest)) => {
            let period = value::duration(&of(rest), problems)?;
            let is_some = period > Duration::ZERO;
            if !is_some {
                problems.push(
                    Problem::at(node.place, "a mailbox that is emptied all the time never fills", "")
                        .help("write a time, as in every 7d"),
                );
            }
            is_some.then_some(Emptied::Every(period))
        }
        Some(("at", rest)) => value::instant(&of(rest), problems).map(Emptied::At),
        Some(_) | None => {
            problems.push(value::unexpected(node, "when it is emptied", "write every 7d, or at 5h"));
            None
        }
    }
}

fn check_shares(groups: &[Group], place: Place, problems: &mut Problems) {
    let shares: Vec<(&str, Share)> = groups
        .iter()
        .filter_map(|group| match group.whom {
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
        for address in group.whom.addresses() {
            if let Some((key, first)) = named.get(address.value.as_str()) {
                let message = format!("`{}` is two things at once", address.value);
                problems.push(
                    Problem::at(address.place, message, group.key)
                        .also(*first, format!("{key} already"))
                        .help("a mailbox is of one kind only; take the address out of the others"),
                );
            } else {
                named.insert(address.value.as_str(), (group.key, address.place));
            }
        }
    }
}
