//! The section `sender`: every default is what a careful sender has.

use std::net::IpAddr;

use super::names;
use crate::skeleton::{DKIM, RECORD, SENDER};
use crate::{
    Dkim, DkimFault, DkimKey, Kind, Node, Placed, Problem, Problems, Reader, Record, RecordData, Sender,
    value,
};

/// Return paths and links have to have room for it.
const LONGEST_DOMAIN: usize = 100;

/// A sender's zone is written by hand.
const MOST_RECORDS: usize = 100;

/// Room for any record that is in use; RFC 7208 3.4 wants SPF records to stay below 450.
const LONGEST_TEXT: usize = 4096;

const KEYS: [(&str, DkimKey); 2] = [("rsa", DkimKey::Rsa), ("ed25519", DkimKey::Ed25519)];

const KEYS_OR_NONE: [(&str, Option<DkimKey>); 3] =
    [("rsa", Some(DkimKey::Rsa)), ("ed25519", Some(DkimKey::Ed25519)), ("none", None)];

const FAULTS: [(&str, DkimFault); 4] = [
    ("wrong_key", DkimFault::WrongKey),
    ("no_record", DkimFault::NoRecord),
    ("revoked", DkimFault::Revoked),
    ("body_changed", DkimFault::BodyChanged),
];

/// Reads the sender.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Sender> {
    let mut reader = Reader::new("`sender`", SENDER.fields, node, problems)?;
    let usual = Sender::usual(node.place);
    let domain = reader.optional("domain", domain).unwrap_or(usual.domain);
    let address = reader.optional("address", address).unwrap_or(usual.address);
    let ehlo = reader.optional("ehlo", host);
    let sender = Sender::of(domain, address, ehlo);
    let domain = sender.domain.value.clone();
    let sender = Sender {
        ptr: reader.optional("ptr", or_none(host)).unwrap_or(sender.ptr),
        forward: reader.optional("forward", or_none(self::address)).unwrap_or(sender.forward),
        spf: reader.optional("spf", or_none(text)).unwrap_or(sender.spf),
        dkim: reader.optional("dkim", |node, problems| dkim(node, &domain, problems)).unwrap_or(sender.dkim),
        dmarc: reader.optional("dmarc", or_none(text)).unwrap_or(sender.dmarc),
        records: reader.optional("records", records).unwrap_or_default(),
        ..sender
    };
    reader.finish();
    Some(sender)
}

/// What `read` reads, or the word `none`.
fn or_none<T>(
    read: impl Fn(&Node, &mut Problems) -> Option<T>,
) -> impl Fn(&Node, &mut Problems) -> Option<Option<T>> {
    move |node, problems| match node.text() {
        Some("none") => Some(None),
        Some(_) | None => read(node, problems).map(Some),
    }
}

fn domain(node: &Node, problems: &mut Problems) -> Option<Placed<String>> {
    let domain = names::domain(node, problems)?;
    if domain.value.len() > LONGEST_DOMAIN {
        let message = format!("a sender's domain has at most {LONGEST_DOMAIN} characters");
        problems.push(Problem::at(node.place, message, "too long").help("write a shorter one"));
    }
    Some(domain)
}

fn host(node: &Node, problems: &mut Problems) -> Option<String> {
    names::domain(node, problems).map(|host| host.value)
}

fn address(node: &Node, problems: &mut Problems) -> Option<IpAddr> {
    let address = node.text().and_then(|text| text.parse().ok());
    if address.is_none() {
        problems.push(value::unexpected(
            node,
            "an IP address",
            "write one, as in 192.0.2.10 or 2001:db8::10",
        ));
    }
    address
}

/// A text of the DNS.
fn text(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = value::text(node, problems)?;
    // RFC 1035 3.3.14: any octets; but what the checks read is ASCII
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if text.len() > LONGEST_TEXT || !is_plain {
        let message = format!("a text record has at most {LONGEST_TEXT} characters, all of them ASCII");
        problems.push(
            Problem::at(node.place, message, "not a text record")
                .help("write it on one line, as in v=spf1 -all"),
        );
    }
    if text.starts_with("v=spf1") && text.contains("exists:") {
        let problem = Problem::at(node.place, "simulated checks cannot follow `exists` in an SPF record", "");
        problems
            .push(problem.help("name the addresses, as in `ip4:192.0.2.10`, or `include:` another record"));
    }
    Some(text)
}

/// The key; one alone, or a map.
fn dkim(node: &Node, domain: &str, problems: &mut Problems) -> Option<Option<Dkim>> {
    if !matches!(node.kind, Kind::Map(_)) {
        let key = value::one_of(&KEYS_OR_NONE)(node, problems)?;
        return Some(key.map(|key| Dkim::of(domain, key)));
    }
    let mut reader = Reader::new("`dkim`", DKIM.fields, node, problems)?;
    let key = reader.optional("key", value::one_of(&KEYS)).unwrap_or(DkimKey::Rsa);
    let usual = Dkim::of(domain, key);
    let dkim = Dkim {
        selector: reader.optional("selector", host).unwrap_or(usual.selector),
        domain: reader.optional("domain", self::domain).map_or(usual.domain, |domain| domain.value),
        fault: reader.optional("fault", value::one_of(&FAULTS)),
        key,
    };
    reader.finish();
    Some(Some(dkim))
}

fn records(node: &Node, problems: &mut Problems) -> Option<Vec<Record>> {
    if let Kind::List(items) = &node.kind
        && let Some(surplus) = items.get(MOST_RECORDS)
    {
        let message = format!("a sender has at most {MOST_RECORDS} records, this one has {}", items.len());
        problems
            .push(Problem::at(surplus.place, message, "the first one too many").help("list fewer records"));
        return None;
    }
    value::list(record)(node, problems)
}

fn record(node: &Node, problems: &mut Problems) -> Option<Record> {
    let mut reader = Reader::new("a record", RECORD.fields, node, problems)?;
    let name = reader.required("name", record_name);
    let found = [
        reader.optional("txt", text).map(RecordData::Txt),
        reader.optional("a", value::list(address)).map(RecordData::Addresses),
        reader.optional("mx", value::list(host)).map(RecordData::Mx),
    ];
    let written = ["txt", "a", "mx"].into_iter().filter(|key| reader.node(key).is_some()).count();
    if written != 1 {
        let problem = Problem::at(node.place, "a record needs exactly one of `txt`, `a` and `mx`", "");
        reader.problems().push(problem.help("write one of them; give each its own record"));
    }
    reader.finish();
    Some(Record { name: name?, data: found.into_iter().flatten().next()? })
}

/// A name in the DNS, which may have underscores (RFC 8552).
fn record_name(node: &Node, problems: &mut Problems) -> Option<String> {
    let name = value::text(node, problems)?.to_ascii_lowercase();
    if !names::is_domain(&name.replace('_', "x")) {
        problems.push(value::unexpected(node, "a name in the DNS", "write one, as in _spf.esp.example"));
    }
    Some(name)
}
