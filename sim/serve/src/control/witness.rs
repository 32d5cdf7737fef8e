//! What others may be shown of a fleet that is being served.

use fleet::Receipts;
use units::Instant;

use super::desk::Desk;

/// Somebody who can say at any time what the fleet has seen; its clones are one.
#[derive(Clone)]
pub struct Witness(pub(super) Desk);

/// What a fleet has seen so far.
#[derive(Debug, Clone)]
pub struct Testimony {
    /// The receipts: what was decided and has happened by now.
    pub receipts: Receipts,
    /// The present moment of the service's time.
    pub now: Instant,
    /// The providers, by their indices in the receipts.
    pub providers: Vec<fleet::Who>,
}

impl Witness {
    /// What the fleet has seen since its start, or since it was reset; `None` when the service is stopping.
    pub async fn testimony(&self) -> Option<Testimony> {
        let told = self.0.ask(|hall| {
            let now = hall.clock.now();
            hall.fleet(|fleet| Testimony { receipts: fleet.receipts(now), now, providers: fleet.who() })
        });
        told.await.ok()
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}
