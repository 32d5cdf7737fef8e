//! What becomes of those who are due when the DNS says something else than before, and when it is asked.

use std::time::Duration;

use libtest_mimic::Trial;
use policy::ids::MailingId;
use policy::mailing::{Kind, Mailing};
use policy::metrics::Metrics;
use policy::pace::SiteLimits;
use policy::route::{DNS_FRESH_AT_LEAST, DNS_FRESH_AT_MOST, DNS_FRESH_FOR, MailRoute, MxAnswer};
use smtp::client::{Loss, Outcome, Phase};
use units::Instant;

use crate::driver::{Driver, contact, mailing, one_host};
use crate::outcomes::finding::accepted;
use crate::shell::{self, Network, Offer};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("routes", "who is due moves with the domain", moves),
        trial("routes", "a domain that is where it was changes nothing", stays),
        trial("routes", "domains of one site move one by one", one_by_one),
        trial("routes", "a domain that is gone is gone for who is due", gone),
        trial("routes", "a name server that fails costs an attempt", fails),
        trial("routes", "an answer is used as long as it may be kept, within bounds", bounds),
        trial("routes", "whoever comes back to a site that the domain has left moves on", comes_back),
    ]
}

const TTL: Duration = Duration::from_secs(600);

/// One message a connection, one connection at a time: whoever is due waits for the one before.
const LIMITS: SiteLimits =
    SiteLimits { connections: 1, messages_per_connection: 1, recipients_per_message: 1, rate: None };

fn route(hosts: MxAnswer) -> MailRoute {
    MailRoute { fresh_for: Some(TTL), ..hosts.into() }
}

/// These contacts are due, their domains resolved to `mx1.bigbox.test`; the first of them is being sent to.
fn driver(contacts: &[&str]) -> Driver {
    let listed = u32::try_from(contacts.len()).expect("a handful");
    let contacts = contacts.iter().map(|address| contact(address, 0)).collect();
    let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, listed)], LIMITS);
    driver.pass(Instant::ZERO);
    while !driver.lookups.is_empty() {
        driver.resolve(0, route(one_host("mx1.bigbox.test")));
    }
    driver.connect(0, 0);
    driver.ask(0);
    driver
}

/// The message under way ends so after `time`, and its connection is closed.
fn finish_after(driver: &mut Driver, time: Duration, outcome: &Outcome) {
    driver.pass(Instant::ZERO + time);
    driver.report(0, |_| outcome.clone());
    driver.close(0);
}

/// The most preferred host of the site that a connection is to be opened to.
fn dialled(driver: &mut Driver) -> String {
    let site = driver.dials[0];
    driver.dispatcher.hosts(site, driver.now)[0].as_str().to_owned()
}

fn metrics(driver: &Driver) -> Metrics {
    *driver.dispatcher.metrics(MailingId(0))
}

#[expect(clippy::needless_pass_by_value, reason = "it reads like an assertion")]
fn equal<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{found:?} instead of {wanted:?}")) }
}

const THREE: [&str; 3] = ["ann@bigbox.test", "bob@bigbox.test", "cy@bigbox.test"];

fn moves() -> Result<(), String> {
    let mut driver = driver(&THREE);
    finish_after(&mut driver, TTL, &accepted());
    equal((driver.lookups.len(), driver.dials.len()), (1, 0))?;
    driver.resolve(0, route(one_host("mx2.bigbox.test")));
    equal((driver.lookups.len(), driver.dials.len()), (0, 1))?;
    equal(dialled(&mut driver), "mx2.bigbox.test".to_owned())?;
    driver.connect(0, 0);
    driver.ask(0);
    driver.report(0, |_| accepted());
    equal(metrics(&driver).delivered, 2)
}

fn stays() -> Result<(), String> {
    let mut driver = driver(&THREE);
    finish_after(&mut driver, TTL, &accepted());
    driver.resolve(0, route(one_host("mx1.bigbox.test")));
    equal((driver.dialled.len(), driver.dials.len()), (2, 1))?;
    equal(driver.dialled[0], driver.dialled[1])?;
    equal(metrics(&driver).sent, 1)
}

fn one_by_one() -> Result<(), String> {
    let mut driver = driver(&["ann@a.test", "bob@b.test", "cy@a.test", "dee@c.test"]);
    finish_after(&mut driver, TTL, &accepted());
    equal((driver.lookups.len(), driver.dials.len()), (3, 0))?;
    // a.test moves: its mail need not wait for what is said about the others.
    driver.resolve(0, route(one_host("mx2.bigbox.test")));
    equal((driver.dials.len(), dialled(&mut driver)), (1, "mx2.bigbox.test".to_owned()))?;
    driver.resolve(0, route(one_host("mx1.bigbox.test")));
    equal(driver.dials.len(), 1)?;
    driver.resolve(0, route(one_host("mx1.bigbox.test")));
    equal((driver.dials.len(), driver.dials[1]), (2, driver.dialled[0]))
}

fn gone() -> Result<(), String> {
    let mut driver = driver(&THREE);
    finish_after(&mut driver, TTL, &accepted());
    driver.resolve(0, MxAnswer::NoSuchDomain);
    let metrics = metrics(&driver);
    equal((metrics.delivered, metrics.hard_bounced, driver.dials.len()), (1, 2, 0))
}

fn fails() -> Result<(), String> {
    let mut driver = driver(&THREE);
    finish_after(&mut driver, TTL, &accepted());
    driver.resolve(0, MxAnswer::Failed);
    let before = metrics(&driver);
    equal((before.sent, before.in_progress, driver.dials.len()), (3, 2, 0))?;
    // When they are due again, it is asked again, and they go where it says.
    driver.pass(Instant::from_hours(1));
    equal(driver.lookups.len(), 1)?;
    driver.resolve(0, route(one_host("mx2.bigbox.test")));
    equal(dialled(&mut driver), "mx2.bigbox.test".to_owned())
}

fn bounds() -> Result<(), String> {
    let check = |fresh_for: Option<Duration>, used_for: Duration| {
        for (after, asked) in [(used_for.saturating_sub(Duration::from_secs(1)), 0), (used_for, 1)] {
            let contacts = vec![contact(THREE[0], 0), contact(THREE[1], 0)];
            let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, 2)], LIMITS);
            driver.pass(Instant::ZERO);
            driver.resolve(0, MailRoute { fresh_for, ..one_host("mx1.bigbox.test").into() });
            driver.connect(0, 0);
            driver.ask(0);
            finish_after(&mut driver, after, &accepted());
            equal((driver.lookups.len(), driver.dials.len()), (asked, 1 - asked))
                .map_err(|difference| format!("{fresh_for:?} after {after:?}: {difference}"))?;
        }
        Ok(())
    };
    check(None, DNS_FRESH_FOR)?;
    check(Some(Duration::from_secs(3600)), Duration::from_secs(3600))?;
    check(Some(Duration::ZERO), DNS_FRESH_AT_LEAST)?;
    check(Some(Duration::MAX), DNS_FRESH_AT_MOST)
}

/// Somebody is in flight at the old site while the domain moves, and the attempt does not count: the next is at the new one.
fn comes_back() -> Result<(), String> {
    let contacts = vec![contact(THREE[0], 0), contact(THREE[1], 0)];
    let later = Mailing { start: Instant::ZERO + TTL, ..mailing(Kind::Regular, 2) };
    let limits = SiteLimits { messages_per_connection: 2, ..LIMITS };
    let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, 1), later], limits);
    driver.pass(Instant::ZERO);
    driver.resolve(0, route(one_host("mx1.bigbox.test")));
    driver.connect(0, 1);
    driver.ask(0);
    driver.pass(Instant::ZERO + TTL);
    driver.resolve(0, route(one_host("mx2.bigbox.test")));
    equal(dialled(&mut driver), "mx2.bigbox.test".to_owned())?;
    let (old, new) = (driver.dialled[0], driver.dialled[1]);
    // That a kept connection is gone costs nobody an attempt.
    driver.report(0, |_| Outcome::Lost { phase: Phase::Mail, loss: Loss::Closed });
    driver.close(0);
    let accept = |offer: &Offer<'_>| vec![accepted(); offer.recipients.len()];
    shell::run(&mut driver, &Network::Works(&accept), |_| Ok(()))?;
    equal(metrics(&driver).delivered, 1)?;
    equal(driver.dialled.iter().filter(|site| **site == old).count(), 1)?;
    equal(driver.dialled[1..].iter().all(|site| *site == new), true)
}
