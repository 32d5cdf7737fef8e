//! The kinds of filter: what a word in parentheses can be, and which words there are of each kind.

use record::{ExcludeReason, Status};

use super::Meaning;
use crate::expect::Names;
use crate::expect::replay::State;

/// What a word of a filter can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// The name of a provider.
    Provider,
    /// The name of a mailing.
    Mailing,
    /// A domain.
    Domain,
    /// An address of the audience.
    Address,
    /// A reason category.
    Category,
    /// What became of a recipient so far.
    Outcome,
    /// The status of a contact.
    Status,
    /// Why a contact was left out.
    Reason,
}

/// What became of a recipient so far, as a filter may ask for it.
const OUTCOMES: [State; 6] = [
    State::InProgress,
    State::Delivered,
    State::SoftBounced,
    State::HardBounced,
    State::Cancelled,
    State::Dropped,
];

/// The statuses of a contact, as they are written.
pub(crate) const STATUSES: [(&str, Status); 3] =
    [("active", Status::Active), ("error", Status::Error), ("opt_out", Status::OptOut)];

/// The reasons why a contact is left out, as they are written.
const REASONS: [(&str, ExcludeReason); 3] = [
    ("error", ExcludeReason::Error),
    ("opt_out", ExcludeReason::OptOut),
    ("duplicate", ExcludeReason::Duplicate),
];

impl FilterKind {
    /// All of them, in the order of the reference.
    pub(crate) const ALL: [Self; 8] = [
        Self::Provider,
        Self::Mailing,
        Self::Domain,
        Self::Address,
        Self::Category,
        Self::Outcome,
        Self::Status,
        Self::Reason,
    ];

    /// Its name. With a colon before a word, it says which of two things of one name is meant.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Mailing => "mailing",
            Self::Domain => "domain",
            Self::Address => "address",
            Self::Category => "category",
            Self::Outcome => "outcome",
            Self::Status => "status",
            Self::Reason => "reason",
        }
    }

    /// Its name after an article.
    pub(crate) fn with_article(self) -> String {
        let article = if self.name().starts_with(['a', 'o']) { "an" } else { "a" };
        format!("{article} {}", self.name())
    }

    /// Whom it lets through.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Provider => "Whom this provider serves.",
            Self::Mailing => "The recipients of this mailing.",
            Self::Domain => "Who has an address in this domain.",
            Self::Address => "This one address of the audience.",
            Self::Category => {
                "Whose deciding verdict or, as long as there is none, last verdict has this reason category."
            }
            Self::Outcome => {
                "Who stands there at that instant: `in_progress`, `delivered`, `soft_bounced`, `hard_bounced`, \
                 `cancelled` or `dropped`."
            }
            Self::Status => "Whose status is this at that instant: `active`, `error` or `opt_out`.",
            Self::Reason => "Who was left out for this reason: `error`, `opt_out` or `duplicate`.",
        }
    }

    /// An expectation that uses it.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Provider => "in_progress(northmail) == 600 at 8h",
            Self::Mailing => "delivered(spring-sale) >= 95%",
            Self::Domain => "hard_bounced(bigbox.test) == 8",
            Self::Address => "attempts(ann@bigbox.test) == 4",
            Self::Category => "soft_bounced(mailbox-full, bigbox) == 10%",
            Self::Outcome => "attempts(soft_bounced) == 4",
            Self::Status => "contacts(error) == 9",
            Self::Reason => "excluded(duplicate) == 0",
        }
    }

    /// The words that mean something of this kind, but for addresses, which are too many.
    pub(super) fn words<'a>(self, names: &Names<'a>) -> Vec<&'a str> {
        match self {
            Self::Provider => names.providers.clone(),
            Self::Mailing => names.mailings.iter().map(|mailing| mailing.name).collect(),
            Self::Domain => names.domains.iter().map(|domain| domain.name).collect(),
            Self::Address => Vec::new(),
            Self::Category => names.categories.to_vec(),
            Self::Outcome => OUTCOMES.map(State::name).to_vec(),
            Self::Status => STATUSES.map(|(word, _)| word).to_vec(),
            Self::Reason => REASONS.map(|(word, _)| word).to_vec(),
        }
    }

    /// What `word` means as something of this kind.
    pub(super) fn meaning(self, word: &str, names: &Names<'_>) -> Option<Meaning> {
        let named = |meaning: fn(String) -> Meaning| {
            self.words(names).contains(&word).then(|| meaning(word.to_owned()))
        };
        match self {
            Self::Provider => named(Meaning::Provider),
            Self::Mailing => named(Meaning::Mailing),
            Self::Domain => named(Meaning::Domain),
            Self::Category => named(Meaning::Category),
            Self::Address => (names.contact)(word).then(|| Meaning::Address(word.to_owned())),
            Self::Outcome => OUTCOMES.into_iter().find(|state| state.name() == word).map(Meaning::Outcome),
            Self::Status => one_of(&STATUSES, word).map(Meaning::Status),
            Self::Reason => one_of(&REASONS, word).map(Meaning::Reason),
        }
    }
}

fn one_of<T: Copy>(known: &[(&str, T)], word: &str) -> Option<T> {
    known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}
