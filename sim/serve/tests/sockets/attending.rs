//! One connection: what is said when, and how it ends.

use std::rc::Rc;
use std::time::Duration;

use engine::clock::Clock;
use fleet::{Answered, ConnectionEnd, Dial, Fleet, Pace};
use serve::{PATIENCE, Terms, attend};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::{JoinHandle, spawn_local, yield_now};
use units::Instant;

use crate::clock::HandClock;
use crate::world::{Client, Closed, ENVELOPE, HOST, codes, fleet, on_a_runtime};

/// A client and the server at the other end of its connection.
struct Connection {
    client: Client,
    clock: Rc<HandClock>,
    fleet: Fleet,
    attending: JoinHandle<()>,
}

impl Connection {
    /// A connection to a server that behaves as `yaml` says.
    async fn open(yaml: &str, pace: Pace) -> Self {
        let (hand, clock) = HandClock::new();
        let fleet = fleet(yaml, pace);
        let (client, stream) = pair().await;
        let Dial::Connected { server, .. } = fleet.connect(HOST, Instant::ZERO) else { panic!("refused") };
        let attending = spawn_local(async move {
            let terms = Terms { clock: &clock, patience: Some(PATIENCE), tls: None };
            attend(stream, *server, &terms).await;
        });
        Self { client: Client::new(client), clock: hand, fleet, attending }
    }

    /// Lets the clock go on until the client has something to read; how long that took.
    async fn time_until_heard(&mut self) -> Duration {
        let begun = Clock::new(self.clock.clone()).now();
        loop {
            for _ in 0..100 {
                yield_now().await;
            }
            let mut byte = [0];
            if let Some(Ok(_)) = now_or_never(self.client.stream.peek(&mut byte)).await {
                return Clock::new(self.clock.clone()).now().since(begun);
            }
            let next = self.clock.next().expect("somebody waits");
            self.clock.advance(next.since(Clock::new(self.clock.clone()).now()));
        }
    }

    /// Closes the client's end, and waits until the server has noticed; its receipts.
    async fn receipts(self) -> fleet::Receipts {
        drop(self.client);
        self.attending.await.expect("no panic");
        self.fleet.into_receipts(Clock::new(self.clock).now())
    }
}

async fn pair() -> (TcpStream, TcpStream) {
    // Small buffers, so that little of what nobody reads is held by the system.
    let listening = TcpSocket::new_v4().expect("a socket");
    listening.set_send_buffer_size(1 << 16).expect("a size");
    listening.set_recv_buffer_size(1 << 16).expect("a size");
    listening.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let listener = listening.listen(1).expect("a listener");
    let client = TcpSocket::new_v4().expect("a socket");
    client.set_send_buffer_size(1 << 16).expect("a size");
    client.set_recv_buffer_size(1 << 16).expect("a size");
    let client = client.connect(listener.local_addr().expect("bound")).await.expect("listening");
    let (server, _) = listener.accept().await.expect("a client");
    (client, server)
}

async fn now_or_never<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

#[test]
fn a_group_of_commands_is_answered_in_one_piece() {
    on_a_runtime(async {
        let mut one = Connection::open("", Pace::Immediate).await;
        assert_eq!(one.client.codes().await, "220");
        assert_eq!(one.client.ask(ENVELOPE).await, "250 250 250 354");
        let next = ENVELOPE.replace("EHLO out.sender.test\r\n", "");
        assert_eq!(one.client.ask(&format!("hello\r\n.\r\n{next}")).await, "250 250 250 354");
        assert_eq!(one.client.ask(".\r\nQUIT\r\n").await, "250 221");
        assert_eq!(one.client.rest().await, (String::new(), Closed::Properly));
        let receipts = one.receipts().await;
        let accepted = receipts.arrivals.iter().filter(|one| matches!(one.answer, Answered::Accepted { .. }));
        assert_eq!(accepted.count(), 2);
        assert_eq!(receipts.connections[0].end, ConnectionEnd::Quit);
    });
}

#[test]
fn answers_take_their_time() {
    on_a_runtime(async {
        let mut one = Connection::open("latency: 100ms", Pace::Distant).await;
        assert_eq!(one.time_until_heard().await, Duration::from_millis(100));
        assert_eq!(one.client.codes().await, "220");
        one.client.say(ENVELOPE).await;
        assert_eq!(one.time_until_heard().await, Duration::from_millis(400));
        assert_eq!(one.client.codes().await, "250 250 250 354");
    });
}

#[test]
fn a_client_that_leaves_while_it_waits_is_noticed() {
    on_a_runtime(async {
        let mut one = Connection::open("latency: 100ms", Pace::Distant).await;
        one.time_until_heard().await;
        one.client.say(ENVELOPE).await;
        one.time_until_heard().await;
        one.client.codes().await;
        one.client.say(".\r\n").await;
        while one.clock.next().is_none() {
            yield_now().await;
        }
        one.clock.advance(Duration::from_millis(99));
        let receipts = one.receipts().await;
        assert!(matches!(receipts.arrivals[0].answer, Answered::AcceptedReplyLost { .. }), "{receipts:?}");
        assert_eq!(receipts.connections[0].end, ConnectionEnd::ClientClosed);
    });
}

#[test]
fn whoever_has_said_everything_may_close_and_still_hears() {
    on_a_runtime(async {
        let mut one = Connection::open("", Pace::Immediate).await;
        one.client.say(&format!("{ENVELOPE}hello\r\n.\r\n")).await;
        one.client.stream.shutdown().await.expect("one half can be closed");
        let (said, closed) = one.client.rest().await;
        assert_eq!((codes(&said).as_str(), closed), ("220 250 250 250 354 250", Closed::Properly));
        let receipts = one.receipts().await;
        assert!(matches!(receipts.arrivals[0].answer, Answered::Accepted { .. }), "{receipts:?}");
        assert_eq!(receipts.connections[0].end, ConnectionEnd::ClientClosed);
    });
}

#[test]
fn whoever_says_nothing_for_five_minutes_is_hung_up_on() {
    on_a_runtime(async {
        let mut one = Connection::open("", Pace::Immediate).await;
        assert_eq!(one.client.codes().await, "220");
        one.clock.advance(Duration::from_secs(200));
        assert_eq!(one.client.ask("NOOP\r\n").await, "250");
        assert_eq!(one.time_until_heard().await, PATIENCE);
        let (said, closed) = one.client.rest().await;
        assert_eq!((codes(&said).as_str(), closed), ("421", Closed::Properly));
        assert_eq!(one.receipts().await.connections[0].end, ConnectionEnd::ServerClosed);
    });
}

#[test]
fn servers_close_reset_and_fall_silent() {
    on_a_runtime(async {
        let mut one = Connection::open("drop: { at: rcpt }", Pace::Immediate).await;
        one.client.codes().await;
        one.client.say(ENVELOPE).await;
        let (said, closed) = one.client.rest().await;
        assert_eq!((codes(&said).as_str(), closed), ("250 250", Closed::Properly));

        let mut one = Connection::open("connect: reset", Pace::Immediate).await;
        assert_eq!(one.client.rest().await, (String::new(), Closed::Reset));

        let mut one = Connection::open("stall: { at: data }", Pace::Immediate).await;
        one.client.codes().await;
        assert_eq!(one.client.ask(ENVELOPE).await, "250 250 250");
        one.client.say("NOOP\r\n").await;
        assert_eq!(one.time_until_heard().await, Duration::from_secs(60 * 60));
        assert_eq!(one.client.rest().await, (String::new(), Closed::Properly));
    });
}

#[test]
fn a_flood_is_answered_in_bounded_memory() {
    on_a_runtime(async {
        // Without anybody who reads, a server stops hearing long before a megabyte has been said. A line without an end is
        // heard to its end, and forgotten.
        for (line, heard) in [("NOOP\r\n", false), ("HELP\r\n", false), ("\r\n", false), ("x", true)] {
            let mut one = Connection::open("", Pace::Immediate).await;
            one.client.codes().await;
            let (mut reading, mut writing) = one.client.stream.into_split();
            let flood = line.repeat((8 << 20) / line.len());
            let said = now_or_never_for_long(writing.write_all(flood.as_bytes())).await;
            assert_eq!(said.is_some(), heard, "{line:?}");
            drop(writing);
            let _ = reading.read_to_end(&mut Vec::new()).await;
            one.attending.await.expect("no panic");
        }
    });
}

/// Gives `work` ten thousand turns.
async fn now_or_never_for_long<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    for _ in 0..10_000 {
        if let Some(value) = now_or_never(work.as_mut()).await {
            return Some(value);
        }
        yield_now().await;
    }
    None
}
