//! What follows from a category alone: the usual class, scope and course, which a rule overrides where it knows better.
//!
//! Apart from the rules because it is the same for all of them, and because it is what a reader wants to see as one table.

use std::time::Duration;

use crate::verdict::{Category, Class, Disposition, Scope};

/// How long a site that blocks us is left in peace if nothing is known of how long the block lasts: an hour, the shortest
/// block that providers are known to lift by themselves (GoDaddy's hourly limits).
pub(super) const SUSPENSION: Duration = Duration::from_secs(3600);

/// The longest pause that a text alone can cause: what a rule knows of a provider may be longer.
pub(super) const THROTTLE_MAX: Duration = Duration::from_secs(4 * 3600);

/// How the class of a reply is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassRule {
    /// Whatever the codes say.
    Always(Class),
    /// What the codes say; hard only if both do.
    AsCode,
}

/// What a category usually means.
#[derive(Debug)]
pub(super) struct Usual {
    pub(super) class: ClassRule,
    pub(super) scope: Scope,
    pub(super) reason: &'static str,
}

const fn row(class: ClassRule, scope: Scope, reason: &'static str) -> Usual {
    Usual { class, scope, reason }
}

const HARD: ClassRule = ClassRule::Always(Class::Hard);
const SOFT: ClassRule = ClassRule::Always(Class::Soft);

/// The table of categories (the project's taxonomy of reasons).
pub(super) const fn usual(category: Category) -> Usual {
    use ClassRule::AsCode;
    match category {
        Category::Authentication => {
            row(AsCode, Scope::Source, "the sender did not pass SPF, DKIM or DMARC, or lacks credentials")
        }
        Category::BadDomain => {
            row(HARD, Scope::Address, "the recipient's domain does not exist or takes no mail")
        }
        Category::ConnectionLimited => {
            row(SOFT, Scope::Connection, "too many connections, or too much in one")
        }
        Category::DnsPtr => row(AsCode, Scope::Source, "the sender's DNS is missing or wrong"),
        Category::DomainReputation => row(HARD, Scope::Source, "the sender's domain has a bad reputation"),
        Category::Greylisted => row(SOFT, Scope::Source, "strangers are asked to come back later"),
        Category::IpReputation => row(AsCode, Scope::Source, "the sending address is blocked"),
        Category::MailLoop => row(HARD, Scope::Message, "the message goes round in circles"),
        Category::MailboxDisabled => row(HARD, Scope::Address, "the mailbox exists, but is closed"),
        Category::MailboxFull => row(SOFT, Scope::Address, "the mailbox is full"),
        Category::MessageTooLarge => row(HARD, Scope::Message, "the message is too large"),
        Category::Other => row(AsCode, Scope::Message, "no known reason is named"),
        Category::PolicyContent => row(AsCode, Scope::Message, "the content is not wanted"),
        Category::ProtocolError => {
            row(HARD, Scope::Us, "something was wrong with the protocol or the format")
        }
        Category::RateLimited => row(SOFT, Scope::Source, "too much mail in too little time"),
        Category::RecipientPolicy => row(HARD, Scope::Message, "the recipient's own rules refuse it"),
        Category::RelayingDenied => {
            row(HARD, Scope::Address, "the server does not serve the recipient's domain")
        }
        Category::Suspended => row(HARD, Scope::Source, "the sender's account or the service is suspended"),
        Category::TemporaryOutage => row(SOFT, Scope::Site, "the receiving system does not work just now"),
        Category::TlsRequired => row(HARD, Scope::Connection, "the server demands TLS"),
        Category::TooManyRecipients => row(AsCode, Scope::Message, "the message has too many recipients"),
        Category::UnknownUser => row(HARD, Scope::Address, "there is no such mailbox"),
        Category::Virus => row(HARD, Scope::Message, "the message is taken for harmful"),
    }
}

/// How sure a rule may be of what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// It read words.
    Words,
    /// It saw numbers only.
    Numbers,
}

/// What usually follows. A 4yz that is hard is believed when it has been repeated to the end. Numbers alone never stop a site.
pub(super) const fn usual_disposition(
    (category, scope): (Category, Scope),
    class: Class,
    code: u16,
    basis: Basis,
) -> Disposition {
    use Category as C;
    let is_hard = matches!(class, Class::Hard);
    match category {
        C::TooManyRecipients => Disposition::Split,
        C::TlsRequired => Disposition::UseTls,
        C::RelayingDenied => Disposition::OtherMx,
        C::ConnectionLimited => Disposition::Throttle,
        C::RateLimited if matches!(scope, Scope::Source | Scope::Connection | Scope::Site) => {
            Disposition::Throttle
        }
        C::IpReputation | C::DomainReputation | C::Authentication | C::DnsPtr | C::Suspended
            if matches!((scope, basis), (Scope::Source, Basis::Words)) =>
        {
            Disposition::Suspend
        }
        _ if !is_hard => Disposition::Retry,
        _ if code < 500 && matches!(scope, Scope::Address | Scope::Recipient) => Disposition::Retry,
        _ if matches!(scope, Scope::Address) && !matches!(category, C::RecipientPolicy) => {
            Disposition::Suppress
        }
        _ => Disposition::GiveUp,
    }
}
