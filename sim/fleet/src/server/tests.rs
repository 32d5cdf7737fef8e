//! Whole conversations with a server, and what the receipts say of them. A file of its own because of its length.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::receipts::{Answered, Receipts};
use crate::testing::{World, contact};
use crate::{Dial, Phase};

const EHLO: &str = "EHLO out.sender.test\r\n";

/// A connection that has been greeted, and the time.
fn dial(world: &World) -> (Box<Server>, Instant) {
    let Dial::Connected { after, mut server } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
    else {
        panic!("no connection");
    };
    let opened = Instant::ZERO + after;
    let turn = server.greeting(opened);
    (server, opened + turn.after)
}

/// What the receipts say about each recipient after a client said `said` in one go and then closed.
fn check(yaml: &str, said: &str, expected: &[Answered]) -> Receipts {
    let world = World::new("generic-postfix", 9, yaml);
    let (mut server, now) = dial(&world);
    let turn = server.receive(now, said.as_bytes());
    server.closed(now + turn.after);
    let receipts = world.receipts();
    let answers: Vec<Answered> = receipts.arrivals.iter().map(|arrival| arrival.answer).collect();
    assert_eq!(answers, expected, "{yaml}: {said}");
    receipts
}

/// A transaction for the contacts with these numbers, in one group of commands.
fn group(contacts: std::ops::RangeInclusive<u32>, end: &str) -> String {
    let rcpt = contacts.map(|number| format!("RCPT TO:<{}>\r\n", contact(number)));
    format!("{EHLO}MAIL FROM:<news@sender.test>\r\n{}{end}", rcpt.collect::<String>())
}

const fn refused(phase: Phase, code: u16) -> Answered {
    Answered::Refused { phase, code }
}

#[test]
fn each_recipient_has_one_answer() {
    let body_hash = xxhash_rust::xxh3::xxh3_64(b".hello\r\n");
    let accepted = Answered::Accepted { body_hash, body_bytes: 8 };
    let over = refused(Phase::Rcpt, 552);
    check("", &group(1..=2, "DATA\r\n..hello\r\n.\r\n"), &[accepted, accepted]);
    check(
        "mailboxes: { full: [c000002@bigbox.test] }",
        &group(1..=3, "DATA\r\n..hello\r\n.\r\n"),
        &[accepted, over, accepted],
    );
    check("reply: { at: data, code: 451 }", &group(1..=2, "DATA\r\n"), &[refused(Phase::Data, 451); 2]);
    check(
        "reply: { at: end_of_data, code: 554 }",
        &group(1..=1, "DATA\r\n.\r\n"),
        &[refused(Phase::EndOfData, 554)],
    );
    check("", &group(1..=2, "DATA\r\n..hello"), &[Answered::Unfinished; 2]);
    check("", &group(1..=2, "RSET\r\nQUIT\r\n"), &[Answered::Unfinished; 2]);
    check("", &format!("{}{}", group(1..=1, ""), EHLO), &[Answered::Unfinished]);
}

#[test]
fn one_message_leaves_nothing_to_the_next() {
    let yaml = "spam_block: { by: content, words: casino }";
    let transaction = |body: &str| {
        format!("MAIL FROM:<news@sender.test>\r\nRCPT TO:<c000001@bigbox.test>\r\nDATA\r\n{body}.\r\n")
    };
    let accepted = |body: &str| Answered::Accepted {
        body_hash: xxhash_rust::xxh3::xxh3_64(body.as_bytes()),
        body_bytes: body.len() as u64,
    };
    let bodies = ["casino\r\n", "hello\r\n", "good day\r\n"];
    let said: String = bodies.iter().map(|body| transaction(body)).collect();
    let receipts = check(
        yaml,
        &format!("{EHLO}{said}"),
        &[refused(Phase::EndOfData, 554), accepted(bodies[1]), accepted(bodies[2])],
    );
    assert_eq!(receipts.connections[0].messages, 3);
}

#[test]
fn recipients_named_after_a_refused_sender_share_its_fate() {
    let yaml = "reply: { at: mail, code: 451, times: 1 }";
    let receipts = check(yaml, &group(1..=3, "DATA\r\n"), &[refused(Phase::Mail, 451); 3]);
    assert_eq!(receipts.connections[0].messages, 1);
    let alone = format!("{EHLO}RCPT TO:<c000001@bigbox.test>\r\n");
    check(yaml, &format!("{EHLO}MAIL FROM:<news@sender.test>\r\n{alone}"), &[]);
    check("", &alone, &[]);
}

#[test]
fn a_closing_server_leaves_the_others_undecided() {
    let yaml = "reply: { at: rcpt, code: 421, share: 100%, times: 1 }";
    check(yaml, &group(1..=3, "DATA\r\n"), &[refused(Phase::Rcpt, 421)]);
    let receipts = check("drop: { at: data }", &group(1..=2, "DATA\r\n"), &[Answered::Unfinished; 2]);
    assert_eq!(receipts.connections[0].end, ConnectionEnd::ServerClosed);
}

#[test]
fn a_client_that_leaves_early_has_not_heard() {
    let check = |patience: Duration, heard: bool| {
        let world = World::new("generic-postfix", 1, "latency: 100ms");
        let (mut server, now) = dial(&world);
        let turn = server.receive(now, group(1..=1, "DATA\r\n").as_bytes());
        let now = now + turn.after;
        assert_eq!(server.receive(now, b"hello\r\n.\r\n").after, Duration::from_millis(100));
        server.closed(now + patience);
        let receipts = world.receipts();
        let accepted = matches!(receipts.arrivals[0].answer, Answered::Accepted { .. });
        let lost = matches!(receipts.arrivals[0].answer, Answered::AcceptedReplyLost { .. });
        assert_eq!((accepted, lost), (heard, !heard), "{patience:?}");
        assert_eq!(receipts.arrivals[0].at, now);
        assert_eq!(receipts.connections[0].closed, now + patience);
    };
    check(Duration::from_millis(99), false);
    check(Duration::from_millis(100), true);
}

#[test]
fn foreign_domains_are_refused() {
    let said = format!("{EHLO}MAIL FROM:<>\r\nRCPT TO:<ann@elsewhere.test>\r\nRCPT TO:<new@bigbox.test>\r\n");
    let receipts = check("", &said, &[refused(Phase::Rcpt, 554), Answered::Unfinished]);
    let refused = receipts.arrivals[0].recipient as usize;
    assert_eq!(receipts.recipients[refused], "ann@elsewhere.test");
    assert_eq!(receipts.senders, [""]);
}

#[test]
fn the_postmaster_has_a_mailbox() {
    let said = format!("{EHLO}MAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n");
    let receipts = check("", &said, &[Answered::Unfinished]);
    let named = receipts.arrivals[0].recipient as usize;
    assert_eq!(receipts.recipients[named], "postmaster@bigbox.test");
}

#[test]
fn connections_end_in_four_ways() {
    let world = World::new("generic-postfix", 1, "");
    let (mut quits, now) = dial(&world);
    let turn = quits.receive(now, b"EHLO out.sender.test\r\nQUIT\r\n");
    assert_eq!(quits.receive(now, b"NOOP\r\n"), Turn::default());
    quits.closed(now + turn.after + Duration::from_secs(1));
    let bye = now + turn.after;
    let Dial::Connected { server: mut early, .. } = world.fleet().connect("mx1.bigbox.test", now) else {
        panic!("no connection");
    };
    early.closed(now);
    let (mut leaves, now) = dial(&world);
    leaves.closed(now);
    leaves.closed(now + Duration::from_secs(1));
    let (stays, _) = dial(&world);
    let receipts = world.receipts();
    drop(stays);
    let ends: Vec<ConnectionEnd> = receipts.connections.iter().map(|connection| connection.end).collect();
    let left = ConnectionEnd::ClientClosed;
    assert_eq!(ends, [ConnectionEnd::Quit, left, left, ConnectionEnd::StillOpen]);
    let numbers: Vec<u32> = receipts.connections.iter().map(|connection| connection.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(receipts.connections.iter().all(|connection| connection.opened <= connection.closed));
    assert_eq!((receipts.connections[0].closed, receipts.connections[2].closed), (bye, now));
    assert_eq!(receipts.open_at_the_end, 1);
}

#[test]
fn a_client_may_close_while_the_server_says_goodbye() {
    let world = World::new("generic-postfix", 1, "");
    let (mut server, now) = dial(&world);
    server.receive(now, b"EHLO out.sender.test\r\nQUIT\r\n");
    server.closed(now);
    let connection = world.receipts().connections[0];
    assert_eq!((connection.closed, connection.end), (now, ConnectionEnd::Quit));
}

#[test]
fn a_server_that_loses_patience_says_so_and_closes() {
    let world = World::new("generic-postfix", 1, "tls: offered");
    let (mut server, now) = dial(&world);
    server.receive(now, group(1..=1, "").as_bytes());
    let turn = server.lose_patience(now);
    assert_eq!((turn.bytes.as_slice(), turn.then), (TIMED_OUT, Then::Close));
    assert_eq!(server.lose_patience(now), Turn::default());
    let (mut server, now) = dial(&world);
    server.receive(now, b"EHLO out.sender.test\r\nSTARTTLS\r\n");
    assert!(server.awaits_handshake());
    let turn = server.lose_patience(now);
    assert_eq!((turn.bytes.as_slice(), turn.then), (&b""[..], Then::Close));
    let receipts = world.receipts();
    assert!(receipts.connections.iter().all(|one| one.end == ConnectionEnd::ServerClosed));
    assert_eq!(receipts.arrivals[0].answer, Answered::Unfinished);
}

const TIMED_OUT: &[u8] = b"421 4.4.2 mx1.bigbox.test Error: timeout exceeded\r\n";

#[test]
fn even_the_answers_of_the_protocol_take_time() {
    let world = World::new("generic-postfix", 1, "");
    let (mut server, now) = dial(&world);
    for said in ["EHLO out.sender.test\r\n", "NOOP\r\n", "RSET\r\n", "WHAT\r\n", "DATA\r\n"] {
        let turn = server.receive(now, said.as_bytes());
        assert!(turn.after >= Duration::from_millis(20), "{said}");
    }
}

fn command() -> impl Strategy<Value = String> {
    let usual = prop_oneof![
        Just("MAIL FROM:<news@sender.test>\r\n".to_owned()),
        (1_u32..12).prop_map(|number| format!("RCPT TO:<{}>\r\n", contact(number))),
        Just("DATA\r\nSubject: x\r\n\r\n..hello\r\n.\r\n".to_owned()),
        Just("DATA\r\n.\r\n".to_owned()),
    ];
    let unusual = prop_oneof![
        Just(EHLO.to_owned()),
        Just("RSET\r\n".to_owned()),
        Just("RCPT TO:<ann@elsewhere.test>\r\n".to_owned()),
        Just("NONSENSE\r\n".to_owned()),
        Just("QUIT\r\n".to_owned()),
    ];
    prop_oneof![6 => usual, 1 => unusual]
}

const TROUBLE: &str = "
greylist: { wait: 1us }
mailboxes: { unknown: [c000001@bigbox.test], full: 20% }
reply: { at: mail, code: 451, share: 20% }
drop: { at: data, share: 5% }
lose_reply: { share: 10% }
stall: { at: end_of_data, share: 5% }
";

proptest! {
    #[test]
    fn the_way_bytes_are_cut_changes_no_receipt(
        commands in proptest::collection::vec(command(), 0..40),
        size in 1_usize..50,
    ) {
        let said = format!("{EHLO}{}", commands.concat());
        let receipts = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let world = World::new("yahoo", 9, TROUBLE);
            let (mut server, now) = dial(&world);
            let said: Vec<u8> = pieces.flat_map(|piece| server.receive(now, piece).bytes).collect();
            let left = now + Duration::from_secs(3600);
            server.closed(left);
            let mut receipts = world.receipts();
            // When the server hangs up does depend on which answers leave together.
            receipts.connections.iter_mut().for_each(|connection| connection.closed = left);
            receipts.arrivals.iter_mut().for_each(|arrival| arrival.at = left);
            (said, receipts)
        };
        let whole = receipts(&mut std::iter::once(said.as_bytes()));
        let cut = receipts(&mut said.as_bytes().chunks(size));
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn every_recipient_that_was_named_is_in_the_receipts_once(
        commands in proptest::collection::vec(command(), 0..40),
    ) {
        let world = World::new("yahoo", 9, TROUBLE);
        let (mut server, now) = dial(&world);
        server.receive(now, EHLO.as_bytes());
        let (mut named, mut mail_refused) = (0, false);
        for said in &commands {
            let answer = server.receive(now, said.as_bytes());
            if said.starts_with("MAIL") && !answer.bytes.starts_with(b"503") {
                mail_refused = answer.bytes.starts_with(b"451");
            }
            if said.starts_with("EHLO") {
                mail_refused = false;
            }
            let in_vain = answer.bytes.starts_with(b"503") && !mail_refused;
            named += usize::from(said.starts_with("RCPT") && !in_vain && !answer.bytes.is_empty());
        }
        server.closed(now);
        prop_assert_eq!(world.receipts().arrivals.len(), named);
    }
}

#[test]
fn a_provider_whose_receipts_are_full_takes_no_more() {
    let mut builder = crate::FleetBuilder::new(1).capacity(2);
    let spec = crate::ProviderSpec {
        index: 0,
        name: "bigbox",
        profile: crate::library().generic(),
        domains: vec!["bigbox.test".to_owned()],
        dns: crate::Dns::Implicit,
        behaviours: Vec::new(),
        contacts: &[],
    };
    builder.add_provider(spec).expect("names are free");
    let fleet = builder.build();
    let dial = || fleet.connect("bigbox.test", Instant::ZERO);
    let Dial::Connected { mut server, .. } = dial() else { panic!("refused") };
    server.greeting(Instant::ZERO);
    server.receive(Instant::ZERO, group(1..=2, "RSET\r\n").as_bytes());
    let turn = server.receive(Instant::ZERO, b"MAIL FROM:<>\r\nRCPT TO:<ann@bigbox.test>\r\n");
    let said = String::from_utf8(turn.bytes).expect("ASCII");
    assert!(said.starts_with("452 4.3.1 ") && said.contains("\r\n503 "), "{said}");
    assert!(matches!(dial(), Dial::Refused { .. }));
}
