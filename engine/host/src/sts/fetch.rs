//! Fetches a policy over HTTPS.
//!
//! Everything about it is bounded, because whoever publishes a policy may be anybody: its size, the time it takes, the
//! places that it may send us to (none). RFC 8461 3.3.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use engine::clock::Clock;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use smtp::Domain;
use smtp::client::Trust;
use tokio::net::TcpStream;

use super::policy::StsPolicy;
use crate::dial::Dialer;
use crate::endpoint::Endpoint;
use crate::tls::Tls;

/// Longest policy that is read.
// RFC 8461 3.3: senders may bound it; at least 64 kilobytes are read by all
const POLICY_BYTES: usize = 64 * 1024;

/// Most bytes of a response that are kept before its body begins.
const HEADER_BYTES: usize = 16 * 1024;

/// How long fetching may take.
// RFC 8461 3.3: a suggested time-out is one minute
const FETCH_LIMIT: Duration = Duration::from_secs(60);

const HTTPS_PORT: u16 = 443;

/// Where the hosts are that publish policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyHosts {
    /// Where the DNS says, at the port of HTTPS.
    Published,
    /// All at this place.
    At(Endpoint),
}

/// Fetches policies.
#[derive(Debug)]
pub(super) struct Fetcher {
    pub(super) dialer: Dialer,
    pub(super) tls: Tls,
    pub(super) hosts: PolicyHosts,
    pub(super) clock: Clock,
}

/// There is no policy to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPolicy;

impl Fetcher {
    /// The policy of `domain`, as it is published now.
    pub(super) async fn fetch(&self, domain: &Domain) -> Result<StsPolicy, NoPolicy> {
        let timer = self.clock.timer();
        timer.limit(self.clock.now() + FETCH_LIMIT, self.fetch_in_time(domain)).await.unwrap_or(Err(NoPolicy))
    }

    async fn fetch_in_time(&self, domain: &Domain) -> Result<StsPolicy, NoPolicy> {
        let host = Domain::parse(&format!("mta-sts.{domain}")).map_err(|_| NoPolicy)?;
        let stream = self.connect(&host).await?;
        let stream = self.tls.secure(stream, &host, Trust::NamedHost).await.map_err(|_| NoPolicy)?;
        let text = get(TokioIo::new(stream), &host).await?;
        StsPolicy::parse(&text).ok_or(NoPolicy)
    }

    async fn connect(&self, host: &Domain) -> Result<TcpStream, NoPolicy> {
        let opened = match &self.hosts {
            PolicyHosts::Published => self.dialer.host(host, HTTPS_PORT).await,
            PolicyHosts::At(endpoint) => self.dialer.endpoint(endpoint).await,
        };
        opened.map_err(|_| NoPolicy)
    }
}

/// The text at the one path where policies stand. A response that points elsewhere is none.
async fn get<S>(stream: S, host: &Domain) -> Result<String, NoPolicy>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let handshake = hyper::client::conn::http1::Builder::new().max_buf_size(HEADER_BYTES).handshake(stream);
    let (mut sender, connection) = handshake.await.map_err(|_| NoPolicy)?;
    let request = Request::get("/.well-known/mta-sts.txt")
        .header(HOST, host.as_str())
        .header(USER_AGENT, "bouncelab")
        .body(Empty::<Bytes>::new())
        .expect("a host name is a header value");
    let body = async move {
        let response = sender.send_request(request).await.map_err(|_| NoPolicy)?;
        body_of(response).await
    };
    let (mut connection, mut body) = (pin!(connection), pin!(body));
    let mut is_open = true;
    poll_fn(|context| {
        // What moves the bytes; whether it ended well shows in the body.
        if is_open {
            is_open = connection.as_mut().poll(context).is_pending();
        }
        match body.as_mut().poll(context) {
            Poll::Pending if is_open => Poll::Pending,
            Poll::Pending => body.as_mut().poll(context),
            ready @ Poll::Ready(_) => ready,
        }
    })
    .await
}

async fn body_of(response: Response<Incoming>) -> Result<String, NoPolicy> {
    // RFC 8461 3.3: 3xx is not followed; 3.2: the media type is text/plain
    let is_text = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase();
        kind.split(';').next().is_some_and(|kind| kind.trim() == "text/plain")
    });
    if response.status() != StatusCode::OK || !is_text {
        return Err(NoPolicy);
    }
    let body = Limited::new(response.into_body(), POLICY_BYTES).collect().await.map_err(|_| NoPolicy)?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| NoPolicy)
}
