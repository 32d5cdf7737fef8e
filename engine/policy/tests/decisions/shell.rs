//! A shell that does at once whatever it is asked for, against a network that always works and a server that is handed in.

use std::sync::Arc;

use policy::verdict::Finding;
use smtp::Address;
use smtp::client::Outcome;
use units::Instant;

use crate::driver::{Driver, Work, one_host};

/// Calls after which a mailing to a handful of people that is still not complete goes round in circles: a throttled site is
/// asked about 65 times in a window, each with a handful of calls.
const CALLS_MAX: usize = 20_000;

/// What a shell meets.
pub(crate) enum Network<'a> {
    /// Every connection is greeted; transactions are answered with one outcome for each recipient.
    Works(&'a dyn Fn(&Offer<'_>) -> Vec<Outcome>),
    /// No connection is.
    Fails(Arc<Finding>),
}

/// A transaction as a server sees it.
pub(crate) struct Offer<'a> {
    pub(crate) recipients: &'a [Address],
    /// Messages that the connection carried before.
    pub(crate) messages_before: u32,
}

/// Drives until everybody has a final outcome; `look` is called after each step.
pub(crate) fn run(
    driver: &mut Driver,
    network: &Network<'_>,
    mut look: impl FnMut(&mut Driver) -> Result<(), String>,
) -> Result<(), String> {
    for _ in 0..CALLS_MAX {
        if driver.dispatcher.is_complete() && driver.is_idle() {
            return Ok(());
        }
        if !step(driver, network) {
            let Some(wake) = next_wake(driver) else {
                return Err(format!(
                    "nothing to do at {} and nothing to wait for, but not complete",
                    driver.now
                ));
            };
            driver.pass(wake);
        }
        look(driver)?;
    }
    Err(format!("not complete after {CALLS_MAX} calls, at {}", driver.now))
}

/// When the dispatcher wants to be woken, or a connection asks again.
fn next_wake(driver: &Driver) -> Option<Instant> {
    let asking = driver.connections.iter().filter_map(|connection| match connection.work {
        Work::Idle(from) => Some(from),
        Work::Carries { .. } => None,
    });
    asking.chain(driver.dispatcher.next_wake()).min()
}

/// Carries out the next thing that can be done now, if there is any.
fn step(driver: &mut Driver, network: &Network<'_>) -> bool {
    if !driver.lookups.is_empty() {
        driver.resolve(0, one_host("mx.bigbox.test"));
        return true;
    }
    if !driver.dials.is_empty() {
        match network {
            Network::Works(_) => driver.connect(0, 0),
            Network::Fails(finding) => driver.fail_to_connect(0, finding),
        }
        return true;
    }
    let now = driver.now;
    let ready = driver.connections.iter().position(|connection| match connection.work {
        Work::Carries { .. } => true,
        Work::Idle(from) => from <= now,
    });
    let Some(position) = ready else { return false };
    let connection = &driver.connections[position];
    match (&connection.work, network) {
        (Work::Idle(_), _) => driver.ask(position),
        (Work::Carries { .. }, Network::Fails(_)) => panic!("a connection stands over a network that fails"),
        (Work::Carries { recipients, .. }, Network::Works(server)) => {
            let offer = Offer { recipients, messages_before: connection.messages - 1 };
            let outcomes = server(&offer);
            let mut each = outcomes.iter();
            driver.report(position, |_| each.next().expect("one each").clone());
            driver.go_on(position, &outcomes);
        }
    }
    true
}
