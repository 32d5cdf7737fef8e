//! What a browser may do with an answer, and whom is answered.
//!
//! Pages show what strangers have written: replies, addresses, names. They are escaped where they are made, and every page
//! says itself that nothing but its own script may run; here it is said once more, from outside, and files that are handed
//! out may do nothing at all.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use reports::html;

/// What a page may do: run the one script of our pages, and listen to where it came from. A page of another version, or of
/// somebody else, is shown without its script.
static PAGE: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::from_str(&html::policy_of_pages()).expect("a policy is plain text"));

/// What a file may do.
const FILE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// The router, answering this machine only, with answers that browsers handle with care.
pub(crate) fn guarded(router: Router) -> Router {
    handled_with_care(router).layer(middleware::from_fn(serve::only_local))
}

/// The router, with answers that browsers handle with care.
pub(crate) fn handled_with_care(router: Router) -> Router {
    router.layer(middleware::from_fn(careful))
}

async fn careful(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    headers.insert(CONTENT_SECURITY_POLICY, if is_page { PAGE.clone() } else { FILE });
    let mut say = |name: HeaderName, words: &'static str| {
        headers.insert(name, HeaderValue::from_static(words));
    };
    say(X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(REFERRER_POLICY, "no-referrer");
    say(CACHE_CONTROL, "no-store");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}
