//! What can hold a recipient back until its window closes, and the traces that it leaves.
//!
//! Whoever is due waits at its site while the site is slowed down, while our rate lets nobody go, while the connections are
//! busy with others, or while a connection is being opened. Each of that can be seen in one of the accounts when the
//! window closes, or was seen shortly before: how shortly is what the constants here say. Apart from `four-attempts`, which
//! judges by it, because it looks at all that happened at a site.

use std::collections::BTreeMap;

use record::{Connection, ContactId, Event, EventKind, Nanos, ProviderId, Record, VerdictRow};

use super::accounts::Accounts;
use super::sites::{Site, Sites};

const MINUTE: Nanos = 60 * 1_000_000_000;

/// The longest pause that a throttling answer leads to which states none: one minute, doubled up to thirty.
const PAUSE_MAX: Nanos = 30 * MINUTE;

/// How long it may take to find out that a host cannot be connected to, of which that host knows nothing.
const DIAL_MAX: Nanos = 5 * MINUTE;

/// The same with a host that lets us wait for its greeting and for the answers to EHLO and HELO, five minutes each
/// (RFC 5321 4.5.3.2).
const HANDSHAKE_MAX: Nanos = 4 * DIAL_MAX;

/// With a rate, one message a second may take what the rate allows in it.
const LARGEST_BATCH: Nanos = 1_000_000_000;

/// The traces of everything that can hold somebody back, by site.
pub(super) struct Obstacles {
    sites: BTreeMap<Site, Traces>,
    of_contact: Vec<Option<Site>>,
    /// The providers whose mail may go from one site to another: any of them may be the one that holds somebody back.
    moving: Vec<ProviderId>,
}

/// What happened at a site.
#[derive(Default)]
struct Traces {
    hosts: Nanos,
    /// When it slowed us down, ascending, and the latest end of the pauses up to it.
    paused: Vec<(Nanos, Nanos)>,
    /// When attempts were begun, ascending.
    begun: Vec<Nanos>,
    /// The connections in the order of their opening: when each was opened, and the latest closing of those up to it.
    open: Vec<(Nanos, Nanos)>,
    /// With a rate, the longest time between two messages.
    interval: Option<Nanos>,
}

impl Obstacles {
    pub(super) fn new(accounts: &Accounts<'_>) -> Self {
        let (record, sites) = (accounts.record, &accounts.sites);
        let of_contact = (0..).zip(&record.contacts).map(|(contact, _)| sites.of_contact(contact)).collect();
        let moving = (0..).zip(&record.providers).map(|(provider, _)| provider);
        let moving = moving.filter(|provider| sites.may_move(*provider)).collect();
        let mut obstacles = Self { sites: BTreeMap::new(), of_contact, moving };
        for event in &record.events {
            obstacles.note(event, accounts);
        }
        for connection in &record.receipts.connections {
            if let Some(site) = sites.of_connection(connection) {
                let Connection { opened, closed, .. } = *connection;
                obstacles.sites.entry(site).or_default().open.push((opened, closed));
            }
        }
        for (site, traces) in &mut obstacles.sites {
            traces.complete(*site, record, sites);
        }
        obstacles
    }

    fn note(&mut self, event: &Event, accounts: &Accounts<'_>) {
        let Some(Some(site)) = self.of_contact.get(event.contact as usize) else { return };
        let traces = self.sites.entry(*site).or_default();
        if matches!(event.kind, EventKind::AttemptBegun { .. }) {
            traces.begun.push(event.at);
        }
        if let Some(pause) = event.kind.verdict().and_then(|verdict| pause(accounts.verdict(verdict)?)) {
            traces.paused.push((event.at, event.at.saturating_add(pause)));
        }
    }

    /// Whether anything could hold `contact` back, who was due at `due`, up to `until`.
    pub(super) fn explain(&self, contact: ContactId, due: Nanos, until: Nanos) -> bool {
        let site = self.of_contact.get(contact as usize).copied().flatten();
        let Some(site) = site else { return false };
        if self.moving.contains(&site.0) {
            let all = self.sites.range((site.0, 0)..=(site.0, u32::MAX));
            return all.map(|(_, traces)| traces).any(|traces| traces.explain(due, until));
        }
        self.sites.get(&site).is_some_and(|traces| traces.explain(due, until))
    }
}

impl Traces {
    /// Fills in what the tables say, and brings the traces into order.
    fn complete(&mut self, site: Site, record: &Record, sites: &Sites<'_>) {
        self.hosts = sites.hosts(site).count() as Nanos;
        let rate = record.providers.get(site.0 as usize).and_then(|provider| provider.limits.rate);
        self.interval =
            rate.map(|rate| (rate.period / Nanos::from(rate.recipients.max(1))).max(LARGEST_BATCH));
        self.paused.sort_unstable();
        self.begun.sort_unstable();
        self.open.sort_unstable();
        for spans in [&mut self.paused, &mut self.open] {
            let mut latest = 0;
            for (_, end) in spans {
                latest = latest.max(*end);
                *end = latest;
            }
        }
    }

    fn explain(&self, due: Nanos, until: Nanos) -> bool {
        let (dial, handshake) = (DIAL_MAX * self.hosts, HANDSHAKE_MAX * self.hosts);
        let before = |span: Nanos| until.saturating_sub(span);
        due >= before(dial)
            || is_any_open_within(&self.paused, before(handshake), until)
            || is_any_open_within(&self.open, before(dial), until)
            || self.interval.is_some_and(|interval| {
                is_any_within(&self.begun, before(interval.saturating_add(handshake)), until)
            })
    }
}

/// How long the site is left alone after an answer; nothing if it is not.
fn pause(row: &VerdictRow) -> Option<Nanos> {
    matches!(row.action.as_str(), "throttle" | "suspend").then(|| row.wait.unwrap_or(PAUSE_MAX))
}

/// Whether one of `spans`, which are sorted and whose ends do not descend, reaches into these bounds.
fn is_any_open_within(spans: &[(Nanos, Nanos)], from: Nanos, until: Nanos) -> bool {
    let begun = spans.partition_point(|(start, _)| *start <= until);
    begun.checked_sub(1).is_some_and(|last| spans[last].1 >= from)
}

/// Whether one of `moments`, which ascend, lies within these bounds.
fn is_any_within(moments: &[Nanos], from: Nanos, until: Nanos) -> bool {
    moments.get(moments.partition_point(|at| *at < from)).is_some_and(|at| *at <= until)
}
