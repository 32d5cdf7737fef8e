//! The section `mailings`.
//!
//! Whether an attempt plan keeps the contract is for the policy to say, not for this reader.

use units::{ByteSize, Instant};

use super::{content, names};
use crate::skeleton::MAILING;
use crate::{
    ContactPolicy, Mailing, MailingKind, Node, Place, Placed, Problem, Problems, Reader, Uncertain, value,
};

const DEFAULT_SIZE: ByteSize = ByteSize(4 << 10);
/// Beyond what any provider takes; the message is held in memory once.
const LARGEST: ByteSize = ByteSize(100 << 20);
/// Messages that are made for each recipient are made again for each attempt.
const LARGEST_PERSONAL: ByteSize = ByteSize(512 << 10);
/// A test mailing goes to a handful of addresses.
const MOST_TEST_RECIPIENTS: usize = 10;
/// Each mailing keeps its message and its list in memory as long as the run goes on, and a mailing a day for two years is
/// fewer.
const MOST_MAILINGS: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Regular,
    Automated,
    Test,
}

const KINDS: [(&str, Word); 3] =
    [("regular", Word::Regular), ("automated", Word::Automated), ("test", Word::Test)];
const POLICIES: [(&str, ContactPolicy); 2] =
    [("classic", ContactPolicy::Classic), ("careful", ContactPolicy::Careful)];
const UNCERTAIN: [(&str, Uncertain); 3] = [
    ("resend", Uncertain::Resend),
    ("hold", Uncertain::Hold),
    ("assume_delivered", Uncertain::AssumeDelivered),
];

/// Reads the mailings.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Vec<Mailing>> {
    let items = super::at_least_one(node, "mailings", "- { name: spring-sale }", problems);
    if let Some(surplus) = items.get(MOST_MAILINGS) {
        let message =
            format!("a scenario has at most {MOST_MAILINGS} mailings, this one has {}", items.len());
        problems.push(
            Problem::at(surplus.place, message, "the first one too many")
                .help("write several scenarios, each with a part of the mailings"),
        );
    }
    Some(items.iter().filter_map(|item| mailing(item, problems)).collect())
}

fn mailing(node: &Node, problems: &mut Problems) -> Option<Mailing> {
    let mut reader = Reader::new("a mailing", MAILING.fields, node, problems)?;
    let name = reader.required("name", names::name);
    let name = name.unwrap_or(Placed { value: String::new(), place: node.place });
    let kind = kind(&mut reader);
    let mailing = Mailing {
        kind,
        start: or_default(reader.optional("start", value::placed(value::instant)), Instant::ZERO, name.place),
        size: or_default(reader.optional("size", size), DEFAULT_SIZE, name.place),
        subject: reader.optional("subject", value::text).unwrap_or_else(|| name.value.clone()),
        content: content::read(&mut reader),
        to: reader.optional("to", value::list(target)).unwrap_or_default(),
        attempts: reader.optional("attempts", value::placed(value::list(value::duration))),
        policy: reader.optional("policy", value::one_of(&POLICIES)).unwrap_or(ContactPolicy::Classic),
        uncertain: reader.optional("uncertain", value::one_of(&UNCERTAIN)).unwrap_or(Uncertain::Resend),
        name,
    };
    if mailing.content.is_personal() && mailing.size.value > LARGEST_PERSONAL {
        let message = format!("a message for each recipient has at most {LARGEST_PERSONAL}");
        reader.problems().push(
            Problem::at(mailing.size.place, message, "too large")
                .help("write a smaller size, or let the recipients share a message"),
        );
    }
    if mailing.kind == MailingKind::Test {
        check_test_recipients(&mut reader, &mailing.to);
    }
    reader.finish();
    Some(mailing)
}

fn or_default<T>(read: Option<Placed<T>>, default: T, place: Place) -> Placed<T> {
    read.unwrap_or(Placed { value: default, place })
}

/// The kind, and `joins` if it is there exactly when it should be.
fn kind(reader: &mut Reader<'_>) -> MailingKind {
    let word = reader.optional("kind", value::one_of(&KINDS));
    let joins = reader.optional("joins", value::placed(value::rate));
    match (word.unwrap_or(Word::Regular), reader.node("joins")) {
        (Word::Automated, None) => reader.needs("joins"),
        (Word::Regular | Word::Test, Some(node)) => reader.problems().push(
            Problem::at(node.place, "`joins` belongs to automated mailings", "this mailing is not automated")
                .help("remove it, or add `kind: automated`"),
        ),
        (Word::Automated, Some(_)) | (Word::Regular | Word::Test, None) => {}
    }
    match (word, joins) {
        (Some(Word::Automated), Some(joins)) => MailingKind::Automated(joins),
        (Some(Word::Test), _) => MailingKind::Test,
        _ => MailingKind::Regular,
    }
}

fn size(node: &Node, problems: &mut Problems) -> Option<Placed<ByteSize>> {
    let size = value::placed(value::byte_size)(node, problems)?;
    if size.value.0 == 0 || size.value > LARGEST {
        problems.push(
            Problem::at(node.place, format!("a message cannot have {}", size.value), "out of range")
                .help(format!("write a size from 1 B to {LARGEST}")),
        );
    }
    Some(size)
}

/// An address, a domain in lower case, or the name of a provider.
fn target(node: &Node, problems: &mut Problems) -> Option<Placed<String>> {
    if node.text().is_some_and(|text| text.contains('@')) {
        return names::address(node, problems);
    }
    let mut target = value::placed(value::text)(node, problems)?;
    // No name of a provider has a dot.
    if target.value.contains('.') {
        target.value.make_ascii_lowercase();
    }
    Some(target)
}

fn check_test_recipients(reader: &mut Reader<'_>, to: &[Placed<String>]) {
    if reader.node("to").is_none() {
        reader.needs("to");
    }
    for target in to.iter().filter(|target| !target.value.contains('@')) {
        reader.problems().push(
            Problem::at(target.place, "a test mailing goes to addresses only", "not an address")
                .help("write the addresses, as in ann@bigbox.test"),
        );
    }
    if let Some(eleventh) = to.get(MOST_TEST_RECIPIENTS) {
        reader.problems().push(
            Problem::at(
                eleventh.place,
                format!("a test mailing goes to {} addresses", to.len()),
                "the eleventh",
            )
            .help("name at most ten, or make it a regular mailing"),
        );
    }
}
