//! The Response page of a fleet that is served: what its servers have seen so far, at the control port.

use std::future::ready;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use harness::served::{self, Served};
use host::clock::{Epoch, SystemClock};
use serve::Witness;

use crate::web::guard::handled_with_care;
use crate::web::live::LivePage;

/// Where it is.
pub(super) const PATH: &str = "/page";

/// How long the end waits for those who are still to be told of it.
const PARTING: Duration = Duration::from_millis(500);

/// The page.
pub(super) struct ServedPage {
    page: LivePage,
    witness: Arc<OnceLock<Witness>>,
}

impl ServedPage {
    /// Nothing is seen on it before [`Self::begin`].
    pub(super) fn of(served: Served) -> Self {
        let witness = Arc::<OnceLock<Witness>>::default();
        let (asked, served) = (Arc::clone(&witness), Arc::new(served));
        let page = LivePage::new(move || {
            let Some(witness) = asked.get().cloned() else { return Box::pin(ready(None)) };
            let served = Arc::clone(&served);
            Box::pin(async move {
                let testimony = witness.testimony().await?;
                Some(Arc::new(served::record(&served, testimony)))
            })
        });
        Self { page, witness }
    }

    /// What the control port answers with it.
    pub(super) fn router(&self) -> Router {
        handled_with_care(self.page.router(PATH))
    }

    /// From now on, what `witness` says is seen. Must be called within a single-threaded runtime.
    pub(super) fn begin(&self, witness: Witness) {
        let _ = self.witness.set(witness);
        let page = self.page.clone();
        tokio::task::spawn_local(async move { page.keep_up(&SystemClock::new(Epoch::now()).handle()).await });
    }

    /// Tells everybody who looks that nothing will follow.
    pub(super) async fn end(&self) {
        self.page.end(None);
        let clock = SystemClock::new(Epoch::now()).handle();
        let _ = clock.timer().limit(clock.now() + PARTING, self.page.left()).await;
    }
}
