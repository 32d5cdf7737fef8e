//! Several recipients, and a server that gives the same answer for thirty hours.
//!
//! What is looked for: nobody is tried again and again without a pause, nobody has to suffer for another, and everybody
//! ends.

use std::fmt::Write as _;

use policy::ids::ContactId;
use policy::mailing::Kind;
use policy::pace::SiteLimits;
use smtp::Phase::{EndOfData, Mail, Rcpt};
use smtp::client::{Loss, Outcome};

use super::finding::{accepted, refused};
use super::{Standpoint, check_metrics, standing};
use crate::account::Event;
use crate::driver::{Driver, contact, mailing};
use crate::shell::{self, Network, Offer};

const HEAD: &str = "\
# How five recipients end whose server never changes its mind; regular mailing, classic policy, five in a message at most.
# recipient | outcome (cause) | when | attempts begun, counted | contact and strikes
";
const NAMES: [&str; 5] =
    ["ann@bigbox.test", "bob@bigbox.test", "cyd@bigbox.test", "dan@bigbox.test", "eve@bigbox.test"];

/// A server: its outcome for the recipient at a position of a transaction.
type Server = fn(&Offer<'_>, usize) -> Outcome;

pub(super) fn table() -> String {
    let mut table = HEAD.to_owned();
    for (name, server) in SERVERS {
        write!(table, "\n{name}\n{}", ending(server)).expect("writing to a string");
    }
    table
}

const SERVERS: [(&str, Server); 14] = [
    ("takes two recipients, 452 4.5.3 for more", |_, position| {
        if position < 2 { accepted() } else { refused(Rcpt, 452, "4.5.3", "too many recipients") }
    }),
    ("takes two recipients, 550 5.5.3 for more", |_, position| {
        if position < 2 { accepted() } else { refused(Rcpt, 550, "5.5.3", "too many recipients") }
    }),
    ("452 4.5.3 for everybody", |_, _| refused(Rcpt, 452, "4.5.3", "too many recipients")),
    ("takes one message in a connection, then closes it", |offer, _| {
        if offer.messages_before == 0 {
            accepted()
        } else {
            Outcome::Lost { phase: Mail, loss: Loss::Closed }
        }
    }),
    ("421 at RCPT for bob", |offer, _| {
        bob(offer).map_or_else(accepted, |_| refused(Rcpt, 421, "4.7.0", "too many errors"))
    }),
    ("421 4.2.2 at RCPT for bob", |offer, _| {
        bob(offer).map_or_else(accepted, |_| refused(Rcpt, 421, "4.2.2", "mailbox full"))
    }),
    ("421 at the final dot if bob is there", |offer, _| {
        bob(offer).map_or_else(accepted, |_| refused(EndOfData, 421, "4.3.0", "later"))
    }),
    ("554 at the final dot that names bob", |offer, _| {
        bob(offer).map_or_else(accepted, |_| refused(EndOfData, 554, "", "no account (bob@bigbox.test)"))
    }),
    ("451 at the final dot that names bob", |offer, _| {
        bob(offer).map_or_else(accepted, |_| refused(EndOfData, 451, "", "later (bob@bigbox.test)"))
    }),
    ("554 at the final dot that names the first recipient", |offer, _| {
        refused(EndOfData, 554, "", &format!("no account ({})", offer.recipients[0]))
    }),
    ("closes during the body if bob is there", |offer, _| {
        let lost = |_| Outcome::Lost { phase: smtp::Phase::Body, loss: Loss::Closed };
        bob(offer).map_or_else(accepted, lost)
    }),
    ("421 at MAIL", |_, _| refused(Mail, 421, "4.7.0", "too much mail")),
    ("450 4.7.28 at the final dot", |_, _| refused(EndOfData, 450, "4.7.28", "unusual rate")),
    ("never answers the final dot", |_, _| Outcome::Uncertain { loss: Loss::TimedOut }),
];

fn bob(offer: &Offer<'_>) -> Option<usize> {
    offer.recipients.iter().position(|recipient| recipient.local() == "bob")
}

fn ending(server: Server) -> String {
    let contacts = NAMES.map(|name| contact(name, 1)).to_vec();
    let limits = SiteLimits { recipients_per_message: 5, ..SiteLimits::default() };
    let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, 5)], limits);
    let answers: &dyn Fn(&Offer<'_>) -> Vec<Outcome> =
        &|offer: &Offer<'_>| (0..offer.recipients.len()).map(|position| server(offer, position)).collect();
    if let Err(problem) = shell::run(&mut driver, &Network::Works(answers), |_| Ok(())) {
        return format!("  {problem}\n");
    }
    check_metrics(&driver);
    (0..).map(ContactId).zip(NAMES).map(|(contact, name)| line(&driver, contact, &name[..3])).collect()
}

fn line(driver: &Driver, contact: ContactId, name: &str) -> String {
    let Standpoint { state, attempts, .. } = Standpoint::of(driver, contact);
    let entries = driver.account.entries();
    let story = || entries.iter().filter(|noted| noted.contact == contact);
    let begun = story().filter(|noted| matches!(noted.event, Event::Begun { .. })).count();
    let settled = story().find(|noted| matches!(noted.event, Event::Settled { .. })).expect("it is final");
    format!("  {name} | {state} | {} | {begun}, {attempts} | {}\n", settled.at, standing(driver, contact))
}
