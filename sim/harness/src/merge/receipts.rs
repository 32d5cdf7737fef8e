//! The receipts of all shards.

use std::collections::BTreeMap;

use fleet::Answered;
use record::{Answer, Arrival, Checks, Connection, ConnectionEnd, Happening, Phase, Receipts, Sequel};

use super::numbering::Numbering;

/// The receipts of all shards in the record's order, senders and recipients numbered in order of first use.
pub(super) fn merged(shards: Vec<fleet::Receipts>) -> Receipts {
    let mut merged = Receipts::default();
    let mut names = Numbering::new();
    let mut recipients = Numbering::new();
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
        merged.sequels.extend(shard.sequels.iter().map(|happened| Sequel {
            sender: senders[happened.sender as usize],
            recipient: known[happened.recipient as usize],
            ..sequel(happened)
        }));
    }
    merged.connections.sort_by_key(|connection| (connection.provider, connection.number));
    merged.arrivals.sort_by_key(|arrival| (arrival.at, arrival.provider, arrival.connection));
    merged.sequels.sort_by_key(|sequel| (sequel.at, sequel.provider, sequel.connection));
    // What has a sequel has arrived, so arrivals use every name first.
    let (arrivals, sequels) = (&mut merged.arrivals, &mut merged.sequels);
    let of_arrivals = arrivals.iter_mut().map(|arrival| &mut arrival.sender);
    merged.senders = names.by_first_use(of_arrivals.chain(sequels.iter_mut().map(|one| &mut one.sender)));
    let of_arrivals = arrivals.iter_mut().map(|arrival| &mut arrival.recipient);
    merged.recipients =
        recipients.by_first_use(of_arrivals.chain(sequels.iter_mut().map(|one| &mut one.recipient)));
    merged
}

/// What each provider does and how often it did, by the provider's index; taken out of the receipts.
pub(super) fn rules(shards: &mut [fleet::Receipts]) -> BTreeMap<u32, Vec<fleet::RuleUse>> {
    let of_shard = |shard: &mut fleet::Receipts| std::mem::take(&mut shard.rules);
    shards.iter_mut().flat_map(of_shard).collect()
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
        rule: seen.rule,
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
        rule: seen.rule,
        checks: checks(seen.findings),
    }
}

fn checks(findings: fleet::Findings) -> Checks {
    let words = findings.iter().map(|(check, finding)| (check.key(), finding.word()));
    Checks::of(words).expect("a record knows all checks of a fleet")
}

fn sequel(happened: &fleet::Sequel) -> Sequel {
    Sequel {
        at: happened.at.as_nanos(),
        provider: happened.provider,
        connection: happened.connection,
        sender: happened.sender,
        recipient: happened.recipient,
        body_hash: happened.body_hash,
        what: match happened.what {
            fleet::Happening::Inbox => Happening::Inbox,
            fleet::Happening::SpamFolder => Happening::SpamFolder,
            fleet::Happening::Lost => Happening::Lost,
            fleet::Happening::Forwarded => Happening::Forwarded,
            fleet::Happening::BouncedLater => Happening::BouncedLater,
            fleet::Happening::AutoReplied => Happening::AutoReplied,
            fleet::Happening::Opened => Happening::Opened,
            fleet::Happening::Clicked => Happening::Clicked,
            fleet::Happening::Complained => Happening::Complained,
            fleet::Happening::Unsubscribed => Happening::Unsubscribed,
        },
    }
}

const fn phase(phase: fleet::Phase) -> Phase {
    match phase {
        fleet::Phase::Connect => Phase::Connect,
        fleet::Phase::Greeting => Phase::Greeting,
        // Nothing is said about mail before the session stands.
        fleet::Phase::Ehlo | fleet::Phase::StartTls | fleet::Phase::TlsHandshake | fleet::Phase::Auth => {
            Phase::Ehlo
        }
        // Nor by what is said between two messages.
        fleet::Phase::Mail
        | fleet::Phase::Rset
        | fleet::Phase::Noop
        | fleet::Phase::Vrfy
        | fleet::Phase::Quit
        | fleet::Phase::Idle => Phase::Mail,
        fleet::Phase::Rcpt => Phase::Rcpt,
        fleet::Phase::Data | fleet::Phase::Bdat => Phase::Data,
        fleet::Phase::Body => Phase::Body,
        fleet::Phase::EndOfData => Phase::EndOfData,
    }
}
