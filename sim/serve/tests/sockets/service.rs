//! A whole service: many connections, doors that cannot be opened, and the end.

use std::time::Duration;

use fleet::{Fate, Pace};
use serve::{Addresses, Names, Service, Settings, StartError};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::clock::HandClock;
use crate::world::{Client, Closed, ENVELOPE, fleet, on_a_runtime};

/// A service of the fleet that behaves as `yaml` says, with the settings that `change` makes of the usual ones.
pub(crate) async fn start(yaml: &'static str, change: impl FnOnce(Settings) -> Settings) -> Service {
    let (_, clock) = HandClock::new();
    let settings = change(Settings::new(clock, Duration::from_secs(1_800_000_000)));
    let blueprint = Box::new(move || fleet(yaml, Pace::Immediate));
    Service::start(blueprint, Names::Listed, settings).await.expect("all ports are free ones")
}

/// A connection to the only host of a service.
pub(crate) async fn connect(service: &Service) -> Client {
    Client::new(TcpStream::connect(service.places()[0].address).await.expect("it listens"))
}

/// Half of what is the default, because both ends count against the open files of this process.
#[test]
fn connections_are_held_up_to_the_bound_and_the_next_is_turned_away() {
    on_a_runtime(async {
        let service = start("", |usual| Settings { connections: 500, ..usual }).await;
        let mut clients = Vec::new();
        for _ in 0..500 {
            clients.push(connect(&service).await);
        }
        for client in &mut clients {
            assert_eq!(client.codes().await, "220");
        }
        let (said, closed) = connect(&service).await.rest().await;
        assert!(said.starts_with("421 4.7.0 mx1.bigbox.test "), "{said}");
        assert_eq!(closed, Closed::Properly);
        for client in &mut clients {
            assert_eq!(client.ask(ENVELOPE).await, "250 250 250 354");
        }
        for client in &mut clients {
            assert_eq!(client.ask("hello\r\n.\r\nQUIT\r\n").await, "250 221");
        }
        drop(clients);
        let tally = service.stop().await.remove(0);
        assert_eq!(tally.recipients[&(Fate::Accepted, 250)], 500);
        assert_eq!(tally.connections.values().sum::<u64>(), 500);
    });
}

#[test]
fn a_place_becomes_free_when_somebody_leaves() {
    on_a_runtime(async {
        let service = start("", |usual| Settings { connections: 1, ..usual }).await;
        for _ in 0..5 {
            let mut client = connect(&service).await;
            assert_eq!(client.codes().await, "220");
            assert_eq!(client.ask("QUIT\r\n").await, "221");
            assert_eq!(client.rest().await.1, Closed::Properly);
            drop(client);
            // The server closes after the client has.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
        service.stop().await;
    });
}

#[test]
fn a_service_that_stops_leaves_nothing_open() {
    on_a_runtime(async {
        let service = start("stall: { at: greeting }", |usual| usual).await;
        let address = service.places()[0].address;
        let mut silent = connect(&service).await;
        let control = service.control().expect("it has one");
        let mut idle = TcpStream::connect(control).await.expect("it listens");
        tokio::task::yield_now().await;
        service.stop().await;
        assert_eq!(silent.rest().await.0, "");
        let mut rest = Vec::new();
        let _ = idle.read_to_end(&mut rest).await;
        for address in [address, control] {
            assert!(TcpStream::connect(address).await.is_err(), "{address} is still open");
        }
    });
}

#[test]
fn hosts_that_refuse_reset_and_hosts_that_do_not_answer_are_silent() {
    on_a_runtime(async {
        let service = start("connect: refuse", |usual| usual).await;
        assert_eq!(connect(&service).await.rest().await, (String::new(), Closed::Reset));
        service.stop().await;
        let service = start("connect: time_out", |usual| usual).await;
        let mut client = connect(&service).await;
        let mut byte = [0];
        let heard = tokio::time::timeout(Duration::from_millis(50), client.stream.read(&mut byte)).await;
        assert!(heard.is_err(), "{heard:?}");
        assert!(service.stop().await[0].connections.is_empty());
    });
}

#[test]
fn a_port_that_is_taken_is_told_with_what_to_do() {
    on_a_runtime(async {
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = taken.local_addr().expect("bound");
        let check = async |change: &dyn Fn(Settings) -> Settings, expected: &str| {
            let (_, clock) = HandClock::new();
            let settings = change(Settings::new(clock, Duration::from_secs(1_800_000_000)));
            let blueprint = Box::new(|| fleet("", Pace::Immediate));
            let error = Service::start(blueprint, Names::Listed, settings).await.expect_err(expected);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.remedy().is_some(), "{error}");
            error
        };
        let at = |address| move |usual| Settings { addresses: Addresses::Ports(address), ..usual };
        let words = format!("cannot listen at {address}: ");
        let error = check(&at(address), &words).await;
        assert!(matches!(error, StartError::Listen { .. }));
        check(&|usual| Settings { dns: Some(address), ..usual }, &words).await;
        check(&|usual| Settings { control: Some(address), ..usual }, &words).await;
        let foreign = "0.0.0.0:0".parse().expect("an address");
        let words = "the control port must be on loopback";
        check(&|usual| Settings { control: Some(foreign), ..usual }, words).await;
    });
}

#[test]
fn each_host_can_have_an_address_of_its_own() {
    on_a_runtime(async {
        // A port that is free at 127.0.0.1 is as good as any; the addresses below 127.1 belong to nobody else.
        let free =
            TcpListener::bind("127.1.0.1:0").await.expect("a port").local_addr().expect("bound").port();
        let addresses = Addresses::Loopback { port: free };
        let service = start("", |usual| Settings { addresses, ..usual }).await;
        assert_eq!(service.places()[0].address.to_string(), format!("127.1.0.1:{free}"));
        assert_eq!(connect(&service).await.codes().await, "220");
        service.stop().await;
    });
}
