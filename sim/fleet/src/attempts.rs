//! How often recipients were named: what conditions on attempts ask. Counted only if any of a provider's asks it.

use units::Table;

use crate::behaviour::Visit;

/// How often each recipient was named by each sender.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Table<(u32, u32), u32>);

impl Attempts {
    /// Counts another one; its number, from 1.
    pub(crate) fn count(&mut self, visit: &Visit, recipient: u32) -> u32 {
        let count = self.0.entry((visit.sender_number, recipient)).or_default();
        *count = count.saturating_add(1);
        *count
    }
}
