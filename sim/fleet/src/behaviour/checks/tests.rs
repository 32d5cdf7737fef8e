//! What is demanded of senders and messages; signatures are tried by scenarios, which have somebody who signs.

use units::Instant;

use crate::testing::{World, contact, message, refuse};

const FORM: &str = "From: News <news@sender.example>\r\nDate: Mon, 5 Jan 2026 09:00:00 +0000\r\n\
                    Message-ID: <1@sender.example>\r\n\r\nHello\r\n";

/// Sends a message as the sender that the DNS knows, and looks at the codes, the last words and the findings.
fn check(profile: &str, yaml: &str, sender: &str, body: &str, (outcome, said, found): (&str, &str, &str)) {
    let mut world = World::new(profile, 1, yaml);
    let mut lines = message(sender, &[&contact(1)], body);
    lines.pop();
    lines[0] = "EHLO mta.sender.example\r\n".to_owned();
    let came_of_it = world.talk("mx1.bigbox.test", Instant::ZERO, &lines);
    assert_eq!(came_of_it, outcome, "{profile}: {yaml}");
    assert!(world.said.contains(said), "{profile}: {yaml}: {}", world.said);
    let receipts = world.receipts();
    let findings = receipts.arrivals.iter().flat_map(|arrival| arrival.findings.iter());
    let words: Vec<_> = findings.map(|(check, found)| format!("{}={}", check.key(), found.word())).collect();
    assert_eq!(words.join(" "), found, "{profile}: {yaml}");
}

const PASSED: &str = "220 250 250 250 354 250";
const REFUSED: &str = "220 250 250 250 354 550";
const OURS: &str = "news@sender.example";

#[test]
fn spf_is_asked_for_the_return_path() {
    let spf = "checks: { spf: enforce }";
    check("generic-postfix", spf, OURS, FORM, (PASSED, "", "spf=pass"));
    let elsewhere = "news@elsewhere.example";
    check("generic-postfix", spf, elsewhere, FORM, ("220 250 550", "550 5.7.23 SPF validation failed", ""));
    check(
        "gmail",
        spf,
        elsewhere,
        FORM,
        (REFUSED, "5.7.27 This message was blocked because it didn't pass SPF", "spf=none"),
    );
    check("gmail", "checks: { spf: record }", elsewhere, FORM, (PASSED, "", "spf=none"));
}

#[test]
fn the_author_s_domain_has_the_last_word() {
    let dmarc = "checks: { dmarc: enforce, alignment: record, dmarc_record: record }";
    let passes = "dmarc=pass dmarc_record=pass alignment=pass";
    check("icloud", dmarc, OURS, FORM, (PASSED, "", passes));
    let forged = FORM.replace("news@sender", "news@victim");
    let unknown = "dmarc=none dmarc_record=none alignment=fail";
    check("icloud", dmarc, OURS, &forged, (PASSED, "", unknown));
    let fails = "dmarc=fail dmarc_record=pass alignment=fail";
    check(
        "icloud",
        dmarc,
        "news@elsewhere.example",
        FORM,
        ("220 250 250 250 354 554", "rejected due to sender.example's DMARC policy", fails),
    );
    let aligned = "checks: { alignment: enforce }";
    check("generic-postfix", aligned, OURS, &forged, (REFUSED, "", "alignment=fail"));
    let subdomain = FORM.replace("news@sender.example", "news@mail.sender.example");
    check("generic-postfix", aligned, OURS, &subdomain, (PASSED, "", "alignment=pass"));
}

#[test]
fn nothing_vouches_for_a_message_that_is_not_signed() {
    check(
        "gmail",
        "checks: { dkim: enforce }",
        OURS,
        FORM,
        (REFUSED, "5.7.30 This message was blocked because it didn't pass DKIM", "dkim=none"),
    );
    check("yahoo", "checks: { spf_or_dkim: enforce }", OURS, FORM, (PASSED, "", "spf_or_dkim=pass"));
    let nobody = "news@elsewhere.example";
    check(
        "yahoo",
        "checks: { spf_or_dkim: enforce }",
        nobody,
        FORM,
        (REFUSED, "either SPF or DKIM", "spf_or_dkim=none"),
    );
    check(
        "gmail",
        "checks: { one_click: enforce }",
        OURS,
        FORM,
        (REFUSED, "one-click unsubscribe", "one_click=none"),
    );
}

#[test]
fn a_connection_is_looked_at_in_the_phase_of_the_provider() {
    check(
        "gmx",
        "checks: { fcrdns: enforce, ehlo_name: record }",
        OURS,
        FORM,
        (PASSED, "", "fcrdns=pass ehlo_name=pass"),
    );
    check("generic-postfix", "checks: { tls: enforce }", OURS, FORM, ("220 250 530", "STARTTLS", ""));
    check("gmail", "checks: { tls: record }", OURS, FORM, (PASSED, "", "tls=fail"));
    let mut stranger = World::new("generic-postfix", 1, "checks: { ehlo_name: enforce }");
    assert_eq!(stranger.send(Instant::ZERO, &[&contact(1)]), "220 250 250 450 221");
}

#[test]
fn a_message_has_a_form_and_a_content() {
    let format = "checks: { message_format: enforce }";
    check("gmail", format, OURS, FORM, (PASSED, "", "message_format=pass"));
    check(
        "gmail",
        format,
        OURS,
        "Subject: x\r\n\r\nx\r\n",
        (REFUSED, "RfcMessageNonCompliant", "message_format=fail"),
    );
    let links = "checks: { content: { links: casino.example } }";
    check("generic-postfix", links, OURS, FORM, (PASSED, "", "content=pass"));
    let linked = FORM.replace("Hello", "See https://www.casino.example/");
    check("generic-postfix", links, OURS, &linked, (REFUSED, "", "content=fail"));
    let recorded = "checks: { content: { words: hello, mode: record } }";
    check("generic-postfix", recorded, OURS, FORM, (PASSED, "", "content=fail"));
}

#[test]
fn messages_too_long_to_be_kept_are_not_judged() {
    let long = format!("{FORM}{}", "Nothing but length.\r\n".repeat(60_000));
    check("gmail", "checks: { dkim: enforce, spf: record }", OURS, &long, (PASSED, "", "spf=pass"));
}

#[test]
fn what_is_wrong_is_told() {
    refuse("checks: {}", "`checks` checks nothing");
    refuse("checks: { spf: refuse }", "expected `enforce` or `record`, found `refuse`");
    refuse("checks: { content: {} }", "`content` looks for nothing");
    refuse("checks: { content: words }", "expected the keys of `content`");
    refuse("checks: { arc: enforce }", "unknown key `arc`");
}
