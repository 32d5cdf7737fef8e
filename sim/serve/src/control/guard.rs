//! Keeps out what a web page may send to a port of this machine.
//!
//! A page that the user visits can have its name point to 127.0.0.1 (DNS rebinding) and then read answers as its own: the
//! name stands in `Host`. It can also send requests without reading the answers: then its origin stands in `Origin`. Both
//! must be local.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::fault::Fault;

/// A layer that answers only requests from this machine's own pages and programs, with 403 to all others.
pub async fn only_local(request: Request, next: Next) -> Response {
    match check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

fn check(headers: &HeaderMap) -> Result<(), Fault> {
    let host = value(headers, &HOST).unwrap_or_default();
    if !is_local(host) {
        return Err(foreign("host", host));
    }
    match value(headers, &ORIGIN) {
        Some(origin) if !origin.split_once("://").is_some_and(|(_, host)| is_local(host)) => {
            Err(foreign("origin", origin))
        }
        Some(_) | None => Ok(()),
    }
}

/// A header's only value; one that makes no sense if there are several, or it is no text.
fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    match values.next() {
        None => Some(first.to_str().unwrap_or("?")),
        Some(_) => Some("?"),
    }
}

fn foreign(what: &str, found: &str) -> Fault {
    let message = format!("the {what} `{found}` is not this machine");
    let remedy = "ask by 127.0.0.1, [::1] or localhost";
    Fault::new(StatusCode::FORBIDDEN, "foreign_host", message, remedy)
}

/// Whether a name with or without a port is one of this machine's own.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_s_own_names_are_local() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.1.2.3:8025", "[::1]", "[::1]:8025"] {
            assert!(is_local(host), "{host}");
        }
        let foreign = [
            "",
            ":80",
            "evil.example",
            "evil.example:80",
            "127.0.0.1.evil.example",
            "192.0.2.1:80",
            "[::2]:80",
            "localhost.evil.example",
            "?",
            "127.0.0.1:80:80",
            "localhost:x",
            "0.0.0.0",
        ];
        for host in foreign {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_page_of_somebody_else_is_kept_out() {
        let check = |pairs: &[(&HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, value.parse().expect("a value"));
            }
            check(&headers).is_ok()
        };
        assert!(check(&[(&HOST, "127.0.0.1:80")]));
        assert!(check(&[(&HOST, "127.0.0.1:80"), (&ORIGIN, "http://127.0.0.1:80")]));
        assert!(!check(&[]));
        assert!(!check(&[(&HOST, "evil.example")]));
        assert!(!check(&[(&HOST, "127.0.0.1:80"), (&HOST, "evil.example")]));
        assert!(!check(&[(&HOST, "127.0.0.1:80"), (&ORIGIN, "https://evil.example")]));
        assert!(!check(&[(&HOST, "127.0.0.1:80"), (&ORIGIN, "null")]));
    }
}
