//! A connector that calls a mailing off when its last connection is closed: what is put off would be tried again in an hour,
//! and no test waits for that.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use engine::port::{ConnectError, Connector, Later, Opened, Stream};
use harness::Progress;
use smtp::Domain;
use smtp::client::Trust;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the connections of a mailing share.
struct Count {
    open: Cell<u32>,
    progress: Arc<Progress>,
}

/// Opens connections as another does, and counts those that are open.
pub(super) struct Watched<C> {
    inner: C,
    count: Rc<Count>,
}

impl<C: Connector> Watched<C> {
    pub(super) fn new(inner: C, progress: Arc<Progress>) -> Self {
        Self { inner, count: Rc::new(Count { open: Cell::new(0), progress }) }
    }

    async fn open(&self, host: &Domain) -> Result<Opened, ConnectError> {
        let Opened { stream, number } = self.inner.connect(host).await?;
        self.count.open.update(|open| open + 1);
        let count = Rc::clone(&self.count);
        Ok(Opened { stream: Box::new(Counted { stream, count }), number })
    }
}

impl<C: Connector> Connector for Watched<C> {
    fn connect<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(self.open(host))
    }
}

/// A connection that is counted while it is open.
struct Counted {
    stream: Box<dyn Stream>,
    count: Rc<Count>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.count.open.update(|open| open - 1);
        if self.count.open.get() == 0 {
            self.count.progress.call_off();
        }
    }
}

impl Stream for Counted {
    fn secure<'a>(&'a mut self, trust: Trust) -> Later<'a, io::Result<()>> {
        self.stream.secure(trust)
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
