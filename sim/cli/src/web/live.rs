//! The Response page of what is under way.
//!
//! Nobody looks, nothing is done. While somebody does, the record as it stands is asked for now and then, and if something
//! has happened since, the page is drawn again and sent.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use engine::clock::Clock;
use record::{Nanos, Record};
use reports::html::{self, About, Live};

use super::screen::Screen;

/// How often the page changes at most.
const EVERY: Duration = Duration::from_millis(500);

/// Drawing takes at most this share of the time: one part of so many.
const PARTS: u32 = 5;

/// Where the page listens, as its script knows it.
const EVENTS: &str = html::EVENTS;

/// What is shown before there is anything to be shown.
const NOTHING_YET: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Bouncelab</title>\n\
    <meta http-equiv=\"refresh\" content=\"1\">\n\
    <p style=\"font-family:sans-serif;margin:2em\">Nothing has begun yet.</p>\n</html>\n";

/// The record as it stands, some time later; nothing if there is none.
pub(crate) type Looking = Pin<Box<dyn Future<Output = Option<Arc<Record>>> + Send>>;

/// A page of what is under way; its clones are one.
#[derive(Clone)]
pub(crate) struct LivePage {
    screen: Screen,
    look: Arc<dyn Fn() -> Looking + Send + Sync>,
    /// What was drawn last.
    seen: Arc<Mutex<Option<Arc<Record>>>>,
}

impl LivePage {
    /// `look` gives what is to be seen.
    pub(crate) fn new(look: impl Fn() -> Looking + Send + Sync + 'static) -> Self {
        Self { screen: Screen::new(), look: Arc::new(look), seen: Arc::default() }
    }

    /// The page at `path`, and its events.
    pub(crate) fn router(&self, path: &str) -> Router {
        let (page, screen) = (self.clone(), self.screen.clone());
        Router::new()
            .route(path, get(async move || page.document().await))
            .route(EVENTS, get(async move || screen.events()))
    }

    async fn document(&self) -> Response {
        let Some(record) = self.look().await else { return Html(NOTHING_YET).into_response() };
        Html(drawn(move || html::response(&record, &about(Live::Running))).await).into_response()
    }

    /// Keeps the page as it is to be, for ever.
    pub(crate) async fn keep_up(&self, clock: &Clock) {
        let mut shown = None;
        loop {
            self.screen.awaited().await;
            let began = clock.now();
            if let Some(record) = self.look().await
                && shown != Some(Mark::of(&record))
            {
                shown = Some(Mark::of(&record));
                let update = drawn(move || html::live_update(&record, &about(Live::Running)));
                self.screen.show(update.await);
            }
            let took = clock.now().since(began);
            clock.sleep_until(clock.now() + EVERY.max(took * (PARTS - 1))).await;
        }
    }

    /// Shows this record for the last time, and tells everybody that nothing will follow. Without one, because it was not
    /// finished, what was seen last is shown as stopped.
    pub(crate) fn end(&self, last: Option<&Record>) {
        let seen = lock(&self.seen).take();
        let stopped = seen.as_deref().map(|record| (record, Live::Stopped));
        let last = last.map(|record| (record, Live::Finished)).or(stopped);
        self.screen.end(last.map(|(record, live)| html::live_update(record, &about(live))));
    }

    /// What is to be seen now.
    async fn look(&self) -> Option<Arc<Record>> {
        let record = (self.look)().await?;
        *lock(&self.seen) = Some(Arc::clone(&record));
        Some(record)
    }

    /// Waits until everybody who looked has been told of the end.
    pub(crate) async fn left(&self) {
        self.screen.left().await;
    }
}

/// What is said beside a record.
fn about(live: Live) -> About<'static> {
    About { live, ..About::default() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws where nobody waits for it. What panics there is a bug of ours, and told as such.
async fn drawn(draw: impl FnOnce() -> String + Send + 'static) -> String {
    match tokio::task::spawn_blocking(draw).await {
        Ok(text) => text,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => String::new(), // The program ends.
        },
    }
}

/// What tells one state of a record from another one: nothing that merely passes, as time does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    scenario: String,
    digest: u64,
    /// Events, arrivals, sequels, strays, connections, and those of them that are open.
    counts: [usize; 6],
    horizon: Nanos,
}

impl Mark {
    fn of(record: &Record) -> Self {
        let receipts = &record.receipts;
        Self {
            scenario: record.scenario.clone(),
            digest: record.digest,
            counts: [
                record.events.len(),
                receipts.arrivals.len(),
                receipts.sequels.len(),
                record.strays.len(),
                receipts.connections.len(),
                receipts.open_at_the_end as usize,
            ],
            horizon: record.horizon,
        }
    }
}
