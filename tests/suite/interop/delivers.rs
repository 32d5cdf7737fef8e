//! A real Postfix with a queue of a thousand messages over our fleet: what either says of each address is the same in the end.
//!
//! Our engine brings the queue; Postfix delivers it to the hosts of a scenario with unknown, closed and full mailboxes, a
//! block of content, and greylisting. Full mailboxes stay in the queue, everybody else comes to an end.

use std::collections::BTreeMap;
use std::time::Duration;

use libtest_mimic::Trial;

use super::fleet::{Fleet, Receipt};
use super::mailing::{Manner, mail};
use super::postfix::Postfix;
use super::program::until;
use super::{Foreign, same, scratch, trials_with};

pub(super) fn trials() -> Vec<Trial> {
    trials_with(Foreign::Postfix, &[("fleet under postfix with a queue of 1000", queue)])
}

const SCENARIO: &str = "\
name: A queue of Postfix
seed: 5
providers:
  bigbox: { like: gmail, domains: [bigbox.test], mailboxes: { unknown: 10%, disabled: 5%, full: 5% } }
  gate: { domains: [gate.test], greylist: { wait: 2m }, mailboxes: { unknown: 10% } }
  picky: { domains: [picky.test], spam_block: { by: content, words: [news] } }
audience:
  - { domain: bigbox.test, contacts: 500 }
  - { domain: gate.test, contacts: 400 }
  - { domain: picky.test, contacts: 100 }
mailings:
  - { name: newsletter }
";

/// A minute of the scenario's time is a second.
const SPEED: u32 = 60;

/// Of 1000: 5 % of 500 are full, 10 % and 5 % of 500, 10 % of 400 and all of 100 are refused for good.
const FULL: usize = 25;
const BOUNCED: usize = 50 + 25 + 40 + 100;
const SENT: usize = 1000 - FULL - BOUNCED;

/// How long Postfix has.
const LIMIT: Duration = Duration::from_secs(75);

/// It tries again within seconds, and throws the notices of its failures away.
const SETTINGS: &str = "\
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtp_tls_security_level = may
smtp_tls_loglevel = 1
notify_classes =
";

fn queue() -> Result<(), String> {
    let fleet = Fleet::of(SCENARIO, SPEED)?;
    let map = scratch("delivers-map").join("transport");
    let text = fleet.get("/transport")? + "news.example discard:\nmta.test discard:\n";
    std::fs::write(&map, text).map_err(|error| error.to_string())?;
    let map = format!("transport_maps = texthash:{}\n", map.display());
    let mut postfix = Postfix::start("delivers", &(map + SETTINGS))?;

    let sent = mail(postfix.port(), Manner::EVERYTHING, &people());
    sent.all("delivered")?;
    let over = until("the end of the queue", LIMIT, || {
        let ends = ends(&postfix.log());
        let is_final = |end: &&End| end.status != "deferred";
        (ends.len() == 1000 && ends.values().filter(is_final).count() == 1000 - FULL).then_some(())
    });
    postfix.stop()?;
    let (ends, receipts) = (ends(&postfix.log()), fleet.receipts()?);
    over.map_err(|error| format!("{error}: {:?}", counts(&ends)))?;
    same(
        "what became of them",
        &counts(&ends),
        &[("bounced", BOUNCED), ("deferred", FULL), ("sent", SENT)].into(),
    )?;
    let secured = postfix.log().contains("TLS connection established to");
    same("inside TLS", &secured, &true)?;
    agree(&ends, &receipts)
}

/// The addresses of the scenario's audience.
fn people() -> Vec<String> {
    let of = |(domain, count): (&'static str, u32)| (1..=count).map(move |n| format!("c{n:06}@{domain}"));
    [("bigbox.test", 500), ("gate.test", 400), ("picky.test", 100)].into_iter().flat_map(of).collect()
}

/// What Postfix says last about an address.
#[derive(Debug, PartialEq, Eq)]
struct End {
    status: String,
    /// The answer that it names.
    code: Option<u16>,
}

/// From lines such as `...: to=<a@b.test>, relay=..., status=deferred (host ... said: 452 4.2.2 ...)`.
fn ends(log: &str) -> BTreeMap<String, End> {
    let mut ends = BTreeMap::new();
    for line in log.lines().filter(|line| line.contains("postfix/smtp[")) {
        let Some((to, rest)) = line.split_once(" to=<").and_then(|(_, rest)| rest.split_once('>')) else {
            continue;
        };
        let Some((status, text)) = rest.split_once(" status=").and_then(|(_, rest)| rest.split_once(" ("))
        else {
            continue;
        };
        let answer = text.split_once(" said: ").map_or(text, |(_, answer)| answer);
        let code = answer.get(..3).and_then(|code| code.parse().ok());
        ends.insert(to.to_owned(), End { status: status.to_owned(), code });
    }
    ends
}

fn counts(ends: &BTreeMap<String, End>) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    ends.values().for_each(|end| *counts.entry(end.status.as_str()).or_default() += 1);
    counts
}

/// Complains about addresses that the two sides tell different things of.
fn agree(ends: &BTreeMap<String, End>, receipts: &[Receipt]) -> Result<(), String> {
    let mut told: BTreeMap<&str, (&Receipt, usize)> = BTreeMap::new();
    for receipt in receipts {
        let (last, accepted) = told.entry(&receipt.recipient).or_insert((receipt, 0));
        *last = receipt;
        *accepted += usize::from(receipt.answer == "accepted");
    }
    same("addresses that the fleet knows of", &told.len(), &ends.len())?;
    let offences: Vec<String> = ends
        .iter()
        .filter(|(address, end)| {
            !told.get(address.as_str()).is_some_and(|(last, accepted)| agrees(end, last, *accepted))
        })
        .map(|(address, end)| format!("{address}: {end:?}, but {:?}", told.get(address.as_str())))
        .collect();
    crate::tidy::listed(&offences)
}

/// Whether what Postfix says is what the fleet says: the last answer, and how many messages were accepted.
fn agrees(end: &End, last: &Receipt, accepted: usize) -> bool {
    let class = last.code.map(|code| code / 100);
    match end.status.as_str() {
        "sent" => last.answer == "accepted" && accepted == 1 && end.code == Some(250),
        "bounced" => last.answer == "refused" && accepted == 0 && class == Some(5) && end.code == last.code,
        "deferred" => last.answer == "refused" && accepted == 0 && class == Some(4),
        _ => false,
    }
}
