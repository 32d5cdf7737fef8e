//! What providers of generated worlds do, as it stands in a scenario. Every behaviour that a provider can have is among it.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

const PHASES: [&str; 6] = ["greeting", "ehlo", "mail", "rcpt", "data", "end_of_data"];

/// Phases at which a connection can break off.
const ANYWHERE: [&str; 13] = [
    "connect",
    "greeting",
    "ehlo",
    "mail",
    "rcpt",
    "data",
    "body",
    "end_of_data",
    "rset",
    "noop",
    "quit",
    "starttls",
    "idle",
];

/// One behaviour.
pub(super) fn behaviour() -> impl Strategy<Value = String> {
    Union::new([
        refusals().boxed(),
        mailboxes().boxed(),
        breaks().boxed(),
        habits().boxed(),
        judges().boxed(),
    ])
}

/// A condition that can hold at any phase; which it often does not.
pub(super) fn condition() -> impl Strategy<Value = String> {
    select(vec![
        "{ share: 50% }",
        "{ during: night }",
        "{ client: 192.0.2.0/24, share: 30% }",
        "{ not: { host: mx2.* } }",
        "{ tls: false }",
        "{ any: [{ attempt: 1 }, { share: 20% }] }",
        "{ any: [{ message: '>1' }, { share: 20% }] }",
        "{ any: [{ nth_recipient: '>2' }, { recipient: 'c00000*' }, { during: night }] }",
    ])
    .prop_map(str::to_owned)
}

fn share() -> impl Strategy<Value = &'static str> {
    select(vec!["3%", "20%", "50%", "100%"])
}

/// Replies that refuse.
fn refusals() -> impl Strategy<Value = String> {
    let code = || select(vec![421, 450, 451, 452, 500, 550, 552, 554]);
    prop_oneof![
        Just("greeting: busy".to_owned()),
        (1_u32..400, select(vec!["", ", at: end_of_data", ", key: [network]", ", allow_after: 3", ", say_wait: stated"]))
            .prop_map(|(minutes, how)| format!("greylist: {{ wait: {minutes}m{how} }}")),
        (select(vec!["content", "source"]), 0_u32..9)
            .prop_map(|(by, after)| format!("spam_block: {{ by: {by}, after: {after} }}")),
        (select(PHASES.to_vec()), code(), share())
            .prop_map(|(at, code, share)| format!("reply: {{ at: {at}, code: {code}, share: {share} }}")),
        (select(vec!["mail", "rcpt", "end_of_data"]), code(), code(), select(vec!["accept", "stay", "cycle"])).prop_map(
            |(at, first, second, then)| format!(
                "sequence: {{ at: {at}, replies: [{{ code: {first}, times: 2 }}, {{ code: {second} }}], then: {then} }}"
            )
        ),
        (code(), 1_u32..9).prop_map(|(code, weight)| format!(
            "sequence: {{ replies: [{{ code: {code}, weight: {weight} }}, {{ use: rate_limited, weight: 2 }}] }}"
        )),
    ]
}

fn mailboxes() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..40, 0_u32..40, 0_u32..20).prop_map(|(full, unknown, off)| format!(
            "mailboxes: {{ full: {full}%, unknown: {unknown}%, disabled: {off}% }}"
        )),
        (0_u32..30, 1_u32..5, 0_u32..20, 0_u32..20).prop_map(|(quota, messages, moved, slow)| format!(
            "mailboxes: {{ quota: {{ share: {quota}%, messages: {messages}, emptied: every 10h }}, moved: {moved}%, \
             trap: 5%, slow: {{ share: {slow}%, longer: 50s }} }}"
        )),
    ]
}

/// What happens to connections.
fn breaks() -> impl Strategy<Value = String> {
    let broken = |key: &'static str| {
        (select(ANYWHERE.to_vec()), share())
            .prop_map(move |(at, share)| format!("{key}: {{ at: {at}, share: {share} }}"))
    };
    let late = || select(PHASES.to_vec());
    prop_oneof![
        select(vec![
            "refuse",
            "time_out",
            "reset",
            "{ how: refuse, addresses: 3, dead: 1 }",
            "{ how: time_out, addresses: 3, dead: 2 }"
        ])
        .prop_map(|how| format!("connect: {how}")),
        share().prop_map(|share| format!("lose_reply: {{ share: {share} }}")),
        broken("drop"),
        broken("reset"),
        (late(), share()).prop_map(|(at, share)| format!("stall: {{ at: {at}, share: {share} }}")),
        (late(), select(vec!["endless_line", "endless_reply", "mixed_codes", "no_code", "binary"]), share())
            .prop_map(|(at, say, share)| format!("nonsense: {{ at: {at}, say: {say}, share: {share} }}")),
        (late(), select(vec!["1s", "30s..60s", "400s"]))
            .prop_map(|(at, by)| format!("delay: {{ at: {at}, by: {by} }}")),
        select(vec!["1ms", "1s..30s", "100s..400s"]).prop_map(|range| format!("latency: {range}")),
        select(vec![
            "bandwidth: 1 KiB/s",
            "fragment: 1 B",
            "dribble: 1s",
            "cut_after: 300 B",
            "slow_close: 30s"
        ])
        .prop_map(|how| format!("network: {{ {how}, share: 50% }}")),
    ]
}

/// What servers are like.
fn habits() -> impl Strategy<Value = String> {
    select(vec![
        "tls: offered",
        "tls: required",
        "tls: unavailable",
        "early_talker: { wait: 6s }",
        "helo_only: { code: 502 }",
        "line_ends: lf",
        "data_in_vain: taken",
        "extensions: { without: [pipelining, size], share: 50% }",
        "extensions: { with: [chunking, dsn] }",
        "limits: { messages_per_connection: 2, recipients_per_message: 1 }",
        "limits: { messages_per_connection: { max: 1, then: close } }",
        "limits: { connections: 1, new_connections: 5/h }",
        "limits: { messages: { max: 3/h, per: client, block_for: 2h, escalate: 2x } }",
        "limits: { unknown_recipients_per_connection: 1, errors_per_connection: 2, message_size: 2 KiB }",
        "magic: {}",
    ])
    .prop_map(str::to_owned)
}

/// What is found out about senders and messages, and what becomes of them afterwards.
fn judges() -> impl Strategy<Value = String> {
    let how = select(vec!["", ", use: full_mailbox", ", quirks: looping", ", quirks: [forged, malformed]"]);
    prop_oneof![
        select(vec!["spf: enforce", "dkim: enforce", "dmarc: enforce, tls: enforce", "one_click: enforce", "spf: record, dkim: record"])
            .prop_map(|checks| format!("checks: {{ {checks} }}")),
        (20_u32..90, 1_u32..40, 1_u32..60).prop_map(|(start, messages, hours)| format!(
            "reputation: {{ start: {start}, tiers: [{{ below: 60, messages: {messages}/d, spam: 50% }}], \
             block: {{ below: 10, for: {hours}h }} }}"
        )),
        (0_u32..40, 0_u32..40, 1_u32..60, how).prop_map(|(bounced, others, hours, how)| format!(
            "fate: {{ bounced_later: {{ share: {bounced}%, after: 0s..{hours}h{how} }}, opened: 50%, clicked: 50%, \
             auto_replied: {others}%, complained: {{ share: {others}%, after: {hours}h }}, unsubscribed: {others}% }}"
        )),
    ]
}
