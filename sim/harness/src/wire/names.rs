//! The DNS of the fleet, asked in memory: the same on every wire under virtual time.
//!
//! What domains publish about TLS is asked for at the same time, in no time at all, and kept as long as it says, as
//! `host::sts` does with policies that it fetches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use engine::clock::Clock;
use engine::port::{Later, Resolver};
use fleet::{Dns, Fleet, Lookup};
use host::dns::DnsLimits;
use host::routes;
use host::sts::StsPolicy;
use policy::route::{MailRoute, MxAnswer};
use smtp::Domain;
use units::Instant;

/// What the fleet says about domains.
pub(crate) struct Names {
    fleet: Rc<RefCell<Fleet>>,
    clock: Clock,
    /// The policies that are kept, and until when.
    policies: RefCell<BTreeMap<Domain, (StsPolicy, Instant)>>,
}

impl Names {
    pub(crate) fn new(fleet: Rc<RefCell<Fleet>>, clock: Clock) -> Self {
        Self { fleet, clock, policies: RefCell::default() }
    }

    async fn route(&self, domain: &Domain) -> MailRoute {
        let asked = self.clock.now();
        let found = self.fleet.borrow().mx(domain.as_str(), asked);
        let patience = DnsLimits::USUAL.lookup;
        if found.answer == Dns::TimeOut || found.delay > patience {
            self.clock.sleep_until(asked + patience).await;
            return MxAnswer::Failed.into();
        }
        if !found.delay.is_zero() {
            self.clock.sleep_until(asked + found.delay).await;
        }
        let route = MailRoute { fresh_for: found.ttl, ..answer(&found).into() };
        match self.policy(domain, &found) {
            Some(policy) => routes::under(&policy, route, domain),
            None => route,
        }
    }

    /// The policy that is in force for a domain.
    // RFC 8461 5.1: without an announcement, a policy that is kept stays in force
    fn policy(&self, domain: &Domain, found: &Lookup) -> Option<StsPolicy> {
        let (now, mut kept) = (self.clock.now(), self.policies.borrow_mut());
        if let Some(published) = &found.mta_sts
            && let Some(policy) = StsPolicy::parse(&published.page(&found.hosts(domain.as_str())))
        {
            let until = now + policy.max_age;
            kept.insert(domain.clone(), (policy, until));
        }
        kept.get(domain).filter(|(_, until)| now < *until).map(|(policy, _)| policy.clone())
    }
}

impl Resolver for Names {
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(self.route(domain))
    }
}

/// What an answer means for mail, as `host::dns` reads it.
fn answer(found: &Lookup) -> MxAnswer {
    match &found.answer {
        Dns::Hosts(records) => {
            let host = |record: &fleet::MxRecord| {
                Domain::parse(&record.host).ok().map(|host| (record.preference, host))
            };
            MxAnswer::Hosts(records.iter().filter_map(host).collect())
        }
        Dns::Implicit => MxAnswer::Implicit,
        Dns::Null => MxAnswer::Null,
        Dns::NoSuchDomain | Dns::NoData => MxAnswer::NoSuchDomain,
        Dns::ServerFailure | Dns::Bogus | Dns::Refused | Dns::TimeOut => MxAnswer::Failed,
    }
}
