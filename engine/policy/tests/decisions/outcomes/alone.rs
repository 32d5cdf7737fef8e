//! One recipient: every finding in every situation.
//!
//! One contact with one strike, one mailing. Each story is played three times: in a regular mailing under the classic and
//! under the careful policy, and in a test mailing. Nothing but the contact may differ between them; where it does, all
//! three are told.

use std::fmt::Write as _;
use std::time::Duration;

use policy::contact::ContactPolicy;
use policy::ids::{ContactId, MailingId};
use policy::mailing::Kind;
use policy::pace::SiteLimits;
use policy::retry::WINDOW;
use smtp::Phase;
use units::Instant;

use super::finding::{self, Comes, Given};
use super::{Standpoint, check_metrics, counters, leave_alone, standing};
use crate::driver::{Driver, contact, mailing, one_host};

const ANN: ContactId = ContactId(0);
const MINUTE: Duration = Duration::from_secs(60);

const HEAD: &str = "\
# What becomes of one recipient; its contact is active and has one strike.
# situation | outcome (cause), or how it goes on | attempts counted | counters | contact and strikes | if left alone from here
";

/// What else happens, and when.
#[derive(Debug, Clone, Copy)]
enum Situation {
    FirstAttempt,
    LastAttempt,
    /// Held up by the DNS until shortly before the window closes.
    HeldUp,
    OptedOutMeanwhile,
    OptedOutAfterwards,
    CancelledMeanwhile,
    /// During the last attempt.
    WindowClosedMeanwhile,
    /// During the first attempt, which was held up.
    WindowClosedEarly,
}

impl Situation {
    const ALL: [(Self, &'static str); 8] = [
        (Self::FirstAttempt, "first attempt"),
        (Self::LastAttempt, "last attempt"),
        (Self::HeldUp, "first attempt at 29h50m"),
        (Self::OptedOutMeanwhile, "opted out meanwhile"),
        (Self::OptedOutAfterwards, "opted out afterwards"),
        (Self::CancelledMeanwhile, "cancelled meanwhile"),
        (Self::WindowClosedMeanwhile, "window closed meanwhile"),
        (Self::WindowClosedEarly, "29h50m, window closed"),
    ];
}

pub(super) fn table() -> String {
    let mut table = HEAD.to_owned();
    for given in finding::all() {
        write!(table, "\n{}\n", given.name).expect("writing to a string");
        for (situation, name) in Situation::ALL {
            writeln!(table, "  {name:23} | {}", row(&given, situation)).expect("writing to a string");
        }
    }
    table
}

fn row(given: &Given, situation: Situation) -> String {
    let variants = [
        ("classic", Kind::Regular, ContactPolicy::Classic),
        ("careful", Kind::Regular, ContactPolicy::Careful),
        ("test", Kind::Test, ContactPolicy::Classic),
    ];
    let played = variants.map(|(name, kind, policy)| (name, played(given, situation, kind, policy)));
    let (_, (story, ending)) = &played[0];
    for (name, (other, other_ending)) in &played {
        assert_eq!((&story.text, &ending.text), (&other.text, &other_ending.text), "{}, {name}", given.name);
    }
    let contacts = |which: fn(&(Told, Told)) -> &str| {
        let contacts = played.each_ref().map(|(name, told)| (*name, which(told)));
        let same = contacts.iter().all(|(_, contact)| *contact == contacts[0].1);
        let each = contacts.map(|(name, contact)| format!("{name} {contact}"));
        if same { contacts[0].1.to_owned() } else { each.join(", ") }
    };
    let mut row = format!("{} | {}", story.text, contacts(|told| &told.0.contact));
    if !ending.text.is_empty() {
        write!(row, " | {}, {}", ending.text, contacts(|told| &told.1.contact)).expect("writing to a string");
    }
    row
}

/// What is told of a story at some point.
struct Told {
    text: String,
    contact: String,
}

/// How it stands when the finding has come in, and how it ends if it is left alone then.
fn played(given: &Given, situation: Situation, kind: Kind, policy: ContactPolicy) -> (Told, Told) {
    let mut driver = started(given, kind, policy);
    bring_about(&mut driver, situation);
    approach(&mut driver, given);
    match situation {
        Situation::OptedOutMeanwhile => driver.opt_out(ANN),
        Situation::CancelledMeanwhile => driver.cancel(MailingId(0)),
        Situation::WindowClosedMeanwhile | Situation::WindowClosedEarly => {
            driver.pass(Instant::ZERO + WINDOW)
        }
        Situation::FirstAttempt
        | Situation::LastAttempt
        | Situation::HeldUp
        | Situation::OptedOutAfterwards => {}
    }
    come_in(&mut driver, given);
    if let Situation::OptedOutAfterwards = situation {
        driver.opt_out(ANN);
    }
    check_metrics(&driver);
    let now = Standpoint::of(&driver, ANN);
    let counters = counters(driver.dispatcher.metrics(MailingId(0)));
    let story = Told {
        text: format!("{} | {} | {counters}", now.state, now.attempts),
        contact: standing(&driver, ANN),
    };
    leave_alone(&mut driver, Instant::ZERO + WINDOW);
    check_metrics(&driver);
    let end = Standpoint::of(&driver, ANN);
    assert!(end.is_final, "{}, {situation:?}: {} when the window has closed", given.name, end.state);
    let text = if now.is_final { String::new() } else { end.state };
    (story, Told { text, contact: standing(&driver, ANN) })
}

fn started(given: &Given, kind: Kind, policy: ContactPolicy) -> Driver {
    let mailing =
        policy::mailing::Mailing { contact_policy: policy, uncertain: given.policy, ..mailing(kind, 1) };
    let mut driver = Driver::new(vec![contact("ann@bigbox.test", 1)], vec![mailing], SiteLimits::default());
    driver.pass(Instant::ZERO);
    driver
}

/// Goes to where the attempt begins during which the finding comes in.
fn bring_about(driver: &mut Driver, situation: Situation) {
    match situation {
        Situation::LastAttempt | Situation::WindowClosedMeanwhile => {
            for due in [60, 360, 1770] {
                transact(driver, 0);
                driver.report(0, |_| finding::refused(Phase::Rcpt, 451, "4.3.0", "try again"));
                driver.ask(0);
                driver.pass(Instant::ZERO + due * MINUTE);
            }
        }
        Situation::HeldUp | Situation::WindowClosedEarly => driver.pass(Instant::ZERO + 1790 * MINUTE),
        Situation::FirstAttempt
        | Situation::OptedOutMeanwhile
        | Situation::OptedOutAfterwards
        | Situation::CancelledMeanwhile => {}
    }
}

/// Goes on until only the finding is missing.
fn approach(driver: &mut Driver, given: &Given) {
    match given.comes {
        Comes::Dns(_) => {}
        Comes::Connecting(_) => driver.resolve(0, one_host("mx.bigbox.test")),
        Comes::InTransaction { messages, .. } => transact(driver, messages),
    }
}

/// Resolves, connects, and begins a transaction.
fn transact(driver: &mut Driver, messages: u32) {
    driver.resolve(0, one_host("mx.bigbox.test"));
    driver.connect(0, messages);
    driver.ask(0);
}

fn come_in(driver: &mut Driver, given: &Given) {
    match &given.comes {
        Comes::Dns(answer) => driver.resolve(0, answer.clone()),
        Comes::Connecting(finding) => driver.fail_to_connect(0, finding),
        Comes::InTransaction { outcome, .. } => {
            driver.report(0, |_| outcome.clone());
            driver.go_on(0, std::slice::from_ref(outcome));
        }
    }
}
