//! A server that goes away after every single byte of its part of a TLS handshake.
//!
//! The laws: nothing hangs, nothing panics, a connection that ended is told as such, and a handshake of which less than the
//! server's last message came is never complete.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use engine::port::Connector;
use host::connector::{Route, TcpConnector};
use host::tls::{Roots, Tls};
use rustls::version::{TLS12, TLS13};
use smtp::client::Trust;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Fault};
use crate::stage::{dialer, domain, listener, live, port};

/// A connection on which so many bytes can still be written.
struct Short {
    stream: TcpStream,
    left: usize,
}

impl AsyncRead for Short {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Short {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = bytes.len().min(self.left);
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..count]);
        if let Poll::Ready(Ok(count)) = written {
            self.left -= count;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// What became of a handshake with a server that goes away after it has written so many bytes, and whether it had to.
async fn handshake(acceptor: &TlsAcceptor, left: usize) -> (Result<(), io::ErrorKind>, bool) {
    let (listener, acceptor) = (listener().await, acceptor.clone());
    let route = Route::Hosts { port: port(&listener) };
    let connector = TcpConnector::new(dialer(&["127.0.0.1"]), route, Tls::new(&Roots::nobody()));
    let server = spawn_local(async move {
        let (stream, _) = listener.accept().await.expect("a visitor");
        match acceptor.accept(Short { stream, left }).await {
            Ok(mut whole) => {
                // The visitor leaves, having said so.
                let _ = whole.read(&mut [0; 64]).await;
                false
            }
            Err(_) => true,
        }
    });
    let mut opened = connector.connect(&domain("mx.test")).await.expect("somebody listens");
    let outcome = opened.stream.secure(Trust::Anybody).await.map_err(|error| error.kind());
    drop(opened);
    (outcome, server.await.expect("a server does not panic"))
}

#[test]
fn a_server_may_go_away_at_any_byte_of_its_handshake() {
    live(async {
        let identity = Authority::new().issue("mx.test", Fault::None);
        for version in [&TLS12, &TLS13] {
            let acceptor = identity.acceptor(&[version]);
            let mut complete_from = None;
            for left in 0.. {
                let (outcome, was_cut) = handshake(&acceptor, left).await;
                match outcome {
                    Ok(()) => complete_from = complete_from.or(Some(left)),
                    Err(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
                        // Even a whole handshake fails if the reset comes before our last message has left.
                        assert!(was_cut, "{version:?}, {left} bytes");
                    }
                    Err(other) => panic!("{version:?}, {left} bytes: {other}"),
                }
                if !was_cut {
                    break;
                }
            }
            assert!(complete_from.is_some_and(|from| from > 200), "{version:?}: {complete_from:?}");
        }
    });
}
