//! Whether mail travels inside TLS: what a site is spoken to like, and what a handshake that fails comes to.
//!
//! The table of one site is in `policy::tls`; here is what becomes of its connections and of the recipients.

use std::time::Duration;

use libtest_mimic::Trial;
use policy::ids::MailingId;
use policy::ledger::Cause;
use policy::mailing::Kind;
use policy::pace::SiteLimits;
use policy::route::{MailRoute, TlsDemand};
use policy::tls::{BROKEN_TLS_REMEMBERED_FOR, TlsPolicy};
use policy::verdict::Evidence;
use smtp::client::{End, Loss, Phase, StartTls, Trust};
use smtp::{Domain, ReplyFault};
use units::Instant;

use crate::account::Event;
use crate::driver::{Driver, contact, mailing, one_host, reply};
use crate::outcomes::finding::accepted;
use crate::shell::{self, Network};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("tls", "a failed handshake costs no attempt", costs_no_attempt),
        trial("tls", "broken TLS is tried again after three days", tried_again),
        trial("tls", "what is put before a handshake is not answered in plain text", injected),
        trial("tls", "without TLS there is no mail where it is a must", no_mail_without),
        trial("tls", "another demand is another site", another_demand),
    ]
}

fn driver(tls: TlsPolicy, demand: TlsDemand) -> Driver {
    let contacts = vec![contact("ann@bigbox.test", 0)];
    let limits = SiteLimits::default();
    let mut driver = Driver::with_tls(contacts, vec![mailing(Kind::Regular, 1)], limits, tls);
    driver.pass(Instant::ZERO);
    driver.resolve(0, MailRoute { tls: demand, ..one_host("mx.bigbox.test").into() });
    driver
}

const fn failed(loss: Loss) -> End {
    End::Failed { phase: Phase::StartTls, loss }
}

/// How the next connection is opened.
fn starttls(driver: &Driver) -> StartTls {
    driver.dispatcher.starttls(driver.dialled[0], driver.now)
}

#[expect(clippy::needless_pass_by_value, reason = "it reads like an assertion")]
fn equal<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{found:?} instead of {wanted:?}")) }
}

fn costs_no_attempt() -> Result<(), String> {
    let mut driver = driver(TlsPolicy::Opportunistic, TlsDemand::None);
    equal(starttls(&driver), StartTls::IfOffered)?;
    driver.end_before_mail(0, &failed(Loss::Handshake("no TLS")));
    equal((driver.dials.len(), starttls(&driver)), (1, StartTls::Never))?;
    driver.connect(0, 0);
    driver.ask(0);
    driver.report(0, |_| accepted());
    let begun = |noted: &&crate::account::Noted| matches!(noted.event, Event::Begun { .. });
    equal(driver.account.entries().iter().filter(begun).count(), 1)?;
    equal((driver.now, driver.dispatcher.metrics(MailingId(0)).delivered), (Instant::ZERO, 1))
}

fn tried_again() -> Result<(), String> {
    let mut driver = driver(TlsPolicy::Opportunistic, TlsDemand::None);
    driver.end_before_mail(0, &failed(Loss::Reset));
    driver.now = Instant::ZERO + BROKEN_TLS_REMEMBERED_FOR - Duration::from_secs(1);
    equal(starttls(&driver), StartTls::Never)?;
    driver.now = Instant::ZERO + BROKEN_TLS_REMEMBERED_FOR;
    equal(starttls(&driver), StartTls::IfOffered)
}

fn injected() -> Result<(), String> {
    let mut driver = driver(TlsPolicy::Opportunistic, TlsDemand::None);
    driver.end_before_mail(0, &failed(Loss::Garbled(ReplyFault::BeforeHandshake)));
    equal(starttls(&driver), StartTls::IfOffered)?;
    equal(words(&driver), "something was said between STARTTLS and the handshake".to_owned())
}

/// The words of the evidence in the last attempt that ended.
fn words(driver: &Driver) -> String {
    let ended = |noted: &crate::account::Noted| match &noted.event {
        Event::Ended { finding, .. } => Some(match &finding.evidence {
            Evidence::Instead(words) => (*words).to_owned(),
            Evidence::Reply(reply) => reply.text(),
        }),
        _ => None,
    };
    driver.account.entries().iter().rev().find_map(ended).unwrap_or_default()
}

fn no_mail_without() -> Result<(), String> {
    let refused =
        End::Refused { phase: Phase::StartTls, reply: reply(502, "5.5.1", "command not implemented") };
    let ways = [
        (TlsPolicy::Required, TlsDemand::None, Trust::Anybody),
        (TlsPolicy::OnDemand, TlsDemand::Verified, Trust::NamedHost),
        (TlsPolicy::Opportunistic, TlsDemand::Verified, Trust::NamedHost),
    ];
    for (policy, demand, trust) in ways {
        for end in [failed(Loss::Handshake("no TLS")), failed(Loss::Certificate("expired")), refused.clone()]
        {
            let mut driver = driver(policy, demand);
            equal(starttls(&driver), StartTls::Always(trust))?;
            driver.end_before_mail(0, &end);
            let finding = match driver.account.entries().last().map(|noted| noted.event.clone()) {
                Some(Event::Ended { finding, retry_at: Some(_), .. }) => finding,
                event => return Err(format!("{policy:?}, {demand:?}, {end:?}: {event:?}")),
            };
            equal(finding.verdict.rule, "no mail without TLS")?;
            shell::run(&mut driver, &Network::Fails(finding.into()), |_| Ok(()))?;
            equal(starttls(&driver), StartTls::Always(trust))?;
            let settled = driver
                .account
                .entries()
                .iter()
                .any(|noted| matches!(noted.event, Event::Settled { cause: Cause::PlanExhausted, .. }));
            equal((settled, driver.dispatcher.metrics(MailingId(0)).soft_bounced), (true, 1))?;
        }
    }
    Ok(())
}

fn another_demand() -> Result<(), String> {
    let contacts = ["ann@bigbox.test", "bob@smallbox.test", "cyd@tinybox.test"].map(|name| contact(name, 0));
    let limits = SiteLimits::default();
    let mut driver = Driver::new(contacts.to_vec(), vec![mailing(Kind::Regular, 3)], limits);
    driver.pass(Instant::ZERO);
    for tls in [TlsDemand::None, TlsDemand::Verified, TlsDemand::None] {
        let name = driver.dispatcher.domain(driver.lookups[0]).clone();
        driver.resolve(0, MailRoute { tls, ..one_host("mx.bigbox.test").into() });
        let wanted = match tls {
            TlsDemand::None => StartTls::Never,
            TlsDemand::Verified => StartTls::Always(Trust::NamedHost),
        };
        let site = *driver.dialled.last().ok_or("nothing was dialled")?;
        if name == Domain::parse("tinybox.test").map_err(|error| error.to_string())? {
            break;
        }
        equal(driver.dispatcher.starttls(site, driver.now), wanted)?;
    }
    equal(driver.dialled.len(), 2)
}
