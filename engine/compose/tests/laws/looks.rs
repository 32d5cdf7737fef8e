//! What messages look like, as texts to read: `tests/messages`. `BLESS=1` accepts what they look like now.

use crate::sample::{ED25519, Parts, composer, message, signer};

fn check(name: &str, octets: &[u8]) {
    let path = format!("{}/tests/messages/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = String::from_utf8(octets.to_vec()).expect("ASCII").replace("\r\n", "\n");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).expect("a golden file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name} looks different; BLESS=1 accepts it");
}

#[test]
fn a_plain_message() {
    check("plain.txt", &message(&composer(Parts::Text), "Ann", "Ulm").octets);
}

#[test]
fn a_message_with_everything() {
    let composer = composer(Parts::TextAndHtml).with_signer(signer("ed", ED25519));
    check(
        "everything.txt",
        &message(&composer, "J\u{fc}rgen & S\u{f8}nner", "K\u{f8}benhavn <\"N\">").octets,
    );
}
