//! Finds the connection that a receipt belongs to.
//!
//! Its own file because two laws ask for it, once for each of many receipts. How connections ended is not judged here.

use record::{Arrival, Connection, Record};

/// The connections of a record, by provider and number.
pub(super) struct Connections<'r> {
    connections: &'r [Connection],
    /// Where each provider's connections start.
    starts: Vec<usize>,
}

impl<'r> Connections<'r> {
    pub(super) fn new(record: &'r Record) -> Self {
        let connections = record.receipts.connections.as_slice();
        let start =
            |provider| connections.partition_point(|connection| (connection.provider as usize) < provider);
        Self { connections, starts: (0..record.providers.len()).map(start).collect() }
    }

    /// The connection that `arrival` names, if there is one.
    pub(super) fn carrying(&self, arrival: &Arrival) -> Option<&'r Connection> {
        let index = (arrival.connection as usize).checked_sub(1)?;
        let connection = self.connections.get(self.starts.get(arrival.provider as usize)? + index)?;
        (connection.provider == arrival.provider).then_some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample;

    #[test]
    fn a_receipt_names_its_connection() {
        let record = sample::lawful();
        let connections = Connections::new(&record);
        for arrival in &record.receipts.arrivals {
            let found = connections.carrying(arrival).expect("a connection");
            assert_eq!((found.provider, found.number), (arrival.provider, arrival.connection));
        }
    }

    #[test]
    fn there_may_be_no_such_connection() {
        let record = sample::lawful();
        let connections = Connections::new(&record);
        let arrival = record.receipts.arrivals[0];
        let last = record.receipts.connections.iter().filter(|one| one.provider == 0).count() as u32;
        for (provider, connection) in [(0, 0), (0, last + 1), (1, u32::MAX), (2, 1)] {
            assert!(connections.carrying(&Arrival { provider, connection, ..arrival }).is_none());
        }
    }
}
