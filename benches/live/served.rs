//! Our fleet as a program that does what `smtp-sink` does: takes whatever comes, at the address that it prints.
//!
//! As `bouncelab serve` serves a scenario: behaviours are asked for every answer, receipts are written, the provider answers
//! in its own words. Only the delays of a distant server are left out.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::net::SocketAddr;

use fleet::{FleetBuilder, Pace};
use harness::Plan;
use host::clock::{Epoch, SystemClock};
use scenario::Source;
use serve::{Names, Service, Settings};
use tokio::runtime::{Builder, LocalOptions};
use units::Instant;

use crate::processes::{Running, ourselves};

pub(crate) const ROLE: &str = "serve";

/// A provider of which nobody of ours has anything to fear, but which has to look that up: every recipient, every body.
const SCENARIO: &str = "
name: Bench
providers:
  bigbox:
    like: generic-postfix
    mailboxes: { full: [full@bigbox.test], unknown: [nobody@bigbox.test], disabled: [gone@bigbox.test] }
    spam_block: { by: content, words: [lottery, you have won] }
audience:
  - { contact: full@bigbox.test }
  - { contact: nobody@bigbox.test }
  - { contact: gone@bigbox.test }
mailings: [{ name: bench }]
";

/// Starts the fleet.
pub(crate) fn start() -> (Running, SocketAddr) {
    let (running, line) = Running::start_and_listen(&mut ourselves(ROLE));
    (running, line.parse().expect("it says where it is"))
}

/// Serves until standard input ends.
pub(crate) fn main() {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = runtime.expect("a runtime needs memory and a descriptor");
    runtime.block_on(async {
        let plan = Plan::read(&Source::new("bench.yaml", SCENARIO)).expect("a sound scenario");
        let fleet = move || plan.fleet(FleetBuilder::new(1).pace(Pace::Immediate));
        let epoch = Epoch::now();
        let clock = SystemClock::new(epoch).handle();
        let settings =
            Settings { dns: None, control: None, ..Settings::new(clock, epoch.date(Instant::ZERO)) };
        let service =
            Service::start(Box::new(fleet), Names::Listed, settings).await.expect("there are ports");
        println!("{}", service.places()[0].address);
        stdout().flush().expect("somebody listens");
        let (ended, end) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = stdin().read(&mut [0]);
            let _ = ended.send(());
        });
        let _ = end.await;
        service.stop().await;
    });
}
