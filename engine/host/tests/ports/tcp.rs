//! Connections: where they go, where they come from, and why they fail.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use engine::port::{ConnectError, Connector, Opened};
use host::connector::{Route, TcpConnector};
use host::dial::{DialLimits, Dialer, Sources};
use host::endpoint::Endpoint;
use host::reach::Reach;
use host::tls::{Roots, Tls};
use socket2::{SockRef, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stage::{Known, clock, dialer, domain, listener, listener_at, live, port};

fn connector(dialer: Dialer, route: Route) -> TcpConnector {
    TcpConnector::new(dialer, route, Tls::new(&Roots::nobody()))
}

async fn connect(addresses: &[&str], port: u16) -> Result<Opened, ConnectError> {
    connector(dialer(addresses), Route::Hosts { port }).connect(&domain("mx.test")).await
}

async fn refusal(addresses: &[&str], port: u16) -> ConnectError {
    connect(addresses, port).await.map(drop).expect_err("nobody listens")
}

/// A port that nobody listens at, kept so until it is dropped.
fn closed_port() -> (Socket, u16) {
    let socket = Socket::new(socket2::Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    let port = socket.local_addr().ok().and_then(|address| address.as_socket()).expect("it is bound").port();
    (socket, port)
}

/// A listener whose queue is full: whoever connects is not answered.
fn silent_port() -> (Vec<Socket>, u16) {
    let (socket, port) = closed_port();
    socket.listen(0).expect("it is bound");
    let address = SocketAddr::from(([127, 0, 0, 1], port)).into();
    let mut kept = vec![socket];
    for _ in 0..8 {
        let visitor = Socket::new(socket2::Domain::IPV4, Type::STREAM, None).expect("a socket");
        visitor.set_nonblocking(true).expect("it is a socket");
        // In progress: nobody will take it.
        let _ = visitor.connect(&address);
        kept.push(visitor);
    }
    (kept, port)
}

#[test]
fn bytes_go_both_ways_and_numbers_differ() {
    live(async {
        let listener = listener().await;
        let mut first = connect(&["127.0.0.1"], port(&listener)).await.expect("somebody listens");
        let second = connect(&["127.0.0.1"], port(&listener)).await.expect("somebody listens");
        assert!(first.number != 0 && second.number != 0 && first.number != second.number);
        let (mut peer, _) = listener.accept().await.expect("a visitor");
        first.stream.write_all(b"EHLO").await.expect("it is open");
        let mut heard = [0; 4];
        peer.read_exact(&mut heard).await.expect("something was written");
        peer.write_all(b"250 ").await.expect("it is open");
        first.stream.read_exact(&mut heard).await.expect("something was written");
        assert_eq!(&heard, b"250 ");
        drop(first);
        assert_eq!(peer.read(&mut heard).await.expect("it was closed in good order"), 0);
    });
}

#[test]
fn nothing_is_held_back_and_dead_peers_are_noticed() {
    live(async {
        let listener = listener().await;
        let stream = dialer(&[]).endpoint(&Endpoint::from(listener.local_addr().expect("it is bound"))).await;
        let stream = stream.expect("somebody listens");
        assert!(stream.nodelay().expect("a socket"));
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().expect("a socket"));
        assert_eq!(socket.tcp_keepalive_time().expect("a socket"), Duration::from_secs(60));
    });
}

#[test]
fn slices_leave_in_one_write() {
    live(async {
        let listener = listener().await;
        let mut opened = connect(&["127.0.0.1"], port(&listener)).await.expect("somebody listens");
        let (mut peer, _) = listener.accept().await.expect("a visitor");
        let slices = [b"one".as_slice(), b"two", b"three"].map(std::io::IoSlice::new);
        assert!(opened.stream.is_write_vectored());
        assert_eq!(opened.stream.write_vectored(&slices).await.expect("it is open"), 11);
        let mut heard = [0; 64];
        let count = peer.read(&mut heard).await.expect("it is open");
        assert_eq!(&heard[..count], b"onetwothree");
    });
}

#[test]
fn failures_are_told_apart() {
    live(async {
        let (_kept, closed) = closed_port();
        assert_eq!(refusal(&["127.0.0.1"], closed).await, ConnectError::Refused);
        assert_eq!(refusal(&[], closed).await, ConnectError::NoAddress);
        let (_kept, silent) = silent_port();
        assert_eq!(refusal(&["127.0.0.1"], silent).await, ConnectError::TimedOut);
    });
}

#[test]
fn a_source_address_is_kept_to() {
    live(async {
        let listener = listener().await;
        let sources = Sources { v4: Some([127, 0, 0, 2].into()), v6: None };
        let connector =
            connector(dialer(&["127.0.0.1"]).from_sources(sources), Route::Hosts { port: port(&listener) });
        let _opened = connector.connect(&domain("mx.test")).await.expect("somebody listens");
        let (_, from) = listener.accept().await.expect("a visitor");
        assert_eq!(from.ip(), IpAddr::from([127, 0, 0, 2]));
    });
}

#[test]
fn a_source_address_of_others_is_a_fault_of_ours() {
    live(async {
        let listener = listener().await;
        let sources = Sources { v4: Some([192, 0, 2, 1].into()), v6: None };
        let connector =
            connector(dialer(&["127.0.0.1"]).from_sources(sources), Route::Hosts { port: port(&listener) });
        let error = connector.connect(&domain("mx.test")).await.expect_err("it is not ours");
        assert_eq!(error, ConnectError::Local);
    });
}

#[test]
fn both_families_are_tried_and_the_first_that_answers_wins() {
    live(async {
        let v4 = listener().await;
        let Some(v6) = listener_at("::1").await else { return };
        let both = ["127.0.0.1", "::1"];
        let opened = connect(&both, port(&v6)).await;
        assert!(opened.is_ok() && v6.accept().await.is_ok(), "IPv6 comes first");
        // Nobody listens at this port of ::1.
        let opened = connect(&both, port(&v4)).await;
        assert!(opened.is_ok() && v4.accept().await.is_ok(), "IPv4 comes next");
    });
}

#[test]
fn an_address_that_does_not_answer_costs_a_head_start_only() {
    live(async {
        let (_kept, silent) = silent_port();
        let Ok(listener) = tokio::net::TcpListener::bind(("127.0.0.2", silent)).await else {
            return eprintln!("SKIPPED: port {silent} of 127.0.0.2 is taken");
        };
        let clock = clock();
        let limits = DialLimits { connect: Duration::from_secs(30), head_start: Duration::from_millis(20) };
        let dialer = dialer(&["127.0.0.1", "127.0.0.2"]).within(limits);
        let before = clock.now();
        let opened = connector(dialer, Route::Hosts { port: silent }).connect(&domain("mx.test")).await;
        assert!(opened.is_ok() && listener.accept().await.is_ok());
        let took = clock.now().since(before);
        assert!(took >= limits.head_start && took < limits.connect / 2, "it took {took:?}");
    });
}

#[test]
fn the_most_telling_failure_is_told() {
    live(async {
        let (_kept, silent) = silent_port();
        // Nobody listens at 127.0.0.2; 192.0.2.1 is out of reach.
        assert_eq!(refusal(&["127.0.0.1", "127.0.0.2"], silent).await, ConnectError::Refused);
        assert_eq!(refusal(&["192.0.2.1", "127.0.0.2"], silent).await, ConnectError::Refused);
    });
}

#[test]
fn a_fixed_route_leads_everything_to_one_place() {
    live(async {
        let listener = listener().await;
        let endpoint = Endpoint::parse(&format!("localhost:{}", port(&listener))).expect("a place");
        // No host has an address.
        let connector = connector(dialer(&[]), Route::Fixed(endpoint));
        for host in ["a.test", "b.test"] {
            assert!(connector.connect(&domain(host)).await.is_ok());
            assert!(listener.accept().await.is_ok());
        }
    });
}

#[test]
fn nobody_but_this_machine_is_reached_unless_told_otherwise() {
    live(async {
        for outside in ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "0.0.0.0", "::"] {
            assert_eq!(refusal(&[outside], 25).await, ConnectError::OutOfReach, "{outside}");
            let fixed = Route::Fixed(SocketAddr::new(outside.parse().expect("an address"), 25).into());
            let error = connector(dialer(&[]), fixed).connect(&domain("mx.test")).await.map(drop);
            assert_eq!(error, Err(ConnectError::OutOfReach), "{outside}");
        }
        // Told otherwise, it is tried. From a source address on loopback nothing can leave the machine.
        let sources = Sources { v4: Some([127, 0, 0, 1].into()), v6: None };
        let limits = DialLimits { connect: Duration::from_millis(20), head_start: Duration::ZERO };
        let dialer = Dialer::new(clock(), Known::new(&["192.0.2.1"]), Reach::Anywhere);
        let connector = connector(dialer.from_sources(sources).within(limits), Route::Hosts { port: 25 });
        let error = connector.connect(&domain("mx.test")).await.expect_err("nobody is there");
        assert_ne!(error, ConnectError::OutOfReach);
    });
}

#[test]
fn an_ipv4_address_in_ipv6_clothes_is_one() {
    live(async {
        let listener = listener().await;
        assert!(connect(&["::ffff:127.0.0.1"], port(&listener)).await.is_ok());
        let (_, from) = listener.accept().await.expect("a visitor");
        assert!(from.is_ipv4());
    });
}
