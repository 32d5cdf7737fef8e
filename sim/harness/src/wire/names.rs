//! The DNS of the fleet, asked in memory: the same on every wire under virtual time.

use std::cell::RefCell;
use std::rc::Rc;

use engine::port::{Later, Resolver};
use fleet::{Dns, Fleet};
use policy::route::{MailRoute, MxAnswer};
use smtp::Domain;

/// What the fleet says about domains.
pub(crate) struct Names(pub(crate) Rc<RefCell<Fleet>>);

impl Resolver for Names {
    fn mx<'a>(&'a self, domain: &'a Domain) -> Later<'a, MailRoute> {
        let answer = match self.0.borrow().mx(domain.as_str()) {
            Dns::Hosts(records) => {
                let host = |record: &fleet::MxRecord| {
                    Domain::parse(&record.host).ok().map(|host| (record.preference, host))
                };
                MxAnswer::Hosts(records.iter().filter_map(host).collect())
            }
            Dns::Implicit => MxAnswer::Implicit,
            Dns::Null => MxAnswer::Null,
            Dns::NoSuchDomain => MxAnswer::NoSuchDomain,
            Dns::ServerFailure => MxAnswer::Failed,
        };
        Box::pin(async move { answer.into() })
    }
}
