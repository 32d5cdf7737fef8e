//! Where connections lead, and what is asked of them: the options of the command, checked, and the ports made of them.
//!
//! Nothing but this machine is reached unless the user names a route or a name server, or says that it may be the internet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::rc::Rc;

use engine::Settings;
use engine::clock::Clock;
use engine::port::{Connector, Later, Resolver};
use harness::sending::World;
use host::clock::{Epoch, SystemClock};
use host::connector::{Route, SMTP_PORT, TcpConnector};
use host::dial::{Dialer, Sources};
use host::dns::{DnsLimits, DnsResolver, NameServer, NoNameServer};
use host::endpoint::{Endpoint, EndpointError, Place};
use host::reach::Reach;
use host::routes::{MailRoutes, ToRelay};
use host::sts::{MtaSts, PolicyHosts};
use host::tls::{Roots, Tls};
use policy::route::{MailRoute, TlsDemand};
use smtp::Domain;
use smtp::client::{Flow, Transfer};
use units::Instant;

use super::file::MailingFile;
use super::options::{Send, TlsWish};
use crate::Exit;

/// Who is on this machine, whatever the DNS says (RFC 6761 6.3).
const HERE: &str = "localhost";

/// The name server where no name is looked up.
const NOBODY: NameServer = NameServer::At(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53));

/// Where mail goes, and how.
pub(super) struct Way {
    target: Target,
    sources: Sources,
    roots: Roots,
    tls: TlsWish,
    ehlo_name: Domain,
}

/// Where mail goes.
enum Target {
    /// All to one server.
    Route(Endpoint),
    /// To this machine, which all recipients are on.
    Here { port: u16 },
    /// Where this name server says.
    Resolver { server: NameServer, port: u16, policies: Policies },
}

/// What the network is reached by.
type Ports = (Rc<dyn Connector>, Rc<dyn Resolver>);

/// Whether domains' policies (MTA-STS) are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policies {
    Ignored,
    Kept,
}

/// When the program started, as Unix time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started {
    /// In seconds.
    pub(super) seconds: u64,
    /// In nanoseconds.
    pub(super) nanos: u64,
}

/// Options that do not make a way.
#[derive(Debug)]
pub(super) struct WayError {
    pub(super) exit: Exit,
    words: String,
    remedy: String,
}

impl fmt::Display for WayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.words, self.remedy)
    }
}

impl WayError {
    fn usage(words: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, words: words.into(), remedy: remedy.into() }
    }

    fn place(option: &str, error: &EndpointError) -> Self {
        Self::usage(format!("--{option}: {error}"), error.remedy())
    }
}

impl Way {
    /// What the options say.
    pub(super) fn of(wanted: &Send, mailing: &MailingFile) -> Result<Self, WayError> {
        let target = Target::of(wanted, mailing)?;
        let roots = match &wanted.ca {
            None => Roots::of_the_system(),
            Some(file) => Roots::from_file(file).map_err(|error| WayError {
                exit: Exit::Environment,
                words: format!("--ca: {error}"),
                remedy: "name a file with certificates in PEM".to_owned(),
            })?,
        };
        let name = wanted.ehlo.as_deref().unwrap_or_else(|| mailing.from.domain());
        let ehlo_name = Domain::parse(name).map_err(|error| {
            WayError::usage(format!("--ehlo: `{name}`: {error}"), "write the name of this machine")
        })?;
        Ok(Self { target, sources: sources(wanted.source)?, roots, tls: wanted.tls, ehlo_name })
    }

    /// The ports, and when the program started. Needs a runtime around it.
    pub(super) fn world(self) -> Result<(World, Started), NoNameServer> {
        let epoch = Epoch::now();
        let clock = SystemClock::new(epoch).handle();
        let tls = Tls::new(&self.roots);
        let (connector, resolver) = self.target.ports(&clock, &tls, self.sources)?;
        let resolver = match self.tls {
            TlsWish::Verified => Rc::new(Verified(resolver)) as Rc<dyn Resolver>,
            TlsWish::Opportunistic | TlsWish::Required => resolver,
        };
        let settings = Settings {
            flow: Flow::Eager,
            transfer: Transfer::ChunkIfOffered,
            ..Settings::new(self.ehlo_name)
        };
        let date = epoch.date(Instant::ZERO);
        let nanos = u64::try_from(date.as_nanos()).unwrap_or(u64::MAX);
        Ok((World { clock, connector, resolver, settings }, Started { seconds: date.as_secs(), nanos }))
    }
}

impl Target {
    fn of(wanted: &Send, mailing: &MailingFile) -> Result<Self, WayError> {
        let port = wanted.port.unwrap_or(SMTP_PORT);
        if let Some(route) = &wanted.route {
            return Endpoint::parse(route).map(Self::Route).map_err(|error| WayError::place("route", &error));
        }
        if let Some(resolver) = &wanted.resolver {
            let server = NameServer::At(name_server(resolver)?);
            return Ok(Self::Resolver { server, port, policies: Policies::Ignored });
        }
        if wanted.to_the_internet {
            return Ok(Self::Resolver { server: NameServer::System, port, policies: Policies::Kept });
        }
        let elsewhere = mailing.people.iter().filter(|person| person.address.domain() != HERE).count();
        if elsewhere == 0 {
            return Ok(Self::Here { port });
        }
        Err(WayError::usage(
            format!(
                "only this machine may be reached, and {elsewhere} of {} are elsewhere; nothing was sent",
                crate::check::counted(mailing.people.len(), "recipient")
            ),
            "say where the mail goes: --route HOST:PORT, --resolver HOST:PORT, or --to-the-internet",
        ))
    }

    fn ports(self, clock: &Clock, tls: &Tls, sources: Sources) -> Result<Ports, NoNameServer> {
        let resolver = |server| DnsResolver::new(server, DnsLimits::USUAL, clock.clone()).map(Rc::new);
        let (server, reach) = match &self {
            Self::Route(Endpoint { host: Place::Name(_), .. }) => (NameServer::System, Reach::Anywhere),
            // Nobody is asked for anything, so that it works where the system knows no name server.
            Self::Route(Endpoint { host: Place::Addresses(_), .. }) => (NOBODY, Reach::Anywhere),
            Self::Here { .. } => (NOBODY, Reach::LoopbackOnly),
            Self::Resolver { server, .. } => (*server, Reach::Anywhere),
        };
        let dns = resolver(server)?;
        let dialer = Dialer::new(clock.clone(), dns.clone(), reach).from_sources(sources);
        let connector = |route| Rc::new(TcpConnector::new(dialer.clone(), route, tls.clone()));
        let to_relay = |relay: Endpoint| -> Ports {
            let resolver = Rc::new(ToRelay::new(&relay));
            (connector(Route::Fixed(relay)), resolver)
        };
        Ok(match self {
            Self::Route(relay) => to_relay(relay),
            Self::Here { port } => {
                let here = Place::Addresses(vec![IpAddr::from([127, 0, 0, 1])]);
                to_relay(Endpoint { host: here, port })
            }
            Self::Resolver { port, policies, .. } => {
                let routes = MailRoutes::new(dns.clone());
                let routes = match policies {
                    Policies::Ignored => routes,
                    Policies::Kept => {
                        let hosts = PolicyHosts::Published;
                        routes.with_policies(MtaSts::new(
                            dns,
                            dialer.clone(),
                            tls.clone(),
                            hosts,
                            clock.clone(),
                        ))
                    }
                };
                (connector(Route::Hosts { port }), Rc::new(routes))
            }
        })
    }
}

/// A name server is asked at an address, because nobody could look its name up.
fn name_server(text: &str) -> Result<SocketAddr, WayError> {
    let endpoint = Endpoint::parse(text).map_err(|error| WayError::place("resolver", &error))?;
    match &endpoint.host {
        Place::Addresses(addresses) if !addresses.is_empty() => {
            Ok(SocketAddr::new(addresses[0], endpoint.port))
        }
        Place::Addresses(_) | Place::Name(_) => Err(WayError::usage(
            format!("--resolver: `{text}` is a name"),
            "write the address of the name server: 127.0.0.1:5353",
        )),
    }
}

/// Where connections come from: an address of this machine, because from another one nothing could be sent, for 30 hours.
fn sources(source: Option<IpAddr>) -> Result<Sources, WayError> {
    let Some(source) = source else { return Ok(Sources::default()) };
    UdpSocket::bind((source, 0)).map_err(|error| WayError {
        exit: Exit::Environment,
        words: format!("--source: nothing can be sent from {source}: {error}"),
        remedy: "name an address of this machine".to_owned(),
    })?;
    Ok(match source {
        IpAddr::V4(v4) => Sources { v4: Some(v4), v6: None },
        IpAddr::V6(v6) => Sources { v4: None, v6: Some(v6) },
    })
}

/// Every domain demands a certificate that is valid and names the host.
struct Verified(Rc<dyn Resolver>);

impl Resolver for Verified {
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(async { MailRoute { tls: TlsDemand::Verified, ..self.0.mx(domain).await } })
    }
}
