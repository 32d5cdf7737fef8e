//! What becomes of recipients: `outcome-matrix.txt`.
//!
//! - [`alone`]: one recipient, every finding in every situation
//! - [`together`]: several recipients of one transaction, whose answers must be read together
//! - [`stubborn`]: several recipients, and a server that never changes its mind
//! - [`finding`]: the findings

mod alone;
pub(crate) mod finding;
mod stubborn;
mod together;

use libtest_mimic::Trial;
use policy::ids::{ContactId, MailingId};
use policy::metrics::Metrics;
use units::Instant;

use crate::account::Event;
use crate::driver::{Driver, Work};
use crate::replies::kebab;
use crate::{golden, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("outcomes", "matrix", || golden::check(&golden::path("outcome-matrix.txt"), &table()))]
}

fn table() -> String {
    format!("{}\n{}\n{}", alone::table(), together::table(), stubborn::table())
}

/// How the story of a recipient stands.
struct Standpoint {
    /// Its final outcome, or how it goes on.
    state: String,
    is_final: bool,
    /// Attempts counted.
    attempts: usize,
}

impl Standpoint {
    /// That of `contact` in the first mailing.
    fn of(driver: &Driver, contact: ContactId) -> Self {
        let entries = driver.account.entries();
        let story = || entries.iter().filter(|noted| noted.contact == contact && noted.mailing.is_some());
        let attempts = story().filter(|noted| matches!(noted.event, Event::Ended { .. })).count();
        let latest = story().rfind(|noted| !matches!(noted.event, Event::Moved { .. }));
        let (state, is_final) = match &latest.expect("it was selected").event {
            Event::Settled { outcome, cause } => (format!("{} ({})", kebab(outcome), kebab(cause)), true),
            Event::Ended { retry_at: Some(due), .. } => (format!("again at {due}"), false),
            Event::Ended { retry_at: None, .. } => ("held".to_owned(), false),
            Event::Begun { .. } => ("again at once".to_owned(), false),
            Event::Uncounted(_) | Event::Selected => (waits(driver), false),
            other @ (Event::Excluded(_) | Event::Moved { .. } | Event::Heard(_) | Event::Reactivation) => {
                panic!("{other:?} is not part of a story")
            }
        };
        Self { state, is_final, attempts }
    }
}

/// What a queued recipient waits for.
fn waits(driver: &Driver) -> String {
    if !driver.dials.is_empty() || !driver.lookups.is_empty() {
        return "again at once".to_owned();
    }
    if driver.connections.iter().any(|connection| matches!(connection.work, Work::Carries { .. })) {
        return "again after those before it".to_owned();
    }
    match driver.dispatcher.next_wake() {
        Some(at) => format!("again from {at} on"),
        None => "forgotten".to_owned(),
    }
}

/// The counters that are not zero.
fn counters(metrics: &Metrics) -> String {
    let all = [
        ("pending", metrics.pending),
        ("dropped", metrics.dropped),
        ("sent", metrics.sent),
        ("in_progress", metrics.in_progress),
        ("delivered", metrics.delivered),
        ("soft_bounced", metrics.soft_bounced),
        ("hard_bounced", metrics.hard_bounced),
        ("cancelled", metrics.cancelled),
    ];
    let counters: Vec<String> = all
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| if *count == 1 { (*name).to_owned() } else { format!("{name} {count}") })
        .collect();
    counters.join(", ")
}

/// A contact's status and strikes.
fn standing(driver: &Driver, contact: ContactId) -> String {
    let standing = driver.dispatcher.standing(contact);
    format!("{} {}", kebab(&standing.status), standing.strikes)
}

/// Both accounts of the first mailing must say the same.
fn check_metrics(driver: &Driver) {
    let metrics = driver.dispatcher.metrics(MailingId(0));
    assert!(metrics.is_consistent(), "{metrics:?}");
    assert_eq!(*metrics, driver.account.recount(MailingId(0)), "counted anew from the ledger");
}

/// Time passes to `end`, and nobody does anything but give up what is under way.
fn leave_alone(driver: &mut Driver, end: Instant) {
    while let Some(wake) = driver.dispatcher.next_wake().filter(|wake| *wake <= end) {
        driver.pass(wake);
    }
    driver.pass(end);
    if driver.connections.iter().any(|connection| matches!(connection.work, Work::Carries { .. })) {
        driver.report(0, |_| finding::interrupted());
    }
}
