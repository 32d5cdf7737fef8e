//! What one provider writes down while a run goes on; its part of the receipts.
//!
//! A recipient's row is written when it is named and filled in when it is decided. So each recipient of each
//! transaction has exactly one row, whatever happens in between.

use units::Instant;

use crate::checks::Findings;
use crate::receipts::{Answered, ConnectionEnd, Sequel};
use crate::{Arrival, Connection, Roster};

/// The rows of one provider.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    connections: Vec<Logged>,
    rows: Vec<Row>,
    sequels: Vec<Sequel>,
    /// Return paths.
    pub(crate) senders: Roster,
}

#[derive(Debug)]
struct Logged {
    host: u32,
    address: u32,
    opened: Instant,
    closed: Option<(Instant, ConnectionEnd)>,
    messages: u32,
    /// The rule because of which the server closed it.
    rule: Option<u32>,
}

#[derive(Debug)]
struct Row {
    at: Instant,
    connection: u32,
    sender: u32,
    recipient: u32,
    /// `None` as long as nothing is decided, which may last beyond the end of a run.
    answer: Option<Answered>,
    /// The rule that decided it.
    rule: Option<u32>,
    findings: Findings,
}

impl Journal {
    /// The number that the next connection will have.
    pub(crate) fn next_connection(&self) -> u32 {
        u32::try_from(self.connections.len() + 1).expect("connections are counted in 32 bits")
    }

    /// A connection was accepted by the provider's host with this index, at the address with this number.
    pub(crate) fn open(&mut self, host: u32, address: u32, at: Instant) {
        self.connections.push(Logged { host, address, opened: at, closed: None, messages: 0, rule: None });
    }

    /// A connection ended; if that is before it was open, the client gave up while it was being opened.
    pub(crate) fn close(&mut self, connection: u32, at: Instant, end: ConnectionEnd, rule: Option<u32>) {
        let logged = &mut self.connections[connection as usize - 1];
        logged.opened = logged.opened.min(at);
        logged.closed = Some((at, end));
        logged.rule = rule;
    }

    /// The first recipient of a transaction was named.
    pub(crate) fn count_message(&mut self, connection: u32) {
        self.connections[connection as usize - 1].messages += 1;
    }

    /// A recipient was named, and nothing is decided yet; its row.
    pub(crate) fn name(&mut self, at: Instant, connection: u32, sender: u32, recipient: u32) -> u32 {
        self.rows.push(Row {
            at,
            connection,
            sender,
            recipient,
            answer: None,
            rule: None,
            findings: Findings::default(),
        });
        u32::try_from(self.rows.len() - 1).expect("recipients are counted in 32 bits")
    }

    /// What became of a recipient, and the rule that decided it, if it was one.
    pub(crate) fn settle(&mut self, row: u32, at: Instant, answer: Answered, rule: Option<u32>) {
        let row = &mut self.rows[row as usize];
        (row.at, row.answer, row.rule) = (at, Some(answer), rule);
    }

    /// What was found out about a recipient's message and who sends it.
    pub(crate) fn found(&mut self, row: u32, findings: Findings) {
        self.rows[row as usize].findings = findings;
    }

    /// It turned out that the client did not hear that the message was accepted.
    pub(crate) fn not_heard(&mut self, row: u32) {
        let answer = &mut self.rows[row as usize].answer;
        if let Some(Answered::Accepted { body_hash, body_bytes }) = *answer {
            *answer = Some(Answered::AcceptedReplyLost { body_hash, body_bytes });
        }
    }

    /// Something happens to an accepted message, possibly later.
    pub(crate) fn foretell(&mut self, sequel: Sequel) {
        self.sequels.push(sequel);
    }

    /// What happens to accepted messages, as it was decided. Senders and recipients have their numbers of this provider.
    pub(crate) fn sequels(&self) -> impl Iterator<Item = Sequel> {
        self.sequels.iter().copied()
    }

    /// The connections of the provider with this index, in a run that ended at `end`.
    pub(crate) fn connections(&self, provider: u32, end: Instant) -> impl Iterator<Item = Connection> {
        (1..).zip(&self.connections).map(move |(number, logged)| {
            let (closed, how) = logged.closed.unwrap_or((end.max(logged.opened), ConnectionEnd::StillOpen));
            let Logged { host, address, opened, messages, rule, .. } = *logged;
            Connection { provider, number, host, opened, closed, messages, end: how, address, rule }
        })
    }

    /// The arrivals of the provider with this index, as they were written down; what was to be answered after its
    /// connection had ended was decided by its end. Of those that are not decided `undecided` is said; without it they are
    /// left out. Senders and recipients have their numbers of this provider.
    pub(crate) fn arrivals(
        &self,
        provider: u32,
        undecided: Option<Answered>,
    ) -> impl Iterator<Item = Arrival> {
        let arrival = move |row: &Row| Some(self.arrival(provider, row, row.answer.or(undecided)?));
        self.rows.iter().filter_map(arrival)
    }

    /// The arrivals that are decided already.
    pub(crate) fn decided(&self, provider: u32) -> impl Iterator<Item = Arrival> {
        self.arrivals(provider, None)
    }

    fn arrival(&self, provider: u32, row: &Row, answer: Answered) -> Arrival {
        let Row { at, connection, sender, recipient, rule, findings, .. } = *row;
        let closed = self.connections[connection as usize - 1].closed;
        let at = closed.map_or(at, |(closed, _)| at.min(closed));
        Arrival { at, provider, connection, sender, recipient, answer, rule, findings }
    }

    /// The index of the host that accepted a connection.
    pub(crate) fn host(&self, connection: u32) -> usize {
        self.connections[connection as usize - 1].host as usize
    }

    /// Whether so many rows are written that another would be one too many.
    pub(crate) fn is_full(&self, capacity: usize) -> bool {
        self.rows.len().max(self.connections.len()) >= capacity
    }
}
