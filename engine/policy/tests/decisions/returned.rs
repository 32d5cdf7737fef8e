//! What comes back after a message was accepted: what it does to contacts and counters, and what it must not do.

use std::sync::Arc;

use libtest_mimic::Trial;
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::feedback::{Complaint, Feedback, Ignored, Notice, RecipientStatus, Reported, Stray};
use policy::ids::{ContactId, MailingId};
use policy::ledger::StandingCause;
use policy::mailing::{Composer, Content, Kind, Letter, Listed, Mailing, Whom};
use policy::metrics::Metrics;
use policy::pace::SiteLimits;
use smtp::client::Outcome;
use smtp::{Address, Body, EnhancedStatusCode, Phase, ReversePath};
use units::Instant;

use crate::account::Event;
use crate::driver::{Driver, address, contact, mailing};
use crate::outcomes::finding::{accepted, refused};
use crate::shell::{self, Network, Offer};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    let case = |name: &str, run: fn() -> Result<(), String>| trial("returned", name, run);
    vec![
        case("a late hard bounce is one, and leaves delivered alone", late_hard_bounce),
        case("under the careful policy only the address counts", careful),
        case("a late soft bounce goes on counting where the delivery had stopped", late_soft_bounce),
        case("a delivery since breaks the row of soft bounces", delivered_since),
        case("a complaint and an unsubscription opt out", readers),
        case("who leaves is not attempted again in mailings under way", leaves_mailings_under_way),
        case("what says nothing against anybody is only counted", counted_only),
        case("the same counts once", once),
        case("who was not delivered to cannot bounce", not_delivered),
        case("a test mailing changes nobody", test_mailing),
        case("nobody is believed without our token", strays),
        case("the text never says whom it is about", text_is_not_believed),
    ]
}

/// Return paths `bMAILING-PLACE@news.example` and links `https://news.example/MAILING-PLACE`, with `x` before what is forged.
#[derive(Debug)]
struct Tokens(u32);

impl Tokens {
    fn whom(&self, text: &str) -> Result<Whom, Stray> {
        if text.starts_with('x') {
            return Err(Stray::Forged);
        }
        let own = text.split_once('-').filter(|(mailing, _)| *mailing == self.0.to_string());
        own.and_then(|(_, place)| place.parse().ok()).map(Whom::Line).ok_or(Stray::NotOurs)
    }
}

impl Composer for Tokens {
    fn letter(&self, line: Listed, _: &Address) -> Letter {
        let sender = address(&format!("b{}-{}@news.example", self.0, line.position));
        Letter {
            sender: ReversePath::Address(sender),
            body: Arc::new(Body::new(b"Subject: news\r\n\r\n\r\n")),
        }
    }

    fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        path.local().strip_prefix('b').map_or(Err(Stray::NotOurs), |text| self.whom(text))
    }

    fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        let ways = ["https://news.example/", "mailto:leave@news.example?subject="];
        let own = ways.iter().find_map(|way| link.strip_prefix(way));
        own.map_or(Err(Stray::NotOurs), |text| self.whom(text))
    }
}

const ANN: &str = "ann@bigbox.test";
const BOB: &str = "bob@bigbox.test";

/// Mailings one hour apart to ann and bob.
fn mailings(count: u32) -> Vec<Mailing> {
    let one = |number| Mailing {
        content: Content::Personal(Arc::new(Tokens(number))),
        start: Instant::from_hours(u64::from(number)),
        ..mailing(Kind::Regular, 2)
    };
    (0..count).map(one).collect()
}

/// A driver of these mailings, with this many strikes of ann.
fn driver(mailings: Vec<Mailing>, strikes: u8) -> Driver {
    Driver::new(vec![contact(ANN, strikes), contact(BOB, 0)], mailings, SiteLimits::default())
}

/// Lets everything that the mailings want be answered like this.
fn send(driver: &mut Driver, answer: fn(&Address) -> Outcome) -> Result<(), String> {
    let server = |offer: &Offer<'_>| offer.recipients.iter().map(answer).collect();
    shell::run(driver, &Network::Works(&server), |_| Ok(()))
}

fn accept(_: &Address) -> Outcome {
    accepted()
}

fn unknown(_: &Address) -> Outcome {
    refused(Phase::Rcpt, 550, "5.1.1", "no such user")
}

fn entry(name: &str, action: Reported, status: &str, diagnostic: &str) -> RecipientStatus {
    RecipientStatus {
        recipients: Address::parse(name).into_iter().collect(),
        action,
        status: EnhancedStatusCode::parse(status),
        diagnostic: diagnostic.to_owned(),
        remote: None,
    }
}

fn failed(diagnostic: &str) -> Notice {
    Notice::Status(vec![entry("", Reported::Failed, "", diagnostic)])
}

const UNKNOWN: &str = "550 5.1.1 no such user";
const FULL: &str = "452 4.2.2 mailbox full";
const SPAM: &str = "550 5.7.1 message refused as spam";

fn complaint(paths: &[&str]) -> Notice {
    Notice::Complaint(Complaint { return_paths: paths.iter().map(|path| address(path)).collect() })
}

fn ann(driver: &Driver) -> Standing {
    driver.dispatcher.standing(ContactId(0))
}

fn same<T: Copy + PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, expected {expected:?}")) }
}

/// The counters are these, counted by the dispatcher and from the ledger.
fn counters(driver: &Driver, mailing: u16, expected: impl FnOnce(&mut Metrics)) -> Result<(), String> {
    let metrics = *driver.dispatcher.metrics(MailingId(mailing));
    let mut wanted = Metrics {
        late_bounced: 0,
        late_soft_bounced: 0,
        late_hard_bounced: 0,
        complained: 0,
        unsubscribed: 0,
        reports_ignored: 0,
        ..metrics
    };
    expected(&mut wanted);
    same("counters", metrics, wanted)?;
    same("counters of the ledger", driver.account.recount(MailingId(mailing)), metrics)?;
    if metrics.is_consistent() { Ok(()) } else { Err(format!("{metrics:?} does not add up")) }
}

fn standing(status: ContactStatus, strikes: u8) -> Standing {
    Standing { status, strikes }
}

fn late_hard_bounce() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    same("heard", driver.receive("b0-0@news.example", &failed(UNKNOWN)), Ok(Feedback::LateHardBounce))?;
    same("ann", ann(&driver), standing(ContactStatus::Error, 0))?;
    same("delivered", driver.dispatcher.metrics(MailingId(0)).delivered, 2)?;
    counters(&driver, 0, |metrics| (metrics.late_bounced, metrics.late_hard_bounced) = (1, 1))?;
    let moved = driver.account.entries().iter().any(|noted| {
        let is_late = matches!(noted.event, Event::Moved { cause: StandingCause::LateHardBounce, .. });
        is_late && noted.mailing == Some(MailingId(0))
    });
    same("the ledger says why", moved, true)
}

fn careful() -> Result<(), String> {
    let careful = |mailing| Mailing { contact_policy: ContactPolicy::Careful, ..mailing };
    let mut driver = driver(mailings(2).into_iter().map(careful).collect(), 0);
    send(&mut driver, accept)?;
    same("spam", driver.receive("b0-0@news.example", &failed(SPAM)), Ok(Feedback::LateHardBounce))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 0))?;
    same("unknown", driver.receive("b1-0@news.example", &failed(UNKNOWN)), Ok(Feedback::LateHardBounce))?;
    same("ann", ann(&driver), standing(ContactStatus::Error, 0))
}

fn late_soft_bounce() -> Result<(), String> {
    let mut driver = driver(mailings(3), 1);
    for (number, status, strikes) in
        [(0, ContactStatus::Active, 2), (1, ContactStatus::Error, 3), (2, ContactStatus::Error, 3)]
    {
        // The next mailing starts; what follows it comes an hour later.
        driver.pass(Instant::from_hours(number));
        while let Some(position) = driver.lookups.first().map(|_| 0) {
            driver.resolve(position, crate::driver::one_host("mx.bigbox.test"));
        }
        deliver(&mut driver);
        if number < 2 {
            let path = format!("b{number}-0@news.example");
            same("delivered", ann(&driver).strikes, 0)?;
            same("full", driver.receive(&path, &failed(FULL)), Ok(Feedback::LateSoftBounce))?;
        }
        same("ann", ann(&driver), standing(status, strikes))?;
    }
    counters(&driver, 1, |metrics| (metrics.late_bounced, metrics.late_soft_bounced) = (1, 1))
}

/// Opens the connections that are asked for, and lets everything be accepted that is due now.
fn deliver(driver: &mut Driver) {
    while !driver.dials.is_empty() {
        driver.connect(0, 0);
    }
    for _ in 0..20 {
        let Some(connection) = driver.connections.first() else { return };
        match connection.work {
            crate::driver::Work::Carries { .. } => driver.report(0, accept),
            crate::driver::Work::Idle(_) => driver.ask(0),
        }
    }
}

fn delivered_since() -> Result<(), String> {
    let mut driver = driver(mailings(2), 2);
    send(&mut driver, accept)?;
    same("full", driver.receive("b0-0@news.example", &failed(FULL)), Ok(Feedback::LateSoftBounce))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 0))?;
    same("full", driver.receive("b1-0@news.example", &failed(FULL)), Ok(Feedback::LateSoftBounce))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 1))
}

fn readers() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    same("complaint", driver.receive("b0-0@news.example", &complaint(&[])), Ok(Feedback::Complaint))?;
    same("ann", ann(&driver).status, ContactStatus::OptOut)?;
    same("leaves", driver.unsubscribe("https://news.example/0-1"), Ok(Feedback::Unsubscribe))?;
    same("bob", driver.dispatcher.standing(ContactId(1)).status, ContactStatus::OptOut)?;
    same("leaves", driver.unsubscribe("https://news.example/0-0"), Ok(Feedback::Unsubscribe))?;
    counters(&driver, 0, |metrics| (metrics.complained, metrics.unsubscribed) = (1, 2))?;
    // Who has no browser writes.
    let letter = |subject: &str| Notice::Letter { subject: subject.to_owned() };
    let repeated = Ok(Feedback::Ignored(Ignored::Repeated));
    same("writes", driver.receive("leave@news.example", &letter("0-1")), repeated)?;
    let unreadable = Ok(Feedback::Ignored(Ignored::Unreadable));
    same("answers", driver.receive("b0-1@news.example", &letter("Re: news")), unreadable)?;
    // A complaint that came to one address for all is known by the return path of the message in it.
    let elsewhere = complaint(&["b0-1@news.example"]);
    same("complaint", driver.receive("fbl@news.example", &elsewhere), Ok(Feedback::Complaint))
}

fn leaves_mailings_under_way() -> Result<(), String> {
    let mut driver = driver(mailings(2), 0);
    driver.pass(Instant::ZERO);
    driver.resolve(0, crate::driver::one_host("mx.bigbox.test"));
    deliver(&mut driver);
    driver.pass(Instant::from_hours(1));
    same("waits", driver.dispatcher.metrics(MailingId(1)).pending, 2)?;
    same("unknown", driver.receive("b0-0@news.example", &failed(UNKNOWN)), Ok(Feedback::LateHardBounce))?;
    let metrics = driver.dispatcher.metrics(MailingId(1));
    same("left", (metrics.pending, metrics.dropped_left_active), (1, 1))
}

fn counted_only() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    let status = |action, status| Notice::Status(vec![entry(ANN, action, status, "")]);
    let both = Notice::Status(vec![
        entry("ann@elsewhere.test", Reported::Failed, "5.1.1", UNKNOWN),
        entry("ann@other.test", Reported::Delivered, "2.0.0", ""),
    ]);
    let cases = [
        (status(Reported::Delayed, "4.4.1"), Ignored::Delayed),
        (status(Reported::Delivered, "2.0.0"), Ignored::Arrived),
        (both, Ignored::Arrived),
        (Notice::Nothing(Ignored::AutoReply), Ignored::AutoReply),
        (Notice::Nothing(Ignored::AboutAReport), Ignored::AboutAReport),
        (Notice::Nothing(Ignored::NoComplaint), Ignored::NoComplaint),
        (Notice::Nothing(Ignored::Unreadable), Ignored::Unreadable),
    ];
    let count = cases.len() as u64;
    for (notice, why) in cases {
        same("ignored", driver.receive("b0-0@news.example", &notice), Ok(Feedback::Ignored(why)))?;
    }
    same("ann", ann(&driver), standing(ContactStatus::Active, 0))?;
    counters(&driver, 0, |metrics| metrics.reports_ignored = count)
}

fn once() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    let repeated = Ok(Feedback::Ignored(Ignored::Repeated));
    driver.receive("b0-0@news.example", &failed(FULL)).map_err(|stray| format!("{stray:?}"))?;
    same("bounced", driver.receive("b0-0@news.example", &failed(UNKNOWN)), repeated)?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 1))?;
    driver.receive("b0-0@news.example", &complaint(&[])).map_err(|stray| format!("{stray:?}"))?;
    same("complained", driver.receive("b0-0@news.example", &complaint(&[])), repeated)?;
    driver.unsubscribe("https://news.example/0-0").map_err(|stray| format!("{stray:?}"))?;
    same("left", driver.unsubscribe("https://news.example/0-0"), repeated)?;
    counters(&driver, 0, |metrics| {
        (metrics.late_bounced, metrics.late_soft_bounced) = (1, 1);
        (metrics.complained, metrics.unsubscribed, metrics.reports_ignored) = (1, 1, 3);
    })
}

fn not_delivered() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    let nothing = Ok(Feedback::Ignored(Ignored::NotDelivered));
    same("before", driver.receive("b0-0@news.example", &failed(UNKNOWN)), nothing)?;
    send(&mut driver, unknown)?;
    same("after", driver.receive("b0-1@news.example", &failed(FULL)), nothing)?;
    counters(&driver, 0, |metrics| metrics.reports_ignored = 2)?;
    same("nobody", driver.receive("b0-7@news.example", &failed(UNKNOWN)), Err(Stray::NotOurs))
}

fn test_mailing() -> Result<(), String> {
    let test = |mailing| Mailing { kind: Kind::Test, ..mailing };
    let mut driver = driver(mailings(1).into_iter().map(test).collect(), 1);
    send(&mut driver, accept)?;
    same("unknown", driver.receive("b0-0@news.example", &failed(UNKNOWN)), Ok(Feedback::LateHardBounce))?;
    same("complaint", driver.receive("b0-0@news.example", &complaint(&[])), Ok(Feedback::Complaint))?;
    same("leaves", driver.unsubscribe("https://news.example/0-0"), Ok(Feedback::Unsubscribe))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 1))?;
    counters(&driver, 0, |metrics| {
        (metrics.late_bounced, metrics.late_hard_bounced) = (1, 1);
        (metrics.complained, metrics.unsubscribed) = (1, 1);
    })
}

fn strays() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    same("other", driver.receive("news@news.example", &failed(UNKNOWN)), Err(Stray::NotOurs))?;
    same("forged", driver.receive("bx-0@news.example", &failed(UNKNOWN)), Err(Stray::Forged))?;
    same("forged", driver.unsubscribe("https://news.example/x"), Err(Stray::Forged))?;
    let inside = complaint(&["bx-0@news.example"]);
    same("inside", driver.receive("fbl@news.example", &inside), Err(Stray::Forged))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 0))?;
    counters(&driver, 0, |_| {})?;
    same("counted", driver.dispatcher.strays(), 4)?;
    let kept = driver.account.strays();
    same("kept", kept.len(), 4)?;
    same("as they came", &kept[1], &("bx-0@news.example".to_owned(), Stray::Forged))
}

fn text_is_not_believed() -> Result<(), String> {
    let mut driver = driver(mailings(1), 0);
    send(&mut driver, accept)?;
    let about_ann = Notice::Status(vec![entry(ANN, Reported::Failed, "5.1.1", UNKNOWN)]);
    same("stray", driver.receive("ann@bigbox.test", &about_ann), Err(Stray::NotOurs))?;
    same("bob", driver.receive("b0-1@news.example", &about_ann), Ok(Feedback::LateHardBounce))?;
    let path_of_ann = complaint(&["b0-0@news.example"]);
    same("bob", driver.receive("b0-1@news.example", &path_of_ann), Ok(Feedback::Complaint))?;
    same("ann", ann(&driver), standing(ContactStatus::Active, 0))
}
