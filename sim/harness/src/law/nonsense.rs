//! Records that no engine writes: whatever stands in them, no law panics. For tests only.

use record::{Cause, EventKind, Outcome, Rate, Record};
use units::Draw;

use super::sample;

/// Damage that no engine does, at places drawn from a seed: it may be found or not, but nothing panics.
#[test]
fn no_record_makes_a_law_panic() {
    for number in 0..2000 {
        let draw = Draw::new(number, "damage");
        let mut record = sample::lawful();
        for blow in 0..draw.with_text("blows").below(8) {
            damage(&mut record, draw.with(blow));
        }
        super::check(&record);
    }
}

fn damage(record: &mut Record, draw: Draw) {
    let pick = |label, length: usize| draw.with_text(label).below(length as u64) as usize;
    let value = [0, 1, 7, u64::MAX - 1, u64::MAX][pick("value", 5)];
    let (events, arrivals) = (record.events.len(), record.receipts.arrivals.len());
    let connections = record.receipts.connections.len();
    if events == 0 || arrivals == 0 || connections == 0 || record.mailings.is_empty() {
        return;
    }
    let event = &mut record.events[pick("event", events)];
    let arrival = &mut record.receipts.arrivals[pick("arrival", arrivals)];
    let connection = &mut record.receipts.connections[pick("connection", connections)];
    match pick("place", 25) {
        0 => event.at = value,
        1 => event.provider = value as u32,
        2 => event.contact = value as u32,
        3 => event.mailing = [None, Some(value as u16)][pick("mailing", 2)],
        4 => event.kind = EventKind::AttemptBegun { attempt: value as u8, connection: value as u32 },
        5 => {
            event.kind = EventKind::AttemptEnded {
                attempt: value as u8,
                verdict: value as u32,
                retry_at: Some(value),
            };
        }
        6 => event.kind = EventKind::Uncounted { verdict: value as u32 },
        7 => arrival.at = value,
        8 => arrival.provider = value as u32,
        9 => arrival.connection = value as u32,
        10 => arrival.sender = value as u32,
        11 => arrival.recipient = value as u32,
        12 => connection.provider = value as u32,
        13 => connection.number = value as u32,
        14 => (connection.opened, connection.messages) = (value, value as u32),
        15 => connection.closed = value,
        16 => record.contacts.truncate(pick("contacts", 16)),
        17 => record.providers.truncate(pick("providers", 3)),
        18 => record.mailings.truncate(pick("mailings", 5)),
        19 => record.verdicts.truncate(pick("verdicts", 10)),
        20 => connection.host = value as u32,
        21 => record.providers.iter_mut().for_each(|provider| provider.hosts.clear()),
        22 => {
            let rate = Some(Rate { recipients: value as u32, period: value });
            record.providers.iter_mut().for_each(|provider| provider.limits.rate = rate);
            event.kind =
                EventKind::Settled { outcome: Outcome::Dropped, cause: Cause::HeldBack, verdict: None };
        }
        23 => record.reactivations.iter_mut().for_each(|one| one.contact = value as u32),
        _ => record.mailings[0].attempt_offsets.push(value),
    }
}
