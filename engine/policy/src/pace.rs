//! How fast a site may be used: our own limits, and slowing down when the site asks for it.

use std::time::Duration;

use units::{Instant, Rate};

/// Our own limits towards one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteLimits {
    /// Connections open at the same time, at least 1.
    pub connections: u32,
    /// Messages (transactions) in one connection, at least 1.
    pub messages_per_connection: u32,
    /// Recipients in one message, at least 1.
    pub recipients_per_message: u32,
    /// Recipients attempted per time; `None` for no limit.
    pub rate: Option<Rate>,
}

impl Default for SiteLimits {
    /// 20 connections, 100 messages in each, 50 recipients in each, no rate limit.
    fn default() -> Self {
        Self { connections: 20, messages_per_connection: 100, recipients_per_message: 50, rate: None }
    }
}

/// A connection is opened for every so many full messages that wait: reusing one is cheaper for both sides.
const MESSAGES_WORTH_A_CONNECTION: u32 = 4;

/// The first pause after a throttling answer; it doubles with each further one.
pub const SLOW_DOWN_FIRST: Duration = Duration::from_secs(60);

/// The longest pause after a throttling answer.
pub const SLOW_DOWN_MAX: Duration = Duration::from_secs(1800);

/// The shortest pause, whatever the site states: less would be hammering.
pub const PAUSE_MIN: Duration = Duration::from_secs(5);

/// How long a site that refused another connection is left with those that stood.
pub const CAP_REMEMBERED_FOR: Duration = Duration::from_secs(600);

/// How long nothing is begun ahead at a site after something was begun in vain there.
// A server that takes few messages in a connection closes each where nobody expects it: what is begun ahead there is begun
// twice. One connection that breaks by accident costs no more than a round trip a message for this long.
pub const NOT_AHEAD_FOR: Duration = Duration::from_secs(600);

/// How long a message may be under way; with it, a rate needs so many connections to be reached.
const MESSAGE_UNDER_WAY_SECONDS: u128 = 5;

/// The pace towards one site.
#[derive(Debug)]
pub struct Pace {
    limits: SiteLimits,
    not_before: Instant,
    slow_downs: u32,
    next_by_rate: Instant,
    /// The site took no more than so many connections, and until when that is remembered.
    cap: (u32, Instant),
    /// Recipients in the next message: fewer after a server broke a message off, more again as it takes them.
    batch: u32,
    /// The most recipients that the site takes in one message, as far as is known.
    takes: u32,
    /// Until when every message waits for the answer to the one before it.
    not_ahead_until: Instant,
}

impl Pace {
    /// A site that nothing is known of.
    pub fn new(limits: SiteLimits) -> Self {
        // With a rate, an even flow: no more at once than it allows in a second, so that it is kept in any interval.
        let by_rate = limits.rate.map_or(u128::MAX, |rate| {
            (u128::from(rate.count()) * 1_000_000_000 / rate.period().as_nanos()).max(1)
        });
        let takes = u32::try_from(by_rate).unwrap_or(u32::MAX).min(limits.recipients_per_message);
        Self {
            limits,
            not_before: Instant::ZERO,
            slow_downs: 0,
            next_by_rate: Instant::ZERO,
            cap: (0, Instant::ZERO),
            batch: takes,
            takes,
            not_ahead_until: Instant::ZERO,
        }
    }

    /// The limits in force.
    pub const fn limits(&self) -> &SiteLimits {
        &self.limits
    }

    /// The earliest moment at which another recipient may be attempted.
    pub fn earliest(&self) -> Instant {
        self.not_before.max(self.next_by_rate)
    }

    /// How many connections make sense while `ready` recipients wait. A site that was asked to be left in peace, or
    /// that has not answered yet (`proven` tells), gets one as a probe.
    pub fn connections_wanted(&self, ready: usize, proven: Proven, now: Instant) -> u32 {
        if ready == 0 {
            return 0;
        }
        if self.slow_downs > 0 || proven == Proven::No {
            return 1;
        }
        let worth = self.takes as usize * MESSAGES_WORTH_A_CONNECTION as usize;
        let cap = if now < self.cap.1 { self.cap.0 } else { self.limits.connections };
        let wanted = u32::try_from(ready.div_ceil(worth)).unwrap_or(u32::MAX);
        wanted.min(self.limits.connections).min(cap).min(self.connections_for_the_rate())
    }

    /// As many connections as it takes to reach the rate; more would only stand about.
    fn connections_for_the_rate(&self) -> u32 {
        self.limits.rate.map_or(u32::MAX, |rate| {
            let under_way = u128::from(rate.count()) * MESSAGE_UNDER_WAY_SECONDS * 1_000_000_000;
            let messages = under_way / rate.period().as_nanos() / u128::from(self.takes);
            u32::try_from(messages).unwrap_or(u32::MAX).max(1)
        })
    }

    /// Whether a message may be begun before the one before it is answered. Not while the site is slowed: its next answer decides
    /// what may follow.
    pub fn allows_ahead(&self, now: Instant) -> bool {
        self.slow_downs == 0 && self.earliest() <= now && self.not_ahead_until <= now
    }

    /// A message was begun ahead in vain.
    pub fn not_ahead(&mut self, now: Instant) {
        self.not_ahead_until = now + NOT_AHEAD_FOR;
    }

    /// The site refused a connection while `standing` others stood: it wants no more than those for now.
    pub fn cap_connections(&mut self, standing: u32, now: Instant) {
        self.cap = (standing, now + CAP_REMEMBERED_FOR);
    }

    /// How many recipients the next message may have.
    pub const fn recipients_now(&self) -> usize {
        self.batch as usize
    }

    /// So many recipients are attempted now.
    pub fn spend(&mut self, recipients: usize, now: Instant) {
        if let Some(rate) = self.limits.rate {
            self.next_by_rate = now + rate.offset_of(recipients as u64);
        }
    }

    /// The site asked us to slow down, for as long as it `stated`, or else for our own pause.
    pub fn slow_down(&mut self, stated: Option<Duration>, now: Instant) {
        if now < self.not_before {
            // Several connections hear the same answer at once; that is one request, not many. A longer wish counts.
            let stated = stated.map_or(Instant::ZERO, |stated| now + stated);
            self.not_before = self.not_before.max(stated);
            return;
        }
        let own = SLOW_DOWN_FIRST.saturating_mul(1 << self.slow_downs.min(16)).min(SLOW_DOWN_MAX);
        self.not_before = now + stated.unwrap_or(own).max(PAUSE_MIN);
        self.slow_downs += 1;
    }

    /// The site refuses us altogether: it is left in peace for so long, and then asked with a single recipient.
    pub fn suspend(&mut self, pause: Duration, now: Instant) {
        self.slow_down(Some(pause), now);
        self.batch = 1;
    }

    /// The server broke off a message to `recipients` of them without saying because of whom: the next ones are smaller, so
    /// that one recipient cannot hold the others up for ever.
    pub fn broken_off(&mut self, recipients: usize) {
        self.batch = u32::try_from(recipients / 2).unwrap_or(self.batch).clamp(1, self.batch);
    }

    /// The site took `recipients` in a message and refused more.
    pub fn takes_only(&mut self, recipients: usize) {
        self.takes = u32::try_from(recipients).unwrap_or(self.takes).clamp(1, self.takes);
        self.batch = self.batch.min(self.takes);
    }

    /// The site answered about recipients or about a message: it is at work again.
    pub const fn recover(&mut self) {
        self.slow_downs = 0;
    }

    /// The site accepted a message: the next may be larger again.
    pub fn accepted(&mut self) {
        self.batch = self.batch.saturating_mul(2).min(self.takes);
    }
}

/// Whether a site has answered since it last failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    /// It has.
    Yes,
    /// Not yet.
    No,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn connections_follow_the_work() {
        let check = |ready, proven, wanted| {
            assert_eq!(
                Pace::new(SiteLimits::default()).connections_wanted(ready, proven, Instant::ZERO),
                wanted,
                "{ready}"
            );
        };
        check(0, Proven::Yes, 0);
        check(100_000, Proven::No, 1);
        check(200, Proven::Yes, 1);
        check(201, Proven::Yes, 2);
        check(100_000, Proven::Yes, 20);
    }

    #[test]
    fn each_request_to_slow_down_doubles_the_pause_up_to_half_an_hour() {
        let mut pace = Pace::new(SiteLimits::default());
        let mut now = Instant::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..7 {
            pace.slow_down(None, now);
            pace.slow_down(None, now); // the same answer, heard on another connection
            pauses.push(pace.earliest().since(now).as_secs() / 60);
            now = pace.earliest();
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        pace.recover();
        pace.slow_down(None, now);
        assert_eq!(pace.earliest().since(now), SLOW_DOWN_FIRST);
    }

    #[test]
    fn a_stated_pause_is_kept_and_a_suspended_site_is_asked_with_one() {
        let mut pace = Pace::new(SiteLimits::default());
        pace.slow_down(Some(Duration::from_secs(300)), Instant::ZERO);
        assert_eq!(pace.earliest(), Instant::ZERO + Duration::from_secs(300));
        let later = Instant::from_hours(1);
        pace.slow_down(Some(Duration::ZERO), later);
        assert_eq!(pace.earliest(), later + PAUSE_MIN);
        pace.suspend(Duration::from_secs(7200), Instant::from_hours(2));
        assert_eq!(pace.earliest(), Instant::from_hours(4));
        assert_eq!(pace.recipients_now(), 1);
    }

    #[test]
    fn messages_shrink_when_one_is_broken_off_and_grow_with_each_that_is_accepted() {
        let mut pace = Pace::new(SiteLimits::default());
        let mut sizes = vec![pace.recipients_now()];
        for _ in 0..6 {
            pace.broken_off(pace.recipients_now());
            sizes.push(pace.recipients_now());
        }
        for _ in 0..7 {
            pace.accepted();
            sizes.push(pace.recipients_now());
        }
        assert_eq!(sizes, [50, 25, 12, 6, 3, 1, 1, 2, 4, 8, 16, 32, 50, 50]);
        pace.takes_only(30);
        assert_eq!(pace.recipients_now(), 30, "what the site takes is not forgotten");
        pace.accepted();
        assert_eq!(pace.recipients_now(), 30);
    }

    proptest! {
        #[test]
        fn a_rate_is_never_exceeded_in_any_period(count in 1_u32..200, tries in 1_usize..400) {
            let rate = Rate::new(count, Duration::from_secs(60)).expect("not nothing");
            let mut pace = Pace::new(SiteLimits { rate: Some(rate), ..SiteLimits::default() });
            let mut sent = Vec::new();
            for _ in 0..tries {
                let now = pace.earliest();
                pace.spend(pace.recipients_now(), now);
                sent.push(now);
            }
            for (index, at) in sent.iter().enumerate() {
                let within = sent[index..].iter().take_while(|later| later.since(*at) < rate.period()).count();
                prop_assert!(within <= count as usize + 1, "{within} within a period");
            }
        }
    }
}
