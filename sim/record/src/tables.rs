//! Who and what took part: providers, mailings, contacts, and the spans of the timeline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContactId, Feedback, MailingId, Nanos, ProviderId, hex};

/// That something is in force again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repeat {
    /// So many nanoseconds lie between two beginnings.
    pub every: Nanos,
    /// For so many nanoseconds it is in force each time.
    pub lasts: Nanos,
}

/// A provider of the scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provider {
    /// Its name in the scenario.
    pub name: String,
    /// The profile of the library that gives it its wording (`gmail`).
    pub profile: String,
    /// The provider's own page about its error codes; `None` where no such page is known.
    pub help_url: Option<String>,
    /// The domains it serves.
    pub domains: Vec<String>,
    /// The hosts that take its mail, each once; none if it takes no mail.
    pub hosts: Vec<Host>,
    /// What the engine may do to each of its sites at most.
    pub limits: Limits,
    /// What it does, in the order in which it is asked; the first rule that has something to say decides.
    pub rules: Vec<Rule>,
}

/// Something that a provider does, and how often it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Its name in the fleet: the provider, the key of the behaviour, and a number from the second of a key on.
    pub id: String,
    /// What the scenario's author calls the rule or span that it belongs to.
    pub name: Option<String>,
    /// Where in the scenario it stands.
    pub place: RulePlace,
    /// The line of the scenario, from 1.
    pub line: u32,
    /// How often it had something to say.
    pub fired: u64,
}

/// Where in a scenario a behaviour stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RulePlace {
    /// In a span of the timeline.
    Span,
    /// In a span of the timeline that has a condition.
    ConditionalSpan,
    /// Among the provider's rules.
    Rule,
    /// At the provider, in force all along.
    Provider,
    /// Nowhere: it is a habit of the provider's profile, which the scenario turned on.
    Habit,
}

/// A host of a provider, and the site that it belongs to: hosts that take mail for the same domains are one site. Limits
/// hold for each site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// The number of its site within the provider, from 0.
    pub site: u32,
}

/// The engine's own limits towards one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Connections open at the same time.
    pub connections: u32,
    /// Messages (transactions) in one connection.
    pub messages_per_connection: u32,
    /// Recipients in one transaction.
    pub recipients_per_message: u32,
    /// Recipients attempted per time; `None` for no limit.
    pub rate: Option<Rate>,
}

/// So many recipients in every period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// At least 1.
    pub recipients: u32,
    /// The length of a period, at least 1 ns.
    pub period: Nanos,
}

/// What kind of mailing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailingKind {
    /// Everybody at once.
    Regular,
    /// Recipients join over time.
    Automated,
    /// A handful of addresses; never changes a contact.
    Test,
}

/// A mailing and the engine's own final counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mailing {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub kind: MailingKind,
    /// The return path it is sent with, as in [`crate::Receipts::senders`]; if each recipient has one of its own, all of
    /// them with `*` for what differs. No two mailings of a record share one: by it a server's receipt is traced back to its
    /// mailing.
    pub sender: String,
    /// When it started.
    pub start: Nanos,
    /// When its last recipient's window closes.
    pub window_end: Nanos,
    /// The contact policy in force (`classic`, `careful`).
    pub contact_policy: String,
    /// What is done with an uncertain outcome (`resend`, `hold`, `assume_delivered`).
    pub uncertain_policy: String,
    /// The attempt plan: offsets from the recipient's start, ascending.
    pub attempt_offsets: Vec<Nanos>,
    /// The size of the message as transmitted, without dot-stuffing, in bytes; 0 if each recipient gets a message of its
    /// own, see [`Letter`].
    pub message_bytes: u64,
    /// A 64-bit XXH3 hash of those bytes; 0 if each recipient gets a message of its own.
    #[serde(with = "hex")]
    #[schemars(with = "hex::Digits")]
    pub message_hash: u64,
    /// The engine's own counters at the end of the run.
    pub counters: Counters,
}

impl Mailing {
    /// Whether `sender` looks like a return path of this mailing.
    pub fn sends_from(&self, sender: &str) -> bool {
        match self.sender.split_once('*') {
            Some((before, after)) => {
                let rest = sender.strip_prefix(before);
                rest.is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after))
            }
            None => self.sender == sender,
        }
    }
}

/// A message that was made for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Letter {
    /// The mailing.
    pub mailing: MailingId,
    /// The recipient.
    pub contact: ContactId,
    /// Its size as transmitted, without dot-stuffing, in bytes.
    pub bytes: u64,
    /// A 64-bit XXH3 hash of those bytes.
    #[serde(with = "hex")]
    #[schemars(with = "hex::Digits")]
    pub hash: u64,
}

/// The metrics of a mailing as the engine itself counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counters {
    /// Recipients of the mailing: `pending + dropped + sent`.
    pub selected: u64,
    /// Contacts left out, for any reason (duplicates on the list included).
    pub excluded: u64,
    /// No attempt begun yet.
    pub pending: u64,
    /// Never attempted, and never will be.
    pub dropped: u64,
    /// At least one attempt begun: `in_progress + delivered + soft_bounced + hard_bounced + cancelled`.
    pub sent: u64,
    /// Begun, no final outcome yet.
    pub in_progress: u64,
    /// Answered 2xx at the end of data.
    pub delivered: u64,
    /// Given up after temporary failures.
    pub soft_bounced: u64,
    /// Refused for good.
    pub hard_bounced: u64,
    /// Given up by an operator, or because the contact left Active, after an attempt.
    pub cancelled: u64,
    /// Delivered, and reported as bounced afterwards: `late_soft_bounced + late_hard_bounced`, and part of `delivered`.
    pub late_bounced: u64,
    /// Reported as bounced afterwards for a temporary reason.
    pub late_soft_bounced: u64,
    /// Reported as bounced afterwards for good.
    pub late_hard_bounced: u64,
    /// Recipients that complained about spam.
    pub complained: u64,
    /// Recipients that left with one click.
    pub unsubscribed: u64,
    /// What came back to a return path of the mailing's and had no consequence.
    pub reports_ignored: u64,
}

impl Counters {
    /// Something came back about a recipient.
    pub const fn hear(&mut self, what: Feedback) {
        match what {
            Feedback::LateSoftBounce => {
                self.late_bounced += 1;
                self.late_soft_bounced += 1;
            }
            Feedback::LateHardBounce => {
                self.late_bounced += 1;
                self.late_hard_bounced += 1;
            }
            Feedback::Complaint => self.complained += 1,
            Feedback::Unsubscribe => self.unsubscribed += 1,
            Feedback::Delayed
            | Feedback::Arrived
            | Feedback::AutoReply
            | Feedback::NoComplaint
            | Feedback::AboutAReport
            | Feedback::Unreadable
            | Feedback::NotDelivered
            | Feedback::Repeated => self.reports_ignored += 1,
        }
    }
}

/// A contact of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// The address.
    pub address: String,
    /// The provider that serves its domain.
    pub provider: ProviderId,
    /// How often the address is on the list (1 or more).
    pub listed: u32,
    /// Its status before the run.
    pub status: Status,
}

/// The status of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Is mailed.
    Active,
    /// Bounced; not mailed until an operator re-activates it.
    Error,
    /// Said no; only the contact itself can come back.
    OptOut,
}

/// Why a contact's status, or its count of consecutive soft bounces, changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusCause {
    /// A hard bounce.
    HardBounce,
    /// A soft bounce (the third consecutive one leads to Error).
    SoftBounce,
    /// A hard bounce that was reported after the delivery.
    LateHardBounce,
    /// A soft bounce that was reported after the delivery.
    LateSoftBounce,
    /// A delivery.
    Delivered,
    /// The contact unsubscribed.
    OptOut,
    /// The contact complained.
    Complaint,
    /// An operator re-activated it.
    Reactivated,
    /// An operator tried to re-activate it and was refused.
    ReactivationRefused,
}

/// An operator asked for a contact to be re-activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reactivation {
    /// When.
    pub at: Nanos,
    /// Which contact.
    pub contact: ContactId,
    /// Who asked.
    pub by: String,
    /// Why.
    pub why: String,
    /// Whether it was refused: only the contact itself can leave Opt-out.
    pub refused: bool,
}

/// Something came back, and it is not known whom it is about: it is kept, and nothing follows from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Stray {
    /// When.
    pub at: Nanos,
    /// The address that it came to, or the link that was followed; at most 300 characters. Foreign input.
    pub to: String,
    /// Why it is not known.
    pub why: StrayReason,
}

/// Why it is not known whom something that came back is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrayReason {
    /// The address or link was not made by the engine.
    NotOurs,
    /// It looks like one of the engine's, but its token is not the right one: damaged, or made up.
    Forged,
}

/// A named span of the timeline, for charts and for `explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Its name in the scenario.
    pub name: String,
    /// First moment.
    pub from: Nanos,
    /// First moment after it; `None` if it never ends.
    pub until: Option<Nanos>,
    /// That it is in force again and again between the two; `None`: all the time.
    pub repeat: Option<Repeat>,
    /// The provider concerned.
    pub provider: Option<ProviderId>,
    /// What it does, in the words of the scenario (`connect: refuse`).
    pub what: String,
}

impl Span {
    /// Whether it is in force at this moment.
    pub fn is_on(&self, at: Nanos) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.repeat.is_none_or(|repeat| (at - self.from) % repeat.every.max(1) < repeat.lasts)
    }
}
