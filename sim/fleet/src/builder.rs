//! Putting a fleet together: which providers there are, whose each name is, and what each behaviour is told in advance.

use std::cell::RefCell;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use smtp::server::Tolerance;
use smtp::{Address, Extensions, Mechanisms, SizeLimit};
use units::{Draw, Table};

use crate::behaviour::{DEFAULT_DELAY, Identity, Setting};
use crate::profile::Profile;
use crate::provider::{Active, Provider};
use crate::{Dns, Fleet, Roster, SenderZone, dns};

/// Puts a fleet together.
#[derive(Debug)]
pub struct FleetBuilder {
    client: IpAddr,
    zone: Arc<SenderZone>,
    house: House,
    fleet: Fleet,
}

/// What all providers of a fleet have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct House {
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
    pub(crate) offering: Offering,
    /// How many rows of receipts a provider keeps.
    pub(crate) capacity: usize,
    pub(crate) dialogues: Dialogues,
}

/// Whether a sample of what is said in connections is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialogues {
    /// It is, for [`Receipts::dialogues`](crate::Receipts::dialogues).
    Kept,
    /// Nothing is written down.
    #[default]
    Forgotten,
}

/// What servers offer in their reply to EHLO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offering {
    /// What their providers' profiles say, and TLS where a behaviour offers it.
    #[default]
    Profile,
    /// Everything that a server session can do. Such a server is strict, too: it refuses messages with bare line ends and
    /// with long lines, which profiles let pass, because nobody knows what their providers do about them.
    Everything,
    /// 8BITMIME, and TLS where a behaviour offers it: all that the independent server has that reads the engine's words
    /// in the fleet's place.
    EightBitMime,
}

impl Offering {
    /// The one list of what a server offers that leaves nothing out. A session offers of it what it can do.
    const EVERYTHING: Extensions = Extensions {
        pipelining: true,
        eight_bit_mime: true,
        enhanced_status_codes: true,
        // What Postfix takes five of, and most providers two (message_size_limit, 10 240 000).
        size: SizeLimit::Max(50 * 1024 * 1024),
        smtputf8: true,
        chunking: true,
        dsn: true,
        starttls: true,
        auth: Mechanisms { plain: true, login: true },
    };

    const EIGHT_BIT_MIME: Extensions = Extensions {
        pipelining: false,
        eight_bit_mime: true,
        enhanced_status_codes: false,
        size: SizeLimit::NotOffered,
        smtputf8: false,
        chunking: false,
        dsn: false,
        starttls: false,
        auth: Mechanisms { plain: false, login: false },
    };

    /// What is done about a message that breaks a rule of form.
    pub(crate) const fn tolerance(self) -> Tolerance {
        match self {
            Self::Profile | Self::EightBitMime => Tolerance::Take,
            Self::Everything => Tolerance::Refuse,
        }
    }

    pub(crate) const fn extensions(self, profile: &Profile) -> Extensions {
        match self {
            Self::Profile => profile.extensions,
            Self::Everything => Self::EVERYTHING,
            Self::EightBitMime => Self::EIGHT_BIT_MIME,
        }
    }
}

/// How long answers take where no behaviour says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// As long as those of a distant server: drawn from 20 ms to 80 ms.
    #[default]
    Distant,
    /// No time at all.
    Immediate,
}

impl Pace {
    pub(crate) const fn range(self) -> RangeInclusive<Duration> {
        match self {
            Self::Distant => DEFAULT_DELAY,
            Self::Immediate => Duration::ZERO..=Duration::ZERO,
        }
    }
}

impl FleetBuilder {
    /// An empty fleet, whose clients come from 192.0.2.10 (RFC 5737).
    pub fn new(seed: u64) -> Self {
        let client = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
        let house = House {
            seed,
            pace: Pace::default(),
            offering: Offering::default(),
            capacity: usize::MAX,
            dialogues: Dialogues::default(),
        };
        Self { client, zone: Arc::default(), house, fleet: Fleet::default() }
    }

    /// With answers that take so long where no behaviour says it.
    #[must_use]
    pub fn pace(self, pace: Pace) -> Self {
        Self { house: House { pace, ..self.house }, ..self }
    }

    /// With servers that offer this.
    #[must_use]
    pub fn offering(self, offering: Offering) -> Self {
        Self { house: House { offering, ..self.house }, ..self }
    }

    /// Whether a sample of what is said in connections is kept; it is not unless this says so.
    #[must_use]
    pub fn dialogues(self, dialogues: Dialogues) -> Self {
        Self { house: House { dialogues, ..self.house }, ..self }
    }

    /// With providers that keep so many rows of receipts, of connections and of recipients each, and then take no more:
    /// connections are refused, and MAIL is answered with 452. Without it there is no bound.
    #[must_use]
    pub fn capacity(self, capacity: usize) -> Self {
        Self { house: House { capacity, ..self.house }, ..self }
    }

    /// With clients that come from another address.
    #[must_use]
    pub fn client(self, client: IpAddr) -> Self {
        Self { client, ..self }
    }

    /// With a DNS that knows this about the sender. Without it everything is right for `sender.example` and 192.0.2.10.
    #[must_use]
    pub fn sender(self, zone: SenderZone) -> Self {
        Self { zone: Arc::new(zone), ..self }
    }

    /// Adds a provider.
    ///
    /// # Errors
    /// It serves no domain, or a domain or a host of it is taken already.
    pub fn add_provider(&mut self, spec: ProviderSpec<'_>) -> Result<(), FleetError> {
        let domains: Vec<String> = spec.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect();
        let dns = spec.dns.in_lower_case();
        let hosts = dns::hosts(&dns, &domains, &spec.behaviours);
        self.claim(spec.name, &domains, &hosts)?;
        let identity = Identity {
            name: spec.name.to_owned(),
            profile: spec.profile,
            domains,
            hosts,
            client: self.client,
            zone: Arc::clone(&self.zone),
            reply_id: reply_id(&spec.profile.name),
        };
        let mut roster = Roster::with_capacity(spec.contacts.len());
        spec.contacts.iter().for_each(|contact| {
            roster.enter(&normalised(contact));
        });
        let contacts = roster.len();
        let mut behaviours = spec.behaviours;
        self.prepare(&identity, &mut roster, contacts, &mut behaviours);
        let provider = Provider::new(self.house, spec.index, identity, dns, roster, contacts, behaviours);
        self.fleet.providers.push(Rc::new(RefCell::new(provider)));
        Ok(())
    }

    /// The fleet.
    pub fn build(self) -> Fleet {
        self.fleet
    }

    fn claim(&mut self, name: &str, domains: &[String], hosts: &[String]) -> Result<(), FleetError> {
        if domains.is_empty() {
            return Err(FleetError::NoDomain { provider: name.to_owned() });
        }
        let owner = self.fleet.providers.len();
        for domain in domains {
            if self.fleet.domains.insert(domain.clone(), owner).is_some() {
                return Err(FleetError::DomainTaken { domain: domain.clone() });
            }
        }
        for (position, host) in hosts.iter().enumerate() {
            if self.fleet.hosts.insert(host.clone(), (owner, position)).is_some() {
                return Err(FleetError::HostTaken { host: host.clone() });
            }
        }
        Ok(())
    }

    /// Tells each behaviour where it is put. Behaviours with equal keys are told apart by how many of the same key are
    /// asked after them, so that a line added to the end of the timeline changes no draw of the others.
    fn prepare(&self, identity: &Identity, roster: &mut Roster, contacts: u32, behaviours: &mut [Active]) {
        let mut of_a_key: Table<&'static str, u64> = Table::default();
        for active in behaviours.iter_mut().rev() {
            let key = active.behaviour.definition().key;
            let rule = of_a_key.entry(key).or_default();
            let draw = Draw::new(self.house.seed, key).with_text(&identity.name);
            if let Some(when) = &mut active.when {
                // Behaviours of one rule are for the same occasions.
                let of_rule = Draw::new(self.house.seed, "when").with_text(&identity.name);
                when.prepare(match &active.name {
                    Some(name) => of_rule.with_text(name),
                    None => of_rule.with_text(key).with(*rule),
                });
            }
            // The steps of a ramp draw alike, so that whoever a small share strikes is struck by a larger one, too.
            for behaviour in std::iter::once(&mut active.behaviour).chain(&mut active.later) {
                behaviour.prepare(&mut Setting { identity, roster, contacts, draw, rule: *rule });
            }
            *rule += 1;
        }
    }
}

/// A provider that is to be part of a fleet.
#[derive(Debug)]
pub struct ProviderSpec<'a> {
    /// The index that receipts shall have for it.
    pub index: u32,
    /// Its name, from which all its draws depend.
    pub name: &'a str,
    /// Its wording.
    pub profile: &'static Profile,
    /// The domains it serves; at least one.
    pub domains: Vec<String>,
    /// How the DNS answers for them.
    pub dns: Dns,
    /// What it does, in the order in which it is asked: the first opinion wins. Spans of the timeline come first, later
    /// lines before earlier ones, then the provider's own.
    pub behaviours: Vec<Active>,
    /// The addresses of its contacts in the order of the audience, each once.
    pub contacts: &'a [&'a str],
}

/// A name is claimed twice, or none is claimed. The text is a lower-case fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FleetError {
    /// A provider without a domain.
    NoDomain {
        /// Its name.
        provider: String,
    },
    /// A domain that is served twice.
    DomainTaken {
        /// The domain.
        domain: String,
    },
    /// A host that two providers have, or one has twice.
    HostTaken {
        /// The host.
        host: String,
    },
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDomain { provider } => write!(f, "provider `{provider}` serves no domain"),
            Self::DomainTaken { domain } => write!(f, "domain `{domain}` is served twice"),
            Self::HostTaken { host } => write!(f, "MX host `{host}` stands twice"),
        }
    }
}

impl std::error::Error for FleetError {}

/// The identifier in all answers of a profile: twelve hexadecimal digits.
fn reply_id(profile: &str) -> String {
    format!("{:012x}", Draw::new(0, "reply id").with_text(profile).number() >> 16)
}

/// An address as it is compared: the domain in lower case. What is no address stays as it is, and is never met.
fn normalised(contact: &str) -> String {
    Address::parse(contact).map_or_else(|_| contact.to_owned(), |address| address.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::testing::behaviours;
    use crate::{Dial, MxRecord, library};

    fn spec<'a>(name: &'a str, domains: &[&str], dns: Dns) -> ProviderSpec<'a> {
        ProviderSpec {
            index: 0,
            name,
            profile: library().generic(),
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            dns,
            behaviours: Vec::new(),
            contacts: &[],
        }
    }

    fn hosts(names: &[&str]) -> Dns {
        Dns::Hosts(names.iter().map(|name| MxRecord { preference: 10, host: (*name).to_owned() }).collect())
    }

    #[test]
    fn the_dns_says_what_it_is_told() {
        let mut builder = FleetBuilder::new(1);
        let mut add = |name, domain: &str, dns| builder.add_provider(spec(name, &[domain], dns)).expect(name);
        add("two", "Two.test", hosts(&["MX1.two.test", "mx2.two.test"]));
        add("implicit", "implicit.test", Dns::Implicit);
        add("null", "null.test", Dns::Null);
        add("broken", "broken.test", Dns::ServerFailure);
        add("gone", "gone.test", Dns::NoSuchDomain);
        let fleet = builder.build();
        let record = |preference, host: &str| MxRecord { preference, host: host.to_owned() };
        let mx = |domain| fleet.mx(domain, Instant::ZERO).answer;
        assert_eq!(mx("two.test"), Dns::Hosts(vec![record(10, "mx1.two.test"), record(10, "mx2.two.test")]));
        assert_eq!(mx("implicit.test"), Dns::Implicit);
        assert_eq!(mx("null.test"), Dns::Null);
        assert_eq!(mx("broken.test"), Dns::ServerFailure);
        assert_eq!(mx("gone.test"), Dns::NoSuchDomain);
        assert_eq!(mx("nobody.test"), Dns::NoSuchDomain);
        let answers = |host| matches!(fleet.connect(host, Instant::ZERO), Dial::Connected { .. });
        assert!(answers("mx1.two.test") && answers("mx2.two.test") && answers("implicit.test"));
        assert!(!answers("null.test") && !answers("gone.test"));
    }

    #[test]
    fn a_name_belongs_to_one_provider() {
        let check = |second: ProviderSpec<'_>, message: &str| {
            let mut builder = FleetBuilder::new(1);
            builder.add_provider(spec("one", &["one.test"], hosts(&["mx.one.test"]))).expect("the first one");
            assert_eq!(builder.add_provider(second).expect_err(message).to_string(), message);
        };
        check(spec("two", &["ONE.test"], Dns::Null), "domain `one.test` is served twice");
        check(spec("two", &["two.test"], hosts(&["MX.one.test"])), "MX host `mx.one.test` stands twice");
        check(spec("two", &[], Dns::Null), "provider `two` serves no domain");
    }

    #[test]
    fn other_providers_change_nothing() {
        let run = |names: &[&str]| {
            let mut builder = FleetBuilder::new(5);
            for (index, name) in (0..).zip(names) {
                let host = format!("mx.{name}.test");
                let domain = format!("{name}.test");
                let mut spec = spec(name, &[&domain], hosts(&[&host]));
                (spec.index, spec.behaviours) =
                    (index, behaviours("drop: { at: greeting, share: 50% }").expect("fine"));
                builder.add_provider(spec).expect("names are free");
            }
            let fleet = builder.build();
            let greeting = |_| match fleet.connect("mx.one.test", Instant::ZERO) {
                Dial::Connected { after, mut server } => (after, server.greeting(Instant::ZERO + after)),
                Dial::Refused { .. } | Dial::TimedOut => panic!("no connection"),
            };
            (0..20).map(greeting).collect::<Vec<_>>()
        };
        assert_eq!(run(&["one"]), run(&["two", "one", "three"]));
    }
}
