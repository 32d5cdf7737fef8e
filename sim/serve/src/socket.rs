//! What a connection must be able to do besides being read and written: to be reset.
//!
//! A trait of its own so that one driver serves plain sockets, sockets inside TLS, and pipes in memory in tests.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// An open connection, from the server's side. Dropping it closes it.
pub trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// From now on, dropping it resets the connection: the peer learns that at once, and loses what it has not read yet.
    /// Where that does not exist, nothing happens.
    fn reset_when_dropped(&self);
}

impl Socket for TcpStream {
    fn reset_when_dropped(&self) {
        // Only a socket that is broken already refuses it.
        let _ = SockRef::from(self).set_linger(Some(std::time::Duration::ZERO));
    }
}

impl Socket for DuplexStream {
    fn reset_when_dropped(&self) {}
}

impl<S: Socket> Socket for TlsStream<S> {
    fn reset_when_dropped(&self) {
        self.get_ref().0.reset_when_dropped();
    }
}

/// A connection of which a first piece has been read already, and can be read once more.
#[derive(Debug)]
pub(crate) struct Begun<S> {
    first: Vec<u8>,
    /// How much of `first` has been read again.
    read: usize,
    rest: S,
}

impl<S> Begun<S> {
    pub(crate) const fn new(first: Vec<u8>, rest: S) -> Self {
        Self { first, read: 0, rest }
    }
}

impl<S: Socket> Socket for Begun<S> {
    fn reset_when_dropped(&self) {
        self.rest.reset_when_dropped();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let again = &this.first[this.read..];
        if again.is_empty() {
            return Pin::new(&mut this.rest).poll_read(context, buffer);
        }
        let count = again.len().min(buffer.remaining());
        buffer.put_slice(&again[..count]);
        this.read += count;
        if this.read == this.first.len() {
            (this.first, this.read) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().rest).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().rest).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.rest.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().rest).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().rest).poll_shutdown(context)
    }
}
