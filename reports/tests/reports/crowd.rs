//! Records of any size, for what is drawn of many providers, reasons and spans, in little time and in much.

use record::{
    Cause, Connection, ConnectionEnd, Event, EventKind, Host, Nanos, Outcome, Record, Repeat, Span,
    VerdictRow,
};

use crate::sample::{SECOND, record};

/// How big it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) providers: u32,
    pub(crate) contacts: u32,
    pub(crate) reasons: u32,
    pub(crate) length: Nanos,
}

/// A mailing to so many contacts; names go on and on, and some want to be markup.
pub(crate) fn crowd(size: Size) -> Record {
    let mut record = record();
    record.mailings.truncate(1);
    record.mailings[0].window_end = size.length;
    record.mailings[0].attempt_offsets = (0..4).map(|number| number * size.length / 4).collect();
    record.ended = size.length;
    record.timeline = spans(size);
    let (provider, contact, row) =
        (record.providers[0].clone(), record.contacts[0].clone(), record.verdicts[0].clone());
    record.providers = (0..size.providers)
        .map(|number| record::Provider {
            name: format!(
                "provider-{number:02}{}",
                [" <b>&\"'", "", "-with-a-name-that-goes-on-and-on"][number as usize % 3]
            ),
            hosts: vec![Host { name: "mx.test".into(), site: number % 3 }],
            ..provider.clone()
        })
        .collect();
    record.contacts = (0..size.contacts)
        .map(|number| record::Contact { provider: provider_of(number, size), ..contact.clone() })
        .collect();
    record.verdicts = (0..size.reasons)
        .map(|number| VerdictRow {
            category: format!(
                "reason-{number:02}{}",
                ["", "-that-nobody-can-say-in-a-few-words"][number as usize % 2]
            ),
            code: Some(450 + number as u16),
            ..row.clone()
        })
        .collect();
    record.events = (0..size.contacts).flat_map(|contact| life(contact, size)).collect();
    record.events.sort_by_key(|event| event.at);
    record.receipts.connections = connections(size);
    record.receipts.sequels.clear();
    record.receipts.arrivals.clear();
    record
}

/// The first providers have most contacts.
fn provider_of(contact: u32, size: Size) -> u32 {
    let spread = u64::from(contact) * u64::from(contact) / u64::from(size.contacts.max(1));
    (spread * u64::from(size.providers) / u64::from(size.contacts.max(1))) as u32
}

fn life(contact: u32, size: Size) -> Vec<Event> {
    let provider = provider_of(contact, size);
    let at = |number: u64| size.length / 64 * (number % 64) + u64::from(contact) % SECOND;
    let number = u64::from(contact);
    let verdict = contact % size.reasons;
    let (begun, ended) = (at(number % 16), at(number % 16 + number * number % 48));
    let outcome = match contact % 16 {
        0..=9 => Outcome::Delivered,
        10..=12 => Outcome::SoftBounced,
        13 | 14 => Outcome::HardBounced,
        _ => Outcome::Cancelled,
    };
    let attempt = (contact % 4 + 1) as u8;
    let kinds = [
        (0, EventKind::Selected),
        (begun, EventKind::AttemptBegun { attempt: 1, connection: 1 }),
        (begun, EventKind::AttemptEnded { attempt, verdict, retry_at: None }),
        (ended.max(begun), EventKind::Settled { outcome, cause: Cause::Answer, verdict: Some(verdict) }),
    ];
    kinds.into_iter().map(|(at, kind)| Event { at, provider, contact, mailing: Some(0), kind }).collect()
}

fn connections(size: Size) -> Vec<Connection> {
    let connection = |provider: u32, number: u32| Connection {
        provider,
        number,
        host: 0,
        opened: size.length / 100 * u64::from(number % 90),
        closed: size.length / 100 * u64::from(number % 90 + number % 7 + 1),
        messages: number % 100,
        end: ConnectionEnd::Quit,
        address: 1,
        rule: None,
    };
    let of = |provider| (1..=120 / (provider + 1) + 2).map(move |number| connection(provider, number));
    (0..size.providers).flat_map(of).collect()
}

fn spans(size: Size) -> Vec<Span> {
    let span = |number: u64| Span {
        name: [
            "outage <i>",
            "every night, as long as anybody can think",
            "",
            "slow",
            "one more",
            "and another",
        ][number as usize]
            .into(),
        from: size.length / 8 * number,
        until: (number != 3).then_some(size.length / 8 * (number + 2)),
        repeat: (number == 1).then_some(Repeat { every: size.length / 32, lasts: size.length / 96 }),
        provider: (number == 0).then_some(0),
        what: "connect: refuse".into(),
    };
    (0..6).map(span).collect()
}
