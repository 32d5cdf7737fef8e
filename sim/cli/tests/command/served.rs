//! `bouncelab send` to a fleet that is served: names from its name server, certificates from its authority.

use std::net::SocketAddr;
use std::sync::mpsc;

use bouncelab::Exit;
use fleet::{Active, Dns, Fleet, FleetBuilder, MxRecord, ProviderSpec, library, read_behaviour};
use host::clock::{Epoch, SystemClock};
use serve::{Names, Service, Settings};
use units::Instant;

use crate::place::Place;

/// A fleet of one host, served by a thread of its own until this is dropped.
struct Served {
    dns: SocketAddr,
    port: u16,
    ca: String,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Served {
    /// `yaml` says how the host behaves.
    fn start(yaml: &'static str) -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async {
                let epoch = Epoch::now();
                let settings = Settings::new(SystemClock::new(epoch).handle(), epoch.date(Instant::ZERO));
                let service =
                    Service::start(Box::new(move || built(yaml)), Names::Listed, settings).await.unwrap();
                let port = service.places()[0].address.port();
                tell.send((service.dns().unwrap(), port, service.ca_pem().to_owned())).unwrap();
                let _ = stopped.await;
                service.stop().await;
            });
        });
        let (dns, port, ca) = told.recv().unwrap();
        Self { dns, port, ca, _stop: stop }
    }
}

fn built(yaml: &str) -> Fleet {
    let root = scenario::tree(&scenario::Source::new("behaviours.yaml", yaml)).unwrap();
    let scenario::Kind::Map(entries) = root.kind else { panic!("not a map: {yaml}") };
    let mut problems = scenario::Problems::new();
    let read = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
    let behaviours = read.filter_map(|behaviour| read_behaviour(&behaviour, &mut problems));
    let mut builder = FleetBuilder::new(1);
    let spec = ProviderSpec {
        index: 0,
        name: "bigbox",
        profile: library().generic(),
        domains: vec!["bigbox.test".to_owned()],
        dns: Dns::Hosts(vec![MxRecord { preference: 10, host: "mx1.bigbox.test".to_owned() }]),
        behaviours: behaviours.map(Active::always).collect(),
        contacts: &["ann@bigbox.test"],
    };
    builder.add_provider(spec).unwrap();
    builder.build()
}

/// Sends to one person at the fleet, with further options.
fn sent(name: &str, served: &Served, options: &[&str]) -> crate::place::Said {
    let place = Place::new(name);
    place.write("ca.pem", &served.ca);
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [ann@bigbox.test]\n",
    );
    let (dns, port) = (served.dns.to_string(), served.port.to_string());
    let arguments = ["send", "@m.yaml", "--resolver", &dns, "--port", &port];
    place.bouncelab(&[&arguments, options].concat())
}

#[test]
fn a_name_server_says_where_mail_goes() {
    let said = sent("served-plain", &Served::start("latency: 1ms"), &["--time-limit", "20s"]);
    assert_eq!(said.exit, Exit::Held, "{}{}", said.out, said.err);
}

#[test]
fn a_host_is_believed_whose_issuer_is_named() {
    let served = Served::start("tls: required");
    let said =
        sent("served-verified", &served, &["--tls", "verified", "--ca", "@ca.pem", "--time-limit", "20s"]);
    assert_eq!(said.exit, Exit::Held, "{}{}", said.out, said.err);
}

#[test]
fn a_host_is_not_believed_whose_issuer_nobody_knows() {
    let served = Served::start("tls: required");
    let said = sent("served-unknown", &served, &["--tls", "verified", "--time-limit", "1s"]);
    assert_eq!(said.exit, Exit::TimeLimit, "{}{}", said.out, said.err);
    let said = sent("served-anybody", &served, &["--tls", "required", "--time-limit", "20s"]);
    assert_eq!(said.exit, Exit::Held, "{}{}", said.out, said.err);
}
