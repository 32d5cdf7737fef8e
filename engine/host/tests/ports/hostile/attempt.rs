//! One mailing to one recipient through the real engine, up to the end of the first attempt.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use engine::{Engine, Settings};
use host::clock::{Epoch, SystemClock};
use host::connector::{Route, TcpConnector};
use host::endpoint::Endpoint;
use host::routes::ToRelay;
use host::tls::{Roots, Tls};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::{ContactId, MailingId};
use policy::ledger::{Entry, Fact, Ledger, Outcome};
use policy::mailing::{Content, Kind, Letter, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::tls::TlsPolicy;
use policy::verdict::{Class, Evidence, Finding};
use policy::{Dispatcher, Setup};
use smtp::limits::PhaseLimits;
use smtp::{Address, Body, ReversePath};
use tokio::sync::Notify;
use units::{Draw, Instant};

use crate::stage::{dialer, domain};

/// What an engine is told.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) port: u16,
    pub(crate) tls: TlsPolicy,
    pub(crate) limits: PhaseLimits,
    pub(crate) message: Vec<u8>,
}

/// What became of the first attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Stage and evidence: `Greeting: no answer in time`.
    pub(crate) words: String,
    pub(crate) class: Class,
    pub(crate) outcome: Outcome,
    /// Whether it was to be tried again, or is delivered.
    pub(crate) is_kept: bool,
}

/// A ledger that knows what the first attempt found.
#[derive(Default)]
struct Account {
    first: Option<(String, Class, bool)>,
    outcome: Option<Outcome>,
}

struct Keeper {
    account: Rc<RefCell<Account>>,
    found: Rc<Notify>,
}

impl Given {
    pub(crate) fn new(port: u16) -> Self {
        let message = b"Subject: hello\r\n\r\n.hello\r\n".to_vec();
        Self { port, tls: TlsPolicy::OnDemand, limits: PhaseLimits::RFC5321, message }
    }

    fn setup(&self) -> Setup {
        let address = |text: &str| Address::parse(text).expect("an address");
        let mailing = Mailing {
            name: "mailing".to_owned(),
            kind: Kind::Regular,
            start: Instant::ZERO,
            content: Content::Shared(Letter {
                sender: ReversePath::Address(address("news@sender.test")),
                body: Arc::new(Body::new(&self.message)),
            }),
            list: vec![Listed { contact: ContactId::from_index(0), position: 0 }],
            plan: RetryPlan::default(),
            contact_policy: ContactPolicy::default(),
            uncertain: UncertainPolicy::Resend,
        };
        Setup {
            contacts: vec![(address("ann@mx.test"), Standing::new(ContactStatus::Active))],
            mailings: vec![mailing],
            limits: SiteLimits::default(),
            tls: self.tls,
            draw: Draw::new(1, "hostile"),
        }
    }

    /// Runs the engine until the first attempt is over, and then lets it finish.
    pub(crate) async fn attempt(&self) -> Found {
        let (account, found) = (Rc::<RefCell<Account>>::default(), Rc::new(Notify::new()));
        let keeper = Keeper { account: Rc::clone(&account), found: Rc::clone(&found) };
        let dispatcher = Dispatcher::new(self.setup(), Box::new(keeper));
        let route = Route::Hosts { port: self.port };
        let connector = TcpConnector::new(dialer(&["127.0.0.1"]), route, Tls::new(&Roots::nobody()));
        let clock = SystemClock::new(Epoch::now()).handle();
        let settings = Settings { limits: self.limits, ..Settings::new(domain("sender.test")) };
        let relay = ToRelay::new(&Endpoint::parse("mx.test:25").expect("a place"));
        let engine = Engine::new(dispatcher, clock, Rc::new(connector), Rc::new(relay), settings);
        let mut running = pin!(engine.run());
        tokio::select! {
            biased;
            () = &mut running => {}
            () = found.notified() => {
                engine.cancel(MailingId::from_index(0));
                running.await;
            }
        }
        let account = account.borrow();
        let (words, class, is_kept) = account.first.clone().expect("there was an attempt");
        Found { words, class, is_kept, outcome: account.outcome.expect("the recipient has a final outcome") }
    }
}

impl Ledger for Keeper {
    fn note(&mut self, _: Instant, entry: Entry<'_>) {
        let mut account = self.account.borrow_mut();
        let first = match entry.fact {
            Fact::AttemptEnded { finding, retry_at, .. } => {
                (words(finding), finding.verdict.class, retry_at.is_some())
            }
            Fact::Uncounted { finding } => (words(finding), finding.verdict.class, true),
            Fact::Settled { outcome, .. } => {
                account.outcome = Some(outcome);
                if outcome == Outcome::Delivered
                    && let Some(first) = &mut account.first
                {
                    first.2 = true;
                }
                return;
            }
            Fact::Selected
            | Fact::Excluded(_)
            | Fact::AttemptBegun { .. }
            | Fact::Feedback { .. }
            | Fact::StandingChanged { .. }
            | Fact::Reactivation { .. }
            | Fact::ReactivationRefused { .. } => return,
        };
        let _ = account.first.get_or_insert(first);
        self.found.notify_one();
    }
}

fn words(finding: &Finding) -> String {
    match &finding.evidence {
        Evidence::Reply(reply) => format!("{:?}: {}", finding.stage, reply.code().get()),
        Evidence::Instead(words) => format!("{:?}: {words}", finding.stage),
    }
}
