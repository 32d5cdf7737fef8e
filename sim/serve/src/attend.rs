//! Attending a connection: carries bytes between a socket and a fake server, in time.
//!
//! Does what the memory wire does, on a real connection: what arrives is heard at once, whatever is still to be said, and
//! what the server answers is said when it is due, each turn in one write. So a client that leaves while an answer is being
//! waited for is noticed, and the same exchange leaves the same receipts on both wires. Decides nothing: the server does.
//!
//! Bounded: one piece of 16 KiB is read at a time, nothing is read while more than 64 KiB wait to be said, and a client that
//! neither says nor takes anything is given up.

mod handshake;
mod outgoing;
mod parting;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engine::clock::{Clock, Timer};
use fleet::{Certificate, Server};
use smtp::server::Then;
use tokio::io::ReadBuf;
use tokio_rustls::TlsAcceptor;
use units::Instant;

use self::outgoing::Outgoing;
use crate::Socket;

/// How much is read at a time, in bytes.
const READ_BYTES: usize = 16 * 1024;

/// The longest that a server waits for a command, and for its words to be taken.
// RFC 5321 4.5.3.2.7: at least five minutes
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How long a server that has fallen silent keeps the connection: longer than any client should wait.
// RFC 5321 4.5.3.2.6: the longest wait of a client is ten minutes
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// What whoever attends connections needs to know.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The time.
    pub clock: &'a Clock,
    /// How long a client may be silent before the server closes with 421; for ever if `None`, as on the memory wire.
    pub patience: Option<Duration>,
    /// What does the handshake with a certificate like this. Without it, a client that takes an offer of TLS is hung up on.
    pub tls: Option<&'a dyn Fn(Certificate) -> Option<TlsAcceptor>>,
}

/// Attends one connection from the greeting to its end. The server is told how it ended, also when this is dropped early.
///
/// The connection counts as open when this is called; how long opening it takes ([`fleet::Dial::Connected`]) is to be
/// waited for before.
pub async fn attend<S: Socket>(mut stream: S, server: Server, terms: &Terms<'_>) {
    let mut attendance = Attendance::new(server, terms);
    attendance.greet();
    match attendance.converse(&mut stream).await {
        End::Handshake => {
            let Some(mut inside) = attendance.secure(stream).await else { return };
            let end = attendance.converse(&mut inside).await;
            attendance.part(inside, end).await;
        }
        end => attendance.part(stream, end).await,
    }
}

impl fmt::Debug for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It goes on inside TLS.
    Handshake,
    /// The server closes.
    Close,
    /// The server resets.
    Reset,
    /// The client is gone, or as good as gone.
    Gone,
}

/// A connection that is being attended.
struct Attendance<'a> {
    server: Server,
    terms: &'a Terms<'a>,
    timer: Timer,
    outgoing: Outgoing,
    /// When something was heard, or taken by the client, last.
    lively: Instant,
    buffer: Box<[u8; READ_BYTES]>,
}

impl<'a> Attendance<'a> {
    fn new(server: Server, terms: &'a Terms<'a>) -> Self {
        let (timer, lively) = (terms.clock.timer(), terms.clock.now());
        let outgoing = Outgoing::new(lively, server.network().pieces);
        let buffer = Box::new([0; READ_BYTES]);
        Self { server, terms, timer, outgoing, lively, buffer }
    }

    fn greet(&mut self) {
        let now = self.terms.clock.now();
        let turn = self.server.greeting(now);
        self.outgoing.add(turn, now);
    }

    async fn converse<S: Socket>(&mut self, stream: &mut S) -> End {
        poll_fn(|context| self.poll(stream, context)).await
    }

    fn poll<S: Socket>(&mut self, stream: &mut S, context: &mut Context<'_>) -> Poll<End> {
        loop {
            let now = self.terms.clock.now();
            let client = self.hear(stream, now, context);
            self.wake(now);
            match self.say(stream, now, context) {
                Poll::Ready(Some(end)) => return Poll::Ready(end),
                // More may have come in the meantime.
                Poll::Ready(None) if client == Client::Speaks => {}
                Poll::Ready(None) | Poll::Pending if client == Client::Gone => return Poll::Ready(End::Gone),
                Poll::Ready(None) | Poll::Pending => match ready!(self.wait(now, context)) {
                    Waited::Due => {}
                    Waited::TooLong => self.give_up(now),
                    Waited::InVain => return Poll::Ready(End::Gone),
                },
            }
        }
    }

    /// Hears everything that has come, as long as there is room for answers. What answers a group of commands is one turn,
    /// however the group was cut into pieces on its way.
    fn hear<S: Socket>(&mut self, stream: &mut S, now: Instant, context: &mut Context<'_>) -> Client {
        while self.outgoing.has_room() {
            let mut buffer = ReadBuf::new(&mut self.buffer[..]);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Pending => return Client::Silent,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    // A server that closes, is silent or waits for a handshake takes no notice.
                    let turn = self.server.receive(now, buffer.filled());
                    self.outgoing.add(turn, now);
                    if !self.outgoing.is_silent() {
                        self.lively = now;
                    }
                }
                Poll::Ready(Ok(()) | Err(_)) => return Client::Gone,
            }
        }
        Client::Speaks
    }

    /// Says what is due; how the conversation ends, if it does. Pending while the client does not take it, or it is not due.
    fn say<S: Socket>(
        &mut self,
        stream: &mut S,
        now: Instant,
        context: &mut Context<'_>,
    ) -> Poll<Option<End>> {
        while let Some(said) = self.outgoing.due(now) {
            while !said.rest().is_empty() {
                match ready!(Pin::new(&mut *stream).poll_write(context, said.rest())) {
                    Ok(count) if count > 0 => said.taken(count),
                    Ok(_) | Err(_) => return Poll::Ready(Some(End::Gone)),
                }
                self.lively = now;
            }
            if ready!(Pin::new(&mut *stream).poll_flush(context)).is_err() {
                return Poll::Ready(Some(End::Gone));
            }
            if self.outgoing.goes_on() {
                continue;
            }
            match self.outgoing.done() {
                Then::Continue => {}
                Then::Close => return Poll::Ready(Some(End::Close)),
                Then::Reset => return Poll::Ready(Some(End::Reset)),
                Then::Hang => self.outgoing.fall_silent(),
            }
        }
        if !self.outgoing.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(self.server.awaits_handshake().then_some(End::Handshake))
    }

    /// Waits for the next moment at which something is to be done; pending until it comes.
    fn wait(&self, now: Instant, context: &Context<'_>) -> Poll<Waited> {
        match self.outgoing.next().or_else(|| self.server.wakes_at()) {
            Some(at) if at > now => self.timer.poll_until(at, context).map(|()| Waited::Due),
            // It is due to speak unasked.
            Some(_) if self.outgoing.is_empty() => Poll::Ready(Waited::Due),
            // It is due, and the client does not take it.
            Some(_) => self.lose_patience(self.terms.patience, Waited::InVain, context),
            None if self.outgoing.is_silent() => self.lose_patience(Some(SILENCE), Waited::InVain, context),
            None => self.lose_patience(self.terms.patience, Waited::TooLong, context),
        }
    }

    fn lose_patience(
        &self,
        patience: Option<Duration>,
        in_the_end: Waited,
        context: &Context<'_>,
    ) -> Poll<Waited> {
        let Some(patience) = patience else { return Poll::Pending };
        self.timer.poll_until(self.lively + patience, context).map(|()| in_the_end)
    }

    /// Adds what the server does unasked, if it is time for it.
    fn wake(&mut self, now: Instant) {
        if let Some(at) = self.server.wakes_at().filter(|at| *at <= now) {
            let turn = self.server.wake(at);
            self.outgoing.add(turn, now);
        }
    }

    fn give_up(&mut self, now: Instant) {
        let turn = self.server.lose_patience(now);
        self.outgoing.add(turn, now);
    }
}

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        self.server.closed(self.terms.clock.now());
    }
}

/// What the client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// There may be more than was heard.
    Speaks,
    Silent,
    Gone,
}

/// What has been waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    /// Something is due.
    Due,
    /// The client has been silent for too long.
    TooLong,
    /// There is nothing left to wait for.
    InVain,
}
