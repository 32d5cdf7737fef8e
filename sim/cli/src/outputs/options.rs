//! The options of a run as its manifest keeps them.

use record::files::{RunOptions, ServerKind, WireKind};

use crate::args::{Run, Server, Wire};

impl Run {
    /// The options that a result depends on.
    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            seed: self.seed,
            filter: self.filter.clone(),
            wire: match self.wire {
                Wire::Memory => WireKind::Memory,
                Wire::Lockstep => WireKind::Lockstep,
                Wire::Live => WireKind::Live,
            },
            server: match self.server {
                Server::Own => ServerKind::Own,
                Server::Mailin => ServerKind::Mailin,
            },
            repeat: self.repeat,
        }
    }
}
