//! What no sequence of facts may break.
//!
//! - [`chaos`]: worlds and sequences of facts, drawn at random, and how they are played
//! - [`watch`]: the laws, checked after every call
//! - [`story`]: the laws of one recipient
//!
//! A failure is shown with the shortest sequence that was found for it. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` have their
//! usual meaning.

mod chaos;
mod story;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;

use libtest_mimic::Trial;
use policy::classify::Reader;
use policy::mailing::Kind;
use policy::pace::SiteLimits;
use policy::verdict::Stage;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner};
use smtp::Phase;
use smtp::client::Outcome;

use crate::account::Event;
use crate::driver::{Driver, contact, mailing};
use crate::replies::{self, Case};
use crate::shell::{self, Network, Offer};
use crate::trial;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/decisions.txt");

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("laws", "any sequence of facts", any_sequence_of_facts),
        trial("laws", "a reply that never changes", a_reply_that_never_changes),
    ]
}

fn any_sequence_of_facts() -> Result<(), String> {
    let usual = Config::default();
    let config = Config {
        // A story is cheap, and much of it does not happen because nobody waits for it.
        cases: usual.cases.saturating_mul(16),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..usual
    };
    let result =
        TestRunner::new(config).run(&chaos::story(), |story| story.play().map_err(TestCaseError::fail));
    result.map_err(|failure| failure.to_string())
}

/// A server that says the same to everybody for thirty hours: everybody ends, without being tried again and again in the
/// same minute.
fn a_reply_that_never_changes() -> Result<(), String> {
    let problems: Vec<String> = replies::misleading().iter().filter_map(|case| endless(case).err()).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// The most attempts that may be begun for a recipient within a minute, and within its window: while a site is throttled
/// it is asked every half hour, after a few shorter pauses.
const BEGUN_IN_A_MINUTE_MAX: usize = 4;
const BEGUN_MAX: usize = 80;

fn endless(case: &Case) -> Result<(), String> {
    let contacts =
        ["ann@bigbox.test", "bob@bigbox.test", "cyd@bigbox.test"].map(|name| contact(name, 0)).to_vec();
    let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, 3)], SiteLimits::default());
    let told = |problem: String| format!("{:?} {}: {problem}", case.stage, case.reply.text());
    match outcome(case) {
        Some(outcome) => {
            let answer = |offer: &Offer<'_>| vec![outcome.clone(); offer.recipients.len()];
            shell::run(&mut driver, &Network::Works(&answer), |_| Ok(()))
        }
        None => {
            let refusal = Reader::default().turned_away(case.stage, &case.reply);
            shell::run(&mut driver, &Network::Fails(Arc::new(refusal)), |_| Ok(()))
        }
    }
    .map_err(told)?;
    let mut minutes: BTreeMap<_, usize> = BTreeMap::new();
    let mut all: BTreeMap<_, usize> = BTreeMap::new();
    for noted in driver.account.entries().iter().filter(|noted| matches!(noted.event, Event::Begun { .. })) {
        *minutes.entry((noted.contact, noted.at.since_epoch().as_secs() / 60)).or_default() += 1;
        *all.entry(noted.contact).or_default() += 1;
    }
    let in_a_minute = minutes.values().copied().max().unwrap_or_default();
    let begun = all.values().copied().max().unwrap_or_default();
    if in_a_minute > BEGUN_IN_A_MINUTE_MAX || begun > BEGUN_MAX {
        return Err(told(format!("{in_a_minute} attempts in a minute, {begun} in all")));
    }
    Ok(())
}

/// The reply as the outcome of a transaction; nothing if it comes before any.
fn outcome(case: &Case) -> Option<Outcome> {
    let phase = match case.stage {
        Stage::Mail => Phase::Mail,
        Stage::Rcpt => Phase::Rcpt,
        Stage::Data => Phase::Data,
        Stage::EndOfData => Phase::EndOfData,
        Stage::Dns | Stage::Connect | Stage::Greeting | Stage::Ehlo | Stage::Body | Stage::Report => {
            return None;
        }
    };
    Some(Outcome::Refused { phase, reply: case.reply.clone() })
}
