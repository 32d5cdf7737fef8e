//! MTA-STS: what domains demand of those who deliver to them, looked up, fetched and remembered.
//!
//! A domain announces a policy in the DNS and publishes it over HTTPS; it is kept as long as it says. Whoever can forge the
//! DNS can hide a policy that nobody has seen yet, but not one that is kept.
//!
//! RFC 8461 3 (policy), 4 (what it demands), 5.1 (when it is fetched anew).

mod fetch;
mod policy;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use engine::clock::Clock;
use smtp::Domain;
use units::Instant;

use crate::dial::Dialer;
use crate::dns::DnsResolver;
use crate::tls::Tls;

pub use fetch::PolicyHosts;
pub use policy::{Mode, StsPolicy};

use fetch::{Fetcher, NoPolicy};

/// Most domains that something is kept about. Of more, those whose time is over first are forgotten.
const DOMAINS_KEPT: usize = 10_000;

/// How long a policy that could not be fetched is not asked for again.
// RFC 8461 3.3: suggested: five minutes or longer
const NOT_AGAIN_FOR: Duration = Duration::from_secs(300);

/// Knows what domains demand.
#[derive(Debug)]
pub struct MtaSts {
    dns: Rc<DnsResolver>,
    fetcher: Fetcher,
    clock: Clock,
    kept: RefCell<BTreeMap<Domain, Kept>>,
}

/// What is known about a domain.
#[derive(Debug, Clone, Default)]
struct Kept {
    policy: Option<Held>,
    failure: Option<Failure>,
}

/// A policy that was fetched.
#[derive(Debug, Clone)]
struct Held {
    policy: StsPolicy,
    /// Under which id it was announced.
    id: String,
    /// Until when it is in force.
    until: Instant,
}

/// A policy that could not be fetched.
#[derive(Debug, Clone)]
struct Failure {
    /// Under which id it is announced.
    id: String,
    /// When it may be tried again.
    again: Instant,
}

impl MtaSts {
    /// Asks `dns` for announcements, and fetches policies through `dialer` and `tls`.
    pub fn new(dns: Rc<DnsResolver>, dialer: Dialer, tls: Tls, hosts: PolicyHosts, clock: Clock) -> Self {
        let fetcher = Fetcher { dialer, tls, hosts, clock: clock.clone() };
        Self { dns, fetcher, clock, kept: RefCell::default() }
    }

    /// The policy that is in force for `domain`; none if there is none.
    pub async fn policy(&self, domain: &Domain) -> Option<StsPolicy> {
        let records = self.dns.texts(&format!("_mta-sts.{domain}")).await;
        let kept = self.kept.borrow().get(domain).cloned().unwrap_or_default();
        let now = self.clock.now();
        // RFC 8461 5.1: without an announcement, a policy that is kept stays in force
        match records.as_deref().ok().and_then(policy::announced) {
            Some(id) if kept.is_outdated_by(id, now) => self.fetch(domain, id, kept).await,
            Some(_) | None => kept.in_force(now),
        }
    }

    /// Fetches a policy that has been announced; if that fails, the one before stays in force as long as it would have.
    async fn fetch(&self, domain: &Domain, id: &str, mut kept: Kept) -> Option<StsPolicy> {
        let fetched = self.fetcher.fetch(domain).await;
        let (now, id) = (self.clock.now(), id.to_owned());
        match fetched {
            Ok(policy) => {
                let until = now + policy.max_age;
                kept = Kept { policy: Some(Held { policy, id, until }), failure: None };
            }
            Err(NoPolicy) => kept.failure = Some(Failure { id, again: now + NOT_AGAIN_FOR }),
        }
        let in_force = kept.in_force(now);
        self.keep(domain, kept);
        in_force
    }

    fn keep(&self, domain: &Domain, kept: Kept) {
        let mut all = self.kept.borrow_mut();
        if all.len() >= DOMAINS_KEPT
            && !all.contains_key(domain)
            && let Some(first) =
                all.iter().min_by_key(|(_, kept)| kept.until()).map(|(domain, _)| domain.clone())
        {
            all.remove(&first);
        }
        all.insert(domain.clone(), kept);
    }
}

impl Kept {
    fn in_force(&self, now: Instant) -> Option<StsPolicy> {
        self.policy.as_ref().filter(|held| now < held.until).map(|held| held.policy.clone())
    }

    /// Whether the policy that is announced under `id` is to be fetched.
    fn is_outdated_by(&self, id: &str, now: Instant) -> bool {
        let is_held = self.policy.as_ref().is_some_and(|held| held.id == id && now < held.until);
        let is_in_vain = self.failure.as_ref().is_some_and(|failure| failure.id == id && now < failure.again);
        !is_held && !is_in_vain
    }

    /// Until when it is of use.
    fn until(&self) -> Instant {
        let policy = self.policy.as_ref().map_or(Instant::ZERO, |held| held.until);
        policy.max(self.failure.as_ref().map_or(Instant::ZERO, |failure| failure.again))
    }
}
