//! What comes back reaches the decisions as octets and links, without anything being sent.

use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use engine::clock::{Clock, Timekeeper, TimerId, Turn};
use engine::port::{ConnectError, Connector, Later, Opened, Resolver};
use engine::{Engine, Settings};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::feedback::{Feedback, Ignored, Stray};
use policy::ids::{ContactId, MailingId};
use policy::ledger::{Entry, Ledger};
use policy::mailing::{Composer, Content, Kind, Letter, Listed, Mailing, UncertainPolicy, Whom};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::route::{MailRoute, MxAnswer};
use policy::tls::TlsPolicy;
use policy::{Dispatcher, Setup};
use smtp::{Address, Body, Domain, ReversePath};
use units::{Draw, Instant};

/// The beginning of time, for ever, without timers.
struct Still;

impl Timekeeper for Still {
    fn now(&self) -> Instant {
        Instant::ZERO
    }
    fn register(&self, _: Turn) -> TimerId {
        TimerId(0)
    }
    fn set(&self, _: TimerId, _: Instant, _: &Waker) {}
    fn clear(&self, _: TimerId) {}
    fn is_set(&self, _: TimerId) -> bool {
        false
    }
    fn release(&self, _: TimerId) {}
}

/// A world that nothing is asked of.
struct Nowhere;

impl Connector for Nowhere {
    fn connect<'a>(&'a self, _: &'a Domain) -> Later<'a, Result<Opened, ConnectError>> {
        Box::pin(async { Err(ConnectError::Refused) })
    }
}

impl Resolver for Nowhere {
    fn mx<'a>(&'a self, _: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(async { MxAnswer::Failed.into() })
    }
}

impl Ledger for Nowhere {
    fn note(&mut self, _: Instant, _: Entry<'_>) {}
}

/// Knows the first line by one return path and one link.
#[derive(Debug)]
struct AnnOnly;

impl Composer for AnnOnly {
    fn letter(&self, _: Listed, _: &Address) -> Letter {
        Letter { sender: ReversePath::Null, body: Arc::new(Body::new(b"Subject: news\r\n\r\n.\r\n")) }
    }

    fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        if path.local() == "b-ann" { Ok(Whom::Line(0)) } else { Err(Stray::NotOurs) }
    }

    fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        if link == "https://news.example/ann" { Ok(Whom::Line(0)) } else { Err(Stray::NotOurs) }
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn engine() -> Engine {
    let mailing = Mailing {
        name: "news".to_owned(),
        kind: Kind::Regular,
        start: Instant::ZERO,
        content: Content::Personal(Arc::new(AnnOnly)),
        list: vec![Listed { contact: ContactId(0), position: 0 }],
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
    };
    let setup = Setup {
        contacts: vec![(address("ann@bigbox.test"), Standing::new(ContactStatus::Active))],
        mailings: vec![mailing],
        limits: SiteLimits::default(),
        tls: TlsPolicy::default(),
        draw: Draw::new(1, "returned"),
    };
    let settings = Settings::new(Domain::parse("mta.sender.example").expect("a domain"));
    let dispatcher = Dispatcher::new(setup, Box::new(Nowhere));
    Engine::new(dispatcher, Clock::new(Rc::new(Still)), Rc::new(Nowhere), Rc::new(Nowhere), settings)
}

const BOUNCE: &[u8] =
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\
    Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; ann@bigbox.test\r\n\
    Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";

const COMPLAINT: &[u8] =
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\
    Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\
    Original-Mail-From: <b-ann@news.example>\r\n\r\n--b--\r\n";

#[test]
fn octets_and_links_become_decisions() {
    let engine = engine();
    let path = address("b-ann@news.example");
    let ignored = |why| Ok(Feedback::Ignored(why));
    assert_eq!(engine.receive_report(&path, BOUNCE), ignored(Ignored::NotDelivered));
    assert_eq!(engine.receive_report(&path, b""), ignored(Ignored::Unreadable));
    assert_eq!(engine.receive_report(&address("b-bob@news.example"), BOUNCE), Err(Stray::NotOurs));
    let standing = |engine: &Engine| engine.ask(|dispatcher| dispatcher.standing(ContactId(0)).status);
    assert_eq!(standing(&engine), ContactStatus::Active);
    assert_eq!(
        engine.receive_report(&address("complaints@news.example"), COMPLAINT),
        Ok(Feedback::Complaint)
    );
    assert_eq!(engine.unsubscribe("https://news.example/ann"), Ok(Feedback::Unsubscribe));
    assert_eq!(standing(&engine), ContactStatus::OptOut);
    let metrics = engine.ask(|dispatcher| *dispatcher.metrics(MailingId(0)));
    assert_eq!((metrics.complained, metrics.unsubscribed, metrics.reports_ignored), (1, 1, 2));
    assert_eq!(engine.ask(Dispatcher::strays), 1);
}
