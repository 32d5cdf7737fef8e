//! `greylist`: strangers are asked to come back later.
//!
//! Real triplet semantics (RFC 6647 section 2.4, and the defaults of postgrey): what is remembered is the triplet of
//! client network, return path and recipient. Its state lives here.

use std::net::IpAddr;
use std::time::Duration;

use scenario::field::with_default;
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use units::{Instant, Table};

use super::{Act, Behaviour, BehaviourKind, Scene, Stage};
use crate::profile::Situation;

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "greylist",
    about: "The first mail of each triplet (client network, return path, recipient) is refused at RCPT, with the words \
            that the provider's profile has for it. A try after `wait` and within `retry_window` passes; one that comes \
            too early is refused again without starting anew, and one that comes too late is a first one again. Who has \
            passed keeps passing until nothing was heard of it for `remember`.",
    kind: "a map",
    fields: &[
        with_default("wait", "duration", "How long after the first try the next one passes.", "5m"),
        with_default(
            "retry_window",
            "duration",
            "How long after the first try a try still counts as its repetition; longer than `wait`.",
            "48h",
        ),
        with_default(
            "remember",
            "duration",
            "How long a triplet that has passed is remembered since it passed last.",
            "35d",
        ),
        with_default(
            "network_mask",
            "number",
            "How many leading bits of an IPv4 address make the client network, 0 to 32; of IPv6 it is always 64.",
            "24",
        ),
    ],
    example: "greylist: { wait: 5m, retry_window: 48h }",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const DAY: Duration = Duration::from_secs(86_400);
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let place = reader.place();
    let wait = reader.optional("wait", value::duration).unwrap_or(Duration::from_secs(300));
    let retry_window = reader.optional("retry_window", value::duration).unwrap_or(2 * DAY);
    let remember = reader.optional("remember", value::duration).unwrap_or(35 * DAY);
    let mask = reader.optional("network_mask", value::number(0..=32_u32)).unwrap_or(24);
    if retry_window <= wait {
        let problem = Problem::at(place, "nobody could pass: `retry_window` is not longer than `wait`", "");
        reader.problems().push(problem.help("make `retry_window` longer, as in wait: 5m, retry_window: 48h"));
    }
    reader.finish();
    let network_mask = u32::MAX.checked_shl(32 - mask).unwrap_or(0);
    Some(Box::new(Greylist { wait, retry_window, remember, network_mask, triplets: Table::default() }))
}

#[derive(Debug)]
struct Greylist {
    wait: Duration,
    retry_window: Duration,
    remember: Duration,
    network_mask: u32,
    triplets: Table<Triplet, Acquaintance>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Triplet {
    network: u64,
    sender: u32,
    recipient: u32,
}

#[derive(Debug, Clone, Copy)]
enum Acquaintance {
    /// Was refused, and tried first at this moment.
    Waiting(Instant),
    /// Has passed, last at this moment.
    Passed(Instant),
}

impl Behaviour for Greylist {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Rcpt)
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let Stage::Rcpt { recipient } = *stage else { return None };
        let network = self.network(scene.identity.client);
        let triplet = Triplet { network, sender: scene.visit.sender_number, recipient };
        let next = self.next(self.triplets.get(&triplet).copied(), scene.now);
        self.triplets.insert(triplet, next);
        match next {
            Acquaintance::Waiting(_) => Some(scene.answer(Situation::Greylisted, Some(recipient))),
            Acquaintance::Passed(_) => None,
        }
    }
}

impl Greylist {
    fn next(&self, known: Option<Acquaintance>, now: Instant) -> Acquaintance {
        match known {
            Some(Acquaintance::Passed(last)) if now.since(last) <= self.remember => Acquaintance::Passed(now),
            Some(Acquaintance::Waiting(first)) if now.since(first) < self.wait => {
                Acquaintance::Waiting(first)
            }
            Some(Acquaintance::Waiting(first)) if now.since(first) <= self.retry_window => {
                Acquaintance::Passed(now)
            }
            Some(_) | None => Acquaintance::Waiting(now),
        }
    }

    /// The client network. IPv4 networks are those with the upper half of zeros, which no IPv6 network is.
    fn network(&self, client: IpAddr) -> u64 {
        match client {
            IpAddr::V4(client) => u64::from(client.to_bits() & self.network_mask),
            IpAddr::V6(client) => u64::try_from(client.to_bits() >> 64).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, message, refuse};

    const PASSED: &str = "220 250 250 250 354 250 221";
    const REFUSED: &str = "220 250 250 450 221";

    const fn minutes(minutes: u64) -> Instant {
        Instant::from_nanos(minutes * 60_000_000_000)
    }

    /// Tries at these minutes must come out like this.
    fn check(yaml: &str, tries: &[(u64, &str)]) {
        let mut world = World::new("generic-postfix", 1, yaml);
        for (minute, outcome) in tries {
            assert_eq!(
                world.send(minutes(*minute), &["c000001@bigbox.test"]),
                *outcome,
                "{yaml}: minute {minute}"
            );
        }
    }

    #[test]
    fn who_comes_back_in_time_passes() {
        let yaml = "greylist: { wait: 5m, retry_window: 2h, remember: 1d }";
        check(yaml, &[(0, REFUSED), (4, REFUSED), (6, PASSED), (7, PASSED)]);
        check(yaml, &[(0, REFUSED), (130, REFUSED), (136, PASSED)]);
        check(yaml, &[(0, REFUSED), (6, PASSED), (1446, PASSED), (2886, PASSED), (4327, REFUSED)]);
        check("greylist: {}", &[(0, REFUSED), (4, REFUSED), (60, PASSED)]);
    }

    #[test]
    fn the_ends_of_the_periods_count_in() {
        let (wait, retry_window, remember) = (minutes(5), minutes(120), minutes(1440));
        let greylist = Greylist {
            wait: wait.since_epoch(),
            retry_window: retry_window.since_epoch(),
            remember: remember.since_epoch(),
            network_mask: u32::MAX,
            triplets: Table::default(),
        };
        let check = |known, now: Instant, passes| {
            let next = greylist.next(Some(known), now);
            assert_eq!(matches!(next, Acquaintance::Passed(_)), passes, "{known:?} at {now}");
        };
        let moment = Duration::from_nanos(1);
        check(Acquaintance::Waiting(Instant::ZERO), wait - moment, false);
        check(Acquaintance::Waiting(Instant::ZERO), wait, true);
        check(Acquaintance::Waiting(Instant::ZERO), retry_window, true);
        check(Acquaintance::Waiting(Instant::ZERO), retry_window + moment, false);
        check(Acquaintance::Passed(Instant::ZERO), remember, true);
        check(Acquaintance::Passed(Instant::ZERO), remember + moment, false);
    }

    #[test]
    fn strangers_are_told_apart_by_sender_and_recipient() {
        let mut world = World::new("generic-postfix", 2, "greylist: {}");
        let host = "mx1.bigbox.test";
        let ann = message("news@sender.test", &["c000001@bigbox.test"], "\r\n");
        let bob = message("news@sender.test", &["c000002@bigbox.test"], "\r\n");
        let other = message("shop@sender.test", &["c000001@bigbox.test"], "\r\n");
        let null = message("", &["c000001@bigbox.test"], "\r\n");
        assert_eq!(world.talk(host, minutes(0), &ann), REFUSED);
        assert!(!world.said.is_empty());
        for stranger in [&bob, &other, &null] {
            assert_eq!(world.talk(host, minutes(10), stranger), REFUSED);
        }
        for known in [&ann, &bob, &other, &null] {
            assert_eq!(world.talk("mx2.bigbox.test", minutes(20), known), PASSED);
        }
    }

    #[test]
    fn the_network_is_what_counts() {
        let network = |mask: u32, ip: &str| {
            let yaml = format!("greylist: {{ network_mask: {mask} }}");
            let network_mask = u32::MAX.checked_shl(32 - mask).unwrap_or(0);
            assert!(crate::testing::behaviours(&yaml).is_ok(), "{yaml}");
            let greylist = Greylist {
                wait: Duration::ZERO,
                retry_window: Duration::ZERO,
                remember: Duration::ZERO,
                network_mask,
                triplets: Table::default(),
            };
            greylist.network(ip.parse().expect(ip))
        };
        assert_eq!(network(24, "192.0.2.10"), network(24, "192.0.2.77"));
        assert_ne!(network(32, "192.0.2.10"), network(32, "192.0.2.77"));
        assert_eq!(network(0, "192.0.2.10"), network(0, "198.51.100.1"));
        assert_eq!(network(24, "2001:db8::1"), network(24, "2001:db8::2"));
        assert_ne!(network(24, "2001:db8::1"), network(24, "2001:db8:0:1::1"));
    }

    #[test]
    fn a_window_in_which_nobody_can_pass_is_refused() {
        refuse("greylist: { wait: 5m, retry_window: 5m }", "nobody could pass");
        refuse("greylist: { wait: 3d }", "nobody could pass");
        refuse("greylist: { network_mask: 33 }", "`33` is not from 0 to 32");
    }
}
