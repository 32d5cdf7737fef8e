//! Our fleet on ports of its own, for clients of others: started on a thread, asked over its control port, stopped.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use fleet::{FleetBuilder, Offering, Pace};
use harness::Plan;
use host::clock::{Epoch, Speed, SystemClock};
use scenario::Source;
use serde::Deserialize;
use serve::{Blueprint, Names, Service, Settings};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;
use units::Instant;

/// More receipts than any trial makes.
const CAPACITY: usize = 100_000;

/// A fleet that is being served until this is dropped.
#[derive(Debug)]
pub(super) struct Fleet {
    facts: Facts,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Where it is.
#[derive(Debug)]
struct Facts {
    hosts: Vec<(String, SocketAddr)>,
    control: SocketAddr,
    ca_pem: String,
}

/// What became of a recipient, as the fleet tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Receipt {
    pub(super) sender: String,
    pub(super) recipient: String,
    pub(super) answer: String,
    pub(super) body_bytes: Option<u64>,
    pub(super) code: Option<u16>,
}

impl Fleet {
    /// The fleet for whoever has no scenario.
    pub(super) fn magic() -> Result<Self, String> {
        Self::start(Speed::REAL, || {
            let blueprint = || fleet::magic::fleet(Pace::Immediate, Offering::Everything, CAPACITY);
            (Box::new(blueprint), Names::Below)
        })
    }

    /// The fleet of a scenario, whose time goes so many times as fast as the world's.
    pub(super) fn of(scenario: &'static str, speed: u32) -> Result<Self, String> {
        let speed = Speed::times(speed).ok_or("time has to pass")?;
        Self::start(speed, move || {
            let plan = Plan::read(&Source::new("interop.yaml", scenario)).expect("the scenario is valid");
            let builder = |seed| {
                let immediate = FleetBuilder::new(seed).pace(Pace::Immediate);
                immediate.offering(Offering::Everything).capacity(CAPACITY)
            };
            (Box::new(move || plan.fleet(builder(plan.seed()))), Names::Listed)
        })
    }

    fn start(
        speed: Speed,
        blueprint: impl FnOnce() -> (Blueprint, Names) + Send + 'static,
    ) -> Result<Self, String> {
        let (tell, told) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
            runtime.expect("a runtime").block_on(async {
                let (blueprint, names) = blueprint();
                let service = Service::start(blueprint, names, settings(speed)).await;
                let service = service.expect("all ports are free ones");
                tell.send(Facts::of(&service)).expect("somebody waits");
                // Whoever is gone wants an end, too.
                let _ = ended.await;
                service.stop().await;
            });
        });
        let facts = told.recv().map_err(|_| "the fleet did not start")?;
        Ok(Self { facts, end: Some(end), thread: Some(thread) })
    }

    /// Where the host is that is asked first.
    pub(super) fn address(&self) -> SocketAddr {
        self.facts.hosts[0].1
    }

    /// The name of that host.
    pub(super) fn name(&self) -> &str {
        &self.facts.hosts[0].0
    }

    /// The certificate to trust, as PEM.
    pub(super) fn ca_pem(&self) -> &str {
        &self.facts.ca_pem
    }

    /// What the control port answers.
    pub(super) fn get(&self, path: &str) -> Result<String, String> {
        self.fetch(path).map_err(|error| format!("{path}: {error}"))
    }

    fn fetch(&self, path: &str) -> std::io::Result<String> {
        let control = self.facts.control;
        let mut stream = std::net::TcpStream::connect(control)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {control}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            Some(_) | None => Err(std::io::Error::other(answer)),
        }
    }

    /// What became of each recipient, in order of time.
    pub(super) fn receipts(&self) -> Result<Vec<Receipt>, String> {
        let lines = self.get("/receipts")?;
        let receipt = |line: &str| serde_json::from_str(line).map_err(|error| format!("{line}: {error}"));
        lines.lines().map(receipt).collect()
    }
}

impl Facts {
    fn of(service: &Service) -> Self {
        let hosts = service.places().iter().map(|place| (place.host.clone(), place.address));
        Self {
            hosts: hosts.collect(),
            control: service.control().expect("it was asked for"),
            ca_pem: service.ca_pem().to_owned(),
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // A fleet that has died has said so already.
        let _ = self.end.take().map(|end| end.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn settings(speed: Speed) -> Settings {
    let epoch = Epoch::now();
    Settings::new(SystemClock::faster(epoch, speed).handle(), epoch.date(Instant::ZERO))
}
