//! Limits in dialogues: what is counted, in which words it is refused, and for how long.

use units::Instant;

use crate::testing::{BODY, World, contact, message, refuse};
use crate::{Dial, Server};

const PASSED: &str = "220 250 250 250 354 250 221";
const HOST: &str = "mx1.bigbox.test";

const fn seconds(seconds: u64) -> Instant {
    Instant::from_nanos(seconds * 1_000_000_000)
}

/// Messages to contact 1 at these seconds must come out like this.
fn check(profile: &str, yaml: &str, messages: &[(u64, &str)]) {
    let mut world = World::new(profile, 3, yaml);
    for (second, outcome) in messages {
        assert_eq!(world.send(seconds(*second), &[&contact(1)]), *outcome, "{yaml}: second {second}");
    }
}

/// Opens a connection, which stays open; the code of the greeting.
fn open(world: &World, host: &str, at: Instant) -> (Server, String) {
    let Dial::Connected { after, mut server } = world.fleet.connect(host, at) else {
        panic!("no connection")
    };
    let said = server.greeting(at + after).bytes;
    (*server, String::from_utf8_lossy(&said)[..3].to_owned())
}

/// Several messages in one connection.
fn session(messages: usize) -> Vec<String> {
    let recipient = contact(1);
    let mut lines = message("news@sender.test", &[&recipient], BODY);
    let (hello, quit) = (lines.remove(0), lines.pop());
    let mut all = vec![hello];
    (0..messages).for_each(|_| all.extend(lines.iter().cloned()));
    all.extend(quit);
    all
}

#[test]
fn connections_are_counted_while_they_are_open() {
    for limit in ["connections", "connections_of_all"] {
        let world = World::new("generic-postfix", 1, &format!("limits: {{ {limit}: 2 }}"));
        let open = |host, at| open(&world, host, seconds(at));
        let (mut first, greeting) = open(HOST, 0);
        assert_eq!(greeting, "220");
        let (mut second, greeting) = open("mx2.bigbox.test", 1);
        assert_eq!(greeting, "220");
        let (mut third, greeting) = open(HOST, 2);
        assert_eq!(greeting, "421");
        first.closed(seconds(3));
        third.closed(seconds(3));
        let (mut fourth, greeting) = open(HOST, 4);
        assert_eq!(greeting, "220", "{limit}: what was refused counts for nothing");
        assert_eq!(open(HOST, 5).1, "421");
        fourth.lose_patience(seconds(6));
        fourth.closed(seconds(7));
        second.closed(seconds(7));
        assert_eq!(open(HOST, 8).1, "220");
        assert_eq!(open(HOST, 9).1, "220");
        assert_eq!(open(HOST, 10).1, "421", "{limit}: an end counts once");
    }
}

#[test]
fn hosts_count_together_or_each() {
    let greetings = |yaml| {
        let world = World::new("generic-postfix", 1, yaml);
        [HOST, "mx2.bigbox.test", HOST].map(|host| {
            let (server, greeting) = open(&world, host, Instant::ZERO);
            drop(server);
            greeting
        })
    };
    assert_eq!(greetings("limits: { connections: 1 }"), ["220", "421", "421"]);
    assert_eq!(greetings("limits: { connections: { max: 1, hosts: each } }"), ["220", "220", "421"]);
}

#[test]
fn new_connections_are_counted_in_a_sliding_window() {
    let yaml = "limits: { new_connections: 2/min }";
    let refused = "421 closed";
    check(
        "generic-postfix",
        yaml,
        &[(0, PASSED), (30, PASSED), (50, refused), (61, PASSED), (62, refused), (91, PASSED)],
    );
}

#[test]
fn messages_are_counted_in_a_sliding_window() {
    let refused = "220 250 450 221";
    let yaml = "limits: { messages: 2/min }";
    check(
        "generic-postfix",
        yaml,
        &[(0, PASSED), (30, PASSED), (50, refused), (61, PASSED), (62, refused), (91, PASSED)],
    );
    let mut world = World::new("generic-postfix", 1, yaml);
    assert_eq!(
        world.talk(HOST, Instant::ZERO, &session(4)),
        "220 250 250 250 354 250 250 250 354 250 450 450 221"
    );
}

#[test]
fn a_limit_is_told_of_in_the_phase_of_the_provider() {
    let second = |profile, refused| check(profile, "limits: { messages: 1/h }", &[(0, PASSED), (1, refused)]);
    second("outlook", "421 closed");
    second("comcast", "220 250 421 closed");
    second("microsoft365", "220 250 250 451 221");
    second("gmail", "220 250 250 250 354 421 closed");
    let yaml = "limits: { messages: { max: 1/h, use: qq-003 } }";
    check("gmail", yaml, &[(0, PASSED), (1, "220 250 550 221")]);
    // Who is inside already hears at MAIL what others hear in the greeting.
    let mut world = World::new("outlook", 1, "limits: { messages: 1/h }");
    assert_eq!(world.talk(HOST, Instant::ZERO, &session(2)), "220 250 250 250 354 250 421 closed");
}

#[test]
fn messages_are_counted_for_each_domain_and_each_recipient() {
    let send = |world: &mut World, sender: &str, recipient: u32| {
        world.talk(HOST, seconds(0), &message(sender, &[&contact(recipient)], BODY))
    };
    let mut world =
        World::new("generic-postfix", 2, "limits: { messages: { max: 1/h, per: sender_domain } }");
    assert_eq!(send(&mut world, "a@one.test", 1), PASSED);
    assert_eq!(send(&mut world, "b@one.test", 2), "220 250 450 221");
    assert_eq!(send(&mut world, "a@two.test", 1), PASSED);
    assert_eq!(send(&mut world, "", 1), PASSED);
    let mut world = World::new("gmail", 2, "limits: { messages: [{ max: 1/h, per: recipient }, 3/h] }");
    assert_eq!(send(&mut world, "a@one.test", 1), PASSED);
    assert_eq!(send(&mut world, "b@two.test", 1), "220 250 250 450 221");
    assert!(world.said.starts_with("221"));
    assert_eq!(send(&mut world, "b@two.test", 2), PASSED);
    assert_eq!(send(&mut world, "b@two.test", 2), "220 250 250 450 221");
}

#[test]
fn a_connection_takes_so_many_messages() {
    let mut world = World::new("yahoo", 1, "limits: { messages_per_connection: 2 }");
    let two = "220 250 250 250 354 250 250 250 354 250";
    assert_eq!(world.talk(HOST, Instant::ZERO, &session(2)), format!("{two} 221"));
    assert_eq!(world.talk(HOST, Instant::ZERO, &session(4)), format!("{two} 421 closed"));
    let silent = "limits: { messages_per_connection: { max: 2, then: close } }";
    let mut world = World::new("yahoo", 1, silent);
    assert_eq!(world.talk(HOST, Instant::ZERO, &session(4)), format!("{two} closed"));
    assert_eq!(world.talk(HOST, Instant::ZERO, &session(1)), PASSED);
}

#[test]
fn a_message_takes_so_many_recipients() {
    let recipients = [contact(1), contact(2), contact(3)];
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let mut world = World::new("generic-postfix", 3, "limits: { recipients_per_message: 2 }");
    assert_eq!(world.send(Instant::ZERO, &recipients), "220 250 250 250 250 452 354 250 221");
    assert_eq!(world.send(Instant::ZERO, &recipients[..2]), "220 250 250 250 250 354 250 221");
}

#[test]
fn a_size_counts_when_it_is_declared_and_when_it_comes() {
    let mut world = World::new("generic-postfix", 1, "limits: { message_size: 40 B }");
    let body = |bytes: usize| format!("{}\r\n", "a".repeat(bytes - 2));
    assert_eq!(world.send_body(Instant::ZERO, &[&contact(1)], &body(40)), PASSED);
    assert_eq!(world.send_body(Instant::ZERO, &[&contact(1)], &body(41)), "220 250 250 250 354 552 221");
    let declared = |bytes: u32| {
        let mut lines = message("news@sender.test", &[&contact(1)], BODY);
        lines[1] = format!("MAIL FROM:<news@sender.test> SIZE={bytes}\r\n");
        lines
    };
    assert_eq!(world.talk(HOST, Instant::ZERO, &declared(40)), PASSED);
    assert_eq!(world.talk(HOST, Instant::ZERO, &declared(41)), "220 250 552 221");
}

#[test]
fn unknown_recipients_and_errors_are_borne_with_up_to_a_number() {
    let unknown: Vec<String> = (7..=9).map(|number| format!("nobody{number}@bigbox.test")).collect();
    let [a, b, c] = [0, 1, 2].map(|position| unknown[position].as_str());
    let known = contact(1);
    let mailboxes = "mailboxes: { unknown: [nobody7@bigbox.test, nobody8@bigbox.test, nobody9@bigbox.test] }";
    let send = |limit: &str, recipients: &[&str]| {
        let mut world = World::new("generic-postfix", 1, &format!("limits: {{ {limit}: 1 }}\n{mailboxes}"));
        world.send(Instant::ZERO, recipients)
    };
    for limit in ["unknown_recipients_per_connection", "errors_per_connection"] {
        assert_eq!(send(limit, &[a, &known]), "220 250 250 550 250 354 250 221", "{limit}");
        assert_eq!(send(limit, &[a, b, c, &known]), "220 250 250 550 550 421 closed", "{limit}");
    }
    let other = "reply: { at: rcpt, code: 450, times: 2 }";
    let mut world =
        World::new("generic-postfix", 1, &format!("limits: {{ errors_per_connection: 1 }}\n{other}"));
    assert_eq!(world.send(Instant::ZERO, &[&known, &known, &known]), "220 250 250 450 450 421 closed");
    let limit = "limits: { unknown_recipients_per_connection: 1 }";
    let mut world = World::new("generic-postfix", 1, &format!("{other}\n{limit}"));
    assert_eq!(world.send(Instant::ZERO, &[&known, &known, &known]), "220 250 250 450 450 250 354 250 221");
}

#[test]
fn who_exceeds_a_limit_is_blocked_and_each_time_longer() {
    let refused = "220 250 450 221";
    check(
        "generic-postfix",
        "limits: { messages: { max: 1/s, block_for: 1m, escalate: 2x, block_at_most: 3m } }",
        &[
            (0, PASSED),
            (0, refused),
            (59, refused),
            (61, PASSED),
            (61, refused),
            (180, refused),
            (182, PASSED),
            (182, refused),
            (361, refused),
            (363, PASSED),
            (363, refused),
            // The fourth would be eight minutes long.
            (542, refused),
            (544, PASSED),
            // After a day all is forgiven.
            (100_000, PASSED),
            (100_000, refused),
            (100_059, refused),
            (100_061, PASSED),
        ],
    );
    check(
        "generic-postfix",
        "limits: { messages: { max: 1/s, block_for: 1m } }",
        &[
            (0, PASSED),
            (0, refused),
            (59, refused),
            (61, PASSED),
            (61, refused),
            (120, refused),
            (122, PASSED),
        ],
    );
}

#[test]
fn a_block_for_what_was_done_in_a_connection_outlives_it() {
    let mut world = World::new(
        "generic-postfix",
        2,
        "mailboxes: { unknown: [c000001@bigbox.test] }\n\
         limits: { unknown_recipients_per_connection: { max: 1, block_for: 10m, use: connection_limited } }",
    );
    let mut send = |second, number| world.send(seconds(second), &[&contact(number), &contact(number)]);
    assert_eq!(send(0, 1), "220 250 250 550 550 221");
    assert_eq!(send(590, 2), "421 closed");
    assert_eq!(send(601, 2), "220 250 250 250 250 354 250 221");
}

#[test]
fn what_is_wrong_is_told() {
    refuse("limits: {}", "`limits` without a limit");
    refuse("limits: { connections: 0 }", "`0` is not from 1 to 1_000_000");
    refuse("limits: { messages: 100 }", "`100` has no period");
    refuse("limits: { connections: { use: rate_limited } }", "a limit needs `max`");
    refuse("limits: { connections: { max: 5, per: client } }", "unknown key `per`");
    refuse("limits: { connections: { max: 5, use: conection_limited } }", "neither a situation nor the id");
    refuse(
        "limits: { connections: { max: 5, escalate: 2x } }",
        "`escalate` without `block_for` changes nothing",
    );
    refuse(
        "limits: { connections: { max: 5, block_for: 1m, block_at_most: 1h } }",
        "`block_at_most` without `escalate` changes nothing",
    );
    refuse("limits: { connections: { max: 5, block_for: 1m, escalate: 2 } }", "expected a factor, found `2`");
    refuse(
        "limits: { connections: { max: 5, block_for: 2h, escalate: 2x, block_at_most: 1h } }",
        "the first block is longer than the longest: 2h",
    );
    refuse(
        "limits: { messages_per_connection: { max: 5, then: close, use: rate_limited } }",
        "`then: close` closes without a word",
    );
    refuse(
        "limits: { connections: 10, connections_of_all: 5 }",
        "no client can have 10 connections where all together have 5",
    );
}
