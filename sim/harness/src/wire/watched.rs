//! An end of a real connection, of which the gate of virtual time knows what is on its way; in real time there is no gate.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::gate::{End, Event, Ways};

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Watched {
    stream: TcpStream,
    end: End,
    ways: Option<Rc<RefCell<Ways>>>,
}

impl Watched {
    /// The two ends of a connection, the engine's and the server's.
    pub(crate) fn both(engine: TcpStream, server: TcpStream, ways: Option<Ways>) -> (Self, Self) {
        let ways = ways.map(|ways| Rc::new(RefCell::new(ways)));
        let engine = Self { stream: engine, end: End::Engine, ways: ways.clone() };
        (engine, Self { stream: server, end: End::Server, ways })
    }

    fn note(&self, event: Event) {
        if let Some(ways) = &self.ways {
            ways.borrow_mut().happened(self.end, event);
        }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.note(Event::Sent(*bytes)),
            Poll::Ready(Err(_)) => self.note(Event::Closed),
            Poll::Pending => self.note(Event::Blocked),
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        this.note(match &read {
            Poll::Pending => Event::Waits,
            Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                Event::Read(buffer.filled().len() - before)
            }
            Poll::Ready(_) => Event::ReadEnd,
        });
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(context);
        if shut.is_ready() {
            this.note(Event::Closed);
        }
        shut
    }
}

impl serve::Socket for Watched {
    fn reset_when_dropped(&self) {
        serve::Socket::reset_when_dropped(&self.stream);
    }
}

impl host::stream::Socket for Watched {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.try_write(bytes);
        if let Ok(count) = written {
            self.note(Event::Sent(count));
        }
        written
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.note(Event::Gone);
    }
}
