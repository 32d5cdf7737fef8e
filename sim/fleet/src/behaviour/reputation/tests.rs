//! Reputation in dialogues: what a score is made of, and what follows from it.

use units::{Instant, Share};

use crate::behaviour::{Aftermath, Event, Scene, Visit};
use crate::testing::{BODY, World, contact, message, refuse};

const PASSED: &str = "220 250 250 250 354 250 221";
const LIMITED: &str = "220 250 450 221";
const BLOCKED: &str = "554 closed";
const HOST: &str = "mx1.bigbox.test";

const fn minutes(minutes: u64) -> Instant {
    Instant::from_nanos(minutes * 60_000_000_000)
}

/// Messages to a contact at these minutes must come out like this.
fn check(yaml: &str, messages: &[(u64, u32, &str)]) {
    let mut world = World::new("generic-postfix", 9, yaml);
    for (minute, recipient, outcome) in messages {
        let came_of_it = world.send(minutes(*minute), &[&contact(*recipient)]);
        assert_eq!(came_of_it, *outcome, "{yaml}: minute {minute}");
    }
}

/// Tells the provider so often that something became of a message of `news@sender.test`.
fn tell(world: &World, times: u32, event: impl Fn(Aftermath<'static>) -> Event<'static>) {
    let provider = &mut *world.fleet.providers[0].borrow_mut();
    let client = provider.identity.client;
    let aftermath = Aftermath { client, domain: "sender.test", recipient: Some(0) };
    (0..times).for_each(|_| provider.tell(&event(aftermath), minutes(1), &Visit::default()));
}

/// What goes to the spam folder of what `news@sender.test` sends.
fn spam(world: &World) -> Share {
    let visit = Visit { connection: 1_000, sender: "news@sender.test".to_owned(), ..Visit::default() };
    spam_at(world, &visit, minutes(1))
}

fn spam_at(world: &World, visit: &Visit, now: Instant) -> Share {
    let provider = &*world.fleet.providers[0].borrow();
    let scene = Scene { now, identity: &provider.identity, roster: &provider.roster, visit };
    provider.rules.spam_share(&scene)
}

#[test]
fn a_tier_limits_what_is_taken_in_a_sliding_window() {
    let yaml = "reputation: { trust_after: 1_000_000, tiers: [{ below: 60, messages: 2/h }] }";
    check(yaml, &[(0, 1, PASSED), (30, 1, PASSED), (31, 1, LIMITED), (61, 1, PASSED), (62, 1, LIMITED)]);
    let mut world = World::new("generic-postfix", 9, yaml);
    let three = [contact(1), contact(2), contact(3)];
    let three: Vec<&str> = three.iter().map(String::as_str).collect();
    assert_eq!(
        world.send(minutes(0), &three),
        "220 250 250 250 250 450 354 250 221",
        "each recipient counts"
    );
    let yaml =
        "reputation: { trust_after: 1_000_000, tiers: [{ below: 60, messages: 2/h, use: comcast-021 }] }";
    check(yaml, &[(0, 1, PASSED), (1, 1, PASSED), (2, 1, "220 250 421 closed")]);
}

#[test]
fn what_is_said_late_is_said_of_the_whole_message() {
    let yaml = "reputation: { trust_after: 1_000_000, tiers: [{ below: 60, messages: 2/h }] }";
    let mut world = World::new("gmail", 9, yaml);
    let mut send = |minute, recipients: &[u32]| {
        let recipients: Vec<String> = recipients.iter().map(|number| contact(*number)).collect();
        let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
        world.send(minutes(minute), &recipients)
    };
    assert_eq!(send(0, &[1, 2, 3]), "220 250 250 250 250 250 354 421 closed");
    assert_eq!(
        send(1, &[1, 2]),
        "220 250 250 250 250 354 250 221",
        "what came to nothing counts for nothing"
    );
    assert_eq!(send(2, &[1]), "220 250 250 250 354 421 closed");
    let mut world = World::new("outlook", 9, yaml);
    let mut send = |minute| world.send(minutes(minute), &[&contact(1)]);
    assert_eq!([send(0), send(1), send(2)], [PASSED, PASSED, "421 closed"]);
}

#[test]
fn who_sends_well_rises_out_of_its_tier() {
    let yaml = "reputation: { trust_after: 10, tiers: [{ below: 60, messages: 3/d }, { below: 55, messages: 1/d }] }";
    // 50 points at first, 54.5 after one message, 58.3 after two, 61.5 after three.
    check(
        yaml,
        &[
            (0, 1, PASSED),
            (1, 1, LIMITED),
            (1441, 1, PASSED),
            (1442, 1, PASSED),
            (1443, 1, PASSED),
            (1444, 1, PASSED),
        ],
    );
}

#[test]
fn who_sends_to_strangers_is_blocked_and_begins_anew() {
    let block = "signals: { unknown_recipient: 1 }, trust_after: 4, block: { below: 30, for: 10m }";
    let yaml = format!("reputation: {{ {block} }}\nmailboxes: {{ unknown: [c000002@bigbox.test] }}");
    let unknown = "220 250 250 550 221";
    // 40, 33.3 and 28.6 points.
    let fall = [(0, 2, unknown), (0, 2, unknown), (0, 2, unknown)];
    check(
        &yaml,
        &[&fall[..], &[(0, 1, BLOCKED), (9, 1, BLOCKED), (11, 1, PASSED), (11, 2, unknown)]].concat(),
    );
    // Whatever is tried puts off the end.
    let yaml = yaml.replace("for: 10m", "for: 10m, delist_after: 20m, use: rate_limited");
    check(
        &yaml,
        &[&fall[..], &[(5, 1, LIMITED), (24, 1, LIMITED), (43, 1, LIMITED), (64, 1, PASSED)]].concat(),
    );
}

#[test]
fn half_of_what_was_is_forgotten() {
    let yaml = "reputation: { half_life: 1d, trust_after: 4, signals: { unknown_recipient: 1 }, \
                tiers: [{ below: 40, messages: 1/s, spam: 50% }] }\nmailboxes: { unknown: [c000002@bigbox.test] }";
    let mut world = World::new("generic-postfix", 9, yaml);
    (0..3).for_each(|_| {
        world.send(minutes(0), &[&contact(2)]);
    });
    let at =
        |hours| spam_at(&world, &Visit { connection: 1_000, ..Visit::default() }, Instant::from_hours(hours));
    let half = Share::from_millionths(500_000).expect("a half");
    assert_eq!([at(1), at(23), at(24), at(48)], [half, half, half, Share::NONE]);
}

#[test]
fn a_trap_costs_more_than_a_stranger() {
    let yaml = |more: &str| {
        format!(
            "reputation: {{ trust_after: 100, {more} block: {{ below: 50, for: 1h }} }}\n\
             mailboxes: {{ trap: [c000002@bigbox.test] }}"
        )
    };
    check(&yaml(""), &[(0, 1, PASSED), (0, 2, PASSED), (0, 1, BLOCKED)]);
    check(&yaml("signals: { trap: 0 },"), &[(0, 1, PASSED), (0, 2, PASSED), (0, 1, PASSED)]);
}

#[test]
fn complaints_cost_and_engagement_wins() {
    let world = || {
        let yaml =
            "reputation: { trust_after: 10, tiers: [{ below: 80, spam: 30% }, { below: 60, spam: 90% }] }";
        let mut world = World::new("generic-postfix", 9, yaml);
        (0..20).for_each(|_| {
            world.send(minutes(0), &[&contact(1)]);
        });
        world
    };
    let per_cent = |share: u32| Share::from_millionths(share * 10_000).expect("a share");
    // 83.3 points. One complaint of twenty recipients costs all that was won.
    assert_eq!(spam(&world()), Share::NONE);
    let complained = world();
    tell(&complained, 1, Event::Complaint);
    assert_eq!(spam(&complained), per_cent(90));
    // 20 % of engagement cannot make up for that, and all points at most are won.
    tell(&complained, 4, Event::Engagement);
    assert_eq!(spam(&complained), per_cent(90));
    // 6 recipients of 20 not vouched for cost 30 points of 100, the start included 20.
    let nobodys = world();
    tell(&nobodys, 6, Event::Unauthenticated);
    assert_eq!(spam(&nobodys), per_cent(30));
    tell(&nobodys, 6, Event::Engagement);
    assert_eq!(spam(&nobodys), Share::NONE, "it makes up for that");
}

#[test]
fn a_jump_of_the_volume_costs() {
    let yaml = |jump| {
        format!(
            "reputation: {{ trust_after: 1, jump: 2x, jump_from: {jump}, signals: {{ volume_jump: 10 }}, \
             block: {{ below: 50, for: 1h }} }}"
        )
    };
    let passed = [(0, 1, PASSED); 3];
    check(&yaml(3), &[&passed[..], &[(0, 1, PASSED), (0, 1, BLOCKED)]].concat());
    check(&yaml(10), &[&passed[..], &[(0, 1, PASSED), (0, 1, PASSED)]].concat());
}

#[test]
fn what_nobody_vouches_for_costs() {
    let yaml = "reputation: { trust_after: 1, block: { below: 40, for: 1h } }\nchecks: { dkim: enforce }";
    let mut world = World::new("gmail", 9, yaml);
    let mut send = || world.send(minutes(0), &[&contact(1)]);
    let first = send();
    assert!(first.contains(" 354 5"), "{first}");
    // Both the start and a message without a signature: 25 points.
    assert_eq!(send(), "220 250 250 250 354 550 221");
    assert!(world.said.starts_with("221"), "{}", world.said);
}

#[test]
fn a_domain_has_a_score_of_its_own() {
    let yaml = |of| {
        format!(
            "reputation: {{ of: {of}, trust_after: 1, block: {{ below: 40, for: 1h, use: comcast-021 }} }}\n\
             mailboxes: {{ trap: [c000002@bigbox.test] }}"
        )
    };
    let send = |world: &mut World, sender: &str, recipient, body: &str| {
        world.talk(HOST, minutes(0), &message(sender, &[&contact(recipient)], body))
    };
    let blocked = "220 250 421 closed";
    let mut world = World::new("generic-postfix", 9, &yaml("domain"));
    assert_eq!(send(&mut world, "a@one.test", 2, BODY), PASSED);
    assert_eq!(send(&mut world, "b@ONE.test", 1, BODY), blocked);
    assert_eq!(send(&mut world, "a@two.test", 1, BODY), PASSED);
    let mut world = World::new("generic-postfix", 9, &yaml("client"));
    assert_eq!(send(&mut world, "a@one.test", 2, BODY), PASSED);
    assert_eq!(send(&mut world, "a@two.test", 1, BODY), blocked);
    // Who signs is who is judged, whatever the return path.
    let signed = format!("DKIM-Signature: v=1; d=Shop.test; s=a\r\n{BODY}");
    let mut world = World::new("generic-postfix", 9, &yaml("domain"));
    assert_eq!(send(&mut world, "a@one.test", 2, &signed), PASSED);
    assert_eq!(send(&mut world, "a@three.test", 1, BODY), PASSED);
    assert_eq!(send(&mut world, "a@two.test", 1, &signed), "220 250 250 250 354 421 closed");
    assert_eq!(send(&mut world, "a@two.test", 1, &signed), blocked, "it is known now who signs");
    assert_eq!(send(&mut world, "a@one.test", 1, BODY), blocked);
}

#[test]
fn what_is_wrong_is_told() {
    refuse("reputation: { start: 50 }", "a reputation that nothing follows from");
    refuse("reputation: { start: 101, block: { below: 10, for: 1h } }", "`101` is not from 0 to 100");
    refuse("reputation: { block: { below: 10 } }", "`block` needs `for`");
    refuse("reputation: { start: 5, block: { below: 10, for: 1h } }", "strangers start with 5 points");
    refuse("reputation: { tiers: [{ messages: 1/h }] }", "a tier needs `below`");
    refuse("reputation: { tiers: [{ below: 50 }] }", "a tier that changes nothing");
    refuse("reputation: { tiers: [{ below: 50, spam: 10%, use: rate_limited }] }", "refuses nothing");
    refuse(
        "reputation: { tiers: [{ below: 50, spam: 10% }, { below: 50, spam: 20% }] }",
        "two tiers for the scores below 50",
    );
    refuse(
        "reputation: { tiers: [{ below: 20, spam: 10% }], block: { below: 20, for: 1h } }",
        "nobody is in this tier: scores below 20 are blocked",
    );
    refuse("reputation: { half_life: 0s, tiers: [{ below: 50, spam: 10% }] }", "forgotten at once");
    refuse(
        "reputation: { signals: { complaints: 3 }, tiers: [{ below: 50, spam: 10% }] }",
        "unknown key `complaints`",
    );
    refuse("reputation: { of: sender, tiers: [{ below: 50, spam: 10% }] }", "expected `client` or `domain`");
    refuse("reputation: { jump: 3, tiers: [{ below: 50, spam: 10% }] }", "expected a factor");
}
