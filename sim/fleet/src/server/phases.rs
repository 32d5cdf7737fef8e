//! What a server does at phases that the small client of this crate's tests never comes to.

use std::time::Duration;

use smtp::server::Then;
use units::Instant;

use super::Server;
use crate::testing::{World, contact};
use crate::{Dial, Handshake};

/// A connection that has been greeted, and the time.
fn dial(yaml: &str) -> (World, Box<Server>, Instant) {
    let world = World::new("generic-postfix", 1, yaml);
    let Dial::Connected { after, mut server } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
    else {
        panic!("no connection");
    };
    let turn = server.greeting(Instant::ZERO + after);
    (world, server, Instant::ZERO + after + turn.after)
}

/// What is said to the last of these lines, which come one after the other, and what happens then.
fn check(yaml: &str, lines: &[&str], said: &str, then: Then) {
    let (_world, mut server, now) = dial(yaml);
    let turns = lines.iter().map(|line| server.receive(now, format!("{line}\r\n").as_bytes()));
    let last = turns.last().expect("a line");
    assert_eq!(String::from_utf8_lossy(&last.bytes), said, "{yaml}: {lines:?}");
    assert_eq!(last.then, then, "{yaml}: {lines:?}");
}

#[test]
fn commands_that_are_about_no_mail_can_be_punished() {
    let hello = "EHLO a.test";
    check("reply: { at: rset, code: 502 }", &[hello, "RSET"], "502 Refused\r\n", Then::Continue);
    check("reply: { at: rset, code: 421 }", &["RSET"], "421 Refused\r\n", Then::Close);
    check("reset: { at: noop }", &["NOOP"], "", Then::Reset);
    check("reply: { at: vrfy, code: 550, text: No }", &["VRFY ann"], "550 No\r\n", Then::Continue);
    check("stall: { at: quit }", &["QUIT"], "", Then::Hang);
    check("drop: { at: starttls }\ntls: offered", &[hello, "STARTTLS"], "", Then::Close);
    check(
        "reply: { at: starttls, code: 454 }\ntls: offered",
        &[hello, "STARTTLS"],
        "454 Refused\r\n",
        Then::Continue,
    );
    let delayed = "delay: { at: noop, by: 9s }";
    check(delayed, &["NOOP"], "250 2.0.0 Ok\r\n", Then::Continue);
    let (_world, mut server, now) = dial(delayed);
    assert_eq!(server.receive(now, b"NOOP\r\n").after.as_secs(), 9);
}

#[test]
fn more_may_be_said_with_the_go_ahead_for_tls() {
    let raw = r#"reply: { at: starttls, raw: "220 Go\r\n250 injected\r\n" }"#;
    let (_world, mut server, now) = dial(&format!("{raw}\ntls: offered"));
    server.receive(now, b"EHLO a.test\r\n");
    assert_eq!(server.receive(now, b"STARTTLS\r\n").bytes, b"220 Go\r\n250 injected\r\n");
    assert!(matches!(server.secure(now), Some(Handshake::Done { .. })));
}

#[test]
fn a_handshake_can_come_to_nothing() {
    let check = |yaml: &str, expected: Option<Then>, longer: u64| {
        let (_world, mut server, now) = dial(&format!("{yaml}\ntls: offered"));
        server.receive(now, b"EHLO a.test\r\nSTARTTLS\r\n");
        let (found, after) = match server.secure(now).expect("a handshake is due") {
            Handshake::Done { after } => (None, after),
            Handshake::Broken { after, then } => (Some(then), after),
        };
        assert_eq!((found, after.as_secs()), (expected, longer), "{yaml}");
        assert_eq!(server.secure(now), None, "{yaml}: again");
    };
    check("delay: { at: tls_handshake, by: 7s }", None, 7);
    check("drop: { at: tls_handshake }", Some(Then::Close), 0);
    check("reset: { at: tls_handshake }", Some(Then::Reset), 0);
}

#[test]
fn a_client_that_says_nothing_is_told_to_go() {
    let (world, mut server, now) = dial("reply: { at: idle, code: 421, after: 30s }");
    assert_eq!(server.wakes_at(), Some(now + Duration::from_secs(30)));
    let turn = server.receive(now, b"EHLO a.test\r\n");
    let due = now + turn.after + Duration::from_secs(30);
    assert_eq!(server.wakes_at(), Some(due), "each answer begins a new wait");
    let turn = server.wake(due);
    assert_eq!((turn.bytes.as_slice(), turn.then), (&b"421 Refused\r\n"[..], Then::Close));
    assert_eq!((server.wakes_at(), server.receive(due, b"NOOP\r\n").bytes), (None, Vec::new()));
    assert_eq!(world.receipts().connections[0].closed, due + turn.after);
}

#[test]
fn who_speaks_too_late_finds_that_the_server_has_gone() {
    let (world, mut server, now) = dial("drop: { at: idle }");
    let late = now + Duration::from_secs(11);
    assert_eq!(server.receive(late, b"EHLO a.test\r\n").then, Then::Close);
    assert_eq!(world.receipts().connections[0].closed, now + Duration::from_secs(10));
    let (world, mut server, now) = dial("drop: { at: idle }");
    server.closed(now + Duration::from_secs(11));
    assert_eq!(world.receipts().connections[0].closed, now + Duration::from_secs(10));
}

#[test]
fn a_message_on_its_way_is_no_silence() {
    let (_world, mut server, now) = dial("drop: { at: idle }");
    let said = format!("EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<{}>\r\nDATA\r\nSubject: x\r\n", contact(1));
    server.receive(now, said.as_bytes());
    assert_eq!(server.wakes_at(), None);
}

#[test]
fn a_client_that_does_not_wait_for_the_greeting_is_refused() {
    let early = || {
        let world = World::new("generic-postfix", 1, "early_talker: { wait: 6s }");
        let Dial::Connected { after, server } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
        else {
            panic!("no connection");
        };
        (world, server, Instant::ZERO + after)
    };
    let due = Duration::from_secs(6);
    let (world, mut server, now) = early();
    assert_eq!((server.greeting(now).bytes, server.wakes_at()), (Vec::new(), Some(now + due)));
    let turn = server.receive(now, b"EHLO a.test\r\n");
    assert!(turn.bytes.starts_with(b"554 5.5.5 SMTP synchronization error"), "{turn:?}");
    assert_eq!((turn.then, server.receive(now, b"MAIL FROM:<>\r\n").bytes), (Then::Close, Vec::new()));
    assert_eq!(world.receipts().connections[0].end, crate::ConnectionEnd::ServerClosed);
    let (_world, mut server, now) = early();
    server.greeting(now);
    assert!(server.wake(now + due).bytes.starts_with(b"220 "));
    assert!(server.receive(now + due, b"EHLO a.test\r\n").bytes.starts_with(b"250-"));
}
