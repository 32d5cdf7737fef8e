//! The state of a page that changes while it is looked at, sent to everybody who looks (server-sent events).
//!
//! Only the newest state is kept, so that a slow viewer costs no memory: it misses states in between. Whoever comes later
//! gets the present state at once.

use std::convert::Infallible;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

/// How many may look at once.
const VIEWERS: u32 = 32;

/// The name of the event that is the last one.
const ENDED: &str = "end";

/// A page that changes; its clones are one.
#[derive(Clone)]
pub(crate) struct Screen(Arc<Shared>);

struct Shared {
    state: watch::Sender<State>,
    places: Arc<Semaphore>,
    came: Notify,
}

/// What is on the screen.
#[derive(Clone)]
enum State {
    Nothing,
    /// Something else may follow.
    Shown(Arc<str>),
    /// Nothing will follow.
    Last(Arc<str>),
}

/// Somebody who looks.
enum Viewer {
    Looking(watch::Receiver<State>, OwnedSemaphorePermit),
    /// Has seen the last state and is told so.
    Leaving(OwnedSemaphorePermit),
    Gone,
}

impl Screen {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Self {
        let places = Arc::new(Semaphore::new(VIEWERS as usize));
        Self(Arc::new(Shared { state: watch::Sender::new(State::Nothing), places, came: Notify::new() }))
    }

    /// Shows a text without line breaks instead of what was shown before.
    pub(crate) fn show(&self, text: String) {
        self.0.state.send_replace(State::Shown(text.into()));
    }

    /// Shows a text for the last time, or leaves what is shown; everybody is told that nothing will follow.
    pub(crate) fn end(&self, text: Option<String>) {
        self.0.state.send_modify(|state| {
            let shown = match state {
                State::Nothing => "".into(),
                State::Shown(text) | State::Last(text) => Arc::clone(text),
            };
            *state = State::Last(text.map_or(shown, Into::into));
        });
    }

    /// Waits until somebody looks.
    pub(crate) async fn awaited(&self) {
        while self.0.state.receiver_count() == 0 {
            self.0.came.notified().await;
        }
    }

    /// Waits until nobody looks any more; with [`Screen::end`] before it, until everybody knows.
    pub(crate) async fn left(&self) {
        let _ = self.0.places.acquire_many(VIEWERS).await;
    }

    /// The present state at once, and every one that follows.
    pub(crate) fn events(&self) -> Response {
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
            return (StatusCode::SERVICE_UNAVAILABLE, "too many look at this page already: close a tab\n")
                .into_response();
        };
        let mut states = self.0.state.subscribe();
        states.mark_changed();
        self.0.came.notify_one();
        let events = stream::unfold(Viewer::Looking(states, place), Viewer::next);
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }
}

impl Viewer {
    async fn next(self) -> Option<(Result<Event, Infallible>, Self)> {
        match self {
            Self::Looking(mut states, place) => loop {
                states.changed().await.ok()?;
                let state = states.borrow_and_update().clone();
                let event = |text: Arc<str>| Ok(Event::default().data(text));
                match state {
                    State::Nothing => {}
                    State::Shown(text) => break Some((event(text), Self::Looking(states, place))),
                    State::Last(text) => break Some((event(text), Self::Leaving(place))),
                }
            },
            // Browsers pass over events without data.
            Self::Leaving(place) => {
                drop(place);
                Some((Ok(Event::default().event(ENDED).data(ENDED)), Self::Gone))
            }
            Self::Gone => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;

    use super::*;
    use crate::web::testing::Answering;

    fn shown() -> (Screen, Answering) {
        let screen = Screen::new();
        let own = screen.clone();
        (screen, Answering::start(Router::new().route("/events", get(async move || own.events()))))
    }

    #[test]
    fn whoever_comes_late_gets_the_present_state_and_everybody_the_last_one() {
        let (screen, answering) = shown();
        screen.show("one".to_owned());
        screen.show("two".to_owned());
        let mut first = answering.events("/events");
        assert_eq!(first.next().as_deref(), Some("data: two"));
        screen.show("three".to_owned());
        assert_eq!(first.next().as_deref(), Some("data: three"));
        let second = answering.events("/events");
        screen.end(Some("four".to_owned()));
        let rest = ["data: four", "event: end", "data: end"];
        assert_eq!(first.collect::<Vec<_>>(), rest);
        assert!(second.collect::<Vec<_>>().ends_with(&rest.map(str::to_owned)));
    }

    #[test]
    fn the_end_leaves_what_is_shown() {
        let (screen, answering) = shown();
        screen.show("one".to_owned());
        screen.end(None);
        let seen: Vec<String> = answering.events("/events").collect();
        assert_eq!(seen, ["data: one", "event: end", "data: end"]);
    }

    #[test]
    fn there_is_an_end_to_those_who_may_look() {
        let (screen, answering) = shown();
        screen.show("one".to_owned());
        let mut viewers: Vec<_> = (0..VIEWERS).map(|_| answering.events("/events")).collect();
        assert!(viewers.iter_mut().all(|viewer| viewer.next().is_some()));
        assert_eq!(answering.get("/events").status, 503);
    }
}
