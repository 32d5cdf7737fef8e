//! The wires: how the engine reaches the fleet.
//!
//! - `memory`: a connection is its server; nothing is real
//! - `sockets`: real sockets on loopback, on virtual time (lockstep) or real time (live)
//! - `names`: the DNS
//! - `real`: real time
//! - `referee`: beside memory, a server that we did not write hears the engine and says the answers
//! - `witness`, `trouble`: how somebody else hears what is said in memory, and what ends a run from within
//! - `gate`, `watched`: why virtual time stands still while something is on its way

pub(crate) mod gate;
mod memory;
mod names;
#[cfg(test)]
pub(crate) mod one_host;
mod real;
pub(crate) mod referee;
mod sockets;
mod trouble;
mod watched;
mod witness;

pub(crate) use memory::MemoryWire;
pub(crate) use names::Names;
pub(crate) use sockets::SocketWire;

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use engine::clock::Clock;
use engine::port::Connector;
use fleet::Fleet;
use host::clock::Epoch;

use self::gate::Gate;
use self::real::RealTime;
use self::referee::{Census, Clerk, Referee, Summons};
use self::trouble::Trouble;
use crate::clock::{Halt, VirtualTime};
use crate::progress::Progress;

/// How long nothing may move, in real time, while virtual time stands still for it. Loopback answers in microseconds; this
/// is for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the engine reaches the fleet, and what time that takes. Memory and lockstep come to the same record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wire {
    /// In memory, on virtual time.
    #[default]
    Memory,
    /// Over real sockets on loopback, on virtual time.
    Lockstep,
    /// Over real sockets on loopback, in real time.
    Live,
}

/// The wire of a run, for all of its shards.
#[derive(Debug)]
pub(crate) enum Course {
    Memory,
    /// In memory, and what the referee could not do is counted.
    Rehearsal(Arc<Census>),
    Lockstep,
    /// In lockstep with the referee.
    Refereed(Arc<Summons>),
    /// The run began then.
    Live(Epoch),
}

/// The time of one world.
pub(crate) enum Time {
    Memory(VirtualTime, Hearing),
    Lockstep(VirtualTime, Arc<Gate>),
    Live(RealTime),
}

/// Who hears what is said in memory, beside the server.
pub(crate) enum Hearing {
    Nobody,
    Clerk(Arc<Census>),
    Referee(Arc<Summons>),
}

/// A wire that stands.
pub(crate) enum Laid {
    Memory(Rc<MemoryWire>),
    Sockets(Rc<SocketWire>),
}

impl Wire {
    /// Begins a run.
    pub(crate) fn course(self) -> Course {
        match self {
            Self::Memory => Course::Memory,
            Self::Lockstep => Course::Lockstep,
            Self::Live => Course::Live(Epoch::now()),
        }
    }
}

impl Course {
    /// The time of a world; `progress` can call it off.
    pub(crate) fn time(&self, progress: Arc<Progress>) -> Time {
        match self {
            Self::Memory => Time::Memory(VirtualTime::new(progress), Hearing::Nobody),
            Self::Rehearsal(census) => {
                Time::Memory(VirtualTime::new(progress), Hearing::Clerk(Arc::clone(census)))
            }
            Self::Refereed(summons) => {
                Time::Memory(VirtualTime::new(progress), Hearing::Referee(Arc::clone(summons)))
            }
            Self::Lockstep => {
                let gate = Arc::new(Gate::default());
                Time::Lockstep(VirtualTime::over_sockets(progress, Arc::clone(&gate), PATIENCE), gate)
            }
            Self::Live(epoch) => Time::Live(RealTime::new(*epoch, progress)),
        }
    }
}

impl Time {
    pub(crate) fn clock(&self) -> Clock {
        match self {
            Self::Memory(time, _) | Self::Lockstep(time, _) => time.clock(),
            Self::Live(time) => time.clock(),
        }
    }

    /// Runs `work` to its end.
    ///
    /// # Errors
    /// Time came to an end first.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        match self {
            Self::Memory(time, _) | Self::Lockstep(time, _) => time.run(work),
            Self::Live(time) => time.run(work),
        }
    }

    /// Lays the wire to `fleet`.
    ///
    /// # Errors
    /// There are no sockets or no referee, or time came to an end.
    pub(crate) fn lay(&self, fleet: &Rc<RefCell<Fleet>>) -> Result<Laid, Halt> {
        let (fleet, clock) = (Rc::clone(fleet), self.clock());
        let gate = match self {
            Self::Memory(_, hearing) => return hearing.lay(MemoryWire::new(fleet, clock)),
            Self::Lockstep(_, gate) => Some(Arc::clone(gate)),
            Self::Live(_) => None,
        };
        let wire = self.run(SocketWire::open(fleet, clock, gate))?;
        wire.map(|wire| Laid::Sockets(Rc::new(wire)))
            .map_err(|error| Halt::NoSockets { why: error.to_string() })
    }
}

impl Hearing {
    fn lay(&self, wire: MemoryWire) -> Result<Laid, Halt> {
        let trouble = Rc::new(Trouble::default());
        let wire = match self {
            Self::Nobody => wire,
            Self::Clerk(census) => wire.heard_by(Box::new(Clerk::new(Arc::clone(census))), trouble),
            Self::Referee(summons) => {
                let referee = Referee::start(summons, Rc::clone(&trouble));
                wire.heard_by(Box::new(referee.map_err(|why| Halt::NoReferee { why })?), trouble)
            }
        };
        Ok(Laid::Memory(Rc::new(wire)))
    }
}

impl Laid {
    pub(crate) fn connector(&self) -> Rc<dyn Connector> {
        match self {
            Self::Memory(wire) => Rc::<MemoryWire>::clone(wire),
            Self::Sockets(wire) => Rc::<SocketWire>::clone(wire),
        }
    }

    /// Does `work`, and waits until every connection is closed at both ends.
    ///
    /// # Errors
    /// The operating system refuses a socket, or the referee objects.
    pub(crate) async fn carry<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        match self {
            Self::Memory(wire) => wire.carry(work).await,
            Self::Sockets(wire) => wire.carry(work).await,
        }
    }
}
