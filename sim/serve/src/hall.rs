//! What all parts of a service share: the fleet, the time, the certificates, and who is inside.
//!
//! Everything runs on one thread, because a fleet does; the hall is what would have to be locked otherwise.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use engine::clock::Clock;
use fleet::{Certificate, Dial, Fleet, Server};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::Authority;

/// Makes the fleet that is served, again for each reset.
pub type Blueprint = Box<dyn Fn() -> Fleet>;

/// What all parts of a service share.
pub(crate) struct Hall {
    pub(crate) clock: Clock,
    pub(crate) authority: Authority,
    pub(crate) patience: Duration,
    blueprint: Blueprint,
    fleet: RefCell<Fleet>,
    /// How many connections may be open at once.
    room: u32,
    open: Cell<u32>,
    turned_away: Cell<u64>,
    tasks: RefCell<JoinSet<()>>,
}

impl Hall {
    pub(crate) fn new(
        blueprint: Blueprint,
        clock: Clock,
        authority: Authority,
        patience: Duration,
        room: u32,
    ) -> Self {
        let fleet = RefCell::new(blueprint());
        let (open, turned_away, tasks) = (Cell::new(0), Cell::new(0), RefCell::default());
        Self { clock, authority, patience, blueprint, fleet, room, open, turned_away, tasks }
    }

    /// Looks at the fleet.
    pub(crate) fn fleet<T>(&self, look: impl FnOnce(&Fleet) -> T) -> T {
        look(&self.fleet.borrow())
    }

    /// A fresh fleet: nothing has happened, every behaviour is on. Connections that are open end with the old one, and the
    /// time goes on.
    pub(crate) fn reset(&self) {
        *self.fleet.borrow_mut() = (self.blueprint)();
    }

    pub(crate) fn dial(&self, host: &str) -> Dial {
        self.fleet.borrow().connect(host, self.clock.now())
    }

    /// A place for one more connection, while there is one.
    pub(crate) fn seat(self: &Rc<Self>) -> Option<Seat> {
        if self.open.get() >= self.room {
            self.turned_away.set(self.turned_away.get() + 1);
            return None;
        }
        self.open.set(self.open.get() + 1);
        Some(Seat { hall: Rc::clone(self) })
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> u32 {
        self.open.get()
    }

    /// How many connections there was no place for.
    pub(crate) fn turned_away(&self) -> u64 {
        self.turned_away.get()
    }

    /// Does `work` beside everything else, until it is done or the service stops.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        let mut tasks = self.tasks.borrow_mut();
        // What has ended is forgotten; if it panicked, that has been printed.
        while tasks.try_join_next().is_some() {}
        tasks.spawn_local(work);
    }

    /// Ends everything that was spawned.
    pub(crate) async fn close(&self) {
        let mut tasks = self.tasks.take();
        tasks.shutdown().await;
    }

    /// What does handshakes for a host; nothing if no certificate can be made for its name.
    pub(crate) fn acceptor(&self, host: &str, certificate: Certificate) -> Option<TlsAcceptor> {
        self.authority.acceptor(host, certificate).ok()
    }
}

/// A place that is taken; dropping it gives it back.
pub(crate) struct Seat {
    hall: Rc<Hall>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hall.open.set(self.hall.open.get() - 1);
    }
}

/// Attends a connection that a server of the fleet has taken.
pub(crate) async fn attend(hall: &Hall, host: &str, stream: tokio::net::TcpStream, server: Server) {
    let acceptor = |certificate| hall.acceptor(host, certificate);
    let terms = crate::Terms { clock: &hall.clock, patience: Some(hall.patience), tls: Some(&acceptor) };
    crate::attend(stream, server, &terms).await;
}
