//! How mail gets to a domain: the engine's [`Resolver`], put together from the DNS and the policies of domains.

use std::rc::Rc;

use engine::port::{Later, Resolver};
use policy::route::{MailRoute, MxAnswer, TlsDemand};
use smtp::Domain;

use crate::dns::{DnsResolver, Exchangers};
use crate::endpoint::{Endpoint, Place};
use crate::sts::{Mode, MtaSts, StsPolicy};

/// Routes as the DNS says, and as the domains' policies demand if somebody looks at them.
#[derive(Debug)]
pub struct MailRoutes {
    dns: Rc<DnsResolver>,
    sts: Option<MtaSts>,
}

impl MailRoutes {
    /// Routes as the DNS says. Whoever can forge its answers decides.
    pub const fn new(dns: Rc<DnsResolver>) -> Self {
        Self { dns, sts: None }
    }

    /// The same, but what domains demand is kept to.
    #[must_use]
    pub fn with_policies(mut self, sts: MtaSts) -> Self {
        self.sts = Some(sts);
        self
    }

    async fn route(&self, domain: &Domain) -> MailRoute {
        let Exchangers { hosts, fresh_for } = self.dns.mx(domain).await;
        let route = MailRoute { fresh_for, ..hosts.into() };
        let Some(sts) = &self.sts else { return route };
        match &route.hosts {
            MxAnswer::Hosts(_) | MxAnswer::Implicit => match sts.policy(domain).await {
                Some(policy) => under(&policy, route, domain),
                None => route,
            },
            MxAnswer::Relay(_)
            | MxAnswer::Null
            | MxAnswer::NoSuchDomain
            | MxAnswer::Failed
            | MxAnswer::NotAdmitted => route,
        }
    }
}

impl Resolver for MailRoutes {
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(self.route(domain))
    }
}

/// The mail of every domain goes to one relay, whatever the DNS says: one site, with one set of limits, whose certificate
/// must be the relay's where it is checked.
#[derive(Debug, Clone)]
pub struct ToRelay(Domain);

impl ToRelay {
    /// The relay's name; of one that is known by its address, what is dialled. An IPv6 address has no such form and is
    /// called `relay.invalid`, which no certificate is for.
    pub fn new(relay: &Endpoint) -> Self {
        let unnamed = || Domain::parse("relay.invalid").expect("a reserved name is a domain");
        Self(match &relay.host {
            Place::Name(name) => name.clone(),
            Place::Addresses(addresses) => addresses
                .first()
                .and_then(|address| Domain::parse(&address.to_string()).ok())
                .unwrap_or_else(unnamed),
        })
    }
}

impl Resolver for ToRelay {
    fn mx<'a>(&'a self, _: &'a Domain) -> Later<'a, MailRoute> {
        Box::pin(async { MxAnswer::Relay(self.0.clone()).into() })
    }
}

/// What a policy makes of the route to a domain.
// RFC 8461 4.1, 5: only a policy in mode `enforce` keeps mail from a host
pub fn under(policy: &StsPolicy, route: MailRoute, domain: &Domain) -> MailRoute {
    match policy.mode {
        Mode::Enforce => MailRoute {
            hosts: admitted(policy, route.hosts, domain),
            tls: TlsDemand::Verified,
            fresh_for: route.fresh_for,
        },
        Mode::Testing | Mode::None => route,
    }
}

fn admitted(policy: &StsPolicy, hosts: MxAnswer, domain: &Domain) -> MxAnswer {
    match hosts {
        MxAnswer::Hosts(mut hosts) => {
            hosts.retain(|(_, host)| policy.admits(host));
            if hosts.is_empty() { MxAnswer::NotAdmitted } else { MxAnswer::Hosts(hosts) }
        }
        MxAnswer::Implicit if policy.admits(domain) => MxAnswer::Implicit,
        MxAnswer::Implicit => MxAnswer::NotAdmitted,
        other @ (MxAnswer::Relay(_)
        | MxAnswer::Null
        | MxAnswer::NoSuchDomain
        | MxAnswer::Failed
        | MxAnswer::NotAdmitted) => other,
    }
}
