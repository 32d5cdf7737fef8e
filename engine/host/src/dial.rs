//! Opening TCP connections: several addresses of a host, one after the other with a head start, the first that answers
//! wins.
//!
//! In the spirit of RFC 8305 (Happy Eyeballs): a host whose IPv6 address leads nowhere costs a quarter of a second, not a
//! time-out. A file of its own because mail is not the only thing that is connected for: policies are fetched, too.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use engine::clock::{Clock, Timer};
use engine::port::{ConnectError, Later};
use smtp::Domain;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use units::Instant;

use crate::dns::LookupFailed;
use crate::endpoint::{Endpoint, Place};
use crate::reach::Reach;

/// Most addresses of a host that are tried. The largest providers have four of each family behind one name.
const ADDRESSES: usize = 16;

/// A connection on which nothing has moved for so long is probed, so that a dead peer is noticed before the limits of the
/// dialogue; they are minutes.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));

/// Where addresses come from.
pub trait Addresses {
    /// The addresses of `host`, in any order; none if it has none.
    ///
    /// # Errors
    /// Nobody could be asked.
    fn addresses<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Vec<IpAddr>, LookupFailed>>;
}

/// The addresses that connections come from; unless one is given, the system chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// For connections to IPv4 addresses.
    pub v4: Option<Ipv4Addr>,
    /// For connections to IPv6 addresses.
    pub v6: Option<Ipv6Addr>,
}

/// How long opening a connection may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialLimits {
    /// For one address.
    pub connect: Duration,
    /// How long one address is waited for before the next is tried beside it.
    pub head_start: Duration,
}

impl DialLimits {
    /// Thirty seconds, as Postfix waits (`smtp_connect_timeout`), and a quarter of a second (RFC 8305 5).
    pub const USUAL: Self = Self { connect: Duration::from_secs(30), head_start: Duration::from_millis(250) };
}

/// Opens TCP connections, as far as it may. Cheap to clone.
#[derive(Clone)]
pub struct Dialer {
    clock: Clock,
    addresses: Rc<dyn Addresses>,
    reach: Reach,
    sources: Sources,
    limits: DialLimits,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reach, sources, limits, .. } = self;
        let mut debug = f.debug_struct("Dialer");
        debug.field("reach", reach).field("sources", sources).field("limits", limits).finish_non_exhaustive()
    }
}

impl Dialer {
    /// A dialer that reaches as far as `reach`.
    pub fn new(clock: Clock, addresses: Rc<dyn Addresses>, reach: Reach) -> Self {
        Self { clock, addresses, reach, sources: Sources::default(), limits: DialLimits::USUAL }
    }

    /// The same, from these addresses.
    #[must_use]
    pub const fn from_sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// The same, within these limits.
    #[must_use]
    pub const fn within(mut self, limits: DialLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Opens a connection to a place that somebody named.
    ///
    /// # Errors
    /// As for [`Self::host`].
    pub async fn endpoint(&self, endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
        match &endpoint.host {
            Place::Name(name) => self.host(name, endpoint.port).await,
            Place::Addresses(addresses) => self.addresses(addresses, endpoint.port).await,
        }
    }

    /// Opens a connection to `port` of `host`, whose addresses are looked up.
    ///
    /// # Errors
    /// No address answered; the most telling reason is given.
    pub async fn host(&self, host: &Domain, port: u16) -> Result<TcpStream, ConnectError> {
        let addresses =
            self.addresses.addresses(host).await.map_err(|LookupFailed| ConnectError::LookupFailed)?;
        self.addresses(&addresses, port).await
    }

    /// Opens a connection to `port` of a host that has these addresses.
    ///
    /// # Errors
    /// As for [`Self::host`].
    pub async fn addresses(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, ConnectError> {
        let admitted: Vec<IpAddr> =
            addresses.iter().filter_map(|address| self.reach.admit(*address).ok()).collect();
        if admitted.is_empty() {
            return Err(if addresses.is_empty() {
                ConnectError::NoAddress
            } else {
                ConnectError::OutOfReach
            });
        }
        let targets = by_turns(&admitted).into_iter().take(ADDRESSES);
        let mut race = Race::new(self, targets.map(|address| SocketAddr::new(address, port)).collect());
        poll_fn(|context| race.poll(context)).await
    }

    async fn one(&self, target: SocketAddr) -> Result<TcpStream, ConnectError> {
        let socket = self.socket(target).map_err(|error| refusal(&error))?;
        let limit = self.clock.now() + self.limits.connect;
        let connecting = self.clock.timer();
        match connecting.limit(limit, socket.connect(target)).await {
            Ok(Ok(stream)) if is_connected_to_itself(&stream) => Err(ConnectError::Refused),
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(ConnectError::TimedOut),
        }
    }

    /// A socket that will send what it is given at once, from the source address that was chosen.
    fn socket(&self, target: SocketAddr) -> io::Result<TcpSocket> {
        let (socket, source) = match target {
            SocketAddr::V4(_) => (TcpSocket::new_v4()?, self.sources.v4.map(IpAddr::from)),
            SocketAddr::V6(_) => (TcpSocket::new_v6()?, self.sources.v6.map(IpAddr::from)),
        };
        socket.set_nodelay(true)?;
        SockRef::from(&socket).set_tcp_keepalive(&KEEPALIVE)?;
        if let Some(source) = source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        Ok(socket)
    }
}

/// Several addresses of one host, tried beside each other.
struct Race<'a> {
    dialer: &'a Dialer,
    /// Those not yet tried, the next one last.
    waiting: Vec<SocketAddr>,
    running: Vec<Later<'a, Result<TcpStream, ConnectError>>>,
    timer: Timer,
    /// When the next one is tried if none has failed before.
    next_at: Instant,
    /// The most telling failure so far.
    told: Option<ConnectError>,
}

impl<'a> Race<'a> {
    fn new(dialer: &'a Dialer, mut targets: Vec<SocketAddr>) -> Self {
        targets.reverse();
        let (timer, next_at) = (dialer.clock.timer(), dialer.clock.now());
        Self { dialer, waiting: targets, running: Vec::new(), timer, next_at, told: None }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<TcpStream, ConnectError>> {
        loop {
            if let Some(stream) = self.poll_running(context) {
                return Poll::Ready(Ok(stream));
            }
            match self.waiting.last() {
                None if self.running.is_empty() => {
                    return Poll::Ready(Err(self.told.unwrap_or(ConnectError::NoAddress)));
                }
                None => return Poll::Pending,
                Some(_) if self.running.is_empty() => {}
                Some(_) if self.timer.poll_until(self.next_at, context).is_pending() => return Poll::Pending,
                Some(_) => {}
            }
            self.start_next();
        }
    }

    /// The first connection, in order of their start, that has come about. Those that failed are put away.
    fn poll_running(&mut self, context: &mut Context<'_>) -> Option<TcpStream> {
        let mut index = 0;
        while let Some(attempt) = self.running.get_mut(index) {
            match Pin::new(attempt).poll(context) {
                Poll::Ready(Ok(stream)) => return Some(stream),
                Poll::Ready(Err(error)) => {
                    drop(self.running.remove(index));
                    self.told = self.told.into_iter().chain([error]).min_by_key(|error| silence(*error));
                    self.next_at = self.dialer.clock.now();
                }
                Poll::Pending => index += 1,
            }
        }
        None
    }

    fn start_next(&mut self) {
        if let Some(target) = self.waiting.pop() {
            self.running.push(Box::pin(self.dialer.one(target)));
            self.next_at = self.dialer.clock.now() + self.dialer.limits.head_start;
        }
    }
}

/// IPv6 and IPv4 by turns, each in the order given.
// RFC 8305 4: Sorting Addresses
fn by_turns(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let (v6, v4): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv6());
    let mut ranked: Vec<_> = v6.into_iter().enumerate().chain(v4.into_iter().enumerate()).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, address)| address).collect()
}

/// How little an error tells about the host: 0 for one that is an answer of it.
const fn silence(error: ConnectError) -> u8 {
    match error {
        ConnectError::Refused | ConnectError::Reset => 0,
        ConnectError::TimedOut => 1,
        ConnectError::NoRoute => 2,
        ConnectError::OutOfReach | ConnectError::NoAddress | ConnectError::LookupFailed => 3,
        ConnectError::Local => 4,
    }
}

fn refusal(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => ConnectError::Reset,
        io::ErrorKind::TimedOut => ConnectError::TimedOut,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            ConnectError::NoRoute
        }
        // No such source address, no descriptor left, no memory: nothing that the host has to do with.
        _ => ConnectError::Local,
    }
}

/// A port of this machine that nobody listens at may be given to the very socket that connects to it.
fn is_connected_to_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3", "2001:db8::2"];
        let addresses = addresses.map(|text| text.parse().expect("an address"));
        let order = by_turns(&addresses).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(order, ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"]);
    }
}
