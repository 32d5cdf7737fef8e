//! The rule engine of the fleet: what 5, 50 and 200 rules of a provider cost, on one core.
//!
//! Asserted here: with 200 rules an attempt costs at most twice what it costs with 5, on one thread. The rounds of all
//! numbers are interleaved, and the best of each counts, because other work on the machine only ever makes a round slower.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fmt::Write as _;
use std::time::Duration;

use benches::measure;
use fleet::{Dial, FleetBuilder};
use harness::{Options, Plan};
use record::EventKind;
use scenario::Source;
use units::Instant;

const NUMBERS: [usize; 4] = [0, 5, 50, 200];
const ROUNDS: u32 = 7;
const CONTACTS: u32 = 20_000;
const MESSAGES: u32 = 20_000;
const DEAREST: f64 = 2.0;

/// A scenario in which one provider has so many rules: a quarter each for single recipients, for patterns of recipients, for
/// senders, and for subjects. Few of them ever have anything to say, as in life.
fn scenario(rules: usize) -> String {
    let mut text = String::from("name: Rules\nseed: 7\nproviders:\n  bigbox:\n");
    if rules > 0 {
        text.push_str("    rules:\n");
    }
    for number in 0..rules {
        let (when, at) = match number % 4 {
            0 => (format!("recipient: c{number:06}@bigbox.test, attempt: 1"), "rcpt"),
            1 => (format!("recipient: 'vip{number}-*'"), "rcpt"),
            2 => (format!("sender_domain: shop{number}.example, tls: false"), "mail"),
            _ => (format!("subject: '*promotion {number}*'"), "end_of_data"),
        };
        writeln!(text, "      - {{ when: {{ {when} }}, reply: {{ at: {at}, code: 451 }} }}")
            .expect("a string");
    }
    write!(
        text,
        "audience: [{{ domain: bigbox.test, contacts: {CONTACTS} }}]\nmailings: [{{ name: news }}]\n\
         limits: {{ recipients_per_message: 1 }}\n"
    )
    .expect("a string");
    text
}

fn main() {
    let plans: Vec<Plan> = NUMBERS
        .iter()
        .map(|rules| Plan::read(&Source::new("rules.yaml", scenario(*rules))).expect("a sound scenario"))
        .collect();
    let mut whole = [Duration::MAX; NUMBERS.len()];
    let mut alone = [Duration::MAX; NUMBERS.len()];
    let mut attempts = 0;
    for _ in 0..ROUNDS {
        for (index, plan) in plans.iter().enumerate() {
            let cost = measure(1, || {
                let record = harness::run(plan, &Options::default()).expect("it runs to its end");
                attempts = record.events.iter().filter(|event| is_attempt(event.kind)).count();
            });
            whole[index] = whole[index].min(cost.best);
            alone[index] = alone[index].min(measure(1, || decide(plan)).best);
        }
    }
    println!("rules of a provider, {CONTACTS} contacts, one recipient a message");
    for (index, rules) in NUMBERS.iter().enumerate() {
        let each = whole[index].as_nanos() / attempts.max(1) as u128;
        let decisions = f64::from(MESSAGES) * 6.0 / alone[index].as_secs_f64();
        println!(
            "  {rules:>3} rules: {each:>5} ns an attempt, engine and laws included; the fleet alone {:.2} M decisions a second",
            decisions / 1e6
        );
    }
    let more = (NUMBERS[3] - NUMBERS[1]) as f64 * f64::from(MESSAGES);
    let per_rule = (alone[3].as_secs_f64() - alone[1].as_secs_f64()) / more * 1e9;
    let ratio = whole[3].as_secs_f64() / whole[1].as_secs_f64();
    println!(
        "  a rule costs {per_rule:.1} ns a message; 200 rules cost {ratio:.2} times what 5 cost (at most {DEAREST:.1})"
    );
    assert!(ratio <= DEAREST, "200 rules cost {ratio:.2} times what 5 cost");
}

fn is_attempt(kind: EventKind) -> bool {
    matches!(kind, EventKind::AttemptEnded { .. })
}

/// The fleet alone: messages of one recipient, each over a connection of its own. Six decisions each: greeting, EHLO, MAIL, RCPT,
/// DATA and the end of data.
fn decide(plan: &Plan) {
    let fleet = plan.fleet(FleetBuilder::new(7));
    let mut left = MESSAGES;
    while left > 0 {
        let Dial::Connected { mut server, .. } = fleet.connect("mx1.bigbox.test", Instant::ZERO) else {
            panic!("the provider takes connections")
        };
        server.greeting(Instant::ZERO);
        let recipient = 1_000 + left % (CONTACTS - 1_000);
        let commands = format!(
            "EHLO mta.sender.example\r\nMAIL FROM:<bounces@sender.example>\r\nRCPT TO:<c{recipient:06}@bigbox.test>\r\nDATA\r\n"
        );
        server.receive(Instant::ZERO, commands.as_bytes());
        server.receive(
            Instant::ZERO,
            b"From: News <news@sender.example>\r\nSubject: news\r\nDate: now\r\n\r\nHello\r\n.\r\n",
        );
        server.closed(Instant::ZERO);
        left -= 1;
    }
}
