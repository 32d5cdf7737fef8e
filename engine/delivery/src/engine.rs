//! The engine: a dispatcher, the ports, and the task that keeps time.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use policy::feedback::{Feedback, Stray};
use policy::ids::{ContactId, DomainId, MailingId};
use policy::{Action, Dispatcher};
use smtp::client::{Flow, Transfer};
use smtp::limits::PhaseLimits;
use smtp::{Address, Domain};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use units::Instant;

use crate::clock::{Clock, Timer};
use crate::connection;
use crate::port::{Connector, Resolver};

/// What an engine needs to know about itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name it gives in EHLO (RFC 5321 4.1.1.1).
    pub ehlo_name: Domain,
    /// How long opening a connection may take, for each host.
    pub connect_limit: Duration,
    /// How long each phase of a dialogue may take.
    pub limits: PhaseLimits,
    /// Whether a message is begun while the one before it waits for its answer.
    pub flow: Flow,
    /// How messages are handed over.
    pub transfer: Transfer,
}

/// How long opening a connection may take unless it is said otherwise.
// RFC 5321 gives no figure; five minutes is what 4.5.3.2.1 gives the greeting.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(300);

impl Settings {
    /// The settings of an engine that calls itself `ehlo_name`, with the limits of the standard and one thing after the other.
    pub const fn new(ehlo_name: Domain) -> Self {
        Self {
            ehlo_name,
            connect_limit: CONNECT_LIMIT,
            limits: PhaseLimits::RFC5321,
            flow: Flow::Stepwise,
            transfer: Transfer::Data,
        }
    }
}

/// A delivery engine. Cheap to clone: all clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Rc<Inner>,
}

struct Inner {
    dispatcher: RefCell<Dispatcher>,
    clock: Clock,
    connector: Rc<dyn Connector>,
    resolver: Rc<dyn Resolver>,
    settings: Settings,
    tasks: RefCell<JoinSet<()>>,
    /// Told whenever something was decided.
    changed: Notify,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("dispatcher", &self.inner.dispatcher).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over these ports that has not started anything.
    pub fn new(
        dispatcher: Dispatcher,
        clock: Clock,
        connector: Rc<dyn Connector>,
        resolver: Rc<dyn Resolver>,
        settings: Settings,
    ) -> Self {
        let dispatcher = RefCell::new(dispatcher);
        let (tasks, changed) = (RefCell::default(), Notify::new());
        Self { inner: Rc::new(Inner { dispatcher, clock, connector, resolver, settings, tasks, changed }) }
    }

    /// Runs until every recipient of every mailing has its final outcome and every connection is closed. Needs a
    /// single-threaded runtime on which local tasks can be spawned.
    ///
    /// # Panics
    /// A task of the engine panicked: the panic is passed on.
    pub async fn run(&self) {
        let timer = self.clock().last_timer();
        while self.is_working() {
            if self.next_event(&timer).await == Event::Due {
                self.decide(|dispatcher, now| dispatcher.advance(now));
            }
        }
    }

    /// An operator cancels a mailing.
    pub fn cancel(&self, mailing: MailingId) {
        self.decide(|dispatcher, now| dispatcher.cancel(mailing, now));
    }

    /// A contact unsubscribes.
    pub fn opt_out(&self, contact: ContactId) {
        self.decide(|dispatcher, now| dispatcher.opt_out(contact, now));
    }

    /// A contact complains about spam.
    pub fn complain(&self, contact: ContactId) {
        self.decide(|dispatcher, now| dispatcher.complain(contact, now));
    }

    /// A message came to `to`, which may be a return path of ours: a delivery report, a complaint, a request to be left out, or
    /// anything else. It may
    /// come at any time, also when every mailing is complete, and be any octets.
    ///
    /// # Errors
    /// Neither `to` nor, of a complaint, the return path in it was made by us. That is counted, and has no consequence.
    pub fn receive_report(&self, to: &Address, message: &[u8]) -> Result<Feedback, Stray> {
        let notice = feedback::read(message);
        self.decide(|dispatcher, now| dispatcher.receive(to, &notice, now))
    }

    /// Somebody followed `link`, the one for leaving with one click (RFC 8058 3.2), or wrote to it (`mailto:`).
    ///
    /// # Errors
    /// The link was not made by us. That is counted, and has no consequence.
    pub fn unsubscribe(&self, link: &str) -> Result<Feedback, Stray> {
        self.decide(|dispatcher, now| dispatcher.unsubscribe(link, now))
    }

    /// An operator re-activates a contact; who it is and why are kept.
    pub fn reactivate(&self, contact: ContactId, by: &str, why: &str) {
        self.decide(|dispatcher, now| dispatcher.reactivate(contact, by, why, now));
    }

    /// Looks at the decisions without changing them.
    pub fn ask<T>(&self, question: impl FnOnce(&Dispatcher) -> T) -> T {
        question(&self.inner.dispatcher.borrow())
    }

    /// Lets the dispatcher decide something now, and carries out at once what it asks for. Whoever learns something decides
    /// for itself, so that what happens at one site does not depend on what happens at others.
    pub(crate) fn decide<T>(&self, decision: impl FnOnce(&mut Dispatcher, Instant) -> T) -> T {
        let now = self.clock().now();
        let decided = decision(&mut self.inner.dispatcher.borrow_mut(), now);
        loop {
            let action = self.inner.dispatcher.borrow_mut().next_action();
            match action {
                Some(action) => self.carry_out(action),
                None => break,
            }
        }
        self.inner.changed.notify_one();
        decided
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn connector(&self) -> &dyn Connector {
        &*self.inner.connector
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn carry_out(&self, action: Action) {
        let engine = self.clone();
        let mut tasks = self.inner.tasks.borrow_mut();
        match action {
            Action::Resolve(domain) => tasks.spawn_local(async move { engine.resolve(domain).await }),
            Action::Connect(site) => tasks.spawn_local(async move { connection::run(&engine, site).await }),
        };
    }

    async fn resolve(&self, domain: DomainId) {
        let name = self.ask(|dispatcher| dispatcher.domain(domain).clone());
        let answer = self.inner.resolver.mx(&name).await;
        self.decide(|dispatcher, now| dispatcher.resolved(domain, answer, now));
    }

    fn is_working(&self) -> bool {
        !self.inner.tasks.borrow().is_empty() || !self.ask(Dispatcher::is_complete)
    }

    /// Waits until something is due, a task ended, or a decision may have changed what is due.
    async fn next_event(&self, timer: &Timer) -> Event {
        let wake = self.ask(Dispatcher::next_wake).unwrap_or(Instant::MAX);
        let mut changed = pin!(self.inner.changed.notified());
        let mut set = false;
        poll_fn(|context| {
            if !set {
                timer.set(wake, context);
                set = true;
            } else if wake < Instant::MAX && !timer.is_set() {
                return Poll::Ready(Event::Due);
            }
            if let Poll::Ready(Some(ended)) = self.inner.tasks.borrow_mut().poll_join_next(context) {
                pass_on(ended);
                return Poll::Ready(Event::Other);
            }
            changed.as_mut().poll(context).map(|()| Event::Other)
        })
        .await
    }
}

/// What the engine waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The dispatcher has something to do.
    Due,
    /// Something else; look again at what is due.
    Other,
}

fn pass_on(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
