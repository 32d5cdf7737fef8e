//! `bouncelab open`: the reports of runs that have ended, on a port of this machine.
//!
//! - `shelf`: what is in the folder, and what of it is handed out
//! - `pages`: pages that nobody has written into the folder, made when they are asked for

mod pages;
mod shelf;

use std::io::{self, IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Asked, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::args::Open;
use crate::web::guard::guarded;
use crate::{Exit, Streams, kept};
use shelf::Shelf;

pub(crate) fn open(wanted: &Open, streams: &mut Streams<'_>) -> Exit {
    // What cannot be shown is said here, and not only in the browser.
    if let Err(exit) = kept::find(&wanted.folder, streams) {
        return exit;
    }
    let cannot = |error: io::Error| format!("cannot show `{}`: {error}", wanted.folder.display());
    let shelf = match Shelf::of(&wanted.folder) {
        Ok(shelf) => shelf,
        Err(error) => return streams.fail(Exit::Environment, cannot(error)),
    };
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return streams.fail(Exit::Environment, cannot(error)),
    };
    streams.await_interrupt();
    let exit = runtime.block_on(attend(shelf, wanted, streams));
    // Nobody waits for a page that is still being made.
    runtime.shutdown_background();
    exit
}

/// Answers until it is enough.
async fn attend(shelf: Shelf, wanted: &Open, streams: &mut Streams<'_>) -> Exit {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port));
    let bound = TcpListener::bind(address).await;
    let (listener, address) = match bound.and_then(|bound| bound.local_addr().map(|at| (bound, at))) {
        Ok(bound) => bound,
        Err(error) => return refused(address, &error, streams),
    };
    let url = format!("http://{address}/");
    let _ = writeln!(streams.out, "{} is at {url}\nCtrl-C ends it.", shelf.name());
    // Whoever reads this in a pipe waits for it.
    let _ = streams.out.flush();
    if streams.is_live() && io::stdout().is_terminal() && !wanted.no_browser {
        // Where there is no browser, the address has been printed.
        let _ = open::that_detached(&url);
    }
    let answering = tokio::spawn(async move { axum::serve(listener, router(shelf)).await });
    streams.interrupt().pressed().await;
    answering.abort();
    Exit::Held
}

/// Says why nothing can be shown at `address`.
pub(crate) fn refused(address: SocketAddr, error: &io::Error, streams: &mut Streams<'_>) -> Exit {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "\n  something listens at {address} already: stop it, or choose another port; 0 is any free one"
            )
        }
        io::ErrorKind::PermissionDenied => {
            "\n  ports below 1024 are the administrator's: choose a higher one".to_owned()
        }
        _ => String::new(),
    };
    streams.fail(Exit::Environment, format!("cannot listen at {address}: {error}{remedy}"))
}

/// Answers with what is on the shelf.
fn router(shelf: Shelf) -> Router {
    let router = Router::new()
        .route("/", get(async |State(shelf): State<Arc<Shelf>>| answer(shelf, pages::PAGE.to_owned()).await))
        .route("/{*path}", get(async |State(shelf), Asked(path): Asked<String>| answer(shelf, path).await))
        .fallback(missing)
        .with_state(Arc::new(shelf));
    guarded(router)
}

async fn answer(shelf: Arc<Shelf>, path: String) -> Response {
    // Reading and drawing take their time.
    let answer = tokio::task::spawn_blocking(move || {
        let inside = shelf.inside(Path::new(&path))?;
        shelf.file(&inside).or_else(|| pages::page(&shelf, &inside))
    });
    match answer.await {
        Ok(Some(response)) => response,
        Ok(None) => missing().await,
        Err(_) => {
            let words =
                "an internal error: a bug in Bouncelab; its words are where the command was started\n";
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    }
}

async fn missing() -> Response {
    let words = "there is no such page\n  / is the first one, and has links to the others\n";
    (StatusCode::NOT_FOUND, words).into_response()
}

#[cfg(test)]
mod tests;
