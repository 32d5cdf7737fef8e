//! The receipts of all shards.

use fleet::Answered;
use record::{Answer, Arrival, Connection, ConnectionEnd, Phase, Receipts};
use units::Table;

/// The receipts of all shards in the record's order, senders and recipients numbered in order of first use.
pub(super) fn merged(shards: Vec<fleet::Receipts>) -> Receipts {
    let mut merged = Receipts::default();
    let mut names = Names::default();
    let mut recipients = Names::default();
    for shard in shards {
        merged.open_at_the_end += shard.open_at_the_end;
        merged.connections.extend(shard.connections.iter().map(connection));
        let senders = names.enter(shard.senders);
        let known = recipients.enter(shard.recipients);
        merged.arrivals.extend(shard.arrivals.iter().map(|arrived| Arrival {
            sender: senders[arrived.sender as usize],
            recipient: known[arrived.recipient as usize],
            ..arrival(arrived)
        }));
    }
    merged.connections.sort_by_key(|connection| (connection.provider, connection.number));
    merged.arrivals.sort_by_key(|arrival| (arrival.at, arrival.provider, arrival.connection));
    // Only now is it known who comes first: until here, names stand in the order of the shards.
    let arrivals = &mut merged.arrivals;
    merged.senders = by_first_use(names.names, arrivals.iter_mut().map(|arrival| &mut arrival.sender));
    merged.recipients =
        by_first_use(recipients.names, arrivals.iter_mut().map(|arrival| &mut arrival.recipient));
    merged
}

/// The names in the order in which `uses` come; the uses are renumbered.
fn by_first_use<'a>(mut names: Vec<String>, uses: impl Iterator<Item = &'a mut u32>) -> Vec<String> {
    let mut new_numbers = vec![None; names.len()];
    let mut ordered = Vec::with_capacity(names.len());
    for number in uses {
        let old = *number as usize;
        *number = *new_numbers[old].get_or_insert_with(|| {
            ordered.push(std::mem::take(&mut names[old]));
            u32::try_from(ordered.len() - 1).expect("no more than before")
        });
    }
    ordered
}

fn connection(seen: &fleet::Connection) -> Connection {
    Connection {
        provider: seen.provider,
        number: seen.number,
        host: seen.host,
        opened: seen.opened.as_nanos(),
        closed: seen.closed.as_nanos(),
        messages: seen.messages,
        end: match seen.end {
            fleet::ConnectionEnd::Quit => ConnectionEnd::Quit,
            fleet::ConnectionEnd::ClientClosed => ConnectionEnd::ClientClosed,
            fleet::ConnectionEnd::ServerClosed => ConnectionEnd::ServerClosed,
            fleet::ConnectionEnd::StillOpen => ConnectionEnd::StillOpen,
        },
    }
}

fn arrival(seen: &fleet::Arrival) -> Arrival {
    Arrival {
        at: seen.at.as_nanos(),
        provider: seen.provider,
        connection: seen.connection,
        sender: seen.sender,
        recipient: seen.recipient,
        answer: match seen.answer {
            Answered::Accepted { body_hash, body_bytes } => Answer::Accepted { body_hash, body_bytes },
            Answered::AcceptedReplyLost { body_hash, body_bytes } => {
                Answer::AcceptedReplyLost { body_hash, body_bytes }
            }
            Answered::Refused { phase: at, code } => Answer::Refused { phase: phase(at), code },
            Answered::Unfinished => Answer::Unfinished,
        },
    }
}

const fn phase(phase: fleet::Phase) -> Phase {
    match phase {
        fleet::Phase::Greeting => Phase::Greeting,
        fleet::Phase::Ehlo => Phase::Ehlo,
        fleet::Phase::Mail => Phase::Mail,
        fleet::Phase::Rcpt => Phase::Rcpt,
        fleet::Phase::Data => Phase::Data,
        fleet::Phase::EndOfData => Phase::EndOfData,
    }
}

/// Names, numbered in the order in which they are entered.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    numbers: Table<String, u32>,
}

impl Names {
    /// Enters names; answers with their numbers.
    fn enter(&mut self, names: Vec<String>) -> Vec<u32> {
        names
            .into_iter()
            .map(|name| {
                if let Some(number) = self.numbers.get(&name) {
                    return *number;
                }
                let number = u32::try_from(self.names.len()).expect("fewer than four billion names");
                self.names.push(name.clone());
                self.numbers.insert(name, number);
                number
            })
            .collect()
    }
}
