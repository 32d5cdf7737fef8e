//! The name server, as another resolver sees it.

use std::net::SocketAddr;
use std::time::Duration;

use fleet::{Active, Dns, Fleet, FleetBuilder, MxRecord, ProviderSpec, library};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use serve::{Names, Service, Settings};
use units::Instant;

use crate::clock::HandClock;
use crate::world::{behaviours, on_a_runtime};

/// Five providers, each with a domain of its name about which the DNS says something else.
fn fleet() -> Fleet {
    let record = |preference, host: &str| MxRecord { preference, host: host.to_owned() };
    let two = Dns::Hosts(vec![record(20, "mx2.two.test"), record(10, "MX1.two.test")]);
    let all = [
        ("two", two),
        ("implicit", Dns::Implicit),
        ("null", Dns::Null),
        ("gone", Dns::NoSuchDomain),
        ("broken", Dns::ServerFailure),
    ];
    let mut builder = FleetBuilder::new(1);
    for (index, (name, dns)) in (0..).zip(all) {
        let (profile, domains) = (library().generic(), vec![format!("{name}.test")]);
        let (behaviours, contacts): (_, &[&str]) = (Vec::new(), &[]);
        let spec = ProviderSpec { index, name, profile, domains, dns, behaviours, contacts };
        builder.add_provider(spec).expect("names are free");
    }
    builder.build()
}

fn resolver(server: SocketAddr, udp: bool) -> TokioResolver {
    let mut connection = if udp { ConnectionConfig::udp() } else { ConnectionConfig::tcp() };
    connection.port = server.port();
    let server = NameServerConfig::new(server.ip(), true, vec![connection]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    (options.attempts, options.cache_size, options.use_hosts_file) = (0, 0, ResolveHosts::Never);
    builder.build().expect("a resolver")
}

/// What a resolver makes of a question, as sorted text.
async fn ask(resolver: &TokioResolver, name: &str, kind: RecordType) -> String {
    match resolver.lookup(format!("{name}."), kind).await {
        Ok(found) => {
            let mut records: Vec<String> =
                found.answers().iter().map(|record| record.data.to_string()).collect();
            records.sort();
            records.join(", ")
        }
        Err(error) if error.is_nx_domain() => "no such name".to_owned(),
        Err(error) if error.is_no_records_found() => "no data".to_owned(),
        Err(error) => {
            assert!(error.to_string().to_lowercase().contains("fail"), "{error}");
            "failure".to_owned()
        }
    }
}

async fn start(names: Names, blueprint: fn() -> Fleet) -> Service {
    let (_, clock) = HandClock::new();
    let settings = Settings::new(clock, Duration::from_secs(1_800_000_000));
    Service::start(Box::new(blueprint), names, settings).await.expect("all ports are free ones")
}

#[test]
fn every_answer_is_what_the_fleet_says() {
    on_a_runtime(async {
        let service = start(Names::Listed, fleet).await;
        for udp in [true, false] {
            let resolver = resolver(service.dns().expect("it has one"), udp);
            let check = async |name: &str, kind, expected: &str| {
                assert_eq!(ask(&resolver, name, kind).await, expected, "{name} {kind}, UDP: {udp}");
            };
            check("two.test", RecordType::MX, "10 mx1.two.test., 20 mx2.two.test.").await;
            check("TWO.test", RecordType::MX, "10 mx1.two.test., 20 mx2.two.test.").await;
            check("mx1.two.test", RecordType::A, "127.0.0.1").await;
            check("mx1.two.test", RecordType::AAAA, "no data").await;
            check("mx1.two.test", RecordType::MX, "no data").await;
            check("two.test", RecordType::A, "no data").await;
            check("implicit.test", RecordType::MX, "no data").await;
            check("implicit.test", RecordType::A, "127.0.0.1").await;
            check("null.test", RecordType::MX, "0 .").await;
            check("gone.test", RecordType::MX, "no such name").await;
            check("gone.test", RecordType::A, "no such name").await;
            check("broken.test", RecordType::MX, "failure").await;
            check("broken.test", RecordType::A, "failure").await;
            check("test", RecordType::MX, "no data").await;
            check("nobody.test", RecordType::MX, "no such name").await;
            check("_mta-sts.two.test", RecordType::TXT, "no such name").await;
            check("gmail.com", RecordType::MX, "no such name").await;
        }
        service.stop().await;
    });
}

/// A fleet whose names the DNS says different things about, and about one of them something else each hour.
fn changing() -> Fleet {
    let later = |hour, yaml| {
        behaviours(yaml).into_iter().map(move |rule| Active { from: Instant::from_hours(hour), ..rule })
    };
    let moving = later(3, "dns: no_such_domain")
        .chain(later(2, "dns: implicit"))
        .chain(later(1, "dns: { mx: [new.moving.test] }"))
        .chain(behaviours("dns: { ttl: 90s }"));
    let mut all = vec![("moving", moving.collect())];
    all.extend([
        ("alias", behaviours("dns: { cname: alias.hosting.test }")),
        ("bogus", behaviours("dns: bogus")),
        ("secure", behaviours("tls: offered\ndns: { mta_sts: enforce, tlsa: matching }")),
        ("empty", behaviours("dns: no_data")),
    ]);
    let mut builder = FleetBuilder::new(1);
    for (index, (name, behaviours)) in (0..).zip(all) {
        let (profile, domains) = (library().generic(), vec![format!("{name}.test")]);
        let dns = Dns::Hosts(vec![MxRecord { preference: 10, host: format!("mx1.{name}.test") }]);
        let spec = ProviderSpec { index, name, profile, domains, dns, behaviours, contacts: &[] };
        builder.add_provider(spec).expect("names are free");
    }
    builder.build()
}

#[test]
fn answers_are_those_of_the_moment() {
    const HOUR: Duration = Duration::from_secs(3600);
    on_a_runtime(async {
        let (hand, clock) = HandClock::new();
        let settings = Settings::new(clock, Duration::from_secs(1_800_000_000));
        let service = Service::start(Box::new(changing), Names::Listed, settings).await.expect("free ports");
        let resolver = resolver(service.dns().expect("it has one"), true);
        let check = async |name: &str, kind, expected: &str| {
            assert_eq!(ask(&resolver, name, kind).await, expected, "{name} {kind}");
        };
        check("moving.test", RecordType::MX, "10 mx1.moving.test.").await;
        let found = resolver.lookup("moving.test.", RecordType::MX).await.expect("hosts");
        assert!(found.answers().iter().all(|record| record.ttl == 90), "{found:?}");
        check("alias.test", RecordType::MX, "10 mx1.alias.test., alias.hosting.test.").await;
        check("alias.hosting.test", RecordType::MX, "10 mx1.alias.test.").await;
        check("bogus.test", RecordType::MX, "failure").await;
        check("empty.test", RecordType::MX, "no data").await;
        check("empty.test", RecordType::A, "no data").await;
        check("_mta-sts.moving.test", RecordType::TXT, "no such name").await;
        let announced = ask(&resolver, "_mta-sts.secure.test", RecordType::TXT).await;
        assert!(announced.contains("v=STSv1; id="), "{announced}");
        let certified = ask(&resolver, "_25._tcp.mx1.secure.test", RecordType::TLSA).await;
        assert!(certified.starts_with("3 1 0 "), "{certified}");
        check("_25._tcp.mx1.moving.test", RecordType::TLSA, "no such name").await;
        hand.advance(HOUR);
        check("moving.test", RecordType::MX, "10 new.moving.test.").await;
        check("new.moving.test", RecordType::A, "127.0.0.1").await;
        hand.advance(HOUR);
        check("moving.test", RecordType::MX, "no data").await;
        check("moving.test", RecordType::A, "127.0.0.1").await;
        hand.advance(HOUR);
        check("moving.test", RecordType::MX, "no such name").await;
        service.stop().await;
    });
}

#[test]
fn magic_domains_are_without_number() {
    let blueprint = || fleet::magic::fleet(fleet::Pace::Immediate, fleet::Offering::Everything, 100);
    on_a_runtime(async {
        let service = start(Names::Below, blueprint).await;
        let resolver = resolver(service.dns().expect("it has one"), true);
        let check = async |name: &str, kind, expected: &str| {
            assert_eq!(ask(&resolver, name, kind).await, expected, "{name} {kind}");
        };
        for domain in ["shop.test", "a.b.example", "test", "mail.example.com"] {
            check(domain, RecordType::MX, "10 mx.magic.test.").await;
            check(domain, RecordType::A, "no data").await;
        }
        check("mx.magic.test", RecordType::A, "127.0.0.1").await;
        check("expired.tls.test", RecordType::MX, "no data").await;
        check("expired.tls.test", RecordType::A, "127.0.0.1").await;
        check("example.edu", RecordType::MX, "no such name").await;
        service.stop().await;
    });
}
