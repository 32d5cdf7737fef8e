//! A connection to a mail exchanger: plain at first, inside TLS after a handshake.
//!
//! Nothing is buffered before the handshake, so that nothing that came in plain text can turn up inside TLS (the session
//! above sees to it that nothing is left in the socket either). Inside TLS, what did not fit into the socket is sent on
//! whenever the connection is read, because whoever waits for an answer does not flush.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use engine::port::{Later, Stream};
use smtp::Domain;
use smtp::client::Trust;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::tls::Tls;

/// What a connection must be able to do beneath TLS, beside being read and written.
pub trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// Writes what fits in without waiting; how many bytes that were.
    ///
    /// # Errors
    /// There is no room, or the connection is gone.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl Socket for TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }
}

/// A connection to the mail exchanger `host`.
pub struct MailStream<S: Socket = TcpStream> {
    wire: Wire<S>,
    host: Domain,
    tls: Tls,
}

enum Wire<S: Socket> {
    Plain(S),
    Secured(Box<Secured<S>>),
    /// A handshake took it and did not give it back.
    Gone,
}

struct Secured<S: Socket> {
    stream: TlsStream<S>,
    /// Whether something may have been written that has not left.
    unsent: bool,
}

impl<S: Socket> MailStream<S> {
    /// A connection to `host` in plain text.
    pub const fn new(stream: S, host: Domain, tls: Tls) -> Self {
        Self { wire: Wire::Plain(stream), host, tls }
    }

    async fn handshake(&mut self, trust: Trust) -> io::Result<()> {
        let Wire::Plain(stream) = std::mem::replace(&mut self.wire, Wire::Gone) else {
            unreachable!("a connection is secured once")
        };
        let stream = self.tls.secure(stream, &self.host, trust).await?;
        self.wire = Wire::Secured(Box::new(Secured { stream, unsent: false }));
        Ok(())
    }
}

impl<S: Socket> fmt::Debug for MailStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailStream").field("host", &self.host).finish_non_exhaustive()
    }
}

impl<S: Socket> Stream for MailStream<S> {
    fn secure<'a>(&'a mut self, trust: Trust) -> Later<'a, io::Result<()>> {
        Box::pin(self.handshake(trust))
    }
}

impl<S: Socket> AsyncRead for MailStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Wire::Secured(secured) => secured.poll_read(context, buffer),
            Wire::Gone => Poll::Ready(Err(gone())),
        }
    }
}

impl<S: Socket> AsyncWrite for MailStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Wire::Secured(secured) => secured.written(|stream| stream.poll_write(context, bytes)),
            Wire::Gone => Poll::Ready(Err(gone())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Wire::Secured(secured) => secured.written(|stream| stream.poll_write_vectored(context, slices)),
            Wire::Gone => Poll::Ready(Err(gone())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(context),
            Wire::Secured(secured) => secured.poll_flush(context),
            Wire::Gone => Poll::Ready(Err(gone())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Wire::Secured(secured) => Pin::new(&mut secured.stream).poll_shutdown(context),
            Wire::Gone => Poll::Ready(Ok(())),
        }
    }
}

impl<S: Socket> Secured<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // What comes of it does not matter here: if not all could be sent, the reader is woken when more can be; and a peer
        // that takes nothing any more may have said why.
        if let Poll::Ready(Err(_)) = self.poll_flush(context) {
            self.unsent = false;
        }
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            // A peer that closes without saying so inside TLS has closed; SMTP says itself where its messages end.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            other => other,
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.unsent {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.unsent = !matches!(flushed, Poll::Ready(Ok(())));
        flushed
    }

    fn written(
        &mut self,
        write: impl FnOnce(Pin<&mut TlsStream<S>>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.unsent = true;
        write(Pin::new(&mut self.stream))
    }
}

impl<S: Socket> Drop for Secured<S> {
    /// Tells the peer that nothing more comes (RFC 8446 6.1), as far as it can be told without waiting.
    fn drop(&mut self) {
        let (stream, session) = self.stream.get_mut();
        session.send_close_notify();
        let mut socket = AtOnce(stream);
        while session.wants_write() && session.write_tls(&mut socket).is_ok_and(|sent| sent > 0) {}
    }
}

/// A socket, written to without waiting.
struct AtOnce<'a, S>(&'a S);

impl<S: Socket> io::Write for AtOnce<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the TLS handshake failed")
}
