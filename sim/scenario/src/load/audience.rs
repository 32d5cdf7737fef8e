//! The section `audience`.

use super::names;
use crate::skeleton::{CONTACT, GENERATED};
use crate::{ContactStatus, Listed, Node, Placed, Problem, Problems, Reader, value};

/// How many contacts a scenario may have. More than twice what an engine is sized for.
pub(super) const MOST_CONTACTS: u64 = 20_000_000;

const STATUSES: [(&str, ContactStatus); 3] =
    [("active", ContactStatus::Active), ("error", ContactStatus::Error), ("opt_out", ContactStatus::OptOut)];

/// Reads the audience.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Vec<Listed>> {
    let items = super::at_least_one(
        node,
        "contacts in the audience",
        "- { domain: northmail.test, contacts: 600 }",
        problems,
    );
    Some(items.iter().filter_map(|item| listed(item, problems)).collect())
}

fn listed(node: &Node, problems: &mut Problems) -> Option<Listed> {
    let has = |key| node.get(key).is_some();
    if has("contact") {
        return contact(node, problems);
    }
    if has("domain") || has("contacts") {
        return generated(node, problems);
    }
    problems.push(
        Problem::at(node.place, "a line of the audience needs `domain` or `contact`", "neither is here")
            .help("write `{ domain: bigbox.test, contacts: 400 }` or `{ contact: ann@bigbox.test }`"),
    );
    None
}

fn generated(node: &Node, problems: &mut Problems) -> Option<Listed> {
    let mut reader = Reader::new("a line of the audience", GENERATED.fields, node, problems)?;
    let domain = reader.required("domain", names::domain);
    let contacts = reader.required("contacts", value::placed(value::number(1..=MOST_CONTACTS)));
    reader.finish();
    // Without its number a line still says which domain has an audience.
    let contacts = contacts.unwrap_or(Placed { value: 1, place: node.place });
    Some(Listed::Domain { domain: domain?, contacts })
}

fn contact(node: &Node, problems: &mut Problems) -> Option<Listed> {
    let mut reader = Reader::new("a contact of the audience", CONTACT.fields, node, problems)?;
    let address = reader.required("contact", names::address);
    let status = reader.optional("status", value::one_of(&STATUSES)).unwrap_or(ContactStatus::Active);
    let times = reader.optional("times", value::number(1..=1000)).unwrap_or(1);
    reader.finish();
    Some(Listed::Contact { address: address?, status, times })
}
