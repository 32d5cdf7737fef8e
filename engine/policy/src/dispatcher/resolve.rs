//! Domains become sites: what the DNS says, how long it is believed, and what follows when it says something else.
//!
//! An answer is used as long as it may be kept. After that the DNS is asked again when the site has work: when somebody else
//! is due, and before a connection is opened for those who are. Connections that stand go on: what is kept is which hosts
//! they may be opened to. Who is queued moves with the domain to its new site, and shares what becomes of it if there is none.

use std::sync::Arc;

use smtp::Domain;
use units::Instant;
use verdicts::RuleBook;

use super::{Action, Dispatcher, Question};
use crate::classify::{self, Reader};
use crate::ids::{DomainId, RecipientId, SiteId};
use crate::recipients::Progress;
use crate::route::{MailRoute, MxAnswer, Route, TlsDemand};
use crate::site::Site;
use crate::tls::SiteTls;
use crate::verdict::{Evidence, Finding, Stage, Verdict};

/// Why a domain has no site, in words.
type Nowhere = (Verdict, &'static str);

impl Dispatcher {
    /// The DNS answered.
    pub fn resolved(&mut self, domain: DomainId, route: MailRoute, now: Instant) {
        let fresh_until = route.fresh_until(now);
        let found = self.site_for(domain, route);
        let destination = &mut self.domains[domain.index()];
        let waiting = std::mem::take(&mut destination.waiting);
        let question = std::mem::replace(&mut destination.question, Question::None);
        let before = destination.site;
        let mut due = match before {
            Some(site) if found != Ok(site) => self.take_out(site, domain),
            Some(_) | None => Vec::new(),
        };
        due.extend(waiting);
        match found {
            Ok(site) => self.settle_at(domain, site, fresh_until, due),
            Err((verdict, words)) => self.fail(&due, &verdict, words, now),
        }
        if let Question::AwaitedBy(site) = question {
            self.sites[site.index()].awaited -= 1;
            self.serve(site, now);
        }
        if let Ok(site) = found {
            self.serve(site, now);
        }
    }

    /// Which site a domain goes to, as the DNS says.
    fn site_for(&mut self, domain: DomainId, route: MailRoute) -> Result<SiteId, Nowhere> {
        let (hosts, speaks_for) = match route.hosts {
            MxAnswer::Hosts(hosts) if !hosts.is_empty() => (hosts, Some(domain)),
            MxAnswer::Implicit => (vec![(0, self.domains[domain.index()].name.clone())], Some(domain)),
            MxAnswer::Relay(host) => (vec![(0, host)], None),
            MxAnswer::Null => return Err((classify::BAD_DOMAIN, "the domain takes no mail (null MX)")),
            MxAnswer::NoSuchDomain => return Err((classify::BAD_DOMAIN, "no such domain")),
            // Nobody knows at present which host takes the mail; somebody may later.
            MxAnswer::Hosts(_) | MxAnswer::Failed => {
                return Err((classify::UNREACHABLE, "the name server failed"));
            }
            MxAnswer::NotAdmitted => {
                return Err((classify::UNREACHABLE, "the domain's MTA-STS policy admits none of its hosts"));
            }
        };
        Ok(self.site_of(hosts, route.tls, speaks_for))
    }

    /// The domain's mail goes to this site, that of `due` first of all.
    fn settle_at(&mut self, domain: DomainId, site: SiteId, fresh_until: Instant, due: Vec<RecipientId>) {
        let destination = &mut self.domains[domain.index()];
        destination.site = Some(site);
        destination.fresh_until = fresh_until;
        let entry = &mut self.sites[site.index()];
        entry.fresh_until = entry.fresh_until.min(fresh_until);
        entry.ready.extend(due);
    }

    /// Takes those of a domain who are queued at a site out of its queue.
    fn take_out(&mut self, site: SiteId, domain: DomainId) -> Vec<RecipientId> {
        let ready = std::mem::take(&mut self.sites[site.index()].ready);
        let (leaving, staying): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|recipient| self.domain_of(*recipient) == domain);
        self.sites[site.index()].ready = staying.into();
        leaving
    }

    fn domain_of(&self, recipient: RecipientId) -> DomainId {
        self.contacts[self.recipients.row(recipient).contact.index()].domain
    }

    fn fail(&mut self, due: &[RecipientId], verdict: &Verdict, words: &'static str, now: Instant) {
        let evidence = Evidence::Instead(words);
        let finding = Arc::new(Finding { stage: Stage::Dns, evidence, verdict: *verdict });
        self.charge(due, None, &finding, now);
    }

    /// Puts a queued recipient into the queue of its site, or lets it wait for the DNS.
    pub(super) fn enqueue(&mut self, recipient: RecipientId, now: Instant) {
        let domain = self.domain_of(recipient);
        let destination = &mut self.domains[domain.index()];
        match destination.site {
            Some(site) if now < destination.fresh_until => {
                self.keep_fresh(site, recipient);
                self.sites[site.index()].ready.push_back(recipient);
                self.touch(site);
            }
            Some(_) | None => {
                destination.waiting.push(recipient);
                self.look_up(domain);
            }
        }
    }

    /// Asks the DNS about a domain, unless it has been asked and has not answered.
    fn look_up(&mut self, domain: DomainId) {
        let destination = &mut self.domains[domain.index()];
        if destination.question == Question::None {
            destination.question = Question::Asked;
            self.actions.push_back(Action::Resolve(domain));
        }
    }

    /// A recipient is about to be queued at a site: what is known of its domain counts there, too.
    pub(super) fn keep_fresh(&mut self, site: SiteId, recipient: RecipientId) {
        let destination = &self.domains[self.domain_of(recipient).index()];
        let is_at_home = destination.site == Some(site);
        let fresh_until = if is_at_home { destination.fresh_until } else { Instant::ZERO };
        let entry = &mut self.sites[site.index()];
        entry.fresh_until = entry.fresh_until.min(fresh_until);
    }

    /// Whether a site must wait for the DNS before it opens connections: what is known about somebody in its queue may be used
    /// no longer. The DNS is asked then.
    pub(super) fn must_ask_first(&mut self, site: SiteId, now: Instant) -> bool {
        if self.sites[site.index()].fresh_until <= now {
            self.ask_again(site, now);
        }
        let entry = &self.sites[site.index()];
        entry.awaited > 0 || entry.ready.is_empty()
    }

    /// Asks the DNS about the domains of those who are queued at a site, where what is known may be used no longer.
    fn ask_again(&mut self, site: SiteId, now: Instant) {
        let queue = &self.sites[site.index()].ready;
        let is_queued =
            |recipient: &&RecipientId| self.recipients.row(**recipient).progress == Progress::Queued;
        let mut domains: Vec<DomainId> =
            queue.iter().filter(is_queued).map(|recipient| self.domain_of(*recipient)).collect();
        domains.dedup();
        domains.sort_unstable();
        domains.dedup();
        let mut fresh_until = Instant::MAX;
        for domain in domains {
            let destination = &self.domains[domain.index()];
            if destination.site != Some(site) {
                // The domain moved while their attempt was under way.
                let movers = self.take_out(site, domain);
                let home = self.domains[domain.index()].site;
                movers.into_iter().for_each(|recipient| self.enqueue(recipient, now));
                home.into_iter().for_each(|home| self.serve(home, now));
            } else if destination.fresh_until <= now {
                self.await_answer(site, domain);
            } else {
                fresh_until = fresh_until.min(destination.fresh_until);
            }
        }
        self.sites[site.index()].fresh_until = fresh_until;
    }

    /// The site opens no connections before the DNS answers about a domain.
    fn await_answer(&mut self, site: SiteId, domain: DomainId) {
        self.look_up(domain);
        let destination = &mut self.domains[domain.index()];
        if destination.question == Question::Asked {
            destination.question = Question::AwaitedBy(site);
            self.sites[site.index()].awaited += 1;
        }
    }

    /// The site that these hosts make up. What is demanded of connections is part of it: two domains with the same hosts and
    /// another demand are two sites, because a connection that is good for one may not be for the other.
    /// Who runs it is told by their names, most preferred first, or else by a domain it serves.
    fn site_of(&mut self, mut hosts: Vec<(u16, Domain)>, tls: TlsDemand, domain: Option<DomainId>) -> SiteId {
        hosts.sort();
        let rules = RuleBook::shipped();
        let domain = domain.map(|domain| self.domains[domain.index()].name.as_str());
        let by_domain = || domain.and_then(|domain| rules.recognise(None, Some(domain)));
        let route = (tls, hosts);
        if let Some(site) = self.site_by_route.get(&route).copied() {
            let known = self.sites[site.index()].reader.provider.or_else(by_domain);
            self.sites[site.index()].reader.provider = known;
            return site;
        }
        let hosts = &route.1;
        let by_host = hosts.iter().find_map(|(_, host)| rules.recognise(Some(host.as_str()), domain));
        let reader = Reader { provider: by_host };
        let site = SiteId::from_index(self.sites.len());
        self.sites.push(Site::new(Route::new(hosts), SiteTls::new(self.tls, tls), reader, self.limits));
        self.site_by_route.insert(route, site);
        site
    }
}
