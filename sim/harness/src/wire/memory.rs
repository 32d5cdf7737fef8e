//! The memory wire: a connection *is* its server.
//!
//! What the engine writes goes straight into the fake server's session; what that answers becomes readable at its
//! virtual instant. No server task, no pipe, no copy of the message between them. Models latency, refusal, silence, close
//! and reset, and a server's words in pieces; what the engine writes is taken at once, and a slow network shows in the answer. TLS
//! is a mark that both ends agree on, and a handshake that takes its time: nothing is encrypted. What is wrong with a certificate is
//! found by a client that must look at it.
//!
//! Somebody else may hear what is said ([`super::witness`]); the time, the ends of connections and what the server writes
//! down are the same then.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engine::clock::{Clock, Timer};
use engine::port::{ConnectError, Connector, Later, Opened, Stream};
use fleet::behaviour::Network;
use fleet::{Certificate, Dial, Fleet, Handshake, Server};
use host::tls::TlsFailure;
use smtp::Domain;
use smtp::client::Trust;
use smtp::server::{Then, Turn};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use units::Instant;

use super::trouble::Trouble;
use super::witness::{Witness, Witnesses};
use crate::clock::Halt;

/// The fleet, reached over memory.
pub(crate) struct MemoryWire {
    fleet: Rc<RefCell<Fleet>>,
    clock: Clock,
    witnesses: Option<Box<dyn Witnesses>>,
    trouble: Rc<Trouble>,
}

impl MemoryWire {
    pub(crate) fn new(fleet: Rc<RefCell<Fleet>>, clock: Clock) -> Self {
        Self { fleet, clock, witnesses: None, trouble: Rc::default() }
    }

    /// With somebody who hears every connection. `trouble` is what they tell when the run cannot go on.
    pub(crate) fn heard_by(self, witnesses: Box<dyn Witnesses>, trouble: Rc<Trouble>) -> Self {
        Self { witnesses: Some(witnesses), trouble, ..self }
    }

    /// Does `work`.
    ///
    /// # Errors
    /// A witness told of trouble.
    pub(crate) async fn carry<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        self.trouble.beside(work).await
    }
}

impl Connector for MemoryWire {
    fn connect<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(async move {
            let dialled = self.clock.now();
            let dial = self.fleet.borrow_mut().connect(host.as_str(), dialled);
            match dial {
                Dial::Refused { after } => {
                    self.clock.sleep_until(dialled + after).await;
                    Err(ConnectError::Refused)
                }
                Dial::TimedOut => pending().await,
                Dial::Connected { after, server } => {
                    let number = server.number();
                    let mut connection = Connection::new(*server, &self.clock);
                    self.clock.sleep_until(dialled + after).await;
                    connection.witness =
                        self.witnesses.as_ref().map(|all| all.call(host, number, connection.network));
                    connection.greet();
                    Ok(Opened { stream: Box::new(connection), number })
                }
            }
        })
    }
}

/// A connection with the server at its other end.
struct Connection {
    server: Server,
    clock: Clock,
    timer: Timer,
    /// What the server has said: when it can be read, what, and what happens to the connection after it.
    said: VecDeque<Said>,
    /// When the last thing said can be read.
    latest: Instant,
    /// The server has said its last word.
    over: bool,
    network: Network,
    /// Somebody else who hears it.
    witness: Option<Box<dyn Witness>>,
}

struct Said {
    at: Instant,
    bytes: Vec<u8>,
    /// How much of `bytes` has been read.
    read: usize,
    then: Then,
}

impl Connection {
    /// A connection that is being opened; dropped before it stands, it is given up.
    fn new(server: Server, clock: &Clock) -> Self {
        let (timer, latest) = (clock.timer(), clock.now());
        let (said, clock) = (VecDeque::new(), clock.clone());
        let network = server.network();
        Self { server, clock, timer, said, latest, over: false, network, witness: None }
    }

    /// The connection stands: the server speaks first.
    fn greet(&mut self) {
        let now = self.clock.now();
        let mut turn = self.server.greeting(now);
        if let Some(witness) = &mut self.witness {
            witness.greeted(now, &mut turn);
        }
        self.take(turn, now);
    }

    /// The server's turn after the engine wrote `bytes`.
    fn turn(&mut self, now: Instant, bytes: &[u8]) -> Turn {
        let Some(witness) = &mut self.witness else { return self.server.receive(now, bytes) };
        let (mut turn, exchanges) = self.server.receive_noted(now, bytes);
        witness.heard(now, bytes, &exchanges, &mut turn);
        turn
    }

    /// The server speaks unasked.
    fn wake(&mut self, now: Instant) {
        let mut turn = self.server.wake(now);
        if let Some(witness) = &mut self.witness {
            witness.heard(now, &[], &[], &mut turn);
        }
        self.take(turn, now);
    }

    fn take(&mut self, turn: Turn, now: Instant) {
        self.over = turn.then != Then::Continue;
        if turn.bytes.is_empty() && !self.over {
            return;
        }
        let at = self.latest.max(now) + turn.after;
        self.latest = at + self.network.pieces.map_or(Duration::ZERO, |pieces| pieces.take(turn.bytes.len()));
        self.said.push_back(Said { at, bytes: turn.bytes, read: 0, then: turn.then });
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while let Some(said) = this.said.front_mut() {
            if this.timer.poll_until(said.at, context).is_pending() {
                return Poll::Pending;
            }
            let rest = &said.bytes[said.read..];
            if !rest.is_empty() {
                let piece = this.network.pieces.map_or(usize::MAX, |pieces| pieces.bytes);
                let count = rest.len().min(buffer.remaining()).min(piece);
                buffer.put_slice(&rest[..count]);
                said.read += count;
                if let Some(pieces) = this.network.pieces
                    && said.read < said.bytes.len()
                {
                    said.at += pieces.every;
                }
                return Poll::Ready(Ok(()));
            }
            match said.then {
                Then::Continue => this.said.pop_front(),
                Then::Close => {
                    return this.timer.poll_until(said.at + this.network.slow_close, context).map(Ok);
                }
                Then::Reset => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                Then::Hang => return Poll::Pending, // The reader's own limit wakes it.
            };
        }
        // Nothing is under way: either the server speaks unasked, or the reader's own limit wakes it.
        let Some(at) = this.server.wakes_at() else { return Poll::Pending };
        if this.timer.poll_until(at, context).is_pending() {
            return Poll::Pending;
        }
        this.wake(at);
        Pin::new(this).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    /// Takes everything at once. What is written to a server that has closed is lost, as on a real network.
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let now = this.clock.now();
        if let Some(at) = this.server.wakes_at().filter(|at| *at <= now) {
            this.wake(at);
        }
        if !this.over {
            let turn = this.turn(now, bytes);
            this.take(turn, now);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    /// Takes it piece by piece, all at one moment.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut written = 0;
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            written += ready!(self.as_mut().poll_write(context, piece))?;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Stream for Connection {
    fn secure<'a>(&'a mut self, trust: Trust) -> Later<'a, io::Result<()>> {
        Box::pin(async move {
            let (begun, certificate) = (self.clock.now(), self.server.certificate());
            // A server that is not waiting for a handshake takes it for nonsense and hangs up.
            let handshake = self.server.secure(begun).ok_or(io::ErrorKind::ConnectionAborted)?;
            match handshake {
                Handshake::Done { after } => {
                    self.clock.sleep_until(begun + after).await;
                    match (trust, fault(certificate)) {
                        (Trust::NamedHost, Some(fault)) => Err(fault.into()),
                        (Trust::NamedHost, None) | (Trust::Anybody, _) => Ok(()),
                    }
                }
                Handshake::Broken { after, then } => {
                    self.over = true;
                    self.clock.sleep_until(begun + after).await;
                    match then {
                        Then::Reset => Err(io::ErrorKind::ConnectionReset.into()),
                        Then::Close => Err(io::ErrorKind::UnexpectedEof.into()),
                        Then::Hang | Then::Continue => pending().await, // The client's own limit ends it.
                    }
                }
            }
        })
    }
}

/// What a client finds that looks at a certificate like this.
const fn fault(certificate: Certificate) -> Option<TlsFailure> {
    match certificate {
        Certificate::Valid => None,
        Certificate::Expired => Some(TlsFailure::Expired),
        Certificate::NotYetValid => Some(TlsFailure::NotYetValid),
        Certificate::WrongName => Some(TlsFailure::WrongName),
        Certificate::SelfSigned | Certificate::UnknownCa | Certificate::IncompleteChain => {
            Some(TlsFailure::UnknownIssuer)
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.server.closed(self.clock.now());
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::VirtualTime;
    use crate::wire::one_host;

    /// The code of the server's next answer; nothing when it says nothing for an hour.
    async fn heard(stream: &mut Box<dyn Stream>, clock: &Clock) -> Option<String> {
        let mut bytes = [0; 512];
        let mut buffer = ReadBuf::new(&mut bytes);
        let read = poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer));
        clock.timer().limit(clock.now() + Duration::from_secs(3600), read).await.ok()?.ok()?;
        Some(String::from_utf8_lossy(&buffer.filled()[..3]).into_owned())
    }

    /// Says `lines` one after the other and does the handshake at `HANDSHAKE`; what came of each.
    fn talk(yaml: &str, lines: &[&str]) -> Vec<String> {
        let time = VirtualTime::new(Arc::default());
        let clock = time.clock();
        let wire = MemoryWire::new(Rc::new(RefCell::new(one_host::fleet(yaml, &[]))), clock.clone());
        let host = Domain::parse("bigbox.test").expect("a domain");
        let talk = async {
            let mut stream = wire.connect(&host).await.expect("a connection").stream;
            let mut told = vec![heard(&mut stream, &clock).await.unwrap_or_default()];
            for line in lines {
                let begun = clock.now();
                told.push(if *line == "HANDSHAKE" {
                    match stream.secure(Trust::Anybody).await {
                        Ok(()) if clock.now() > begun => "secured".to_owned(),
                        Ok(()) => "secured in no time".to_owned(),
                        Err(error) => error.kind().to_string(),
                    }
                } else {
                    let said = format!("{line}\r\n");
                    let write =
                        poll_fn(|context| Pin::new(&mut *stream).poll_write(context, said.as_bytes()));
                    write.await.expect("a write always goes through");
                    heard(&mut stream, &clock).await.unwrap_or_else(|| "silence".to_owned())
                });
            }
            told
        };
        time.run(talk).expect("the conversation ends")
    }

    #[test]
    fn a_connection_is_secured_when_both_ends_say_so() {
        let lines = ["EHLO a.test", "STARTTLS", "HANDSHAKE", "MAIL FROM:<>", "EHLO a.test", "MAIL FROM:<>"];
        assert_eq!(talk("tls: required", &lines), ["220", "250", "220", "secured", "503", "250", "250"]);
        let aborted = io::ErrorKind::ConnectionAborted.to_string();
        let lines = ["EHLO a.test", "STARTTLS", "HANDSHAKE", "MAIL FROM:<>"];
        assert_eq!(talk("tls: unavailable", &lines), ["220", "250", "454", &aborted, "530"]);
        assert_eq!(talk("latency: 1s", &lines), ["220", "250", "502", &aborted, "250"]);
    }

    #[test]
    fn plain_text_in_place_of_a_handshake_is_not_heard() {
        let lines = ["EHLO a.test", "STARTTLS", "NOOP", "HANDSHAKE", "NOOP"];
        assert_eq!(talk("tls: offered", &lines), ["220", "250", "220", "silence", "secured", "250"]);
    }
}
