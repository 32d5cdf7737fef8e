//! How limits are written: a number, or a map with a number and what happens beyond it.

use std::collections::BTreeMap;
use std::time::Duration;

use scenario::field::{required, with_default};
use scenario::{Field, Kind, Node, Problem, Problems, Reader, value};

use super::guard::{Block, Guard, Hosts};
use super::{Behaviour, DEFINITION, Limits, Measure, Roster, Then, Whose};
use crate::behaviour::factor::factor;
use crate::behaviour::wording::{USE, Wording};

/// The limits that are written once, in the order in which they are asked.
const LIMITS: [(&str, Measure, ReadAmount); 8] = [
    ("connections", Measure::Connections, number),
    ("connections_of_all", Measure::ConnectionsOfAll, number),
    ("new_connections", Measure::NewConnections, rate),
    ("messages_per_connection", Measure::MessagesPerConnection(Then::Refuse), number),
    ("recipients_per_message", Measure::RecipientsPerMessage, number),
    ("message_size", Measure::MessageSize, size),
    ("unknown_recipients_per_connection", Measure::UnknownRecipients, number),
    ("errors_per_connection", Measure::Errors, number),
];

const FIELDS: &[Field] = &[MAX, USE, BLOCK_FOR, ESCALATE, BLOCK_AT_MOST, HOSTS];
const MESSAGES_FIELDS: &[Field] = &[
    MAX,
    with_default("per", "client, sender_domain or recipient", "Whose messages are counted.", "client"),
    USE,
    BLOCK_FOR,
    ESCALATE,
    BLOCK_AT_MOST,
    HOSTS,
];
const SESSION_FIELDS: &[Field] = &[
    MAX,
    with_default(
        "then",
        "refuse or close",
        "Whether the next MAIL is refused, or the connection closed without a word.",
        "refuse",
    ),
    USE,
    BLOCK_FOR,
    ESCALATE,
    BLOCK_AT_MOST,
    HOSTS,
];

const MAX: Field = required("max", "number, rate or size", "How much is taken.");
const BLOCK_FOR: Field =
    with_default("block_for", "duration", "How long everything is refused afterwards.", "not at all");
const ESCALATE: Field =
    with_default("escalate", "factor", "How many times as long each further block is (`2x`).", "1x");
const BLOCK_AT_MOST: Field = with_default("block_at_most", "duration", "The longest block.", "1d");
const HOSTS: Field =
    with_default("hosts", "together or each", "Whether the MX hosts count together.", "together");

const DAY: Duration = Duration::from_secs(86_400);

/// How much: a number, for a rate in this period.
#[derive(Debug, Clone, Copy)]
struct Amount {
    max: u64,
    period: Option<Duration>,
}

type ReadAmount = fn(&Node, &mut Problems) -> Option<Amount>;

fn number(node: &Node, problems: &mut Problems) -> Option<Amount> {
    value::number(1..=1_000_000_u64)(node, problems).map(|max| Amount { max, period: None })
}

fn rate(node: &Node, problems: &mut Problems) -> Option<Amount> {
    value::rate(node, problems)
        .map(|rate| Amount { max: u64::from(rate.count()), period: Some(rate.period()) })
}

fn size(node: &Node, problems: &mut Problems) -> Option<Amount> {
    value::byte_size(node, problems).map(|size| Amount { max: size.0, period: None })
}

/// Reads what stands after `limits`.
pub(super) fn limits(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let place = reader.place();
    let mut guards: Vec<Guard> = Vec::new();
    let keys = || LIMITS.iter().map(|(key, ..)| *key).chain(["messages"]);
    if !keys().any(|key| reader.node(key).is_some()) {
        let problem = Problem::at(place, "`limits` without a limit", "nothing is limited");
        reader.problems().push(problem.help("write at least one, as in limits: { connections: 5 }"));
    }
    for (key, measure, amount) in LIMITS {
        guards.extend(reader.optional(key, |node, problems| guard(measure, amount, node, problems)));
        if measure == Measure::NewConnections {
            let messages = value::list(|node, problems: &mut Problems| {
                guard(Measure::Messages(Whose::Client), rate, node, problems)
            });
            guards.extend(reader.optional("messages", messages).unwrap_or_default());
        }
    }
    check_connections(&guards, &mut reader);
    reader.finish();
    Some(Box::new(Limits { guards, sessions: BTreeMap::new(), domains: Roster::default() }))
}

/// A limit of all that is below that of each can never be the other one's turn.
fn check_connections(guards: &[Guard], reader: &mut Reader<'_>) {
    let max_of = |measure| guards.iter().find(|guard| guard.measure == measure).map(|guard| guard.max);
    let (of_one, of_all) = (max_of(Measure::Connections), max_of(Measure::ConnectionsOfAll));
    if let (Some(of_one), Some(of_all), Some(node)) = (of_one, of_all, reader.node("connections"))
        && of_one > of_all
    {
        let message = format!("no client can have {of_one} connections where all together have {of_all}");
        let problem = Problem::at(node.place, message, "");
        reader
            .problems()
            .push(problem.help("make `connections_of_all` as large as `connections`, or larger"));
    }
}

fn guard(measure: Measure, amount: ReadAmount, node: &Node, problems: &mut Problems) -> Option<Guard> {
    if !matches!(node.kind, Kind::Map(_)) {
        let Amount { max, period } = amount(node, problems)?;
        let words = Wording::Situation(measure.situation());
        return Some(Guard::new(measure, max, period, words, None, Hosts::Together));
    }
    let fields = match measure {
        Measure::Messages(_) => MESSAGES_FIELDS,
        Measure::MessagesPerConnection(_) => SESSION_FIELDS,
        Measure::Connections
        | Measure::ConnectionsOfAll
        | Measure::NewConnections
        | Measure::RecipientsPerMessage
        | Measure::MessageSize
        | Measure::UnknownRecipients
        | Measure::Errors => FIELDS,
    };
    let mut reader = Reader::new("a limit", fields, node, problems)?;
    let measure = refined(measure, &mut reader);
    let amount = reader.required("max", amount);
    let words = reader.optional("use", Wording::read);
    let block = block(&mut reader);
    let hosts =
        reader.optional("hosts", value::one_of(&[("together", Hosts::Together), ("each", Hosts::Each)]));
    reader.finish();
    let Amount { max, period } = amount?;
    let words = words.unwrap_or(Wording::Situation(measure.situation()));
    Some(Guard::new(measure, max, period, words, block, hosts.unwrap_or(Hosts::Together)))
}

/// The measure with what only it has.
fn refined(measure: Measure, reader: &mut Reader<'_>) -> Measure {
    const WHOSE: &[(&str, Whose)] =
        &[("client", Whose::Client), ("sender_domain", Whose::SenderDomain), ("recipient", Whose::Recipient)];
    const THEN: &[(&str, Then)] = &[("refuse", Then::Refuse), ("close", Then::Close)];
    match measure {
        Measure::Messages(usual) => {
            Measure::Messages(reader.optional("per", value::one_of(WHOSE)).unwrap_or(usual))
        }
        Measure::MessagesPerConnection(usual) => {
            let then = reader.optional("then", value::one_of(THEN)).unwrap_or(usual);
            if let (Then::Close, Some(node)) = (then, reader.node("use")) {
                let problem =
                    Problem::at(node.place, "`then: close` closes without a word", "no words are said");
                reader.problems().push(problem.help("leave `use` out, or write `then: refuse`"));
            }
            Measure::MessagesPerConnection(then)
        }
        other @ (Measure::Connections
        | Measure::ConnectionsOfAll
        | Measure::NewConnections
        | Measure::RecipientsPerMessage
        | Measure::MessageSize
        | Measure::UnknownRecipients
        | Measure::Errors) => other,
    }
}

fn block(reader: &mut Reader<'_>) -> Option<Block> {
    let first = reader.optional("block_for", value::duration);
    let factor = reader.optional("escalate", factor);
    let at_most = reader.optional("block_at_most", value::duration);
    for (key, needs) in [("escalate", "block_for"), ("block_at_most", "escalate")] {
        if let (Some(node), None) = (reader.node(key), reader.node(needs)) {
            let problem = Problem::at(node.place, format!("`{key}` without `{needs}` changes nothing"), "");
            reader.problems().push(problem.help("write block_for: 10m, escalate: 2x, block_at_most: 1d"));
        }
    }
    let at_most = at_most.unwrap_or_else(|| first.unwrap_or(DAY).max(DAY));
    if let (Some(first), Some(node)) = (first.filter(|first| *first > at_most), reader.node("block_at_most"))
    {
        let message = format!("the first block is longer than the longest: {}", units::Span(first));
        let problem = Problem::at(node.place, message, "");
        reader.problems().push(problem.help("make `block_at_most` as long as `block_for`, or longer"));
    }
    Some(Block { first: first?, factor: factor.unwrap_or(1), at_most })
}
