//! STARTTLS, and each certificate as a client sees it that trusts our authority only.

use std::sync::Arc;
use std::time::Duration;

use fleet::{Certificate, Pace};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use serve::{Authority, Names, Service, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::clock::HandClock;
use crate::world::{Client, Closed, ENVELOPE, HOST, codes, fleet, on_a_runtime};

/// What everybody here takes for the present.
const TODAY: Duration = Duration::from_secs(1_800_000_000);

/// The clock of a client that looks at certificates.
#[derive(Debug)]
struct Today;

impl TimeProvider for Today {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(TODAY))
    }
}

fn connector(pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")).expect("it is one");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(Today))
        .with_safe_default_protocol_versions()
        .expect("the provider knows them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn start(yaml: &'static str) -> Service {
    let (_, clock) = HandClock::new();
    let blueprint = Box::new(move || fleet(yaml, Pace::Immediate));
    Service::start(blueprint, Names::Listed, Settings::new(clock, TODAY)).await.expect("ports are free")
}

/// A client that was told to begin the handshake.
async fn ready(service: &Service) -> TcpStream {
    let mut client = Client::new(TcpStream::connect(service.places()[0].address).await.expect("it listens"));
    assert_eq!(client.codes().await, "220");
    assert_eq!(client.ask("EHLO out.sender.test\r\nSTARTTLS\r\n").await, "250 220");
    client.stream
}

async fn secure(service: &Service) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(HOST).expect("a name");
    connector(service.ca_pem()).connect(name, ready(service).await).await
}

async fn ask(stream: &mut TlsStream<TcpStream>, words: &str) -> String {
    stream.write_all(words.as_bytes()).await.expect("it can be said");
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).await.expect("it can be read");
    codes(&String::from_utf8_lossy(&bytes[..count]))
}

#[test]
fn a_message_travels_inside_tls() {
    on_a_runtime(async {
        let service = start("tls: required").await;
        let mut inside = secure(&service).await.expect("the certificate is sound");
        assert_eq!(ask(&mut inside, "MAIL FROM:<>\r\n").await, "503");
        assert_eq!(ask(&mut inside, "STARTTLS\r\n").await, "503");
        assert_eq!(ask(&mut inside, ENVELOPE).await, "250 250 250 354");
        assert_eq!(ask(&mut inside, "hello\r\n.\r\nQUIT\r\n").await, "250 221");
        assert_eq!(inside.read(&mut [0; 10]).await.expect("a proper end"), 0);
        assert_eq!(service.stop().await[0].messages, 1);
    });
}

#[test]
fn every_fault_is_seen_for_what_it_is() {
    let check = |yaml: &'static str, expected: &str| {
        on_a_runtime(async {
            let service = start(yaml).await;
            let seen = match secure(&service).await {
                Ok(_) => "fine".to_owned(),
                Err(error) => format!("{error:?}"),
            };
            assert!(seen.contains(expected), "{yaml}: {seen}");
            service.stop().await;
        });
    };
    check("tls: offered", "fine");
    check("tls: { offer: offered, certificate: valid }", "fine");
    check("tls: { offer: offered, certificate: expired }", "Expired");
    check("tls: { offer: offered, certificate: not_yet_valid }", "NotValidYet");
    check("tls: { offer: offered, certificate: wrong_name }", "NotValidForName");
    check("tls: { offer: offered, certificate: self_signed }", "UnknownIssuer");
    check("tls: { offer: offered, certificate: unknown_ca }", "UnknownIssuer");
    check("tls: { offer: offered, certificate: incomplete_chain }", "UnknownIssuer");
}

#[test]
fn an_authority_gives_a_host_the_same_certificate_again() {
    let authority = Authority::new(TODAY).expect("there is randomness");
    let acceptor = || authority.acceptor(HOST, Certificate::Valid).expect("a name like any other");
    assert!(Arc::ptr_eq(acceptor().config(), acceptor().config()));
    let other = authority.acceptor("mx2.bigbox.test", Certificate::Valid).expect("a name");
    assert!(!Arc::ptr_eq(acceptor().config(), other.config()));
    assert!(authority.acceptor("mäx.test", Certificate::Valid).is_err());
}

#[test]
fn words_in_place_of_a_handshake_are_not_heard() {
    on_a_runtime(async {
        let service = start("tls: offered").await;
        let mut client = Client::new(ready(&service).await);
        client.say("MAIL FROM:<>\r\n").await;
        let (said, _) = client.rest().await;
        assert!(!said.contains("250"), "{said:?}");
        // What comes in one piece with STARTTLS is thrown away, and the handshake goes on as if it had not been said.
        let mut client = connect(&service).await;
        assert_eq!(client.ask("EHLO a.test\r\nSTARTTLS\r\nMAIL FROM:<>\r\n").await, "250 220");
        let name = ServerName::try_from(HOST).expect("a name");
        let inside = connector(service.ca_pem()).connect(name, client.stream).await;
        assert_eq!(ask(&mut inside.expect("a handshake"), "RCPT TO:<ann@bigbox.test>\r\n").await, "503");
        service.stop().await;
    });
}

async fn connect(service: &Service) -> Client {
    let mut client = crate::service::connect(service).await;
    assert_eq!(client.codes().await, "220");
    client
}

#[test]
fn an_offer_that_is_broken_can_be_gone_without() {
    on_a_runtime(async {
        let service = start("tls: unavailable").await;
        let mut client = connect(&service).await;
        assert_eq!(client.ask("EHLO a.test\r\nSTARTTLS\r\n").await, "250 454");
        assert_eq!(client.ask("MAIL FROM:<>\r\nQUIT\r\n").await, "530 221");
        assert_eq!(client.rest().await.1, Closed::Properly);
        service.stop().await;
    });
}
