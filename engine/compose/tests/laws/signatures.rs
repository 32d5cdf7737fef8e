//! Signatures verify for any fields, and no longer once anything has been changed.

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::messages::value;
use crate::sample::{ED25519, Parts, RSA_PKCS1, RSA_PKCS8, composer, message, signer};
use crate::verifier::{Verdict, verify};

/// An RSA signature takes a millisecond in a build with checks.
fn few() -> Config {
    Config { cases: 48, ..Config::default() }
}

fn signed(name: &str, town: &str, parts: Parts) -> Vec<u8> {
    let composer = composer(parts).with_signer(signer("rsa", RSA_PKCS8)).with_signer(signer("ed", ED25519));
    message(&composer, name, town).octets
}

fn verdicts(octets: &[u8]) -> Vec<Verdict> {
    verify(octets, &[&signer("rsa", RSA_PKCS8), &signer("ed", ED25519)])
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn signatures_verify_for_any_fields(name in value(), town in value()) {
        let octets = signed(&name, &town, Parts::TextAndHtml);
        prop_assert_eq!(verdicts(&octets), [Verdict::Pass, Verdict::Pass]);
        let octets = signed(&name, &town, Parts::Text);
        prop_assert_eq!(verdicts(&octets), [Verdict::Pass, Verdict::Pass]);
    }

    #[test]
    fn no_letter_can_be_changed(at: prop::sample::Index) {
        let octets = signed("Ann", "Ulm", Parts::TextAndHtml);
        // Signatures come first; a change in one of them is the business of the library.
        let unsigned = String::from_utf8_lossy(&octets).find("\r\nFrom:").expect("a sender");
        let letters: Vec<usize> = (unsigned..octets.len()).filter(|at| octets[*at].is_ascii_lowercase()).collect();
        let at = letters[at.index(letters.len())];
        let mut changed = octets;
        changed[at] = if changed[at] == b'z' { b'y' } else { b'z' };
        prop_assert_eq!(verdicts(&changed), [Verdict::Fail, Verdict::Fail], "letter {}", at);
    }
}

#[test]
fn no_field_that_matters_can_be_added() {
    let octets = signed("Ann", "Ulm", Parts::Text);
    for field in [
        "From: eve@evil.test",
        "Subject: x",
        "List-Unsubscribe: <https://evil.test>",
        "Content-Type: text/html",
    ] {
        let added = [field.as_bytes(), b"\r\n", &octets].concat();
        assert_eq!(verdicts(&added), [Verdict::Fail, Verdict::Fail], "{field}");
    }
    // What is not signed as absent can be added on the way, as servers do.
    let added = [b"Received: by relay.test; Mon, 5 Jan 2026 09:00:00 +0000\r\n".as_slice(), &octets].concat();
    assert_eq!(verdicts(&added), [Verdict::Pass, Verdict::Pass]);
}

#[test]
fn both_forms_of_a_key_are_the_same_key() {
    let (pkcs8, pkcs1) = (signer("rsa", RSA_PKCS8), signer("rsa", RSA_PKCS1));
    assert_eq!(pkcs8.record(), pkcs1.record());
    assert_eq!(pkcs8.record_name(), "rsa._domainkey.news.example");
    let octets = message(&composer(Parts::Text).with_signer(pkcs1), "Ann", "Ulm").octets;
    assert_eq!(verify(&octets, &[&pkcs8]), [Verdict::Pass]);
}

/// As `openssl pkey -pubout` says them.
#[test]
fn published_keys_are_those_of_other_tools() {
    let rsa = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuuM45R5ShYSqwF7Wnnuy\
               rFPUhzlKs4d6WzkYfflKSbbXSn+grl290k8DLVbuVDX4NRbqKEiotuOhuSNvgiPe\
               j8G1SEiphBzEk2F1WDyieneSG9tbr422Cz4/jSxf+Ro1U9e1t7/oP9klr4peGHYt\
               KHyYv22p2vmE/Sd0dP9uvvJJxvAVXqUsQPH4tEhVl3D7SzmsZVoYv1tilwZIG7XL\
               FEdjokGq84uWutiLDY209xReBYmqo2go2cN0r+Xrb+ZCmozx2d+b76l+MvyL5sSG\
               m0njq0VuSEoxzbOZh5Zw3rABIOuJQ85sIwUld11e6h927ymd+6M3fh2AUOCLBHmY\
               MwIDAQAB";
    assert_eq!(signer("rsa", RSA_PKCS8).record(), rsa);
    let ed25519 = "v=DKIM1; k=ed25519; p=psTtRDjwsMNm99jZV/VKKfmWImZ+vm5J0yK7wN3RlZ4=";
    assert_eq!(signer("ed", ED25519).record(), ed25519);
}

#[test]
fn what_is_no_key_says_why() {
    let check = |pem: &[u8], expected: &str| {
        let domain = |text| smtp::Domain::parse(text).unwrap();
        let error = compose::Signer::new(&domain("news.example"), &domain("s"), pem).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(b"", "there is no private key in PEM");
    check(b"hello", "there is no private key in PEM");
    check(include_bytes!("../keys/ec.pem"), "the key is neither RSA nor Ed25519");
    let remedy = "RSA with at least 2048 bits and Ed25519 can";
    check(include_bytes!("../keys/rsa-1024.pem"), &format!("the key cannot sign (TooSmall); {remedy}"));
    let cut = String::from_utf8_lossy(RSA_PKCS8).replace("MII", "AII");
    check(cut.as_bytes(), &format!("the key cannot sign (InvalidEncoding); {remedy}"));
    let open = b"-----BEGIN PRIVATE KEY-----\nMII";
    check(open, "the PEM text is damaged");
    check(&[b'x'; 70_000], "a key has less than 65536 octets");
}
