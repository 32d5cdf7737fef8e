//! Queues become connections, connections carry transactions.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use smtp::Domain;
use smtp::client::{Security, Transaction};
use units::Instant;

use super::{Action, Dispatcher};
use crate::classify::{self, Reader};
use crate::ids::{DomainId, MailingId, RecipientId, SiteId};
use crate::ledger::Fact;
use crate::mailing::{Content, Letter, Listed};
use crate::pace::Proven;
use crate::recipients::{Begun, Progress};
use crate::route::{MxAnswer, Route};
use crate::site::{Site, Tls};
use crate::verdict::{Evidence, Finding, Stage, Verdict};
use verdicts::RuleBook;

/// How long an answer of the DNS is used before it is asked for again.
pub const DNS_FRESH_FOR: Duration = Duration::from_secs(1800);

/// Recipients whose windows close further apart do not share a transaction.
const WINDOWS_ALIKE: Duration = Duration::from_secs(60);

/// How long a connection is kept open for a recipient that only the rate limit holds back.
const KEPT_OPEN_FOR: Duration = Duration::from_secs(5);

/// What a connection that is ready may do next.
#[derive(Debug)]
pub enum Admission {
    /// Carry this out.
    Send(Job),
    /// Ask again at this moment.
    Wait(Instant),
    /// Nothing: say QUIT.
    Quit,
}

/// A connection that stands, as far as it matters for what it carries.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// What the connector calls it.
    pub number: u32,
    /// The host at its other end.
    pub host: Domain,
    /// Whether it is inside TLS.
    pub security: Security,
}

/// A transaction with the recipients it is for.
#[derive(Debug)]
pub struct Job {
    transaction: Option<Transaction>,
    /// When it must be given up: the first window of its recipients closes.
    pub deadline: Instant,
    pub(super) site: SiteId,
    pub(super) carrier: Carrier,
    pub(super) recipients: Vec<RecipientId>,
    /// Messages carried before it by the same connection.
    pub(super) messages_before: u32,
}

impl Job {
    /// What is to be said.
    ///
    /// # Panics
    /// It was taken before: a bug of the shell.
    pub fn take_transaction(&mut self) -> Transaction {
        self.transaction.take().expect("a transaction is carried once")
    }
}

impl Dispatcher {
    /// The DNS answered.
    pub fn resolved(&mut self, domain: DomainId, answer: MxAnswer, now: Instant) {
        let waiting = std::mem::take(&mut self.domains[domain.index()].waiting);
        let hosts = match answer {
            MxAnswer::Hosts(hosts) if !hosts.is_empty() => hosts,
            MxAnswer::Implicit => vec![(0, self.domains[domain.index()].name.clone())],
            MxAnswer::Null => return self.refuse(&waiting, "the domain takes no mail (null MX)", now),
            MxAnswer::NoSuchDomain => return self.refuse(&waiting, "no such domain", now),
            MxAnswer::Hosts(_) | MxAnswer::Failed => {
                return self.fail(
                    &waiting,
                    &classify::UNREACHABLE,
                    Stage::Dns,
                    "the name server failed",
                    now,
                );
            }
        };
        let site = self.site_of(hosts, domain);
        let destination = &mut self.domains[domain.index()];
        destination.site = Some(site);
        destination.fresh_until = now + DNS_FRESH_FOR;
        self.sites[site.index()].ready.extend(waiting);
        self.serve(site, now);
    }

    /// The hosts that a new connection to this site should try, in order.
    pub fn hosts(&mut self, site: SiteId, now: Instant) -> Vec<Domain> {
        let site = &mut self.sites[site.index()];
        site.dials += 1;
        site.route.hosts(now, self.draw.with(site.dials))
    }

    /// How a connection to this site that is about to be opened is to carry mail. A host that cannot, or does not want to,
    /// is reported with [`Self::host_failed`], like one that cannot be reached; mail is never sent in another way instead.
    pub fn security(&self, site: SiteId) -> Security {
        self.sites[site.index()].security
    }

    /// A host could not be reached, or did not want to talk; the connection tries the next.
    pub fn host_failed(&mut self, site: SiteId, host: &Domain, now: Instant) {
        self.sites[site.index()].route.failed(host, now);
    }

    /// A connection to `host` stands and has been greeted.
    pub fn connected(&mut self, site: SiteId, host: &Domain, now: Instant) {
        let entry = &mut self.sites[site.index()];
        entry.route.connected(host);
        entry.proven = Proven::Yes;
        entry.established += 1;
        self.serve(site, now);
    }

    /// No host of the site could be reached; `finding` is about the last one tried. If no other connection stands, this
    /// is an attempt for everybody who is due; otherwise it only means that the site wants no more connections.
    pub fn unreachable(&mut self, site: SiteId, finding: &Arc<Finding>, now: Instant) {
        let entry = &mut self.sites[site.index()];
        entry.open -= 1;
        if entry.security == Security::Tls && entry.tls == Tls::NotNeeded {
            // It took mail in plain text before and cannot be reached over TLS: who demanded TLS is not the site.
            (entry.security, entry.tls) = (Security::Plain, Tls::NotToBeHad);
        } else if entry.established > 0 {
            entry.pace.cap_connections(entry.established, now);
            if finding.verdict.disposition.slows_the_site() {
                self.learn(site, finding, now);
            }
        } else {
            entry.proven = Proven::No;
            self.charge_unreachable(site, finding, now);
        }
        self.serve(site, now);
    }

    /// How to read the answers of a site.
    pub fn reader(&self, site: SiteId) -> Reader {
        self.sites[site.index()].reader
    }

    /// The site could not be reached. If it said that it is about us, it is slowed, and nobody's attempt counts: the first in the
    /// queue stands for all.
    fn charge_unreachable(&mut self, site: SiteId, finding: &Arc<Finding>, now: Instant) {
        if !finding.verdict.disposition.slows_the_site() {
            let due = self.released(site, now);
            return self.charge(&due, Some(site), finding, now);
        }
        for first in self.take(site, 1, now) {
            self.begin_attempt(first, Some(site), 0, now);
            self.conclude(first, finding, now);
            if self.recipients.row(first).progress == Progress::Queued {
                self.sites[site.index()].ready.push_front(first);
            }
        }
        self.learn(site, finding, now);
    }

    /// Those that a failure to reach the site is an attempt for: everybody who is due; under a rate limit only as many as it
    /// lets go now, because the others wait for us.
    fn released(&mut self, site: SiteId, now: Instant) -> Vec<RecipientId> {
        let entry = &mut self.sites[site.index()];
        if entry.pace.limits().rate.is_none() {
            return entry.ready.drain(..).collect();
        }
        let room = entry.pace.recipients_now();
        let due = self.take(site, room, now);
        self.sites[site.index()].pace.spend(due.len(), now);
        due
    }

    /// A connection to `host` that stood is closed.
    pub fn closed(&mut self, site: SiteId, host: &Domain, now: Instant) {
        let entry = &mut self.sites[site.index()];
        entry.route.closed(host);
        entry.open -= 1;
        entry.established -= 1;
        self.serve(site, now);
    }

    /// What `carrier`, a connection to `site` which has carried `messages` so far, may do next.
    pub fn next_job(&mut self, site: SiteId, carrier: &Carrier, messages: u32, now: Instant) -> Admission {
        self.skip_who_left(site);
        let entry = &mut self.sites[site.index()];
        if let Some(place) = entry.spent.iter().position(|spent| *spent == carrier.number) {
            entry.spent.swap_remove(place);
            return Admission::Quit;
        }
        if entry.route.is_worse_than_another(&carrier.host, now) || entry.security != carrier.security {
            return Admission::Quit;
        }
        let entry = &self.sites[site.index()];
        if messages >= entry.pace.limits().messages_per_connection || entry.ready.is_empty() {
            return Admission::Quit;
        }
        let earliest = entry.pace.earliest();
        if earliest > now {
            return if earliest.since(now) <= KEPT_OPEN_FOR {
                Admission::Wait(earliest)
            } else {
                Admission::Quit
            };
        }
        let mut recipients = self.take(site, entry.pace.recipients_now(), now);
        let Some(first) = recipients.first().copied() else { return Admission::Quit };
        self.keep_apart(site, &mut recipients);
        self.sites[site.index()].pace.spend(recipients.len(), now);
        let Letter { sender, body } = self.letter(first);
        let transaction = Transaction {
            sender,
            body,
            recipients: recipients.iter().map(|recipient| self.address(*recipient)).collect(),
        };
        let deadline =
            recipients.iter().map(|recipient| self.window_end(*recipient)).min().unwrap_or(Instant::MAX);
        for recipient in &recipients {
            self.begin_attempt(*recipient, Some(site), carrier.number, now);
        }
        Admission::Send(Job {
            transaction: Some(transaction),
            deadline,
            site,
            carrier: carrier.clone(),
            recipients,
            messages_before: messages,
        })
    }

    /// Leaves only the first in a transaction whose message is for one person; the others go back to the head of the queue.
    fn keep_apart(&mut self, site: SiteId, recipients: &mut Vec<RecipientId>) {
        match &self.running(recipients[0]).mailing.content {
            Content::Shared(_) => {}
            Content::Personal(_) => {
                let ready = &mut self.sites[site.index()].ready;
                recipients.drain(1..).rev().for_each(|recipient| ready.push_front(recipient));
            }
        }
    }

    /// What is sent to a recipient.
    fn letter(&self, recipient: RecipientId) -> Letter {
        let row = self.recipients.row(recipient);
        let line = Listed { contact: row.contact, position: row.position };
        let address = &self.contacts[row.contact.index()].address;
        self.mailings[row.mailing.index()].mailing.content.letter(line, address)
    }

    /// Takes those off the head of a queue who left meanwhile: nobody connects for their sake.
    fn skip_who_left(&mut self, site: SiteId) {
        let ready = &mut self.sites[site.index()].ready;
        while ready.front().is_some_and(|first| self.recipients.row(*first).progress != Progress::Queued) {
            ready.pop_front();
        }
    }

    /// Up to `room` recipients of one mailing whose turn it is, and whose windows close at about the same time: when the
    /// first of them closes, the whole transaction is broken off.
    fn take(&mut self, site: SiteId, room: usize, now: Instant) -> Vec<RecipientId> {
        let mut taken = Vec::new();
        let mut mailing: Option<MailingId> = None;
        while taken.len() < room {
            self.skip_who_left(site);
            let Some(recipient) = self.sites[site.index()].ready.front().copied() else { break };
            let row = self.recipients.row(recipient);
            if mailing.is_some_and(|mailing| mailing != row.mailing) {
                break;
            }
            let closes = self.window_end(recipient);
            if closes <= now {
                self.sites[site.index()].ready.pop_front();
                self.close_window(recipient, now);
                continue;
            }
            let alike = |first: &RecipientId| {
                let others = self.window_end(*first);
                closes.max(others).since(closes.min(others)) <= WINDOWS_ALIKE
            };
            if !taken.first().is_none_or(alike) {
                break;
            }
            mailing = Some(row.mailing);
            self.sites[site.index()].ready.pop_front();
            taken.push(recipient);
        }
        taken
    }

    /// An attempt is begun for a recipient.
    fn begin_attempt(&mut self, recipient: RecipientId, site: Option<SiteId>, connection: u32, now: Instant) {
        let row = self.recipients.row_mut(recipient);
        row.progress = Progress::InFlight;
        let attempt = row.attempts + 1;
        if row.begun == Begun::No {
            row.begun = Begun::Yes;
            self.mailings[row.mailing.index()].metrics.begin();
        }
        self.note(now, recipient, Fact::AttemptBegun { attempt, site, connection });
    }

    /// An attempt that needed no conversation: begun and ended at once, for each of `due` that may still be attempted.
    fn charge(&mut self, due: &[RecipientId], site: Option<SiteId>, finding: &Arc<Finding>, now: Instant) {
        for recipient in due {
            if self.recipients.row(*recipient).progress != Progress::Queued {
                continue;
            }
            if self.window_end(*recipient) <= now {
                self.close_window(*recipient, now);
                continue;
            }
            self.begin_attempt(*recipient, site, 0, now);
            self.conclude(*recipient, finding, now);
        }
    }

    fn refuse(&mut self, waiting: &[RecipientId], words: &'static str, now: Instant) {
        self.fail(waiting, &classify::BAD_DOMAIN, Stage::Dns, words, now);
    }

    fn fail(
        &mut self,
        due: &[RecipientId],
        verdict: &Verdict,
        stage: Stage,
        words: &'static str,
        now: Instant,
    ) {
        let finding = Arc::new(Finding { stage, evidence: Evidence::Instead(words), verdict: *verdict });
        self.charge(due, None, &finding, now);
    }

    pub(super) fn address(&self, recipient: RecipientId) -> smtp::Address {
        self.contacts[self.recipients.row(recipient).contact.index()].address.clone()
    }

    /// The site that these hosts make up. Who runs it is told by their names, most preferred first, or else by a domain it serves.
    fn site_of(&mut self, mut hosts: Vec<(u16, Domain)>, domain: DomainId) -> SiteId {
        hosts.sort();
        let rules = RuleBook::shipped();
        let domain = self.domains[domain.index()].name.as_str();
        let by_domain = || rules.recognise(None, Some(domain));
        if let Some(site) = self.site_by_hosts.get(&hosts).copied() {
            let known = self.sites[site.index()].reader.provider.or_else(by_domain);
            self.sites[site.index()].reader.provider = known;
            return site;
        }
        let by_host = hosts.iter().find_map(|(_, host)| rules.recognise(Some(host.as_str()), Some(domain)));
        let reader = Reader { provider: by_host };
        let site = SiteId::from_index(self.sites.len());
        self.sites.push(Site::new(Route::new(&hosts), reader, self.limits));
        self.site_by_hosts.insert(hosts, site);
        site
    }

    /// Remembers to look at a site once everything that is due has been queued.
    pub(super) fn touch(&mut self, site: SiteId) {
        if self.touched.last() != Some(&site) {
            self.touched.push(site);
        }
    }

    /// Looks at every site that got work.
    pub(super) fn serve_touched(&mut self, now: Instant) {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().for_each(|site| self.serve(site, now));
    }

    /// Opens as many connections as the queue of a site is worth now, or arranges to look at it again.
    pub(super) fn serve(&mut self, site: SiteId, now: Instant) {
        self.skip_who_left(site);
        let entry = &mut self.sites[site.index()];
        let wanted = entry.pace.connections_wanted(entry.ready.len(), entry.proven, now);
        if wanted == 0 {
            return;
        }
        let earliest = entry.pace.earliest();
        if earliest > now {
            if entry.wake_at.is_none_or(|at| at > earliest) {
                entry.wake_at = Some(earliest);
                self.site_wakes.push(Reverse((earliest, site)));
            }
            return;
        }
        while entry.open < wanted {
            entry.open += 1;
            self.actions.push_back(Action::Connect(site));
        }
    }
}
