//! What may be begun while a message is under way, and what becomes of it if the connection ends.

use libtest_mimic::Trial;
use policy::ids::{ContactId, MailingId};
use policy::mailing::Kind;
use policy::pace::{NOT_AHEAD_FOR, SiteLimits};
use policy::verdict::Disposition;
use smtp::client::{Loss, Outcome, Phase};
use units::{Instant, Rate};

use crate::account::Event;
use crate::driver::{Driver, Work, contact, mailing, one_host};
use crate::outcomes::finding::{accepted, refused};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("ahead", "the next message leaves with the one before it", leaves_together),
        trial("ahead", "what was begun in vain costs no attempt", costs_no_attempt),
        trial("ahead", "nothing is begun ahead of limits", limits_are_kept),
        trial("ahead", "goodbye leaves with the last message", goodbye_leaves_with_the_last),
    ]
}

/// A connection that carries the first of three messages, to one recipient each.
fn driver(limits: SiteLimits) -> Driver {
    let contacts = ["ann@bigbox.test", "bob@bigbox.test", "cyd@bigbox.test"].map(|name| contact(name, 0));
    let limits = SiteLimits { recipients_per_message: 1, connections: 1, ..limits };
    let mut driver = Driver::new(contacts.to_vec(), vec![mailing(Kind::Regular, 3)], limits);
    driver.pass(Instant::ZERO);
    driver.resolve(0, one_host("mx.bigbox.test"));
    driver.connect(0, 0);
    driver.ask(0);
    driver
}

/// How many transactions the only connection has begun.
fn begun(driver: &Driver) -> usize {
    driver.connections[0].begun().count()
}

fn holds(law: bool, words: &str) -> Result<(), String> {
    if law { Ok(()) } else { Err(words.to_owned()) }
}

fn leaves_together() -> Result<(), String> {
    let mut driver = driver(SiteLimits::default());
    driver.look_ahead(0);
    driver.look_ahead(0);
    holds(begun(&driver) == 2, "one is begun ahead, and no more than one")?;
    driver.report(0, |_| accepted());
    driver.go_on(0, &[accepted()]);
    holds(matches!(driver.connections[0].work, Work::Carries { .. }), "it is next")?;
    driver.look_ahead(0);
    driver.report(0, |_| refused(Phase::Rcpt, 550, "5.1.1", "no such user"));
    driver.report(0, |_| accepted());
    let metrics = *driver.dispatcher.metrics(MailingId(0));
    holds((metrics.delivered, metrics.hard_bounced) == (2, 1), "each has its own outcome")
}

fn costs_no_attempt() -> Result<(), String> {
    let mut driver = driver(SiteLimits::default());
    driver.look_ahead(0);
    let uncertain = Outcome::Uncertain { loss: Loss::Closed };
    driver.report(0, |_| uncertain.clone());
    let put_back = driver.account.entries().iter().any(|noted| match &noted.event {
        Event::Uncounted(finding) => {
            noted.contact == ContactId(1) && finding.verdict.disposition == Disposition::Reconnect
        }
        _ => false,
    });
    holds(put_back, "who was ahead is back in the queue")?;
    driver.go_on(0, &[uncertain]);
    holds(driver.dials.len() == 1, "another connection is opened at once")?;
    driver.connect(0, 0);
    driver.ask(0);
    driver.look_ahead(0);
    holds(begun(&driver) == 1, "what came to nothing is not tried again at once")?;
    driver.now = Instant::ZERO + NOT_AHEAD_FOR;
    driver.look_ahead(0);
    holds(begun(&driver) == 2, "it is tried again after a while")
}

fn goodbye_leaves_with_the_last() -> Result<(), String> {
    let limits = SiteLimits { messages_per_connection: 2, ..SiteLimits::default() };
    let mut driver = driver(limits);
    holds(!driver.may_quit_ahead(0), "another message may follow")?;
    driver.look_ahead(0);
    driver.report(0, |_| accepted());
    driver.go_on(0, &[accepted()]);
    holds(driver.may_quit_ahead(0), "two messages are enough")?;
    let driver = self::driver(SiteLimits { messages_per_connection: 1, ..limits });
    holds(driver.may_quit_ahead(0), "one message is enough")
}

fn limits_are_kept() -> Result<(), String> {
    let full = SiteLimits { messages_per_connection: 1, ..SiteLimits::default() };
    let rate = Rate::new(1, std::time::Duration::from_secs(1));
    for limits in [full, SiteLimits { rate, ..SiteLimits::default() }] {
        let mut driver = driver(limits);
        driver.look_ahead(0);
        holds(begun(&driver) == 1, "the limits hold for what is begun ahead, too")?;
    }
    let mut driver = driver(SiteLimits::default());
    driver.look_ahead(0);
    let slow = refused(Phase::EndOfData, 451, "4.7.0", "too many messages from your address, slow down");
    driver.report(0, |_| slow.clone());
    driver.look_ahead(0);
    holds(begun(&driver) == 1, "a site that is slowed answers first")
}
