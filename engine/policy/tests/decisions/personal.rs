//! Messages for one person: one recipient a transaction, in the order of the list, each with what is theirs.

use std::sync::Arc;

use libtest_mimic::Trial;
use policy::mailing::{Composer, Content, Kind, Letter, Listed, Mailing};
use policy::pace::SiteLimits;
use smtp::{Address, Body, ReversePath};
use units::Instant;

use crate::driver::{Driver, Work, contact, mailing, one_host};
use crate::outcomes::finding::accepted;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("personal", "each recipient has a transaction of its own", one_each),
        trial("personal", "mailings for everybody share transactions as before", beside_a_shared_one),
    ]
}

/// Writes the place on the list and the address into both the return path and the message.
#[derive(Debug)]
struct Numbered;

impl Composer for Numbered {
    fn letter(&self, line: Listed, address: &Address) -> Letter {
        let sender = Address::parse(&format!("b{}@news.example", line.position)).expect("an address");
        let body = Arc::new(Body::new(address.as_str().as_bytes()));
        Letter { sender: ReversePath::Address(sender), body }
    }
}

fn personal() -> Mailing {
    Mailing { content: Content::Personal(Arc::new(Numbered)), ..mailing(Kind::Regular, 5) }
}

/// Sends the mailings to five contacts over one connection; answers with sender and number of recipients of each transaction.
fn transactions(mailings: Vec<Mailing>) -> Vec<(String, Vec<String>)> {
    let contacts = (0..5).map(|n| contact(&format!("c{n}@bigbox.test"), 0)).collect();
    let mut driver = Driver::new(contacts, mailings, SiteLimits { connections: 1, ..SiteLimits::default() });
    driver.pass(Instant::ZERO);
    driver.resolve(0, one_host("mx.bigbox.test"));
    driver.connect(0, 0);
    let mut seen = Vec::new();
    driver.ask(0);
    while let Some(Work::Carries { sender, recipients, .. }) =
        driver.connections.first().map(|connection| &connection.work)
    {
        seen.push((sender.to_string(), recipients.iter().map(ToString::to_string).collect()));
        driver.report(0, |_| accepted());
        driver.ask(0);
    }
    assert!(driver.dispatcher.is_complete(), "{seen:?}");
    seen
}

fn one_each() -> Result<(), String> {
    let expected: Vec<_> =
        (0..5).map(|n| (format!("<b{n}@news.example>"), vec![format!("c{n}@bigbox.test")])).collect();
    same(&transactions(vec![personal()]), &expected)
}

fn beside_a_shared_one() -> Result<(), String> {
    let sizes = |mailings| -> Vec<usize> {
        transactions(mailings).iter().map(|(_, recipients)| recipients.len()).collect()
    };
    let everybody = || mailing(Kind::Regular, 5);
    same(&sizes(vec![everybody(), personal()]), &vec![5, 1, 1, 1, 1, 1])?;
    same(&sizes(vec![personal(), everybody()]), &vec![1, 1, 1, 1, 1, 5])
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{found:?}, expected {expected:?}")) }
}
