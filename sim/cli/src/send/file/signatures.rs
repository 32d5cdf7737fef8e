//! The key `dkim`: what a mailing is signed with.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use compose::Signer;
use scenario::{Node, Placed, Problem, Problems, Reader, value};
use smtp::Domain;

use super::keys;

/// A key file is not read any further; no key is as long.
const FILE_BYTES: u64 = 64 * 1024;

/// Reads a signature, or a list of them; keys are looked for in `folder`.
pub(super) fn reader(folder: &Path) -> impl Fn(&Node, &mut Problems) -> Option<Vec<Signer>> {
    value::list(move |node, problems| signer(folder, node, problems))
}

fn signer(folder: &Path, node: &Node, problems: &mut Problems) -> Option<Signer> {
    let mut reader = Reader::new("a signature", keys::DKIM, node, problems)?;
    let domain = reader.required("domain", domain);
    let selector = reader.required("selector", domain_or_label);
    let key = reader.required("key", value::placed(value::text));
    reader.finish();
    let (domain, selector, key) = (domain?, selector?, key?);
    let pem = match file(&folder.join(&key.value)) {
        Ok(pem) => pem,
        Err(error) => {
            let message = format!("`{}` cannot be read: {error}", key.value);
            problems.push(
                Problem::at(key.place, message, "this file")
                    .help("name a file with a private key in PEM, relative to the mailing file"),
            );
            return None;
        }
    };
    Signer::new(&domain, &selector, &pem).map_err(|error| problems.push(no_key(&key, &error))).ok()
}

fn no_key(key: &Placed<String>, error: &compose::KeyError) -> Problem {
    Problem::at(key.place, format!("`{}` is no key to sign with: {error}", key.value), "this file")
        .help("make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`")
}

fn domain(node: &Node, problems: &mut Problems) -> Option<Domain> {
    let text = value::text(node, problems)?;
    let wrong = |error| {
        Problem::at(node.place, format!("`{text}` is no domain: {error}"), "not a domain")
            .help("write a domain, as in news.example")
    };
    compose::domain(&text).map_err(|error| problems.push(wrong(error))).ok()
}

fn domain_or_label(node: &Node, problems: &mut Problems) -> Option<Domain> {
    let text = value::text(node, problems)?;
    let wrong = |_| {
        Problem::at(node.place, format!("`{text}` is no selector"), "not a selector")
            .help("write letters, digits and `-`, as in s2026")
    };
    Domain::parse(&text).map_err(|error| problems.push(wrong(error))).ok()
}

fn file(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(path)?.take(FILE_BYTES + 1).read_to_end(&mut octets)?;
    Ok(octets)
}
