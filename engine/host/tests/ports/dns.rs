//! What answers of a name server mean for mail.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use host::dial::Addresses;
use host::dns::{DnsLimits, DnsResolver, LookupFailed, NameServer};
use policy::route::MxAnswer;
use tokio::task::{spawn_local, yield_now};

use crate::name_server::{Zone, serve};
use crate::stage::{clock, domain, live};

async fn resolver(lines: &[&str]) -> (DnsResolver, Rc<Zone>) {
    within(DnsLimits::USUAL, lines).await
}

async fn within(limits: DnsLimits, lines: &[&str]) -> (DnsResolver, Rc<Zone>) {
    let zone = Rc::new(Zone::new(lines));
    let server = NameServer::At(serve(&zone).await);
    (DnsResolver::new(server, limits, clock()).expect("it is told whom to ask"), zone)
}

fn hosts(hosts: &[(u16, &str)]) -> MxAnswer {
    MxAnswer::Hosts(hosts.iter().map(|(preference, name)| (*preference, domain(name))).collect())
}

#[test]
fn mail_exchangers_are_found_in_every_way_that_mail_knows() {
    live(async {
        let (resolver, _) = resolver(&[
            "two.test MX 20 b.two.test",
            "two.test MX 10 A.two.test",
            "v4.test A 127.0.0.1",
            "v6.test AAAA ::1",
            "null.test MX 0 .",
            "text.test TXT hello",
            "alias.test CNAME two.test",
            "chain.test CNAME alias.test",
            "dangling.test CNAME gone.test",
            "broken.test FAILS",
        ])
        .await;
        for (name, answer) in [
            ("two.test", hosts(&[(10, "a.two.test"), (20, "b.two.test")])),
            ("v4.test", MxAnswer::Implicit),
            ("v6.test", MxAnswer::Implicit),
            ("null.test", MxAnswer::Null),
            ("text.test", MxAnswer::NoSuchDomain),
            ("alias.test", hosts(&[(10, "a.two.test"), (20, "b.two.test")])),
            ("chain.test", hosts(&[(10, "a.two.test"), (20, "b.two.test")])),
            ("dangling.test", MxAnswer::NoSuchDomain),
            ("gone.test", MxAnswer::NoSuchDomain),
            ("broken.test", MxAnswer::Failed),
        ] {
            assert_eq!(resolver.mx(&domain(name)).await.hosts, answer, "{name}");
        }
    });
}

#[test]
fn addresses_of_both_families_are_found() {
    live(async {
        let (resolver, _) = resolver(&[
            "mx.test A 127.0.0.1",
            "mx.test A 127.0.0.2",
            "mx.test AAAA ::1",
            "alias.test CNAME mx.test",
            "broken.test FAILS",
        ])
        .await;
        for name in ["mx.test", "alias.test"] {
            let mut found = resolver.addresses(&domain(name)).await.expect("it has some");
            found.sort();
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, ["127.0.0.1", "127.0.0.2", "::1"], "{name}");
        }
        assert_eq!(resolver.addresses(&domain("gone.test")).await, Ok(Vec::new()));
        assert_eq!(resolver.addresses(&domain("broken.test")).await, Err(LookupFailed));
        // A name that looks like an address is a name, and this machine's own names are not asked for.
        assert_eq!(resolver.addresses(&domain("127.0.0.1")).await, Ok(Vec::new()));
        assert_eq!(resolver.addresses(&domain("localhost.test")).await, Ok(Vec::new()));
    });
}

#[test]
fn an_answer_that_is_too_long_for_udp_comes_over_tcp() {
    live(async {
        let lines: Vec<String> =
            (0..30).map(|n| format!("long.test MX {n} host-number-{n}.long.test")).collect();
        let (resolver, zone) = resolver(&lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let MxAnswer::Hosts(hosts) = resolver.mx(&domain("long.test")).await.hosts else {
            panic!("it has hosts")
        };
        assert_eq!(hosts.len(), 30);
        assert_eq!(*zone.asked.borrow(), ["long.test. MX"; 2]);
    });
}

#[test]
fn an_answer_says_how_long_it_may_be_kept() {
    live(async {
        let (resolver, _) =
            resolver(&["a.test MX 10 mx.test", "alias.test CNAME a.test", "own.test A 127.0.0.1"]).await;
        for (name, fresh_for) in
            [("a.test", Some(60)), ("alias.test", Some(60)), ("own.test", None), ("gone.test", None)]
        {
            let found = resolver.mx(&domain(name)).await.fresh_for;
            assert_eq!(found, fresh_for.map(Duration::from_secs), "{name}");
        }
    });
}

#[test]
fn nothing_is_remembered() {
    live(async {
        let (resolver, zone) = resolver(&["a.test MX 10 old.test"]).await;
        assert_eq!(resolver.mx(&domain("a.test")).await.hosts, hosts(&[(10, "old.test")]));
        zone.remove("a.test");
        zone.add("a.test MX 10 new.test");
        assert_eq!(resolver.mx(&domain("a.test")).await.hosts, hosts(&[(10, "new.test")]));
    });
}

#[test]
fn texts_are_put_together_from_their_parts() {
    live(async {
        let (resolver, _) =
            resolver(&["a.test TXT v=STS|v1; id=1", "a.test TXT other", "b.test FAILS"]).await;
        let mut texts = resolver.texts("a.test").await.expect("it has some");
        texts.sort();
        assert_eq!(texts, ["other", "v=STSv1; id=1"]);
        assert_eq!(resolver.texts("gone.test").await, Ok(Vec::new()));
        assert_eq!(resolver.texts("b.test").await, Err(LookupFailed));
    });
}

#[test]
fn a_look_up_ends_in_time_even_if_nobody_answers() {
    live(async {
        let [short, long] = [20, 60_000].map(Duration::from_millis);
        for limits in
            [DnsLimits { question: short, lookup: long }, DnsLimits { question: long, lookup: short }]
        {
            let (resolver, zone) = within(limits, &["silent.test SILENT"]).await;
            let clock = clock();
            let before = clock.now();
            assert_eq!(resolver.mx(&domain("silent.test")).await.hosts, MxAnswer::Failed);
            let took = clock.now().since(before);
            assert!(took >= short && took < long / 6, "it took {took:?} under {limits:?}");
            assert!(!zone.asked.borrow().is_empty());
        }
    });
}

#[test]
fn more_look_ups_than_are_open_at_once_all_end() {
    live(async {
        let (resolver, _) = resolver(&[]).await;
        let resolver = Rc::new(resolver);
        let lookup = |n| {
            let (resolver, name) = (Rc::clone(&resolver), domain(&format!("n{n}.gone.test")));
            spawn_local(async move { resolver.mx(&name).await })
        };
        let lookups: Vec<_> = (0..200).map(lookup).collect();
        for lookup in lookups {
            assert_eq!(lookup.await.expect("it ends").hosts, MxAnswer::NoSuchDomain);
        }
    });
}

#[test]
fn a_name_server_is_not_asked_too_much_at_once() {
    live(async {
        let patient = DnsLimits { question: Duration::from_secs(60), lookup: Duration::from_secs(60) };
        let names: Vec<String> = (0..100).map(|n| format!("n{n}.test")).collect();
        let lines: Vec<String> = names.iter().map(|name| format!("{name} SILENT")).collect();
        let (resolver, zone) = within(patient, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let resolver = Rc::new(resolver);
        for name in &names {
            let (resolver, name) = (Rc::clone(&resolver), domain(name));
            spawn_local(async move { resolver.mx(&name).await });
        }
        let distinct = || zone.asked.borrow().iter().cloned().collect::<BTreeSet<_>>().len();
        while distinct() < 32 {
            yield_now().await;
        }
        // Time for others to come through, if they would.
        let (other, _) = within(DnsLimits::USUAL, &[]).await;
        assert_eq!(other.mx(&domain("gone.test")).await.hosts, MxAnswer::NoSuchDomain);
        assert_eq!(distinct(), 32);
    });
}
