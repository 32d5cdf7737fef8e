//! MTA-STS: from the announcement to the route.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use engine::port::Resolver;
use host::dns::{DnsLimits, DnsResolver, NameServer};
use host::endpoint::Endpoint;
use host::routes::{MailRoutes, ToRelay};
use host::sts::{MtaSts, PolicyHosts};
use host::tls::{Roots, Tls};
use policy::route::{MailRoute, MxAnswer, TlsDemand};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::spawn_local;

use crate::certificates::{Authority, Fault};
use crate::name_server::{Zone, serve};
use crate::stage::{clock, dialer, domain, listener, live};

const ENFORCE: &str = "version: STSv1\nmode: enforce\nmx: mx.a.test\nmx: *.b.test\nmax_age: 86400\n";

/// A domain `a.test` with a policy, and who looks at it.
struct Stage {
    zone: Rc<Zone>,
    routes: MailRoutes,
    response: Rc<std::cell::RefCell<String>>,
    fetched: Rc<Cell<u32>>,
}

fn page(text: &str) -> String {
    let length = text.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{text}"
    )
}

impl Stage {
    /// The policy host has a certificate for this name, and answers everything with this response.
    async fn new(name: &str, fault: Fault, response: String) -> Self {
        let zone = Rc::new(Zone::new(&[
            "a.test MX 10 mx.a.test",
            "a.test MX 20 x.b.test",
            "a.test MX 30 y.x.b.test",
            "_mta-sts.a.test TXT v=STSv1; id=1;",
        ]));
        let (authority, listener) = (Authority::new(), listener().await);
        let acceptor = authority.issue(name, fault).acceptor(rustls::ALL_VERSIONS);
        let server = NameServer::At(serve(&zone).await);
        let dns =
            Rc::new(DnsResolver::new(server, DnsLimits::USUAL, clock()).expect("it is told whom to ask"));
        let tls = Tls::new(&Roots::from_pem(authority.pem.as_bytes()).expect("a certificate"));
        let hosts = PolicyHosts::At(listener.local_addr().expect("it is bound").into());
        let sts = MtaSts::new(Rc::clone(&dns), dialer(&[]), tls, hosts, clock());
        let routes = MailRoutes::new(dns).with_policies(sts);
        let (response, fetched) = (Rc::new(response.into()), Rc::<Cell<u32>>::default());
        let stage = Self { zone, routes, response: Rc::clone(&response), fetched: Rc::clone(&fetched) };
        spawn_local(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                fetched.set(fetched.get() + 1);
                let Ok(mut stream) = acceptor.accept(visitor).await else { continue };
                let mut request = [0; 4096];
                let count = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..count]).to_lowercase();
                assert!(request.starts_with("get /.well-known/mta-sts.txt http/1.1\r\n"), "{request}");
                assert!(request.contains("\r\nhost: mta-sts.a.test\r\n"), "{request}");
                let text = response.borrow().clone();
                // Who has read enough may leave.
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        stage
    }

    async fn with_policy(policy: &str) -> Self {
        Self::new("mta-sts.a.test", Fault::None, page(policy)).await
    }

    async fn route(&self) -> MailRoute {
        self.routes.mx(&domain("a.test")).await
    }
}

/// Of all records of the test's name server.
const TTL: Duration = Duration::from_secs(60);

fn route(hosts: &[(u16, &str)], tls: TlsDemand) -> MailRoute {
    let hosts = hosts.iter().map(|(preference, name)| (*preference, domain(name))).collect();
    MailRoute { hosts: MxAnswer::Hosts(hosts), tls, fresh_for: Some(TTL) }
}

fn as_published() -> MailRoute {
    route(&[(10, "mx.a.test"), (20, "x.b.test"), (30, "y.x.b.test")], TlsDemand::None)
}

fn as_enforced() -> MailRoute {
    route(&[(10, "mx.a.test"), (20, "x.b.test")], TlsDemand::Verified)
}

#[test]
fn a_policy_that_is_enforced_leaves_hosts_out_and_demands_proof() {
    live(async {
        assert_eq!(Stage::with_policy(ENFORCE).await.route().await, as_enforced());
    });
}

#[test]
fn a_policy_that_admits_nobody_leaves_nobody() {
    live(async {
        let stage =
            Stage::with_policy(&ENFORCE.replace("mx.a.test", "other.test").replace("*.b", "*.c")).await;
        let route = |hosts, fresh_for| MailRoute { hosts, tls: TlsDemand::Verified, fresh_for };
        assert_eq!(stage.route().await, route(MxAnswer::NotAdmitted, Some(TTL)));
        // The same for a domain that is its own mail exchanger, unless it admits itself.
        stage.zone.remove("a.test");
        stage.zone.add("a.test A 127.0.0.1");
        assert_eq!(stage.route().await, route(MxAnswer::NotAdmitted, None));
        *stage.response.borrow_mut() = page(&ENFORCE.replace("mx.a.test", "a.test"));
        stage.zone.remove("_mta-sts.a.test");
        stage.zone.add("_mta-sts.a.test TXT v=STSv1; id=2");
        assert_eq!(stage.route().await, route(MxAnswer::Implicit, None));
    });
}

#[test]
fn policies_that_are_not_in_force_demand_nothing() {
    live(async {
        for mode in ["testing", "none"] {
            let stage = Stage::with_policy(&ENFORCE.replace("enforce", mode)).await;
            assert_eq!(stage.route().await, as_published(), "{mode}");
        }
    });
}

#[test]
fn what_is_no_policy_is_not_obeyed_and_not_asked_for_again_at_once() {
    live(async {
        let page = page(ENFORCE);
        let endless = format!("{}{}", page.replace("Content-Length", "X-Length"), "x: y\n".repeat(20_000));
        let long_header =
            page.replace("HTTP/1.1 200 OK\r\n", &format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "x".repeat(64_000)));
        for (what, response) in [
            ("moved", page.replace("200 OK", "302 Found\r\nLocation: https://mta-sts.a.test/other")),
            ("not found", page.replace("200 OK", "404 Not Found")),
            ("not text", page.replace("text/plain", "text/html")),
            ("too long", endless),
            ("long header", long_header),
            ("cut", page.replace("Content-Length: ", "Content-Length: 1")),
            ("no policy", page.replace("STSv1", "STSv9")),
            ("no HTTP", "220 hello\r\n".to_owned()),
            ("nothing", String::new()),
        ] {
            let stage = Stage::new("mta-sts.a.test", Fault::None, response).await;
            assert_eq!(stage.route().await, as_published(), "{what}");
            assert_eq!(stage.route().await, as_published(), "{what}");
            assert_eq!(stage.fetched.get(), 1, "{what}");
        }
    });
}

#[test]
fn a_policy_host_must_prove_its_name() {
    live(async {
        for (name, fault) in [
            ("a.test", Fault::None),
            ("mta-sts.a.test", Fault::Expired),
            ("mta-sts.a.test", Fault::SelfSigned),
        ] {
            let stage = Stage::new(name, fault, page(ENFORCE)).await;
            assert_eq!(stage.route().await, as_published(), "{name} {fault:?}");
        }
    });
}

#[test]
fn a_policy_is_kept_whatever_the_dns_says_later_and_fetched_anew_when_it_has_changed() {
    live(async {
        let stage = Stage::with_policy(ENFORCE).await;
        assert_eq!(stage.route().await, as_enforced());
        assert_eq!((stage.route().await, stage.fetched.get()), (as_enforced(), 1), "it is kept");
        stage.zone.remove("_mta-sts.a.test");
        assert_eq!((stage.route().await, stage.fetched.get()), (as_enforced(), 1), "no announcement");
        stage.zone.add("_mta-sts.a.test TXT v=STSv1; id=2");
        *stage.response.borrow_mut() = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_owned();
        assert_eq!((stage.route().await, stage.fetched.get()), (as_enforced(), 2), "fetching fails");
        assert_eq!((stage.route().await, stage.fetched.get()), (as_enforced(), 2), "not again at once");
        stage.zone.remove("_mta-sts.a.test");
        stage.zone.add("_mta-sts.a.test TXT v=STSv1; id=3");
        *stage.response.borrow_mut() = page(&ENFORCE.replace("enforce", "none"));
        assert_eq!((stage.route().await, stage.fetched.get()), (as_published(), 3), "given up");
    });
}

#[test]
fn a_policy_whose_time_is_over_is_fetched_anew() {
    live(async {
        let stage = Stage::with_policy(&ENFORCE.replace("86400", "0")).await;
        assert_eq!(stage.route().await, as_published());
        assert_eq!(stage.route().await, as_published());
        assert_eq!(stage.fetched.get(), 2);
    });
}

#[test]
fn domains_without_a_policy_are_not_bothered() {
    live(async {
        let stage = Stage::with_policy(ENFORCE).await;
        stage.zone.remove("_mta-sts.a.test");
        assert_eq!(stage.route().await, as_published());
        assert_eq!(stage.routes.mx(&domain("gone.test")).await, MxAnswer::NoSuchDomain.into());
        assert_eq!(stage.fetched.get(), 0);
    });
}

#[test]
fn without_look_ups_every_domain_is_its_own_mail_exchanger() {
    live(async {
        for (place, host) in
            [("relay.test:25", "relay.test"), ("127.0.0.1:2525", "127.0.0.1"), ("[::1]:25", "relay.invalid")]
        {
            let relay = ToRelay::new(&Endpoint::parse(place).expect("a place"));
            assert_eq!(relay.mx(&domain("a.test")).await, MxAnswer::Relay(domain(host)).into());
        }
    });
}
