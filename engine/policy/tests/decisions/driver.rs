//! Somebody who drives a dispatcher as the engine does, one call at a time, without I/O.
//!
//! Keeps the contract of the shell (`policy::Dispatcher`): actions are taken after every call and lie in `lookups` and
//! `dials` until they are carried out; a connection that is told to quit is closed; a job is reported once.

use std::sync::Arc;

use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::feedback::{Feedback, Notice, Stray};
use policy::ids::{ContactId, DomainId, MailingId, SiteId};
use policy::mailing::{Content, Kind, Letter, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::route::{MailRoute, MxAnswer};
use policy::tls::TlsPolicy;
use policy::verdict::Finding;
use policy::{Action, Admission, Carrier, Detour, Dispatcher, Job, Setup};
use smtp::client::{End, Outcome, Security, StartTls, Transaction};
use smtp::{Address, Body, Domain, EnhancedStatusCode, Reply, ReversePath};
use units::{Draw, Instant};

use crate::account::Account;

/// A dispatcher and what it asked for.
pub(crate) struct Driver {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) account: Account,
    pub(crate) now: Instant,
    /// Until when the dispatcher was let advance.
    pub(crate) advanced: Instant,
    /// Asked for, not answered.
    pub(crate) lookups: Vec<DomainId>,
    /// Asked for, neither standing nor failed.
    pub(crate) dials: Vec<SiteId>,
    /// Every answer of the DNS, in order.
    pub(crate) answers: Vec<(Domain, MxAnswer)>,
    /// Every site that a connection was ever asked for, in order.
    pub(crate) dialled: Vec<SiteId>,
    /// Standing.
    pub(crate) connections: Vec<Connection>,
    /// Connections that ever stood.
    connected: u32,
}

/// A connection that stands.
pub(crate) struct Connection {
    pub(crate) site: SiteId,
    carrier: Carrier,
    /// Messages carried so far.
    pub(crate) messages: u32,
    pub(crate) work: Work,
    /// Begun before the one under way was over.
    ahead: Option<Work>,
}

/// What a connection does.
pub(crate) enum Work {
    /// Nothing; it asks for a job from this moment on.
    Idle(Instant),
    /// A transaction from this sender to these recipients.
    Carries { job: Job, sender: ReversePath, recipients: Vec<Address> },
}

impl Connection {
    /// When its transaction must be given up, if it carries one.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match &self.work {
            Work::Carries { job, .. } => Some(job.deadline),
            Work::Idle(_) => None,
        }
    }

    /// Everything that it has begun.
    pub(crate) fn begun(&self) -> impl Iterator<Item = &Work> {
        std::iter::once(&self.work).chain(&self.ahead)
    }
}

impl Work {
    fn of(mut job: Job) -> Self {
        let Transaction { sender, recipients, .. } = job.take_transaction();
        Self::Carries { job, sender, recipients }
    }
}

impl Driver {
    pub(crate) fn new(
        contacts: Vec<(Address, Standing)>,
        mailings: Vec<Mailing>,
        limits: SiteLimits,
    ) -> Self {
        Self::with_tls(contacts, mailings, limits, TlsPolicy::default())
    }

    pub(crate) fn with_tls(
        contacts: Vec<(Address, Standing)>,
        mailings: Vec<Mailing>,
        limits: SiteLimits,
        tls: TlsPolicy,
    ) -> Self {
        let account = Account::default();
        let setup = Setup { contacts, mailings, limits, tls, draw: Draw::new(1, "decisions") };
        Self {
            dispatcher: Dispatcher::new(setup, Box::new(account.clone())),
            account,
            now: Instant::ZERO,
            advanced: Instant::ZERO,
            lookups: Vec::new(),
            dials: Vec::new(),
            answers: Vec::new(),
            dialled: Vec::new(),
            connections: Vec::new(),
            connected: 0,
        }
    }

    /// Time passes to `at`, or not at all if that is in the past.
    pub(crate) fn pass(&mut self, at: Instant) {
        self.now = self.now.max(at);
        self.dispatcher.advance(self.now);
        self.advanced = self.now;
        self.take_actions();
    }

    /// The DNS answers the look-up at this position.
    pub(crate) fn resolve(&mut self, position: usize, answer: impl Into<MailRoute>) {
        let domain = self.lookups.remove(position);
        let route = answer.into();
        self.answers.push((self.dispatcher.domain(domain).clone(), route.hosts.clone()));
        self.dispatcher.resolved(domain, route, self.now);
        self.take_actions();
    }

    /// The dial at this position is answered and greeted. `messages` were carried by the connection before: what a kept
    /// connection is like.
    pub(crate) fn connect(&mut self, position: usize, messages: u32) {
        let site = self.dials.remove(position);
        let hosts = self.dispatcher.hosts(site, self.now);
        let host = hosts.into_iter().next().expect("a site has hosts");
        self.dispatcher.connected(site, &host, self.now);
        self.connected += 1;
        let carrier = Carrier {
            number: self.connected,
            host,
            security: security(self.dispatcher.starttls(site, self.now), self.connected),
        };
        self.connections.push(Connection {
            site,
            carrier,
            messages,
            work: Work::Idle(self.now),
            ahead: None,
        });
        self.take_actions();
    }

    /// The dial at this position comes to a session that ends so before its first transaction, at every host if there is no
    /// other way of talking to the first.
    pub(crate) fn end_before_mail(&mut self, position: usize, end: &End) {
        match self.dispatcher.not_greeted(self.dials[position], end, self.now) {
            Detour::SameHost => self.take_actions(),
            Detour::NextHost(finding) => self.fail_to_connect(position, &Arc::new(finding)),
        }
    }

    /// The dial at this position fails at every host.
    pub(crate) fn fail_to_connect(&mut self, position: usize, finding: &Arc<Finding>) {
        let site = self.dials.remove(position);
        for host in self.dispatcher.hosts(site, self.now) {
            self.dispatcher.host_failed(site, &host, self.now);
        }
        self.dispatcher.unreachable(site, finding, self.now);
        self.take_actions();
    }

    /// The idle connection at this position asks for a job; it is closed if there is none.
    pub(crate) fn ask(&mut self, position: usize) {
        let Connection { site, carrier, messages, .. } = &self.connections[position];
        let (site, messages) = (*site, *messages);
        match self.dispatcher.next_job(site, carrier, messages, self.now) {
            Admission::Send(job) => {
                let tls = self.dispatcher.starttls(site, self.now);
                assert!(
                    !matches!(tls, StartTls::Always(_)) || carrier.security == Security::Tls,
                    "a message is begun in plain text at a site that is to be spoken to inside TLS"
                );
                let connection = &mut self.connections[position];
                connection.messages += 1;
                connection.work = Work::of(job);
            }
            Admission::Wait(at) => self.connections[position].work = Work::Idle(at),
            Admission::Quit => return self.close(position),
        }
        self.take_actions();
    }

    /// The connection at this position, which carries a transaction and nothing ahead, asks for what may be begun ahead.
    pub(crate) fn look_ahead(&mut self, position: usize) {
        let connection = &mut self.connections[position];
        let Connection { work: Work::Carries { job, .. }, ahead: None, .. } = connection else { return };
        if let Some(next) = self.dispatcher.job_ahead(job, self.now) {
            assert!(job.deadline <= next.deadline, "what is ahead is given up with what it waits for");
            connection.messages += 1;
            connection.ahead = Some(Work::of(next));
        }
        self.take_actions();
    }

    /// Whether the connection at this position, which carries a transaction, may say goodbye together with it.
    pub(crate) fn may_quit_ahead(&self, position: usize) -> bool {
        let Work::Carries { job, .. } = &self.connections[position].work else { return false };
        self.dispatcher.may_quit_ahead(job, self.now)
    }

    /// The transaction of the connection at this position ends; `outcome` tells how for each recipient. What was begun ahead
    /// comes next, or comes to nothing if the session is over.
    pub(crate) fn report(&mut self, position: usize, outcome: impl FnMut(&Address) -> Outcome) {
        let connection = &mut self.connections[position];
        let outcomes = match std::mem::replace(&mut connection.work, Work::Idle(self.now)) {
            Work::Carries { job, recipients, .. } => {
                let outcomes: Vec<Outcome> = recipients.iter().map(outcome).collect();
                self.dispatcher.report(&job, &outcomes, self.now);
                outcomes
            }
            Work::Idle(_) => panic!("nothing to report"),
        };
        self.take_actions();
        if let Some(next) = self.connections[position].ahead.take() {
            self.connections[position].work = next;
            if outcomes.iter().any(ends_the_session) {
                self.report(position, not_begun);
            }
        }
    }

    /// What a shell does after it has reported `outcomes`: the connection is closed if the session is over, or asks for
    /// the next job if it has none ahead.
    pub(crate) fn go_on(&mut self, position: usize, outcomes: &[Outcome]) {
        match self.connections[position].work {
            _ if outcomes.iter().any(ends_the_session) => self.close(position),
            Work::Idle(_) => self.ask(position),
            Work::Carries { .. } => {}
        }
    }

    /// The idle connection at this position is closed.
    pub(crate) fn close(&mut self, position: usize) {
        let connection = self.connections.remove(position);
        assert!(
            matches!(connection.work, Work::Idle(_)),
            "a transaction is reported before its connection is closed"
        );
        self.dispatcher.closed(connection.site, &connection.carrier.host, self.now);
        self.take_actions();
    }

    pub(crate) fn opt_out(&mut self, contact: ContactId) {
        self.dispatcher.opt_out(contact, self.now);
        self.take_actions();
    }

    pub(crate) fn complain(&mut self, contact: ContactId) {
        self.dispatcher.complain(contact, self.now);
        self.take_actions();
    }

    /// A message came back that says this.
    pub(crate) fn receive(&mut self, to: &str, notice: &Notice) -> Result<Feedback, Stray> {
        let heard = self.dispatcher.receive(&address(to), notice, self.now);
        self.take_actions();
        heard
    }

    /// Somebody followed this link.
    pub(crate) fn unsubscribe(&mut self, link: &str) -> Result<Feedback, Stray> {
        let heard = self.dispatcher.unsubscribe(link, self.now);
        self.take_actions();
        heard
    }

    pub(crate) fn reactivate(&mut self, contact: ContactId) {
        self.dispatcher.reactivate(contact, "an operator", "was asked to", self.now);
        self.take_actions();
    }

    pub(crate) fn cancel(&mut self, mailing: MailingId) {
        self.dispatcher.cancel(mailing, self.now);
        self.take_actions();
    }

    /// Nothing is asked for, and no connection stands.
    pub(crate) fn is_idle(&self) -> bool {
        self.lookups.is_empty() && self.dials.is_empty() && self.connections.is_empty()
    }

    /// Connections to `site` that stand or are being opened.
    pub(crate) fn open(&self, site: SiteId) -> usize {
        let standing = self.connections.iter().filter(|connection| connection.site == site).count();
        standing + self.dials.iter().filter(|dial| **dial == site).count()
    }

    fn take_actions(&mut self) {
        while let Some(action) = self.dispatcher.next_action() {
            match action {
                Action::Resolve(domain) => self.lookups.push(domain),
                Action::Connect(site) => {
                    self.dials.push(site);
                    self.dialled.push(site);
                }
            }
        }
    }
}

/// How messages travel in a connection, if TLS is offered in every other one.
const fn security(starttls: StartTls, number: u32) -> Security {
    match starttls {
        StartTls::IfOffered if number.is_multiple_of(2) => Security::Plain,
        StartTls::Never => Security::Plain,
        StartTls::IfOffered | StartTls::Always(_) => Security::Tls,
    }
}

const fn not_begun(_: &Address) -> Outcome {
    Outcome::NotBegun
}

fn ends_the_session(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Refused { reply, .. } => reply.code().get() == 421,
        Outcome::Lost { .. } | Outcome::Uncertain { .. } => true,
        Outcome::NotBegun => true,
        Outcome::Accepted(_) | Outcome::Unsendable(_) => false,
    }
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// A contact that may be mailed, with so many strikes.
pub(crate) fn contact(text: &str, strikes: u8) -> (Address, Standing) {
    (address(text), Standing { status: ContactStatus::Active, strikes })
}

/// One host, the same for every domain that is answered with it.
pub(crate) fn one_host(name: &str) -> MxAnswer {
    MxAnswer::Hosts(vec![(10, Domain::parse(name).expect("a domain"))])
}

pub(crate) fn reply(code: u16, enhanced: &str, text: &str) -> Arc<Reply> {
    Arc::new(Reply::new(code, EnhancedStatusCode::parse(enhanced), text))
}

/// The same message to everybody, with this return path.
pub(crate) fn shared(sender: &str) -> Content {
    let sender = ReversePath::Address(address(sender));
    Content::Shared(Letter { sender, body: Arc::new(Body::new(b"Subject: news\r\n\r\nNothing.\r\n")) })
}

/// A mailing to the first `contacts` contacts, from the beginning of time.
pub(crate) fn mailing(kind: Kind, contacts: u32) -> Mailing {
    Mailing {
        name: "news".to_owned(),
        kind,
        start: Instant::ZERO,
        content: shared("bounces@news.example"),
        list: (0..contacts).map(|n| Listed { contact: ContactId(n), position: n }).collect(),
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
    }
}
