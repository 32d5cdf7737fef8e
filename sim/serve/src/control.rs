//! The control port: a fleet at work, looked at and changed over HTTP.
//!
//! Whoever reaches it can make tests pass or fail, so it listens on loopback only, and refuses what a web page in the user's
//! own browser may send there (see `guard`). Handlers run where they like; the fleet stays on its thread and is asked through
//! the [`Desk`](desk::Desk).

mod behaviours;
mod desk;
mod fault;
mod guard;
mod metrics;
mod page;
mod receipts;
mod witness;

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use self::guard::only_local;
pub use self::witness::{Testimony, Witness};

use self::desk::Desk;
use self::fault::Fault;
use crate::hall::Hall;
use crate::{Names, Place, Route, StartError};

/// The longest body of a request, in bytes. The only one there is has a dozen.
const BODY_BYTES: usize = 4096;

/// The control port at work.
pub(crate) struct ControlPort {
    address: SocketAddr,
    desk: Desk,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// What never changes while a service is at work.
pub(crate) struct Facts {
    pub(crate) places: Vec<Place>,
    pub(crate) routes: Vec<Route>,
    pub(crate) names: Names,
    pub(crate) ca_pem: String,
    /// What else is answered.
    pub(crate) pages: Router,
}

impl ControlPort {
    /// Starts answering.
    pub(crate) async fn start(
        hall: &Rc<Hall>,
        facts: Facts,
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        if !address.ip().is_loopback() {
            return Err(StartError::ControlIsLocal { address });
        }
        let listen = |error| StartError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (desk, clerk) = desk::open(Rc::clone(hall));
        hall.spawn(clerk);
        let pages = facts.pages.clone();
        let router = router(Room { desk: desk.clone(), facts: Arc::new(facts) }, pages);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let serve = axum::serve(listener, router).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            // Accepting goes on whatever happens to a connection; there is no other way for it to end.
            let _ = serve.await;
        });
        Ok(Self { address, desk, stop, serving })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Somebody who can say what the fleet has seen.
    pub(crate) fn witness(&self) -> Witness {
        Witness(self.desk.clone())
    }

    /// Stops answering. Whoever is being answered at this moment hears nothing more.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.serving.abort();
        let _ = self.serving.await;
    }
}

/// What handlers have at hand.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) desk: Desk,
    pub(crate) facts: Arc<Facts>,
}

fn router(room: Room, pages: Router) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/healthz", get(healthz))
        .route("/behaviours", get(behaviours::list))
        .route("/behaviours/{id}", post(behaviours::switch))
        .route("/reset", post(reset))
        .route("/receipts", get(receipts::receipts))
        .route("/metrics", get(metrics::metrics))
        .route("/ca.pem", get(ca))
        .route("/transport", get(transport))
        .route("/magic", get(magic))
        .with_state(room)
        .merge(pages)
        .fallback(fault::no_such_page)
        .method_not_allowed_fallback(fault::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn(only_local))
}

async fn home(State(room): State<Room>) -> Html<String> {
    Html(page::home(&room.facts))
}

async fn healthz() -> impl IntoResponse {
    Json(serde_json::json!({ "status": "ok" }))
}

async fn reset(State(room): State<Room>) -> Result<impl IntoResponse, Fault> {
    room.desk.ask(Hall::reset).await?;
    Ok(Json(serde_json::json!({ "status": "reset" })))
}

async fn ca(State(room): State<Room>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/x-pem-file")], room.facts.ca_pem.clone())
}

/// A transport map for Postfix: where the mail of each domain goes.
async fn transport(State(room): State<Room>) -> impl IntoResponse {
    let Facts { places, routes, names, .. } = &*room.facts;
    let line = |route: &Route| {
        let address = route.hosts.first().and_then(|host| places.iter().find(|place| place.host == *host))?;
        let (ip, port) = (address.address.ip(), address.address.port());
        let below = match names {
            Names::Listed => String::new(),
            Names::Below => format!(".{} smtp:[{ip}]:{port}\n", route.domain),
        };
        Some(format!("{} smtp:[{ip}]:{port}\n{below}", route.domain))
    };
    routes.iter().filter_map(line).collect::<String>()
}

async fn magic() -> String {
    fleet::magic::table()
}
