//! What the tests stand on: a runtime, listeners, addresses that are known without a name server.

use std::future::Future;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use engine::clock::Clock;
use engine::port::Later;
use host::clock::{Epoch, SystemClock};
use host::dial::{Addresses, DialLimits, Dialer};
use host::dns::LookupFailed;
use host::reach::Reach;
use smtp::Domain;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};

/// No test takes so long; one that does hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `work` on a runtime like the one that the engine runs on.
pub(crate) fn live<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("nothing hangs") })
}

pub(crate) fn clock() -> Clock {
    SystemClock::new(Epoch::now()).handle()
}

pub(crate) fn domain(name: &str) -> Domain {
    Domain::parse(name).expect("a domain")
}

/// A listener on a free port of 127.0.0.1.
pub(crate) async fn listener() -> TcpListener {
    listener_at("127.0.0.1").await.expect("loopback has IPv4")
}

#[expect(clippy::print_stderr, reason = "a test that is left out is to be seen")]
/// A listener on a free port of this address; none if the machine does not have it, which is said.
pub(crate) async fn listener_at(address: &str) -> Option<TcpListener> {
    match TcpListener::bind((address, 0)).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            eprintln!("SKIPPED: cannot listen at {address}: {error}");
            None
        }
    }
}

pub(crate) fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("it is bound").port()
}

/// Every host has these addresses.
pub(crate) struct Known(pub(crate) Vec<IpAddr>);

impl Known {
    pub(crate) fn new(addresses: &[&str]) -> Rc<Self> {
        Rc::new(Self(addresses.iter().map(|text| text.parse().expect("an address")).collect()))
    }
}

impl Addresses for Known {
    fn addresses<'a>(&'a self, _: &'a Domain) -> Later<'a, Result<Vec<IpAddr>, LookupFailed>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A dialer for loopback, to whom every host has these addresses.
pub(crate) fn dialer(addresses: &[&str]) -> Dialer {
    let limits = DialLimits { connect: Duration::from_millis(500), head_start: Duration::from_millis(20) };
    Dialer::new(clock(), Known::new(addresses), Reach::LoopbackOnly).within(limits)
}
