//! Several recipients of one transaction: what an answer means for each can depend on the answers of the others.

use std::fmt::Write as _;

use policy::ids::{ContactId, MailingId};
use policy::mailing::Kind;
use policy::pace::SiteLimits;
use smtp::Phase::{EndOfData, Mail, Rcpt};
use smtp::client::{Loss, Outcome};
use units::Instant;

use super::finding::{accepted, interrupted, refused};
use super::{Standpoint, check_metrics, counters, standing};
use crate::driver::{Driver, contact, mailing, one_host};

const HEAD: &str = "\
# What becomes of three recipients of one transaction, in a regular mailing under the classic policy.
# recipient | outcome (cause), or how it goes on | attempts counted | contact and strikes
";
const NAMES: [&str; 3] = ["ann@bigbox.test", "bob@bigbox.test", "cyd@bigbox.test"];

pub(super) fn table() -> String {
    let mut table = HEAD.to_owned();
    for (name, outcomes) in cases() {
        let driver = played(&outcomes);
        check_metrics(&driver);
        let counters = counters(driver.dispatcher.metrics(MailingId(0)));
        write!(table, "\n{name}: {counters}\n").expect("writing to a string");
        for (contact, name) in (0..).map(ContactId).zip(NAMES) {
            let Standpoint { state, attempts, .. } = Standpoint::of(&driver, contact);
            let local = &name[..3];
            writeln!(table, "  {local} | {state} | {attempts} | {}", standing(&driver, contact))
                .expect("writing to a string");
        }
    }
    table
}

fn played(outcomes: &[Outcome; 3]) -> Driver {
    let contacts = NAMES.map(|name| contact(name, 1)).to_vec();
    let mut driver = Driver::new(contacts, vec![mailing(Kind::Regular, 3)], SiteLimits::default());
    driver.pass(Instant::ZERO);
    driver.resolve(0, one_host("mx.bigbox.test"));
    driver.connect(0, 0);
    driver.ask(0);
    let mut each = outcomes.iter();
    driver.report(0, |_| each.next().expect("three recipients").clone());
    driver.go_on(0, outcomes);
    driver
}

fn cases() -> Vec<(&'static str, [Outcome; 3])> {
    let ok = accepted;
    let all = |outcome: Outcome| [outcome.clone(), outcome.clone(), outcome];
    let dot = |code, enhanced: &str, text: &str| refused(EndOfData, code, enhanced, text);
    let rcpt = |code, enhanced: &str, text: &str| refused(Rcpt, code, enhanced, text);
    let unknown = || rcpt(550, "5.1.1", "no such user");
    let many = || rcpt(452, "4.5.3", "too many recipients");
    let bob = "this user does not exist (bob@bigbox.test)";
    vec![
        ("all accepted", all(ok())),
        ("bob 550 5.1.1 at RCPT", [ok(), unknown(), ok()]),
        ("bob 452 4.2.2 at RCPT", [ok(), rcpt(452, "4.2.2", "mailbox full"), ok()]),
        ("bob 451 4.7.1 at RCPT", [ok(), rcpt(451, "4.7.1", "greylisted"), ok()]),
        ("bob, cyd 452 4.5.3 at RCPT", [ok(), many(), many()]),
        ("bob, cyd 452 without more at RCPT", [ok(), rcpt(452, "", "no"), rcpt(452, "", "no")]),
        (
            "bob, cyd 550 5.5.3 at RCPT",
            [ok(), rcpt(550, "5.5.3", "too many"), rcpt(550, "5.5.3", "too many")],
        ),
        ("ann 550 5.1.1, bob, cyd 452 4.5.3 at RCPT", [unknown(), many(), many()]),
        ("all 452 4.5.3 at RCPT", all(many())),
        ("all 421 at RCPT", all(rcpt(421, "4.3.2", "shutting down"))),
        ("ann 550 5.1.1, bob, cyd 421 at RCPT", {
            let closing = rcpt(421, "4.7.0", "too many errors");
            [unknown(), closing.clone(), closing]
        }),
        ("all 421 at MAIL", all(refused(Mail, 421, "4.7.0", "too much mail"))),
        ("final dot 554, names nobody", all(dot(554, "", "no"))),
        ("final dot 554, names bob", all(dot(554, "", bob))),
        ("final dot 550 5.1.1, names bob", all(dot(550, "5.1.1", bob))),
        ("final dot 550 5.7.1, names bob", all(dot(550, "5.7.1", bob))),
        ("final dot 452 4.2.2, names bob", all(dot(452, "4.2.2", bob))),
        ("final dot 451, names bob", all(dot(451, "", bob))),
        ("final dot 421, names bob", all(dot(421, "4.2.1", bob))),
        ("final dot 554, names ann and bob", all(dot(554, "", "no: ann@bigbox.test, bob@bigbox.test"))),
        (
            "bob 550 5.1.1 at RCPT, final dot 554, names bob",
            [dot(554, "", bob), unknown(), dot(554, "", bob)],
        ),
        ("final dot 450 4.7.28", all(dot(450, "4.7.28", "unusual rate"))),
        ("bob 550 5.1.1 at RCPT, others lost", [interrupted(), unknown(), interrupted()]),
        ("interrupted", all(interrupted())),
        ("uncertain", all(Outcome::Uncertain { loss: Loss::Closed })),
    ]
}
