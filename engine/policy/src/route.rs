//! Which hosts to try for a domain, in which order (RFC 5321 5.1, RFC 7505).

use std::time::Duration;

use smtp::Domain;
use units::{Draw, Instant};

/// What the DNS says about a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MxAnswer {
    /// These mail exchangers, with their preference (lower is better), in any order.
    Hosts(Vec<(u16, Domain)>),
    /// No MX record, but the domain itself has an address: it is its own mail exchanger.
    Implicit,
    /// Its mail goes to this host, as that of other domains may: a relay of ours, whose words say nothing about who
    /// provides the domain's mailboxes.
    Relay(Domain),
    /// A null MX: the domain takes no mail.
    Null,
    /// The domain does not exist.
    NoSuchDomain,
    /// The name server failed or did not answer.
    Failed,
    /// It has mail exchangers, but a policy of its own (MTA-STS) admits none of them.
    // RFC 8461 5: the message is tried again later, because the records or the policy may change
    NotAdmitted,
}

/// How mail gets to a domain: what a resolver finds out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRoute {
    /// Which hosts take its mail.
    pub hosts: MxAnswer,
    /// What the domain demands of connections to them.
    pub tls: TlsDemand,
    /// How long that may be used before it is asked for again, as whoever answered says; `None` if nobody said it, which is
    /// half an hour.
    pub fresh_for: Option<Duration>,
}

/// How long an answer of the DNS is used if it does not say it.
pub const DNS_FRESH_FOR: Duration = Duration::from_secs(1800);

/// However short an answer may be kept, it is used for so long: a queue that is worked off for hours under a limit does not
/// ask the DNS for each message.
// RFC 1035 3.2.1 lets a TTL of zero be used for the transaction in progress only; half a minute is one of ours.
pub const DNS_FRESH_AT_LEAST: Duration = Duration::from_secs(30);

/// However long an answer may be kept, after so long it is asked for again: longer than that nobody wants to wait for a
/// mistake to be repaired.
// What resolvers take as their bound (unbound: cache-max-ttl); RFC 8767 4 recommends up to seven days.
pub const DNS_FRESH_AT_MOST: Duration = Duration::from_secs(24 * 3600);

/// Whether a domain demands that its mail travels inside TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TlsDemand {
    /// It does not say so.
    #[default]
    None,
    /// It does, with a valid certificate in the name of the host: a policy of its own is in force (MTA-STS).
    // RFC 8461 5: mode `enforce`: no mail to a host whose certificate is not valid, or without STARTTLS
    Verified,
}

impl MailRoute {
    /// Until when this may be used, if it is known from `now` on.
    pub(crate) fn fresh_until(&self, now: Instant) -> Instant {
        let fresh_for = self.fresh_for.unwrap_or(DNS_FRESH_FOR);
        now + fresh_for.clamp(DNS_FRESH_AT_LEAST, DNS_FRESH_AT_MOST)
    }
}

impl From<MxAnswer> for MailRoute {
    /// A route that nothing is demanded of, and of which nobody says how long it may be kept.
    fn from(hosts: MxAnswer) -> Self {
        Self { hosts, tls: TlsDemand::None, fresh_for: None }
    }
}

/// How long a host that could not be reached is left alone while others of its site can be tried.
pub const HOST_AVOIDED_FOR: Duration = Duration::from_secs(600);

/// The hosts of a site, and which of them failed lately.
#[derive(Debug)]
pub struct Route {
    hosts: Vec<Host>,
}

#[derive(Debug)]
struct Host {
    preference: u16,
    name: Domain,
    avoid_until: Instant,
    /// Until when it counts as one that does not serve the recipients.
    refuses_until: Instant,
    /// Connections to it that stand.
    standing: u32,
}

impl Route {
    /// A route over these hosts. Their order here does not matter.
    pub fn new(hosts: &[(u16, Domain)]) -> Self {
        let mut hosts: Vec<Host> = hosts
            .iter()
            .map(|(preference, name)| Host {
                preference: *preference,
                name: name.clone(),
                avoid_until: Instant::ZERO,
                refuses_until: Instant::ZERO,
                standing: 0,
            })
            .collect();
        hosts.sort_by(|a, b| (a.preference, &a.name).cmp(&(b.preference, &b.name)));
        Self { hosts }
    }

    /// The hosts to try now, in this order: the most preferred first, equal ones in an order drawn from `draw`, and
    /// those that failed lately at the end (not left out: all may have failed).
    pub fn hosts(&self, now: Instant, draw: Draw) -> Vec<Domain> {
        let mut order: Vec<(bool, u16, u64, &Host)> = self
            .hosts
            .iter()
            .map(|host| {
                (host.is_avoided(now), host.preference, draw.with_text(host.name.as_str()).number(), host)
            })
            .collect();
        order.sort_by_key(|(avoided, preference, drawn, _)| (*avoided, *preference, *drawn));
        order.into_iter().map(|(.., host)| host.name.clone()).collect()
    }

    /// The host could not be reached, or refused a connection. While others to it stand, it only wants no more of them.
    pub fn failed(&mut self, name: &Domain, now: Instant) {
        self.with_host(name, |host| {
            if host.standing == 0 {
                host.avoid_until = now + HOST_AVOIDED_FOR;
            }
        });
    }

    /// A connection to the host stands.
    pub fn connected(&mut self, name: &Domain) {
        self.with_host(name, |host| {
            host.avoid_until = Instant::ZERO;
            host.standing += 1;
        });
    }

    /// A connection to the host that stood is closed.
    pub fn closed(&mut self, name: &Domain) {
        self.with_host(name, |host| host.standing -= 1);
    }

    /// The host said that it does not serve the recipients it was asked for.
    pub fn refused(&mut self, name: &Domain, now: Instant) {
        self.with_host(name, |host| host.refuses_until = now + HOST_AVOIDED_FOR);
    }

    /// Whether recipients should rather go to another host than to this: it refused them, and another one has not.
    pub fn is_worse_than_another(&self, name: &Domain, now: Instant) -> bool {
        let refuses = |host: &Host| host.refuses_until > now;
        self.hosts.iter().any(|host| host.name == *name && refuses(host))
            && self.hosts.iter().any(|host| !host.is_avoided(now))
    }

    /// Whether every host has refused them lately.
    pub fn is_refused_by_all(&self, now: Instant) -> bool {
        self.hosts.iter().all(|host| host.refuses_until > now)
    }

    fn with_host(&mut self, name: &Domain, change: impl FnOnce(&mut Host)) {
        if let Some(host) = self.hosts.iter_mut().find(|host| host.name == *name) {
            change(host);
        }
    }
}

impl Host {
    fn is_avoided(&self, now: Instant) -> bool {
        self.avoid_until > now || self.refuses_until > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> Domain {
        Domain::parse(name).expect("a domain")
    }

    fn route() -> Route {
        Route::new(&[(20, domain("c.test")), (10, domain("a.test")), (10, domain("b.test"))])
    }

    #[test]
    fn preference_decides_and_a_draw_breaks_ties() {
        let firsts: Vec<String> = (0..50)
            .map(|n| route().hosts(Instant::ZERO, Draw::new(n, "mx")))
            .inspect(|hosts| assert_eq!(hosts[2].as_str(), "c.test"))
            .map(|hosts| hosts[0].as_str().to_owned())
            .collect();
        assert!(firsts.iter().any(|host| host == "a.test") && firsts.iter().any(|host| host == "b.test"));
    }

    #[test]
    fn a_host_that_failed_goes_last_for_a_while() {
        let mut route = route();
        let draw = Draw::new(1, "mx");
        let now = Instant::from_hours(1);
        route.failed(&domain("a.test"), now);
        let order = |route: &Route, at| {
            route.hosts(at, draw).iter().map(|h| h.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(order(&route, now), ["b.test", "c.test", "a.test"]);
        assert_ne!(order(&route, now + HOST_AVOIDED_FOR).last().map(String::as_str), Some("a.test"));
        route.connected(&domain("a.test"));
        assert_eq!(order(&route, now)[2], "c.test");
        route.failed(&domain("a.test"), now);
        assert_eq!(order(&route, now)[2], "c.test", "one connection too many is not a dead host");
        route.closed(&domain("a.test"));
        route.refused(&domain("b.test"), now);
        assert!(route.is_worse_than_another(&domain("b.test"), now));
        assert!(!route.is_worse_than_another(&domain("a.test"), now));
        assert!(!route.is_worse_than_another(&domain("b.test"), now + HOST_AVOIDED_FOR));
        assert_eq!(order(&route, now)[0], "a.test");
        route.failed(&domain("a.test"), now);
        assert_eq!(order(&route, now)[2], "a.test");
    }
}
