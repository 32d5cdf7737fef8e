//! The doors: a listener for each host of the fleet, and what happens to whoever comes in.
//!
//! A listener cannot do what a host does that refuses connections or does not answer: its port is open. A host that refuses
//! takes the connection and resets it at once; one that does not answer takes it and never says a word.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use fleet::Dial;
use socket2::SockRef;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::hall::{self, Hall, Seat};
use crate::{Socket, StartError};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long a listener pauses after the system refused a connection for its own reasons (too many open files, say).
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection that is not answered is kept. No client waits so long.
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// Where the hosts of a fleet listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addresses {
    /// At one address, each host at a port of its own: this one and those after it, or, if it is 0, whichever the system
    /// gives.
    Ports(SocketAddr),
    /// At one port, each host at an address of its own: 127.1.0.1, 127.1.0.2 and so on.
    Loopback {
        /// The port.
        port: u16,
    },
}

impl Addresses {
    /// Where the host with this index listens; nothing if there is no such address or port.
    fn of(self, index: usize) -> Option<SocketAddr> {
        let index = u16::try_from(index).ok()?;
        match self {
            Self::Ports(first) if first.port() == 0 => Some(first),
            Self::Ports(first) => Some(SocketAddr::new(first.ip(), first.port().checked_add(index)?)),
            Self::Loopback { port } => {
                let [high, low] = index.checked_add(1)?.to_be_bytes();
                Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 1, high, low)), port))
            }
        }
    }
}

/// Where a host of the fleet is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The host.
    pub host: String,
    /// Its provider.
    pub provider: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The doors of all hosts, not opened yet.
pub(crate) fn bind(
    hosts: Vec<(String, String)>,
    addresses: Addresses,
) -> Result<Vec<(Place, TcpListener)>, StartError> {
    let bound = |(index, (host, provider)): (usize, (String, String))| {
        let wanted = addresses.of(index).ok_or(StartError::TooManyHosts)?;
        let listener = listen(wanted).map_err(|error| StartError::Listen { address: wanted, error })?;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address: wanted, error })?;
        Ok((Place { host, provider, address }, listener))
    };
    hosts.into_iter().enumerate().map(bound).collect()
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A service that is started again need not wait for the connections of the one before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Opens a door: takes connections until the service stops.
pub(crate) async fn open(hall: Rc<Hall>, host: Rc<str>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => admit(&hall, &host, stream),
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => hall.clock.sleep_until(hall.clock.now() + PAUSE).await,
        }
    }
}

fn admit(hall: &Rc<Hall>, host: &Rc<str>, stream: TcpStream) {
    let Some(seat) = hall.seat() else { return turn_away(host, &stream) };
    // Every turn is one write; without this, a second one would wait for the client's acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    match hall.dial(host) {
        Dial::Refused { .. } => stream.reset_when_dropped(),
        Dial::TimedOut => hall.spawn(ignore(Rc::clone(hall), stream, seat)),
        Dial::Connected { after, server } => {
            let (hall, host) = (Rc::clone(hall), Rc::clone(host));
            Rc::clone(&hall).spawn(async move {
                let _seat = seat;
                if !after.is_zero() {
                    hall.clock.sleep_until(hall.clock.now() + after).await;
                }
                hall::attend(&hall, &host, stream, *server).await;
            });
        }
    }
}

/// Says that there is no room, without waiting for anything.
// RFC 5321 4.2.3: 421
fn turn_away(host: &str, stream: &TcpStream) {
    let words = format!("421 4.7.0 {host} Error: too many connections\r\n");
    let _ = SockRef::from(stream).send(words.as_bytes());
}

/// Keeps a connection and says nothing, until the client has had enough.
async fn ignore(hall: Rc<Hall>, mut stream: TcpStream, seat: Seat) {
    let wait = async {
        let mut bytes = [0; 1024];
        while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
    };
    let limit = hall.clock.now() + SILENCE;
    let _ = hall.clock.timer().limit(limit, wait).await;
    drop(seat);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_a_place_of_its_own() {
        let check = |addresses: Addresses, index, expected: Option<&str>| {
            let address = addresses.of(index).map(|address| address.to_string());
            assert_eq!(address.as_deref(), expected, "{addresses:?} {index}");
        };
        let ports = |text: &str| Addresses::Ports(text.parse().expect("an address"));
        check(ports("127.0.0.1:0"), 7, Some("127.0.0.1:0"));
        check(ports("127.0.0.1:2525"), 0, Some("127.0.0.1:2525"));
        check(ports("[::1]:2525"), 2, Some("[::1]:2527"));
        check(ports("127.0.0.1:65535"), 1, None);
        check(Addresses::Loopback { port: 25 }, 0, Some("127.1.0.1:25"));
        check(Addresses::Loopback { port: 25 }, 255, Some("127.1.1.0:25"));
        check(Addresses::Loopback { port: 25 }, 65_535, None);
    }
}
