//! What is answered when a request cannot be met: a status, and an object that says what is wrong and what to do.

use axum::Json;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// For programs.
    pub(crate) error: &'static str,
    /// For people: a lower-case fragment.
    pub(crate) message: String,
    /// What may help.
    pub(crate) remedy: String,
}

impl Fault {
    pub(crate) fn new(
        status: StatusCode,
        error: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status, error, message: message.into(), remedy: remedy.into() }
    }

    pub(crate) fn bad_request(error: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, message, remedy)
    }

    /// The service is about to end.
    pub(crate) fn stopping() -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "stopping", "the service is stopping", "start it again")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status, Json(&self)).into_response()
    }
}

/// The pages that there are, for whoever asked for another.
const PAGES: &str = "GET / lists what there is";

pub(super) async fn no_such_page(uri: Uri) -> Fault {
    let message = format!("there is no `{}`", uri.path());
    Fault::new(StatusCode::NOT_FOUND, "no_such_page", message, PAGES)
}

pub(super) async fn wrong_method(uri: Uri) -> Fault {
    let message = format!("`{}` takes another method", uri.path());
    Fault::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message, PAGES)
}
