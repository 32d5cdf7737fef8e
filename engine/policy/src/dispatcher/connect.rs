//! Sites get connections; and what it means if there are none.
//!
//! Apart from `resolve`, where domains become sites, and from `serve`, where connections that stand are put to work.

use std::sync::Arc;

use smtp::client::{End, Loss, StartTls};
use smtp::{Domain, Phase, ReplyFault};
use units::Instant;

use super::Dispatcher;
use crate::classify;
use crate::ids::{RecipientId, SiteId};
use crate::pace::Proven;
use crate::recipients::Progress;
use crate::tls::AfterHandshake;
use crate::verdict::Finding;

/// What to do about a host that did not come to a session.
#[derive(Debug)]
pub enum Detour {
    /// Connect to it again at once: another way of talking to it is left.
    SameHost,
    /// Report it with [`Dispatcher::host_failed`] and try the next host. This was found at it.
    NextHost(Finding),
}

impl Dispatcher {
    /// The hosts that a new connection to this site should try, in order.
    pub fn hosts(&mut self, site: SiteId, now: Instant) -> Vec<Domain> {
        let site = &mut self.sites[site.index()];
        site.dials += 1;
        site.route.hosts(now, self.draw.with(site.dials))
    }

    /// How a connection to this site that is about to be opened is to use TLS.
    pub fn starttls(&self, site: SiteId, now: Instant) -> StartTls {
        self.sites[site.index()].tls.starttls(now)
    }

    /// A session with a host of the site ended before its first transaction; `end` tells how. What to do about it: the
    /// failed handshake of a site that may be spoken to in plain text costs nobody an attempt.
    pub fn not_greeted(&mut self, site: SiteId, end: &End, now: Instant) -> Detour {
        let entry = &mut self.sites[site.index()];
        if is_broken_tls(end) && entry.tls.handshake_failed(now) == AfterHandshake::PlainText {
            return Detour::SameHost;
        }
        let finding = entry.reader.not_greeted(end);
        Detour::NextHost(match entry.tls.must() {
            Some(trust) if is_about_tls(end) => classify::without_tls(&finding, trust),
            Some(_) | None => finding,
        })
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
        if entry.tls.gives_way() {
            // The next connection is opened at once, and it is nobody's attempt.
        } else if entry.established > 0 {
            entry.pace.cap_connections(entry.established, now);
            if finding.verdict.disposition.slows_the_site() {
                self.slow_down(site, finding, now);
            }
        } else {
            entry.proven = Proven::No;
            self.charge_unreachable(site, finding, now);
        }
        self.serve(site, now);
    }

    /// The site could not be reached. If it said that it is about us, it is slowed, and nobody's attempt counts.
    fn charge_unreachable(&mut self, site: SiteId, finding: &Arc<Finding>, now: Instant) {
        if finding.verdict.disposition.slows_the_site() {
            return self.slow_down(site, finding, now);
        }
        let due = self.released(site, now);
        self.charge(&due, Some(site), finding, now);
    }

    /// A greeting said that the site is to be slowed. The account shows it at the first in the queue, who stands for all.
    fn slow_down(&mut self, site: SiteId, finding: &Arc<Finding>, now: Instant) {
        for first in self.take(site, 1, Instant::ZERO, now) {
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
        let due = self.take(site, room, Instant::ZERO, now);
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

    /// An attempt that needed no conversation: begun and ended at once, for each of `due` that may still be attempted.
    pub(super) fn charge(
        &mut self,
        due: &[RecipientId],
        site: Option<SiteId>,
        finding: &Arc<Finding>,
        now: Instant,
    ) {
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
}

/// Whether a session ended for want of TLS.
const fn is_about_tls(end: &End) -> bool {
    match end {
        End::Refused { phase, .. } | End::Failed { phase, .. } => matches!(phase, Phase::StartTls),
        End::Quit | End::ServerClosing { .. } => false,
    }
}

/// Whether the end of a session shows that the server's TLS does not work. Replies that were put before the handshake show
/// that somebody wants us to believe something: no reason to tell them everything in plain text.
const fn is_broken_tls(end: &End) -> bool {
    match end {
        End::Failed { loss: Loss::Garbled(ReplyFault::BeforeHandshake), .. } => false,
        End::Failed { phase, .. } => matches!(phase, Phase::StartTls),
        End::Refused { .. } | End::Quit | End::ServerClosing { .. } => false,
    }
}
