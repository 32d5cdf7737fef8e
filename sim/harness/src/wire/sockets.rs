//! The wire of real sockets on loopback, for two kinds of time.
//!
//! Every connection is a TCP connection, accepted by a listener of the world and attended as `bouncelab serve` attends
//! them; TLS is TLS. In real time that is all (*live*). Under virtual time (*lockstep*), time stands still while something
//! is on its way ([`super::gate`]), and those who wait for one moment are woken one after the other ([`crate::clock`]), so
//! that there is never more than one exchange under way: the order of events is that of the memory wire, and so is the
//! record, byte for byte.

use std::cell::{OnceCell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;

use engine::clock::Clock;
use engine::port::{ConnectError, Connector, Later, Opened};
use fleet::{Dial, Fleet, Server};
use host::clock::Epoch;
use host::stream::MailStream;
use host::tls::{Roots, Tls};
use serve::{Authority, Terms};
use smtp::Domain;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use units::Instant;

use super::gate::{Gate, Shut, Ways};
use super::trouble::Trouble;
use super::watched::Watched;
use crate::clock::Halt;

/// The fleet, reached over sockets of its own.
pub(crate) struct SocketWire {
    fleet: Rc<RefCell<Fleet>>,
    clock: Clock,
    /// Only under virtual time.
    gate: Option<Arc<Gate>>,
    listener: TcpListener,
    /// Held by the one who connects and is accepted.
    opening: Mutex<()>,
    /// Bound, so that nobody else gets its port, and never listening: who connects to it is refused.
    nowhere: TcpSocket,
    tls: Tls,
    /// Made when somebody wants TLS first.
    authority: Rc<OnceCell<Option<Authority>>>,
    trouble: Trouble,
    servers: RefCell<JoinSet<()>>,
}

impl SocketWire {
    /// Opens the listener. Needs a runtime with sockets. What is on its way is written down in `gate`.
    ///
    /// # Errors
    /// The operating system refuses a socket.
    pub(crate) async fn open(
        fleet: Rc<RefCell<Fleet>>,
        clock: Clock,
        gate: Option<Arc<Gate>>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let nowhere = TcpSocket::new_v4()?;
        nowhere.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let authority = Rc::new(OnceCell::new());
        // Certificates are looked at only where a domain demands it.
        let is_looked_at = fleet.borrow().publishes_policies();
        let trusted = is_looked_at.then(|| authority.get_or_init(authority_of_today).as_ref()).flatten();
        let roots = trusted.and_then(|authority: &Authority| Roots::from_pem(authority.pem().as_bytes()));
        let tls = Tls::new(&roots.unwrap_or_else(Roots::nobody));
        let (opening, trouble, servers) = Default::default();
        Ok(Self { fleet, clock, gate, listener, opening, nowhere, tls, authority, trouble, servers })
    }

    /// Does `work`, and waits until every server has seen its client go.
    ///
    /// # Errors
    /// The operating system refused a socket.
    pub(crate) async fn carry<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let value = self.trouble.beside(work).await?;
        while let Some(ended) = poll_fn(|context| self.servers.borrow_mut().poll_join_next(context)).await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        Ok(value)
    }

    /// A real connection to the listener: the engine's end, and the server's. Others may be opened at the same time, given up
    /// before they were accepted, or come from strangers: only the end that belongs to ours is taken.
    async fn connect_both(&self, host: &Domain) -> io::Result<(TcpStream, TcpStream)> {
        let _shut = self.shut(host, "accepted");
        let _turn = self.opening.lock().await;
        let engine = TcpStream::connect(self.listener.local_addr()?).await?;
        let own = engine.local_addr()?;
        let server = loop {
            let (server, peer) = self.listener.accept().await?;
            if peer == own {
                break server;
            }
        };
        engine.set_nodelay(true)?;
        server.set_nodelay(true)?;
        Ok((engine, server))
    }

    /// Opens the connection that the server is to attend.
    async fn open_to(&self, host: &Domain, mut opening: Opening<'_>) -> io::Result<Opened> {
        let (engine, far) = self.connect_both(host).await?;
        let server = opening.server.take().expect("a connection is opened once");
        let number = server.number();
        let name = || format!("connection {number} to {host}");
        let ways = self.gate.as_ref().map(|gate| Ways::new(gate, name()));
        let (near, far) = Watched::both(engine, far, ways);
        let (clock, name, authority) = (self.clock.clone(), host.clone(), Rc::clone(&self.authority));
        self.servers.borrow_mut().spawn_local(async move {
            let acceptor = |certificate| {
                authority.get_or_init(authority_of_today).as_ref()?.acceptor(name.as_str(), certificate).ok()
            };
            let terms = Terms { clock: &clock, patience: None, tls: Some(&acceptor) };
            serve::attend(far, *server, &terms).await;
        });
        let stream = MailStream::new(near, host.clone(), self.tls.clone());
        Ok(Opened { stream: Box::new(stream), number })
    }

    /// Connects to where nobody listens.
    async fn be_refused(&self, host: &Domain) -> ConnectError {
        let _shut = self.shut(host, "refused");
        let refused = match self.nowhere.local_addr() {
            Ok(address) => TcpStream::connect(address).await,
            Err(error) => Err(error),
        };
        match refused {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => ConnectError::Refused,
            Err(error) => self.come_to_an_end(&error).await,
            Ok(_) => unreachable!("a port without a listener was connected to"),
        }
    }

    fn shut(&self, host: &Domain, missing: &str) -> Option<Shut> {
        self.gate.as_ref().map(|gate| gate.shut(format!("connecting to {host}: nobody has {missing} it")))
    }

    /// The operating system does not give what the run needs: it has no result.
    async fn come_to_an_end<T>(&self, error: &io::Error) -> T {
        self.trouble.tell(Halt::NoSockets { why: error.to_string() });
        pending().await
    }
}

impl Connector for SocketWire {
    fn connect<'a>(&'a self, host: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(async move {
            let dialled = self.clock.now();
            let dial = self.fleet.borrow_mut().connect(host.as_str(), dialled);
            match dial {
                Dial::Refused { after } => {
                    self.clock.sleep_until(dialled + after).await;
                    Err(self.be_refused(host).await)
                }
                Dial::TimedOut => pending().await,
                Dial::Connected { after, server } => {
                    let opening = Opening { server: Some(server), clock: &self.clock };
                    self.clock.sleep_until(dialled + after).await;
                    match self.open_to(host, opening).await {
                        Ok(opened) => Ok(opened),
                        Err(error) => self.come_to_an_end(&error).await,
                    }
                }
            }
        })
    }
}

/// An authority for certificates that are valid in real time, whatever time it is in the world. None if there is no
/// randomness for keys; then handshakes fail.
fn authority_of_today() -> Option<Authority> {
    Authority::new(Epoch::now().date(Instant::ZERO)).ok()
}

/// A server whose connection is being opened. Dropped, the connection is given up.
struct Opening<'a> {
    server: Option<Box<Server>>,
    clock: &'a Clock,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.closed(self.clock.now());
        }
    }
}
