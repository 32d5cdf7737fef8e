//! The checked model of a scenario: what the author wrote, with units read, defaults filled in (the engine's own stay
//! `None`), and the place of every value that a later check may complain about.
//!
//! The model owns the skeleton only. What a behaviour or an expectation means is handed in by others: behaviours stay
//! [`Node`]s under their key, expectations stay text with a place.

use std::time::Duration;

use units::{ByteSize, Instant, Rate};

use crate::{Content, Node, Place, Sender};

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the file.
    pub place: Place,
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: Placed<String>,
    /// What it shows; empty if the author did not say.
    pub about: String,
    /// The seed; 1 if the author gave none.
    pub seed: u64,
    /// Who the mail comes from; [`Sender::usual`] if the author did not say.
    pub sender: Sender,
    /// The providers, in the order of the file.
    pub providers: Vec<Provider>,
    /// The timeline, in the order of the file.
    pub timeline: Vec<Entry>,
    /// The audience, in the order of the file.
    pub audience: Vec<Listed>,
    /// The mailings, in the order of the file; at least one.
    pub mailings: Vec<Mailing>,
    /// The engine's limits towards each site.
    pub limits: Limits,
    /// The expectations, in the order of the file.
    pub expect: Vec<Placed<String>>,
}

/// A provider of the scenario.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name, unique in the scenario.
    pub name: Placed<String>,
    /// The profile that gives its wording.
    pub like: Placed<String>,
    /// Whether it does what its profile is known to do.
    pub habits: Placed<Habits>,
    /// The domains it serves, lower case; each belongs to one provider only.
    pub domains: Vec<Placed<String>>,
    /// How the DNS answers for its domains.
    pub mx: Mx,
    /// Behaviours in force all along: key and settings.
    pub behaviours: Vec<Behaviour>,
    /// What it does under conditions, in the order in which it is asked, before `behaviours`.
    pub rules: Vec<Rule>,
}

impl Provider {
    /// The hosts that can be dialled, in the order of the file.
    pub fn hosts(&self) -> impl Iterator<Item = &Placed<String>> {
        let (named, implicit) = match &self.mx {
            Mx::Hosts(hosts) => (hosts.as_slice(), [].as_slice()),
            Mx::Implicit => ([].as_slice(), self.domains.as_slice()),
            Mx::Null | Mx::NoSuchDomain | Mx::ServerFailure => ([].as_slice(), [].as_slice()),
        };
        named.iter().map(|host| &host.host).chain(implicit)
    }
}

/// Whether a provider does what its profile is known to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habits {
    /// It accepts everything that no behaviour of the scenario has an opinion on.
    None,
    /// It does, unless the scenario says it otherwise.
    AsPublished,
}

/// How the DNS answers for the domains of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mx {
    /// These hosts, in the order of the file; at least one. Default: `mx1.` and the first domain.
    Hosts(Vec<MxHost>),
    /// No MX record, but an address record of the domain itself (RFC 5321 5.1).
    Implicit,
    /// The null MX: this domain takes no mail (RFC 7505).
    Null,
    /// The domain does not exist.
    NoSuchDomain,
    /// The name server fails.
    ServerFailure,
}

/// A host that takes the mail of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxHost {
    /// Its name, lower case.
    pub host: Placed<String>,
    /// The lower, the more preferred (RFC 5321 5.1); 10, 20, ... by its place in the list if the author gave none.
    pub preference: u16,
}

/// A behaviour as written: its key and its settings.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// The key (`greylist`).
    pub key: Placed<String>,
    /// The settings.
    pub settings: Node,
}

/// Behaviours of a provider that are in force all along, under a condition.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it is called in reports; `None` if the author gave it no name.
    pub name: Option<Placed<String>>,
    /// When they apply; `None` if always.
    pub when: Option<Node>,
    /// What is in force; at least one.
    pub behaviours: Vec<Behaviour>,
}

/// A line of the timeline.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Behaviours that are in force for a while.
    Span(Span),
    /// Something that happens at one moment.
    Action(Action),
}

/// Behaviours that are in force for a while, for one provider or one of its hosts.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its name, unique in the timeline; `None` if the author gave none.
    pub name: Option<Placed<String>>,
    /// The first moment.
    pub from: Instant,
    /// The first moment after it; [`Instant::MAX`] if the author gave none.
    pub until: Placed<Instant>,
    /// Within that, it is in force again and again; all along if `None`.
    pub repeat: Option<Repeat>,
    /// The provider; `None` if it is there for its name only, and has no behaviours.
    pub provider: Option<Placed<String>>,
    /// Only this MX host of it.
    pub host: Option<Placed<String>>,
    /// Only this domain of it. Never beside a host.
    pub domain: Option<Placed<String>>,
    /// When they apply within the span; `None` if always.
    pub when: Option<Node>,
    /// What is in force; nothing if it is there for its name only.
    pub behaviours: Vec<Behaviour>,
}

/// That something is in force again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// So much time lies between two beginnings; more than `lasts`.
    pub every: Duration,
    /// How long it is in force each time; not zero.
    pub lasts: Duration,
}

impl Repeat {
    /// Whether it is in force so long after it began first.
    pub const fn is_on(&self, since: Duration) -> bool {
        since.as_nanos() % self.every.as_nanos() < self.lasts.as_nanos()
    }
}

/// Something that somebody does at one moment.
#[derive(Debug, Clone)]
pub struct Action {
    /// When.
    pub at: Placed<Instant>,
    /// What.
    pub deed: Deed,
}

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A contact unsubscribes.
    OptOut(Placed<String>),
    /// A contact complains about spam.
    Complaint(Placed<String>),
    /// An operator re-activates a contact.
    Reactivate {
        /// The address.
        contact: Placed<String>,
        /// Who did it.
        by: String,
        /// Why.
        why: String,
    },
    /// An operator cancels a mailing.
    Cancel(Placed<String>),
}

/// A line of the audience.
#[derive(Debug, Clone)]
pub enum Listed {
    /// Generated contacts of a domain.
    Domain {
        /// The domain.
        domain: Placed<String>,
        /// How many.
        contacts: Placed<u64>,
    },
    /// One address.
    Contact {
        /// The address.
        address: Placed<String>,
        /// Its status before the run.
        status: ContactStatus,
        /// How often it is on the list; 1 if the author did not say.
        times: u32,
    },
}

/// The status of a contact before the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactStatus {
    /// Is mailed.
    Active,
    /// Bounced.
    Error,
    /// Said no.
    OptOut,
}

/// A mailing.
#[derive(Debug, Clone)]
pub struct Mailing {
    /// Its name, unique in the scenario.
    pub name: Placed<String>,
    /// Its kind.
    pub kind: MailingKind,
    /// When it starts.
    pub start: Placed<Instant>,
    /// The size of its message; 4 KiB if the author gave none.
    pub size: Placed<ByteSize>,
    /// Text put into the subject line, for behaviours that look at the content; the mailing's name if not given.
    pub subject: String,
    /// How its message is made.
    pub content: Content,
    /// Whom it goes to: addresses, domains or providers; empty means the whole audience.
    pub to: Vec<Placed<String>>,
    /// The attempt plan as offsets from the recipient's start; `None` for the engine's own.
    pub attempts: Option<Placed<Vec<Duration>>>,
    /// The contact policy.
    pub policy: ContactPolicy,
    /// What is done with an uncertain outcome.
    pub uncertain: Uncertain,
}

/// The kind of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailingKind {
    /// Everybody at once.
    Regular,
    /// Recipients join at this rate, in the order of the audience.
    Automated(Placed<Rate>),
    /// A handful of addresses; never changes a contact.
    Test,
}

/// When a contact moves to Error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactPolicy {
    /// On every hard bounce and on the third consecutive soft one.
    Classic,
    /// Only on evidence about the address.
    Careful,
}

/// What is done when the connection died between the final dot and the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncertain {
    /// Try again when the next attempt is due.
    Resend,
    /// Keep it in progress until the window closes.
    Hold,
    /// Count it as delivered.
    AssumeDelivered,
}

/// The engine's own limits towards each site; `None` for the engine's own defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at the same time.
    pub connections: Option<u32>,
    /// Messages in one connection.
    pub messages_per_connection: Option<u32>,
    /// Recipients in one message.
    pub recipients_per_message: Option<u32>,
    /// Recipients attempted per time; unlimited if not given.
    pub rate: Option<Rate>,
}
