//! Any receipts: a file of its own, because they are half of a record.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use record::{Answer, Arrival, Checks, Connection, ConnectionEnd, Happening, Receipts, Sequel};

use super::{names, phase};

/// Receipts of providers that have so many hosts each.
pub(super) fn receipts(hosts: Vec<u32>) -> impl Strategy<Value = Receipts> {
    let providers = hosts.len() as u32;
    (names(), names()).prop_flat_map(move |(senders, recipients)| {
        let arrival = arrival(providers, senders.len() as u32, recipients.len() as u32);
        let sequel = sequel(providers, senders.len() as u32, recipients.len() as u32);
        (vec(connection(hosts.clone()), 0..5), vec(arrival, 0..5), vec(sequel, 0..5), any::<u32>()).prop_map(
            move |(connections, arrivals, sequels, open_at_the_end)| Receipts {
                connections,
                arrivals,
                sequels,
                senders: senders.clone(),
                recipients: recipients.clone(),
                open_at_the_end,
            },
        )
    })
}

fn connection(hosts: Vec<u32>) -> impl Strategy<Value = Connection> {
    use ConnectionEnd::*;
    let end = select(vec![Quit, ClientClosed, ServerClosed, StillOpen]);
    (0..hosts.len(), any::<[u32; 3]>(), any::<[u64; 2]>(), end, rule()).prop_map(
        move |(provider, [number, host, messages], [opened, closed], end, rule)| Connection {
            provider: provider as u32,
            number,
            host: host % hosts[provider],
            opened,
            closed,
            messages,
            end,
            rule,
        },
    )
}

/// The first rule, which every provider has, or none.
fn rule() -> impl Strategy<Value = Option<u32>> {
    select(vec![None, Some(0)])
}

fn arrival(providers: u32, senders: u32, recipients: u32) -> impl Strategy<Value = Arrival> {
    let made = select(vec![vec![], vec![("spf", "pass")], vec![("dkim", "fail"), ("content", "none")]]);
    let checks = made.prop_map(|made| Checks::of(made).expect("known words"));
    (any::<u64>(), 0..providers, any::<u32>(), 0..senders, 0..recipients, answer(), rule(), checks).prop_map(
        |(at, provider, connection, sender, recipient, answer, rule, checks)| Arrival {
            at,
            provider,
            connection,
            sender,
            recipient,
            answer,
            rule,
            checks,
        },
    )
}

fn sequel(providers: u32, senders: u32, recipients: u32) -> impl Strategy<Value = Sequel> {
    use Happening::*;
    let all = [
        Inbox,
        SpamFolder,
        Lost,
        Forwarded,
        BouncedLater,
        AutoReplied,
        Opened,
        Clicked,
        Complained,
        Unsubscribed,
    ];
    let what = select(all.to_vec());
    (any::<[u64; 2]>(), 0..providers, any::<u32>(), 0..senders, 0..recipients, what).prop_map(
        |([at, body_hash], provider, connection, sender, recipient, what)| Sequel {
            at,
            provider,
            connection,
            sender,
            recipient,
            body_hash,
            what,
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<[u64; 2]>().prop_map(|[body_hash, body_bytes]| Answer::Accepted { body_hash, body_bytes }),
        any::<[u64; 2]>()
            .prop_map(|[body_hash, body_bytes]| Answer::AcceptedReplyLost { body_hash, body_bytes }),
        (phase(), any::<u16>()).prop_map(|(phase, code)| Answer::Refused { phase, code }),
        Just(Answer::Unfinished),
    ]
}
