//! The engine over a wire that counts: every turn is one write, and it makes no difference to a server how many things a
//! client says at once.
//!
//! Time stands still here, which is enough for servers that answer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use engine::clock::{Clock, Timekeeper, TimerId, Turn};
use engine::port::{ConnectError, Connector, Later, Opened, Resolver, Stream};
use engine::{Engine, Settings};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::{ContactId, MailingId};
use policy::ledger::{Entry, Ledger};
use policy::mailing::{Content, Kind, Letter, Listed, Mailing, UncertainPolicy};
use policy::metrics::Metrics;
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::route::{MailRoute, MxAnswer};
use policy::tls::TlsPolicy;
use policy::{Dispatcher, Setup};
use smtp::client::{Flow, Transfer, Trust};
use smtp::server::{Answer, Host, ServerConfig, ServerSession, Then};
use smtp::{Address, Body, Domain, Extensions, Reply, ReversePath};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use units::{Draw, Instant};

const MESSAGES: u32 = 10;

/// It is always the beginning of time. All timers are one, because only that of the engine is ever looked at.
#[derive(Default)]
struct Still {
    set: Cell<bool>,
}

impl Timekeeper for Still {
    fn now(&self) -> Instant {
        Instant::ZERO
    }
    fn register(&self, _: Turn) -> TimerId {
        TimerId(0)
    }
    fn set(&self, _: TimerId, at: Instant, waker: &Waker) {
        self.set.set(at > Instant::ZERO);
        if at == Instant::ZERO {
            waker.wake_by_ref();
        }
    }
    fn clear(&self, _: TimerId) {}
    fn is_set(&self, _: TimerId) -> bool {
        self.set.get()
    }
    fn release(&self, _: TimerId) {}
}

struct NoLedger;

impl Ledger for NoLedger {
    fn note(&mut self, _: Instant, _: Entry<'_>) {}
}

/// What a server is like, and what it has seen.
#[derive(Default)]
struct World {
    extensions: Extensions,
    /// After how many messages it closes a connection, without a word.
    closes_after: Option<u32>,
    /// How it refuses a message that it has seen the beginning of.
    refuses: Option<Refusal>,
    connections: Cell<u32>,
    writes: Cell<u32>,
    taken: RefCell<Vec<String>>,
}

/// What becomes of the rest of a message that is refused in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is not read.
    Stalls,
    /// The connection breaks.
    Breaks,
}

/// One connection as its server sees it.
struct Visit {
    world: Rc<World>,
    recipients: Vec<String>,
    messages: u32,
}

fn yes(code: u16) -> Answer {
    Answer::say(Reply::new(code, None, "yes"))
}

impl Host for Visit {
    fn greet(&mut self) -> Answer {
        yes(220)
    }
    fn hello(&mut self, _: &str) -> Answer {
        yes(250)
    }
    fn start_tls(&mut self) -> Answer {
        yes(220)
    }
    fn mail(&mut self, _: &ReversePath, _: Option<u64>) -> Answer {
        yes(250)
    }
    fn rcpt(&mut self, to: &Address) -> Answer {
        self.recipients.push(to.to_string());
        yes(250)
    }
    fn data(&mut self) -> Answer {
        yes(354)
    }
    fn body(&mut self, _: &[u8]) {}
    fn end_of_data(&mut self, _: u64) -> Answer {
        self.messages += 1;
        self.world.taken.borrow_mut().append(&mut self.recipients);
        let is_enough = self.world.closes_after == Some(self.messages);
        yes(250).then(if is_enough { Then::Close } else { Then::Continue })
    }
    fn quit(&mut self) -> Answer {
        yes(221)
    }
    fn reset(&mut self) {
        self.recipients.clear();
    }
}

/// A connection that is its server.
struct Wire {
    session: ServerSession,
    visit: Visit,
    said: VecDeque<u8>,
    over: bool,
}

impl Wire {
    fn hear(&mut self, bytes: &[u8]) {
        if !self.over {
            let turn = self.session.receive(&mut self.visit, bytes);
            self.said.extend(turn.bytes);
            self.over = turn.then != Then::Continue;
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.said.is_empty() && !this.over {
            return Poll::Pending; // Nobody waits for long: time stands still, and the test would not end.
        }
        let count = this.said.len().min(buffer.remaining());
        buffer.put_slice(&this.said.drain(..count).collect::<Vec<_>>());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let writes = &this.visit.world.writes;
        writes.set(writes.get() + 1);
        match this.visit.world.refuses {
            Some(Refusal::Stalls) if this.over => return Poll::Pending,
            Some(Refusal::Breaks) if this.over => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Some(_) if pieces.iter().any(|piece| piece.starts_with(b"Subject:")) => {
                this.said.extend(*b"552 5.3.4 message too big\r\n");
                this.over = true;
                return Poll::Ready(Ok(1));
            }
            Some(_) | None => {}
        }
        let bytes = pieces.iter().flat_map(|piece| piece.iter().copied()).collect::<Vec<_>>();
        this.hear(&bytes);
        Poll::Ready(Ok(bytes.len()))
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

impl Stream for Wire {
    /// TLS is broken.
    fn secure<'a>(&'a mut self, _: Trust) -> Later<'a, io::Result<()>> {
        Box::pin(async { Err(io::ErrorKind::InvalidData.into()) })
    }
}

/// The ports of the engine.
struct Net(Rc<World>);

impl Connector for Net {
    fn connect<'a>(&'a self, _: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(async {
            let world = Rc::clone(&self.0);
            let number = world.connections.get() + 1;
            world.connections.set(number);
            let config = ServerConfig { extensions: world.extensions, ..ServerConfig::default() };
            let visit = Visit { world, recipients: Vec::new(), messages: 0 };
            let mut wire =
                Wire { session: ServerSession::new(config), visit, said: VecDeque::new(), over: false };
            let greeting = wire.session.greeting(&mut wire.visit);
            wire.said.extend(greeting.bytes);
            Ok(Opened { stream: Box::new(wire), number })
        })
    }
}

impl Resolver for Net {
    fn mx<'a>(&'a self, _: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(async { MxAnswer::Implicit.into() })
    }
}

fn recipient(number: u32) -> Address {
    Address::parse(&format!("r{number}@bigbox.test")).expect("an address")
}

/// A mailing of one message each over one connection at a time.
fn setup(tls: TlsPolicy) -> Setup {
    let standing = Standing { status: ContactStatus::Active, strikes: 0 };
    let list = (0..MESSAGES).map(|n| Listed { contact: ContactId(n), position: n }).collect();
    let limits = SiteLimits { connections: 1, recipients_per_message: 1, ..SiteLimits::default() };
    let mailing = Mailing {
        name: "news".to_owned(),
        kind: Kind::Regular,
        start: Instant::ZERO,
        content: Content::Shared(Letter {
            sender: ReversePath::Null,
            body: Arc::new(Body::new(b"Subject: news\r\n\r\n.\r\n")),
        }),
        list,
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
    };
    Setup {
        contacts: (0..MESSAGES).map(|n| (recipient(n), standing)).collect(),
        mailings: vec![mailing],
        limits,
        tls,
        draw: Draw::new(1, "turns"),
    }
}

/// Sends the mailing; everybody gets it, once. Tells how many connections and writes that took.
fn send(world: World, tls: TlsPolicy, flow: Flow, transfer: Transfer) -> (u32, u32) {
    let world = Rc::new(world);
    let delivered = try_to_send(&world, tls, flow, transfer).delivered;
    let mut taken = world.taken.take();
    taken.sort();
    let mut all: Vec<String> = (0..MESSAGES).map(|n| recipient(n).to_string()).collect();
    all.sort();
    assert_eq!((delivered, taken), (u64::from(MESSAGES), all));
    (world.connections.get(), world.writes.get())
}

/// Sends the mailing. Tells how it stands in the end.
fn try_to_send(world: &Rc<World>, tls: TlsPolicy, flow: Flow, transfer: Transfer) -> Metrics {
    let dispatcher = Dispatcher::new(setup(tls), Box::new(NoLedger));
    let net = Rc::new(Net(Rc::clone(world)));
    let name = Domain::parse("mta.sender.example").expect("a domain");
    let settings = Settings { flow, transfer, ..Settings::new(name) };
    let engine =
        Engine::new(dispatcher, Clock::new(Rc::new(Still::default())), Rc::clone(&net) as _, net, settings);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, engine.run());
    engine.ask(|dispatcher| *dispatcher.metrics(MailingId(0)))
}

fn offers(pipelining: bool, chunking: bool) -> Extensions {
    Extensions { pipelining, chunking, ..Extensions::default() }
}

#[test]
fn a_turn_is_a_write() {
    // EHLO and QUIT, and for each message what has to wait for an answer.
    let turns = |each: u32| 2 + each * MESSAGES;
    let check = |extensions, flow, transfer, writes| {
        let world = World { extensions, ..World::default() };
        assert_eq!(send(world, TlsPolicy::OnDemand, flow, transfer), (1, writes), "{flow:?}, {transfer:?}");
    };
    check(offers(false, false), Flow::Eager, Transfer::Data, turns(4));
    check(offers(true, false), Flow::Stepwise, Transfer::Data, turns(2));
    check(offers(true, false), Flow::Eager, Transfer::Data, turns(1) + 1);
    check(offers(true, true), Flow::Stepwise, Transfer::ChunkIfOffered, turns(1));
    check(offers(true, true), Flow::Eager, Transfer::ChunkIfOffered, turns(1));
    check(offers(false, true), Flow::Stepwise, Transfer::ChunkIfOffered, turns(3));
}

#[test]
fn a_server_that_closes_after_three_messages_gets_each_once() {
    for (flow, transfer) in [
        (Flow::Stepwise, Transfer::Data),
        (Flow::Eager, Transfer::Data),
        (Flow::Eager, Transfer::ChunkIfOffered),
    ] {
        let world = World { extensions: offers(true, true), closes_after: Some(3), ..World::default() };
        let (connections, _) = send(world, TlsPolicy::OnDemand, flow, transfer);
        assert_eq!(connections, MESSAGES.div_ceil(3), "{flow:?}, {transfer:?}");
    }
}

#[test]
fn a_refusal_in_the_middle_of_a_message_is_heard() {
    for refusal in [Refusal::Stalls, Refusal::Breaks] {
        for flow in [Flow::Stepwise, Flow::Eager] {
            let world = World { extensions: offers(true, false), refuses: Some(refusal), ..World::default() };
            let metrics = try_to_send(&Rc::new(world), TlsPolicy::OnDemand, flow, Transfer::Data);
            assert_eq!(metrics.hard_bounced, u64::from(MESSAGES), "{refusal:?}, {flow:?}");
        }
    }
}

#[test]
fn broken_tls_costs_a_connection_and_no_message() {
    let extensions = Extensions { starttls: true, ..offers(true, false) };
    let world = World { extensions, ..World::default() };
    let (connections, _) = send(world, TlsPolicy::Opportunistic, Flow::Eager, Transfer::Data);
    assert_eq!(connections, 2);
}
