//! Handshakes: with whom they succeed, why they fail, and what travels inside.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use engine::port::{Connector, Opened, Why};
use host::connector::{Route, TcpConnector};
use host::tls::{Roots, Tls, TlsFailure};
use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};
use smtp::client::Trust;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Fault};
use crate::stage::{clock, dialer, domain, listener, live, port};

/// A connector that trusts this authority.
fn connector(authority: &Authority, listener: &TcpListener) -> TcpConnector {
    let roots = Roots::from_pem(authority.pem.as_bytes()).expect("a certificate");
    TcpConnector::new(dialer(&["127.0.0.1"]), Route::Hosts { port: port(listener) }, Tls::new(&roots))
}

async fn open(connector: &TcpConnector, host: &str) -> Opened {
    connector.connect(&domain(host)).await.expect("somebody listens")
}

const FAILURES: [TlsFailure; 12] = [
    TlsFailure::Expired,
    TlsFailure::NotYetValid,
    TlsFailure::WrongName,
    TlsFailure::UnknownIssuer,
    TlsFailure::BadCertificate,
    TlsFailure::NothingTrusted,
    TlsFailure::NotTls,
    TlsFailure::NothingInCommon,
    TlsFailure::Refused,
    TlsFailure::Broken,
    TlsFailure::Closed,
    TlsFailure::Reset,
];

/// What became of a handshake with `host`.
async fn secured(connector: &TcpConnector, host: &str, trust: Trust) -> Result<Opened, TlsFailure> {
    let mut opened = open(connector, host).await;
    match opened.stream.secure(trust).await {
        Ok(()) => Ok(opened),
        Err(error) => {
            let why: &Why = error.get_ref().and_then(|inner| inner.downcast_ref()).expect("it is about TLS");
            let failure = FAILURES.into_iter().find(|failure| failure.words() == why.0).expect("known words");
            let expected = match failure {
                TlsFailure::Closed => io::ErrorKind::UnexpectedEof,
                TlsFailure::Reset => io::ErrorKind::ConnectionReset,
                failure if failure.is_about_the_certificate() => io::ErrorKind::PermissionDenied,
                _ => io::ErrorKind::InvalidData,
            };
            assert_eq!(error.kind(), expected, "{failure}");
            Err(failure)
        }
    }
}

/// Takes every visitor's handshake and answers what it says with the same; tells the kinds of the handshakes.
fn echo(listener: TcpListener, acceptor: TlsAcceptor) -> Rc<std::cell::RefCell<Vec<HandshakeKind>>> {
    let kinds = Rc::<std::cell::RefCell<Vec<_>>>::default();
    let told = Rc::clone(&kinds);
    spawn_local(async move {
        while let Ok((visitor, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(visitor).await else { continue };
            told.borrow_mut().extend(stream.get_ref().1.handshake_kind());
            let mut heard = [0; 64];
            while let Ok(count @ 1..) = stream.read(&mut heard).await {
                stream.write_all(&heard[..count]).await.expect("it is open");
                stream.flush().await.expect("it is open");
            }
        }
    });
    kinds
}

async fn says_and_hears(opened: &mut Opened) {
    opened.stream.write_all(b"EHLO a.test\r\n").await.expect("it is open");
    let mut heard = [0; 13];
    opened.stream.read_exact(&mut heard).await.expect("it is open");
    assert_eq!(&heard, b"EHLO a.test\r\n");
}

#[test]
fn against_listeners_any_certificate_will_do() {
    live(async {
        let authority = Authority::new();
        for fault in [Fault::None, Fault::Expired, Fault::NotYetValid, Fault::SelfSigned] {
            for version in [&TLS12, &TLS13] {
                let listener = listener().await;
                let connector = connector(&authority, &listener);
                echo(listener, authority.issue("other.test", fault).acceptor(&[version]));
                let mut opened = secured(&connector, "mx.test", Trust::Anybody).await.expect("it is taken");
                says_and_hears(&mut opened).await;
            }
        }
    });
}

#[test]
fn a_host_that_must_prove_its_name_does_or_is_told_why_not() {
    live(async {
        let (authority, stranger) = (Authority::new(), Authority::named("Stranger"));
        for (issuer, name, fault, outcome) in [
            (&authority, "mx.a.test", Fault::None, None),
            (&authority, "*.a.test", Fault::None, None),
            (&authority, "other.test", Fault::None, Some(TlsFailure::WrongName)),
            (&authority, "mx.a.test", Fault::Expired, Some(TlsFailure::Expired)),
            (&authority, "mx.a.test", Fault::NotYetValid, Some(TlsFailure::NotYetValid)),
            (&authority, "mx.a.test", Fault::SelfSigned, Some(TlsFailure::UnknownIssuer)),
            (&stranger, "mx.a.test", Fault::None, Some(TlsFailure::UnknownIssuer)),
        ] {
            for version in [&TLS12, &TLS13] {
                let listener = listener().await;
                let connector = connector(&authority, &listener);
                echo(listener, issuer.issue(name, fault).acceptor(&[version]));
                let found = secured(&connector, "mx.a.test", Trust::NamedHost).await;
                assert_eq!(found.as_ref().err().copied(), outcome, "{name}, {fault:?}, {version:?}");
                if let Ok(mut opened) = found {
                    says_and_hears(&mut opened).await;
                }
            }
        }
    });
}

#[test]
fn where_nobody_is_trusted_nobody_can_prove_a_name() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let route = Route::Hosts { port: port(&listener) };
        let connector = TcpConnector::new(dialer(&["127.0.0.1"]), route, Tls::new(&Roots::nobody()));
        echo(listener, authority.issue("mx.test", Fault::None).acceptor(rustls::ALL_VERSIONS));
        assert!(secured(&connector, "mx.test", Trust::Anybody).await.is_ok());
        let found = secured(&connector, "mx.test", Trust::NamedHost).await;
        assert_eq!(found.err(), Some(TlsFailure::NothingTrusted));
    });
}

/// What becomes of a handshake with a server that says this instead.
async fn instead(visit: impl AsyncFnOnce(TcpStream) + 'static) -> TlsFailure {
    let (authority, listener) = (Authority::new(), listener().await);
    let connector = connector(&authority, &listener);
    spawn_local(async move {
        let (visitor, _) = listener.accept().await.expect("a visitor");
        visit(visitor).await;
    });
    secured(&connector, "mx.test", Trust::Anybody).await.map(drop).expect_err("it is no handshake")
}

/// Reads what there is, so that closing is not a reset.
async fn hear(visitor: &mut TcpStream) {
    let mut heard = [0; 4096];
    let _ = visitor.read(&mut heard).await;
}

#[test]
fn servers_that_do_not_speak_tls_are_told_apart() {
    live(async {
        for (words, failure) in [
            (b"220 go ahead\r\n".as_slice(), TlsFailure::NotTls),
            (b"\0\0\0\0\0\0\0\0", TlsFailure::NotTls),
            // An alert: handshake failure.
            (b"\x15\x03\x03\x00\x02\x02\x28", TlsFailure::Refused),
            // A handshake message of a type that nobody knows.
            (b"\x16\x03\x03\x00\x04\xff\x00\x00\x00", TlsFailure::Broken),
        ] {
            let found = instead(async move |mut visitor: TcpStream| {
                hear(&mut visitor).await;
                visitor.write_all(words).await.expect("it is open");
                hear(&mut visitor).await;
            });
            assert_eq!(found.await, failure, "{words:?}");
        }
    });
}

#[test]
fn a_connection_that_ends_meanwhile_is_told() {
    live(async {
        let closed = instead(async |mut visitor: TcpStream| hear(&mut visitor).await);
        assert_eq!(closed.await, TlsFailure::Closed);
        let reset = instead(async |mut visitor: TcpStream| {
            hear(&mut visitor).await;
            SockRef::from(&visitor).set_linger(Some(Duration::ZERO)).expect("a socket");
        });
        assert_eq!(reset.await, TlsFailure::Reset);
    });
}

#[test]
fn a_server_without_a_version_in_common_is_told() {
    live(async {
        let found = instead(async |mut visitor: TcpStream| {
            hear(&mut visitor).await;
            // TLS 1.1 in a ServerHello with nothing chosen.
            let hello = [&[0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2][..], &[0; 32], &[0, 0xc0, 0x2f, 0]].concat();
            visitor.write_all(&hello).await.expect("it is open");
            hear(&mut visitor).await;
        });
        assert_eq!(found.await, TlsFailure::NothingInCommon);
    });
}

#[test]
fn a_handshake_that_does_not_move_is_ended_by_the_callers_limit() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let connector = connector(&authority, &listener);
        let mut opened = open(&connector, "mx.test").await;
        let clock = clock();
        let limit = clock.now() + Duration::from_millis(20);
        assert!(clock.timer().limit(limit, opened.stream.secure(Trust::Anybody)).await.is_err());
        // Nothing is said in plain text instead.
        assert!(opened.stream.write_all(b"MAIL").await.is_err());
        assert!(opened.stream.read_u8().await.is_err());
    });
}

#[test]
fn what_came_in_plain_text_never_turns_up_inside() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let connector = connector(&authority, &listener);
        let acceptor = authority.issue("mx.test", Fault::None).acceptor(rustls::ALL_VERSIONS);
        spawn_local(async move {
            let (mut visitor, _) = listener.accept().await.expect("a visitor");
            visitor.write_all(b"220 go\r\n250 injected\r\n").await.expect("it is open");
            let _ = acceptor.accept(visitor).await;
        });
        let mut opened = open(&connector, "mx.test").await;
        let mut go = [0; 8];
        opened.stream.read_exact(&mut go).await.expect("it is open");
        assert_eq!(&go, b"220 go\r\n");
        let error = opened.stream.secure(Trust::Anybody).await.expect_err("the rest is no TLS");
        assert_eq!(error.to_string(), TlsFailure::NotTls.words());
    });
}

#[test]
fn sessions_are_resumed_but_never_from_less_trust_to_more() {
    live(async {
        let authority = Authority::new();
        for version in [&TLS12, &TLS13] {
            let listener = listener().await;
            let connector = connector(&authority, &listener);
            let kinds = echo(listener, authority.issue("mx.test", Fault::Expired).acceptor(&[version]));
            for _ in 0..3 {
                let mut opened = secured(&connector, "mx.test", Trust::Anybody).await.expect("it is taken");
                // The tickets of TLS 1.3 come with what is read first.
                says_and_hears(&mut opened).await;
            }
            let kinds = kinds.borrow().clone();
            let [first, then @ ..] = &kinds[..] else { panic!("there were handshakes") };
            assert_ne!(*first, HandshakeKind::Resumed);
            assert_eq!(then, [HandshakeKind::Resumed; 2], "{version:?}");
            let found = secured(&connector, "mx.test", Trust::NamedHost).await;
            assert_eq!(found.err(), Some(TlsFailure::Expired), "{version:?}");
        }
    });
}

#[test]
fn what_did_not_fit_is_sent_while_an_answer_is_waited_for() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let connector = connector(&authority, &listener);
        let acceptor = authority.issue("mx.test", Fault::None).acceptor(rustls::ALL_VERSIONS);
        let (told, length) = oneshot::channel::<usize>();
        spawn_local(async move {
            let (visitor, _) = listener.accept().await.expect("a visitor");
            let mut stream = acceptor.accept(visitor).await.expect("it speaks TLS");
            let mut all = vec![0; length.await.expect("it is told")];
            stream.read_exact(&mut all).await.expect("all of it comes");
            stream.write_all(b"250 ok\r\n").await.expect("it is open");
            stream.flush().await.expect("it is open");
            hear(stream.get_mut().0).await;
        });
        let mut opened = secured(&connector, "mx.test", Trust::Anybody).await.expect("it is taken");
        let mut written = 0;
        let block = [b'x'; 16 * 1024];
        poll_fn(|context| {
            while let Poll::Ready(count) = Pin::new(&mut opened.stream).poll_write(context, &block) {
                written += count.expect("it is open");
            }
            Poll::Ready(())
        })
        .await;
        told.send(written).expect("the server waits for it");
        let mut answer = [0; 8];
        opened.stream.read_exact(&mut answer).await.expect("it is open");
        assert_eq!(&answer, b"250 ok\r\n");
    });
}

#[test]
fn closing_is_said_inside_tls() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let connector = connector(&authority, &listener);
        let acceptor = authority.issue("mx.test", Fault::None).acceptor(rustls::ALL_VERSIONS);
        let server = spawn_local(async move {
            let (visitor, _) = listener.accept().await.expect("a visitor");
            let mut stream = acceptor.accept(visitor).await.expect("it speaks TLS");
            let mut heard = Vec::new();
            // An end that is not said is an error here.
            stream.read_to_end(&mut heard).await.map(|_| heard)
        });
        let mut opened = secured(&connector, "mx.test", Trust::Anybody).await.expect("it is taken");
        opened.stream.write_all(b"QUIT\r\n").await.expect("it is open");
        drop(opened);
        assert_eq!(server.await.expect("it ends").expect("in good order"), b"QUIT\r\n");
    });
}

#[test]
fn a_peer_that_just_closes_has_closed() {
    live(async {
        let (authority, listener) = (Authority::new(), listener().await);
        let connector = connector(&authority, &listener);
        let acceptor = authority.issue("mx.test", Fault::None).acceptor(rustls::ALL_VERSIONS);
        spawn_local(async move {
            let (visitor, _) = listener.accept().await.expect("a visitor");
            let mut stream = acceptor.accept(visitor).await.expect("it speaks TLS");
            // The end of the connection, but not of what was said.
            assert_eq!(stream.read(&mut [0; 64]).await.expect("it is open"), 6);
        });
        let mut opened = secured(&connector, "mx.test", Trust::Anybody).await.expect("it is taken");
        opened.stream.write_all(b"NOOP\r\n").await.expect("it is open");
        let mut heard = [0; 8];
        let count = read(&mut opened, &mut heard).await.expect("an end is no error");
        assert_eq!(count, 0);
    });
}

fn read<'a>(opened: &'a mut Opened, into: &'a mut [u8]) -> impl Future<Output = io::Result<usize>> + 'a {
    let mut buffer = tokio::io::ReadBuf::new(into);
    poll_fn(move |context| {
        Pin::new(&mut opened.stream).poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len())
    })
}

#[test]
fn roots_are_read_from_a_file_or_it_is_told_why_not() {
    let missing = std::path::Path::new("no-such-file.pem");
    let error = Roots::from_file(missing).expect_err("it is not there").to_string();
    assert!(error.starts_with("cannot take trusted certificates from no-such-file.pem: "), "{error}");
    let this = std::path::Path::new("Cargo.toml");
    let error = Roots::from_file(this).expect_err("it is no certificate").to_string();
    let words = "cannot take trusted certificates from Cargo.toml: there is no certificate in PEM in it";
    assert_eq!(error, words);
    assert!(Roots::from_pem(b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_none());
    assert!(Roots::from_pem(Authority::new().pem.as_bytes()).is_some());
}
