//! A fleet that is being served: started, looked at, stopped.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use axum::Router;
use engine::clock::Clock;
use fleet::Tally;

use crate::certificates::CertificateError;
use crate::control::{ControlPort, Facts, Witness};
use crate::hall::{Blueprint, Hall};
use crate::listeners::{self, Addresses, Place};
use crate::names::{NameServer, Zone};
use crate::{Authority, PATIENCE};

/// How a fleet is to be served.
#[derive(Debug)]
pub struct Settings {
    /// The time, which the scenario's time line follows.
    pub clock: Clock,
    /// The present moment as the time since 1970-01-01 UTC: what certificates are dated by.
    pub today: Duration,
    /// Where the hosts listen.
    pub addresses: Addresses,
    /// Where the name server listens, if there is to be one.
    pub dns: Option<SocketAddr>,
    /// Where the control port listens, if there is to be one. Only on loopback.
    pub control: Option<SocketAddr>,
    /// What the control port answers beside what it has of its own: a page at `/page`, which its first page links to, and what
    /// belongs to that.
    pub pages: Router,
    /// How long a client may be silent.
    pub patience: Duration,
    /// How many connections may be open at once; whoever comes then is answered with 421.
    pub connections: u32,
}

impl Settings {
    /// Dynamic ports on 127.0.0.1 for everything, and bounds that are wide enough for any client.
    pub fn new(clock: Clock, today: Duration) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            clock,
            today,
            addresses: Addresses::Ports(anywhere),
            dns: Some(anywhere),
            control: Some(anywhere),
            pages: Router::new(),
            patience: PATIENCE,
            connections: 1000,
        }
    }
}

/// What names exist beside those of the hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The fleet's domains.
    Listed,
    /// The fleet's domains, and everything below them.
    Below,
}

/// Where the mail of a domain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The domain.
    pub domain: String,
    /// Its hosts, the most preferred first; at least one.
    pub hosts: Vec<String>,
}

/// A fleet that is being served. Must be used on the thread, and within the single-threaded runtime, that started it.
pub struct Service {
    hall: Rc<Hall>,
    places: Vec<Place>,
    routes: Vec<Route>,
    name_server: Option<NameServer>,
    control: Option<ControlPort>,
}

impl Service {
    /// Opens all doors. Everything is bound before anything is answered, so either all of it is there, or nothing.
    ///
    /// # Errors
    /// A port cannot be had, or no certificates can be made.
    pub async fn start(blueprint: Blueprint, names: Names, settings: Settings) -> Result<Self, StartError> {
        let Settings { clock, today, addresses, dns, control, pages, patience, connections } = settings;
        let authority = Authority::new(today).map_err(StartError::Certificates)?;
        let hall = Rc::new(Hall::new(blueprint, clock, authority, patience, connections));
        let doors = listeners::bind(hall.fleet(fleet::Fleet::hosts), addresses)?;
        let places: Vec<Place> = doors.iter().map(|(place, _)| place.clone()).collect();
        let zone = Zone::of(&hall.fleet(fleet::Fleet::domains), &places, names);
        let routes = zone.routes(&hall);
        let name_server = match dns {
            Some(address) => Some(NameServer::start(&hall, zone, address).await?),
            None => None,
        };
        let control = match control {
            Some(address) => {
                let (places, routes) = (places.clone(), routes.clone());
                let ca_pem = hall.authority.pem().to_owned();
                let facts = Facts { places, routes, names, ca_pem, pages };
                Some(ControlPort::start(&hall, facts, address).await?)
            }
            None => None,
        };
        for (place, listener) in doors {
            hall.spawn(listeners::open(Rc::clone(&hall), place.host.into(), listener));
        }
        Ok(Self { hall, places, routes, name_server, control })
    }

    /// Where the hosts are.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The domains that take mail, in the order of the alphabet.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Where the name server is, over UDP and TCP.
    pub fn dns(&self) -> Option<SocketAddr> {
        self.name_server.as_ref().map(NameServer::address)
    }

    /// Where the control port is.
    pub fn control(&self) -> Option<SocketAddr> {
        self.control.as_ref().map(ControlPort::address)
    }

    /// Somebody who can say what the fleet has seen; nobody without a control port.
    pub fn witness(&self) -> Option<Witness> {
        self.control.as_ref().map(ControlPort::witness)
    }

    /// The certificate that a client must trust, as PEM.
    pub fn ca_pem(&self) -> &str {
        self.hall.authority.pem()
    }

    /// Closes all doors and every connection, and waits until that is done; what the fleet has seen.
    pub async fn stop(self) -> Vec<Tally> {
        if let Some(control) = self.control {
            control.stop().await;
        }
        if let Some(name_server) = self.name_server {
            name_server.stop().await;
        }
        self.hall.close().await;
        self.hall.fleet(fleet::Fleet::tallies)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("places", &self.places).finish_non_exhaustive()
    }
}

/// A service could not be started. The text is a lower-case fragment.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened at.
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// There are more hosts than addresses or ports.
    TooManyHosts,
    /// The control port is not to be reached from elsewhere.
    ControlIsLocal {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// No certificates can be made.
    Certificates(CertificateError),
}

impl StartError {
    /// What may help; nothing where nobody knows.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Listen { error, address } => match error.kind() {
                io::ErrorKind::AddrInUse => {
                    Some(format!("something listens at {address} already: stop it, or choose another port"))
                }
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 are the administrator's: choose a higher one".to_owned())
                }
                io::ErrorKind::AddrNotAvailable => {
                    Some(format!("this machine does not have the address {}", address.ip()))
                }
                _ => None,
            },
            Self::TooManyHosts => Some("choose port 0, or a lower port".to_owned()),
            Self::ControlIsLocal { .. } => {
                Some("whoever reaches it changes what the fleet does: choose 127.0.0.1 or [::1]".to_owned())
            }
            Self::Certificates(_) => None,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, error } => write!(f, "cannot listen at {address}: {error}"),
            Self::TooManyHosts => f.write_str("there are more MX hosts than ports"),
            Self::ControlIsLocal { address } => {
                write!(f, "the control port must be on loopback, not at {address}")
            }
            Self::Certificates(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}
