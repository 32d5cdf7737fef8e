//! The server's part of a TLS handshake.
//!
//! The handshake takes as long as the server says, counted from the client's first bytes: these are read, and handed to TLS
//! when the time has passed. Words in plain text in their place are no handshake, and end the connection (CVE-2011-0411).

use fleet::Handshake;
use smtp::server::Then;
use tokio::io::AsyncReadExt as _;
use tokio_rustls::server::TlsStream;

use super::{Attendance, PATIENCE, SILENCE};
use crate::Socket;
use crate::socket::Begun;

impl Attendance<'_> {
    /// Does the handshake; nothing if it fails, or the client does not begin it in time.
    pub(super) async fn secure<S: Socket>(&mut self, mut stream: S) -> Option<TlsStream<Begun<S>>> {
        let acceptor = self.terms.tls.and_then(|tls| tls(self.server.certificate()))?;
        let limit = self.terms.clock.now() + self.terms.patience.unwrap_or(PATIENCE);
        let first = self.timer.limit(limit, stream.read(&mut self.buffer[..])).await;
        let Ok(count) = first else {
            self.server.lose_patience(self.terms.clock.now());
            return None;
        };
        let first = self.buffer[..count.ok().filter(|count| *count > 0)?].to_vec();
        let begun = self.terms.clock.now();
        let after = match self.server.secure(begun)? {
            Handshake::Done { after } => after,
            Handshake::Broken { after, then } => {
                self.timer.wait_until(begun + after).await;
                self.break_off(stream, then).await;
                return None;
            }
        };
        self.timer.wait_until(begun + after).await;
        let handshake = acceptor.accept(Begun::new(first, stream));
        let inside = self.timer.limit(limit + after, handshake).await.ok()?.ok();
        self.lively = self.terms.clock.now();
        inside
    }

    /// Ends a connection in the middle of the handshake. A server that falls silent waits until the client has gone.
    async fn break_off<S: Socket>(&mut self, mut stream: S, then: Then) {
        match then {
            Then::Reset => stream.reset_when_dropped(),
            Then::Close | Then::Continue => {}
            Then::Hang => {
                let limit = self.terms.clock.now() + SILENCE;
                let gone =
                    async { while stream.read(&mut self.buffer[..]).await.is_ok_and(|count| count > 0) {} };
                // Whether or not the client goes in time, the connection is closed.
                let _ = self.timer.limit(limit, gone).await;
            }
        }
    }
}
