//! What follows from an answer for the delivery.
//!
//! Apart from the rest of a verdict because it is what the engine obeys; how is decided there.

/// What follows for the delivery. What it means for the recipient follows from the class as well: where the attempt counts,
/// a hard answer is final, or becomes so when the plan is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It is done.
    Done,
    /// The attempt counts; try again when the plan says so.
    Retry,
    /// As `Retry`, but not before the stated wait is over.
    RetryLater,
    /// The attempt does not count; slow the site down and try again as soon as it allows.
    Throttle,
    /// The site refuses us, not the recipient: leave it in peace for a while, then ask with a single recipient. The attempt
    /// counts only if the answer is hard, and then it is final.
    Suspend,
    /// The attempt does not count; try again at once, on another connection.
    Reconnect,
    /// The attempt does not count; try again in smaller transactions.
    Split,
    /// The attempt does not count as long as another host of the site has not been asked.
    OtherMx,
    /// The attempt does not count the first time; try again over TLS.
    UseTls,
    /// Give this message up for this recipient.
    GiveUp,
    /// Give up, and do not mail this address again.
    Suppress,
    /// Ask the mailing's policy for uncertain outcomes.
    AskPolicy,
}

impl Disposition {
    /// Those that a rule can name.
    pub const IN_RULES: [Self; 10] = [
        Self::Retry,
        Self::RetryLater,
        Self::Throttle,
        Self::Suspend,
        Self::Reconnect,
        Self::Split,
        Self::OtherMx,
        Self::UseTls,
        Self::GiveUp,
        Self::Suppress,
    ];

    /// Whether the site is left alone for a while: it asked for that, or refuses us.
    pub const fn slows_the_site(self) -> bool {
        matches!(self, Self::Throttle | Self::Suspend)
    }

    /// Its name in reports and rules.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry => "retry",
            Self::RetryLater => "retry-later",
            Self::Throttle => "throttle",
            Self::Suspend => "suspend",
            Self::Reconnect => "reconnect",
            Self::Split => "split",
            Self::OtherMx => "other-mx",
            Self::UseTls => "use-tls",
            Self::GiveUp => "give-up",
            Self::Suppress => "suppress",
            Self::AskPolicy => "ask-policy",
        }
    }

    /// What is done, in words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Done => "nothing more to do",
            Self::Retry => "try again when the plan says so",
            Self::RetryLater => "try again when the plan says so, but not before the stated time",
            Self::Throttle => "slow down towards the site; the attempt does not count",
            Self::Suspend => "leave the site in peace for a while, then ask with a single recipient",
            Self::Reconnect => "try again at once on another connection; the attempt does not count",
            Self::Split => "try again with fewer recipients in a message; the attempt does not count",
            Self::OtherMx => "try another mail exchanger of the site first",
            Self::UseTls => "try again over TLS",
            Self::GiveUp => "give this message up",
            Self::Suppress => "give up, and do not mail the address again",
            Self::AskPolicy => "ask the mailing's policy for uncertain outcomes",
        }
    }
}
