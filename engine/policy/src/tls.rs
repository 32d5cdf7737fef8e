//! Whether mail to a site travels inside TLS.
//!
//! A file of its own because three parties have a say: we (the policy), the domain (what its MTA-STS policy demands), and
//! the server (an answer that demands TLS, a handshake that fails). What they have said about a site is kept here.
//!
//! ```text
//!                 opens                     handshake fails       server demands TLS     then unreachable
//! on demand       plain text                -                     -> TLS or nothing      plain text, if it took mail so before
//! opportunistic   TLS where it is offered   plain text, 3 days    -> TLS or nothing      as at first, if it took mail so before
//! required        TLS or nothing            unreachable           -                      -
//! verified        TLS with a valid          unreachable           -                      -
//!                 certificate or nothing
//! ```
//!
//! RFC 7435 (opportunistic security), RFC 8461 (MTA-STS).

use std::time::Duration;

use smtp::client::{Security, StartTls, Trust};
use units::Instant;

use crate::route::TlsDemand;

/// Our own wish, the same towards each site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsPolicy {
    /// Plain text, until a server refuses mail in plain text: from then on, its site is spoken to inside TLS.
    #[default]
    OnDemand,
    /// TLS where it is offered, with any certificate; plain text where it is not offered, or does not work.
    Opportunistic,
    /// TLS, with any certificate, or no mail.
    Required,
}

/// How long a site whose handshake failed is spoken to in plain text before TLS is tried again.
// No RFC gives a figure. Long enough that a mailing's retries do not pay for it again and again, short enough that a repaired
// server is noticed; other engines remember three to seven days.
pub const BROKEN_TLS_REMEMBERED_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// What comes after a handshake that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterHandshake {
    /// The same host, at once and in plain text.
    PlainText,
    /// Another host, if there is one.
    NextHost,
}

/// What is known of TLS at a site.
#[derive(Debug)]
pub(crate) struct SiteTls {
    rule: Rule,
    /// How its server wants mail to travel, as far as its answers tell.
    asked_for: Security,
    plain: PlainText,
    /// Until when TLS is not tried because a handshake failed.
    broken_until: Instant,
}

/// What the policy and the domain come down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    OnDemand,
    Opportunistic,
    Must(Trust),
}

/// What is known of plain text at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlainText {
    Unknown,
    /// It takes mail in plain text.
    Taken,
    /// It takes mail in plain text, and does not do TLS: who demands it there has the last word.
    Only,
}

impl SiteTls {
    pub(crate) const fn new(policy: TlsPolicy, demand: TlsDemand) -> Self {
        let rule = match (demand, policy) {
            (TlsDemand::Verified, _) => Rule::Must(Trust::NamedHost),
            (TlsDemand::None, TlsPolicy::Required) => Rule::Must(Trust::Anybody),
            (TlsDemand::None, TlsPolicy::Opportunistic) => Rule::Opportunistic,
            (TlsDemand::None, TlsPolicy::OnDemand) => Rule::OnDemand,
        };
        let (asked_for, plain) = (Security::Plain, PlainText::Unknown);
        Self { rule, asked_for, plain, broken_until: Instant::ZERO }
    }

    /// How a connection that is opened now is to use TLS.
    pub(crate) fn starttls(&self, now: Instant) -> StartTls {
        match (self.rule, self.asked_for) {
            (Rule::Must(trust), _) => StartTls::Always(trust),
            (Rule::OnDemand | Rule::Opportunistic, Security::Tls) => StartTls::Always(Trust::Anybody),
            (Rule::Opportunistic, Security::Plain) if self.broken_until <= now => StartTls::IfOffered,
            (Rule::OnDemand | Rule::Opportunistic, Security::Plain) => StartTls::Never,
        }
    }

    /// Without whom no mail may be sent, if TLS is a must by our policy or by the domain's.
    pub(crate) const fn must(&self) -> Option<Trust> {
        match self.rule {
            Rule::Must(trust) => Some(trust),
            Rule::OnDemand | Rule::Opportunistic => None,
        }
    }

    /// Whether a connection whose bytes travel so may carry mail.
    pub(crate) fn suits(&self, security: Security) -> bool {
        match self.rule {
            Rule::Must(_) => security == Security::Tls,
            Rule::OnDemand => security == self.asked_for,
            Rule::Opportunistic => security == Security::Tls || self.asked_for == Security::Plain,
        }
    }

    /// A handshake failed.
    pub(crate) fn handshake_failed(&mut self, now: Instant) -> AfterHandshake {
        match (self.rule, self.asked_for) {
            (Rule::Opportunistic, Security::Plain) => {
                self.broken_until = now + BROKEN_TLS_REMEMBERED_FOR;
                AfterHandshake::PlainText
            }
            (Rule::Opportunistic, Security::Tls) | (Rule::OnDemand | Rule::Must(_), _) => {
                AfterHandshake::NextHost
            }
        }
    }

    /// The server demands TLS of a connection whose bytes travel like this. Tells whether TLS is a remedy.
    pub(crate) fn demanded(&mut self, over: Security) -> bool {
        if self.plain == PlainText::Only {
            return false;
        }
        self.asked_for = Security::Tls;
        over == Security::Plain
    }

    /// A message was accepted over a connection whose bytes travel like this.
    pub(crate) fn accepted(&mut self, over: Security) {
        if over == Security::Plain && self.plain == PlainText::Unknown {
            self.plain = PlainText::Taken;
        }
    }

    /// The site could not be reached. Tells whether it is worth another try, because TLS is no longer asked for: the site took
    /// mail in plain text before and cannot be reached over TLS, so who demanded TLS is not the site.
    pub(crate) fn gives_way(&mut self) -> bool {
        let gives_way = self.asked_for == Security::Tls && self.plain == PlainText::Taken;
        if gives_way {
            (self.asked_for, self.plain) = (Security::Plain, PlainText::Only);
        }
        gives_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_hours(1);

    fn site(policy: TlsPolicy) -> SiteTls {
        SiteTls::new(policy, TlsDemand::None)
    }

    #[test]
    fn nothing_takes_mail_out_of_tls_where_tls_is_a_must() {
        let verified = |policy| (SiteTls::new(policy, TlsDemand::Verified), Trust::NamedHost);
        let sites = [TlsPolicy::OnDemand, TlsPolicy::Opportunistic, TlsPolicy::Required].map(verified);
        for (mut tls, trust) in sites.into_iter().chain([(site(TlsPolicy::Required), Trust::Anybody)]) {
            tls.accepted(Security::Plain);
            tls.demanded(Security::Tls);
            assert_eq!(tls.handshake_failed(NOW), AfterHandshake::NextHost);
            tls.gives_way();
            assert_eq!(tls.starttls(NOW), StartTls::Always(trust));
            assert!(!tls.suits(Security::Plain));
        }
    }

    #[test]
    fn broken_tls_is_remembered_for_three_days() {
        let mut tls = site(TlsPolicy::Opportunistic);
        assert_eq!(tls.starttls(NOW), StartTls::IfOffered);
        assert_eq!(tls.handshake_failed(NOW), AfterHandshake::PlainText);
        assert_eq!(tls.starttls(NOW), StartTls::Never);
        let later = NOW + BROKEN_TLS_REMEMBERED_FOR;
        assert_eq!(tls.starttls(later), StartTls::IfOffered);
        assert!(tls.suits(Security::Plain) && tls.suits(Security::Tls));
    }

    #[test]
    fn a_server_that_demands_tls_gets_it_or_nothing() {
        for policy in [TlsPolicy::OnDemand, TlsPolicy::Opportunistic] {
            let mut tls = site(policy);
            tls.handshake_failed(NOW);
            assert!(tls.demanded(Security::Plain) && !tls.demanded(Security::Tls), "{policy:?}");
            assert_eq!(tls.starttls(NOW), StartTls::Always(Trust::Anybody));
            assert_eq!(tls.handshake_failed(NOW), AfterHandshake::NextHost);
            assert!(!tls.suits(Security::Plain) && tls.suits(Security::Tls));
            assert!(!tls.gives_way(), "it was never seen to take mail in plain text");
        }
    }

    #[test]
    fn who_demands_tls_and_has_none_is_not_believed_twice() {
        for (policy, before) in
            [(TlsPolicy::OnDemand, StartTls::Never), (TlsPolicy::Opportunistic, StartTls::IfOffered)]
        {
            let mut tls = site(policy);
            tls.accepted(Security::Plain);
            tls.demanded(Security::Plain);
            assert!(tls.gives_way() && !tls.gives_way(), "{policy:?}");
            assert_eq!(tls.starttls(NOW), before);
            assert!(!tls.demanded(Security::Plain));
        }
    }
}
