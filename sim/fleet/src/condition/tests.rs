//! Conditions, asked in a small world.

use scenario::{Problems, Source, tree};
use units::Instant;

use super::*;
use crate::testing::{BODY, World, behaviours, contact, message};
use crate::{Active, Answered};

const FINE: &str = "220 250 250 250 354 250 221";

/// What is written after `when`.
fn when(yaml: &str) -> Result<When, Vec<String>> {
    let mut spans = Spans::new();
    spans.add("outage", Times::between(Instant::from_hours(2), Instant::from_hours(3)));
    let root = tree(&Source::new("when.yaml", yaml)).expect("YAML");
    let mut problems = Problems::new();
    let when = read_when(&root, &spans, &mut problems);
    let messages = problems.into_sorted().into_iter().map(|problem| problem.message).collect::<Vec<_>>();
    when.ok_or(messages)
}

/// A provider that does this under this condition, and nothing else.
fn world(condition: &str, behaviour: &str) -> World {
    let when = when(condition).unwrap_or_else(|problems| panic!("{condition}: {problems:?}"));
    let mut rules = behaviours(behaviour).expect(behaviour);
    rules[0].when = Some(when);
    World::with(7, "bigbox", "generic-postfix", 20, rules)
}

/// Whether the condition strikes at a phase, for the usual message to the first contact at the beginning.
fn check(condition: &str, phase: &str, strikes: bool) {
    let mut world = world(condition, &format!("reply: {{ at: {phase}, code: 451 }}"));
    let said = world.send(Instant::ZERO, &[&contact(1)]);
    assert_eq!(said != FINE, strikes, "{condition} at {phase}: {said}");
}

#[test]
fn each_matcher_holds_or_fails() {
    for (holds, fails, phase) in [
        ("{ recipient: c000001@bigbox.test }", "{ recipient: c000002@bigbox.test }", "rcpt"),
        ("{ recipient: 'C00*1@*' }", "{ recipient: 'c00*2@*' }", "rcpt"),
        ("{ recipient: ['x@*', 'c000001@*'] }", "{ recipient: ['x@*'] }", "end_of_data"),
        ("{ domain: bigbox.test }", "{ domain: other.test }", "rcpt"),
        ("{ sender: news@sender.test }", "{ sender: '<>' }", "mail"),
        ("{ sender_domain: '*.test' }", "{ sender_domain: '*.example' }", "rcpt"),
        ("{ client: 192.0.2.0/24 }", "{ client: 203.0.113.0/24 }", "greeting"),
        ("{ ehlo_name: out.* }", "{ ehlo_name: mta.* }", "ehlo"),
        ("{ host: mx1.bigbox.test }", "{ host: mx2.bigbox.test }", "greeting"),
        ("{ tls: false }", "{ tls: true }", "mail"),
        ("{ header: { subject: '*sale' } }", "{ header: { subject: sale } }", "end_of_data"),
        ("{ subject: spring sale }", "{ subject: autumn* }", "end_of_data"),
        ("{ body: ell }", "{ body: sale }", "end_of_data"),
        ("{ size: '<1 KiB' }", "{ size: '>=1 KiB' }", "end_of_data"),
        ("{ attempt: 1 }", "{ attempt: '>=2' }", "rcpt"),
        ("{ message: 1 }", "{ message: '>1' }", "mail"),
        ("{ nth_recipient: 1 }", "{ nth_recipient: 2 }", "rcpt"),
        ("{ share: 100% }", "{ share: 0% }", "rcpt"),
        ("{ all: [{ tls: false }, { attempt: 1 }] }", "{ all: [{ tls: false }, { attempt: 2 }] }", "rcpt"),
        ("{ any: [{ tls: true }, { attempt: 1 }] }", "{ any: [{ tls: true }, { attempt: 2 }] }", "rcpt"),
        ("{ not: { tls: true } }", "{ not: [{ tls: true }, { tls: false }] }", "rcpt"),
        ("{ tls: false, attempt: 1 }", "{ tls: false, attempt: 2 }", "rcpt"),
    ] {
        check(holds, phase, true);
        check(fails, phase, false);
    }
}

#[test]
fn what_is_not_known_yet_holds_neither_way() {
    check("{ subject: '*' }", "rcpt", false);
    check("{ not: { subject: '*' } }", "rcpt", false);
    check("{ any: [{ tls: false }, { subject: '*' }] }", "rcpt", true);
    check("{ all: [{ tls: true }, { subject: '*' }] }", "rcpt", false);
    check("{ not: { all: [{ tls: true }, { subject: '*' }] } }", "rcpt", true);
}

#[test]
fn a_span_that_is_named_is_a_condition() {
    let mut world = world("{ during: outage }", "reply: { at: mail, code: 451 }");
    let mut at = |hour| world.send(Instant::from_hours(hour), &[&contact(1)]) == FINE;
    assert_eq!([at(1), at(2), at(3)], [true, false, true]);
}

#[test]
fn attempts_are_counted_for_each_recipient_and_sender() {
    let mut world = world("{ attempt: '1..2' }", "reply: { at: rcpt, code: 451 }");
    let mut send = |sender: &str, number| {
        let lines = message(sender, &[&contact(number)], BODY);
        world.talk("mx1.bigbox.test", Instant::ZERO, &lines) == FINE
    };
    assert_eq!([send("a@x.test", 1), send("a@x.test", 1), send("a@x.test", 1)], [false, false, true]);
    assert_eq!([send("a@x.test", 2), send("b@x.test", 1), send("a@x.test", 1)], [false, false, true]);
}

#[test]
fn recipients_are_counted_in_their_message() {
    let mut world = world("{ nth_recipient: '>=2' }", "reply: { at: rcpt, code: 452 }");
    assert_eq!(world.send(Instant::ZERO, &[&contact(1), &contact(2)]), "220 250 250 250 452 354 250 221");
}

/// Who of twenty contacts is refused, when each is mailed alone in this order.
fn refused(order: impl Iterator<Item = u32>, condition: &str) -> Vec<u32> {
    let mut world = world(condition, "reply: { at: rcpt, code: 451 }");
    let mut refused: Vec<u32> =
        order.filter(|number| world.send(Instant::ZERO, &[&contact(*number)]) != FINE).collect();
    refused.sort_unstable();
    refused
}

#[test]
fn a_share_does_not_depend_on_the_order() {
    let forwards = refused(1..=20, "{ share: 50% }");
    assert_eq!(forwards, refused((1..=20).rev(), "{ share: 50% }"));
    assert!((4..=16).contains(&forwards.len()), "{forwards:?}");
    assert_ne!(forwards, refused(1..=20, "{ all: [{ tls: false }, { share: 50% }] }"), "drawn by place");
}

#[test]
fn each_connection_that_is_refused_is_drawn_anew() {
    let mut world = world("{ share: 50% }", "connect: time_out");
    let outcomes: Vec<bool> =
        (0..40).map(|_| world.send(Instant::ZERO, &[&contact(1)]) == "timed out").collect();
    let refused = outcomes.iter().filter(|refused| **refused).count();
    assert!((8..=32).contains(&refused), "{refused}");
}

#[test]
fn the_first_rule_that_has_something_to_say_decides_and_is_named() {
    let rule = |name: &str, condition: &str, code: u16| Active {
        name: Some(name.to_owned()),
        when: Some(when(condition).expect(condition)),
        ..behaviours(&format!("reply: {{ at: rcpt, code: {code} }}")).expect("fine").remove(0)
    };
    let rules = vec![
        rule("nobody", "{ recipient: z@bigbox.test }", 550),
        rule("second", "{ recipient: c000002@bigbox.test }", 551),
        rule("all", "{ domain: bigbox.test }", 552),
        rule("late", "{ recipient: c000001@bigbox.test }", 553),
    ];
    let mut world = World::with(7, "bigbox", "generic-postfix", 3, rules);
    world.send(Instant::ZERO, &[&contact(1), &contact(2), &contact(3)]);
    let receipts = world.receipts();
    let decided: Vec<_> = receipts
        .arrivals
        .iter()
        .map(|arrival| match arrival.answer {
            Answered::Refused { code, .. } => (code, arrival.rule),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(decided, [(552, Some(2)), (551, Some(1)), (552, Some(2))]);
    let used: Vec<_> =
        receipts.rules[0].1.iter().map(|rule| (rule.name.as_deref().unwrap_or(""), rule.fired)).collect();
    assert_eq!(used, [("nobody", 0), ("second", 1), ("all", 2), ("late", 0)]);
}

#[test]
fn what_is_wrong_is_told() {
    let refuse = |yaml: &str, message: &str| {
        let problems = when(yaml).expect_err(yaml);
        assert!(problems.iter().any(|problem| problem.contains(message)), "{yaml}: {problems:?}");
    };
    refuse("{}", "this condition asks nothing");
    refuse("{ recipent: a }", "unknown key `recipent` in `when`");
    refuse("{ during: outrage }", "no span has the name `outrage`");
    refuse("{ attempt: 0 }", "`0` is not a number or a range");
    refuse("{ attempt: '3..1' }", "`3..1` is not a number or a range");
    refuse("{ size: 3 }", "`3` is not a size or a range");
    refuse("{ client: 192.0.2.1/40 }", "`192.0.2.1/40` is neither an IP address nor a network");
    refuse("{ header: List-Id }", "expected a map of header fields");
    refuse("{ any: [{ tls: maybe }] }", "expected `true` or `false`");
    refuse("{ not: {} }", "this condition asks nothing");
    refuse("{ recipient: '' }", "expected a text, found nothing");
}

#[test]
fn it_is_known_from_when_on_a_condition_can_hold() {
    let check = |yaml: &str, phase: Phase, matcher: &str| {
        let when = when(yaml).expect(yaml);
        let known = when.known_from().expect("a matcher");
        assert_eq!(known.value, (phase, matcher), "{yaml}");
    };
    check("{ tls: true }", Phase::FIRST, "tls");
    check("{ tls: true, subject: a, attempt: 1 }", Phase::EndOfData, "subject");
    check("{ any: [{ subject: a }, { sender: b }] }", Phase::Mail, "sender");
    check("{ all: [{ subject: a }, { sender: b }] }", Phase::EndOfData, "subject");
}
