//! The gate of virtual time over real sockets: while bytes are on their way, it is shut.
//!
//! A way leads from one end of a connection to the other. It is busy when something was sent on it that its other end
//! waits for and has not seen. What nobody waits for does not count: a client that is told to pause does not read, and
//! time has to go on for it. The table of busy ways is what a stalled run is explained with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which ways are busy. Shared between a world and whoever watches it from another thread.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    busy: BTreeMap<(u64, End), String>,
    /// Changes so far, by which a watcher sees that something goes on.
    moves: u64,
    connections: u64,
}

/// An end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Engine,
    Server,
}

impl End {
    const fn other(self) -> Self {
        match self {
            Self::Engine => Self::Server,
            Self::Server => Self::Engine,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine => "engine",
            Self::Server => "server",
        })
    }
}

impl Gate {
    /// Whether something is on its way.
    pub(crate) fn is_shut(&self) -> bool {
        !self.state().busy.is_empty()
    }

    /// How much has happened so far.
    pub(crate) fn moves(&self) -> u64 {
        self.state().moves
    }

    /// What is on its way, a line each.
    pub(crate) fn table(&self) -> Vec<String> {
        self.state().busy.values().cloned().collect()
    }

    /// Something that is not part of a connection begins; it ends when the answer is dropped.
    pub(crate) fn shut(self: &Arc<Self>, what: String) -> Shut {
        let number = self.next_number();
        self.note(number, End::Engine, Some(what));
        Shut { gate: Arc::clone(self), number }
    }

    fn next_number(&self) -> u64 {
        let mut state = self.state();
        state.connections += 1;
        state.connections
    }

    fn note(&self, connection: u64, from: End, busy: Option<String>) {
        let mut state = self.state();
        state.moves += 1;
        match busy {
            Some(words) => state.busy.insert((connection, from), words),
            None => state.busy.remove(&(connection, from)),
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the gate shut.
#[derive(Debug)]
pub(crate) struct Shut {
    gate: Arc<Gate>,
    number: u64,
}

impl Drop for Shut {
    fn drop(&mut self) {
        self.gate.note(self.number, End::Engine, None);
    }
}

/// The two ways of a connection.
#[derive(Debug)]
pub(crate) struct Ways {
    gate: Arc<Gate>,
    connection: u64,
    /// What the connection is called in the table.
    name: String,
    from_engine: Way,
    from_server: Way,
}

/// What one end has sent, and what the other has seen of it.
#[derive(Debug, Default)]
struct Way {
    sent: u64,
    seen: u64,
    closing: Closing,
    /// The other end waits for what comes.
    awaited: bool,
    /// The sender waits until there is room for more.
    blocked: bool,
}

/// How far the end of a way has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Closing {
    #[default]
    Open,
    Sent,
    Seen,
}

/// Something that happened at an end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// It sent so many bytes.
    Sent(usize),
    /// It wants to send, and there is no room.
    Blocked,
    /// It sent its last.
    Closed,
    /// It read so many bytes.
    Read(usize),
    /// It waits for something to read.
    Waits,
    /// It learned that nothing more will come.
    ReadEnd,
    /// It is gone: sends and reads no more.
    Gone,
}

impl Ways {
    /// The ways of a new connection.
    pub(crate) fn new(gate: &Arc<Gate>, name: String) -> Self {
        let connection = gate.next_number();
        let (from_engine, from_server) = Default::default();
        Self { gate: Arc::clone(gate), connection, name, from_engine, from_server }
    }

    /// Something happened at this end.
    pub(crate) fn happened(&mut self, end: End, event: Event) {
        let (out, back) = match end {
            End::Engine => (&mut self.from_engine, &mut self.from_server),
            End::Server => (&mut self.from_server, &mut self.from_engine),
        };
        match event {
            Event::Sent(bytes) => {
                out.sent += bytes as u64;
                out.blocked = false;
            }
            Event::Blocked => out.blocked = true,
            Event::Closed => out.close(),
            Event::Read(bytes) => {
                back.seen += bytes as u64;
                back.awaited = false;
            }
            Event::Waits => back.awaited = true,
            Event::ReadEnd => (back.closing, back.awaited) = (Closing::Seen, false),
            Event::Gone => {
                out.close();
                back.awaited = false;
            }
        }
        self.note(end);
        self.note(end.other());
    }

    fn note(&self, from: End) {
        let way = match from {
            End::Engine => &self.from_engine,
            End::Server => &self.from_server,
        };
        let words = way.busy().map(|what| {
            format!("{}: {what} from the {from}, which the {} has not seen", self.name, from.other())
        });
        self.gate.note(self.connection, from, words);
    }
}

impl Way {
    fn close(&mut self) {
        self.blocked = false;
        if self.closing == Closing::Open {
            self.closing = Closing::Sent;
        }
    }

    /// What is on its way; nothing if nobody waits for it.
    fn busy(&self) -> Option<String> {
        match (self.awaited, self.sent - self.seen, self.blocked, self.closing) {
            (false, ..) => None,
            (true, 0, false, Closing::Open | Closing::Seen) => None,
            (true, 0, _, Closing::Sent) => Some("the end".to_owned()),
            (true, 0, true, _) => Some("more than there was room for".to_owned()),
            (true, bytes, ..) => Some(format!("{bytes} bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_for_what_is_awaited() {
        let gate = Arc::new(Gate::default());
        let mut ways = Ways::new(&gate, "connection 1 to mx.test".to_owned());
        let check = |ways: &mut Ways, end, event, table: &[&str]| {
            ways.happened(end, event);
            assert_eq!(gate.table(), table, "after {event:?} at the {end}");
            assert_eq!(gate.is_shut(), !table.is_empty());
        };
        let greeting = "connection 1 to mx.test: 9 bytes from the server, which the engine has not seen";
        check(&mut ways, End::Server, Event::Sent(9), &[]);
        check(&mut ways, End::Engine, Event::Waits, &[greeting]);
        check(&mut ways, End::Engine, Event::Read(9), &[]);
        check(&mut ways, End::Server, Event::Waits, &[]);
        let full = "connection 1 to mx.test: more than there was room for from the engine, which the server has not seen";
        check(&mut ways, End::Engine, Event::Blocked, &[full]);
        let end = "connection 1 to mx.test: the end from the engine, which the server has not seen";
        check(&mut ways, End::Engine, Event::Gone, &[end]);
        check(&mut ways, End::Server, Event::ReadEnd, &[]);
        check(&mut ways, End::Server, Event::Gone, &[]);
        assert_eq!(gate.moves(), 16);
    }

    #[test]
    fn what_is_no_connection_shuts_the_gate_too() {
        let gate = Arc::new(Gate::default());
        let shut = gate.shut("connecting to mx.test".to_owned());
        assert_eq!(gate.table(), ["connecting to mx.test"]);
        drop(shut);
        assert!(!gate.is_shut());
    }
}
